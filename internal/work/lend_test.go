package work_test

import (
	"fmt"
	"strings"
	"testing"

	"muster/internal/importer"
	"muster/internal/importer/importertest"
	"muster/internal/password"
	"muster/internal/store/pgtest"
)

// A process that has nothing to do helps another to hash: each password is hashed
// once, by one of them.
func TestHelpsToHash(t *testing.T) {
	const people = 1500
	w := world(t, pgtest.Shared(t).Database(t))
	w.Importer.Hashing = password.Params{MemoryKiB: 2048, Time: 6, Threads: 1} // some milliseconds each
	var b strings.Builder
	b.WriteString("address,org,password\n")
	for i := range people {
		fmt.Fprintf(&b, "user%d@rx2.example.org,RX2,correct-horse-%d\n", i, i)
	}
	imp := w.Plan(b.String(), importer.Options{Org: "RX2"})
	if _, err := w.Importer.ApplyLater(ctx, importertest.Operator, imp.Number, 0); err != nil {
		t.Fatal(err)
	}
	first, second := open(t, w).begin(), open(t, w)
	first.wait("begun", imp.Number)
	second.begin().wait("helped", imp.Number)
	first.wait("ended", imp.Number)
	wantApplied(t, w, imp, people)
	if done := now(t, w, imp); done.Hashed != people {
		t.Errorf("%d passwords were hashed, not %d", done.Hashed, people)
	}
}
