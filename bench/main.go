// Command bench measures how fast Muster is, beside the floor under it.
//
// A floor is the least that the same outcome could cost on this machine: bare
// encoding/csv for reading, the rows that are left written by one prepared
// statement a table in one transaction for an import, the bare argon2id calls for
// hashing. Work and floor are measured one after the other in the same run, and
// three times each; the medians and their ratio are printed, one JSON object a
// case. Only ratios compare from one machine to another.
//
// Each job runs in a process of its own (jobs in work.go and floor.go), which
// tells how long it took and how much memory it had at most. main.go runs them
// and compares; files.go makes the files.
package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/pprof"
	"slices"
	"strconv"
	"strings"
	"time"

	"muster/internal/store/pgtest"
)

func main() {
	runs := flag.Int("runs", 3, "how often everything is measured; the medians are printed")
	sizes := flag.String("rows", "10000,100000,1000000", "how many users are imported")
	only := flag.String("only", "", "measure only these cases, such as reading,xlsx,xls,import,again,changed,undo,bad,resumed,generated,hashed,supplied,beside,processes,search,history,accounts,served")
	engines := flag.String("engines", "sqlite,postgres", "on which engines")
	flag.StringVar(&profiles, "profile", "", "an existing folder in which each job leaves a CPU profile")
	child := flag.String("job", "", "be the child process that does this")
	var j job
	flag.StringVar(&j.folder, "folder", "", "folder of a child process")
	flag.StringVar(&j.from, "from", "", "folder of a finished import")
	flag.StringVar(&j.kind, "kind", plain, "kind of file")
	flag.IntVar(&j.rows, "n", 0, "rows of the file of a child process")
	flag.Parse()
	err := error(nil)
	if *child != "" {
		err = j.do(*child)
	} else {
		err = runAll(*engines, *sizes, *runs, *only)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// profiles is the folder for CPU profiles, if they are wanted.
var profiles string

// do is all that a child process does.
func (j job) do(name string) error {
	if profiles != "" {
		f, err := os.Create(filepath.Join(profiles, name+"-"+j.kind+".prof"))
		if err != nil {
			return err
		}
		defer f.Close()
		if err := pprof.StartCPUProfile(f); err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
	}
	took, err := jobs[name](j)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	report(took)
	return nil
}

// measure is what a child process tells of its job.
type measure struct {
	Seconds float64 `json:"seconds"`
	PeakMB  float64 `json:"peak_rss_mb"`
}

func report(took time.Duration) {
	json.NewEncoder(os.Stdout).Encode(measure{took.Seconds(), peakMB()})
}

// result is one case, as it is printed. The floor of some cases is another case.
type result struct {
	Case    string  `json:"case"`
	Rows    int     `json:"rows"`
	Seconds float64 `json:"seconds"`
	Floor   float64 `json:"floor_seconds"`
	Ratio   float64 `json:"ratio"`
	PeakMB  float64 `json:"peak_rss_mb"`
	FloorMB float64 `json:"floor_peak_rss_mb"`
}

// bench is the measuring of one size on one engine.
type bench struct {
	server *pgtest.Server // nil for SQLite
	rows   int
	only   string
	folder string // for the databases; emptied after each round
	made   int
	order  []string
	seen   map[string][][2]measure // by case: work and floor of each run
}

func runAll(engines, sizes string, runs int, only string) error {
	most := 0
	for engine := range strings.SplitSeq(engines, ",") {
		for size := range strings.SplitSeq(sizes, ",") {
			rows, err := strconv.Atoi(size)
			if err != nil {
				return err
			}
			if err := runSize(engine, rows, runs, only, people); err != nil {
				return err
			}
			most = max(most, rows)
		}
	}
	for engine := range strings.SplitSeq(engines, ",") {
		if err := runSize(engine, 1000, runs, only, passwords); err != nil {
			return err
		}
	}
	return runSize("sqlite", min(most, xlsRows), runs, only, (*bench).xls)
}

func runSize(engine string, rows, runs int, only string, round func(*bench) error) error {
	b := &bench{rows: rows, only: only, seen: map[string][][2]measure{}}
	if engine == "postgres" {
		b.server = pgtest.Shared(stop{})
	}
	for range runs {
		var err error
		if b.folder, err = os.MkdirTemp("", "muster-bench"); err != nil {
			return err
		}
		err = round(b)
		os.RemoveAll(b.folder)
		if err != nil {
			return err
		}
	}
	for _, name := range b.order {
		if err := json.NewEncoder(os.Stdout).Encode(b.result(name)); err != nil {
			return err
		}
	}
	return nil
}

// stop ends the whole where there is no server to be had.
type stop struct{}

func (stop) Helper()        {}
func (stop) Cleanup(func()) {}
func (stop) Fatal(args ...any) {
	fmt.Fprintln(os.Stderr, args...)
	os.Exit(1)
}

// people measures all that is done with a file of new people. What has nothing to
// do with the engine is measured once.
func people(b *bench) error {
	if b.server != nil {
		return run(b.imports, b.generated, b.accounts, b.beside, b.processes, b.search, b.history, b.served)
	}
	return run(b.reading, b.xlsx, b.imports, b.generated, b.hashed, b.accounts, b.search, b.history, b.served)
}

// passwords measures what takes 21 ms a row.
func passwords(b *bench) error {
	if b.server != nil {
		return b.hashingShared()
	}
	return b.hashing()
}

func run(steps ...func() error) error {
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

func (b *bench) wants(name string) bool {
	return b.only == "" || slices.Contains(strings.Split(b.only, ","), name)
}

func (b *bench) reading() error {
	if !b.wants("reading") {
		return nil
	}
	at, err := b.prepare(plain)
	if err != nil {
		return err
	}
	floor, err := b.child("csv", plain, at, "")
	if err != nil {
		return err
	}
	work, err := b.child("read", plain, at, "")
	b.note("reading", work, floor)
	return err
}

// imports measures the import of new people, and what is compared with it.
func (b *bench) imports() error {
	if !b.wants("import") {
		return nil
	}
	at, first, err := b.importing("import", plain)
	if err != nil {
		return err
	}
	return run(
		func() error { return b.again(at, first) },
		func() error { return b.changed(at, first) },
		func() error { return b.undo(at, first) },
		func() error { return b.bad(first) },
		func() error { return b.resumed(first) })
}

func (b *bench) generated() error { return b.kind("generated", generated) }
func (b *bench) hashed() error    { return b.kind("hashed", hashed) }

func (b *bench) kind(name, kind string) error {
	if !b.wants(name) {
		return nil
	}
	_, _, err := b.importing("import "+name, kind)
	return err
}

// importing measures an import and both floors: the users alone, and all rows
// that the import leaves.
func (b *bench) importing(name, kind string) (at string, work measure, err error) {
	if at, err = b.prepare(kind); err != nil {
		return "", work, err
	}
	if work, err = b.child("import", kind, at, ""); err != nil {
		return "", work, err
	}
	users, err := b.child("users", kind, b.fresh(), at)
	if err != nil {
		return "", work, err
	}
	all, err := b.child("all", kind, b.fresh(), at)
	b.note(name+", floor A", work, users)
	b.note(name+", floor B", work, all)
	return at, work, err
}

// again imports the file that was imported.
func (b *bench) again(at string, first measure) error {
	if !b.wants("again") {
		return nil
	}
	work, err := b.child("import", plain, at, "")
	b.note("the same file again", work, first)
	return err
}

// undo takes the import back.
func (b *bench) undo(at string, first measure) error {
	if !b.wants("undo") {
		return nil
	}
	work, err := b.child("undo", plain, at, "")
	b.note("undo", work, first)
	return err
}

// changed imports the file once more, with every hundredth person changed.
func (b *bench) changed(at string, first measure) error {
	if !b.wants("changed") {
		return nil
	}
	if _, err := b.child("rewrite", changed, at, ""); err != nil {
		return err
	}
	work, err := b.child("import", changed, at, "")
	b.note("1 % of the users changed", work, first)
	return err
}

func (b *bench) bad(first measure) error {
	if !b.wants("bad") {
		return nil
	}
	at, err := b.prepare(bad)
	if err != nil {
		return err
	}
	work, err := b.child("import", bad, at, "")
	b.note("1 % of the rows in error", work, first)
	return err
}

func (b *bench) resumed(first measure) error {
	if !b.wants("resumed") {
		return nil
	}
	at, err := b.prepare(plain)
	if err != nil {
		return err
	}
	half, err := b.child("half", plain, at, "")
	if err != nil {
		return err
	}
	rest, err := b.child("resume", plain, at, "")
	b.note("killed at half and resumed", measure{half.Seconds + rest.Seconds, max(half.PeakMB, rest.PeakMB)}, first)
	return err
}

// hashing measures supplied passwords.
func (b *bench) hashing() error {
	if !b.wants("supplied") {
		return nil
	}
	at, err := b.prepare(supplied)
	if err != nil {
		return err
	}
	floor, err := b.child("argon2", supplied, at, "")
	if err != nil {
		return err
	}
	work, err := b.child("import", supplied, at, "")
	b.note("supplied passwords", work, floor)
	return err
}

// prepare makes a Muster and a file in a fresh folder.
func (b *bench) prepare(kind string) (string, error) {
	at := b.fresh()
	_, err := b.child("prepare", kind, at, "")
	return at, err
}

func (b *bench) fresh() string {
	b.made++
	at := filepath.Join(b.folder, strconv.Itoa(b.made))
	os.Mkdir(at, 0o700) // a job in a folder that is not there tells so
	if b.server != nil {
		os.WriteFile(filepath.Join(at, "database"), []byte(b.server.Database(stop{})), 0o600)
	}
	return at
}

// child does a job in a process of its own. One that kills itself has told its
// measure before.
func (b *bench) child(name, kind, folder, from string) (m measure, err error) {
	cmd := exec.Command(os.Args[0], "-job", name, "-kind", kind, "-folder", folder, "-from", from, "-n", strconv.Itoa(b.rows), "-profile", profiles)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, os.Stderr
	failed := cmd.Run()
	if err := json.Unmarshal(out.Bytes(), &m); err != nil {
		return m, cmp.Or(failed, err)
	}
	return m, nil
}

func (b *bench) note(name string, work, floor measure) {
	if b.server != nil {
		name = "postgres: " + name
	}
	if b.seen[name] == nil {
		b.order = append(b.order, name)
	}
	b.seen[name] = append(b.seen[name], [2]measure{work, floor})
}

func (b *bench) result(name string) result {
	work := b.median(name, func(m [2]measure) float64 { return m[0].Seconds })
	floor := b.median(name, func(m [2]measure) float64 { return m[1].Seconds })
	peak := b.median(name, func(m [2]measure) float64 { return m[0].PeakMB })
	floorPeak := b.median(name, func(m [2]measure) float64 { return m[1].PeakMB })
	return result{name, b.rows, work, floor, work / floor, peak, floorPeak}
}

func (b *bench) median(name string, value func([2]measure) float64) float64 {
	var list []float64
	for _, m := range b.seen[name] {
		list = append(list, value(m))
	}
	slices.Sort(list)
	return list[len(list)/2]
}
