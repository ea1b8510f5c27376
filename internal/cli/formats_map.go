package cli

import (
	"cmp"
	"errors"
	"io"
	"os"
	"slices"
	"strings"

	"muster/internal/format"
	"muster/internal/suggest"
	"muster/internal/table"
)

type formatMapCommand struct {
	File      string   `arg:"" help:"Table of people, with headings in its first row."`
	Name      string   `required:"" help:"Name of the new format." placeholder:"NAME"`
	Set       []string `sep:"none" help:"Where a column goes, as HEADING=NAME; no name passes it over. May be repeated." placeholder:"HEADING=NAME"`
	Encoding  string   `help:"Charset of the file; found out if not given." placeholder:"NAME"`
	Delimiter string   `enum:",comma,semicolon,tab,pipe" default:"" help:"What divides the cells: comma, semicolon, tab or pipe; found out if not given." placeholder:"NAME"`
	Sheet     string   `help:"Name or number of the sheet of a workbook; the first with rows if not given." placeholder:"NAME"`
	Output    string   `short:"o" help:"Where to write; standard output if not given." placeholder:"FILE"`
}

// guessed is how many rows are looked at to know a column by its cells.
const guessed = 200

// Run writes the text of a format for a table, and tells what a person has to add.
func (c *formatMapCommand) Run(s *session) error {
	if s.globals.JSON && toStandardOutput(c.Output) {
		return usage("the text itself is no JSON; write it to a file with -o FILE")
	}
	if err := s.checkOutput(c.Output); err != nil {
		return err
	}
	headings, rows, err := c.table()
	if err != nil {
		return err
	}
	chosen, err := c.chosen(headings)
	if err != nil {
		return err
	}
	text := format.Guess(c.Name, headings, rows, chosen)
	err = s.writeTo(c.Output, func(w io.Writer) error {
		_, err := io.WriteString(w, text)
		return err
	})
	if err != nil {
		return err
	}
	if err := s.wrote(c.Output, member{"format", c.Name}); err != nil {
		return err
	}
	_, problems := format.Parse(text)
	for _, p := range problems {
		s.say("line %d: %s (%s)", p.Line, p.Message, p.Suggestion)
	}
	if len(problems) > 0 {
		return refused("The text needs your help: mend it, and look with muster formats check.")
	}
	s.say("Look the text over; muster formats add makes it a format.")
	return nil
}

// table reads the headings of the file and its first rows.
func (c *formatMapCommand) table() (headings []string, rows [][]string, err error) {
	file, err := os.Open(c.File)
	if err != nil {
		return nil, nil, usage("there is no file %q to read", c.File)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, nil, err
	}
	o := table.Options{Encoding: c.Encoding, Sheet: c.Sheet, Limits: table.DefaultLimits()}
	if c.Delimiter != "" {
		if o.Delimiter, err = table.DelimiterByName(c.Delimiter); err != nil {
			return nil, nil, err
		}
	}
	tables, err := table.Open(io.NewSectionReader(file, 0, info.Size()), o)
	for i := 0; i < len(tables) && len(rows) == 0 && err == nil; i++ {
		rows, err = firstRows(tables[i])
	}
	if err != nil {
		return nil, nil, err
	}
	if len(rows) == 0 {
		return nil, nil, refused("The file %s is blank.", c.File)
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

// chosen reads what the flags say of columns, by their headings as in the file.
func (c *formatMapCommand) chosen(headings []string) (map[string]string, error) {
	chosen := map[string]string{}
	for _, text := range c.Set {
		at := strings.LastIndex(text, "=")
		if at < 0 {
			return nil, usage("--set is HEADING=NAME, not %q", text)
		}
		heading, name := text[:at], text[at+1:]
		i := slices.IndexFunc(headings, func(h string) bool { return strings.EqualFold(h, heading) })
		if i < 0 {
			near, _ := suggest.Nearest(heading, headings)
			return nil, usage("--set: the file has no heading %q; the nearest is %q", heading, cmp.Or(near, headings[0]))
		}
		chosen[headings[i]] = name
	}
	return chosen, nil
}
