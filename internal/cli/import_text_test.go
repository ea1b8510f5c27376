package cli

import (
	"testing"

	"muster/internal/directory"
	"muster/internal/importer"
)

// A plan sends nobody to an apply that would be refused, or would change nothing.
func TestWhatIsNextAfterAPlan(t *testing.T) {
	const mend, orPartial, nothing, apply = "Mend the rows and plan the file again.",
		"Mend the rows and plan the file again, or plan it with --partial.", "There is nothing to carry out.", "To carry it out: muster apply 7"
	for _, c := range []struct {
		name                               string
		create, unchanged, discard, errors int64
		removed                            int64
		strict                             bool
		want                               string
	}{
		{name: "good", create: 3, want: apply},
		{name: "good, strict", create: 3, strict: true, want: apply},
		{name: "some in error", create: 1, errors: 2, want: apply},
		{name: "some in error, strict", create: 1, errors: 2, strict: true, want: orPartial},
		{name: "all in error", errors: 3, want: mend},
		{name: "all in error, strict", errors: 3, strict: true, want: mend},
		{name: "unchanged or in error", unchanged: 1, errors: 2, want: mend},
		{name: "unchanged", unchanged: 3, want: nothing},
		{name: "discarded", discard: 3, want: nothing},
		{name: "unchanged, but some leave the group", unchanged: 3, removed: 1, want: apply},
		{name: "no rows", want: nothing},
		{name: "no rows, and all leave the group", removed: 2, want: apply},
	} {
		imp := &importer.Import{Number: 7, State: importer.Planned, Strict: c.strict, Removed: c.removed, Rows: c.create + c.unchanged + c.discard + c.errors,
			Counts: map[directory.Action]int64{directory.Create: c.create, directory.Unchanged: c.unchanged, directory.Discard: c.discard, directory.Refuse: c.errors}}
		if got := nextOfPlan(imp); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}
