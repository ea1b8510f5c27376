package store_test

import (
	"context"
	"database/sql"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"muster/internal/directory"
	"muster/internal/importer"
	"muster/internal/store"
)

var ctx = context.Background()

var update = flag.Bool("update", false, "write schema.sql anew")

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

func path(t *testing.T) string { return filepath.Join(t.TempDir(), "folder", "muster.db") }

func create(t *testing.T, path string, options ...store.Option) *store.Store {
	t.Helper()
	s, err := store.Create(ctx, "sqlite:"+path, options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func raw(t *testing.T, path string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// TestSchema compares the schema as a whole with the file in which reviewers
// read it; -update writes that anew.
func TestSchema(t *testing.T) {
	p := path(t)
	create(t, p)
	rows, err := raw(t, p).Query(`SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'goose%' AND name NOT LIKE 'sqlite_%' ORDER BY tbl_name, type DESC, name`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var b strings.Builder
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			t.Fatal(err)
		}
		b.WriteString(text + ";\n\n")
	}
	if *update {
		if err := os.WriteFile("schema.sql", []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("schema.sql")
	if err != nil || string(want) != b.String() {
		t.Errorf("schema.sql is not the schema (%v); go test -run TestSchema -update writes it", err)
	}
}

func TestNames(t *testing.T) {
	for name, want := range map[string]string{
		"sqlite:muster.db": "muster.db", "sqlite:/x/y.db": "/x/y.db", "sqlite:": "", "muster.db": "", "postgres://host/db": "", "": "",
	} {
		if got, err := store.Path(name); got != want || (err == nil) != (want != "") {
			t.Errorf("%q means %q, %v", name, got, err)
		}
	}
}

func TestADatabaseIsForItsOwnerOnly(t *testing.T) {
	p := path(t)
	s := create(t, p)
	if err := s.SetFact(ctx, "a", "b"); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]os.FileMode{filepath.Dir(p): 0o700, p: 0o600, p + "-wal": 0o600, p + "-shm": 0o600} {
		info, err := os.Stat(name)
		if err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v, %v; want %v", filepath.Base(name), info.Mode().Perm(), err, want)
		}
	}
	for pragma, want := range map[string]string{"journal_mode": "wal"} {
		var got string
		if err := raw(t, p).QueryRow(`PRAGMA ` + pragma).Scan(&got); err != nil || got != want {
			t.Errorf("%s is %s, want %s", pragma, got, want)
		}
	}
}

func TestOpenMakesNothing(t *testing.T) {
	p := path(t)
	if _, err := store.Open(ctx, "sqlite:"+p); !errors.Is(err, store.ErrNotThere) {
		t.Errorf("the error is %v", err)
	}
	if _, err := os.Stat(filepath.Dir(p)); err == nil {
		t.Error("a folder was made")
	}
	create(t, p)
	s, err := store.Open(ctx, "sqlite:"+p)
	if err != nil {
		t.Fatal(err)
	}
	s.Close()
}

func TestOpenedAtOnce(t *testing.T) {
	p := path(t)
	var group sync.WaitGroup
	for range 5 {
		group.Go(func() {
			s, err := store.Create(ctx, "sqlite:"+p)
			if err != nil {
				t.Error(err)
				return
			}
			s.Close()
		})
	}
	group.Wait()
	migratedOnce(t, p)
}

func TestProcessesThatStartAtOnce(t *testing.T) {
	p := path(t)
	var group sync.WaitGroup
	for range 5 {
		c := exec.Command(os.Args[0])
		c.Env = append(os.Environ(), opener+"=sqlite:"+p)
		group.Go(func() {
			if out, err := c.CombinedOutput(); err != nil {
				t.Errorf("%v: %s", err, out)
			}
		})
	}
	group.Wait()
	migratedOnce(t, p)
}

func migratedOnce(t *testing.T, p string) {
	t.Helper()
	var versions, distinct, masters int
	db := raw(t, p)
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

func TestUnavailable(t *testing.T) {
	cases := []struct {
		name string
		make func(t *testing.T, p string) error
	}{
		{"not a database", func(t *testing.T, p string) error {
			place(t, p, "this is a letter, and not a database, although it is long enough for one")
			return reopen(p)
		}},
		{"a folder", func(t *testing.T, p string) error {
			if err := os.MkdirAll(filepath.Join(p, "below"), 0o700); err != nil {
				t.Fatal(err)
			}
			return reopen(p)
		}},
		{"below a file", func(t *testing.T, p string) error {
			place(t, filepath.Dir(p), "a file")
			_, err := store.Create(ctx, "sqlite:"+p)
			return err
		}},
		{"somebody else writes for too long", func(t *testing.T, p string) error {
			s, other := create(t, p, store.Wait(20*time.Millisecond)), create(t, p)
			return other.WriteImport(ctx, func(importer.Tx) error { return errors.Join(s.SetFact(ctx, "a", "b"), nil) })
		}},
		{"read only", func(t *testing.T, p string) error {
			create(t, p).Close()
			db := raw(t, "file:"+p+"?mode=ro")
			_, err := db.Exec(`DELETE FROM facts`)
			return err
		}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if err := c.make(t, path(t)); !store.Unavailable(err) {
				t.Errorf("%v is not taken for a database that cannot be reached", err)
			}
		})
	}
	for _, err := range []error{nil, errors.New("x"), context.Canceled, importer.ErrClash, &os.PathError{Err: os.ErrPermission}} {
		if store.Unavailable(err) {
			t.Errorf("%v is taken for a database that cannot be reached", err)
		}
	}
}

func place(t *testing.T, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func reopen(p string) error {
	s, err := store.Open(ctx, "sqlite:"+p)
	if err == nil {
		s.Close()
	}
	return err
}

func TestFacts(t *testing.T) {
	s := create(t, path(t))
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
}

func TestCheck(t *testing.T) {
	if err := create(t, path(t)).Check(ctx); err != nil {
		t.Error(err)
	}
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
		{"a user who has changed", func(tx *store.Tx) error { return tx.UpdateUser(ctx, ann, 7) }, directory.ErrChanged},
		{"a user who has not", func(tx *store.Tx) error { return tx.UpdateUser(ctx, ann, 1) }, nil},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			s := create(t, path(t))
			insert := func(tx importer.Tx) error { return tx.InsertUsers(ctx, []*directory.User{ann, bob}, nil) }
			if err := s.WriteImport(ctx, insert); err != nil {
				t.Fatal(err)
			}
			err := s.WriteImport(ctx, func(tx importer.Tx) error { return c.do(tx.(*store.Tx)) })
			if !errors.Is(err, c.want) {
				t.Errorf("the error is %v, want %v", err, c.want)
			}
		})
	}
}

// TestATransactionHappensWhollyOrNotAtAll: what failed has left nothing, and
// holds up nobody.
func TestATransactionHappensWhollyOrNotAtAll(t *testing.T) {
	s := create(t, path(t))
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
}

func TestClaims(t *testing.T) {
	s := create(t, path(t))
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
}

func TestSecretsAreDestroyedWhenTheirTimeIsOver(t *testing.T) {
	s := create(t, path(t))
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
}
