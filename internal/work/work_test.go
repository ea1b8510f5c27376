package work_test

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"muster/internal/importer"
	"muster/internal/importer/importertest"
	"muster/internal/store"
	"muster/internal/store/pgtest"
	"muster/internal/work"
)

var ctx = context.Background()

// onBoth runs a test on each engine, in a Muster that has organisations RX1, RX2
// and RX3.
func onBoth(t *testing.T, test func(*testing.T, *importertest.World)) {
	databases := map[string]func(t *testing.T) string{
		"sqlite":   func(t *testing.T) string { return "sqlite:" + filepath.Join(t.TempDir(), "muster.db") },
		"postgres": func(t *testing.T) string { return pgtest.Shared(t).Database(t) },
	}
	for engine, name := range databases {
		t.Run(engine, func(t *testing.T) { test(t, world(t, name(t))) })
	}
}

func world(t *testing.T, name string) *importertest.World {
	w := importertest.In(t, name)
	for _, org := range []string{"RX2", "RX3"} {
		w.Org(org, "MASTER")
		w.Domain(strings.ToLower(org)+".example.org", org)
	}
	return w
}

// office is a process that works in the background.
type office struct {
	t       *testing.T
	service *importer.Service
	queue   *work.Queue
	stop    context.CancelFunc
	lines   chan line
	ended   chan error
}

// line is what the log tells of an import; import 0 is none.
type line struct {
	text   string
	number int64
}

// open opens an office that does not work yet.
func open(t *testing.T, w *importertest.World) *office {
	t.Helper()
	o := &office{t: t, lines: make(chan line, 10_000), ended: make(chan error, 1)}
	o.service = w.Another()
	var err error
	if o.queue, err = work.Open(ctx, o.service.Store.(*store.Store), o.service, 2, slog.New(lines{o.lines, 0})); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { o.queue.Close() })
	return o
}

// begin lets it work, until stop is called or the test ends.
func (o *office) begin() *office {
	var running context.Context
	running, o.stop = context.WithCancel(ctx)
	go func() { o.ended <- o.queue.Run(running) }()
	o.t.Cleanup(func() { o.close() })
	return o
}

// close stops the office and returns how it ended.
func (o *office) close() error {
	o.stop()
	err := <-o.ended
	o.ended <- nil
	return err
}

// wait waits until the log has told this of an import.
func (o *office) wait(text string, number int64) {
	o.t.Helper()
	limit := time.After(time.Minute)
	for {
		select {
		case l := <-o.lines:
			if l == (line{text, number}) {
				return
			}
		case <-limit:
			o.t.Fatalf("of import %d nobody said that it has %s", number, text)
		}
	}
}

// lines is a log that a test reads.
type lines struct {
	to     chan line
	number int64
}

func (l lines) Enabled(context.Context, slog.Level) bool { return true }
func (l lines) WithGroup(string) slog.Handler            { return l }
func (l lines) WithAttrs(attrs []slog.Attr) slog.Handler {
	for _, a := range attrs {
		if a.Key == "import" {
			l.number = a.Value.Int64()
		}
	}
	return l
}
func (l lines) Handle(_ context.Context, r slog.Record) error {
	l.to <- line{r.Message, l.number}
	return nil
}

// people is a file of so many people of an organisation.
func people(org string, n int) string {
	var b strings.Builder
	b.WriteString("address,name,org\n")
	for i := range n {
		fmt.Fprintf(&b, "user%d@%s.example.org,User %d,%s\n", i, strings.ToLower(org), i, org)
	}
	return b.String()
}

// leave leaves a file to the background, without telling anybody.
func leave(t *testing.T, w *importertest.World, org string, n int) *importer.Import {
	t.Helper()
	imp, err := w.Importer.Upload(ctx, importertest.Operator, org+".csv", strings.NewReader(people(org, n)), importer.Options{Org: org, Unattended: true})
	if err == nil {
		imp, err = w.Importer.ApplyLater(ctx, importertest.Operator, imp.Number, 0)
	}
	if err != nil {
		t.Fatal(err)
	}
	return imp
}

// now is an import as it is now.
func now(t *testing.T, w *importertest.World, imp *importer.Import) *importer.Import {
	t.Helper()
	imp, err := w.Store.Import(ctx, imp.Number)
	if err != nil {
		t.Fatal(err)
	}
	return imp
}

func enqueue(t *testing.T, o *office, imports ...*importer.Import) {
	t.Helper()
	for _, imp := range imports {
		if err := o.queue.Enqueue(ctx, imp); err != nil {
			t.Fatal(err)
		}
	}
}

// wantApplied asks for an import whose rows were all applied, each once.
func wantApplied(t *testing.T, w *importertest.World, imp *importer.Import, users int) {
	t.Helper()
	done := now(t, w, imp)
	if done.State != importer.Applied || done.Outcomes[importer.Created] != done.Rows {
		t.Errorf("import %d is %s, outcomes %v", done.Number, done.State, done.Outcomes)
	}
	if n := len(w.Users()); n != users {
		t.Errorf("there are %d users, not %d", n, users)
	}
}

// What one process leaves another does: plan, apply and undo.
func TestLeftToAnother(t *testing.T) {
	onBoth(t, func(t *testing.T, w *importertest.World) {
		elsewhere, here := open(t, w).begin(), open(t, w)
		imp := leave(t, w, "RX2", 3)
		enqueue(t, here, imp)
		elsewhere.wait("ended", imp.Number)
		wantApplied(t, w, imp, 3)
		imp, err := w.Importer.UndoLater(ctx, importertest.Operator, imp.Number, 0)
		if err != nil {
			t.Fatal(err)
		}
		enqueue(t, here, imp)
		elsewhere.wait("ended", imp.Number)
		if state := now(t, w, imp).State; state != importer.Undone || len(w.Users()) != 0 {
			t.Errorf("the import is %s, and there are users %v", state, w.Users())
		}
	})
}

// A process that died between its commit and the enqueueing leaves nothing
// behind: neither before others begin to work, nor meanwhile.
func TestNobodyWasTold(t *testing.T) {
	onBoth(t, func(t *testing.T, w *importertest.World) {
		before := leave(t, w, "RX2", 3)
		o := open(t, w).begin()
		o.wait("ended", before.Number)
		meanwhile := leave(t, w, "RX3", 3)
		o.wait("ended", meanwhile.Number)
		wantApplied(t, w, meanwhile, 6)
	})
}

// A plan that may not be applied stays a plan, and is not tried again and again.
func TestRefusedInTheBackground(t *testing.T) {
	onBoth(t, func(t *testing.T, w *importertest.World) {
		imp, err := w.Importer.Upload(ctx, importertest.Operator, "bad.csv", strings.NewReader("address,org\nnobody,RX1\n"), importer.Options{Unattended: true})
		if err == nil {
			imp, err = w.Importer.ApplyLater(ctx, importertest.Operator, imp.Number, 0)
		}
		if err != nil {
			t.Fatal(err)
		}
		o := open(t, w).begin()
		o.wait("left as it is", imp.Number)
		if imp = now(t, w, imp); imp.State != importer.Planned || imp.Waits() {
			t.Errorf("the import is %s; it waits: %v", imp.State, imp.Waits())
		}
	})
}

// However often an import is enqueued, there is one job of it; a job of somebody
// who died holds up none for whoever takes over.
func TestOneJobOfAnImport(t *testing.T) {
	onBoth(t, func(t *testing.T, w *importertest.World) {
		o := open(t, w)
		imp := leave(t, w, "RX2", 1)
		enqueue(t, o, imp, imp, imp)
		wantJobs(t, w, 1)
		lease, err := w.Store.Lease(ctx, imp.Number)
		if err != nil {
			t.Fatal(err)
		}
		imp.Lease = lease // of somebody who is thought dead
		enqueue(t, o, imp, imp)
		wantJobs(t, w, 2)
	})
}

func wantJobs(t *testing.T, w *importertest.World, want int) {
	t.Helper()
	name, n := w.Database, 0
	if strings.HasPrefix(name, "sqlite:") {
		name += "-jobs"
	}
	if err := importertest.Raw(t, name).QueryRow(`SELECT count(*) FROM river_job`).Scan(&n); err != nil || n != want {
		t.Errorf("there are %d jobs, not %d (%v)", n, want, err)
	}
}
