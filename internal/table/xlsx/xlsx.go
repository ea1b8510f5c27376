// Package xlsx reads and writes the workbooks that Excel has written since 2007:
// a zip archive of XML files, its parts (ECMA-376).
//
// Open reads what the other parts are (open.go) and the number formats
// (styles.go). Workbook.Rows reads the texts that cells share (texts.go), then the
// sheet, token by token (part.go), row by row (rows.go, cells.go): the sheet is never
// whole in memory, and nothing is ever unpacked onto a disk, because a cell may hold
// a password. Whatever does not fit, a checksum, a text that is not there, an
// element that never ends, is an error: a sheet that is damaged at row 5,000 must
// not be taken for one of 4,999 rows.
//
// A small archive can hold much. Its parts are opened only where their size is
// within reason for that of the file, and reading them ends where they say little
// for too long (the limits in part.go).
//
// A Writer (write.go) writes one sheet, in which all cells are texts: no cell can
// become a formula, and none loses its leading zeros.
//
// What cannot be read is a *sheet.Error, which says what kind of trouble it is.
package xlsx

import (
	"archive/zip"
	"fmt"
	"io"
	"strings"

	"muster/internal/table/sheet"
)

// Workbook is an opened workbook. It reads its file until it is no longer used.
type Workbook struct {
	file   *source
	parts  map[string]*zip.File // by their names in lower case
	sheets []tab

	date1904 bool
	styles   styles
	texts    *texts // nil until they are needed
	related  map[string]relation
}

// tab is a sheet and the part that holds its cells.
type tab struct {
	sheet.Sheet
	part string
}

// Open opens a workbook. A *sheet.Error refuses the file; any other error is the
// file's own. Memory: a few megabytes, whatever the file
// is; reading rows takes as much as the texts that their cells share.
func Open(file io.ReaderAt, size int64) (*Workbook, error) {
	b := &Workbook{file: &source{ReaderAt: file, size: size, left: mostDirectory}, parts: map[string]*zip.File{}}
	archive, err := zip.NewReader(b.file, size)
	if err != nil {
		return nil, b.damaged("its end is missing")
	}
	b.file.left = noLimit
	for _, f := range archive.File {
		b.parts[partName(f.Name)] = f
	}
	return b, b.open()
}

// partName makes names comparable. Some programs write them with backslashes.
func partName(name string) string {
	return strings.TrimPrefix(strings.ToLower(strings.ReplaceAll(name, `\`, "/")), "/")
}

// Sheets returns the sheets that hold cells, in the order of their tabs.
func (b *Workbook) Sheets() []sheet.Sheet {
	list := make([]sheet.Sheet, len(b.sheets))
	for i, t := range b.sheets {
		list[i] = t.Sheet
	}
	return list
}

// damaged says that the workbook is, unless it is the file that could not be read.
func (b *Workbook) damaged(format string, args ...any) error {
	if b.file.err != nil {
		return b.file.err
	}
	return &sheet.Error{Fault: sheet.Damaged, What: "is damaged: " + fmt.Sprintf(format, args...)}
}

func tooLarge(format string, args ...any) error {
	return &sheet.Error{Fault: sheet.TooLarge, What: "is too large: " + fmt.Sprintf(format, args...)}
}

// source is the file. It keeps the error of reading it, to tell it from a fault of
// what was read.
type source struct {
	io.ReaderAt
	size int64
	left int64 // how much may still be read
	err  error
}

const (
	mostDirectory = 8 << 20 // of the archive: a name of 50 bytes for each of 80,000 parts
	noLimit       = 1 << 62
)

func (s *source) ReadAt(p []byte, at int64) (int, error) {
	if s.left -= int64(len(p)); s.left < 0 {
		s.err = tooLarge("it has too many parts")
		return 0, s.err
	}
	if at < 0 || at > s.size { // a damaged directory says so
		return 0, io.EOF
	}
	n, err := s.ReaderAt.ReadAt(p, at)
	if err != nil && err != io.EOF {
		s.err = err
	}
	return n, err
}
