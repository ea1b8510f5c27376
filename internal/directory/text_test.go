package directory_test

import (
	"context"
	"strings"
	"testing"

	"muster/internal/directory"
	"muster/internal/importer"
	"muster/internal/importer/importertest"
)

// What holds for the texts of a user holds for every text that the directory keeps: neither
// control characters, nor what is no character, nor more than the field takes.
func TestTextsThatAreKept(t *testing.T) {
	ctx := context.Background()
	w := importertest.New(t)
	w.Group("RX1", "Wards")
	w.Add("anna@example.org", "RX1")
	d, actor := w.Directory, importertest.Operator
	if err := d.AddAttribute(ctx, actor, "Floor"); err != nil {
		t.Fatal(err)
	}
	long := strings.Repeat("x", 200_000)
	for what, c := range map[string]struct {
		long string // the code of a text that is too long
		keep func(text string) error
	}{
		"user": {"value-too-long", func(text string) error {
			_, _, err := d.SetUser(ctx, actor, record("address", "anna@example.org", "name", text))
			return err
		}},
		"attribute of a user": {"attribute-name", func(text string) error {
			_, _, err := d.SetUser(ctx, actor, record("address", "anna@example.org", "attr."+text, "1"))
			return err
		}},
		"new organisation": {"value-too-long", func(text string) error {
			return d.AddOrganisation(ctx, actor, directory.Organisation{Code: "NEW", Name: text, Parent: "RX1"})
		}},
		"organisation": {"value-too-long", func(text string) error {
			return d.SetOrganisation(ctx, actor, "RX1", func(o *directory.Organisation) { o.Name = text })
		}},
		"new group":           {"group-name", func(text string) error { return d.AddGroup(ctx, actor, "RX1", text) }},
		"group below another": {"group-name", func(text string) error { return d.AddGroup(ctx, actor, "RX1", "Wards/"+text) }},
		"group":               {"group-name", func(text string) error { return d.RenameGroup(ctx, actor, "RX1", "Wards", text) }},
		"note of a member":    {"note-too-long", func(text string) error { return d.AddMember(ctx, actor, "RX1", "Wards", "anna@example.org", &text) }},
		"new attribute":       {"attribute-name", func(text string) error { return d.AddAttribute(ctx, actor, text) }},
		"attribute":           {"attribute-name", func(text string) error { return d.RenameAttribute(ctx, actor, "Floor", text) }},
		"note of an import": {"note-too-long", func(text string) error {
			_, err := w.Importer.Check(ctx, actor, importer.Options{Org: "RX1", Group: "Wards", Note: text})
			return err
		}},
		"sheet of an import": {"value-too-long", func(text string) error {
			_, err := w.Importer.Check(ctx, actor, importer.Options{Org: "RX1", Sheet: text})
			return err
		}},
	} {
		before := w.List(`SELECT * FROM organisations`) + w.List(`SELECT * FROM groups`) + w.List(`SELECT * FROM attributes`) + w.List(`SELECT * FROM history`)
		for _, text := range []string{"a\x00b", "a\x1b[2Jb", "a\x07b", "a\u202eb", "a\u2066b", "a\xffb"} {
			if err := c.keep(text); !directory.ValueControl.Is(err) {
				t.Errorf("%s %q: %v", what, text, err)
			}
		}
		if err := c.keep(long); err == nil || codeOf(err) != c.long {
			t.Errorf("%s, too long: %.200v", what, err)
		}
		if after := w.List(`SELECT * FROM organisations`) + w.List(`SELECT * FROM groups`) + w.List(`SELECT * FROM attributes`) + w.List(`SELECT * FROM history`); after != before {
			t.Errorf("%s: something was kept", what)
		}
	}
	for text, want := range map[string]string{" Ward\r\nseven ": "Ward seven", "\u202aWard 7\u202c": "Ward 7", "مستشفى 👩‍⚕️": "مستشفى 👩‍⚕️"} {
		if err := d.SetOrganisation(ctx, actor, "RX1", func(o *directory.Organisation) { o.Name = text }); err != nil {
			t.Fatal(err)
		}
		c, err := d.Catalog(ctx, actor)
		if o, _ := c.Organisation("RX1"); err != nil || o.Name != want {
			t.Errorf("%q is kept as %q, %v", text, o.Name, err)
		}
	}
	for _, name := range []string{"a\x00b", "a\xffb", long} {
		if err := d.DeleteAttribute(ctx, actor, name); !directory.AttributeUnknown.Is(err) {
			t.Errorf("deleting %.20q: %v", name, err)
		}
	}
}
