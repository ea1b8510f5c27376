package format

import (
	"strings"

	"muster/internal/table"
)

// Shape says what is made of a text before it is taken: a part of it, then what
// that stands for, then a default for nothing. "(clear)" is never shaped.
type Shape struct {
	Split   string // what divides the parts; "" takes the text whole
	Part    int    // which of them: 1 is the first, -1 the last
	Values  map[string]string
	Others  Others // of texts that are not in Values
	Default string // instead of a blank
}

// Others tells what becomes of a text that Values does not have.
type Others string

// What may become of such a text.
const (
	KeepOthers    Others = "keep"    // it is taken as it is
	RefuseOthers  Others = "error"   // the row is in error
	DefaultOthers Others = "default" // it counts as a blank, for which there may be a default
)

// apply returns what the shape makes of a text; known is false for one that it
// refuses.
func (s *Shape) apply(text string) (made string, known bool) {
	if text = s.part(text); text != "" && s.Values != nil {
		stands, found := s.Values[fold(text)]
		switch {
		case found:
			text = stands
		case s.Others == RefuseOthers:
			return text, false
		case s.Others == DefaultOthers:
			text = ""
		}
	}
	if text == "" {
		text = s.Default
	}
	return text, true
}

// part takes a part of a text; one that is not there is blank. Parts that are
// blank themselves do not count, so two blanks between names are one.
func (s *Shape) part(text string) string {
	if s.Split == "" {
		return text
	}
	var parts []string
	for _, p := range strings.Split(text, s.Split) {
		if p = table.Trim(p); p != "" {
			parts = append(parts, p)
		}
	}
	n := s.Part - 1
	if s.Part < 0 {
		n = len(parts) + s.Part
	}
	if n < 0 || n >= len(parts) {
		return ""
	}
	return parts[n]
}

// Value is a value that has no column of its own: it is made of the cells of
// others, or is the same in every row.
type Value struct {
	Name     string   // in format "muster"
	From     []string // headings, in the order in which their cells are joined; none: Shape.Default
	With     string   // stands between the cells
	Required bool     // every row must have it
	Shape    Shape
}

// made is a Value bound to a file.
type made struct {
	slot
	from []int // the columns that the file has of them
	with string
}

// bindValues finds the columns that values are made of.
func (b *Binding) bindValues() {
	for _, v := range b.format.Values {
		s := slotNamed(v.Name)
		s.required, s.shape = v.Required, &v.Shape
		m := made{slot: s, with: v.With}
		for _, heading := range v.From {
			c, _ := b.format.column(heading)
			for n := range b.slots {
				if c.is(fold(b.headings[n])) {
					m.from = append(m.from, n)
				}
			}
		}
		if len(m.from) > 0 {
			m.label = b.slots[m.from[0]].label
		}
		b.labels[s.name] = m.label
		b.made = append(b.made, m)
	}
}

// text joins the cells that are not blank. Where all that are not blank say
// "(clear)", so does the text, but for lists: whoever empties the department wants
// no groups taken away that are made of it.
func (m *made) text(cell func(int) string) string {
	var parts []string
	cleared := ""
	for _, n := range m.from {
		part := table.Trim(cell(n))
		switch {
		case isClear(part):
			cleared = part
		case part != "":
			parts = append(parts, part)
		}
	}
	if len(parts) == 0 && !m.list() {
		return cleared
	}
	return strings.Join(parts, m.with)
}

// within reports whether all columns of the value are among the first few.
func (m *made) within(columns int) bool {
	for _, n := range m.from {
		if n >= columns {
			return false
		}
	}
	return true
}
