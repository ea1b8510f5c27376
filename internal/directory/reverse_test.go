package directory_test

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"muster/internal/directory"
	"muster/internal/format"
	"muster/internal/importer/importertest"
)

// crew are the users of the property; each may get what the others have.
var crew = []string{"anna@example.org", "ben@example.org", "cara@example.org", "dan@two.example"}

func crewWorld(t importertest.TB) (*importertest.World, []directory.ID) {
	w := importertest.New(t)
	w.Org("RX1A", "RX1")
	w.Org("RX2", directory.Master)
	w.Domain("two.example", "RX2")
	w.Group("RX1", "Wards")
	w.Group("RX1", "Wards/Night")
	w.Group("RX2", "Staff")
	w.Group(directory.Master, "Everybody")
	var ids []directory.ID
	for i, address := range crew {
		ids = append(ids, w.Add(address, []string{"RX1", "RX1A", "RX1", "RX2"}[i]).ID)
	}
	return w, ids
}

// wish draws a record that wants something of one of the crew.
func wish(t *rapid.T, ids []directory.ID) *directory.Record {
	pairs := p("id", ids[rapid.IntRange(0, len(ids)-1).Draw(t, "user")].String())
	maybe := func(name string, values ...string) {
		if rapid.IntRange(0, 3).Draw(t, name+"?") == 0 {
			pairs = append(pairs, name, rapid.SampledFrom(values).Draw(t, name))
		}
	}
	maybe("title", "Dr", "Prof", "(clear)")
	maybe("first", "Anna", "Zoë", "(clear)")
	maybe("notes", "one\ntwo", "\"three\"", "(clear)")
	maybe("telephone", "01632 960101", "ext. 7", "(clear)")
	maybe("local_id", "1", "2", "A 3", "(clear)")
	maybe("pop", "true", "false")
	maybe("locked", "true", "false")
	maybe("mailbox_gb", "1", "2", "4")
	maybe("type", "user", "shared")
	maybe("role", "Basic", "Helpdesk", "(clear)")
	maybe("status", "active", "disabled", "leaver", "deleted")
	maybe("org", "RX1", "RX1A", "RX2")
	maybe("rename_to", "anna@example.org", "x@example.org", "y@two.example", "weiß@example.org", "weiss@example.org")
	maybe("alias", "(clear)")
	maybe("alias", "a@example.org", "x@example.org", "d@two.example", "weiss@example.org")
	maybe("group", "(clear)")
	maybe("group", "Wards", "wards/night", "Staff", "Everybody")
	maybe("delegate", "(clear)")
	maybe("delegate", crew...)
	maybe(rapid.SampledFrom(p("attr.Room", "attr.ROOM")).Draw(t, "spelling"), "12", "14", "(clear)")
	return record(pairs...)
}

// carry does what the rules make of a record, and returns the verdict.
func carry(t *rapid.T, w *importertest.World, r *directory.Record) *directory.Verdict {
	f, _ := format.Named("muster")
	j, err := directory.NewJudge(context.Background(), w.Store, importertest.Operator, &f.Rules, directory.Options{})
	if err != nil {
		t.Fatal(err)
	}
	verdicts, err := j.Judge(context.Background(), []*directory.Record{r})
	if err != nil {
		t.Fatal(err)
	}
	v := verdicts[0]
	if v.Action != directory.Refuse {
		bring(t, w, v.ID, v.Action, v.Changes)
	}
	return v
}

func bring(t rapid.TB, w *importertest.World, id directory.ID, action directory.Action, changes []directory.Change) {
	ctx := context.Background()
	err := w.Store.Write(ctx, func(tx directory.AdminTx) error {
		catalog, err := tx.Catalog(ctx)
		if err != nil {
			return err
		}
		snap, err := tx.Snapshot(ctx, directory.Query{IDs: []directory.ID{id}})
		if err != nil {
			return err
		}
		deed := &directory.Deed{Action: action, ID: id, User: snap.Users[id], Changes: changes}
		return directory.Carry(ctx, tx, directory.Doing{Actor: importertest.Operator, At: time.Unix(1, 0), Catalog: catalog}, []*directory.Deed{deed})
	})
	if err != nil {
		t.Fatalf("carrying %v: %v", changes, err)
	}
}

// people is how the crew is now, but for what every change sets.
func people(w *importertest.World, ids []directory.ID) (list []*directory.User) {
	for _, id := range ids {
		u := w.User(id.String())
		u.Version, u.UpdatedAt, u.StatusAt = 0, time.Time{}, time.Time{}
		list = append(list, u)
	}
	return list
}

// Whatever a record changes, the reversed changes in reverse order give back the
// users as they were: what an undo stands on. Carried once, a record has nothing
// left to change.
func TestChangesCanBeReversed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w, ids := crewWorld(t)
		for range rapid.IntRange(0, 6).Draw(t, "former records") {
			carry(t, w, wish(t, ids))
		}
		before := people(w, ids)
		r := wish(t, ids)
		again := *r
		v := carry(t, w, r)
		if v.Action == directory.Refuse || v.Action == directory.Unchanged {
			if !reflect.DeepEqual(before, people(w, ids)) {
				t.Fatalf("%s changed something", v.Action)
			}
			return
		}
		if v := carry(t, w, &again); v.Action != directory.Unchanged && v.Action != directory.Refuse {
			t.Fatalf("once more, the record would %s: %v", v.Action, v.Changes)
		}
		var back []directory.Change
		for _, c := range slices.Backward(v.Changes) {
			back = append(back, c.Reverse())
		}
		bring(t, w, v.ID, directory.Update, back)
		if after := people(w, ids); !reflect.DeepEqual(before, after) {
			t.Fatalf("changes %v\nbefore %s\nafter  %s", v.Changes, shown(before), shown(after))
		}
	})
}

func shown(users []*directory.User) (text string) {
	for _, u := range users {
		text += fmt.Sprintf("\n  %+v", *u)
	}
	return text
}

// What a joiner or a move takes away, from the user's mailbox and from others,
// is really gone and really comes back.
func TestAMoveIsReversedWithItsDelegates(t *testing.T) {
	w, ids := crewWorld(t)
	w.Set("anna@example.org", "group", "Wards", "delegate", "cara@example.org", "local_id", "7")
	w.Set("cara@example.org", "delegate", "anna@example.org")
	before := w.User("anna@example.org")
	v, _, err := w.Directory.SetUser(t.Context(), importertest.Operator, record("address", "anna@example.org", "org", "RX2"))
	if err != nil {
		t.Fatal(err)
	}
	moved, other := w.User("anna@example.org"), w.User("cara@example.org")
	if len(moved.Groups)+len(moved.Delegates)+len(moved.OpenedBy)+len(other.Delegates)+len(other.OpenedBy) != 0 {
		t.Errorf("after the move, %+v", moved)
	}
	var back []directory.Change
	for _, c := range slices.Backward(v.Changes) {
		back = append(back, c.Reverse())
	}
	bring(t, w, ids[0], directory.Update, back)
	after := w.User("anna@example.org")
	if !reflect.DeepEqual(after.OpenedBy, before.OpenedBy) || !reflect.DeepEqual(after.Delegates, before.Delegates) ||
		!reflect.DeepEqual(after.Groups, before.Groups) || after.Get(directory.LocalID) != "7" || after.Get(directory.Org) != "RX1" {
		t.Errorf("after the way back, %+v\nwant %+v", after, before)
	}
}
