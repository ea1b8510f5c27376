package cli

import (
	"io"
	"os"

	"muster/internal/format"
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
	chosen, err := format.Chosen(c.Set, headings)
	if err != nil {
		return usage("--set: %w", err)
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
	headings, rows, err = format.Head(io.NewSectionReader(file, 0, info.Size()), format.HeadOptions{Encoding: c.Encoding, Delimiter: c.Delimiter, Sheet: c.Sheet})
	if format.TableBlank.Is(err) {
		return nil, nil, refused("The file %s is blank.", c.File)
	}
	return headings, rows, err
}
