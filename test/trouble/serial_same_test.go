package trouble

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"strings"
	"testing"

	"muster/internal/importer"
	"muster/internal/importer/importertest"
	"muster/test/desk"
)

// namesakes is a file of people whose rows bear no identity at all: only the file
// tells that two imports of it mean the same people.
func namesakes(n int) string {
	var b strings.Builder
	b.WriteString("Title,First Name,Surname,Organisation Code,Department,Job Title,Telephone,Mobile,Local ID\n")
	for i := range n {
		fmt.Fprintf(&b, ",John,%s,RX1,,,,,\n", []string{"Smith", "Lee"}[i%2])
	}
	return b.String()
}

// TestTheSameFileByTwoProcesses: whichever of two processes comes to a row first
// does it, the other finds nothing left to do, and both end well.
func TestTheSameFileByTwoProcesses(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 7)) // one that has no row in error
	cases := []struct {
		format, file string
		did          map[importer.Outcome]int
	}{
		{"nhsmail1", namesakes(200), map[importer.Outcome]int{importer.Created: 200, importer.Unchanged: 200}},
		{"mimecast-connect", connectFile(random), map[importer.Outcome]int{importer.Created: 100, importer.Updated: 100, importer.Unchanged: 200}},
	}
	for _, c := range cases {
		for _, planned := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s, planned before: %t", c.format, planned), func(t *testing.T) {
				d := desk.New(t)
				serialDesk(d)
				d.File("same.csv", c.file)
				w := both(t, d, c.format, planned)
				if did := eachOnce(t, w); !maps.Equal(did, c.did) {
					t.Errorf("the rows of both are %v, want %v", did, c.did)
				}
				if users, want := len(w.Users()), plain/2+tangled/2+c.did[importer.Created]; users != want {
					t.Errorf("there are %d users, want %d", users, want)
				}
			})
		}
	}
}

// both imports same.csv by two processes at once; both have to end with 0.
func both(t *testing.T, d *desk.Desk, format string, planned bool) *importertest.World {
	file := []string{"same.csv", "--format", format, "--org", "RX1"}
	args := func(int) []string { return append([]string{"import", "--yes"}, file...) }
	if planned {
		d.Run(append([]string{"plan"}, file...)...)
		d.Run(append([]string{"plan"}, file...)...)
		args = func(i int) []string { return []string{"apply", fmt.Sprint(i + 2)} }
	}
	wellAtOnce(t, d, 2, args)
	return copied(t, d)
}

// wellAtOnce runs commands at once, each of which has to end with 0.
func wellAtOnce(t *testing.T, d *desk.Desk, n int, args func(i int) []string) {
	t.Helper()
	for i, c := range startAll(d, n, args) {
		if err := c.Wait(); err != nil {
			t.Errorf("%v: %v: %s", args(i), err, c.Stderr)
		}
	}
}

// eachOnce checks that of two imports of one file one did each row and the other
// nothing, with the same user; it returns how many rows of both came to what.
func eachOnce(t *testing.T, w *importertest.World) map[importer.Outcome]int {
	t.Helper()
	did, rows := map[importer.Outcome]int{}, [2][]*importer.Row{}
	var outcomes [2][]importer.Outcome
	for i := range 2 {
		imp, err := w.Importer.Import(ctx, operator, int64(i+2))
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range w.Rows(imp) {
			rows[i], outcomes[i] = append(rows[i], r), append(outcomes[i], imp.OutcomeOf(r))
			did[imp.OutcomeOf(r)]++
		}
	}
	for i := range rows[0] {
		one, other := outcomes[0][i], outcomes[1][i]
		if (one == importer.Unchanged) == (other == importer.Unchanged) || rows[0][i].UserID != rows[1][i].UserID {
			t.Errorf("row %d is %s of user %s, and %s of user %s", i+1, one, rows[0][i].UserID, other, rows[1][i].UserID)
		}
	}
	return did
}

// TestOneImportByFourProcesses: four processes that apply one import together do each row
// once, and all end well.
func TestOneImportByFourProcesses(t *testing.T) {
	d := desk.New(t)
	serialDesk(d)
	d.File("people.csv", namesakes(400))
	d.Run("plan", "people.csv", "--format", "nhsmail1", "--org", "RX1")
	before := copied(t, d)
	wellAtOnce(t, d, 4, func(int) []string { return []string{"apply", "2"} })
	if s := d.Show("2"); s.State != "applied" || s.Outcomes["created"] != 400 {
		t.Errorf("the import is %+v", s)
	}
	after := copied(t, d)
	apply(before, 2)
	if _, differs := nearest(everybody(after), map[string]people{"by one process": everybody(before)}); len(differs) > 0 {
		t.Errorf("four processes make another directory than one:\n%s", strings.Join(differs[:min(5, len(differs))], "\n"))
	}
	for _, address := range after.Users() {
		if u := after.User(address); u.Version != 1 {
			t.Errorf("%s was changed %d times", address, u.Version)
		}
	}
}
