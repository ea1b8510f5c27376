package format

import (
	"io"
	"slices"
	"strings"

	"muster/internal/table"
)

// Sample writes the template of the format as a table of a kind, of CSV in UTF-8:
// the headings, where the format has any, and a few rows of invented people. It
// imports without an issue into a directory that has the organisation RX1 and, for
// its users, the domain example.org; the e-mail accounts are those of users whom
// miradore-users makes. It gives
// no passwords, so that nobody makes users with one that the world knows.
func (f *Format) Sample(w io.Writer, kind string) error {
	columns := f.sampleColumns()
	out := table.NewWriter(w, table.Info{Kind: kind, Sheet: f.Name})
	cells := make([]string, len(columns))
	for i, c := range columns {
		cells[i] = c.Heading
	}
	if !f.Positional {
		if err := out.Write(cells); err != nil {
			return err
		}
	}
	for row := range samples(columns) {
		for i, c := range columns {
			cells[i] = c.sample(row)
		}
		if err := out.Write(cells); err != nil {
			return err
		}
	}
	return out.Close()
}

// sampleColumns are the columns that mean something, and one of each kind of
// further column.
func (f *Format) sampleColumns() []Column {
	var columns []Column
	for _, c := range f.Columns {
		if c.Name != "" || f.feeds(c) {
			columns = append(columns, c)
		}
	}
	return append(columns, f.further...)
}

// feeds reports whether a value is made of the column.
func (f *Format) feeds(c Column) bool {
	return slices.ContainsFunc(f.Values, func(v Value) bool {
		return slices.ContainsFunc(v.From, func(heading string) bool { return c.is(fold(heading)) })
	})
}

// samples returns how many rows the template has.
func samples(columns []Column) int {
	most := 0
	for _, c := range columns {
		if c.Sample != "" {
			most = max(most, 1+strings.Count(c.Sample, "|"))
		}
	}
	return most
}

func (c Column) sample(row int) string {
	if values := strings.Split(c.Sample, "|"); row < len(values) {
		return values[row]
	}
	return ""
}
