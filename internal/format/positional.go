package format

import (
	"slices"
	"strings"

	"muster/internal/mailaddr"
	"muster/internal/table"
)

// bindPositions makes the binding of a format without headings. Columns have letters.
// Where the first line is skipped they are called as the format calls them: what that
// line says is not kept, for it may be a row, with a password.
func (f *Format) bindPositions(skipped bool) *Binding {
	headings := make([]string, len(f.Columns))
	for i, c := range f.Columns {
		if skipped {
			headings[i] = c.Heading
		}
	}
	b := newBinding(f, headings, nil)
	for i, c := range f.Columns {
		s := f.slotOf(c)
		s.label = label(headings, i)
		b.slots = append(b.slots, s)
		b.note(i, s)
	}
	return b
}

// LooksLikeHeadings reports whether the first row of a file without headings is some
// after all: it says something, and has an address nowhere.
func (f *Format) LooksLikeHeadings(first table.Row) bool {
	said := false
	for _, c := range first.Cells {
		said = said || table.Trim(c.Text) != ""
		if strings.Contains(c.Text, "@") {
			return false
		}
	}
	return f.Positional && said
}

// ByColumns returns the formats without headings that a first row may be of, by its
// columns. That is too little to go by: a wrong one would take passwords for names.
func (s Set) ByColumns(first []string) (fitting []*Format) {
	for _, f := range s {
		if f.Positional && f.mayBe(first) {
			fitting = append(fitting, f)
		}
	}
	return fitting
}

func (f *Format) mayBe(cells []string) bool {
	if cells = trimBlank(cells); len(cells) > len(f.Columns) {
		return false
	}
	for i, c := range f.Columns {
		text := ""
		if i < len(cells) {
			text = cells[i]
		}
		_, err := mailaddr.Parse(text)
		switch {
		case c.Required && text == "", f.slotOf(c).address && err != nil, c.like != nil && !c.like(text):
			return false
		}
	}
	return true
}

// cellsOf returns the cells of a row. Where nothing but their contents tells the columns,
// another delimiter than the file's leaves a whole line in one cell, with its passwords:
// of such a cell only the beginning is read and kept.
func (b *Binding) cellsOf(r table.Row) func(n int) string {
	if !b.format.Positional || b.secret < 0 || b.divided(r) {
		return func(n int) string { return text(r, n) }
	}
	return func(n int) string {
		before, _, more := strings.Cut(text(r, n), otherDelimiter(text(r, n)))
		if more {
			before += "…"
		}
		return before
	}
}

// divided reports whether a row has what every row has, where it has to be.
func (b *Binding) divided(r table.Row) bool {
	for n, s := range b.slots {
		if s.required && table.Trim(text(r, n)) == "" || s.address && strings.ContainsAny(text(r, n), delimiters) {
			return false
		}
	}
	return true
}

const delimiters = ",;|\t"

// otherDelimiter is the first delimiter that stands in a text; a line break, which ends
// a row, where none does.
func otherDelimiter(text string) string {
	if i := strings.IndexAny(text, delimiters); i >= 0 {
		return text[i : i+1]
	}
	return "\n"
}

// ResultWords are how the results of a row begin, in the column that Muster adds.
// Where there are no headings, they tell it from a cell too many.
var ResultWords = []string{"Created", "Updated", "Unchanged", "Marked as leaver", "Joined", "Discarded", "Left out", "Failed",
	"Not done yet", "Reversed", "Kept", "Cannot be reversed"}

// isResult reports whether a cell is Muster's own result: one of the words, alone or
// before a reason.
func isResult(text string) bool {
	word, _, _ := strings.Cut(text, ": ")
	return slices.Contains(ResultWords, word)
}
