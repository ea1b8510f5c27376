// Package biff reads .xls workbooks as Excel 97 to 2003 wrote them: the records
// called BIFF8 ([MS-XLS]) in an OLE2 container ([MS-CFB]). It gives the text that
// a person sees in each cell, row by row, and neither the file nor a sheet is
// ever whole in memory; only the table of strings is.
//
//	file -> container.go: the stream of records -> records.go: one record at a time
//	     -> globals.go: sheets, formats and strings (text.go, strings.go)
//	     -> cells.go: the cells of a sheet -> rows.go: its rows, in order
//
// How a number looks is package numfmt's concern; what that says of dates and
// of settings that are not in the file holds here too.
//
// The file is not trusted. Each length is checked against the bytes that are
// there, nothing is allocated because a number in the file says so, and the
// chain of sectors is followed once to its end before the first record is read:
// a file that is cut off, or whose chain runs in a circle, is refused before
// anything is made of it. So the work is bounded by the size of the file, and
// there is no deadline here: who wants to stop early lets ReadAt return an error.
//
// What cannot be read is a *sheet.Error, which says what kind of trouble it is.
package biff

import (
	"cmp"
	"io"
	"muster/internal/table/sheet"

	"muster/internal/table/numfmt"
)

// Limits bound what one workbook may ask of the program. 0 is the default. A
// sheet has at most 65,536 rows and a cell at most 65,535 characters, since the
// file has no way to say more.
type Limits struct {
	Columns     int // from A to the last cell that holds something; 256 by default
	StringBytes int // memory for the table of strings: their UTF-8 and 16 bytes each; 96 MiB by default
}

func (l Limits) orDefault() Limits {
	return Limits{
		Columns:     cmp.Or(l.Columns, 256),
		StringBytes: cmp.Or(l.StringBytes, 96<<20),
	}
}

// Workbook is an opened workbook. It is for one goroutine, and for one Rows at a
// time.
type Workbook struct {
	records *records
	limits  Limits
	sheets  []tab
	strings stringTable

	date1904 bool
	codes    map[uint16]string         // number formats that the file defines
	formats  map[uint16]*numfmt.Format // number formats in use
	xfs      []xf
}

// xf is what a cell names to say how it looks.
type xf struct {
	number uint16         // of the number format
	format *numfmt.Format // nil until it is needed
}

// tab is a worksheet. Those of charts, macros and modules are left out.
type tab struct {
	sheet.Sheet
	start int64 // in the stream
}

// Open reads all of a workbook but its sheets. A *sheet.Error refuses the file; any
// other error is r's own.
func Open(r io.ReaderAt, size int64, l Limits) (*Workbook, error) {
	stream, err := openStream(r, size)
	if err != nil {
		return nil, err
	}
	return open(stream, l)
}

// open reads the stream of records.
func open(stream io.ReadSeeker, l Limits) (*Workbook, error) {
	w := &Workbook{
		records: newRecords(stream),
		limits:  l.orDefault(),
		codes:   map[uint16]string{},
		formats: map[uint16]*numfmt.Format{},
	}
	return w, w.readGlobals()
}

// Sheets returns the worksheets in the order of their tabs.
func (w *Workbook) Sheets() []sheet.Sheet {
	list := make([]sheet.Sheet, len(w.sheets))
	for i, t := range w.sheets {
		list[i] = t.Sheet
	}
	return list
}

// format returns how the cells of an XF show their values.
func (w *Workbook) format(index uint16) *numfmt.Format {
	if int(index) >= len(w.xfs) {
		return w.numberFormat(0) // General
	}
	x := &w.xfs[index]
	if x.format == nil {
		x.format = w.numberFormat(x.number)
	}
	return x.format
}

func (w *Workbook) numberFormat(number uint16) *numfmt.Format {
	f := w.formats[number]
	if f == nil {
		f = numfmt.Parse(numfmt.Code(int(number), w.codes[number]))
		w.formats[number] = f
	}
	return f
}
