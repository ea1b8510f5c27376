package importer_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"muster/internal/directory"
	"muster/internal/importer"
	"muster/internal/importer/importertest"
)

// undoCases are changes of every kind, each of the first row's user.
var undoCases = map[string]struct{ user, rows string }{
	"a creation":            {"new@example.org", "new@example.org,Dr,East,RX1,L7,,,,,n@example.org,Wards,ann@example.org,3,correct-horse-battery,true"},
	"a field":               {"ann@example.org", "ann@example.org,Prof,East,,,,,,,,,,,,"},
	"cleared":               {"ann@example.org", "ann@example.org,(clear),,,(clear),,,,,(clear),(clear),(clear),,,"},
	"a lock":                {"ann@example.org", "ann@example.org,,,,,,yes,,,,,,,,"},
	"a role":                {"bob@example.org", "bob@example.org,,,,,,,Basic,,,,,,,"},
	"an alias":              {"ann@example.org", "ann@example.org,,,,,,,,,x@example.org,,,,,"},
	"a rename":              {"ann@example.org", "ann@example.org,,,,,,,,anna@example.org,,,,,,"},
	"a rename to an alias":  {"ann@example.org", "ann@example.org,,,,,,,,a@example.com,,,,,,"},
	"a group":               {"ann@example.org", "ann@example.org,,,,,,,,,,Night,,,,"},
	"a delegate":            {"ann@example.org", "ann@example.org,,,,,,,,,,,leo@example.org,,,"},
	"an attribute":          {"ann@example.org", "ann@example.org,,,,,,,,,,,,3,,"},
	"a password":            {"ann@example.org", "ann@example.org,,,,,,,,,,,,,correct-horse-battery,true"},
	"a first password":      {"bob@example.org", "bob@example.org,,,,,,,,,,,,,correct-horse-battery,"},
	"a local id":            {"ann@example.org", "ann@example.org,,,,L2,,,,,,,,,,"},
	"a leaver with a role":  {"ann@example.org", "ann@example.org,,,,,leaver,,,,,,,,,"},
	"disabled":              {"ann@example.org", "ann@example.org,,,,,disabled,,,,,,,,,"},
	"a joiner":              {"leo@example.org", "leo@example.org,,,RX2,,active,,,,,,,,,"},
	"a late delegate":       {"new@example.org", "new@example.org,,,RX1,,,,,,,,late@example.org,,,\nlate@example.org,,,RX1,,,,,,,,new@example.org,,,"},
	"a new user's delegate": {"ann@example.org", "ann@example.org,,,,,,,,,,,new@example.org,,,\nnew@example.org,,,RX1,,,,,,,,,,"},
}

// TestUndoGivesBackWhatWas: the directory is as it was before the import.
func TestUndoGivesBackWhatWas(t *testing.T) {
	for name, c := range undoCases {
		for _, batch := range []int{1, 500} {
			t.Run(fmt.Sprint(name, " ", batch), func(t *testing.T) {
				w := undoWorld(t)
				w.Importer.Batch = batch
				before := everything(w)
				imp := w.Apply(w.Plan(undoHeader+c.rows+"\n", importer.Options{Format: "muster", SetPasswords: true}))
				if now := everything(w); fmt.Sprint(now) == fmt.Sprint(before) {
					t.Fatalf("the import changed nothing: %v", w.Rows(imp)[0].Issues)
				}
				done := undo(w, imp)
				if n := done.OutcomeCounts()[importer.Reversed]; n != done.Rows {
					t.Errorf("%d of %d rows are reversed: %v", n, done.Rows, w.Rows(imp)[0].Issues)
				}
				differs(t, "undone", before, everything(w))
			})
		}
	}
}

// TestUndoKeeps: a row is kept where something that it set was changed since,
// and only then.
func TestUndoKeeps(t *testing.T) {
	set := func(address string, values ...string) func(*importertest.World) {
		return func(w *importertest.World) { w.Set(address, values...) }
	}
	behind := func(text string) func(*importertest.World) {
		return func(w *importertest.World) { w.Exec(text) }
	}
	for _, c := range []struct {
		what, of  string
		meanwhile func(*importertest.World)
		want      importer.Outcome
		reason    string
	}{
		{"another value of the field", "a field", set("ann@example.org", "department", "West"), importer.Kept, `department is "West" now; the import set it to "East"`},
		{"another field", "a field", set("ann@example.org", "telephone", "01632 960101"), importer.Reversed, ""},
		{"the field undone by hand", "a field", func(w *importertest.World) {
			r := importertest.Record("address", "ann@example.org")
			r.Cleared[directory.Department] = true
			if _, _, err := w.Directory.SetUser(ctx, operator, r); err != nil {
				w.T.Fatal(err)
			}
		}, importer.Reversed, ""},
		{"any field of a new user", "a creation", set("new@example.org", "telephone", "01632 960101"), importer.Kept, "telephone"},
		{"a field of a new user, there and back", "a creation", func(w *importertest.World) {
			w.Set("new@example.org", "title", "Prof")
			w.Set("new@example.org", "title", "Dr")
		}, importer.Reversed, ""},
		{"the new user's group", "a creation", set("new@example.org", "group", "Night"), importer.Kept, "groups"},
		{"the new user's alias", "a creation", set("new@example.org", "alias", "nn@example.org"), importer.Kept, "aliases"},
		{"the new user's attribute", "a creation", set("new@example.org", "attr.Floor", "4"), importer.Kept, "attributes"},
		{"the new user's delegate", "a creation", set("new@example.org", "delegate", "bob@example.org"), importer.Kept, "delegates"},
		{"somebody may open the new mailbox", "a creation", set("bob@example.org", "delegate", "new@example.org"), importer.Kept, "bob@example.org may open"},
		{"the new user's password", "a creation", func(w *importertest.World) { setPassword(w, "new@example.org", "another-good-password") }, importer.Kept, ""},
		{"the new user has signed in", "a creation", behind(`UPDATE users SET used_at = 1 WHERE address = 'new@example.org'`), importer.Kept, "signed in"},
		{"the new user is deleted", "a creation", set("new@example.org", "status", "deleted"), importer.Kept, "status"},
		{"the alias is the primary address", "an alias", set("ann@example.org", "rename_to", "x@example.org"), importer.Kept, "primary address"},
		{"the alias is taken off", "an alias", func(w *importertest.World) { clearAliases(w, "ann@example.org") }, importer.Reversed, ""},
		{"renamed again", "a rename", set("anna@example.org", "rename_to", "anne@example.org"), importer.Kept, "address"},
		{"the former address is somebody's", "a rename", func(w *importertest.World) {
			clearAliases(w, "anna@example.org")
			w.Set("bob@example.org", "alias", "ann@example.org")
		}, importer.Irreversible, "ann@example.org is an alias of bob@example.org"},
		{"the former alias is somebody's", "cleared", set("bob@example.org", "alias", "a@example.com"), importer.Irreversible, "alias of bob"},
		{"the domain of the former alias is gone", "cleared", func(w *importertest.World) {
			if err := w.Directory.DeleteDomain(ctx, operator, "example.com"); err != nil {
				w.T.Fatal(err)
			}
		}, importer.Irreversible, "domain example.com"},
		{"the former local id is somebody's", "cleared", set("bob@example.org", "local_id", "L1"), importer.Irreversible, "bob@example.org has the Local ID"},
		{"the former group is gone", "cleared", func(w *importertest.World) {
			w.Set("leo@example.org", "status", "active")
			w.Exec(`DELETE FROM group_members`)
			if err := w.Directory.DeleteGroup(ctx, operator, "RX1", "Wards"); err != nil {
				w.T.Fatal(err)
			}
		}, importer.Irreversible, "group Wards"},
		{"the former delegate is gone", "cleared", behind(`DELETE FROM users WHERE address = 'bob@example.org'`), importer.Irreversible, "bob@example.org is no longer there"},
		{"the former organisation is gone", "a joiner", func(w *importertest.World) {
			w.ExecUnguarded(`DELETE FROM organisations WHERE code = 'RX1'`)
			w.Exec(`UPDATE facts SET value = '1000' WHERE name = 'catalog_stamp'`)
		}, importer.Irreversible, "organisation RX1"},
		{"the user is gone", "a field", behind(`DELETE FROM users WHERE address = 'ann@example.org'`), importer.Irreversible, "no longer there"},
		{"the password", "a password", func(w *importertest.World) { setPassword(w, "ann@example.org", "another-good-password") }, importer.Kept, "password"},
		{"the undo time is over", "a password", func(w *importertest.World) { w.Now = w.Now.AddDate(0, 0, 31) }, importer.Irreversible, "no longer kept"},
		{"the undo time is over, without a password", "a field", func(w *importertest.World) { w.Now = w.Now.AddDate(0, 0, 31) }, importer.Reversed, ""},
		{"the joiner is moved on", "a joiner", set("leo@example.org", "org", "RX1"), importer.Reversed, ""},
		{"the joiner's department", "a joiner", set("leo@example.org", "department", "West"), importer.Reversed, ""},
		{"the leaver is taken back", "a leaver with a role", set("ann@example.org", "status", "active"), importer.Reversed, ""},
		{"the leaver is deleted", "a leaver with a role", set("ann@example.org", "status", "deleted"), importer.Kept, "status"},
	} {
		t.Run(c.what, func(t *testing.T) {
			w := undoWorld(t)
			imp := w.Apply(w.Plan(undoHeader+undoCases[c.of].rows+"\n", importer.Options{Format: "muster", SetPasswords: true}))
			c.meanwhile(w)
			after := everything(w)
			undo(w, imp)
			wantOutcomes(w, imp, c.want)
			issues := w.Rows(imp)[0].Issues
			if c.want != importer.Reversed {
				differs(t, "all or nothing", after, everything(w))
				if i := issues[len(issues)-1]; !strings.Contains(i.Message, c.reason) || i.Line != 2 {
					t.Errorf("the reason is %+v, want %q", i, c.reason)
				}
			}
		})
	}
}

// TestUndoTouchesNothingElse: what was changed meanwhile stays.
func TestUndoTouchesNothingElse(t *testing.T) {
	w := undoWorld(t)
	imp := w.Apply(w.Plan(undoHeader+"ann@example.org,Prof,East,,,,,,,,Night,,3,,\n", importer.Options{}))
	w.Set("ann@example.org", "telephone", "01632 960101", "alias", "y@example.org", "attr.Bay", "1", "title", "Dr")
	undo(w, imp)
	u := w.User("ann@example.org")
	if u.Get(directory.Department) != "" || u.Get(directory.Title) != "Dr" || u.Get(directory.Telephone) == "" || len(u.Aliases) != 2 ||
		len(u.Groups) != 1 || len(u.Attributes) != 2 {
		t.Errorf("%+v", u)
	}
}

// TestUndoStandsInTheHistory, with the import, the row and what it set back.
func TestUndoStandsInTheHistory(t *testing.T) {
	w := undoWorld(t)
	imp := w.Apply(w.Plan("address,department,title\nann@example.org,East,Prof\n", importer.Options{}))
	w.Set("ann@example.org", "title", "Dr")
	undo(w, imp)
	var entries []directory.Entry
	err := w.Directory.History(ctx, operator, "ann@example.org", func(e directory.Entry) error {
		entries = append(entries, e)
		return nil
	})
	want := []directory.Change{{Field: "department", Old: "East"}}
	if e := entries[0]; err != nil || e.Action != "undo update" || e.Import != imp.Number || e.Row != 1 || fmt.Sprint(e.Changes) != fmt.Sprint(want) {
		t.Errorf("%+v, %v", entries[0], err)
	}
	if e := entries[2]; e.Action != "update" || len(e.Changes) != 2 {
		t.Errorf("the import's own entry is %+v", e)
	}
}

// TestUndoOfAReplacedGroup puts the members back, users and others, with their notes.
func TestUndoOfAReplacedGroup(t *testing.T) {
	w := undoWorld(t)
	for _, address := range []string{"pat@elsewhere.example", "elsewhere.example"} {
		if err := w.Directory.AddMember(ctx, operator, "RX1", "Wards", address, new("a note")); err != nil {
			t.Fatal(err)
		}
	}
	w.Importer.Batch = 1
	before := everything(w)
	imp := w.Apply(w.Plan("address\nbob@example.org\n", importer.Options{Org: "RX1", Group: "Wards", GroupMode: "replace", Note: "new"}))
	if got := members(w, "Wards"); len(got) != 1 {
		t.Fatalf("members %v", got)
	}
	plan, err := w.Importer.UndoPlan(ctx, operator, imp.Number, func(*importer.UndoRow) error { return nil })
	if err != nil || plan.ConfirmCount() != 3 {
		t.Errorf("the undo touches %d, %v", plan.ConfirmCount(), err)
	}
	undo(w, imp)
	differs(t, "undone", before, everything(w))
}

// TestUndoIsGuarded: without the number nothing is done.
func TestUndoIsGuarded(t *testing.T) {
	w := importertest.New(t)
	w.Settings("RX1", func(s *directory.Settings) { s.ThresholdUsers = 2 })
	imp := w.Apply(w.Plan("address,org\na@example.org,RX1\nb@example.org,RX1\nc@example.org,RX1\n", importer.Options{}))
	for _, confirm := range []int64{0, 2, 4} {
		_, err := w.Importer.Undo(ctx, operator, imp.Number, confirm)
		wantCode(t, err, "needs-confirmation")
		if !strings.Contains(err.Error(), "--confirm 3") {
			t.Errorf("%v", err)
		}
	}
	wantOutcomes(w, imp, importer.Created, importer.Created, importer.Created)
	if _, err := w.Importer.Undo(ctx, operator, imp.Number, 3); err != nil {
		t.Fatal(err)
	}
	wantOutcomes(w, imp, importer.Reversed, importer.Reversed, importer.Reversed)
}

// TestWhatCanBeUndone: a finished import that has changed something; an undone
// one stays as it is.
func TestWhatCanBeUndone(t *testing.T) {
	w := importertest.New(t)
	w.Importer.Batch = 1
	imp := w.Plan("address,org\na@example.org,RX1\nb@example.org,RX1\n", importer.Options{})
	_, err := w.Importer.Undo(ctx, operator, imp.Number, 0)
	wantCode(t, err, "not-undoable")
	service := *w.Importer
	service.Store = &dying{w.Store, 4, false} // begin, enter and one batch
	if _, err := service.Apply(ctx, operator, imp.Number, 0); err == nil {
		t.Fatal("the import was not cut off")
	}
	_, err = w.Importer.Undo(ctx, operator, imp.Number, 0)
	wantCode(t, err, "not-undoable")
	if _, err := w.Importer.Cancel(ctx, operator, imp.Number); err != nil {
		t.Fatal(err)
	}
	undo(w, imp)
	wantOutcomes(w, imp, importer.Reversed, importer.LeftOut)
	for range 2 {
		again, err := w.Importer.Undo(ctx, operator, imp.Number, 0)
		if err != nil || again.State != importer.Undone {
			t.Errorf("%s, %v", again.State, err)
		}
		again, err = w.Importer.Apply(ctx, operator, imp.Number, 0)
		if err != nil || again.State != importer.Undone {
			t.Errorf("%s, %v", again.State, err)
		}
	}
	if len(w.Users()) > 0 {
		t.Errorf("users %v", w.Users())
	}
}

// TestAHalfDoneUndoIsFinished by undo and by apply, and is not cancelled.
func TestAHalfDoneUndoIsFinished(t *testing.T) {
	for name, finish := range map[string]func(*importer.Service, int64) (*importer.Import, error){
		"undo":  func(s *importer.Service, n int64) (*importer.Import, error) { return s.Undo(ctx, operator, n, 0) },
		"apply": func(s *importer.Service, n int64) (*importer.Import, error) { return s.Apply(ctx, operator, n, 0) },
	} {
		t.Run(name, func(t *testing.T) {
			w := importertest.New(t)
			w.Importer.Batch = 1
			imp := w.Apply(w.Plan("address,org\na@example.org,RX1\nb@example.org,RX1\nc@example.org,RX1\n", importer.Options{}))
			service := *w.Importer
			service.Store = &dying{w.Store, 3, false}
			if _, err := service.Undo(ctx, operator, imp.Number, 0); err == nil {
				t.Fatal("the undo was not cut off")
			}
			wantOutcomes(w, imp, importer.Created, importer.Created, importer.Reversed)
			_, err := w.Importer.Cancel(ctx, operator, imp.Number)
			wantCode(t, err, "not-cancellable")
			if done, err := finish(w.Importer, imp.Number); err != nil || done.State != importer.Undone {
				t.Errorf("%+v, %v", done, err)
			}
			wantOutcomes(w, imp, importer.Reversed, importer.Reversed, importer.Reversed)
		})
	}
}

// TestUndoTakesTheRightsOfTheUndoer over each user.
func TestUndoTakesTheRightsOfTheUndoer(t *testing.T) {
	w := importertest.New(t)
	w.Org("RX2", "RX1")
	w.Domain("example.net", "RX2")
	w.Add("sue@example.org", "RX1", "role", "Super")
	w.Add("ann@example.org", "RX1")
	helpdesk, basic := admin(w, "help@example.org", "RX1", "Helpdesk"), admin(w, "basic@example.org", "RX1", "Basic")
	below, stranger := admin(w, "low@example.net", "RX2", "Basic"), admin(w, "full@example.net", "RX2", "Full")
	imp := w.Apply(w.Plan("address,department,org\nsue@example.org,East,\nann@example.org,East,\nnew@example.org,,RX1\nbasic@example.org,East,\n", importer.Options{Org: "RX1"}))
	for _, actor := range []directory.Actor{helpdesk, below, stranger} {
		if _, err := w.Importer.Undo(ctx, actor, imp.Number, 0); err == nil {
			t.Errorf("%s undoes", actor.Address)
		}
	}
	if _, err := w.Importer.Undo(ctx, basic, imp.Number, 0); err != nil {
		t.Fatal(err)
	}
	wantOutcomes(w, imp, importer.Irreversible, importer.Reversed, importer.Reversed, importer.Reversed)
}

// TestAnUndoneFileCanBeImportedAgain: nobody is taken for a twin.
func TestAnUndoneFileCanBeImportedAgain(t *testing.T) {
	w := importertest.New(t)
	const file = nhsmail1Header + ",John,Smith,RX1,,,,,,\n"
	imp := w.Apply(w.Plan(file, importer.Options{}))
	if secrets(t, w, importer.Generated) != 1 {
		t.Fatal("no password was generated")
	}
	undo(w, imp)
	if secrets(t, w, importer.Generated) != 0 {
		t.Error("the generated password is still kept")
	}
	if results := w.Results(imp, false); !strings.Contains(results, "Reversed") {
		t.Errorf("results:\n%s", results)
	}
	again := w.Apply(w.Plan(file, importer.Options{}))
	wantOutcomes(w, again, importer.Created)
	if address := w.Rows(again)[0].Address(); address != "john.smith@example.org" {
		t.Errorf("address %s", address)
	}
}

// TestARowThatTheDatabaseKeepsStaysAlone: one row does not cost a batch.
func TestARowThatTheDatabaseKeepsStaysAlone(t *testing.T) {
	w := importertest.New(t)
	imp := w.Apply(w.Plan("address,org\na@example.org,RX1\nb@example.org,RX1\nc@example.org,RX1\n", importer.Options{}))
	w.Refuse("DELETE", "b@example.org")
	if _, err := w.Importer.Undo(ctx, operator, imp.Number, 0); err != nil {
		t.Fatal(err)
	}
	wantOutcomes(w, imp, importer.Reversed, importer.Irreversible, importer.Reversed)
}

// TestTwoUndosAtOnce come to what one does: every row is reversed once.
func TestTwoUndosAtOnce(t *testing.T) {
	w := importertest.New(t)
	var file strings.Builder
	file.WriteString("address,org\n")
	for i := range 40 {
		fmt.Fprintf(&file, "u%d@example.org,RX1\n", i)
	}
	w.Importer.Batch = 3
	imp := w.Apply(w.Plan(file.String(), importer.Options{}))
	ends := make(chan error)
	for _, s := range []*importer.Service{w.Importer, w.Another()} {
		go func() {
			_, err := s.Undo(ctx, operator, imp.Number, 0)
			ends <- err
		}()
	}
	for range 2 {
		if err := <-ends; err != nil {
			t.Error(err)
		}
	}
	accounted(w, imp)
	if n := query[int](t, w, `SELECT count(*) FROM history WHERE action = 'undo create'`); n != 40 || len(w.Users()) > 0 {
		t.Errorf("%d reversals, users %v", n, w.Users())
	}
}

// TestAnInterruptedUndo ends at the border of a batch and says how to go on.
func TestAnInterruptedUndo(t *testing.T) {
	w := importertest.New(t)
	w.Importer.Batch = 1
	imp := w.Apply(w.Plan("address,org\na@example.org,RX1\nb@example.org,RX1\n", importer.Options{}))
	ctx, stop := context.WithCancel(ctx)
	w.Importer.Report = func(p importer.Progress) {
		if p != (importer.Progress{Stage: "undoing", Done: 1, Total: 2}) {
			t.Errorf("%+v", p)
		}
		stop()
	}
	_, err := w.Importer.Undo(ctx, operator, imp.Number, 0)
	wantCode(t, err, "interrupted")
	wantOutcomes(w, imp, importer.Created, importer.Reversed)
}
