package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"muster/internal/cli"
	"muster/internal/config"
	"muster/internal/directory"
	"muster/internal/importer"
	"muster/internal/store"
)

// examination collects what doctor finds.
type examination struct {
	ctx      context.Context
	findings []cli.Finding
}

func (e *examination) ok(what, format string, args ...any) {
	e.findings = append(e.findings, cli.Finding{Level: "ok", What: what, Text: fmt.Sprintf(format, args...)})
}

func (e *examination) warn(what, cure, format string, args ...any) {
	e.findings = append(e.findings, cli.Finding{Level: "warn", What: what, Cure: cure, Text: fmt.Sprintf(format, args...)})
}

func (e *examination) fail(what, cure string, err error) {
	e.findings = append(e.findings, cli.Finding{Level: "fail", What: what, Cure: cure, Text: cmp.Or(store.Reason(err), err.Error())})
}

// Examine looks for what keeps Muster from working. It changes nothing.
func Examine(ctx context.Context, c *config.Config) []cli.Finding {
	e := &examination{ctx: ctx}
	e.ok("configuration", "%s", source(c))
	place, err := store.Find(c.Text("database"))
	if err != nil {
		e.fail("database", "Set MUSTER_DATABASE to sqlite:PATH or to the URL of a PostgreSQL database.", err)
		e.down()
		return e.findings
	}
	e.database(c, place)
	if place.File != "" {
		e.modes(filepath.Dir(place.File), 0o700)
		e.modes(place.File, 0o600)
		e.disk(filepath.Dir(place.File))
	}
	e.modes(keyFile(c, place), 0o600)
	e.server(c)
	return e.findings
}

func source(c *config.Config) string {
	if c.File == "" {
		return "no file; environment and defaults"
	}
	return c.File
}

func (e *examination) down() { e.findings[len(e.findings)-1].Down = true }

// database opens everything as most commands do.
func (e *examination) database(c *config.Config, place store.Place) {
	if s, err := migrate(e.ctx, c, false, false); err == nil && s.Has < s.Needs {
		e.warn("schema", "Run: muster migrate up (or start Muster, which does so).", "the schema of the database is at %d, and this program needs %d", s.Has, s.Needs)
		return
	}
	a, err := New(e.ctx, c, false)
	if errors.Is(err, store.ErrNotThere) {
		e.fail("database", "Set one up with muster org add or muster domain add, or name the place of yours with MUSTER_DATABASE.",
			fmt.Errorf("there is none at %s", place.Shown))
	} else if err != nil {
		e.fail("database", "Mend what the message names, and run muster doctor again.", err)
	}
	if err != nil {
		e.down()
		return
	}
	defer a.Close()
	e.ok("database", "%s opens, its schema is up to date, and the secret key is the right one", place.Shown)
	if err := a.Store.Check(e.ctx); err != nil {
		e.fail("content", "Put the database back from your backup.", err)
	} else {
		e.ok("content", "the database is sound")
	}
	if err := a.Store.WriteImport(e.ctx, func(importer.Tx) error { return nil }); err != nil {
		e.fail("writing", "Check who owns the database, and whether another program holds it.", err)
	} else {
		e.ok("writing", "the database can be written")
	}
	e.clock(a)
	e.queue(a)
	e.history(a)
}

// clock compares the clock with what the database knows has happened.
func (e *examination) clock(a *App) {
	var last time.Time
	err := a.Store.Imports(e.ctx, math.MaxInt64, func(imp *importer.Import) error {
		last = latest(last, imp.CreatedAt)
		return nil
	})
	err = errors.Join(err, a.Store.History(e.ctx, directory.HistoryFilter{Limit: 1}, func(entry directory.Entry) error {
		last = latest(last, entry.At)
		return nil
	}))
	now := time.Now()
	switch {
	case err != nil:
		e.fail("clock", "Look at the database first.", err)
	case now.Before(last):
		e.warn("clock", "Set the clock right; plans and passwords lapse by it.", "it is %s, but something was changed or planned at %s",
			now.Format(time.DateTime), last.Local().Format(time.DateTime))
	case now.Year() < 2025:
		e.warn("clock", "Set the clock right; plans and passwords lapse by it.", "it is %s", now.Format(time.DateTime))
	default:
		e.ok("clock", "%s", now.Format(time.DateTime))
	}
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// modes warns of files that others than their owner may read.
func (e *examination) modes(path string, want os.FileMode) {
	info, err := os.Stat(path)
	if errors.Is(err, os.ErrNotExist) {
		return
	}
	if err != nil {
		e.fail("mode", "Check who owns the folder.", err)
		return
	}
	if got := info.Mode().Perm(); got&^want != 0 {
		e.warn("mode", fmt.Sprintf("Run: chmod %o %s", want, path), "%s has mode %04o, so others than its owner may reach it", path, got)
		return
	}
	e.ok("mode", "%s is its owner's alone", path)
}

// Free space below these is worth a warning, or keeps Muster from working.
const (
	littleSpace = 1 << 30
	noSpace     = 50 << 20
)

// disk looks at the free space where the database is, or will be.
func (e *examination) disk(folder string) {
	var fs syscall.Statfs_t
	for syscall.Statfs(folder, &fs) != nil {
		above := filepath.Dir(folder)
		if above == folder {
			return
		}
		folder = above
	}
	free := fs.Bavail * uint64(fs.Bsize)
	text := fmt.Sprintf("%.1f GiB free", float64(free)/(1<<30))
	switch {
	case free < noSpace:
		e.fail("disk", "Make room, or move the database.", errors.New(text))
	case free < littleSpace:
		e.warn("disk", "Make room before a large import.", "%s", text)
	default:
		e.ok("disk", "%s", text)
	}
}
