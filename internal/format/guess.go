package format

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"muster/internal/mailaddr"
	"muster/internal/table"
)

// Guess writes the text of a format for a table with these headings, without outer
// blanks, of which a few rows are given: a person is to look it over. Columns are known by their
// headings, in some languages, and one of addresses by its cells, of which none
// is repeated. Where chosen has a heading, what it says goes before any guess; ""
// passes the column over. Nothing says that Parse takes the text: a table that
// tells of no row whose it is needs a person's help.
func Guess(name string, headings []string, rows [][]string, chosen map[string]string) string {
	g := &guess{targets: make([]string, len(headings)), reasons: make([]string, len(headings))}
	for i, heading := range headings {
		if to, said := chosen[heading]; said {
			g.take(i, canonical(to), "chosen")
		}
	}
	for i, heading := range headings {
		if _, said := chosen[heading]; !said {
			g.take(i, synonyms[plain(heading)], "by its heading")
		}
	}
	for i, heading := range headings {
		if _, said := chosen[heading]; !said && g.targets[i] == "" && holdsAddresses(rows, i) {
			g.take(i, "address", "by its cells")
		}
	}
	return g.write(name, headings)
}

type guess struct {
	targets, reasons []string // of each column
}

// take lets a column go somewhere, unless another column goes there.
func (g *guess) take(i int, to, reason string) {
	if to != "" && !slices.Contains(g.targets, to) {
		g.targets[i], g.reasons[i] = to, reason
	}
}

func (g *guess) has(to string) bool { return slices.Contains(g.targets, to) }

func (g *guess) write(name string, headings []string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# How the columns of a table become users. Look it over; then muster formats add\n"+
		"# makes it a format. docs/formats.md tells what else may be said here.\n\nname = %s\nmode = \"partial\"\n", quote(name))
	g.writeMatch(&b)
	for i, heading := range headings {
		if heading == "" {
			continue
		}
		fmt.Fprintf(&b, "\n[[column]]\nheading = %s\n", quote(heading))
		if g.targets[i] != "" {
			fmt.Fprintf(&b, "to = %s # %s\n", quote(g.targets[i]), g.reasons[i])
		} else {
			fmt.Fprintf(&b, "# passed over; or: to = %s\n", quote(attributePrefix+heading))
		}
	}
	return b.String()
}

// writeMatch says how users are found, and whether they get addresses.
func (g *guess) writeMatch(b *strings.Builder) {
	switch {
	case g.has("address") && g.has("local_id"):
		b.WriteString("match = [\"address\", \"local_id\"] # how a user is found again, in this order\n")
	case !g.has("address") && g.has("local_id"):
		b.WriteString("match = [\"local_id\"] # how a user is found again\ngenerate_addresses = true # of first and last name\n")
	default:
		b.WriteString("match = [\"address\"] # how a user is found again\n")
	}
}

// quote writes a text as TOML does, whose escapes are those of JSON.
func quote(text string) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(text) // a text, which cannot fail
	return strings.TrimSuffix(b.String(), "\n")
}

// holdsAddresses reports whether nearly all cells of a column that are not blank
// are addresses.
func holdsAddresses(rows [][]string, column int) bool {
	filled, addresses := 0, 0
	for _, cells := range rows {
		if column >= len(cells) || table.Trim(cells[column]) == "" {
			continue
		}
		filled++
		if _, err := mailaddr.Parse(table.Trim(cells[column])); err == nil {
			addresses++
		}
	}
	return addresses > 0 && 10*addresses >= 8*filled
}

// plain is a heading in small letters and digits, without accents and all else.
func plain(heading string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, norm.NFKD.String(heading))
}

// maySayPassword reports whether a heading is one of passwords, in some languages.
func maySayPassword(heading string) bool {
	text := plain(heading)
	return text == "pwd" || text == "pin" || text == "pass" || slices.ContainsFunc(passwordWords, func(word string) bool { return strings.Contains(text, word) })
}

var passwordWords = []string{"password", "passwort", "passphrase", "passcode", "kennwort", "motdepasse", "contrasena"}

// synonyms are plain headings of columns, with what they hold.
var synonyms = func() map[string]string {
	all := map[string]string{}
	for _, name := range names() {
		all[plain(name)] = name
	}
	for name, words := range map[string]string{
		"address":   "email emailaddress mail mailaddress primaryemail workemail userprincipalname upn mailadresse emailadresse courriel adressemail correo correoelectronico",
		"first":     "firstname givenname forename christianname vorname prenom nombre primernombre",
		"last":      "lastname surname familyname sn nachname familienname zuname nom nomdefamille apellido apellidos",
		"name":      "name fullname vollername nomcomplet nombrecompleto cn",
		"title":     "salutation honorific anrede titel civilite",
		"job_title": "jobtitle position job role function occupation post funktion stelle berufsbezeichnung poste fonction cargo puesto",

		"display_name": "displayname anzeigename",
		"department":   "dept division abteilung departement service departamento",
		"telephone":    "phone tel phonenumber telephonenumber officephone workphone businessphone telefon telefonnummer telefono",
		"mobile":       "mobilephone mobilenumber cell cellphone handy mobil mobiltelefon handynummer portable movil",
		"fax":          "faxnumber telefax",
		"notes":        "note comment comments remark remarks bemerkung bemerkungen notiz notizen remarque observaciones",
		"org":          "organisation organization organisationcode organizationcode orgcode odscode",
		"unit":         "orgunit organisationalunit organizationalunit ou",
		"local_id":     "employeeid employeenumber employeeno staffid staffnumber staffno personnelnumber personnelno payrollnumber payrollno personalnummer personalnr matricule",
		"password":     "passwort kennwort motdepasse contrasena",
		"mailbox_gb":   "mailboxsize mailboxsizegb quota quotagb",
		"alias1":       "alias secondaryemail secondaryaddress",
	} {
		for _, word := range strings.Fields(words) {
			all[word] = name
		}
	}
	return all
}()
