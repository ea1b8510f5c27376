package trouble

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"muster/internal/directory"
	"muster/internal/importer"
	"muster/internal/importer/importertest"
)

// How far a clock is set back, by somebody who sets it or by a battery that is
// empty, and when: once or more than once in the life of an import.
var (
	setBack      = []time.Duration{24 * time.Hour, 365 * 24 * time.Hour}
	clockMoments = [][]string{{"planned"}, {"hashing"}, {"applying"}, {"interrupted"}, {"applied"}, {"undoing"}, {"undo interrupted"},
		{"planned", "applying", "applied", "undoing"}, {"interrupted", "undo interrupted"}}
)

const (
	clockRows  = 40
	clockBatch = 7
)

// settled is a file of people who are there when the clock goes wrong.
func settled() string {
	var b strings.Builder
	b.WriteString("address,name,password,title\n")
	for i := range clockRows / 2 {
		fmt.Fprintf(&b, "user%d@example.org,User %d,battery-staple-%d,Dr\n", i, i, i)
	}
	return b.String()
}

// changing gives them what is new, passwords too; makes leavers of some; and
// creates others, whose password is generated.
func changing() string {
	var b strings.Builder
	b.WriteString("address,name,password,title,alias1,status,group1,attr.Floor\n")
	for i := range clockRows {
		password, status := "", ""
		if i < clockRows/2 {
			password = fmt.Sprintf("horse-correct-%d", i)
		}
		if i%10 == 3 && password != "" {
			status = "leaver"
		}
		fmt.Fprintf(&b, "user%d@example.org,Person %d,%s,Prof,u%d@example.org,%s,Wards,%d\n", i, i, password, i, status, i)
	}
	return b.String()
}

// timed is a Muster whose clock goes wrong in the life of an import.
type timed struct {
	*importertest.World
	imp     *importer.Import
	moments []string
	reached []string // of them
	back    time.Duration
}

func (w *timed) says(moment string) bool { return slices.Contains(w.moments, moment) }

// reach sets the clock back where the moment for that has come.
func (w *timed) reach(moment string) {
	if w.says(moment) {
		w.reached, w.Now = append(w.reached, moment), w.Now.Add(-w.back)
	}
}

// during runs a stage of the import; its moment has come when a batch is done.
// Where it is to be interrupted, that is then, and it is run again.
func (w *timed) during(stage, interruption string, do func(context.Context) (*importer.Import, error)) {
	w.T.Helper()
	ctx, interrupt := context.WithCancel(context.Background())
	defer interrupt()
	begun := map[string]bool{}
	w.Importer.Report = func(p importer.Progress) {
		if begun[p.Stage] {
			return
		}
		begun[p.Stage] = true
		w.reach(p.Stage)
		if p.Stage == stage && w.says(interruption) {
			interrupt()
		}
	}
	imp, err := do(ctx)
	if w.says(interruption) {
		if !importer.Interrupted.Is(err) {
			w.T.Errorf("%s was not interrupted: %v", stage, err)
		}
		w.reach(interruption)
		imp, err = do(context.Background())
	}
	if w.imp = imp; err != nil {
		w.T.Errorf("%s: %v", stage, err)
	}
}

// apply plans and applies the changes, and undo takes them back.
func (w *timed) apply() {
	w.T.Helper()
	w.imp = w.Plan(changing(), importer.Options{Org: "RX1", SetPasswords: true, GeneratePasswords: true})
	w.reach("planned")
	w.during("applying", "interrupted", func(ctx context.Context) (*importer.Import, error) {
		return w.Importer.Apply(ctx, importertest.Operator, w.imp.Number, clockRows/2)
	})
	w.reach("applied")
}

func (w *timed) undo() {
	w.T.Helper()
	w.during("undoing", "undo interrupted", func(ctx context.Context) (*importer.Import, error) {
		return w.Importer.Undo(ctx, importertest.Operator, w.imp.Number, clockRows)
	})
}

// whole is everybody, without what tells the time and one run from another.
func whole(w *importertest.World) map[string]string {
	w.T.Helper()
	all := map[string]string{}
	err := w.Directory.Users(context.Background(), importertest.Operator, directory.Filter{}, func(u *directory.User) error {
		u.ID, u.Version, u.CreatedAt, u.UpdatedAt, u.StatusAt = directory.ID{}, 0, time.Time{}, time.Time{}, time.Time{}
		all[u.Get(directory.Address)] = fmt.Sprintf("%+v", *u)
		return nil
	})
	if err != nil {
		w.T.Fatal(err)
	}
	return all
}

// hashes are the passwords of everybody.
func hashes(w *importertest.World) string {
	w.T.Helper()
	return w.List(`SELECT address, password FROM users ORDER BY address`)
}

// A clock that is set back, whenever and however far, changes nothing: every row
// comes out as planned, the same file is known again, generated passwords can be
// read, and an undo gives everything back, passwords too.
func TestClockSetBack(t *testing.T) {
	before := importertest.New(t)
	before.Group("RX1", "Wards")
	before.Apply(before.Plan(settled(), importer.Options{Org: "RX1"}))
	before.Importer.Batch = clockBatch
	undisturbed := &timed{World: before.Copy()}
	undisturbed.apply()
	want, outcomes := whole(undisturbed.World), undisturbed.imp.OutcomeCounts()
	for _, back := range setBack {
		for _, when := range clockMoments {
			t.Run(fmt.Sprintf("%v %s", back, strings.Join(when, ", ")), func(t *testing.T) {
				w := &timed{World: before.Copy(), moments: when, back: back}
				w.T = t
				w.apply()
				if got := whole(w.World); !maps.Equal(got, want) || !maps.Equal(w.imp.OutcomeCounts(), outcomes) {
					t.Errorf("applied: %v, not %v; users are\n%v\nnot\n%v", w.imp.OutcomeCounts(), outcomes, got, want)
				}
				w.readable(t)
				w.known(t)
				w.undo()
				if n := w.imp.OutcomeCounts()[importer.Reversed]; n != clockRows {
					t.Errorf("of %d rows %d were reversed: %v", clockRows, n, w.imp.OutcomeCounts())
				}
				if !slices.Equal(w.reached, when) {
					t.Errorf("the clock was set back at %q only", w.reached)
				}
				if got, want := whole(w.World), whole(before); !maps.Equal(got, want) || hashes(w.World) != hashes(before) {
					t.Errorf("undone, users are\n%v\nnot\n%v", got, want)
				}
			})
		}
	}
}

// readable checks that the generated passwords can still be read.
func (w *timed) readable(t *testing.T) {
	t.Helper()
	n := 0
	for line := range strings.Lines(w.Results(w.imp, false)) {
		cells := strings.Split(strings.TrimSpace(line), ",")
		if slices.Contains(cells, "Created") && len(cells[2]) >= 20 {
			n++
		}
	}
	if n != clockRows/2 {
		t.Errorf("%d generated passwords can be read:\n%s", n, w.Results(w.imp, false))
	}
}

// known checks that the same file is known again, and changes nothing.
func (w *timed) known(t *testing.T) {
	t.Helper()
	again := w.Plan(changing(), importer.Options{Org: "RX1"})
	if again.SameAs != w.imp.Number || again.Counts[directory.Unchanged] != clockRows {
		t.Errorf("the same file again is that of import %d, and its rows are %v", again.SameAs, again.Counts)
	}
}

// A plan that was made while the clock was ahead does not lapse when it is set
// right, and one that is carried out late by the wrong clock is told to have lapsed.
func TestPlanAndClock(t *testing.T) {
	w := importertest.New(t)
	right := w.Now
	w.Now = right.AddDate(1, 0, 0)
	ahead := w.Plan(settled(), importer.Options{Org: "RX1"})
	w.Now = right
	if done := w.Apply(ahead); done.State != importer.Applied {
		t.Errorf("a plan of the future is %s", done.State)
	}
	late := w.Plan(changing(), importer.Options{Org: "RX1"})
	w.Now = right.AddDate(1, 0, 0)
	if _, err := w.Importer.Apply(context.Background(), importertest.Operator, late.Number, 0); !importer.PlanLapsed.Is(err) {
		t.Errorf("a plan of a year ago: %v", err)
	}
	w.Now = right
	if imp, err := w.Importer.Import(context.Background(), importertest.Operator, late.Number); err != nil || imp.State != importer.Lapsed {
		t.Errorf("a plan that has lapsed is %s when the clock is set back (%v)", imp.State, err)
	}
}
