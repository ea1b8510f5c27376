package format

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"muster/internal/directory"
	"muster/internal/issue"
)

// parse reads a text that has to be right.
func parse(t testing.TB, text string) *Format {
	t.Helper()
	f, problems := Parse(text)
	if len(problems) > 0 {
		t.Fatalf("%s\n%v", text, problems)
	}
	return f
}

// staff is a format of an administrator, with a column that tells whose row it is.
const staff = `name = "staff"
[[column]]
heading = "E-mail"
to = "address"
`

func TestParse(t *testing.T) {
	f := parse(t, `
# All that can be said.
name = "staff-list"
title = "Staff list"
help = "The monthly file."
mode = "strict"
limit = 5000
match = ["local_id", "address"]
unmatched = "discard"
generate_addresses = true
generate_passwords = true
exact = true

[[column]]
heading = "Staff No"
also = ["Staff Number"]
to = "local_id"
required = true
sample = "S1|S2"

[[column]]
heading = "Building"
to = "ATTR.Building"
optional = true
`)
	if f.Name != "staff-list" || f.Title != "Staff list" || f.Help != "The monthly file." || !f.Strict || f.Limit != 5000 || !f.Exact {
		t.Errorf("%+v", f)
	}
	r := f.Rules
	if !slices.Equal(r.Match, []string{"local_id", "address"}) || r.Unmatched != directory.DiscardRow || !r.GenerateAddress || !r.GeneratePasswords ||
		!slices.Equal(r.JoinBy, []string{"address"}) || r.Origin != "import" || !r.RolesByFile {
		t.Errorf("%+v", r)
	}
	want := []Column{{Heading: "Staff No", Also: []string{"Staff Number"}, Name: "local_id", Required: true, Sample: "S1|S2"},
		{Heading: "Building", Name: "attr.Building", Optional: true}}
	if fmt.Sprint(f.Columns) != fmt.Sprint(want) {
		t.Errorf("%+v", f.Columns)
	}
}

func TestParseLeastText(t *testing.T) {
	f := parse(t, staff)
	if f.Title != "staff" || f.Strict || f.Limit != 0 || f.Exact || f.Text != staff || f.Rules.Unmatched != directory.CreateUser ||
		!slices.Equal(f.Rules.Match, []string{"address"}) || f.Rules.GenerateAddress || f.Rules.GeneratePasswords {
		t.Errorf("%+v", f)
	}
}

// Each mistake is told with its line, its key and what to do.
func TestParseProblems(t *testing.T) {
	column := func(lines string) string { return staff + "[[column]]\nheading = \"Ward\"\n" + lines } // lines begin with 7
	value := func(lines string) string { return staff + "[[value]]\n" + lines }                       // with 6
	cases := []struct{ text, want string }{
		{`name = "staff`, "1 : This is no TOML"},
		{"name = \"staff\"\ntitle = \"\\", "2 : This is no TOML"},
		{"\r", "1 : This is no TOML"},
		{"name = \"staff\"\n\n[[column] # a bracket is missing\n", "3 : This is no TOML"},
		{"", `1 name: The name of a format is 1 to 40 small letters, digits and hyphens, not "".; 1 column: The format has no columns.; ` +
			"1 match: No column tells whose row it is: the format finds users by address."},
		{strings.Replace(staff, `"staff"`, `"Staff List"`, 1), "1 name: The name of a format"},
		{strings.Replace(staff, `"staff"`, `7`, 1), `1 name: name is a text, as in "abc".; 1 name: The name`},
		{"modus = \"strict\"\n" + staff, `1 modus: There is no key "modus" here.`},
		{"mode = \"loose\"\n" + staff, `1 mode: mode is partial or strict, not "loose".`},
		{"limit = -1\n" + staff, "1 limit: limit is a number from 0 to 100000000, not -1."},
		{"limit = \"many\"\n" + staff, "1 limit: limit is a whole number."},
		{"exact = \"yes\"\n" + staff, "1 exact: exact is true or false."},
		{"match = [1]\n" + staff, "1 match: match is a list of texts."},
		{"match = [\"name\", \"address\"]\n" + staff, `1 match: A user is found by id, address, local_id, not by "name".`},
		{"match = \"local_id\"\n" + staff, "1 match: No column tells whose row it is: the format finds users by local_id."},
		{"unmatched = \"skip\"\n" + staff, `1 unmatched: unmatched is create or discard or error, not "skip".`},
		{"column = 3", "1 column: column is tables, each with a line [[column]] above it.; 1 name"},
		{staff + "[[column]]\nto = \"name\"\n", "5 heading: The column has no heading."},
		{staff + "[[column]]\nheading = \"E-MAIL\"\n", `6 heading: The heading "E-MAIL" is there twice`},
		{column("also = [\"e-mail\"]"), `7 also: The heading "e-mail" is there twice`},
		{staff + "[[column]]\nheading = \" Ward\"\n", "6 heading: A heading is at most 200 characters without blanks round them."},
		{staff + "[[column]]\nheading = \"Result\"\n", "6 heading: The heading Result is that of Muster's own results."},
		{column(`to = "departmnt"`), `7 to: There is nothing called "departmnt" that a user has.`},
		{column(`to = "origin"`), `7 to: There is nothing called "origin" that a user has.`},
		{column(`to = "alias0"`), `7 to: There is nothing called "alias0" that a user has.`},
		{column(`to = "attr."`), `7 to: There is nothing called "attr." that a user has.`},
		{column(`to = "account.address"`), `7 to: There is nothing called "account.address" that a user has.`},
		{column(`to = "account.user"`), `7 to: There is nothing called "account.user" that a user has.`},
		{column(`to = "Address"`), "7 to: address is given already, by column 1."},
		{column("to = \"department\"\n\nhaeding = \"x\""), `9 haeding: There is no key "haeding" here.`},
		{column(`split = " "`), "7 split: split and part go together."},
		{column("part = 1"), "7 part: split and part go together."},
		{column(`others = "error"`), "7 others: others is of use only beside values."},
		{column("values = { \"a\" = \"b\" }\nothers = \"drop\""), `8 others: others is keep or error or default, not "drop".`},
		{column("[column.values]\n\"a\" = \"b\"\n\"A\" = \"c\""), `7 values: "a" is there twice; upper and lower case are the same.`},
		{column("values = { \"a\" = 1 }"), `7 values: What "a" stands for is a text.`},
		{column("to = \"status\"\nvalues = { \"gone\" = \"left\" }"), `7 to: status is active, disabled, leaver, deleted, not "left".`},
		{column("to = \"type\"\ndefault = \"person\""), `7 to: type is user, shared, resource, application, not "person".`},
		{column("to = \"password\"\ndefault = \"Quartz-41\""), "7 to: A password is taken as it is, or is blank."},
		{column("to = \"password\"\nvalues = { \"x\" = \"Quartz-41\" }"), "8 values: A format holds no passwords."},
		{column(`to = "password_function"`), "1 column: A column tells how passwords are hashed, and none has them."},
		{staff + "[[column]]\nheading = \"Kennwort\"\nto = \"attr.Kennwort\"\n", "7 to: An attribute that is a password"},
		{value(`constant = "RX1"`), "5 to: The value does not say what it is."},
		{value(`to = "org"`), "5 from: The value says neither from which columns"},
		{value("to = \"org\"\nfrom = \"E-mail\"\nconstant = \"RX1\""), "8 constant: A value is constant or made from columns, not both."},
		{value("to = \"org\"\nconstant = \"RX1\"\ndefault = \"RX2\""), "8 default: A constant needs no default."},
		{value("to = \"org\"\nfrom = [\"E-mial\"]"), `7 from: There is no column "E-mial" in this format.`},
		{value("to = \"password\"\nconstant = \"Quartz-41\""), "6 to: A password has a column of its own."},
		{value("to = \"name\"\nfrom = [\"Key\"]\n[[column]]\nheading = \"Key\"\nto = \"password\""), "7 from: Nothing is made of a password."},
		{value("to = \"address\"\nconstant = \"a@example.org\""), "6 to: address is given already, by column 1."},
		{strings.Repeat("#", TextLimit+1), "1 : The text has 65537 bytes"},
	}
	for _, c := range cases {
		f, problems := Parse(c.text)
		var told []string
		for _, p := range problems {
			if p.Code != "format-wrong" || p.Suggestion == "" {
				t.Errorf("%+v", p)
			}
			told = append(told, fmt.Sprintf("%d %s: %s", p.Line, p.Column, p.Message))
		}
		if got := strings.Join(told, "; "); f != nil || !strings.HasPrefix(got, c.want) || !strings.Contains(c.want, "; ") && len(problems) > 1 {
			t.Errorf("%s\nis told as %s, not %s", c.text, got, c.want)
		}
	}
}

// A misspelt name is told with the right one.
func TestParseSuggests(t *testing.T) {
	for text, want := range map[string]string{
		"limt = 3\n" + staff: "did you mean limit?",
		strings.Replace(staff, `"address"`, `"adress"`, 1):       "did you mean address?",
		staff + "[[value]]\nto = \"name\"\nfrom = [\"Email\"]\n": "did you mean E-mail?",
	} {
		if _, problems := Parse(text); !slices.ContainsFunc(problems, func(i issue.Issue) bool { return i.Suggestion == want }) {
			t.Errorf("%s: %v", text, problems)
		}
	}
}

// Lines that look like keys within a text of several lines are no keys.
func TestParseLongText(t *testing.T) {
	_, problems := Parse("help = \"\"\"\nlimit = 3\n[[column]]\n\"\"\"\n" + "limit = -1\n" + staff)
	if len(problems) != 1 || problems[0].Line != 5 {
		t.Errorf("%v", problems)
	}
}
