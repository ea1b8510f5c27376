package trouble

import (
	"fmt"
	"math/rand/v2"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"muster/internal/importer"
	"muster/internal/importer/importertest"
	"muster/test/desk"
)

// race is what came of four imports at once, and what would have come of them
// one after the other.
type race struct {
	end    people
	rows   [][]raceRow // of each file
	orders map[string]people
	wrong  []string // what is not as it has to be with the imports themselves
}

// raceRow is a row of one of the files.
type raceRow struct {
	*importer.Row
	outcome importer.Outcome
}

// A start lets four processes go.
type start struct {
	name   string
	before func(t *testing.T, d *desk.Desk, files []layout)                 // what is done before the race
	args   func(file int, of layout) []string                               // what each process is to do
	alone  func(files []string, of []layout) func(*importertest.World, int) // the same, in this process
	race   func(d *desk.Desk, args func(i int) []string) (wrong []string)
	orders func(*importertest.World, func(*importertest.World, int)) map[string]people
}

var starts = []start{
	{"one after the other", planAll, applyArgs, applyAlone, oneByOne, inTheirOrder}, // which shows that an order is found where there is one
	{"planned before", planAll, applyArgs, applyAlone, atOnce, inEachOrder},
	{"planned and applied at once", func(*testing.T, *desk.Desk, []layout) {},
		func(i int, of layout) []string {
			return append(append([]string{"import"}, planArgs(i, of)...), "--yes")
		},
		func(files []string, of []layout) func(*importertest.World, int) {
			return func(w *importertest.World, i int) {
				o := importer.Options{Format: of[i].format, Org: "RX1", Mode: "partial"}
				apply(w, w.Plan(files[i], o).Number)
			}
		}, atOnce, inEachOrder},
}

func applyArgs(file int, _ layout) []string { return []string{"apply", fmt.Sprint(file + 2)} }

func applyAlone([]string, []layout) func(*importertest.World, int) {
	return func(w *importertest.World, i int) { apply(w, int64(i+2)) }
}

func planArgs(file int, of layout) []string {
	return []string{fmt.Sprintf("%d.csv", file), "--format", of.format, "--org", "RX1", "--partial"}
}

func planAll(t *testing.T, d *desk.Desk, files []layout) {
	for i, of := range files {
		if _, said, code := d.Try(append([]string{"plan"}, planArgs(i, of)...)...); code > 1 { // rows in error end it with 1
			t.Fatal(said)
		}
	}
}

// ran remembers races, so that several tests may look at one.
var ran = map[string]*race{}

// eachRace calls f with some races of each start.
func eachRace(t *testing.T, starts []start, f func(t *testing.T, r *race)) {
	for _, how := range starts {
		t.Run(how.name, func(t *testing.T) {
			if *serialSeed == 0 {
				*serialSeed = uint64(time.Now().UnixNano())
			}
			for round := range *serialRounds {
				s := *serialSeed + uint64(round)
				t.Logf("-serial.seed=%d", s)
				name := fmt.Sprint(how.name, s)
				if ran[name] == nil {
					ran[name] = run(t, how, s)
				}
				f(t, ran[name])
			}
		})
	}
}

// run lets four processes import four files at once, and does the same one after the
// other in each order.
func run(t *testing.T, how start, seed uint64) *race {
	random := rand.New(rand.NewPCG(seed, 4))
	d := desk.New(t)
	serialDesk(d)
	var files []string
	var of []layout
	for i, l := range random.Perm(len(layouts))[:4] {
		of, files = append(of, layouts[l]), append(files, layouts[l].write(random))
		d.File(fmt.Sprintf("%d.csv", i), files[i])
	}
	how.before(t, d, of)
	w := copied(t, d)
	r := &race{}
	r.wrong = how.race(d, func(i int) []string { return how.args(i, of[i]) })
	r.look(copied(t, d))
	r.orders = how.orders(w, how.alone(files, of))
	return r
}

// atOnce runs four commands at once, and tells what of their ends is wrong.
func atOnce(d *desk.Desk, args func(i int) []string) (wrong []string) {
	for i, c := range startAll(d, 4, args) {
		c.Wait()
		wrong = append(wrong, ended(args(i), c.ProcessState.ExitCode(), fmt.Sprint(c.Stderr))...)
	}
	return wrong
}

func startAll(d *desk.Desk, n int, args func(i int) []string) (started []*exec.Cmd) {
	for i := range n {
		c, _ := d.Start(args(i)...)
		started = append(started, c)
	}
	return started
}

func oneByOne(d *desk.Desk, args func(i int) []string) (wrong []string) {
	for i := range 4 {
		_, said, code := d.Try(args(i)...)
		wrong = append(wrong, ended(args(i), code, said)...)
	}
	return wrong
}

// ended tells what is wrong with the end of a command: it has to be 0, or 1 for
// rows.
func ended(args []string, code int, said string) []string {
	if code == 0 || code == 1 && strings.Contains(said, "Not everything was done") {
		return nil
	}
	return []string{fmt.Sprintf("%v ended with %d: %s", args, code, said)}
}

// look reads what came of the race.
func (r *race) look(w *importertest.World) {
	w.T.Helper()
	r.end, r.rows = everybody(w), make([][]raceRow, 4)
	err := w.Importer.Imports(ctx, operator, func(imp *importer.Import) error {
		var file int
		if _, err := fmt.Sscanf(filepath.Base(imp.File), "%d.csv", &file); err != nil {
			return nil // the import of those who were there before
		}
		if imp.State != importer.Applied {
			r.wrong = append(r.wrong, fmt.Sprintf("%s is %s", imp.File, imp.State))
		}
		for _, row := range w.Rows(imp) {
			r.rows[file] = append(r.rows[file], raceRow{row, imp.OutcomeOf(row)})
		}
		r.account(imp, r.rows[file])
		return nil
	})
	if err != nil {
		w.T.Fatal(err)
	}
}

// account checks that the outcomes of an import add up to its rows.
func (r *race) account(imp *importer.Import, rows []raceRow) {
	counted, sum := map[importer.Outcome]int64{}, int64(0)
	for _, row := range rows {
		counted[row.outcome]++
	}
	for outcome, n := range imp.OutcomeCounts() {
		if sum += n; counted[outcome] != n {
			r.wrong = append(r.wrong, fmt.Sprintf("%s: %d rows are %s, counted %d", imp.File, counted[outcome], outcome, n))
		}
	}
	if sum != fileFor || counted[importer.Pending] > 0 {
		r.wrong = append(r.wrong, fmt.Sprintf("%s: of %d rows %d have an outcome, %d are pending", imp.File, fileFor, sum, counted[importer.Pending]))
	}
}
