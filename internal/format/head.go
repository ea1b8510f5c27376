package format

import (
	"cmp"
	"errors"
	"io"
	"slices"
	"strings"

	"muster/internal/issue"
	"muster/internal/suggest"
	"muster/internal/table"
)

// The problems of guessing a format.
var (
	TableBlank       = issue.NewError("table-blank", "The table has no rows.", "Send a table with headings in its first row.")
	HeadingUnmatched = issue.NewError("heading-unmatched", "The table has no column of this heading, or it is not said where it goes.", "Write it as HEADING=NAME, with a heading of the table.")
)

// HeadOptions say how a table is to be read; a blank is found out.
type HeadOptions struct{ Encoding, Delimiter, Sheet string }

// guessed is how many rows are looked at to know a column by its cells.
const guessed = 200

// Head reads the headings of a table and its first rows, as Guess takes them.
func Head(file table.File, o HeadOptions) (headings []string, rows [][]string, err error) {
	options := table.Options{Encoding: o.Encoding, Sheet: o.Sheet, Limits: table.DefaultLimits()}
	if o.Delimiter != "" {
		if options.Delimiter, err = table.DelimiterByName(o.Delimiter); err != nil {
			return nil, nil, err
		}
	}
	tables, err := table.Open(file, options)
	for i := 0; i < len(tables) && len(rows) == 0 && err == nil; i++ {
		rows, err = firstRows(tables[i])
	}
	if err != nil {
		return nil, nil, err
	}
	if len(rows) == 0 {
		return nil, nil, TableBlank.New("The table is blank.")
	}
	return rows[0], rows[1:], nil
}

// firstRows returns the texts of the headings and of the rows that are looked at.
func firstRows(reader table.Reader) (rows [][]string, err error) {
	for len(rows) <= guessed {
		row, err := reader.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		cells := make([]string, len(row.Cells))
		for i, cell := range row.Cells {
			cells[i] = table.Trim(cell.Text)
		}
		rows = append(rows, cells)
	}
	return rows, nil
}

// Chosen reads what somebody says of columns, as HEADING=NAME, by their headings as in
// the table; no name passes a column over.
func Chosen(set, headings []string) (map[string]string, error) {
	chosen := map[string]string{}
	for _, text := range set {
		at := strings.LastIndex(text, "=")
		if at < 0 {
			return nil, HeadingUnmatched.New("%q is not HEADING=NAME.", text)
		}
		heading, name := text[:at], text[at+1:]
		i := slices.IndexFunc(headings, func(h string) bool { return strings.EqualFold(h, heading) })
		if i < 0 {
			near, _ := suggest.Nearest(heading, headings)
			return nil, HeadingUnmatched.New("The table has no heading %q; the nearest is %q.", heading, cmp.Or(near, headings[0]))
		}
		chosen[headings[i]] = name
	}
	return chosen, nil
}
