package store_test

import (
	"strings"
	"testing"

	"muster/internal/importer"
	"muster/internal/store"
)

// A lease is held by one at a time, in this process or another; one whose holder
// is gone is free at once on a database of one machine, and else when nothing was
// heard of them for a while.
func TestLease(t *testing.T) {
	onBoth(t, func(t *testing.T, name string) {
		s := create(t, name)
		if err := s.AddImport(ctx, &importer.Import{State: importer.Planning, Next: 1}); err != nil {
			t.Fatal(err)
		}
		take := func(s *store.Store) int64 {
			t.Helper()
			lease, err := s.Lease(ctx, 1)
			if err != nil {
				t.Fatal(err)
			}
			return lease
		}
		other := create(t, name)
		first := take(s)
		if first == 0 || take(s) != 0 || take(other) != 0 {
			t.Fatal("two have the lease")
		}
		if err := s.EndLease(ctx, 1, first); err != nil {
			t.Fatal(err)
		}
		second := take(other)
		if second == 0 || second == first || take(s) != 0 {
			t.Fatalf("given back, the lease %d is %d", first, second)
		}
		if err := s.EndLease(ctx, 1, first); err != nil || take(s) != 0 {
			t.Error("who has no lease any more gave it back", err)
		}
		other.Close() // as when its process dies
		if onServer := strings.HasPrefix(name, "postgres"); onServer {
			if take(s) != 0 {
				t.Error("a holder who was heard of just now has lost the lease")
			}
			if _, err := raw(t, name).Exec(`UPDATE imports SET seen_at = seen_at - 26000000`); err != nil {
				t.Fatal(err)
			}
		}
		if take(s) == 0 {
			t.Error("a holder who is gone keeps the lease")
		}
		if lease, err := s.Lease(ctx, 2); lease != 0 || err != nil {
			t.Errorf("an import that is not there has a lease %d, %v", lease, err)
		}
	})
}
