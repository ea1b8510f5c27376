package store_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"muster/internal/directory"
	"muster/internal/importer"
	"muster/internal/store"
	"muster/internal/store/pgtest"
)

var ctx = context.Background()

// opener names the database that this program is to open in place of testing:
// it then is one of the processes of TestProcessesThatStartAtOnce.
const opener = "MUSTER_TEST_OPEN"

func TestMain(m *testing.M) {
	name := os.Getenv(opener)
	if name == "" {
		os.Exit(m.Run())
	}
	s, err := store.Create(ctx, name)
	if err == nil {
		_, err = s.Catalog(ctx)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// onBoth runs a test on each engine, with the name of a database that is not set
// up yet.
func onBoth(t *testing.T, test func(t *testing.T, name string)) {
	t.Run("SQLite", func(t *testing.T) { test(t, "sqlite:"+path(t)) })
	t.Run("PostgreSQL", func(t *testing.T) { test(t, pgtest.Shared(t).Database(t)) })
}

func create(t *testing.T, name string, options ...store.Option) *store.Store {
	t.Helper()
	s, err := store.Create(ctx, name, options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// raw opens the database for what no program does.
func raw(t *testing.T, name string) *sql.DB {
	t.Helper()
	driver, source := "pgx", name
	if path, ok := strings.CutPrefix(name, "sqlite:"); ok {
		driver, source = "sqlite", path
	}
	db, err := sql.Open(driver, source)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func TestNames(t *testing.T) {
	for name, want := range map[string]store.Place{
		"sqlite:muster.db":                           {Shown: "muster.db", File: "muster.db"},
		"sqlite:/x/y.db":                             {Shown: "/x/y.db", File: "/x/y.db"},
		"postgres://host/db":                         {Shown: "postgres://host/db"},
		"postgresql://anna:hunter2@host:5433/db?a=b": {Shown: "postgresql://host:5433/db"},
		"sqlite:":                                    {}, "muster.db": {}, "": {}, "mysql://host/db": {},
		"postgres://anna:hunter2@host:port/db":        {},
		"postgres://anna:hun/ter2@host/db":            {},
		"postgres://anna:hunter2@host/db?sslmode=odd": {},
	} {
		got, err := store.Find(name)
		if got != want || (err == nil) != (want != store.Place{}) {
			t.Errorf("%q means %v, %v", name, got, err)
		}
		if err != nil && strings.Contains(err.Error(), "ter2") {
			t.Errorf("%v shows the password", err)
		}
	}
}

func TestOpenSetsNothingUp(t *testing.T) {
	onBoth(t, func(t *testing.T, name string) {
		if _, err := store.Open(ctx, name); !errors.Is(err, store.ErrNotThere) {
			t.Errorf("the error is %v", err)
		}
		create(t, name)
		s, err := store.Open(ctx, name)
		if err != nil {
			t.Fatal(err)
		}
		s.Close()
	})
}

func TestOpenedAtOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, name string) {
		var group sync.WaitGroup
		for range 5 {
			group.Go(func() {
				s, err := store.Create(ctx, name)
				if err != nil {
					t.Error(err)
					return
				}
				s.Close()
			})
		}
		group.Wait()
		migratedOnce(t, name)
	})
}

func TestProcessesThatStartAtOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, name string) {
		var group sync.WaitGroup
		for range 5 {
			c := exec.Command(os.Args[0])
			c.Env = append(os.Environ(), opener+"="+name)
			group.Go(func() {
				if out, err := c.CombinedOutput(); err != nil {
					t.Errorf("%v: %s", err, out)
				}
			})
		}
		group.Wait()
		migratedOnce(t, name)
	})
}

func migratedOnce(t *testing.T, name string) {
	t.Helper()
	var versions, distinct, masters int
	db := raw(t, name)
	if err := db.QueryRow(`SELECT count(*), count(DISTINCT version_id) FROM goose_db_version`).Scan(&versions, &distinct); err != nil {
		t.Fatal(err)
	}
	if err := db.QueryRow(`SELECT count(*) FROM organisations`).Scan(&masters); err != nil {
		t.Fatal(err)
	}
	if versions != distinct || masters != 1 {
		t.Errorf("%d steps, %d different ones; %d organisations", versions, distinct, masters)
	}
}

func TestFacts(t *testing.T) {
	onBoth(t, func(t *testing.T, name string) {
		s := create(t, name)
		if v, err := s.Fact(ctx, "key"); v != "" || err != nil {
			t.Errorf("%q, %v", v, err)
		}
		if err := s.SetFact(ctx, "key", "first"); err != nil {
			t.Fatal(err)
		}
		if err := s.SetFact(ctx, "key", "second"); err == nil {
			t.Error("a fact was overwritten")
		}
		if v, _ := s.Fact(ctx, "key"); v != "first" {
			t.Errorf("the fact is %q", v)
		}
	})
}

func TestCheck(t *testing.T) {
	onBoth(t, func(t *testing.T, name string) {
		if err := create(t, name).Check(ctx); err != nil {
			t.Error(err)
		}
	})
}

// user makes a user with an address and a local id in MASTER.
func user(address, local string) *directory.User {
	u := &directory.User{ID: directory.NewID(), Version: 1}
	u.Values[directory.Address], u.Values[directory.LocalID], u.Values[directory.Org] = address, local, directory.Master
	u.Values[directory.Status], u.Values[directory.MailboxGB] = "active", "4"
	return u
}

// TestWhatMayBeThereOnce: the schema itself guards what two processes could
// otherwise do at once.
func TestWhatMayBeThereOnce(t *testing.T) {
	ann, bob := user("ann@example.org", "L1"), user("bob@example.org", "L2")
	later := *ann
	later.Version = 7
	alias := func(u *directory.User, address string) func(*store.Tx) error {
		return func(tx *store.Tx) error {
			return tx.ApplyChange(ctx, u.ID, directory.Change{Field: directory.ChangeAlias, New: address})
		}
	}
	cases := []struct {
		name string
		do   func(*store.Tx) error
		want error
	}{
		{"another address and local id", func(tx *store.Tx) error {
			return tx.InsertUsers(ctx, []*directory.User{user("c@example.org", "L3")}, nil)
		}, nil},
		{"no local id, twice", func(tx *store.Tx) error {
			return tx.InsertUsers(ctx, []*directory.User{user("c@example.org", ""), user("d@example.org", "")}, nil)
		}, nil},
		{"an address in other case", func(tx *store.Tx) error {
			return tx.InsertUsers(ctx, []*directory.User{user("Ann@Example.org", "")}, nil)
		}, importer.ErrClash},
		{"a local id in other case", func(tx *store.Tx) error {
			return tx.InsertUsers(ctx, []*directory.User{user("c@example.org", "l1")}, nil)
		}, importer.ErrClash},
		{"an alias that is an address", alias(bob, "ann@example.org"), importer.ErrClash},
		{"an alias", alias(bob, "b@example.org"), nil},
		{"an address that is an alias", func(tx *store.Tx) error {
			return errors.Join(alias(bob, "b@example.org")(tx), tx.InsertUsers(ctx, []*directory.User{user("b@example.org", "")}, nil))
		}, importer.ErrClash},
		{"an alias of nobody", alias(user("x@example.org", ""), "b@example.org"), importer.ErrClash},
		{"a user who has changed", func(tx *store.Tx) error { return tx.UpdateUser(ctx, &later, ann) }, directory.ErrChanged},
		{"a user who has not", func(tx *store.Tx) error { return tx.UpdateUser(ctx, ann, ann) }, nil},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			onBoth(t, func(t *testing.T, name string) {
				s := create(t, name)
				insert := func(tx importer.Tx) error { return tx.InsertUsers(ctx, []*directory.User{ann, bob}, nil) }
				if err := s.WriteImport(ctx, insert); err != nil {
					t.Fatal(err)
				}
				err := s.WriteImport(ctx, func(tx importer.Tx) error { return c.do(tx.(*store.Tx)) })
				if !errors.Is(err, c.want) {
					t.Errorf("the error is %v, want %v", err, c.want)
				}
			})
		})
	}
}

// TestATransactionHappensWhollyOrNotAtAll: what failed has left nothing, and
// holds up nobody.
func TestATransactionHappensWhollyOrNotAtAll(t *testing.T) {
	onBoth(t, func(t *testing.T, name string) {
		s := create(t, name)
		failed := errors.New("failed")
		err := s.WriteImport(ctx, func(tx importer.Tx) error {
			if err := tx.InsertUsers(ctx, []*directory.User{user("ann@example.org", "")}, nil); err != nil {
				return err
			}
			return failed
		})
		if !errors.Is(err, failed) {
			t.Fatal(err)
		}
		if n, err := s.UserCounts(ctx); err != nil || len(n) > 0 {
			t.Errorf("%v, %v", n, err)
		}
		if err := s.SetFact(ctx, "a", "b"); err != nil {
			t.Error(err)
		}
	})
}

func TestClaims(t *testing.T) {
	onBoth(t, func(t *testing.T, name string) {
		s := create(t, name)
		imp := &importer.Import{State: importer.Planning, Next: 1}
		if err := s.AddImport(ctx, imp); err != nil || imp.Number != 1 {
			t.Fatal(imp.Number, err)
		}
		err := s.WriteImport(ctx, func(tx importer.Tx) error {
			if err := tx.AddRows(ctx, 1, []*importer.Row{{Row: 1, Line: 5}}); err != nil {
				return err
			}
			conflicts, err := tx.Claim(ctx, 1, []importer.Claim{{Key: "a", Row: 1}, {Key: "b", Row: 2}, {Key: "a", Row: 3}, {Key: "b", Row: 3}})
			want := []importer.Conflict{{Claim: importer.Claim{Key: "a", Row: 3}, Other: 1, Line: 5}, {Claim: importer.Claim{Key: "b", Row: 3}, Other: 2}}
			if fmt.Sprint(conflicts) != fmt.Sprint(want) {
				t.Errorf("conflicts %v, want %v", conflicts, want)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		claimed, err := s.Claimed(ctx, 1, []string{"a", "b", "c"})
		if err != nil || len(claimed) != 2 || claimed["a"] != 1 || claimed["b"] != 2 {
			t.Errorf("claimed %v, %v", claimed, err)
		}
	})
}

func TestSecretsAreDestroyedWhenTheirTimeIsOver(t *testing.T) {
	onBoth(t, func(t *testing.T, name string) {
		s := create(t, name)
		now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
		if err := s.AddImport(ctx, &importer.Import{}); err != nil {
			t.Fatal(err)
		}
		err := s.WriteImport(ctx, func(tx importer.Tx) error {
			return tx.AddSecrets(ctx, 1, []importer.Secret{
				{Row: 1, Kind: importer.Generated, Sealed: []byte("x"), Until: now},
				{Row: 2, Kind: importer.Generated, Sealed: []byte("y"), Until: now.Add(time.Hour)},
				{Row: 3, Kind: importer.Generated, Sealed: []byte("z")}})
		})
		if err != nil {
			t.Fatal(err)
		}
		if due, err := s.SecretsDue(ctx, now); due || err != nil {
			t.Errorf("due at the very time: %v, %v", due, err)
		}
		later := now.Add(time.Minute)
		if due, err := s.SecretsDue(ctx, later); !due || err != nil {
			t.Errorf("due a minute later: %v, %v", due, err)
		}
		if err := s.WriteImport(ctx, func(tx importer.Tx) error { return tx.ExpireSecrets(ctx, later) }); err != nil {
			t.Fatal(err)
		}
		left, err := s.Secrets(ctx, 1, importer.Generated, 0, 9, 9)
		if err != nil || len(left) != 2 || left[0].Row != 2 {
			t.Errorf("left are %v, %v", left, err)
		}
	})
}

// TestTheCatalogIsKept while it is what the database has, whoever changes that.
func TestTheCatalogIsKept(t *testing.T) {
	onBoth(t, func(t *testing.T, name string) {
		mine, theirs := create(t, name), create(t, name)
		put := func(s *store.Store, code string) {
			t.Helper()
			err := s.Write(ctx, func(tx directory.AdminTx) error {
				return tx.PutOrganisation(ctx, &directory.Organisation{Code: code, Name: code, Parent: directory.Master})
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		catalog := func() *directory.Catalog {
			t.Helper()
			c, err := mine.Catalog(ctx)
			if err != nil {
				t.Fatal(err)
			}
			return c
		}
		first := catalog()
		if catalog() != first {
			t.Error("it is read again although nothing has changed")
		}
		for i, s := range []*store.Store{mine, theirs, mine} {
			code := fmt.Sprintf("RX%d", i)
			put(s, code)
			if _, there := catalog().Organisation(code); !there {
				t.Errorf("%s is not seen", code)
			}
		}
		if _, there := first.Organisation("RX0"); there {
			t.Error("one that was given out has changed")
		}
	})
}
