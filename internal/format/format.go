// Package format turns the rows of a table into records: this person, this
// address, these aliases. A format is data, a Format, and differs from another
// in nothing else; so the files mimecast_connect.go, miradore.go, nhsmail.go and
// muster.go are tables to be read. What is common to all is told here.
//
// A format may also be a commented text (Parse in text.go): so are those in the
// folder builtin, and those of administrators, which are read by the same code.
// Such a format may make values of cells (shape.go), and Guess writes one for a
// table that fits no other (guess.go).
//
// # Headings
//
// Bind compares the first row of a table with the columns of a format, without
// regard to case and outer blanks, and refuses the whole file where a heading is
// unknown, missing or there twice. Formats that are Exact refuse another order
// too. The Binding that it returns reads the rows. A first row that is no headings
// at all is not quoted in the message, because it may hold a password.
//
// Muster's own result columns are understood in every format and passed over, so
// that a results file can be mended and sent again. They are told from the
// format's own by their place: they are the headings at the end of the first row
// that are called "Result", "Email Address" or "Password", from the first
// "Result" among these on. So a "Password" before "Result" is the format's, and
// one behind it is Muster's. The address that was made goes into the record: it
// tells who is meant where nothing else in the row does.
//
// # Positions
//
// A format that is Positional has no headings: its columns stand in the order of
// Columns, and those at the end may be missing. The first row is one like the others,
// unless it was asked to be skipped; columns are called by their letters. As nothing
// but the columns' contents tells such formats, they are never chosen by themselves
// (Set.ByColumns). A cell behind the last column is Muster's own result where it begins with
// one of ResultWords, and what follows it is Muster's too.
//
// # Checkpoints
//
// The headings of a format with a Checkpoint may begin in any cell of A1:M99: whoever
// looks for the row asks HasCheckpoint. Above and left of the cell anything may stand.
// Headings are told by their case, and those that the format does not name
// are attributes (checkpoint.go).
//
// # Cells
//
//   - Outer white space is taken off, with a warning where that changes an address.
//   - A blank says nothing: it keeps what there is.
//   - "(clear)", in any case, empties the value. In the first of the columns of
//     aliases, delegates or groups it makes the row's the only ones.
//   - A row that is shorter than the headings has blanks at its end. A cell beyond
//     the headings is an error, unless it is blank.
//   - What a text must look like is not judged here but by package directory,
//     which judges what comes through every door.
//
// # Secrets
//
// Passwords and password hashes go into the record alone. Where a quote or a
// cell too many has moved the cells of a row, a password may stand in any column
// behind its own; so the cells there are neither read nor kept. What a wrong
// delimiter does to a file without headings is told at Binding.cellsOf.
package format

import "muster/internal/directory"

// Format tells how the rows of one kind of file are to be read.
type Format struct {
	Name  string // as --format takes it
	Title string // as a person calls it
	Help  string // a few sentences on what the file must be like

	Columns    []Column
	Values     []Value // made of the cells of several columns, or of none
	Positional bool    // there are no headings; the columns stand in the order of Columns
	Account    string  // the type of the e-mail accounts that the rows are about, or ""
	Exact      bool    // the headings stand in the order of Columns, and none but Optional ones may be absent
	Attributes bool    // there may be columns attr.NAME

	// Checkpoint is set where the first heading may stand anywhere among A1:M99, the
	// second, and the third if it is there, directly right of it, in just these
	// letters; and where any further heading is an attribute.
	Checkpoint bool

	Lists map[string]int // there may be columns alias1 …, delegate1 …, group1 …, up to such a number; 0: any

	Limit       int    // most rows of a file; 0 is no limit
	Strict      bool   // one row in error keeps all from being applied, if nothing else is asked for
	UnicodeOnly bool   // a file in another charset is refused
	Kind        string // of table that the system it comes from takes, which gets a note where the file is another; empty is any
	Summary     string // what the system calls the counts of all that the file brings; empty: they are not shown
	Rules       directory.Rules
	Text        string // that Parse has read; "" for a format that is written in Go

	oneOf     []string                    // headings of which the file must have one
	further   []Column                    // of Lists and Attributes, for the template
	elsewhere func(heading string) string // advice on a heading that only other formats know, or ""
}

// Column is a column that a format knows.
type Column struct {
	Heading  string
	Also     []string // other headings that mean the same column
	Name     string   // of the value in format "muster"; empty for a column that is understood and passed over
	Required bool     // every row must have a value, so the column must be there
	Optional bool     // the column may be absent although the format is Exact
	Sample   string   // the values of the template's rows, divided by "|"
	Shape    *Shape   // what is made of a cell; nil: it is taken as it is

	like func(text string) bool // what a text of a Positional format's column is like; nil: anything
}
