package importer_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"muster/internal/directory"
	"muster/internal/importer"
	"muster/internal/importer/importertest"
)

// drawUndo makes a scene whose rows nearly all do something: each is of another
// user, and wants things that no other row wants.
func drawUndo(t *rapid.T) *scene {
	w := importertest.New(t)
	w.Importer.Batch = rapid.IntRange(1, 7).Draw(t, "batch")
	w.Org("RX2", "RX1")
	w.Domain("example.net", "RX2")
	w.Group("RX1", "Wards")
	w.Group("RX1", "Wards/Night")
	w.Settings("RX1", func(s *directory.Settings) { s.ThresholdPercent = 1000 })
	maybe := func(name string, values ...string) string {
		if rapid.IntRange(0, 2).Draw(t, name+"?") > 0 {
			return ""
		}
		return drawn(values...).Draw(t, name)
	}
	users := []string{"new0@example.org", "new1@example.org", "new2@example.org"}
	for i := range 5 {
		address := fmt.Sprintf("u%d@example.org", i)
		w.Add(address, "RX1", "department", maybe("department", "East"), "local_id", maybe("local", fmt.Sprint("L", i)),
			"role", maybe("role", "Helpdesk"), "attr.Floor", maybe("floor", "1"))
		if i > 0 && rapid.Bool().Draw(t, "lists") {
			w.Set(address, "delegate", "u0@example.org", "group", "Wards", "alias", fmt.Sprintf("al%d@example.org", i))
		}
		if rapid.IntRange(0, 3).Draw(t, "password") == 0 {
			setPassword(w, address, "first-of-all-words")
		}
		if rapid.IntRange(0, 3).Draw(t, "leaver") == 0 {
			w.Set(address, "status", "leaver")
		}
		users = append(users, address)
	}
	var b strings.Builder
	b.WriteString(undoHeader)
	for i, address := range rapid.Permutation(users).Draw(t, "users")[:rapid.IntRange(1, len(users)).Draw(t, "rows")] {
		b.WriteString(quote([]string{address, maybe("title", "Dr", "Prof"), maybe("department", "West", "(clear)"),
			orgOf(address, maybe("org", "RX2")), maybe("local", fmt.Sprint("R", i), "(clear)"),
			statusOf(address, maybe("status", "leaver", "active", "disabled")), maybe("locked", "yes"),
			maybe("role", "Basic", "(clear)"), renameOf(address, maybe("rename", fmt.Sprintf("ren%d@example.org", i))),
			maybe("alias", fmt.Sprintf("row%d@example.org", i), "(clear)"), maybe("group", "Wards", "Wards/Night", "(clear)"),
			maybe("delegate", append(users, "(clear)")...), maybe("attribute", "1", "2", "(clear)"),
			maybe("password", "correct-horse-battery"), maybe("must change", "yes", "no")}))
	}
	group := drawn("", "", "Wards").Draw(t, "option group")
	if strings.Contains(b.String(), "(clear)") {
		group = ""
	}
	return &scene{w, b.String(), importer.Options{Format: "muster", Org: "RX1", Mode: "partial", SetPasswords: rapid.Bool().Draw(t, "set passwords"),
		Group: group, GroupMode: drawn("add", "replace").Draw(t, "group mode"), Note: drawn("", "note").Draw(t, "note")}}
}

func isNew(address string) bool { return strings.HasPrefix(address, "new") }

func orgOf(address, org string) string {
	if isNew(address) {
		return "RX1"
	}
	return org
}

func statusOf(address, status string) string {
	if isNew(address) && status == "leaver" {
		return ""
	}
	return status
}

func renameOf(address, rename string) string {
	if isNew(address) {
		return ""
	}
	return rename
}

// TestUndoGivesTheDirectoryBack: with nothing else done meanwhile, every row
// that changed something is reversed, and nothing is left of it.
func TestUndoGivesTheDirectoryBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.SampledFrom([]func(*rapid.T) *scene{drawUndo, drawUndo, draw}).Draw(t, "scene")(t)
		before := everything(s.w)
		imp := s.applied()
		if imp == nil {
			return
		}
		done := undo(s.w, imp)
		counts := done.OutcomeCounts()
		if counts[importer.Kept]+counts[importer.Irreversible] > 0 {
			t.Errorf("%v: %v", counts, reasons(s.w, done))
		}
		differs(t, "undone", before, everything(s.w))
	})
}

func reasons(w *importertest.World, imp *importer.Import) (list []string) {
	for _, r := range w.Rows(imp) {
		for _, i := range r.Issues {
			if strings.HasPrefix(i.Code, "undo-") {
				list = append(list, fmt.Sprintf("row %d %s: %s", r.Row, i.Code, i.Message))
			}
		}
	}
	return list
}

// meddle changes something of somebody by hand, or tries to.
func meddle(t *rapid.T, w *importertest.World) {
	users := w.Users()
	if len(users) == 0 {
		return
	}
	whom := rapid.SampledFrom(users).Draw(t, "whom")
	pairs := []string{"address", whom}
	switch rapid.IntRange(0, 7).Draw(t, "what") {
	case 0:
		pairs = append(pairs, "department", drawn("East", "West").Draw(t, "department"))
	case 1:
		pairs = append(pairs, "name", drawn("Old", "New name", "Another").Draw(t, "name"))
	case 2:
		pairs = append(pairs, "alias", drawn("al1@example.org", "al2@example.org", "row1@example.org", "u1@example.org").Draw(t, "alias"))
	case 3:
		pairs = append(pairs, "group", drawn("Wards", "Wards/Night").Draw(t, "group"))
	case 4:
		pairs = append(pairs, "delegate", rapid.SampledFrom(users).Draw(t, "delegate"))
	case 5:
		pairs = append(pairs, "status", drawn("leaver", "active", "disabled", "deleted").Draw(t, "status"))
	case 6:
		pairs = append(pairs, "rename_to", drawn("r1@example.org", "al1@example.org", "u1@example.org", "row1@example.org").Draw(t, "rename"))
	case 7:
		pairs = append(pairs, "local_id", drawn("L0", "L1", "N1", "N9").Draw(t, "local"), "attr.Floor", drawn("3", "4").Draw(t, "floor"))
	}
	if _, _, err := w.Directory.SetUser(ctx, operator, importertest.Record(pairs...)); err != nil && codeOf(err) == "" {
		t.Fatal(err)
	}
}

// TestUndoAmongOtherChanges: each row is reversed as a whole, or left as it is
// with the reason; in one go, in single rows or cut off and gone on with, it
// comes to the same.
func TestUndoAmongOtherChanges(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.SampledFrom([]func(*rapid.T) *scene{drawUndo, drawUndo, draw}).Draw(t, "scene")(t)
		imp := s.applied()
		if imp == nil {
			return
		}
		for range rapid.IntRange(0, 6).Draw(t, "changes by hand") {
			meddle(t, s.w)
		}
		before := usersByID(s.w)
		other := s.w.Copy()
		other.Importer.Batch = 1
		done := undo(s.w, imp)
		for _, r := range s.w.Rows(imp) {
			told(t, s.w, done, r, before[r.UserID])
		}
		cutOff(t, other, imp.Number)
		if a, b := outcomes(s.w, imp), outcomes(other, imp); !slices.Equal(a, b) {
			t.Errorf("outcomes in one go %v\n%v\ncut off %v\n%v", a, reasons(s.w, imp), b, reasons(other, imp))
		}
		differs(t, "cut off and gone on with", everything(s.w), everything(other))
	})
}

func usersByID(w *importertest.World) map[directory.ID]*directory.User {
	all := map[directory.ID]*directory.User{}
	for _, status := range []string{"", "deleted"} {
		err := w.Directory.Users(ctx, operator, directory.Filter{Status: status}, func(u *directory.User) error {
			all[u.ID] = u
			return nil
		})
		if err != nil {
			w.T.Fatal(err)
		}
	}
	return all
}

// told checks that a row is undone wholly, or untouched and says why.
func told(t *rapid.T, w *importertest.World, imp *importer.Import, r *importer.Row, before *directory.User) {
	outcome := imp.OutcomeOf(r)
	codes := map[importer.Outcome]string{importer.Kept: "undo-kept", importer.Irreversible: "undo-irreversible"}
	last := ""
	if len(r.Issues) > 0 {
		last = r.Issues[len(r.Issues)-1].Code
	}
	if want := codes[outcome]; strings.HasPrefix(last, "undo-") != (want != "") || want != "" && last != want {
		t.Errorf("row %d is %s with the issue %q", r.Row, outcome, last)
	}
	after := usersByID(w)[r.UserID]
	switch {
	case outcome == importer.Reversed && r.Action == directory.Create:
		if after != nil {
			t.Errorf("row %d is reversed, and its user is there", r.Row)
		}
	case outcome == importer.Reversed:
		for _, c := range r.Changes {
			if f, ok := directory.FieldNamed(c.Field); ok && after.Get(f) != c.Old {
				t.Errorf("row %d is reversed, and %s is %q, was %q", r.Row, c.Field, after.Get(f), c.Old)
			}
		}
	case codes[outcome] != "" && before != nil:
		if before.Version != after.Version || !slices.Equal(before.Aliases, after.Aliases) || fmt.Sprint(before.Attributes) != fmt.Sprint(after.Attributes) {
			t.Errorf("row %d is %s, and its user was touched", r.Row, outcome)
		}
	}
}

// cutOff undoes an import with a process that dies, and goes on with it.
func cutOff(t *rapid.T, w *importertest.World, number int64) {
	plan, err := w.Importer.UndoPlan(ctx, operator, number, func(*importer.UndoRow) error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	service := *w.Importer
	service.Store = &dying{w.Store, rapid.IntRange(1, 14).Draw(t, "transactions"), rapid.Bool().Draw(t, "last")}
	imp, err := service.Undo(ctx, operator, number, plan.ConfirmCount())
	if err != nil && !errors.Is(err, errDied) {
		t.Fatal(err)
	}
	if imp != nil {
		accounted(w, imp)
	}
	w.Importer.Batch = rapid.IntRange(1, 9).Draw(t, "batch of the rest")
	if _, err := w.Importer.Undo(ctx, operator, number, plan.ConfirmCount()); err != nil {
		t.Fatal(err)
	}
	imp, err = w.Importer.Import(ctx, operator, number)
	if err != nil || imp.State != importer.Undone {
		t.Fatal(imp.State, err)
	}
	accounted(w, imp)
}
