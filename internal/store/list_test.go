package store_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"

	"muster/internal/directory"
	"muster/internal/importer"
)

// people makes n users of a database.
func people(n int) (list []*directory.User) {
	for i := range n {
		u := user(fmt.Sprintf("u%04d@example.org", n-i), fmt.Sprintf("L%d", i))
		u.Values[directory.Name] = fmt.Sprintf("Person %d", i%10)
		list = append(list, u)
	}
	return list
}

// TestListsAtOnce: more lists than there are connections come to an end, in order.
func TestListsAtOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, name string) {
		s := create(t, name)
		err := s.WriteImport(ctx, func(tx importer.Tx) error { return tx.InsertUsers(ctx, people(1200), nil) })
		if err != nil {
			t.Fatal(err)
		}
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				var list []string
				err := s.UserList(ctx, directory.Filter{}, func(u *directory.User) error {
					list = append(list, u.Get(directory.Address))
					_, err := s.Taken(ctx, []string{u.Get(directory.Address)}) // who reads on while reading
					return err
				})
				if err != nil || len(list) != 1200 || !slices.IsSorted(list) {
					t.Errorf("%d users, sorted %v, %v", len(list), slices.IsSorted(list), err)
				}
			})
		}
		all.Wait()
	})
}

// TestList: who fits a filter.
func TestList(t *testing.T) {
	cases := []struct {
		name   string
		filter directory.Filter
		want   int
	}{
		{"all", directory.Filter{}, 30},
		{"a domain", directory.Filter{Domain: "example.org"}, 30},
		{"the end of a domain", directory.Filter{Domain: "ample.org"}, 0},
		{"a domain longer than addresses", directory.Filter{Domain: "a-very-long-name-of-a-domain.example.org"}, 0},
		{"organisations", directory.Filter{Orgs: []string{"RX1", directory.Master}}, 30},
		{"another organisation", directory.Filter{Orgs: []string{"RX1"}}, 0},
		{"a name", directory.Filter{Search: "PERSON 3"}, 3},
		{"all at once", directory.Filter{Orgs: []string{directory.Master}, Status: "active", Domain: "example.org", Search: "u0001@"}, 1},
		{"another status", directory.Filter{Status: "leaver"}, 0},
		{"another origin", directory.Filter{Origin: "message"}, 0},
	}
	onBoth(t, func(t *testing.T, name string) {
		s := create(t, name)
		err := s.WriteImport(ctx, func(tx importer.Tx) error { return tx.InsertUsers(ctx, people(30), nil) })
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range cases {
			n := 0
			if err := s.UserList(ctx, c.filter, func(*directory.User) error { n++; return nil }); err != nil || n != c.want {
				t.Errorf("%s: %d users, %v; want %d", c.name, n, err, c.want)
			}
		}
	})
}

// TestUses: what keeps a domain from being deleted is found by the end of addresses.
func TestUses(t *testing.T) {
	onBoth(t, func(t *testing.T, name string) {
		err := create(t, name).Write(ctx, func(tx directory.AdminTx) error {
			if err := tx.InsertUsers(ctx, people(3), nil); err != nil {
				return err
			}
			for domain, want := range map[string]int{"example.org": 3, "ample.org": 0, "xample.org": 0, "example.com": 0, "quite-a-long-domain.example.org": 0} {
				if n, err := tx.Uses(ctx, "domain", domain); n != want || err != nil {
					t.Errorf("%s has %d uses, %v", domain, n, err)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}
