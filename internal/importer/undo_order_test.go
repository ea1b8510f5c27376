package importer_test

import (
	"fmt"
	"slices"
	"testing"

	"muster/internal/importer"
	"muster/internal/importer/importertest"
)

// TestUndoSeesWhatTheRowsBeforeItDo: where changes by hand have made one row depend
// on another, the plan of the undo tells what it comes to, whatever the size of
// a batch.
func TestUndoSeesWhatTheRowsBeforeItDo(t *testing.T) {
	noDelegates := func(w *importertest.World) {
		r := importertest.Record("address", "new@example.org")
		r.Delegates.Only = true
		if _, _, err := w.Directory.SetUser(ctx, operator, r); err != nil {
			w.T.Fatal(err)
		}
	}
	local := func(address string) func(*importertest.World) {
		return func(w *importertest.World) { w.Set(address, "local_id", "L1") }
	}
	for _, c := range []struct {
		what, rows string
		meanwhile  func(*importertest.World)
		want       []importer.Outcome // in the order of the rows
	}{
		{"one who comes back first has the local id", "ann@example.org,,,,(clear),,,,,,,,,,\nbob@example.org,,,RX2,,,,,,,,,,,\n",
			local("bob@example.org"), []importer.Outcome{importer.Irreversible, importer.Reversed}},
		{"and likewise the other way round", "bob@example.org,,,RX2,,,,,,,,,,,\nann@example.org,,,,(clear),,,,,,,,,,\n",
			local("bob@example.org"), []importer.Outcome{importer.Irreversible, importer.Reversed}},
		{"one who stays has it still, whatever else goes back first", "bob@example.org,,,RX2,,,,,,,,,,,\nann@example.org,Prof,,,,,,,,,,,,,\n",
			local("bob@example.org"), []importer.Outcome{importer.Irreversible, importer.Reversed}},
		{"one who goes first leaves the local id", "ann@example.org,,,,(clear),,,,,,,,,,\nbea@example.net,,,RX1,,,,,,,,,,,\n",
			local("bea@example.net"), []importer.Outcome{importer.Reversed, importer.Reversed}},
		{"one who is removed first leaves the local id", "bob@example.org,,,RX2,,,,,,,,,,,\nnew@example.org,,,RX1,L8,,,,,,,,,,\n",
			func(w *importertest.World) { w.Set("bob@example.org", "local_id", "L8") }, []importer.Outcome{importer.Reversed, importer.Reversed}},
		{"one who is removed last has it still", "new@example.org,,,RX1,L8,,,,,,,,,,\nbob@example.org,,,RX2,,,,,,,,,,,\n",
			func(w *importertest.World) { w.Set("bob@example.org", "local_id", "L8") }, []importer.Outcome{importer.Reversed, importer.Irreversible}},
		{"a delegate who is removed first", "new@example.org,,,RX1,,,,,,,,late@example.org,,,\nlate@example.org,,,RX1,,,,,,,,,,,\n",
			noDelegates, []importer.Outcome{importer.Reversed, importer.Reversed}},
		{"a delegate who is removed last", "late@example.org,,,RX1,,,,,,,,,,,\nnew@example.org,,,RX1,,,,,,,,late@example.org,,,\n",
			noDelegates, []importer.Outcome{importer.Reversed, importer.Kept}},
	} {
		for _, batch := range []int{1, 500} {
			t.Run(fmt.Sprint(c.what, " ", batch), func(t *testing.T) {
				w := undoWorld(t)
				w.Importer.Batch = batch
				w.Add("bea@example.net", "RX2")
				imp := w.Apply(w.Plan(undoHeader+c.rows, importer.Options{Format: "muster"}))
				c.meanwhile(w)
				done := undo(w, imp)
				var got []importer.Outcome
				for _, r := range w.Rows(imp) {
					got = append(got, done.OutcomeOf(r))
				}
				if !slices.Equal(got, c.want) {
					t.Errorf("outcomes %v, want %v: %v", got, c.want, reasons(w, done))
				}
			})
		}
	}
}
