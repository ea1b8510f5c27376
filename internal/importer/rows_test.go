package importer_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"muster/internal/directory"
	"muster/internal/importer"
	"muster/internal/importer/importertest"
)

// mixed is a file of which each tenth row is in error, each fifth changes somebody, and
// the others make somebody.
func mixed(w *importertest.World, n int) string {
	var file strings.Builder
	file.WriteString("address,name,department\n")
	for i := range n {
		switch {
		case i%10 == 0:
			file.WriteString("nobody@,Nobody,\n")
		case i%5 == 0:
			w.Add(fmt.Sprintf("old%d@example.org", i), "RX1")
			fmt.Fprintf(&file, "old%d@example.org,Old %d,Night ward\n", i, i)
		default:
			fmt.Fprintf(&file, "new%d@example.org,New %d,\n", i, i)
		}
	}
	return file.String()
}

// TestRowsByStage: in whatever stage an import is, rows are found by what they are to
// come to and by what they came to, page by page.
func TestRowsByStage(t *testing.T) {
	w := importertest.New(t)
	w.Importer.Batch = 7
	imp := w.Plan(mixed(w, 60), importer.Options{Org: "RX1", Mode: "partial"})
	updates := importer.RowFilter{Actions: []directory.Action{directory.Update}}
	if got := rowsOf(w, imp, updates); !slices.Equal(got, []int{6, 16, 26, 36, 46, 56}) {
		t.Errorf("updates are %v", got)
	}
	updates.From, updates.Limit = 7, 3
	if got := rowsOf(w, imp, updates); !slices.Equal(got, []int{16, 26, 36}) {
		t.Errorf("three of them from row 7 on are %v", got)
	}
	allWays(w, imp)
	stop, cancel := context.WithCancel(ctx)
	w.Importer.Report = func(p importer.Progress) {
		if p.Stage == "applying" && p.Done >= 30 {
			cancel()
		}
	}
	_, err := w.Importer.Apply(stop, operator, imp.Number, imp.ConfirmCount())
	wantCode(t, err, "interrupted")
	allWays(w, imp)
	if got := rowsOf(w, imp, importer.RowFilter{Outcomes: []importer.Outcome{importer.Created}}); len(got) != 28 {
		t.Errorf("at half, created are %v", got)
	}
	w.Importer.Report = nil
	w.Apply(imp)
	allWays(w, imp)
	if _, err := w.Importer.Undo(ctx, operator, imp.Number, 54); err != nil {
		t.Fatal(err)
	}
	allWays(w, imp)
}

// allWays checks all ways to narrow the rows of an import down.
func allWays(w *importertest.World, imp *importer.Import) {
	w.T.Helper()
	now, err := w.Importer.Import(ctx, operator, imp.Number)
	if err != nil {
		w.T.Fatal(err)
	}
	rows := w.Rows(now)
	for _, f := range narrowings(now, rows) {
		narrowedBy(w, now, rows, f)
	}
}

// TestAddressesOfRows: with a row comes the address of its user, as far as whoever asks
// may read it, or else what the file has.
func TestAddressesOfRows(t *testing.T) {
	w := importertest.New(t)
	w.Org("RX2", directory.Master)
	w.Domain("hillside.example", "RX2")
	w.Add("anna@example.org", "RX1")
	w.Add("bob@example.org", "RX1")
	auditor := admin(w, "auditor@example.org", "RX1", "Auditor")
	imp := w.Apply(w.Plan("address,name,rename_to\nnew@example.org,New,\nanna@example.org,Anna,anna.bell@example.org\nbob@example.org,Bob,\nno@body@example.org,Nobody,\n",
		importer.Options{Org: "RX1", Mode: "partial"}))
	addresses := func(actor directory.Actor) (list []string) {
		t.Helper()
		err := w.Importer.Rows(ctx, actor, imp.Number, importer.RowFilter{}, func(_ *importer.Import, _ *importer.Row, address string) error {
			list = append(list, address)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return list
	}
	want := []string{"new@example.org", "anna.bell@example.org", "bob@example.org", "no@body@example.org"}
	if got := addresses(auditor); !slices.Equal(got, want) {
		t.Errorf("the addresses are %v", got)
	}
	w.Set("bob@example.org", "org", "RX2", "rename_to", "robert@hillside.example")
	if got := addresses(operator); got[2] != "robert@hillside.example" {
		t.Errorf("of one who was moved: %v", got)
	}
	if got := addresses(auditor); got[2] != "bob@example.org" {
		t.Errorf("to one who may not read them any more: %v", got)
	}
}
