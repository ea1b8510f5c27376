package table

import (
	"bufio"
	"cmp"
	"io"
	"strings"

	"muster/internal/table/xlsx"
)

// Writer writes rows in the form of an uploaded table. Errors of the underlying
// writer stay: once Write has failed, all later calls do.
type Writer interface {
	// Write writes one row. The cells of the columns that are marked, from 0, stand
	// out where the form has colours.
	Write(cells []string, marked ...int) error
	// Close writes what is still held and what stands at the end, the byte order mark
	// of a table without rows too. It leaves the underlying writer open.
	Close() error
}

// NewWriter returns a Writer to w. What info leaves open is CSV in UTF-8, with a
// comma and CR LF; an unknown charset is an error of the first Write. A workbook
// of either kind becomes one of the newer, with the one sheet; of JSON lines the first
// row must have the headings.
func NewWriter(w io.Writer, i Info) Writer {
	switch i.Kind {
	case XLS, XLSX:
		return xlsx.NewWriter(w, i.Sheet)
	case JSONL:
		return newJSONWriter(w)
	}
	i.Delimiter = cmp.Or(i.Delimiter, ',')
	i.LineEnd = cmp.Or(i.LineEnd, "\r\n")
	set, err := askedCharset(nil, cmp.Or(i.Charset, utf8Set.name))
	return &csvWriter{out: bufio.NewWriterSize(w, blockBytes), info: i, set: set, err: err}
}

// csvWriter writes CSV.
type csvWriter struct {
	out   *bufio.Writer
	info  Info
	set   *charset
	begun bool
	line  []byte // the text of the row
	bytes []byte // the same in the charset
	err   error
}

// Write writes one row. Characters that the charset lacks become "?".
func (w *csvWriter) Write(cells []string, _ ...int) error {
	if w.err != nil {
		return w.err
	}
	w.begin()
	w.line = w.line[:0]
	for n, cell := range cells {
		if n > 0 {
			w.line = append(w.line, string(w.info.Delimiter)...)
		}
		w.cell(guard(cell))
	}
	w.put(string(append(w.line, w.info.LineEnd...)))
	return w.err
}

// Close writes what is still held.
func (w *csvWriter) Close() error {
	if w.err != nil {
		return w.err
	}
	w.begin()
	if w.err == nil {
		w.err = w.out.Flush()
	}
	return w.err
}

// begin writes what stands before the first row.
func (w *csvWriter) begin() {
	if w.begun {
		return
	}
	w.begun = true
	if w.info.BOM {
		w.put("\ufeff")
	}
	if w.info.SepLine {
		w.put("sep=" + string(w.info.Delimiter) + w.info.LineEnd)
	}
}

func (w *csvWriter) put(text string) {
	w.bytes = w.set.encode(w.bytes[:0], text)
	_, w.err = w.out.Write(w.bytes)
}

// cell adds a cell to the line, in quotes where it needs them. A cell that could
// be taken for a byte order mark or a sep= line needs them too.
func (w *csvWriter) cell(text string) {
	if !strings.ContainsAny(text, "\"\r\n") && !strings.ContainsRune(text, w.info.Delimiter) &&
		!strings.HasPrefix(text, "\ufeff") && !isSepLine(text) {
		w.line = append(w.line, text...)
		return
	}
	w.line = append(w.line, '"')
	w.line = append(w.line, strings.ReplaceAll(text, `"`, `""`)...)
	w.line = append(w.line, '"')
}

// isSepLine tells whether a text begins as Excel's sep= line does. With its
// delimiter it would be one where the cell before it is the last.
func isSepLine(text string) bool { return len(text) >= 4 && strings.EqualFold(text[:4], "sep=") }

// guard puts an apostrophe before a text that a spreadsheet would run as a
// formula, so that no cell of a file can do anything where its results are opened.
// Telephone numbers are left as they are. A text that has the
// apostrophe by itself gets a second, because unguard takes one off.
func guard(text string) string {
	if isFormula(text) && !isPhone(text) {
		return "'" + text
	}
	return text
}

// unguard takes the apostrophe of guard off.
func unguard(text string) string {
	if text != "" && text[0] == '\'' && isFormula(text) {
		return text[1:]
	}
	return text
}

// isFormula tells whether a text begins, behind any apostrophes, as a formula does.
func isFormula(text string) bool {
	text = strings.TrimLeft(text, "'")
	return text != "" && strings.IndexByte("=+-@\t\r", text[0]) >= 0
}

func isPhone(text string) bool {
	return strings.Trim(text, "0123456789 +()-") == ""
}
