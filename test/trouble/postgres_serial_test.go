package trouble

import (
	"encoding/json"
	"flag"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"muster/internal/directory"
	"muster/internal/importer/importertest"
	"muster/internal/store"
	"muster/internal/store/pgtest"
	"muster/test/desk"
)

var pgImports = flag.Int("pg.imports", 20, "how many imports of overlapping people four processes make at once")

// TestManyImportsByFourProcesses: of however many imports, the directory is the one
// that they make one after the other in the order in which they ended. Those that
// are about the same people are applied in turns, so the later one has found what
// the earlier one left.
func TestManyImportsByFourProcesses(t *testing.T) {
	for _, how := range starts[1:] { // planned before, and planned and applied at once
		t.Run(how.name, func(t *testing.T) {
			t.Parallel()
			random := pgRandom(t, 5)
			r := at(t, pgtest.Shared(t).Database(t))
			alone := here(t)
			var of []layout
			for i := range *pgImports {
				of = append(of, layouts[random.IntN(len(layouts))])
				file := of[i].write(random)
				r.File(fmt.Sprint(i, ".csv"), file)
				alone.File(fmt.Sprint(i, ".csv"), file)
			}
			for _, d := range []*desk.Desk{r.Desk, alone} {
				serialDesk(d)
				d.Env = append(d.Env, "MUSTER_BATCH=40")
				how.before(t, d, of)
			}
			for _, wrong := range byFour(r.Desk, *pgImports, func(i int) []string { return how.args(i, of[i]) }) {
				t.Error(wrong)
			}
			for _, i := range r.order(t) {
				alone.Try(how.args(i, of[i])...)
			}
			differs := differences(peopleOf(t, r.url), peopleOf(t, alone.Database()))
			if len(differs) > 0 {
				t.Errorf("in the order %v %d users differ:\n%s", r.order(t), len(differs), strings.Join(differs[:min(5, len(differs))], "\n"))
			}
		})
	}
}

// byFour runs commands, four at a time, and tells what of their ends is wrong.
func byFour(d *desk.Desk, n int, args func(i int) []string) (wrong []string) {
	next, mutex := make(chan int), sync.Mutex{}
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for i := range next {
				_, said, code := d.Try(args(i)...)
				mutex.Lock()
				wrong = append(wrong, ended(args(i), code, said)...)
				mutex.Unlock()
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	group.Wait()
	return wrong
}

// order is the order in which the imports of the files ended.
func (r *remote) order(t *testing.T) (files []int) {
	t.Helper()
	rows, err := r.db.Query(`SELECT detail FROM imports WHERE state = 'applied'`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	at := map[int]time.Time{}
	for rows.Next() {
		var detail []byte
		var imp struct {
			File  string
			Ended time.Time `json:"ended_at"`
		}
		if err := rows.Scan(&detail); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(detail, &imp); err != nil {
			t.Fatal(err)
		}
		file := 0
		if _, err := fmt.Sscanf(filepath.Base(imp.File), "%d.csv", &file); err == nil { // not the one of those who were there before
			files, at[file] = append(files, file), imp.Ended
		}
	}
	slices.SortFunc(files, func(a, b int) int { return at[a].Compare(at[b]) })
	return files
}

// peopleOf is everybody in a database.
func peopleOf(t *testing.T, name string) people {
	t.Helper()
	s, err := store.Open(ctx, name)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	return everybody(&importertest.World{T: t, Directory: &directory.Service{Store: s, Now: time.Now}})
}
