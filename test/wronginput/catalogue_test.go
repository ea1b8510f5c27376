package wronginput

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	_ "muster/internal/app" // which knows all codes
	"muster/internal/directory"
	"muster/internal/format"
	"muster/internal/issue"
	"muster/internal/table"
)

const manual = "../../docs"

// TestCatalogueOfCodes keeps the manual's list of codes what the program says.
func TestCatalogueOfCodes(t *testing.T) {
	var b strings.Builder
	b.WriteString(catalogueHead)
	for _, c := range issue.All() {
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", c.Name, c.Severity, c.Cause, c.Cure)
	}
	compare(t, filepath.Join(manual, "codes.md"), b.String())
}

const catalogueHead = `# Codes

<!-- Written by "go test ./test/wronginput -update". Do not edit. -->

Whatever Muster finds wrong, or worth knowing, bears a code: in the plan, in the results and with ` + "`--json`" + `. A
code keeps its name for good, so scripts may look for it. An *error* keeps its row from being applied, or refuses the
file or the command as a whole; a *warning* is worth knowing and keeps nothing from being done. The message beside the
code tells the line, the column and what was found; this page tells what is meant and what to do.

| code | | what was found | what to do |
| --- | --- | --- | --- |
`

// TestCatalogueIsWhole finds codes of packages that this test does not import,
// which issue.All therefore does not know.
func TestCatalogueIsWhole(t *testing.T) {
	known := map[string]bool{}
	for _, c := range issue.All() {
		known[c.Name] = true
	}
	define := regexp.MustCompile(`issue\.New(?:Error|Warning)\("([^"]*)"`)
	err := filepath.WalkDir("../../internal", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		for _, found := range define.FindAllSubmatch(text, -1) {
			if name := string(found[1]); !known[name] {
				t.Errorf("%s defines %s, which the catalogue lacks", path, name)
			}
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// TestManualOfFormats keeps the tables of headings in the manual what the
// formats say.
func TestManualOfFormats(t *testing.T) {
	path := filepath.Join(manual, "formats.md")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	page := string(text)
	for _, f := range format.All() {
		if page, err = between(page, f.Name, headingsOf(f)); err != nil {
			t.Error(err)
		}
	}
	compare(t, path, page)
}

// between puts a text between the marks of a name.
func between(page, name, text string) (string, error) {
	begin, end := fmt.Sprintf("<!-- headings of %s -->\n", name), fmt.Sprintf("<!-- end of %s -->", name)
	before, rest, found := strings.Cut(page, begin)
	_, after, ended := strings.Cut(rest, end)
	if !found || !ended {
		return page, fmt.Errorf("formats.md has no marks for format %s", name)
	}
	return before + begin + text + end + after, nil
}

func headingsOf(f *format.Format) string {
	var b strings.Builder
	if f.Positional {
		b.WriteString("\n| column | | needed | what it holds |\n| --- | --- | --- | --- |\n")
	} else {
		b.WriteString("\n| heading | needed | what it holds |\n| --- | --- | --- |\n")
	}
	for n, c := range f.Columns {
		if f.Positional {
			fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", table.Letter(n), c.Heading, needed(f, c), meaning(f, c))
			continue
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", c.Heading, needed(f, c), meaning(f, c))
	}
	return b.String() + "\n"
}

func needed(f *format.Format, c format.Column) string {
	switch {
	case c.Required && f.Positional:
		return "a value in every row"
	case c.Required:
		return "heading, and a value in every row"
	case f.Exact && !c.Optional:
		return "heading"
	}
	return ""
}

// meanings are those of the columns that are no field of a user.
var meanings = map[string]string{
	"":              "comes from an export and is passed over",
	"id":            "what Muster knows the user by; `muster user show` prints it",
	"password":      "the password of a new user",
	"password_hash": "the hash of a new user's password, made elsewhere",
	"rename_to":     "the new address of a user who exists; the former one stays as alias",

	"password_function": "the function that made a hash of the password; blank: it is no hash",
}

func meaning(f *format.Format, c format.Column) string {
	if text, ok := meanings[c.Name]; ok {
		return text
	}
	if name, ok := strings.CutPrefix(c.Name, "account."); ok {
		return meaningOfAccount(f, c, name)
	}
	if name, ok := strings.CutPrefix(c.Name, "attr."); ok {
		return "attribute " + name + "; `(clear)` removes it"
	}
	field, _ := directory.FieldNamed(c.Name)
	spec := field.Spec()
	text := spec.Help
	switch {
	case c.Shape != nil && c.Shape.Others == format.RefuseOthers:
		text = strings.ReplaceAll(field.String(), "_", " ") + ": one of the values named above, or blank"
	case field == directory.Status:
		text = "status: " + strings.Join(f.Rules.Statuses, ", ") + ", or blank"
	case field == directory.Role:
		text += ": " + strings.Join(rolesOfFiles, ", ")
	case spec.Kind == directory.Choice:
		text += ": " + strings.Join(spec.Choices, ", ")
	case spec.Kind == directory.Flag && f.Rules.PlainFlags:
		text += ": TRUE or FALSE"
	case spec.Kind == directory.Flag:
		text += ": TRUE or FALSE, Yes or No, Y or N, 1 or 0"
	}
	if spec.Max > 0 {
		text += fmt.Sprintf("; at most %d characters", spec.Max)
	}
	if spec.Clearable && !c.Required {
		text += "; `(clear)` empties it"
	}
	return text
}

func meaningOfAccount(f *format.Format, c format.Column, name string) string {
	for _, s := range directory.AccountSpecs(f.Account) {
		if s.Name == name && c.Required {
			return s.Help
		}
		if s.Name == name {
			return s.Help + "; `(clear)` empties it"
		}
	}
	return "address of the account"
}

// rolesOfFiles are the roles that a file may give; role-not-by-file.csv proves it.
var rolesOfFiles = []string{"Basic", "Helpdesk", "Gateway"}
