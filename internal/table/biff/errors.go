package biff

import "fmt"

// Fault is the kind of trouble with a workbook.
type Fault int

// The kinds of trouble.
const (
	NotWorkbook Fault = iota + 1 // an OLE2 file of another program, or no OLE2 file
	OldVersion                   // of Excel 95 or before
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

func damaged(format string, args ...any) error {
	return &Error{Fault: Damaged, What: "is damaged: " + fmt.Sprintf(format, args...)}
}

func tooLarge(format string, args ...any) error {
	return &Error{Fault: TooLarge, What: "is too large: " + fmt.Sprintf(format, args...)}
}
