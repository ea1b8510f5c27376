package importer_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"muster/internal/importer"
	"muster/internal/importer/importertest"
)

// TestAnUndoCutOffAgainAndAgain: an undo whose processes die after a few
// transactions each comes to the same directory as one that is not disturbed,
// whichever command goes on with it.
func TestAnUndoCutOffAgainAndAgain(t *testing.T) {
	for _, c := range []struct {
		most int  // transactions of a process
		last bool // the last of them reaches the disk
	}{{1, true}, {2, false}, {2, true}, {3, false}, {3, true}, {4, false}, {5, true}} {
		t.Run(fmt.Sprintf("%+v", c), func(t *testing.T) {
			w := undoWorld(t)
			w.Importer.Batch = 1
			imp := w.Apply(w.Plan(undoHeader+"ann@example.org,Prof,West,,R1,,yes,(clear),anne@example.org,x@example.com,Night,leo@example.org,3,correct-horse-battery,yes\n"+
				"bob@example.org,,East,,,disabled,,,,(clear),,(clear),,,\nnew@example.org,,,RX1,,,,,,n@example.com,Wards,,4,,\n"+
				"leo@example.org,,,RX1,,active,,,,,(clear),,,,\n", importer.Options{Format: "muster", Org: "RX1", SetPasswords: true}))
			wantOutcomes(w, imp, importer.Updated, importer.Updated, importer.Created, importer.Joined)
			whole := w.Copy()
			undo(whole, imp)
			if deaths := dieOften(t, w, imp.Number, c.most, c.last); deaths == 0 {
				t.Error("the undo was not cut off")
			}
			differs(t, "cut off", everything(whole), everything(w))
			if a, b := outcomes(whole, imp), outcomes(w, imp); !slices.Equal(a, b) {
				t.Errorf("outcomes in one go %v, cut off %v", a, b)
			}
			accounted(w, imp)
		})
	}
}

// dieOften undoes an import by processes that die after so many transactions, and
// returns how many died.
func dieOften(t *testing.T, w *importertest.World, number int64, transactions int, last bool) (deaths int) {
	t.Helper()
	for ; deaths < 100; deaths++ {
		service := *w.Importer
		service.Store = &dying{w.Store, transactions, last}
		goOn := service.Undo
		if deaths%2 == 1 {
			goOn = service.Apply // as resume does
		}
		imp, err := goOn(ctx, operator, number, 0)
		if err == nil && imp.State == importer.Undone {
			return deaths
		}
		if !errors.Is(err, errDied) {
			t.Fatal(imp.State, err)
		}
	}
	t.Fatal("the undo never ends")
	return 0
}
