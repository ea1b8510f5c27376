package importer_test

import (
	"strings"
	"testing"

	"muster/internal/directory"
	"muster/internal/importer"
	"muster/internal/importer/importertest"
	"muster/internal/password"
)

// staff is a format with two columns, the second of which goes somewhere.
func staff(to string) string {
	return "name = \"staff\"\n[[column]]\nheading = \"E-mail\"\nto = \"address\"\n[[column]]\nheading = \"Ward\"\nto = \"" + to + "\"\n"
}

func putFormat(t *testing.T, w *importertest.World, org, text string) {
	t.Helper()
	name, _, _ := strings.Cut(strings.TrimPrefix(text, "name = \""), "\"")
	if _, err := w.Directory.PutFormat(ctx, operator, directory.FormatText{Org: org, Name: name, Text: text}); err != nil {
		t.Fatal(err)
	}
}

// An import keeps the format that it was planned with: rows that are judged again
// are read as the plan has read them, and so are the results.
func TestAnImportKeepsItsFormat(t *testing.T) {
	w := importertest.New(t)
	w.Add("a@example.org", "RX1")
	putFormat(t, w, "RX1", staff("department"))
	imp := w.Plan("E-mail,Ward\na@example.org,East\n", importer.Options{Org: "RX1"})
	if imp.Format != "staff" {
		t.Fatalf("%+v", imp.FileIssues)
	}
	putFormat(t, w, "RX1", staff("job_title"))
	w.Set("a@example.org", "title", "Dr") // so that the row is judged again
	imp = w.Apply(imp)
	if u := w.User("a@example.org"); u.Values[directory.Department] != "East" || u.Values[directory.JobTitle] != "" {
		t.Errorf("department %q, job title %q", u.Values[directory.Department], u.Values[directory.JobTitle])
	}
	if err := w.Directory.DeleteFormat(ctx, operator, "RX1", "Staff"); err != nil {
		t.Fatal(err)
	}
	if got := w.Results(imp, false); !strings.Contains(got, "a@example.org,East,Updated") {
		t.Errorf("results:\n%s", got)
	}
}

// The format of the nearest organisation counts, and one of another branch of the
// tree does not.
func TestFormatsOfOrganisations(t *testing.T) {
	w := importertest.New(t)
	w.Org("RX2", directory.Master)
	w.Domain("all.example", directory.Master)
	putFormat(t, w, directory.Master, staff("department"))
	putFormat(t, w, "RX1", staff("job_title"))
	for org, field := range map[string]directory.Field{directory.Master: directory.Department, "RX1": directory.JobTitle, "RX2": directory.Department} {
		address := strings.ToLower(org) + "@all.example"
		w.Apply(w.Plan("E-mail,Ward\n"+address+",East\n", importer.Options{Org: org}))
		if u := w.User(address); u.Values[field] != "East" {
			t.Errorf("%s: %+v", org, u.Values)
		}
	}
	if err := w.Directory.DeleteFormat(ctx, operator, directory.Master, "staff"); err != nil {
		t.Fatal(err)
	}
	if imp := w.Plan("E-mail,Ward\nb@example.org,East\n", importer.Options{Org: "RX2"}); imp.State != importer.Refused {
		t.Errorf("RX2 takes the format of RX1: %s", imp.State)
	}
}

// An administrator's format takes the place of the one of its name, with its limit.
func TestACorrectedFormat(t *testing.T) {
	w := importertest.New(t)
	w.Importer.FormatRows = map[string]int{"mimecast-connect": 1}
	file := "Email\na@example.org\nb@example.org\n"
	if imp := w.Plan(file, importer.Options{}); imp.State != importer.Refused {
		t.Fatalf("the limit of the format: %s", imp.State)
	}
	putFormat(t, w, directory.Master, "name = \"mimecast-connect\"\nlimit = 2\n[[column]]\nheading = \"Email\"\nto = \"address\"\n")
	if imp := w.Plan(file, importer.Options{}); imp.State != importer.Planned || imp.Rows != 2 {
		t.Errorf("corrected: %s, %v", imp.State, imp.FileIssues)
	}
	if imp := w.Plan(file+"c@example.org\n", importer.Options{}); imp.State != importer.Refused {
		t.Errorf("the limit of its own: %s", imp.State)
	}
}

// A format that was corrected makes nobody of the same file a second time.
func TestTheSameFileByACorrectedFormat(t *testing.T) {
	w := importertest.New(t)
	w.Settings("RX1", func(s *directory.Settings) { s.DefaultDomain = "example.org" })
	text := "name = \"names\"\nmatch = \"local_id\"\ngenerate_addresses = true\n[[column]]\nheading = \"First\"\nto = \"first\"\n" +
		"[[column]]\nheading = \"Last\"\nto = \"last\"\n[[column]]\nheading = \"No\"\nto = \"local_id\"\n"
	putFormat(t, w, "RX1", text)
	file := "First,Last,No\nAnn,Lee,\n"
	w.Apply(w.Plan(file, importer.Options{Org: "RX1"}))
	if !w.Has("ann.lee@example.org") {
		t.Fatalf("%q", w.Users())
	}
	putFormat(t, w, "RX1", text+"[[value]]\nto = \"department\"\nconstant = \"Wards\"\n")
	imp := w.Apply(w.Plan(file, importer.Options{Org: "RX1"}))
	if users := w.Users(); len(users) != 1 || imp.SameAs != 0 || w.User("ann.lee@example.org").Values[directory.Department] != "Wards" {
		t.Errorf("%q, the same as %d", users, imp.SameAs)
	}
}

// A hash that Google's crypt has made is taken, and four asterisks keep a password.
func TestGooglePasswords(t *testing.T) {
	w := importertest.New(t)
	const hash = "$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1"
	const head = "First Name [Required],Last Name [Required],Email Address [Required],Password [Required],Password Hash Function [UPLOAD ONLY]\n"
	w.Apply(w.Plan(head+"Ann,Lee,a@example.org,"+hash+",crypt\n", importer.Options{Org: "RX1"}))
	if ok, _, _ := password.Verify(hashOf(t, w, "a@example.org"), "Hello world!"); !ok {
		t.Fatalf("the hash is %q", hashOf(t, w, "a@example.org"))
	}
	imp := w.Apply(w.Plan(head+"Ann,Lee,a@example.org,****,\n", importer.Options{Org: "RX1", SetPasswords: true}))
	if imp.Counts[directory.Unchanged] != 1 {
		t.Errorf("%v", imp.Counts)
	}
	imp = w.Plan(head+"Bob,Lee,b@example.org,900150983cd24fb0d6963f7d28e17f72,MD5\n", importer.Options{Org: "RX1"})
	if rows := w.Rows(imp); len(rows[0].Issues) != 1 || rows[0].Issues[0].Code != "hash-function" {
		t.Errorf("%+v", rows[0])
	}
}

// A format that this version cannot read is told, with what to do.
func TestAnUnreadableFormat(t *testing.T) {
	w := importertest.New(t)
	w.Exec(`INSERT INTO formats (org, name, text) VALUES ('RX1', 'old', 'colour = 3')`)
	imp := w.Plan("address\na@example.org\n", importer.Options{Org: "RX1"})
	if imp.State != importer.Refused || imp.FileIssues[0].Code != "format-unreadable" {
		t.Errorf("%s: %v", imp.State, imp.FileIssues)
	}
}
