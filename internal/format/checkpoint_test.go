package format

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"muster/internal/directory"
	"muster/internal/table"
)

// shifted is a row of which some cells stand left of the first heading.
func shifted(line, left int, cells []string) table.Row {
	row := rowOf(slices.Concat(slices.Repeat([]string{"x"}, left), cells)...)
	row.Line = line
	return row
}

func checkpointAnywhere(t *testing.T, f *Format) {
	headings, rows := template(t, f)
	want := bind(t, f, headings...).Record(1, rowOf(rows[0]...))
	for _, left := range []int{0, 1, 12} {
		for _, line := range []int{1, 2, 99} {
			header := shifted(line, left, headings)
			b, err := f.Bind(header)
			if err != nil || !f.HasCheckpoint(header) || All().AtCheckpoint(header) != f {
				t.Fatalf("line %d, %d cells to the left: %v", line, left, err)
			}
			if got := b.Record(1, shifted(7, left, rows[0])); !reflect.DeepEqual(wanted(got), wanted(want)) {
				t.Errorf("%d cells to the left: %+v, not %+v", left, got, want)
			}
			if b.Blank(shifted(8, left, nil)) != (left > 0) || b.Blank(shifted(8, left, rows[0])) {
				t.Errorf("%d cells to the left: which rows are blank?", left)
			}
		}
	}
	for _, beyond := range []table.Row{shifted(100, 0, headings), shifted(1, 13, headings)} {
		if _, err := f.Bind(beyond); !HeaderMissing.Is(err) || f.HasCheckpoint(beyond) || All().AtCheckpoint(beyond) != nil {
			t.Errorf("a checkpoint cell in line %d, behind %d cells: %v", beyond.Line, len(beyond.Cells)-len(headings), err)
		}
	}
}

func neighbours(t *testing.T, f *Format) {
	first, second, third := f.Columns[0].Heading, f.Columns[1].Heading, f.Columns[2].Heading
	bind(t, f, first, second)
	bind(t, f, first, second, third)
	bind(t, f, first, second, "x")
	for _, wrong := range [][]string{{first}, {second, first}, {first, "x", second}, {first, strings.ToUpper(second)}, {first, "", second}, {first, second, "x", third}} {
		if i := refusal(t, f, wrong...); i.Code != "header-order" {
			t.Errorf("%q: %v", wrong, i)
		}
	}
}

func otherLetters(t *testing.T, f *Format) {
	headings, _ := template(t, f)
	for _, heading := range headings[3:] {
		if heading == "Physical Address" {
			continue
		}
		for _, other := range []string{strings.ToUpper(heading), heading[:1] + " " + heading[1:], "x" + heading, "x" + heading[1:]} {
			b := bind(t, f, headings[0], headings[1], other)
			notes, rec := b.Notes(), b.Record(1, rowOf("a@example.org", "", "TRUE"))
			secret := maySayPassword(other)
			if len(notes) != 1 || notes[0].Column != other || notes[0].Suggestion != "did you mean "+heading+"?" || (notes[0].Code == "header-near") == secret {
				t.Errorf("%q: %+v", other, notes)
			}
			if taken := slices.Equal(rec.Attributes, []directory.Attribute{{Name: other, Value: "TRUE"}}); taken == secret || len(rec.Issues) > 0 {
				t.Errorf("%q: %+v", other, rec)
			}
		}
	}
}

func exactlyTwice(t *testing.T, f *Format) {
	headings, _ := template(t, f)
	for _, heading := range headings {
		if i := refusal(t, f, append(slices.Clone(headings), heading)...); i.Code != "header-twice" && i.Code != "header-order" {
			t.Errorf("%s twice: %+v", heading, i)
		}
	}
	if i := refusal(t, f, headings[0], headings[1], "Shoe Size", "shoe size"); i.Code != "header-twice" {
		t.Errorf("an attribute twice: %v", i)
	}
}

func noSecretAttribute(t *testing.T, f *Format) {
	for _, heading := range []string{"passwort", "Password", "old password", "PIN", "mot de passe"} {
		b := bind(t, f, f.Columns[0].Heading, f.Columns[1].Heading, heading)
		row := rowOf("a@example.org", "Amina", "Quartz-41")
		if rec := b.Record(1, row); len(rec.Attributes) > 0 || rec.Password != "" {
			t.Errorf("%q is taken: %+v", heading, rec)
		}
		if kept := b.Keep(row); kept[2] != "" || !b.Secret(2) {
			t.Errorf("%q: kept %q", heading, kept)
		}
		if notes := b.Notes(); len(notes) != 1 || notes[0].Code != "header-secret" {
			t.Errorf("%q: %+v", heading, notes)
		}
	}
	b := bind(t, f, "my password", f.Columns[0].Heading, f.Columns[1].Heading)
	if kept := b.Keep(rowOf("Quartz-41", "a@example.org", "Amina")); kept[0] != "" {
		t.Errorf("left of the checkpoint cell: kept %q", kept)
	}
}
