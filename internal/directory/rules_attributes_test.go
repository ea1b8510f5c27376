package directory_test

import (
	"errors"
	"slices"
	"testing"

	"muster/internal/directory"
	"muster/internal/importer"
	"muster/internal/importer/importertest"
	"muster/internal/issue"
)

// codeOf is the code of a refusal; "" for none.
func codeOf(err error) string {
	var i issue.Issue
	errors.As(err, &i)
	return i.Code
}

// Attributes by hand: made ahead, renamed with the values that users have, deleted
// when nobody has one any more.
func TestAttributesByHand(t *testing.T) {
	w := importertest.New(t)
	d, ctx, operator := w.Directory, t.Context(), importertest.Operator
	w.Org("RX2", directory.Master)
	w.Domain("two.example", "RX2")
	w.Add("anna@example.org", "RX1", "attr.Floor", "1")
	w.Add("ben@two.example", "RX2", "attr.Floor", "2")
	plan := w.Plan("address,attr.Floor\nanna@example.org,3\n", importer.Options{})
	for _, step := range []struct {
		what string
		err  error
		want string // code of the error
	}{
		{"added", d.AddAttribute(ctx, operator, " Night  ward "), ""},
		{"added again", d.AddAttribute(ctx, operator, "NIGHT WARD"), "attribute-exists"},
		{"without a name", d.AddAttribute(ctx, operator, " "), "attribute-name"},
		{"renamed", d.RenameAttribute(ctx, operator, "floor", "Level"), ""},
		{"respelt", d.RenameAttribute(ctx, operator, "level", "LEVEL"), ""},
		{"renamed to another's name", d.RenameAttribute(ctx, operator, "Level", "night ward"), "attribute-exists"},
		{"renamed what is not there", d.RenameAttribute(ctx, operator, "Floor", "Level"), "attribute-unknown"},
		{"deleted what users have", d.DeleteAttribute(ctx, operator, "level"), "attribute-in-use"},
		{"deleted", d.DeleteAttribute(ctx, operator, "Night Ward"), ""},
		{"deleted again", d.DeleteAttribute(ctx, operator, "Night Ward"), "attribute-unknown"},
		{"renamed by somebody of one organisation", d.RenameAttribute(ctx, as("Full", "RX1")(w), "Level", "Storey"), "organisation-forbidden"},
	} {
		if got := codeOf(step.err); got != step.want {
			t.Errorf("%s: %v, want %q", step.what, step.err, step.want)
		}
	}
	if got := w.User("anna@example.org").Attributes; len(got) != 1 || got[0].Name != "LEVEL" || got[0].Value != "1" {
		t.Errorf("anna has %v", got)
	}
	if all, err := d.Attributes(ctx, operator); err != nil || !slices.Equal(all, []directory.AttributeUse{{Name: "LEVEL", Users: 2}}) {
		t.Errorf("there are %v, %v", all, err)
	}
	if all, err := d.Attributes(ctx, as("Auditor", "RX1")(w)); err != nil || !slices.Equal(all, []directory.AttributeUse{{Name: "LEVEL", Users: 1}}) {
		t.Errorf("in RX1 there are %v, %v", all, err)
	}
	// A plan that was made before is looked at again, and does what the file says.
	if done := w.Apply(plan); done.OutcomeCounts()[importer.Updated]+done.OutcomeCounts()[importer.Failed] != 1 {
		t.Errorf("the plan came to %v", done.OutcomeCounts())
	}
}
