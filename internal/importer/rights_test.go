package importer_test

import (
	"bytes"
	"strings"
	"testing"

	"muster/internal/directory"
	"muster/internal/importer"
	"muster/internal/importer/importertest"
)

const short = "Title,First Name,Surname,Organisation Code,Department,Job Title,Telephone,Mobile,Local ID,Password\n"

// The same file is the same people, whatever was chosen beside its format.
func TestTheSameFileWithOtherOptions(t *testing.T) {
	w := importertest.New(t)
	file := short + ",Ann,Lee,RX1,,,,,,\n"
	w.Apply(w.Plan(file, importer.Options{}))
	for _, o := range []importer.Options{{Org: "RX1"}, {Domain: "example.org"}, {Mode: "partial"}} {
		again := w.Plan(file, o)
		if again.SameAs == 0 || again.Counts[directory.Unchanged] != 1 {
			t.Errorf("with %+v: same as %d, %v", o, again.SameAs, again.Counts)
		}
	}
	one, two := w.Plan(short+",Bo,Ray,RX1,,,,,,\n", importer.Options{}), w.Plan(short+",Bo,Ray,RX1,,,,,,\n", importer.Options{Org: "RX1"})
	w.Apply(one)
	w.Apply(two)
	if users := w.Users(); len(users) != 2 {
		t.Errorf("the users are %v", users)
	}
}

// A results file that is mended and sent again makes nobody twice, also where its
// rows bear no identity but the address that was made.
func TestTheResultsMendedAndSentAgain(t *testing.T) {
	w := importertest.New(t)
	imp := w.Apply(w.Plan(short+",Jean-Luc,Roy,RX1,,,,,,\n,Ann,,RX1,,,,,,\n", importer.Options{Mode: "partial"}))
	mended := strings.Replace(w.Results(imp, false), ",Ann,,", ",Ann,Lee,", 1)
	again := w.Plan(mended, importer.Options{})
	if again.Counts[directory.Unchanged] != 1 || again.Counts[directory.Create] != 1 {
		t.Fatalf("the mended results: %v %v", again.Counts, again.FileIssues)
	}
	w.Set("jean-luc.roy@example.org", "title", "Dr")
	w.Apply(again)
	if users := w.Users(); len(users) != 2 {
		t.Errorf("the users are %v", users)
	}
}

// An import belongs to the organisation that has all its rows at or below it, so
// nobody sees the rows of an organisation that their rights do not cover.
func TestAnImportIsSeenByThoseWhoMaySeeAllItsRows(t *testing.T) {
	w := importertest.New(t)
	w.Org("RX2", directory.Master)
	w.Domain("other.example", "RX2")
	basic := admin(w, "bas@example.org", "RX1", "Basic")
	both := w.Apply(w.Plan(short+",Ann,Lee,RX1,,,,,,\n,Bo,Ray,RX2,,,,,,\n", importer.Options{Org: "RX1"}))
	if _, err := w.Importer.Import(ctx, basic, both.Number); codeOf(err) != "import-unknown" {
		t.Errorf("an administrator of RX1 sees an import with rows of RX2: %v", err)
	}
	own := w.Apply(w.PlanAs(basic, short+",Cy,Day,RX1,,,,,,\n", importer.Options{}))
	if _, err := w.Importer.Import(ctx, basic, own.Number); err != nil {
		t.Errorf("an administrator does not see their own import: %v", err)
	}
}

// Who reads an unused password can take the account, so results give none of a
// user who may do what the reader may not, also where the role came later.
func TestResultsHideThePasswordsOfMightierUsers(t *testing.T) {
	w := importertest.New(t)
	basic := admin(w, "bas@example.org", "RX1", "Basic")
	imp := w.Apply(w.Plan(short+",Ann,Lee,RX1,,,,,,\n,Bo,Ray,RX1,,,,,,\n", importer.Options{Org: "RX1"}))
	w.Set("bo.ray@example.org", "role", "Full")
	var b bytes.Buffer
	if err := w.Importer.Results(ctx, basic, imp.Number, false, &b); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(b.String(), "\n")
	if strings.Contains(lines[1], "(not shown)") || !strings.Contains(lines[2], "(not shown)") {
		t.Errorf("the results are\n%s", b.String())
	}
}

// "This note is associated with all of them": also with a member whose row names
// the group that was chosen for the whole import.
func TestTheNoteIsKeptOnEveryMemberAdded(t *testing.T) {
	w := importertest.New(t)
	w.Group("RX1", "Ward")
	w.Apply(w.Plan("address,group1\nann@example.org,ward\nbo@example.org,\n", importer.Options{Org: "RX1", Group: "Ward", Note: "August"}))
	for _, address := range []string{"ann@example.org", "bo@example.org"} {
		if groups := w.User(address).Groups; len(groups) != 1 || groups[0].Note != "August" {
			t.Errorf("%s is in %+v", address, groups)
		}
	}
}

// A refused file keeps the format that was named for it.
func TestARefusedFileKeepsItsFormat(t *testing.T) {
	w := importertest.New(t)
	imp := w.Plan("Email,Name\nann@example.org,\xa3\n", importer.Options{Format: "mimecast-connect"})
	if imp.State != importer.Refused || imp.Format != "mimecast-connect" {
		t.Errorf("the import is %s, of format %q", imp.State, imp.Format)
	}
}
