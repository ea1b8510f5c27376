// Package table turns the bytes of an uploaded file into rows of cells, each
// with its true line, and writes such rows back the way they came.
//
// Bytes flow through three steps, and neither the file nor its rows are ever
// whole in memory:
//
//	file -> source (charset.go: bytes to UTF-8) -> window of text -> Reader (csv.go: rows)
//
// Open looks at the first block only. It tells the kind of file by content
// (kind.go), picks the charset (charset.go) and finds the delimiter
// (delimiter.go). What it found is the Info, which is kept with the import and
// given to NewWriter (writer.go), so that results have the form of the upload.
//
// Nothing is guessed silently: a byte that the charset does not define refuses
// the file, by its place, and no character is ever replaced. A fault of the
// CSV itself, such as a stray quote, is an issue of its row, and reading goes on.
//
// The one rule for quotes that do not add up: the cell is read again from its
// opening quote as it stands, as if the quote were a letter. So the cell ends at
// the next delimiter, its row at the end of that line, and the next line is read
// as if nothing had happened.
package table

import (
	"cmp"
	"encoding/json"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"muster/internal/issue"
)

// Options say how to read a file. The zero value finds everything out.
type Options struct {
	Encoding    string // name of a charset, any case; empty = find out. A byte order mark outranks it
	Delimiter   rune   // comma, semicolon, tab or pipe; 0 = find out. It outranks a line such as sep=;
	UnicodeOnly bool   // refuse all but UTF-8, and UTF-16 with a byte order mark
	Limits      Limits // a limit of 0 is the default one
}

// Limits bound what one file may ask of the program.
type Limits struct {
	Columns     int // cells of a row; more refuse the file
	CellBytes   int // UTF-8 bytes of a cell; a longer one is cut, with an issue
	QuotedLines int // lines of a quoted cell; over it the quote counts as unclosed
	Rows        int // rows after the first, which may be the header; more refuse the file
}

// DefaultLimits returns 256 columns, 32 KiB a cell, 100 lines a quoted cell and
// 1,000,000 rows.
func DefaultLimits() Limits {
	return Limits{Columns: 256, CellBytes: 32 << 10, QuotedLines: 100, Rows: 1_000_000}
}

func (l Limits) orDefault() Limits {
	d := DefaultLimits()
	return Limits{
		Columns:     cmp.Or(l.Columns, d.Columns),
		CellBytes:   cmp.Or(l.CellBytes, d.CellBytes),
		QuotedLines: cmp.Or(l.QuotedLines, d.QuotedLines),
		Rows:        cmp.Or(l.Rows, d.Rows),
	}
}

// Info is the form of a table: what a Writer needs to write another like it.
// In JSON the delimiter is a text of one character.
type Info struct {
	Kind      string // "csv"
	Charset   string // name as in Options.Encoding, never "utf-16" alone
	Delimiter rune
	LineEnd   string // "\r\n", "\n" or "\r": how the first row ends
	SepLine   bool   // the first line was sep= and the delimiter, as Excel writes it
	BOM       bool   // the file began with a byte order mark
}

type infoJSON struct {
	Kind      string `json:"kind"`
	Charset   string `json:"charset"`
	Delimiter string `json:"delimiter"`
	LineEnd   string `json:"line_end"`
	SepLine   bool   `json:"sep_line"`
	BOM       bool   `json:"bom"`
}

// MarshalJSON writes the delimiter as a text of one character.
func (i Info) MarshalJSON() ([]byte, error) {
	return json.Marshal(infoJSON{i.Kind, i.Charset, string(i.Delimiter), i.LineEnd, i.SepLine, i.BOM})
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (i *Info) UnmarshalJSON(b []byte) error {
	var j infoJSON
	if err := json.Unmarshal(b, &j); err != nil {
		return err
	}
	var d rune
	if j.Delimiter != "" {
		d, _ = utf8.DecodeRuneInString(j.Delimiter)
	}
	*i = Info{j.Kind, j.Charset, d, j.LineEnd, j.SepLine, j.BOM}
	return nil
}

// Row is one record of the file.
type Row struct {
	Line   int           // where the row begins; 1 = first line of the file
	Cells  []Cell        // valid until the next call of Next; the texts stay valid
	Issues []issue.Issue // faults of this row's CSV, with line and letter of the column
}

// Cell is one cell of a row.
type Cell struct {
	Text string // as decoded and not trimmed, without control characters and without the guard of a formula
	Line int    // where the cell begins
}

// Open looks at the first block of a file and returns a Reader of its rows. An
// issue.Issue as error refuses the file; any other error is r's own.
func Open(r io.Reader, o Options) (*Reader, error) {
	src, err := newSource(r)
	if err != nil {
		return nil, err
	}
	head := src.block()
	if err := refuseKind(head); err != nil {
		return nil, err
	}
	set, bom, err := pickCharset(head, o)
	if err != nil {
		return nil, err
	}
	if !set.wide && isBinary(head) {
		return nil, binaryData()
	}
	src.use(set, bom, o.UnicodeOnly)
	reader := newReader(src, o.Limits.orDefault())
	reader.info = Info{Kind: "csv", Charset: set.name, BOM: bom > 0}
	return reader, reader.start(o.Delimiter)
}

// start reads the first block of text and finds what only text can tell.
func (r *Reader) start(delimiter rune) error {
	r.more()
	if err := refuseMarkup(r.text()); err != nil {
		return err
	}
	if r.failed() {
		return r.err
	}
	return r.findDelimiter(delimiter)
}

// Info returns the form of the table.
func (r *Reader) Info() Info { return r.info }

// Letter names a column as a spreadsheet does: 0 is A, 26 is AA.
func Letter(column int) string {
	var name []byte
	for c := column + 1; c > 0; c = (c - 1) / 26 {
		name = append([]byte{byte('A' + (c-1)%26)}, name...)
	}
	return string(name)
}

// Trim takes outer white space off, and what looks like none: non-breaking and
// zero-width spaces and the byte order mark.
func Trim(s string) string { return strings.TrimFunc(s, invisible) }

func invisible(c rune) bool {
	switch c {
	case '\u180e', '\u200b', '\u200c', '\u200d', '\u2060', '\ufeff':
		return true
	}
	return unicode.IsSpace(c)
}
