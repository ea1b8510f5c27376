package importer_test

import (
	"slices"
	"strings"
	"testing"

	"muster/internal/importer"
	"muster/internal/importer/importertest"
)

// sentenceCase is a file of a format and what its plan says, beside the sentence of the
// format's document that says so. [known] is from the vendor's public documentation,
// [ours] what the document leaves open. Who plans it is the operator, unless a role is
// named.
type sentenceCase struct {
	sentence string
	file     string
	options  importer.Options
	role, of string // of whoever plans the file, and their organisation
	plan     string // what is wrong with the file, then for each row the action, changes and codes
	refused  string // why the whole file is
}

// usual are the changes that every new user brings, and that say nothing of a format.
var usual = []string{"display_name:", "origin:>", "mailbox_gb:>4", "org:>RX1"}

// check plans the case's file and compares; what is usual, and what is passed over
// besides, is left out.
func (c *sentenceCase) check(t *testing.T, w *importertest.World, format string, passedOver ...string) *importer.Import {
	t.Helper()
	actor := operator
	if c.role != "" {
		actor = admin(w, "me@example.org", "RX1", c.role)
		if c.of != "" {
			actor.Org = c.of
		}
	}
	c.options.Format, c.options.Org = format, "RX1"
	imp := w.PlanAs(actor, c.file, c.options)
	got := ""
	if imp.State == importer.Refused {
		got = imp.FileIssues[0].Code
	} else {
		got = planned(w, imp, slices.Concat(usual, passedOver)...)
		got = strings.Join(strings.Fields(strings.ReplaceAll(got, "file kind-not-original\n", "")), " ")
	}
	if want := c.plan + c.refused; got != want {
		t.Errorf("planned\n%s\nwant\n%s", got, want)
	}
	return imp
}
