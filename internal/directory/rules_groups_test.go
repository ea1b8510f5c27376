package directory_test

import (
	"slices"
	"strings"
	"testing"

	"muster/internal/directory"
	"muster/internal/importer/importertest"
)

func TestGroupsOfRecords(t *testing.T) {
	proves(t, []sentence{
		{rule: "a file names a group by its path, in any case, in the user's organisation, then in each above it; files make no groups",
			given: func(w *importertest.World) {
				w.Org("RX1A", "RX1")
				w.Domain("ward.example", "RX1A")
				w.Group("RX1", "Wards")
				w.Group("RX1", "Wards/Night")
				w.Group("RX1A", "Wards")
				w.Group(directory.Master, "Everybody")
				w.Group("RX1", "Synced")
				write(w, `UPDATE groups SET origin = 'directory' WHERE name = 'Synced'`)
				w.Add("anna@ward.example", "RX1A")
				w.Add("ben@example.org", "RX1")
			},
			cases: []example{
				{name: "own", record: p("address", "ben@example.org", "group", "wards/NIGHT"), action: directory.Update, changes: p("group: - → Wards/Night")},
				{name: "above", record: p("address", "anna@ward.example", "group", "Wards/Night"), action: directory.Update, changes: p("group: - → Wards/Night")},
				{name: "root", record: p("address", "anna@ward.example", "group", "Everybody"), action: directory.Update, changes: p("group: - → Everybody")},
				{name: "unknown", record: p("address", "ben@example.org", "group", "Wards/Nihgt"), action: directory.Refuse, issues: p("group-unknown@group"), says: "did you mean Wards/Night?"},
				{name: "directory", record: p("address", "ben@example.org", "group", "Synced"), action: directory.Refuse, issues: p("group-read-only@group")},
				{name: "beyond the rights", as: as("Basic", "RX1A"), record: p("address", "anna@ward.example", "group", "Wards/Night"), action: directory.Refuse, issues: p("organisation-forbidden@group")},
				{name: "new user", record: p("address", "c@example.org", "group", "Wards"), action: directory.Create, has: p("group: - → Wards")},
			}},
	})
}

// The group of a whole import, and the note of at most 100 characters on every
// member added; replacing gives the note to those who stay as well.
func TestGroupOfAnImport(t *testing.T) {
	w := importertest.New(t)
	w.Group("RX1", "Wards")
	w.Add("anna@example.org", "RX1", "group", "Wards")
	w.Add("ben@example.org", "RX1")
	w.Group("RX1", "Nights")
	w.Add("cara@example.org", "RX1", "group", "Wards")
	w.Add("dan@example.org", "RX1", "group", "Nights")
	catalog, _ := w.Directory.Catalog(t.Context(), importertest.Operator)
	wards, _ := catalog.Group("RX1", "wards")
	o := directory.Options{Group: wards.ID.String(), Note: "August"}
	replace := o
	replace.ReplaceGroup = true
	for _, e := range []example{
		{name: "added", options: o, record: p("address", "ben@example.org"), action: directory.Update, changes: p("group: - → Wards", "note: - → August")},
		{name: "member already", options: o, record: p("address", "anna@example.org"), action: directory.Unchanged},
		{name: "stays", options: replace, record: p("address", "anna@example.org"), action: directory.Update, changes: p("note: - → August")},
		{name: "counts as wanted where the row's groups are the only ones", options: o, record: p("address", "cara@example.org", "group", "(clear)"), action: directory.Unchanged},
		{name: "is joined where the row's groups are the only ones", options: o, record: p("address", "dan@example.org", "group", "(clear)"), action: directory.Update,
			changes: p("group: Nights → -", "group: - → Wards", "note: - → August")},
		{name: "beyond the rights", options: o, as: as("Basic", "RX2"), record: p("address", "ben@example.org"), action: directory.Refuse, issues: p("organisation-forbidden@org")},
	} {
		t.Run(e.name, func(t *testing.T) { e.check(t, judged(t, w, e)) })
	}
}

// A tree of groups whose members are users, foreign addresses and whole
// domains, each with an optional note.
func TestGroupsByHand(t *testing.T) {
	w := importertest.New(t)
	w.Group("RX1", "Wards")
	w.Group("RX1", "Wards/Night")
	w.Group("RX1", "Synced")
	write(w, `UPDATE groups SET origin = 'directory' WHERE name = 'Synced'`)
	w.Org("RX2", directory.Master)
	w.Add("anna@example.org", "RX1", "alias", "a@example.org")
	w.Add("out@example.org", "RX1")
	rx2, ctx := as("Full", "RX2")(w), t.Context()
	w.Domain("two.example", "RX2")
	w.Group("RX2", "Friends")
	s, op := w.Directory, importertest.Operator
	for _, c := range []struct {
		name string
		do   func() error
		want string
	}{
		{"user by an alias", func() error { return s.AddMember(ctx, op, "RX1", "wards", "a@example.org", new("lead")) }, ""},
		{"foreign address", func() error { return s.AddMember(ctx, op, "rx1", "Wards", "x@elsewhere.net", nil) }, ""},
		{"whole domain", func() error { return s.AddMember(ctx, op, "RX1", "Wards", "Elsewhere.net", new("all")) }, ""},
		{"neither", func() error { return s.AddMember(ctx, op, "RX1", "Wards", "x@y@z", nil) }, "address-invalid"},
		{"long note", func() error {
			return s.AddMember(ctx, op, "RX1", "Wards", "y@elsewhere.net", new(strings.Repeat("n", 101)))
		}, "note-too-long"},
		{"longest note", func() error {
			return s.AddMember(ctx, op, "RX1", "Wards", "z@elsewhere.net", new(strings.Repeat("n", 100)))
		}, ""},
		{"directory group", func() error { return s.AddMember(ctx, op, "RX1", "Synced", "x@elsewhere.net", nil) }, "group-read-only"},
		{"unknown group", func() error { return s.AddMember(ctx, op, "RX1", "Wrads", "x@elsewhere.net", nil) }, "group-unknown"},
		{"user beyond the rights, as foreign address", func() error { return s.AddMember(ctx, rx2, "RX2", "Friends", "out@example.org", nil) }, ""},
		{"no member", func() error { return s.DeleteMember(ctx, op, "RX1", "Wards", "out@example.org") }, "member-unknown"},
		{"has members", func() error { return s.DeleteGroup(ctx, op, "RX1", "Wards") }, "group-in-use"},
		{"taken out", func() error { return s.DeleteMember(ctx, op, "RX1", "Wards", "z@elsewhere.net") }, ""},
		{"name twice", func() error { return s.AddGroup(ctx, op, "RX1", "wards/NIGHT") }, "group-exists"},
		{"no name", func() error { return s.AddGroup(ctx, op, "RX1", "Wards/ ") }, "group-name"},
		{"no parent", func() error { return s.AddGroup(ctx, op, "RX1", "Kitchens/Night") }, "group-unknown"},
		{"renamed", func() error { return s.RenameGroup(ctx, op, "RX1", "Wards/Night", "Late") }, ""},
		{"other case", func() error { return s.RenameGroup(ctx, op, "RX1", "Wards/Late", "LATE") }, ""},
		{"name taken", func() error { return s.RenameGroup(ctx, op, "RX1", "Wards", "Synced") }, "group-exists"},
		{"name with a slash", func() error { return s.RenameGroup(ctx, op, "RX1", "Wards", "A/B") }, "group-name"},
		{"empty group", func() error { return s.DeleteGroup(ctx, op, "RX1", "Wards/Late") }, ""},
	} {
		expectCode(t, c.name, c.do(), c.want)
	}
	if got, want := members(t, w, "RX1", "Wards"), p("user anna@example.org lead", "domain elsewhere.net all", "address x@elsewhere.net "); !slices.Equal(got, want) {
		t.Errorf("members %q, want %q", got, want)
	}
	if got, want := members(t, w, "RX2", "Friends"), p("address out@example.org "); !slices.Equal(got, want) {
		t.Errorf("members %q, want %q", got, want)
	}
}

func members(t *testing.T, w *importertest.World, org, path string) (list []string) {
	t.Helper()
	err := w.Directory.Members(t.Context(), importertest.Operator, org, path, func(m directory.Member) error {
		list = append(list, m.Kind+" "+m.Address+" "+m.Note)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// Membership of a user is a change of that user: it raises the version and
// stands in their history.
func TestMembershipIsAChangeOfTheUser(t *testing.T) {
	w := importertest.New(t)
	w.Group("RX1", "Wards")
	before := w.Add("anna@example.org", "RX1")
	ctx, op := t.Context(), importertest.Operator
	for i, do := range []func() error{
		func() error { return w.Directory.AddMember(ctx, op, "RX1", "Wards", "anna@example.org", new("lead")) },
		func() error { return w.Directory.AddMember(ctx, op, "RX1", "Wards", "anna@example.org", nil) }, // who keeps the note
		func() error { return w.Directory.AddMember(ctx, op, "RX1", "Wards", "anna@example.org", new("")) },
		func() error { return w.Directory.AddMember(ctx, op, "RX1", "Wards", "anna@example.org", new("")) }, // nothing to change
		func() error { return w.Directory.DeleteMember(ctx, op, "RX1", "Wards", "anna@example.org") },
	} {
		if err := do(); err != nil {
			t.Fatal(err)
		}
		if got, want := w.User("anna@example.org").Version, before.Version+int64([]int{1, 1, 2, 2, 3}[i]); got != want {
			t.Errorf("step %d: version %d, want %d", i, got, want)
		}
	}
	want := p("update group: Wards → -", "update note: lead → -", "update group: - → Wards; note: - → lead")
	if got := history(t, w, "anna@example.org"); !slices.Equal(got[:3], want) {
		t.Errorf("history %q, want %q", got[:3], want)
	}
}

// What is exported names groups by their paths: one that the user is in is meant, even
// where a path would not lead to it from the user's organisation.
func TestGroupsOfOthersThatAUserIsIn(t *testing.T) {
	w := importertest.New(t)
	w.Org("RX2", directory.Master)
	w.Domain("two.example", "RX2")
	w.Group("RX1", "Wards")
	w.Group(directory.Master, "Everybody")
	w.Group("RX1", "Everybody")
	w.Add("anna@example.org", "RX1")
	w.Add("ben@two.example", "RX2")
	for _, m := range [][3]string{{"RX1", "Wards", "ben@two.example"}, {directory.Master, "Everybody", "anna@example.org"}} {
		if err := w.Directory.AddMember(t.Context(), importertest.Operator, m[0], m[1], m[2], nil); err != nil {
			t.Fatal(err)
		}
	}
	for _, e := range []example{
		{name: "of another organisation", record: p("address", "ben@two.example", "group", "wards"), action: directory.Unchanged},
		{name: "of another organisation, as the only one", record: p("address", "ben@two.example", "group", "(clear)", "group", "Wards"), action: directory.Unchanged},
		{name: "of another organisation, where the user is not", record: p("address", "anna@example.org", "group", "Friends"), action: directory.Refuse, issues: p("group-unknown@group")},
		{name: "of the organisation above, with one of that path nearer", record: p("address", "anna@example.org", "group", "Everybody"), action: directory.Unchanged, issues: p("group-namesake@group")},
	} {
		t.Run(e.name, func(t *testing.T) { e.check(t, judged(t, w, e)) })
	}
	w.Set("anna@example.org", "group", "Everybody") // by hand, and no export
	if got := w.User("anna@example.org").Groups; len(got) != 2 {
		t.Errorf("anna is in %v", got)
	}
}

// A tree: a group is moved with all that are below it.
func TestGroupsAreMoved(t *testing.T) {
	w := importertest.New(t)
	w.Org("RX1A", "RX1")
	for _, path := range []string{"Wards", "Wards/Night", "Wards/Night/Late", "Units", "Units/Night", "Units/Day", "Units/Wards", "Synced"} {
		w.Group("RX1", path)
	}
	w.Group("RX1A", "Kitchens")
	w.Group(directory.Master, "Everybody")
	write(w, `UPDATE groups SET origin = 'directory' WHERE name = 'Synced'`)
	w.Add("anna@example.org", "RX1", "group", "Wards/Night/Late")
	before := stamp(t, w)
	for _, c := range []struct{ name, path, parent, want string }{
		{"below itself", "Wards", "Wards", "group-loop"},
		{"below one that is below it", "Wards", "wards/night/late", "group-loop"},
		{"below one that is not there", "Wards", "Wrads", "group-unknown"},
		{"below one of an organisation below", "Wards", "Kitchens", "group-unknown"},
		{"below one of an organisation above", "Wards", "Everybody", "group-unknown"},
		{"below one of directory synchronisation", "Wards", "Synced", "group-read-only"},
		{"one of directory synchronisation", "Synced", "Wards", "group-read-only"},
		{"where its name is taken", "Wards/Night", "Units", "group-exists"},
		{"at the top, where its name is taken", "Units/Wards", "", "group-exists"},
		{"where it is", "Wards/Night", "Wards", ""},
	} {
		expectCode(t, c.name, w.Directory.MoveGroup(t.Context(), importertest.Operator, "rx1", c.path, c.parent), c.want)
	}
	if stamp(t, w) != before {
		t.Error("what changes nothing makes plans stale")
	}
	for _, c := range [][2]string{{"Units/Day", "Wards/Night/Late"}, {"Wards/Night", ""}, {"Units", "Night"}} {
		expectCode(t, c[0], w.Directory.MoveGroup(t.Context(), importertest.Operator, "RX1", c[0], c[1]), "")
	}
	if got, want := groupPaths(t, w), p("Night", "Night/Late", "Night/Late/Day", "Night/Units", "Night/Units/Night", "Night/Units/Wards", "Synced", "Wards"); !slices.Equal(got, want) {
		t.Errorf("the groups are %q, want %q", got, want)
	}
	if stamp(t, w) == before {
		t.Error("plans are not made stale")
	}
	if got := w.User("anna@example.org").Groups[0].Path; got != "Night/Late" {
		t.Errorf("anna is in %s", got)
	}
}

func stamp(t *testing.T, w *importertest.World) int64 {
	t.Helper()
	c, err := w.Directory.Catalog(t.Context(), importertest.Operator)
	if err != nil {
		t.Fatal(err)
	}
	return c.Stamp
}

func groupPaths(t *testing.T, w *importertest.World) (list []string) {
	t.Helper()
	groups, err := w.Directory.Groups(t.Context(), importertest.Operator, "RX1")
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range groups {
		if g.Org == "RX1" {
			list = append(list, g.Path)
		}
	}
	return list
}
