package app

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"muster/internal/access"
	"muster/internal/config"
	"muster/internal/importer/importertest"
	"muster/internal/store"
)

// settings are the defaults with a database in a folder of its own.
func settings(t *testing.T, env ...string) (c *config.Config, folder string) {
	t.Helper()
	folder = filepath.Join(t.TempDir(), "data")
	c, problems, err := config.Load(append(importertest.Environment(t, folder), env...))
	if err != nil || len(problems) > 0 {
		t.Fatal(err, problems)
	}
	return c, folder
}

func open(t *testing.T, c *config.Config, write bool) *App {
	t.Helper()
	a, err := New(context.Background(), c, write)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close() })
	return a
}

func refused(t *testing.T, c *config.Config, write bool, want string) {
	t.Helper()
	a, err := New(context.Background(), c, write)
	if err == nil {
		a.Close()
	}
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("%v, want %q", err, want)
	}
}

// shown is the place of the database, as people are told.
func shown(t *testing.T, c *config.Config) string {
	t.Helper()
	place, err := store.Find(c.Text("database"))
	if err != nil {
		t.Fatal(err)
	}
	return place.Shown
}

// TestWhereTheKeyIs: beside the database, or where the file of one would be.
func TestWhereTheKeyIs(t *testing.T) {
	for _, c := range []struct{ database, named, want string }{
		{"sqlite:a/b.db", "", "a/secret.key"},
		{"sqlite:a/b.db", "c/d", "c/d"},
		{"postgres://host/db", "", "muster-data/secret.key"},
		{"postgres://host/db", "c/d", "c/d"},
	} {
		settings, _, err := config.Load([]string{"MUSTER_DATABASE=" + c.database, "MUSTER_SECRET_KEY_FILE=" + c.named})
		if err != nil {
			t.Fatal(err)
		}
		place, err := store.Find(c.database)
		if got := keyFile(settings, place); got != c.want || err != nil {
			t.Errorf("the key of %s is %s, %v", c.database, got, err)
		}
	}
}

// TestOneGate: sign-ins go before imports only where both stand at the same gate.
func TestOneGate(t *testing.T) {
	c, _ := settings(t, "MUSTER_SESSION_IDLE_MINUTES=7", "MUSTER_SESSION_HOURS=3", "MUSTER_SIGN_IN_PER_ACCOUNT=4", "MUSTER_SIGN_IN_PER_CLIENT=9")
	a := open(t, c, true)
	defer a.Close()
	if gate := a.Access.Gate; gate == nil || a.Importer.Gate != gate || a.Directory.Gate != gate {
		t.Error("they stand at several")
	}
	if a.Access.Limits != (access.Limits{Account: 4, Client: 9}) || a.Access.Lasting != (access.Lasting{Idle: 7 * time.Minute, Longest: 3 * time.Hour}) {
		t.Errorf("%+v, %+v", a.Access.Limits, a.Access.Lasting)
	}
}

func TestReadingSetsNothingUp(t *testing.T) {
	c, folder := settings(t)
	_, err := New(context.Background(), c, false)
	if !errors.Is(err, store.ErrNotThere) {
		t.Errorf("%v", err)
	}
	if _, err := os.Stat(folder); !errors.Is(err, os.ErrNotExist) {
		t.Error("the folder was made")
	}
}

func TestWritingSetsUpOnce(t *testing.T) {
	c, _ := settings(t)
	if a := open(t, c, true); !strings.Contains(a.Note, shown(t, c)) {
		t.Errorf("note %q", a.Note)
	}
	for _, write := range []bool{true, false} {
		if a := open(t, c, write); a.Note != "" {
			t.Errorf("note %q", a.Note)
		}
	}
}

func TestManyStartAtOnce(t *testing.T) {
	c, _ := settings(t)
	prints := make([]string, 8)
	var all sync.WaitGroup
	for i := range prints {
		all.Go(func() {
			a, err := New(context.Background(), c, true)
			if err != nil {
				t.Error(err)
				return
			}
			prints[i] = a.Key.Fingerprint()
			if err := a.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	for _, p := range prints {
		if p != prints[0] {
			t.Fatalf("two keys: %v", prints)
		}
	}
}

func TestKeyThatWasThereBeforeIsTaken(t *testing.T) {
	c, folder := settings(t)
	other, otherFolder := settings(t)
	before := open(t, other, true).Key.Fingerprint()
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(filepath.Join(otherFolder, "secret.key"), filepath.Join(folder, "secret.key")); err != nil {
		t.Fatal(err)
	}
	if got := open(t, c, true).Key.Fingerprint(); got != before {
		t.Error("another key was made")
	}
}

func TestKeyBelongsToItsDatabase(t *testing.T) {
	c, folder := settings(t)
	open(t, c, true)
	key := filepath.Join(folder, "secret.key")
	if err := os.Rename(key, key+".kept"); err != nil {
		t.Fatal(err)
	}
	for _, write := range []bool{true, false} {
		refused(t, c, write, "is missing")
	}
	other, otherFolder := settings(t)
	open(t, other, true)
	if err := os.Rename(filepath.Join(otherFolder, "secret.key"), key); err != nil {
		t.Fatal(err)
	}
	refused(t, c, true, "not that of the database")
}

func TestNothingIsLeftBehindByARefusal(t *testing.T) {
	for _, env := range []string{"MUSTER_DATABASE=postgres://127.0.0.1:1/muster", "MUSTER_BREACH_FILE=/no/such/file"} {
		c, folder := settings(t, env)
		if _, err := New(context.Background(), c, true); err == nil {
			t.Errorf("%s: no error", env)
		}
		if _, err := os.Stat(folder); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s: the folder was made", env)
		}
	}
}

func TestSettingsReachTheServices(t *testing.T) {
	c, _ := settings(t, "MUSTER_BATCH=3", "MUSTER_PLAN_DAYS=4", "MUSTER_LIMITS_CELL_KIB=5", "MUSTER_LIMITS_COLUMNS=6", "MUSTER_LIMITS_ROWS=7",
		"MUSTER_HASHING_MEMORY_MIB=8", "MUSTER_HASHING_TIME=9")
	i := open(t, c, true).Importer
	got := []int{i.Batch, i.PlanDays, i.Limits.CellBytes, i.Limits.Columns, i.Limits.Rows, int(i.Hashing.MemoryKiB), int(i.Hashing.Time)}
	for n, want := range []int{3, 4, 5 << 10, 6, 7, 8 << 10, 9} {
		if got[n] != want {
			t.Errorf("got %v", got)
		}
	}
}

func TestExamine(t *testing.T) {
	c, folder := settings(t)
	levels := func() (all map[string]string) {
		all = map[string]string{}
		for _, f := range Examine(context.Background(), c) {
			if all[f.What] != "warn" && all[f.What] != "fail" {
				all[f.What] = f.Level
			}
			if f.Level != "ok" && f.Cure == "" {
				t.Errorf("no cure for %+v", f)
			}
		}
		return all
	}
	if got := levels(); got["database"] != "fail" {
		t.Errorf("no database: %v", got)
	}
	open(t, c, true)
	for what, level := range levels() {
		if level == "fail" || level == "warn" && what != "disk" {
			t.Errorf("%s: %s", what, level)
		}
	}
	if inFolder := shown(t, c) == filepath.Join(folder, "muster.db"); inFolder {
		if err := os.Chmod(folder, 0o755); err != nil {
			t.Fatal(err)
		}
		if got := levels(); got["mode"] != "warn" {
			t.Errorf("open folder: %v", got)
		}
	}
	if err := os.Remove(filepath.Join(folder, "secret.key")); err != nil {
		t.Fatal(err)
	}
	if got := levels(); got["database"] != "fail" {
		t.Errorf("no key: %v", got)
	}
}
