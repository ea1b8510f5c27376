package importer_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"muster/internal/directory"
	"muster/internal/importer"
	"muster/internal/importer/importertest"
)

var update = flag.Bool("update", false, "write the golden files anew")

func golden(t *testing.T, name, got string) {
	t.Helper()
	name = filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(name, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s is now:\n%q\nwant\n%q", name, got, want)
	}
}

// TestResults: the uploaded table in its own charset, delimiter, line ends and
// order, with what became of each row.
func TestResults(t *testing.T) {
	const people = "address;name;org;notes\nann@example.org;Ännchen;RX1;\nzoë;Zoë;RX1;=1+1\nbob@exmaple.org;\"B;ob\";RX1;\n"
	crlf := strings.ReplaceAll(people, "\n", "\r\n")
	encode := func(s string, err error) string {
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	cases := []struct {
		name, file string
		o          importer.Options
	}{
		{"windows-1252", encode(charmap.Windows1252.NewEncoder().String(crlf)), importer.Options{Encoding: "windows-1252"}},
		{"utf-16", encode(unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String(crlf)), importer.Options{}},
		{"sep-line", "sep=;\r\n" + crlf, importer.Options{}},
		{"plain", strings.ReplaceAll(strings.ReplaceAll(people, "\"B;ob\"", "Bob"), ";", ","), importer.Options{}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			w := importertest.New(t)
			c.o.Org, c.o.Mode = "RX1", "partial"
			imp := w.Apply(w.Plan(c.file, c.o))
			wantOutcomes(w, imp, importer.Created, importer.LeftOut, importer.LeftOut)
			whole, failed := w.Results(imp, false), w.Results(imp, true)
			golden(t, c.name+".csv", whole)
			golden(t, c.name+"-failed.csv", failed)

			again := w.Plan(whole, importer.Options{Encoding: c.o.Encoding, Org: "RX1"})
			if again.Format != "muster" || again.Counts[directory.Unchanged] != 1 || again.Counts[directory.Refuse] != 2 {
				t.Errorf("the results again: %s %v %v", again.Format, again.Counts, again.FileIssues)
			}
			again = w.Plan(failed, importer.Options{Encoding: c.o.Encoding, Org: "RX1"})
			if again.Rows != 2 || again.Counts[directory.Refuse] != 2 {
				t.Errorf("the failed rows again: %v %v", again.Counts, again.FileIssues)
			}
		})
	}
}

// TestResultsOfGeneratedAddressesAndPasswords: the address has a column of its
// own; a password stands in the table's own column, or in an added one.
func TestResultsOfGeneratedAddressesAndPasswords(t *testing.T) {
	cases := []struct{ name, heading, want string }{
		{"in place", ",Password", "Local ID,Password,Result,Email Address"},
		{"added", "", "Local ID,Result,Email Address,Password"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			w := importertest.New(t)
			file := strings.TrimSpace(nhsmail1Header) + c.heading + "\n,Ann,Lee,RX1,,,,,L1" + strings.Repeat(",", len(c.heading)/9) + "\n"
			imp := w.Apply(w.Plan(file, importer.Options{}))
			results := w.Results(imp, false)
			header, row, _ := strings.Cut(results, "\n")
			if !strings.HasSuffix(strings.TrimSpace(header), c.want) || !strings.Contains(row, "Created,ann.lee@example.org") {
				t.Errorf("results:\n%s", results)
			}
			again := w.Plan(results, importer.Options{})
			if again.Rows != 1 || again.Counts[directory.Unchanged] != 1 {
				t.Errorf("the results again: %v %v", again.Counts, again.FileIssues)
			}
			if strings.Contains(w.List(`SELECT cells FROM import_rows`), "-") {
				t.Error("a generated password stands in the rows")
			}
		})
	}
}

// TestResultsOfAPlan: the rows in error can be fetched and mended before
// anything is applied.
func TestResultsOfAPlan(t *testing.T) {
	w := importertest.New(t)
	imp := w.Plan("Email,Name\na@example.org,\nb@nowhere.example,\n", importer.Options{Org: "RX1"})
	want := "Email,Name,Result\nb@nowhere.example,,\"Left out: Email: The domain nowhere.example is not in the directory.\"\n"
	got := w.Results(imp, true)
	if got != want && got != strings.ReplaceAll(want, `"`, "") {
		t.Errorf("the failed rows are %q", got)
	}
	if !strings.Contains(w.Results(imp, false), "a@example.org,,Not done yet") {
		t.Errorf("the results are %q", w.Results(imp, false))
	}
	refused := w.Plan("", importer.Options{})
	wantCode(t, w.Importer.Results(ctx, operator, refused.Number, false, &strings.Builder{}), "no-results")
}
