// Package table turns the bytes of an uploaded file into rows of cells, each
// with its true line, and writes such rows back the way they came.
//
// Open tells the kind of file by content (kind.go). A workbook is opened by the
// package of its kind, of which package sheet tells what they have in common; each
// of its sheets is a table (workbook.go, sheet.go). JSON has one object a line
// (json.go). All else is CSV. Its bytes flow through
// three steps, and neither the file nor its rows are ever whole in memory:
//
//	file -> source (charset.go: bytes to UTF-8) -> window of text -> csvReader (csv.go: rows)
//
// Of CSV, Open looks at the first block only: it picks the charset (charset.go) and
// finds the delimiter (delimiter.go). What it found is the Info, which is kept with
// the import and given to NewWriter (writer.go), so that results have the form of
// the upload.
//
// Nothing is guessed silently: a byte that the charset does not define refuses
// the file, by its place, and no character is ever replaced. A fault of one row,
// such as a stray quote or a formula in error, is an issue of that row, and reading
// goes on.
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

// Options say how to read a file. The zero value finds everything out. Charset and
// delimiter have no meaning in a workbook and are passed over there.
type Options struct {
	Encoding    string // name of a charset, any case; empty = find out. A byte order mark outranks it
	Delimiter   rune   // comma, semicolon, tab or pipe; 0 = find out. It outranks a line such as sep=;
	UnicodeOnly bool   // refuse all but UTF-8, and UTF-16 with a byte order mark
	Sheet       string // name of a sheet, in any case, or its number among those to be seen, from 1; empty = all of those
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

func (l Limits) tooManyRows(line int) issue.Issue {
	i := codeRows.New("The file has more than %d rows.", l.Rows).Suggest("%s", codeRows.Cure)
	i.Line = line
	return i
}

// The kinds of table.
const (
	CSV   = "csv"
	XLS   = "xls"
	XLSX  = "xlsx"
	JSONL = "jsonl" // JSON lines
)

// Info is the form of a table: what a Writer needs to write another like it.
// Kind and, of a workbook, Sheet are always there, the rest only of CSV. In JSON
// the delimiter is a text of one character.
type Info struct {
	Kind      string
	Sheet     string // name of the sheet
	Charset   string // name as in Options.Encoding, never "utf-16" alone
	Delimiter rune
	LineEnd   string // "\r\n", "\n" or "\r": how the first row ends
	SepLine   bool   // the first line was sep= and the delimiter, as Excel writes it
	BOM       bool   // the file began with a byte order mark
}

type infoJSON struct {
	Kind      string `json:"kind"`
	Sheet     string `json:"sheet,omitempty"`
	Charset   string `json:"charset"`
	Delimiter string `json:"delimiter"`
	LineEnd   string `json:"line_end"`
	SepLine   bool   `json:"sep_line"`
	BOM       bool   `json:"bom"`
}

// MarshalJSON writes the delimiter as a text of one character.
func (i Info) MarshalJSON() ([]byte, error) {
	delimiter := ""
	if i.Delimiter != 0 {
		delimiter = string(i.Delimiter)
	}
	return json.Marshal(infoJSON{i.Kind, i.Sheet, i.Charset, delimiter, i.LineEnd, i.SepLine, i.BOM})
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
	*i = Info{j.Kind, j.Sheet, j.Charset, d, j.LineEnd, j.SepLine, j.BOM}
	return nil
}

// Row is one record of the file.
type Row struct {
	Line   int           // where the row begins; 1 = first line of the file, or first row of the sheet
	Cells  []Cell        // valid until the next call of Next; the texts stay valid
	Issues []issue.Issue // faults of this row, with line and letter of the column
}

// Texts are those of the cells, without outer blanks.
func (r Row) Texts() []string {
	texts := make([]string, len(r.Cells))
	for i, c := range r.Cells {
		texts[i] = Trim(c.Text)
	}
	return texts
}

// Cell is one cell of a row.
type Cell struct {
	Text string // as decoded and not trimmed, without control characters and without the guard of a formula
	Line int    // where the cell begins
}

// File is what is read: a bytes.Reader, or an io.SectionReader of an *os.File.
type File interface {
	io.ReaderAt
	Size() int64
}

// Reader reads the rows of one table.
type Reader interface {
	// Info returns the form of the table.
	Info() Info
	// Next returns the next row that has a cell that is not blank, or an issue. The
	// error is io.EOF after the last row, an issue.Issue where the file is refused,
	// or what reading the file returned; it is then returned ever after.
	Next() (Row, error)
}

// Open looks at a file and returns its tables: one of CSV, and of a workbook one
// for each sheet that can be seen, or the one that was asked for; at least one. An
// issue.Issue as error refuses the file; any other error is the file's own.
func Open(file File, o Options) ([]Reader, error) {
	head := make([]byte, min(blockBytes, file.Size()))
	if n, err := file.ReadAt(head, 0); n < len(head) {
		return nil, err
	}
	switch kind := bytesKind(head); {
	case kind == XLSX:
		return openXLSX(file, head, o)
	case kind == XLS:
		return openXLS(file, o)
	case o.Sheet != "":
		return nil, codeSheet.New("The file has no sheets: it is not a workbook.").Suggest("leave --sheet out")
	}
	return one(openText(file, head, o))
}

// openText opens what is no workbook.
func openText(file File, head []byte, o Options) (Reader, error) {
	if isJSON(head) {
		return openJSON(file, o)
	}
	return openCSV(io.NewSectionReader(file, 0, file.Size()), o)
}

func one(r Reader, err error) ([]Reader, error) {
	if err != nil {
		return nil, err
	}
	return []Reader{r}, nil
}

// openCSV looks at the first block of what is neither a workbook nor JSON.
func openCSV(in io.Reader, o Options) (*csvReader, error) {
	src, err := newSource(in)
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
	reader.info = Info{Kind: CSV, Charset: set.name, BOM: bom > 0}
	return reader, reader.start(o.Delimiter)
}

// start reads the first block of text and finds what only text can tell.
func (r *csvReader) start(delimiter rune) error {
	r.more()
	if err := refuseMarkup(r.text()); err != nil {
		return err
	}
	if r.failed() {
		return r.err
	}
	return r.findDelimiter(delimiter)
}

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
