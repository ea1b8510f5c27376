package store_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"muster/internal/directory"
	"muster/internal/importer"
	"muster/internal/importer/importertest"
	"muster/internal/mailaddr"
	"muster/internal/store"
)

// crowd is a directory that is changed at random, and what should be in it.
type crowd struct {
	*store.Store
	people map[string]*directory.User // by the key of their primary address
	taken  map[string]bool            // keys of all addresses
	made   *[]directory.ID            // all who have ever been made
}

var (
	locals  = rapid.SampledFrom([]string{"anna", "anna.bell", "an", "o'neil", "bell-jones", "bjørn", "straße", "x1", "x12", "zoë.q"})
	domains = rapid.SampledFrom([]string{"example.org", "b.example", "xn--mnchen-3ya.example"})
	names   = rapid.SampledFrom([]string{"", "Anna", "ANNA Bell", "Bell, Anna", "Björn  Straße", "李小龍", "Zoë O'Neil", "An Anna", "X-12"})
)

// address draws one that nobody has; false where it is taken.
func (c *crowd) address(t *rapid.T) (mailaddr.Address, bool) {
	text := fmt.Sprintf("%s%d@%s", locals.Draw(t, "local part"), rapid.IntRange(0, 9).Draw(t, "number"), domains.Draw(t, "domain"))
	a, err := mailaddr.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return a, !c.taken[a.Key()]
}

func fill(t *rapid.T, u *directory.User) {
	for _, f := range []directory.Field{directory.Name, directory.DisplayName, directory.First, directory.Last} {
		if rapid.Bool().Draw(t, "set") {
			u.Values[f] = names.Draw(t, f.String())
		}
	}
	u.Values[directory.Org] = rapid.SampledFrom([]string{"RX1", "RX2", "RX3"}).Draw(t, "org")
	u.Values[directory.Status] = rapid.SampledFrom([]string{"active", "active", "disabled", "deleted"}).Draw(t, "status")
	u.Values[directory.Origin] = rapid.SampledFrom([]string{"manual", "import"}).Draw(t, "origin")
}

// join adds some users.
func (c *crowd) join(t *rapid.T) {
	var list []*directory.User
	for range rapid.IntRange(1, 20).Draw(t, "new users") {
		a, free := c.address(t)
		if !free {
			continue
		}
		u := user(a.String(), "")
		fill(t, u)
		c.people[a.Key()], c.taken[a.Key()] = u, true
		list, *c.made = append(list, u), append(*c.made, u.ID)
	}
	c.do(t, func(tx importer.Tx) error { return tx.InsertUsers(ctx, list, nil) })
}

func (c *crowd) somebody(t *rapid.T) *directory.User {
	if len(c.people) == 0 {
		t.Skip("nobody is there")
	}
	return c.people[rapid.SampledFrom(slices.Sorted(maps.Keys(c.people))).Draw(t, "user")]
}

// change changes the values of somebody, their address or their aliases, as a deed
// does.
func (c *crowd) change(t *rapid.T) {
	before := c.somebody(t)
	after := *before
	after.Version++
	fill(t, &after)
	a, free := c.address(t)
	what := rapid.IntRange(0, 2).Draw(t, "address, alias or neither")
	if !free {
		what = 2
	}
	from, err := mailaddr.Parse(before.Get(directory.Address))
	if err != nil {
		t.Fatal(err)
	}
	switch what {
	case 0:
		after.Values[directory.Address] = a.String()
		delete(c.people, from.Key())
		delete(c.taken, from.Key())
		c.taken[a.Key()] = true
	case 1:
		after.Aliases = append(slices.Clone(before.Aliases), a.String())
		c.taken[a.Key()] = true
	}
	key := from
	if what == 0 {
		key = a
	}
	c.people[key.Key()] = &after
	c.do(t, func(tx importer.Tx) error {
		err := tx.UpdateUser(ctx, before, &after)
		switch what {
		case 0:
			err = errors.Join(err, tx.MoveAddress(ctx, before.ID, from, a))
		case 1:
			err = errors.Join(err, tx.ApplyChange(ctx, before.ID, directory.Change{Field: directory.ChangeAlias, New: a.String()}))
		}
		return err
	})
}

// leave removes somebody, as an undo does.
func (c *crowd) leave(t *rapid.T) {
	u := c.somebody(t)
	for _, address := range append([]string{u.Get(directory.Address)}, u.Aliases...) {
		a, err := mailaddr.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		delete(c.people, a.Key())
		delete(c.taken, a.Key())
	}
	c.do(t, func(tx importer.Tx) error { return tx.RemoveUsers(ctx, []directory.ID{u.ID}) })
}

// breakOff changes somebody in a transaction that comes to nothing.
func (c *crowd) breakOff(t *rapid.T) {
	before := c.somebody(t)
	after := *before
	after.Values[directory.Name] = "Nobody"
	off := errors.New("broken off")
	err := c.WriteImport(ctx, func(tx importer.Tx) error { return errors.Join(tx.UpdateUser(ctx, before, &after), off) })
	if !errors.Is(err, off) {
		t.Fatal(err)
	}
}

func (c *crowd) do(t *rapid.T, f func(importer.Tx) error) {
	if err := c.WriteStep(ctx, f); err != nil {
		t.Fatal(err)
	}
}

// look compares a list with a look at everybody.
func (c *crowd) look(t *rapid.T) {
	some := func(label string, values ...string) string {
		return rapid.SampledFrom(append(values, "", "", "")).Draw(t, label)
	}
	filter := directory.Filter{
		Search: some("search", "a", "an", "ann", "nna", "ANNA be", "ell jon", "o'n", "1", "12", "x1", "ßE9", "小", "李", "münchen", "xn--", "ex b", "é", "&", "zzz", "anna3@example.org"),
		Domain: some("domain", "example.org", "xn--mnchen-3ya.example", "example"),
		Origin: some("origin", "manual"), Status: some("status", "deleted", "disabled"),
		After: some("after", "b", "bell-jones5@example.org", "STRASSE3@b.example"),
		Limit: rapid.IntRange(0, 12).Draw(t, "limit"),
	}
	filter.Orgs = rapid.SampledFrom([][]string{nil, {"RX1"}, {"RX2", "RX3"}, {"RX9"}}).Draw(t, "orgs")
	after := filter.After
	if a, err := mailaddr.Parse(after); err == nil {
		after = a.Key()
	}
	var want []string
	for _, key := range slices.Sorted(maps.Keys(c.people)) {
		if u := c.people[key]; key > after && filter.Fits(u) && (filter.Limit == 0 || len(want) < filter.Limit) {
			want = append(want, u.Get(directory.Address))
		}
	}
	if got := listOf(t, c.Store, filter); !slices.Equal(got, want) {
		t.Fatalf("%+v has\n%v\nand not\n%v", filter, got, want)
	}
}

func listOf(t interface{ Fatal(...any) }, s *store.Store, filter directory.Filter) (addresses []string) {
	err := s.UserList(ctx, filter, func(u *directory.User) error {
		addresses = append(addresses, u.Get(directory.Address))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return addresses
}

// TestListsAreRight: whatever was done to users, however their entries are spread
// over the index and however often it was made anew, a list has those whom a look at
// everybody finds.
func TestListsAreRight(t *testing.T) {
	onBoth(t, func(t *testing.T, name string) {
		s := create(t, name)
		s.SmallSegments(20)
		var made []directory.ID
		rapid.Check(t, func(t *rapid.T) { // each begins with nobody, but in the same index
			c := &crowd{Store: s, people: map[string]*directory.User{}, taken: map[string]bool{}, made: &made}
			c.do(t, func(tx importer.Tx) error { return tx.RemoveUsers(ctx, made) })
			made = nil
			t.Repeat(map[string]func(*rapid.T){"join": c.join, "change": c.change, "change more": c.change, "leave": c.leave, "break off": c.breakOff, "look": c.look, "look more": c.look})
		})
		if made, left := segments(t, name); made < 100 || left > made/5 {
			t.Errorf("%d segments were made, and %d are left", made, left)
		}
	})
}

// segments returns how many segments were made, and how many there are.
func segments(t *testing.T, name string) (made, left int) {
	t.Helper()
	err := raw(t, name).QueryRow(`SELECT COALESCE(max(number), 0), count(*) FROM search_segments`).Scan(&made, &left)
	if err != nil {
		t.Fatal(err)
	}
	return made, left
}

// TestPages: page after page is the whole list.
func TestPages(t *testing.T) {
	onBoth(t, func(t *testing.T, name string) {
		s := create(t, name)
		s.SmallSegments(300)
		err := s.WriteImport(ctx, func(tx importer.Tx) error { return tx.InsertUsers(ctx, people(1200), nil) })
		if err != nil {
			t.Fatal(err)
		}
		all := listOf(t, s, directory.Filter{})
		var paged []string
		for page := (directory.Filter{Limit: 70}); ; page.After = paged[len(paged)-1] {
			next := listOf(t, s, page)
			if paged = append(paged, next...); len(next) < page.Limit {
				break
			}
		}
		if len(all) != 1200 || !slices.Equal(paged, all) {
			t.Errorf("%d users on pages, %d in all", len(paged), len(all))
		}
	})
}

// TestUsersOfBefore: users who were there before the index, in a database of an older
// version, are in it once the database was opened; also if that was cut off.
func TestUsersOfBefore(t *testing.T) {
	onBoth(t, func(t *testing.T, name string) {
		s := create(t, name)
		err := s.WriteImport(ctx, func(tx importer.Tx) error { return tx.InsertUsers(ctx, people(100), nil) })
		if err != nil {
			t.Fatal(err)
		}
		want := listOf(t, s, directory.Filter{Search: "person 3"})
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		db := raw(t, name)
		for _, text := range []string{`DELETE FROM search_recent`, `UPDATE search_renewal SET running = TRUE, after = '', old = 0`} {
			if _, err := db.Exec(text); err != nil {
				t.Fatal(err)
			}
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		if got := listOf(t, create(t, name), directory.Filter{Search: "person 3"}); len(want) != 10 || !slices.Equal(got, want) {
			t.Errorf("found %v, want %v", got, want)
		}
	})
}

// TestWhatTheDirectoryDoes: each way in which the directory changes somebody changes
// by what they are found.
func TestWhatTheDirectoryDoes(t *testing.T) {
	onBoth(t, func(t *testing.T, name string) {
		w := importertest.In(t, name)
		w.Org("RX2", directory.Master)
		w.Store.SmallSegments(3)
		find := func(search string, want ...string) {
			t.Helper()
			if got := listOf(t, w.Store, directory.Filter{Search: search}); !slices.Equal(got, want) {
				t.Errorf("%q finds %v, want %v", search, got, want)
			}
		}
		for _, n := range []string{"zoe", "yan", "xia", "wim"} {
			w.Add(n+"@example.org", "RX1", "name", "Somebody", "first", "Else")
		}
		w.Add("anna@example.org", "RX1", "name", "Anna Bell", "local_id", "Q-77", "alias", "ward@example.org")
		find("bell", "anna@example.org")
		find("q-77", "anna@example.org")
		find("war", "anna@example.org")
		w.Set("anna@example.org", "rename_to", "anna.jones@example.org", "name", "Anna Jones", "display_name", "Anna Jones")
		find("bell")
		find("jon", "anna.jones@example.org")
		find("anna@ex", "anna.jones@example.org") // the former address is an alias
		w.Set("anna.jones@example.org", "status", "leaver")
		if got := listOf(t, w.Store, directory.Filter{Status: "leaver"}); !slices.Equal(got, []string{"anna.jones@example.org"}) {
			t.Errorf("leavers: %v", got)
		}
		if _, err := w.Directory.Join(ctx, importertest.Operator, importertest.Record("address", "anna.jones@example.org", "org", "RX2")); err != nil {
			t.Fatal(err)
		}
		if got := listOf(t, w.Store, directory.Filter{Orgs: []string{"RX2"}, Search: "jones"}); len(got) != 1 {
			t.Errorf("in RX2: %v", got)
		}
		imp := w.Apply(w.Plan("address,name\nanna.jones@example.org,Anna Mirren\nnew@example.org,New Mirren\n", importer.Options{Org: "RX1", Mode: "partial"}))
		find("mirr", "anna.jones@example.org", "new@example.org")
		if _, err := w.Importer.Undo(ctx, importertest.Operator, imp.Number, imp.ConfirmCount()); err != nil {
			t.Fatal(err)
		}
		find("mirr")
		find("jones", "anna.jones@example.org")
		w.Set("anna.jones@example.org", "status", "deleted")
		find("jones")
		if got := listOf(t, w.Store, directory.Filter{Status: "deleted", Search: "jones"}); len(got) != 1 {
			t.Errorf("deleted: %v", got)
		}
		if made, _ := segments(t, name); made == 0 {
			t.Error("no segment was made")
		}
		if all := strings.Join(listOf(t, w.Store, directory.Filter{}), " "); all != "wim@example.org xia@example.org yan@example.org zoe@example.org" {
			t.Errorf("all: %s", all)
		}
	})
}
