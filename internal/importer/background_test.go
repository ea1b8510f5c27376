package importer_test

import (
	"errors"
	"sync"
	"testing"

	"muster/internal/importer"
	"muster/internal/importer/importertest"
)

func worked(t *testing.T, s *importer.Service, imp *importer.Import, want importer.State) {
	t.Helper()
	if now, err := s.Work(soon(t), imp.Number); err != nil || now == nil || now.State != want {
		t.Fatalf("%+v, %v, want %s", now, err, want)
	}
}

// Work goes on with what somebody wants, from where it is, and with nothing else.
func TestWorkGoesOn(t *testing.T) {
	w := importertest.New(t)
	imp := uploaded(t, w, twoPeople)
	worked(t, w.Importer, imp, importer.Planned)
	if now, err := w.Importer.Work(ctx, imp.Number); now != nil || err != nil {
		t.Errorf("a plan that nobody wants: %+v, %v", now, err)
	}
	if _, err := w.Importer.ApplyLater(ctx, operator, imp.Number, 0); err != nil || w.Has("a@example.org") {
		t.Fatal("not left to others: ", err)
	}
	worked(t, w.Importer, imp, importer.Applied)
	if _, err := w.Importer.UndoLater(ctx, operator, imp.Number, 0); err != nil || !w.Has("a@example.org") {
		t.Fatal("not left to others: ", err)
	}
	worked(t, w.Importer, imp, importer.Undone)
	if w.Has("a@example.org") {
		t.Error("not undone")
	}
}

// An import that is wanted before it is planned is applied when it is, also where
// somebody was planning it already.
func TestWantedBeforeItIsPlanned(t *testing.T) {
	w := importertest.New(t)
	another := w.Another()
	imp := uploaded(t, w, twoPeople)
	want := func(importer.Progress) {
		if _, err := another.ApplyLater(ctx, operator, imp.Number, 0); err != nil {
			t.Error(err)
		}
	}
	var once sync.Once
	w.Importer.Report = func(p importer.Progress) { once.Do(func() { want(p) }) }
	worked(t, w.Importer, imp, importer.Planned)
	worked(t, w.Importer, imp, importer.Applied)

	imp = uploaded(t, w, "address,org\nc@example.org,RX1\n")
	want(importer.Progress{})
	worked(t, w.Importer, imp, importer.Applied)
}

// What Apply and Undo refuse is refused at once, or when the plan is there, and
// changes nothing.
func TestRefusedLater(t *testing.T) {
	w := importertest.New(t)
	bad := w.Plan("address,org\nnobody,RX1\n", importer.Options{})
	if _, err := w.Importer.ApplyLater(ctx, operator, bad.Number, 0); !importer.StrictErrors.Is(err) && !importer.NothingDone.Is(err) {
		t.Errorf("%v", err)
	}
	if _, err := w.Importer.UndoLater(ctx, operator, bad.Number, 0); !importer.NotUndoable.Is(err) {
		t.Errorf("%v", err)
	}
	later := uploaded(t, w, "address,org\nno.body,RX1\n")
	if _, err := w.Importer.ApplyLater(ctx, operator, later.Number, 0); err != nil {
		t.Fatal(err)
	}
	now, err := w.Importer.Work(ctx, later.Number)
	if err == nil || now.State != importer.Planned || now.Waits() {
		t.Errorf("%+v, %v", now, err)
	}
}

// Work waits neither for whoever works on the import nor for one about the same
// people.
func TestWorkDoesNotWait(t *testing.T) {
	w := importertest.New(t)
	w.Importer.Batch = 1
	first, release := half(t, w, twoPeople)
	if _, err := w.Importer.Work(soon(t), first.Number); !importer.TakenOver.Is(err) {
		t.Errorf("%v", err)
	}
	second := uploaded(t, w, "address,org\nb@example.org,RX1\nc@example.org,RX1\n")
	if _, err := w.Importer.ApplyLater(ctx, operator, second.Number, 0); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Importer.Work(soon(t), second.Number); !errors.Is(err, importer.ErrWaits) {
		t.Errorf("%v", err)
	}
	release()
	worked(t, w.Importer, first, importer.Applied)
	worked(t, w.Importer, second, importer.Applied)
}
