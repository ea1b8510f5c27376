package trouble

import (
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"muster/internal/importer"
	"muster/internal/importer/importertest"
	"muster/internal/issue"
)

var fewRounds = flag.Int("serial.few", 5, "how often three imports of a few rows are applied at once")

// TestFewRowsAtOnceEqualASerialOrder: imports that have little in common, be it a
// delegate, an alias or a local id, make together what they make in some order,
// too. Each row is a batch, and each import has a connection of its own.
func TestFewRowsAtOnceEqualASerialOrder(t *testing.T) {
	if *serialSeed == 0 {
		*serialSeed = uint64(time.Now().UnixNano())
	}
	for round := range *fewRounds {
		t.Run(fmt.Sprint(*serialSeed+uint64(round)), func(t *testing.T) {
			r := rand.New(rand.NewPCG(*serialSeed+uint64(round), 3))
			w := importertest.New(t)
			w.Importer.Batch = 1
			w.Group("RX1", "Wards")
			for i := range fewPeople / 2 {
				w.Add(few(i), "RX1", "local_id", fmt.Sprint("L", i))
			}
			files := []string{fewRows(r), fewRows(r), fewRows(r)}
			for _, file := range files {
				w.Plan(file, importer.Options{Format: "muster", Org: "RX1", Mode: "partial"})
			}
			alone := w.Copy()
			togetherApply(w, len(files))
			orders := map[string]people{}
			rest(alone, []int{0, 1, 2}, nil, func(w *importertest.World, i int) { apply(w, int64(i+1)) }, orders)
			if order, differs := nearest(everybody(w), orders); len(differs) > 0 {
				t.Errorf("-serial.seed=%d: the directory is that of no order; in the nearest, %s, differ:\n%s\nof the files\n%s",
					*serialSeed+uint64(round), order, strings.Join(differs, "\n"), strings.Join(files, "\n"))
			}
		})
	}
}

// togetherApply applies imports at once, each as another process would.
func togetherApply(w *importertest.World, n int) {
	var group sync.WaitGroup
	for i := range n {
		service := w.Another()
		group.Go(func() {
			_, err := service.Apply(ctx, operator, int64(i+1), 1000)
			if told := (issue.Issue{}); err != nil && !errors.As(err, &told) {
				w.T.Errorf("import %d: %v", i+1, err)
			}
		})
	}
	group.Wait()
}

const fewPeople = 12 // the first half exist, with the local ids L0 …

func few(i int) string { return fmt.Sprintf("few%d@example.org", i) }

// fewRows changes and makes some people; each row wants a few things only.
func fewRows(r *rand.Rand) string {
	var b strings.Builder
	b.WriteString("address,name,status,local_id,rename_to,alias1,delegate1,attr.Floor\n")
	some := func(text string, n int) string {
		if r.IntN(4) > 0 {
			return ""
		}
		return fmt.Sprintf(text, r.IntN(n))
	}
	for _, i := range r.Perm(fewPeople)[:2+r.IntN(4)] {
		status, rename := "", ""
		if i < fewPeople/2 {
			status, rename = one(r, "", "", "", "deleted", "leaver"), some("renamed%d@example.org", 3)
		}
		fmt.Fprintf(&b, "%s,%s,%s,%s,%s,%s,%s,%s\n", few(i), some("Name %d", 2), status, some("M%d", 3), rename,
			some("alias%d@example.org", 3), some("few%d@example.org", fewPeople/2), some("%d", 2))
	}
	return b.String()
}
