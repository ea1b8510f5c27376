package format

import (
	"fmt"
	"slices"
	"strings"

	"muster/internal/issue"
	"muster/internal/suggest"
	"muster/internal/table"
)

// Where the checkpoint cell of a format is looked for: "within the A1-M99 cell range".
const (
	checkpointLines   = 99
	checkpointColumns = 'M' - 'A' + 1
)

// AtCheckpoint returns the format whose headings stand in a row, beginning at its
// checkpoint cell, or nil.
func (s Set) AtCheckpoint(r table.Row) *Format {
	for _, f := range s {
		if !f.HasCheckpoint(r) {
			continue
		}
		if _, err := f.Bind(r); err == nil {
			return f
		}
	}
	return nil
}

// MayHoldCheckpoint reports whether a checkpoint cell may stand in a row, by its line.
func MayHoldCheckpoint(r table.Row) bool { return r.Line <= checkpointLines }

// HasCheckpoint reports whether the checkpoint cell of the format stands in a row.
func (f *Format) HasCheckpoint(r table.Row) bool {
	return f.Checkpoint && MayHoldCheckpoint(r) && f.checkpoint(r.Texts()) >= 0
}

// checkpoint returns the place of the checkpoint cell in a row, or -1.
func (f *Format) checkpoint(cells []string) int {
	return slices.Index(cells[:min(len(cells), checkpointColumns)], f.Columns[0].Heading)
}

// noCheckpoint refuses a file, whose first row is known, for having no checkpoint cell.
func (f *Format) noCheckpoint(first []string, line int) issue.Issue {
	want := f.Columns[0].Heading
	i := HeaderMissing.New("No cell of A1 to %c%d says %q, which is where the headings of format %s begin.", 'A'+checkpointColumns-1, checkpointLines, want, f.Name)
	i.Line = line
	is := func(heading string) bool { return strings.EqualFold(heading, want) }
	if n := slices.IndexFunc(first, is); n >= 0 {
		return i.In(first[n]).Suggest("write %q in place of %q, all in small letters; the other headings, too, are told by their case", want, first[n])
	}
	return i.Suggest("write %q above the addresses and %q above the names, which stand directly right of them", want, f.Columns[1].Heading)
}

// misplaced refuses headings that do not stand where they must, beside the checkpoint
// cell; headings are those from this cell on.
func (f *Format) misplaced(headings []string) (issue.Issue, bool) {
	name, password := f.Columns[1].Heading, f.Columns[2].Heading
	if found := at(headings, 1); found != name {
		return HeaderOrder.New("Directly right of %q must stand %q; there is: %s.", headings[0], name, found).
			Suggest("put the column %q there, written just so; its cells may be blank", name), true
	}
	if n := slices.Index(headings, password); n > 2 {
		return HeaderOrder.New("%q must stand directly right of %q, not %d columns away.", password, name, n-1).
			In(password).Suggest("move the column there"), true
	}
	return issue.Issue{}, false
}

// Notes are what is worth knowing of the headings of a file whose other headings are
// attributes: which of them were probably meant otherwise, or say nothing.
func (b *Binding) Notes() []issue.Issue { return b.notes }

// noteOther finds out what to tell of a heading that the format does not name.
func (b *Binding) noteOther(n int, heading string, s slot) {
	i, tell := issue.Issue{}, true
	known, near := b.format.near(heading)
	switch {
	case heading == "":
		i = HeaderBlank.New("Column %s has no heading, so what stands in it is passed over.", table.Letter(n))
	case s.hidden:
		i = HeaderSecret.New("The column %q may hold passwords, so it does not become an attribute, and is passed over.", short(heading))
	case near:
		i = HeaderNear.New("The heading %q is taken for an attribute of that name.", short(heading))
	default:
		tell = false
	}
	if near {
		i = i.Suggest("did you mean %s?", known)
	}
	if tell {
		b.notes = append(b.notes, i.In(label(b.headings, n)))
	}
}

// near returns the known heading that differs from another by case, blanks or one letter.
func (f *Format) near(heading string) (string, bool) {
	compact := strings.Join(strings.Fields(heading), "")
	if s, ok := f.listColumn(fold(compact)); ok {
		return s.name, true
	}
	return suggest.Within(1, compact, f.known())
}

// otherSlot is where the cells below a heading go that the format does not name: into
// an attribute, unless they may be passwords.
func otherSlot(heading string) slot {
	if heading == "" || maySayPassword(heading) {
		return slot{hidden: true}
	}
	return slot{kind: attribute, name: attributePrefix + heading}
}

// leftSlot is of a column left of the checkpoint cell: "above and left of it anything
// may stand".
func leftSlot(headings []string, n int) slot {
	return slot{label: fmt.Sprintf("column %s", table.Letter(n)), hidden: maySayPassword(headings[n])}
}

// Blank reports whether a row says nothing in the columns that the format reads.
func (b *Binding) Blank(r table.Row) bool {
	for n := b.left; b.left > 0 && n < len(r.Cells); n++ {
		if table.Trim(r.Cells[n].Text) != "" {
			return false
		}
	}
	return b.left > 0
}
