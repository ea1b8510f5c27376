package work_test

import (
	"sync"
	"testing"

	"muster/internal/importer"
	"muster/internal/importer/importertest"
	"muster/internal/store/pgtest"
)

// An organisation's small import ends while the large ones of two others, which
// were there first and fill all workers, are still at work.
func TestSmallWorkIsNotStarved(t *testing.T) {
	onBoth(t, func(t *testing.T, w *importertest.World) {
		large := []*importer.Import{leave(t, w, "RX1", 20_000), leave(t, w, "RX3", 20_000)}
		small := leave(t, w, "RX2", 100)
		o := open(t, w)
		o.service.Batch = 50 // so that the large ones are at work for long enough
		enqueue(t, o, append(large, small)...)
		o.begin().wait("ended", small.Number)
		for _, imp := range large {
			if imp = now(t, w, imp); imp.Finished() {
				t.Errorf("import %d of %d rows was finished before the small one", imp.Number, imp.Rows)
			}
		}
		if done := now(t, w, small); done.Outcomes[importer.Created] != 100 {
			t.Errorf("the small import is %s, outcomes %v", done.State, done.Outcomes)
		}
	})
}

// at calls f once, when the work of an office has come to a stage.
func (o *office) at(stage string, f func()) {
	var once sync.Once
	o.service.Report = func(p importer.Progress) {
		if p.Stage == stage && p.Done > 0 {
			once.Do(f)
		}
	}
}

// Whoever is told to stop ends at the border of a batch, gives the lease back and
// loses nothing: the next one goes on, and each row is applied once.
func TestStoppedAndGoneOnWith(t *testing.T) {
	onBoth(t, func(t *testing.T, w *importertest.World) {
		for i, stage := range []string{"planning", "applying"} {
			t.Run(stage, func(t *testing.T) {
				org := []string{"RX2", "RX3"}[i]
				imp := leave(t, w, org, 3000)
				o := open(t, w)
				o.at(stage, func() { o.stop() })
				if o.begin().wait("interrupted", imp.Number); o.close() != nil {
					t.Error("it did not end well")
				}
				half := now(t, w, imp)
				if string(half.State) != stage || half.Lease != 0 || (half.Next-1)%500 != 0 {
					t.Errorf("stopped, the import is %s, lease %d, next row %d", half.State, half.Lease, half.Next)
				}
				open(t, w).begin().wait("ended", imp.Number)
				wantApplied(t, w, imp, 3000*(i+1))
			})
		}
	})
}

// While the database is away work fails, and goes on by itself when it is back.
func TestDatabaseGoesAway(t *testing.T) {
	t.Parallel()
	server := pgtest.Start(t)
	w := world(t, server.Database(t))
	imp := leave(t, w, "RX2", 3000)
	o := open(t, w)
	o.at("applying", func() {
		if err := server.Stop(); err != nil {
			t.Error(err)
		}
	})
	o.begin().wait("failed; it is tried again", imp.Number)
	if err := server.Restart(); err != nil {
		t.Fatal(err)
	}
	o.wait("ended", imp.Number)
	wantApplied(t, w, imp, 3000)
}
