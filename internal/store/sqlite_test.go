package store_test

import (
	"context"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"muster/internal/importer"
	"muster/internal/store"
)

var update = flag.Bool("update", false, "write schema.sql anew")

func path(t *testing.T) string { return filepath.Join(t.TempDir(), "folder", "muster.db") }

// TestSchema compares the schema as a whole with the file in which reviewers
// read it; -update writes that anew.
func TestSchema(t *testing.T) {
	p := path(t)
	create(t, "sqlite:"+p)
	rows, err := raw(t, "sqlite:"+p).Query(`SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'goose%' AND name NOT LIKE 'sqlite_%' ORDER BY tbl_name, type DESC, name`)
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

func TestADatabaseIsForItsOwnerOnly(t *testing.T) {
	p := path(t)
	s := create(t, "sqlite:"+p)
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
		if err := raw(t, "sqlite:"+p).QueryRow(`PRAGMA ` + pragma).Scan(&got); err != nil || got != want {
			t.Errorf("%s is %s, want %s", pragma, got, want)
		}
	}
}

func TestOpenMakesNoFolder(t *testing.T) {
	p := path(t)
	if err := reopen(p); !errors.Is(err, store.ErrNotThere) {
		t.Errorf("the error is %v", err)
	}
	if _, err := os.Stat(filepath.Dir(p)); err == nil {
		t.Error("a folder was made")
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
			s, other := create(t, "sqlite:"+p, store.Wait(20*time.Millisecond)), create(t, "sqlite:"+p)
			return other.WriteImport(ctx, func(importer.Tx) error { return errors.Join(s.SetFact(ctx, "a", "b"), nil) })
		}},
		{"read only", func(t *testing.T, p string) error {
			create(t, "sqlite:"+p).Close()
			db := raw(t, "sqlite:file:"+p+"?mode=ro")
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
