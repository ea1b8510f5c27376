package importer_test

import (
	"slices"
	"strings"
	"testing"

	"muster/internal/directory"
	"muster/internal/importer"
	"muster/internal/importer/importertest"
)

// members returns the members of a group of RX1, with their notes.
func members(w *importertest.World, path string) (list []string) {
	w.T.Helper()
	err := w.Directory.Members(ctx, operator, "RX1", path, func(m directory.Member) error {
		list = append(list, strings.TrimSuffix(m.Address+"="+m.Note, "="))
		return nil
	})
	if err != nil {
		w.T.Fatal(err)
	}
	slices.Sort(list)
	return list
}

func wardsWorld(t *testing.T) *importertest.World {
	w := importertest.New(t)
	w.Group("RX1", "Wards")
	for _, name := range []string{"ann", "bob", "cleo"} {
		w.Add(name+"@example.org", "RX1")
		if name != "cleo" {
			if err := w.Directory.AddMember(ctx, operator, "RX1", "Wards", name+"@example.org", new("by hand")); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := w.Directory.AddMember(ctx, operator, "RX1", "Wards", "foreign@elsewhere.example", nil); err != nil {
		t.Fatal(err)
	}
	return w
}

const wardsFile = "address\nann@example.org\ncleo@example.org\nnew@example.org\n"

func TestGroupOption(t *testing.T) {
	note := strings.Repeat("é", 100)
	cases := []struct {
		mode    string
		want    []string
		confirm int64
	}{
		{"add", []string{"ann@example.org=by hand", "bob@example.org=by hand", "cleo@example.org=" + note, "foreign@elsewhere.example", "new@example.org=" + note}, 1},
		{"replace", []string{"ann@example.org=" + note, "cleo@example.org=" + note, "new@example.org=" + note}, 3},
	}
	for _, c := range cases {
		t.Run(c.mode, func(t *testing.T) {
			w := wardsWorld(t)
			before := members(w, "Wards")
			bob := w.User("bob@example.org")
			imp := w.Plan(wardsFile, importer.Options{Org: "RX1", Group: "wards", GroupMode: c.mode, Note: note})
			if !slices.Equal(members(w, "Wards"), before) || imp.ConfirmCount() != c.confirm {
				t.Errorf("%d to confirm, want %d; planned are %v", imp.ConfirmCount(), c.confirm, members(w, "Wards"))
			}
			w.Apply(imp)
			if got := members(w, "Wards"); !slices.Equal(got, c.want) {
				t.Errorf("members %v\nwant %v", got, c.want)
			}
			now := w.User("bob@example.org")
			if (now.Version > bob.Version) != (c.mode == "replace") {
				t.Errorf("bob had version %d, has %d", bob.Version, now.Version)
			}
			var last directory.Entry
			err := w.Directory.History(ctx, operator, "bob@example.org", func(e directory.Entry) error {
				if last.ID.IsZero() {
					last = e
				}
				return nil
			})
			if err != nil || (last.Import == imp.Number) != (c.mode == "replace") {
				t.Errorf("bob's history ends with %+v: %v", last, err)
			}
		})
	}
}

// TestReplacingCountsAgainstTheThreshold: emptying a large group by a small
// file needs a word.
func TestReplacingCountsAgainstTheThreshold(t *testing.T) {
	w, _ := crowd(t, 60, 0)
	w.Group("RX1", "All")
	all := strings.ReplaceAll(people(0, 60), ",P,East,alias", ",,,x")
	w.Apply(w.Plan(all, importer.Options{Org: "RX1", Group: "All"}))
	imp := w.Plan("address\np0@example.org\n", importer.Options{Org: "RX1", Group: "All", GroupMode: "replace"})
	_, err := w.Importer.Apply(ctx, operator, imp.Number, 0)
	wantCode(t, err, "needs-confirmation")
	if imp.ConfirmCount() != 59 || len(members(w, "All")) != 60 {
		t.Errorf("%d to confirm, %d members", imp.ConfirmCount(), len(members(w, "All")))
	}
}

// TestAGroupThatChangedSinceThePlan: only those leave whom the plan counted.
func TestAGroupThatChangedSinceThePlan(t *testing.T) {
	w := wardsWorld(t)
	w.Add("dan@example.org", "RX1")
	imp := w.Plan(wardsFile, importer.Options{Org: "RX1", Group: "Wards", GroupMode: "replace"})
	if err := w.Directory.AddMember(ctx, operator, "RX1", "Wards", "dan@example.org", nil); err != nil {
		t.Fatal(err)
	}
	before := members(w, "Wards")
	_, err := w.Importer.Apply(ctx, operator, imp.Number, imp.ConfirmCount())
	wantCode(t, err, "members-changed")
	if got := members(w, "Wards"); !slices.Equal(got, before) {
		t.Errorf("members %v", got)
	}
}

func TestGroupsBeyondOnesRights(t *testing.T) {
	w := wardsWorld(t)
	w.Group("MASTER", "Everyone")
	basic := admin(w, "basic@example.org", "RX1", "Basic")
	_, err := w.Importer.Upload(ctx, basic, "people.csv", strings.NewReader(wardsFile), importer.Options{Group: "Everyone"})
	wantCode(t, err, "group-not-found")
	imp := w.Plan(wardsFile, importer.Options{Org: "RX1", Group: "Everyone"})
	_, err = w.Importer.Apply(ctx, basic, imp.Number, 0)
	wantCode(t, err, "group-not-found")
	imp = w.PlanAs(basic, wardsFile, importer.Options{Group: "Wards"})
	if _, err = w.Importer.Apply(ctx, basic, imp.Number, 0); err != nil {
		t.Error(err)
	}
}

func TestAGroupThatIsGone(t *testing.T) {
	w := wardsWorld(t)
	w.Group("RX1", "Empty")
	imp := w.Plan(wardsFile, importer.Options{Org: "RX1", Group: "Empty"})
	if err := w.Directory.DeleteGroup(ctx, operator, "RX1", "Empty"); err != nil {
		t.Fatal(err)
	}
	_, err := w.Importer.Apply(ctx, operator, imp.Number, 0)
	wantCode(t, err, "group-not-found")
}

// TestAGroupThatWasMoved: a row that names it by its former path is left alone, and an
// import whose own group it is says so, as it does of one that is gone.
func TestAGroupThatWasMoved(t *testing.T) {
	w := wardsWorld(t)
	w.Group("RX1", "Wards/Night")
	rows := w.Plan("address,group1\nann@example.org,Wards/Night\nbob@example.org,Wards\n", importer.Options{Org: "RX1"})
	whole := w.Plan("address\ncleo@example.org\n", importer.Options{Org: "RX1", Group: "Wards/Night"})
	if err := w.Directory.MoveGroup(ctx, operator, "RX1", "Wards/Night", ""); err != nil {
		t.Fatal(err)
	}
	w.Apply(rows)
	wantOutcomes(w, rows, importer.Failed, importer.Unchanged)
	if codes := codesOf(w.Rows(rows)[0]); !slices.Contains(codes, "error group-unknown group1") {
		t.Errorf("%v", codes)
	}
	_, err := w.Importer.Apply(ctx, operator, whole.Number, 0)
	wantCode(t, err, "group-not-found")
	if got := members(w, "Night"); len(got) > 0 {
		t.Errorf("members %v", got)
	}
}
