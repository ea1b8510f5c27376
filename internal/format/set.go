package format

import (
	"slices"
	"strings"

	"muster/internal/suggest"
	"muster/internal/table"
)

// Set are the formats among which one is chosen, in the order in which they are
// offered.
type Set []*Format

var builtin = slices.Concat(Set{connect, spreadsheet, miradoreEmail, miradoreExchange, miradoreUsers, nhsmail, nhsmail1, muster}, texts())

// All returns the formats that Muster has by itself. They are shared: whoever
// wants another limit copies the Format.
func All() Set { return slices.Clone(builtin) }

// Named returns the format of a name among those that Muster has by itself, as
// Set.Named does.
func Named(name string) (*Format, error) { return builtin.Named(name) }

// With returns the set with one more format, which takes the place of the one of
// its name.
func (s Set) With(f *Format) Set {
	s = slices.Clone(s)
	for i, other := range s {
		if strings.EqualFold(other.Name, f.Name) {
			s[i] = f
			return s
		}
	}
	return append(s, f)
}

// Named returns the format of a name, in any case. The error is an issue
// "format-unknown" that names the nearest format, or all.
func (s Set) Named(name string) (*Format, error) {
	var names []string
	for _, f := range s {
		if strings.EqualFold(f.Name, name) {
			return f, nil
		}
		names = append(names, f.Name)
	}
	i := FormatUnknown.New("There is no format %q.", name)
	if strings.EqualFold(name, "mapped") {
		return nil, i.Suggest("muster formats map FILE --name NAME writes a format for a table of yours, which has that name then")
	}
	if near, ok := suggest.Nearest(name, names); ok {
		return nil, i.Suggest("did you mean %s?", near)
	}
	return nil, i.Suggest("the formats are %s", strings.Join(names, ", "))
}

// Detect returns the formats whose headings the first row of a table has. It
// guesses nothing: none fits, or one, or several, of which a person chooses; a
// Positional one is never among them. A text format of just these headings, in this
// order, was made for such files and goes before all others; those whose original
// takes files of the table's kind go before those whose original does not.
func (s Set) Detect(header []string, kind string) []*Format {
	row := table.Row{Cells: make([]table.Cell, len(header))}
	for i, heading := range header {
		row.Cells[i].Text = heading
	}
	var fitting, original, made []*Format
	for _, f := range s {
		b, err := f.Bind(row)
		if err != nil || f.Positional {
			continue
		}
		fitting = append(fitting, f)
		if f.Text != "" && f.matches(trimBlank(b.Headings())) {
			made = append(made, f)
		}
		if f.Kind == "" || f.Kind == kind {
			original = append(original, f)
		}
	}
	switch {
	case len(made) > 0:
		return made
	case len(original) > 0:
		return original
	}
	return fitting
}

// Nearest returns the format that knows most of the headings of the first row
// of a table, at least half of them, or nil: the one whose message helps most
// where none fits.
func (s Set) Nearest(header []string) (nearest *Format) {
	most := 0
	for _, f := range s {
		if f.Positional || f.Checkpoint {
			continue
		}
		known := 0
		for _, heading := range header {
			if heading != "" && f.knows(heading) {
				known++
			}
		}
		if known > most && 2*known >= len(header) {
			nearest, most = f, known
		}
	}
	return nearest
}
