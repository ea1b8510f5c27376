package store_test

import (
	"strings"
	"testing"

	"muster/internal/store"
)

// TestMigrate: who opens a database as it is sees how far it is; who opens it brings
// it up to date; nobody opens one that a newer program has changed.
func TestMigrate(t *testing.T) {
	onBoth(t, func(t *testing.T, name string) {
		create(t, name)
		db := raw(t, name)
		schema := func() (has, needs int) {
			t.Helper()
			s, err := store.Open(ctx, name, store.AsItIs())
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			if has, needs, err = s.Schema(ctx); err != nil {
				t.Fatal(err)
			}
			return has, needs
		}
		has, needs := schema()
		if has != needs || has == 0 {
			t.Fatalf("set up, the schema is %d of %d", has, needs)
		}
		change := func(text string, args ...any) {
			t.Helper()
			if _, err := db.Exec(text, args...); err != nil {
				t.Fatal(err)
			}
		}
		change(`INSERT INTO goose_db_version (version_id, is_applied) VALUES ($1, TRUE)`, needs+1)
		if _, err := store.Open(ctx, name); err == nil || !strings.Contains(err.Error(), "newer Muster") {
			t.Errorf("a newer one: %v", err)
		}
		if has, _ := schema(); has != needs+1 {
			t.Errorf("as it is, the schema is %d", has)
		}
	})
}
