package importer_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"muster/internal/importer"
	"muster/internal/importer/importertest"
	"muster/internal/store"
)

var errGone = errors.New("the server is gone for now")

// restless is a database that is gone now and then: for each of its calls that
// the importer makes, gone tells whether it is; where happens is set, a
// transaction reaches the disk though nobody hears of it.
type restless struct {
	*store.Store
	gone    func(call int, step bool) bool
	happens bool

	mutex sync.Mutex
	calls int
	lost  int
}

func (d *restless) call(step, writes bool, do func() error) error {
	d.mutex.Lock()
	d.calls++
	gone := d.gone(d.calls, step)
	if gone {
		d.lost++
	}
	d.mutex.Unlock()
	if !gone {
		return do()
	}
	if writes && d.happens {
		if err := do(); err != nil {
			return err
		}
	}
	return errGone
}

func (d *restless) Passing(err error) bool { return errors.Is(err, errGone) }

func (d *restless) WriteImport(ctx context.Context, f func(importer.Tx) error) error {
	return d.call(false, true, func() error { return d.Store.WriteImport(ctx, f) })
}

func (d *restless) WriteStep(ctx context.Context, f func(importer.Tx) error) error {
	return d.call(true, true, func() error { return d.Store.WriteStep(ctx, f) })
}

func (d *restless) Import(ctx context.Context, number int64) (imp *importer.Import, err error) {
	err = d.call(false, false, func() error { imp, err = d.Store.Import(ctx, number); return err })
	return imp, err
}

func (d *restless) Upload(ctx context.Context, number int64, part int) (sealed []byte, err error) {
	err = d.call(false, false, func() error { sealed, err = d.Store.Upload(ctx, number, part); return err })
	return sealed, err
}

func (d *restless) Rows(ctx context.Context, number int64, from, limit int, f func(*importer.Row) error) error {
	return d.call(false, false, func() error { return d.Store.Rows(ctx, number, from, limit, f) })
}

func (d *restless) Secrets(ctx context.Context, number int64, kind string, from, to, limit int) (list []importer.Secret, err error) {
	err = d.call(false, false, func() error { list, err = d.Store.Secrets(ctx, number, kind, from, to, limit); return err })
	return list, err
}

func (d *restless) Lease(ctx context.Context, number int64) (lease int64, err error) {
	err = d.call(false, false, func() error { lease, err = d.Store.Lease(ctx, number); return err })
	return lease, err
}

// uploaded is an import that is not planned yet.
func uploaded(t *testing.T, w *importertest.World, file string) *importer.Import {
	t.Helper()
	imp, err := w.Importer.Upload(ctx, operator, "people.csv", strings.NewReader(file), importer.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return imp
}

// onRestless is the importer of a database that is gone now and then, and how long
// it waits for it.
func onRestless(w *importertest.World, wait time.Duration, gone func(call int, step bool) bool) (*importer.Service, *restless) {
	d := &restless{Store: w.Store, gone: gone}
	service := *w.Importer
	service.Store, service.Wait = d, wait
	return &service, d
}

// TestGoneForAWhile: wherever the database is gone for a while, the import and its
// undo end by themselves, with the directory of those that were not disturbed.
func TestGoneForAWhile(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := draw(t)
		imp := s.w.Plan(s.file, s.o)
		other := s.w.Copy()
		if _, err := s.w.Importer.Apply(ctx, operator, imp.Number, imp.ConfirmCount()); err != nil {
			return
		}
		if _, err := s.w.Importer.Undo(ctx, operator, imp.Number, 1000); err != nil && codeOf(err) != "not-undoable" {
			t.Fatal(err)
		}
		gone := rapid.SliceOfN(rapid.IntRange(1, 60), 1, 6).Draw(t, "gone at calls")
		service, d := onRestless(other, time.Minute, func(call int, _ bool) bool { return slices.Contains(gone, call) })
		d.happens = rapid.Bool().Draw(t, "and what it was told happens")
		if _, err := service.Apply(ctx, operator, imp.Number, imp.ConfirmCount()); err != nil {
			t.Fatal(err)
		}
		accounted(other, imp)
		if _, err := service.Undo(ctx, operator, imp.Number, 1000); err != nil && codeOf(err) != "not-undoable" {
			t.Fatal(err)
		}
		accounted(other, imp)
		differs(t, "gone for a while", portrait(s.w), portrait(other))
	})
}

// TestGoneWhilePlanning: the plan is made again from its beginning, and is the same.
func TestGoneWhilePlanning(t *testing.T) {
	for call := 1; ; call++ {
		w := importertest.New(t)
		w.Importer.Batch = 1
		imp := uploaded(t, w, twoPeople)
		service, d := onRestless(w, time.Minute, func(n int, _ bool) bool { return n == call })
		imp, err := service.Plan(soon(t), imp.Number)
		if err != nil || imp.State != importer.Planned || imp.Rows != 2 || len(w.Rows(imp)) != 2 {
			t.Fatalf("gone at call %d: %v, %+v", call, err, imp)
		}
		if d.lost == 0 {
			return // so many calls there are not
		}
	}
}

// TestAServerThatKnowsLess: the last steps of a plan may be missing on a standby that
// is promoted, also where nobody has noticed that the server is another. The plan is
// made again.
func TestAServerThatKnowsLess(t *testing.T) {
	w := importertest.New(t)
	w.Importer.Batch = 1
	imp := uploaded(t, w, twoPeople)
	service := *w.Importer
	service.Wait = time.Minute
	was, lost := "", false
	service.Report = func(p importer.Progress) {
		if p.Stage != "planning" || lost {
			return
		}
		if was == "" {
			was = importertest.Ask[string](w, `SELECT detail FROM imports WHERE number = $1`, imp.Number)
			return
		}
		lost = true
		w.Exec(`UPDATE imports SET detail = $1 WHERE number = $2`, was, imp.Number)
		w.Exec(`DELETE FROM import_rows WHERE import = $1 AND row = 2`, imp.Number)
	}
	imp, err := service.Plan(soon(t), imp.Number)
	if err != nil || !lost || imp.Rows != 2 || len(w.Rows(imp)) != 2 {
		t.Errorf("lost: %v, %v, %+v", lost, err, imp)
	}
}

// A file that has lost a part there is refused.
func TestAServerThatKnowsLessOfTheFile(t *testing.T) {
	w := importertest.New(t)
	imp := uploaded(t, w, "address,org\n"+strings.Repeat("a@example.org,RX1\n", 150_000))
	w.Exec(`DELETE FROM import_uploads WHERE import = $1 AND part = 1`, imp.Number)
	imp, err := w.Importer.Plan(soon(t), imp.Number)
	if err != nil || imp.State != importer.Refused || imp.FileIssues[0].Code != "upload-incomplete" {
		t.Errorf("%v, %s %v", err, imp.State, imp.FileIssues)
	}
}

// TestGoneForTooLong: the work ends and says so, and whoever goes on with it later
// finishes it.
func TestGoneForTooLong(t *testing.T) {
	w := importertest.New(t)
	w.Importer.Batch = 1
	imp := w.Plan(twoPeople, importer.Options{})
	steps := 0
	service, d := onRestless(w, 100*time.Millisecond, func(_ int, step bool) bool {
		if step {
			steps++
		}
		return steps > 1
	})
	last, err := service.Apply(soon(t), operator, imp.Number, 0)
	if !errors.Is(err, errGone) || d.lost < 3 || last == nil || last.State != importer.Applying || last.Next != 2 {
		t.Errorf("after %d tries: %v, %+v", d.lost, err, last)
	}
	wantOutcomes(w, imp, importer.Created, importer.Pending)
	w.Apply(imp)
	wantOutcomes(w, imp, importer.Created, importer.Created)
}

// TestGoneAtTheSamePlace: work that loses the database again and again without
// getting any further ends, though the database is always back.
func TestGoneAtTheSamePlace(t *testing.T) {
	w := importertest.New(t)
	w.Importer.Batch = 1
	imp := uploaded(t, w, twoPeople)
	steps := 0
	service, d := onRestless(w, time.Hour, func(_ int, step bool) bool {
		if step {
			steps++
		}
		return step && steps%2 == 0 // that of the second row
	})
	if _, err := service.Plan(soon(t), imp.Number); !errors.Is(err, errGone) || d.lost < 3 {
		t.Errorf("after %d tries: %v", d.lost, err)
	}
}

// TestGoneAgainAndAgain: work that gets on goes on, however often the database is lost.
func TestGoneAgainAndAgain(t *testing.T) {
	w := importertest.New(t)
	w.Importer.Batch = 1
	file := "address,org\n"
	for i := range 40 {
		file += fmt.Sprintf("u%d@example.org,RX1\n", i)
	}
	imp := w.Plan(file, importer.Options{})
	steps := 0
	service, d := onRestless(w, time.Hour, func(_ int, step bool) bool {
		if step {
			steps++
		}
		return step && steps%2 == 0
	})
	if _, err := service.Apply(soon(t), operator, imp.Number, 0); err != nil || d.lost < 30 {
		t.Errorf("gone %d times: %v", d.lost, err)
	}
	accounted(w, imp)
}

// Anything else that is wrong with the database is told at once.
func TestWhatWaitingDoesNotMend(t *testing.T) {
	w := importertest.New(t)
	imp := w.Plan(twoPeople, importer.Options{})
	service := *w.Importer
	service.Store, service.Wait = &dying{w.Store, 2, false}, time.Hour
	if _, err := service.Apply(soon(t), operator, imp.Number, 0); !errors.Is(err, errDied) {
		t.Error(err)
	}
}

// Nobody has to wait who does not want to.
func TestInterruptedWhileWaiting(t *testing.T) {
	w := importertest.New(t)
	imp := w.Plan(twoPeople, importer.Options{})
	service, _ := onRestless(w, time.Hour, func(int, bool) bool { return true })
	ctx, interrupt := context.WithCancel(soon(t))
	service.Report = func(p importer.Progress) {
		if p.Stage == "waiting for the database" {
			interrupt()
		}
	}
	if _, err := service.Apply(ctx, operator, imp.Number, 0); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// Whoever finds, when the database is back, that another works on the import
// follows that one, and takes over what it leaves.
func TestTakenOverWhileItWasGone(t *testing.T) {
	w := importertest.New(t)
	w.Importer.Batch = 1
	imp := w.Plan(twoPeople, importer.Options{})
	var other int64
	steps := 0
	service, _ := onRestless(w, time.Minute, func(_ int, step bool) bool {
		if step {
			steps++
		}
		if !step || steps != 2 {
			return false
		}
		query[int](t, w, fmt.Sprintf(`UPDATE imports SET lease = 0 WHERE number = %d RETURNING 1`, imp.Number))
		var err error
		if other, err = w.Store.Lease(ctx, imp.Number); err != nil || other == 0 {
			t.Error(other, err)
		}
		return true
	})
	followed := false
	service.Report = func(p importer.Progress) {
		if p.Stage == "applying" && other != 0 && !followed {
			followed = true
			if w.Has("b@example.org") {
				t.Error("two work on one import")
			}
			w.Store.EndLease(ctx, imp.Number, other)
		}
	}
	if _, err := service.Apply(soon(t), operator, imp.Number, 0); err != nil || !followed {
		t.Errorf("followed: %v, %v", followed, err)
	}
	wantOutcomes(w, imp, importer.Created, importer.Created)
}
