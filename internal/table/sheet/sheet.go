// Package sheet is what workbooks of every kind have in common: sheets, rows of
// cells, and what may be wrong with the whole. The packages that read one kind
// each speak of them in these words, and package table listens to nothing else.
//
// A cell says what a person sees in Excel, and beside it what it holds, so that
// damage can be warned of.
package sheet

import "fmt"

// Workbook is an opened workbook. It is for one goroutine.
type Workbook interface {
	// Sheets returns the sheets that hold cells, in the order of their tabs.
	Sheets() []Sheet
	// Rows begins to read a sheet, by its place in Sheets. Only what was begun last
	// can be read.
	Rows(sheet int) (Rows, error)
}

// Rows reads the rows of a sheet that show something, from the first to the last.
type Rows interface {
	// Next returns the next row. The error is io.EOF after the last one, an *Error, or
	// what reading the file returned.
	Next() (Row, error)
}

// Sheet is a sheet of cells; those of charts and macros are left out.
type Sheet struct {
	Name   string
	Hidden bool // a person does not see its tab
}

// Row is a row of a sheet.
type Row struct {
	Line  int    // as Excel numbers it, 1 = first; rows that show nothing are left out
	Cells []Cell // the cells that show something, by column; valid until the next call of Next
}

// Cell is a cell that shows something, or would if it had been calculated. Of
// merged cells the first has the value, and the others show nothing.
type Cell struct {
	Column   int // 0 = A
	Kind     Kind
	Text     string  // what a person sees
	Number   float64 // of a Number or Date; of a date the days since the workbook's first one
	Exponent bool    // the Text of a Number has one, such as 4.47911E+11
	NoResult bool    // a formula that no program has calculated yet; Text is empty
}

// Kind is what a cell holds; for a formula, what has come out of it.
type Kind byte

// The kinds of cell. A Date is a number whose format shows a date or a time; a
// Failure is a value such as #N/A.
const (
	Text Kind = iota
	Number
	Date
	Boolean
	Failure
)

// Fault is the kind of trouble with a workbook as a whole.
type Fault int

// The kinds of trouble.
const (
	NotWorkbook Fault = iota + 1 // something else in the same wrapping
	Unsupported                  // of a kind that is not read
	Encrypted                    // with a password
	Damaged                      // cut off, or it contradicts itself
	TooLarge                     // over a limit
)

// Error says why a workbook cannot be read.
type Error struct {
	Fault Fault
	What  string // what was found and where, to go on with after "The file"
	Line  int    // the row of the sheet that it was found in, 1 = first; 0 = none
}

func (e *Error) Error() string {
	if e.Line > 0 {
		return fmt.Sprintf("row %d: the file %s", e.Line, e.What)
	}
	return "the file " + e.What
}
