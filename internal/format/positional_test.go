package format

import (
	"reflect"
	"slices"
	"testing"

	"muster/internal/table"
)

func letters(t *testing.T, f *Format) {
	rec := bind(t, f).Record(1, rowOf(make([]string, len(f.Columns))...))
	if got := codes(rec); got[0] != "A:value-missing" {
		t.Errorf("a blank row tells %q", got)
	}
}

func ownResults(t *testing.T, f *Format) {
	_, rows := template(t, f)
	b := bind(t, f)
	want := b.Record(1, rowOf(rows[0]...))
	for _, own := range [][]string{{"Created"}, {"Left out: A: something is wrong."}, {"Updated", "Abcde-Fghjk"}} {
		cells := slices.Concat(rows[0], own)
		if got := b.Record(1, rowOf(cells...)); !reflect.DeepEqual(wanted(got), wanted(want)) {
			t.Errorf("%q: read %+v, not %+v", own, got, want)
		}
		if kept := b.Keep(rowOf(cells...)); !slices.Equal(kept, rows[0]) {
			t.Errorf("%q: kept %q", own, kept)
		}
	}
	for _, other := range []string{"Createdly", "TRUE", "Result"} {
		if got := codes(b.Record(1, rowOf(append(slices.Clone(rows[0]), other)...))); len(got) != 1 {
			t.Errorf("%q behind the last column: %q", other, got)
		}
	}
}

func headingsNoticed(t *testing.T, f *Format) {
	_, rows := template(t, f)
	if !f.LooksLikeHeadings(rowOf(columnNames(f)...)) {
		t.Error("headings are not noticed")
	}
	if f.LooksLikeHeadings(rowOf(rows[0]...)) || f.LooksLikeHeadings(rowOf("", " ")) {
		t.Error("a row is taken for headings")
	}
	if muster.LooksLikeHeadings(rowOf("address")) {
		t.Error("a format with headings has a line too many")
	}
}

func byColumns(t *testing.T, f *Format) {
	_, rows := template(t, f)
	for _, cells := range rows {
		if found := All().ByColumns(cells); len(found) != 1 || found[0] != f {
			t.Errorf("%q may be %v", cells, found)
		}
		if found := All().Detect(cells, table.CSV); len(found) > 0 {
			t.Errorf("%q is taken for %v", cells, found)
		}
	}
}

// Rows of other formats, headings and passwords are not taken for those of a file
// without headings.
func TestByColumnsOfOthers(t *testing.T) {
	for _, cells := range [][]string{
		{"Email", "Name"}, {"a@example.org", "Amina", "Quartz-41", "TRUE"}, {"a@example.org"}, {"Amina", "Khan", "a@example.org"},
		{"a@example.org", "Amina", "Khan", "J", "01632 960101"}, {"a@example.org", "Amina", "Khan", "", "", "more"}, nil,
	} {
		if found := All().ByColumns(cells); len(found) > 0 {
			t.Errorf("%q may be %s", cells, found[0].Name)
		}
	}
}
