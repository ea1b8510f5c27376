package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"muster/internal/app"
	"muster/internal/config"
	"muster/internal/directory"
	"muster/internal/importer"
	"muster/internal/table"
)

// A job is what a child process does and times, in a folder of its own.
type job struct {
	folder string // of the database
	from   string // of a finished import, for the floors
	kind   string // of the file
	rows   int
}

// jobs are all that a child process can be told to do.
var jobs = map[string]func(job) (time.Duration, error){
	"prepare":   job.prepare,
	"rewrite":   job.rewrite,
	"import":    job.importing,
	"unindexed": job.unindexed,
	"ask":       job.ask,
	"entries":   job.entries,
	"seal":      job.seal,
	"verify":    job.verify,
	"small":     job.small,
	"work":      job.work,
	"serve":     job.serve,
	"left":      job.left,
	"half":      job.half,
	"resume":    job.resume,
	"undo":      job.undo,
	"undo last": job.undoLast,
	"read":      job.read,
	"csv":       job.csv,
	"to xlsx":   job.workbook,
	"xlsx":      job.readWorkbook,
	"xls":       job.readOlder,
	"bare":      job.bareExcelize,
	"users":     job.usersOnly,
	"all":       job.allRows,
	"argon2":    job.argon2,
}

func (j job) file() string { return filepath.Join(j.folder, "people.csv") }

// database is the name of the job's database: a file in its folder, or what a file
// there says.
func (j job) database() string {
	if url, err := os.ReadFile(filepath.Join(j.folder, "database")); err == nil {
		return string(url)
	}
	return "sqlite:" + filepath.Join(j.folder, "muster.db")
}

func (j job) open() (*app.App, error) {
	c, problems, err := config.Load(append(os.Environ(), "MUSTER_DATABASE="+j.database(),
		"MUSTER_SECRET_KEY_FILE="+filepath.Join(j.folder, "secret.key"), "MUSTER_FORMATS_NHSMAIL_LIMIT=0"))
	if err == nil && len(problems) > 0 {
		err = fmt.Errorf("%v", problems)
	}
	if err != nil {
		return nil, err
	}
	return app.New(context.Background(), c, true)
}

var operator = directory.Operator("bench")

// rewrite writes the file anew, where the folder's Muster is.
func (j job) rewrite() (time.Duration, error) { return 0, writeFile(j.file(), j.kind, j.rows) }

// prepare writes the file and sets a Muster with one organisation up.
func (j job) prepare() (time.Duration, error) {
	if err := writeFile(j.file(), j.kind, j.rows); err != nil {
		return 0, err
	}
	a, err := j.open()
	if err != nil {
		return 0, err
	}
	ctx, d := context.Background(), a.Directory
	err = errors.Join(
		d.AddOrganisation(ctx, operator, directory.Organisation{Code: "RX1", Name: "Riverside", Parent: directory.Master}),
		d.AddOrganisation(ctx, operator, directory.Organisation{Code: "RX2", Name: "Hillside", Parent: directory.Master}),
		d.AddDomain(ctx, operator, directory.Domain{Name: "example.org", Org: "RX1", Validation: "known"}),
		d.AddDomain(ctx, operator, directory.Domain{Name: "hillside.example", Org: "RX2", Validation: "known"}),
		d.SetOrganisation(ctx, operator, "RX1", func(o *directory.Organisation) { o.Settings.DefaultDomain = "example.org" }))
	return 0, errors.Join(err, a.Close())
}

// importing uploads, plans and applies the file.
func (j job) importing() (time.Duration, error) {
	return j.importWith(func(*app.App) error { return nil })
}

// importWith is importing with something changed before.
func (j job) importWith(change func(*app.App) error) (time.Duration, error) {
	a, err := j.open()
	if err != nil {
		return 0, err
	}
	defer a.Close()
	if err := change(a); err != nil {
		return 0, err
	}
	tell := sync.OnceFunc(func() { os.WriteFile(filepath.Join(j.folder, applying), nil, 0o600) })
	a.Importer.Report = func(p importer.Progress) {
		if p.Stage == "applying" {
			tell()
		}
	}
	start := time.Now()
	imp, err := j.plan(a)
	if err == nil {
		imp, err = a.Importer.Apply(context.Background(), operator, imp.Number, imp.ConfirmCount())
	}
	took := time.Since(start)
	if n := imp.Counts[directory.Refuse]; err == nil && j.kind != bad && n > 0 {
		err = fmt.Errorf("%d rows are in error", n)
	}
	return took, err
}

func (j job) plan(a *app.App) (*importer.Import, error) {
	f, err := os.Open(j.file())
	if err != nil {
		return nil, err
	}
	defer f.Close()
	o := importer.Options{Org: "RX1", Mode: "partial"}
	if j.kind == accounts {
		o.Format = "miradore-email" // which no headings tell
	}
	imp, err := a.Importer.Upload(context.Background(), operator, "people.csv", f, o)
	if err != nil {
		return nil, err
	}
	imp, err = a.Importer.Plan(context.Background(), imp.Number)
	if err == nil && imp.State != importer.Planned {
		err = fmt.Errorf("the import is %s: %v", imp.State, imp.FileIssues)
	}
	return imp, err
}

// half is importing that dies when half of the rows are applied.
func (j job) half() (time.Duration, error) {
	a, err := j.open()
	if err != nil {
		return 0, err
	}
	start := time.Now()
	imp, err := j.plan(a)
	if err != nil {
		return 0, err
	}
	a.Importer.Report = func(p importer.Progress) {
		if p.Stage == "applying" && p.Done >= p.Total/2 {
			report(time.Since(start))
			syscall.Kill(os.Getpid(), syscall.SIGKILL)
		}
	}
	_, err = a.Importer.Apply(context.Background(), operator, imp.Number, imp.ConfirmCount())
	return 0, errors.Join(err, errors.New("the import came to its end"))
}

// resume goes on where half was cut off; opening the database, which brings the
// log in, is part of it.
func (j job) resume() (time.Duration, error) {
	start := time.Now()
	a, err := j.open()
	if err != nil {
		return 0, err
	}
	defer a.Close()
	_, err = a.Importer.Apply(context.Background(), operator, 1, 0)
	return time.Since(start), err
}

// undo takes the first import back, once the others are, which is not timed.
func (j job) undo() (time.Duration, error) {
	a, err := j.open()
	if err != nil {
		return 0, err
	}
	defer a.Close()
	var later []*importer.Import
	err = a.Importer.Imports(context.Background(), operator, func(imp *importer.Import) error {
		if imp.Number > 1 {
			later = append(later, imp)
		}
		return nil
	})
	for _, imp := range later {
		_, failed := a.Importer.Undo(context.Background(), operator, imp.Number, imp.ConfirmCount())
		err = errors.Join(err, failed)
	}
	if err != nil {
		return 0, err
	}
	start := time.Now()
	_, err = a.Importer.Undo(context.Background(), operator, 1, int64(j.rows))
	return time.Since(start), err
}

// read reads the file as a table.
func (j job) read() (time.Duration, error) { return j.reading(j.file(), readTable) }

func readTable(f *os.File) (rows int, err error) {
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	tables, err := table.Open(io.NewSectionReader(f, 0, info.Size()), table.Options{})
	for ; err == nil; rows++ {
		_, err = tables[0].Next()
	}
	return rows - 1, err
}

// reading times f over a file and checks that it saw all rows: those of people,
// and the headings.
func (j job) reading(path string, f func(*os.File) (int, error)) (time.Duration, error) {
	file, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	defer file.Close()
	start := time.Now()
	rows, err := f(file)
	took := time.Since(start)
	if errors.Is(err, io.EOF) {
		err = nil
	}
	if err == nil && rows != j.rows+1 {
		err = fmt.Errorf("%d rows were read", rows)
	}
	return took, err
}

// peakMB is the most memory that this process has had, in MB.
func peakMB() float64 {
	status, _ := os.ReadFile("/proc/self/status")
	_, rest, _ := bytes.Cut(status, []byte("VmHWM:"))
	kB := 0.0
	fmt.Sscan(string(rest), &kB)
	return kB / 1000
}
