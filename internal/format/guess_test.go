package format

import (
	"strings"
	"testing"
)

func TestGuess(t *testing.T) {
	cases := []struct {
		rule, headings string
		rows           [][]string
		chosen         map[string]string
		want           string // the targets of the columns
	}{
		{"English", "E-mail,First name,Surname,Job Title,Dept.,Phone", nil, nil, "address first last job_title department telephone"},
		{"German", "Vorname,Nachname,E-Mail-Adresse,Abteilung,Telefon,Handy,Personal-Nr.", nil, nil, "first last address department telephone mobile local_id"},
		{"French, with accents", "Prénom,Nom,Courriel,Département", nil, nil, "first last address department"},
		{"Spanish", "Nombre,Apellidos,Correo electrónico,Teléfono", nil, nil, "first last address telephone"},
		{"case, blanks and marks do not matter", "e_MAIL,given - name", nil, nil, "address first"},
		{"the names of format muster", "address,mailbox_gb,password_hash", nil, nil, "address mailbox_gb password_hash"},
		{"the first of two counts", "Email,Mail", nil, nil, "address -"},
		{"what nobody knows is passed over", "Email,Shoe Size", nil, nil, "address -"},
		{"by its cells", "Key,Where to", [][]string{{"1", "a@example.org"}, {"2", " b@example.org "}, {"3", ""}}, nil, "- address"},
		{"a few bad cells do no harm", "Where to", [][]string{{"a@example.org"}, {"b@example.org"}, {"c@example.org"}, {"d@example.org"}, {"none"}}, nil, "address"},
		{"many do", "Where to", [][]string{{"a@example.org"}, {"none"}}, nil, "-"},
		{"a heading goes before cells", "Old,Email", [][]string{{"a@example.org", "b@example.org"}}, nil, "- address"},
		{"a choice goes before both", "Old,Email", [][]string{{"a@example.org", "b@example.org"}}, map[string]string{"Old": "address", "Email": "alias1"}, "address alias1"},
		{"and may pass a column over", "Email,Phone", nil, map[string]string{"Phone": ""}, "address -"},
		{"a quote in a heading", `Email,"Shoe" \ Size`, nil, nil, "address -"},
	}
	for _, c := range cases {
		text := Guess("staff", strings.Split(c.headings, ","), c.rows, c.chosen)
		f, problems := Parse(text)
		var got []string
		if f != nil {
			for _, column := range f.Columns {
				if column.Name == "" {
					column.Name = "-"
				}
				got = append(got, column.Name)
			}
		}
		if !strings.Contains(c.want, "address") && len(problems) == 1 && problems[0].Column == "match" {
			continue // no column tells whose row it is, and Parse says so
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s: %s becomes %q, not %s\n%s\n%v", c.rule, c.headings, got, c.want, text, problems)
		}
		if strings.Contains(text, "@example.org") {
			t.Errorf("%s: a cell stands in the text", c.rule)
		}
	}
}

// How users are found follows from what the table has.
func TestGuessMatch(t *testing.T) {
	for headings, want := range map[string]string{
		"Email,Name":                "address",
		"Email,Staff No":            "address local_id",
		"Staff No,Forename,Surname": "local_id, addresses are generated",
	} {
		f := parse(t, Guess("staff", strings.Split(headings, ","), nil, nil))
		got := strings.Join(f.Rules.Match, " ")
		if f.Rules.GenerateAddress {
			got += ", addresses are generated"
		}
		if got != want {
			t.Errorf("%s: %s, not %s", headings, got, want)
		}
	}
}
