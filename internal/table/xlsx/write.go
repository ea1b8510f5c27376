package xlsx

import (
	"archive/zip"
	"bufio"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
)

// Writer writes a workbook of one sheet, row by row; neither is ever whole in
// memory or on a disk. Errors stay: once Write has failed, all later calls do.
type Writer struct {
	zip  *zip.Writer
	out  *bufio.Writer // the sheet
	name string
	row  int
	err  error
}

// mostText is what Excel takes in a cell, in units of UTF-16.
const mostText = 32767

// NewWriter returns a Writer to w of a sheet of that name. A name that Excel
// would refuse becomes Sheet1.
func NewWriter(w io.Writer, name string) *Writer {
	if name == "" || len(utf16.Encode([]rune(name))) > 31 || strings.ContainsAny(name, `[]:*?/\`) || strings.Trim(name, "'") != name {
		name = "Sheet1"
	}
	return &Writer{zip: zip.NewWriter(w), name: name}
}

// Write writes a row. All cells are texts; those whose columns, from 0, are
// marked are coloured. The first row, the headings, is bold and stays in sight.
// What Excel does not take in a cell, characters beyond 32,767, is cut off.
func (w *Writer) Write(cells []string, marked ...int) error {
	w.begin()
	w.row++
	w.put(`<row r="`, strconv.Itoa(w.row), `">`)
	for i, text := range cells {
		style := styleText
		switch {
		case slices.Contains(marked, i):
			style = styleMarked
		case text == "":
			continue
		case w.row == 1:
			style = styleHeading
		}
		w.put(`<c r="`, letters(i), strconv.Itoa(w.row), `" s="`, style, `" t="inlineStr"><is><t xml:space="preserve">`)
		w.put(escape(cut(text)), `</t></is></c>`)
	}
	w.put(`</row>`)
	return w.err
}

// Close ends the workbook; it does not close what it was written to.
func (w *Writer) Close() error {
	w.begin()
	w.put(sheetEnd)
	if w.err == nil {
		w.err = w.out.Flush()
	}
	if w.err == nil {
		w.err = w.zip.Close()
	}
	if w.err == nil {
		w.err = errClosed
		return nil
	}
	return w.err
}

var errClosed = errors.New("the workbook is closed")

// begin writes all parts but the sheet, and begins that.
func (w *Writer) begin() {
	if w.out != nil || w.err != nil {
		return
	}
	for _, p := range parts {
		w.part(p.name, strings.ReplaceAll(p.text, "SHEETNAME", escapeAttribute(w.name)))
	}
	w.part("xl/worksheets/sheet1.xml", sheetBegin)
}

// part begins a part; the one before it is ended by that.
func (w *Writer) part(name, text string) {
	if w.out != nil && w.err == nil {
		w.err = w.out.Flush()
	}
	if w.err != nil {
		return
	}
	part, err := w.zip.Create(name)
	if err != nil {
		w.err = err
		return
	}
	w.out = bufio.NewWriterSize(part, blockBytes)
	w.put(text)
}

func (w *Writer) put(texts ...string) {
	for _, text := range texts {
		if w.err == nil {
			_, w.err = w.out.WriteString(text)
		}
	}
}

// cut leaves of a text what Excel takes.
func cut(text string) string {
	if len(text) <= mostText {
		return text
	}
	units := 0
	for i, c := range text {
		if units += utf16.RuneLen(c); units > mostText {
			return text[:i]
		}
	}
	return text
}

// escape writes a text as XML. What XML cannot hold, or would read as something
// else, is written as Excel does, as _x000D_; see unescape.
func escape(text string) string {
	plain := func(i int, c rune) bool {
		switch c {
		case '&', '<', '>', '\ufffe', '\uffff':
			return false
		case '_':
			_, is := escaped([]byte(text[i:min(len(text), i+7)]))
			return !is
		}
		return c >= ' ' || c == '\n' || c == '\t'
	}
	var b strings.Builder
	for i, c := range text {
		switch {
		case plain(i, c):
			b.WriteRune(c)
		case c == '&':
			b.WriteString("&amp;")
		case c == '<':
			b.WriteString("&lt;")
		case c == '>':
			b.WriteString("&gt;")
		default:
			hex := strings.ToUpper(strconv.FormatInt(0x10000+int64(c), 16))
			b.WriteString("_x" + hex[1:] + "_")
		}
	}
	return b.String()
}

func escapeAttribute(text string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "\n", " ", "\r", " ", "\t", " ").Replace(text)
}

// letters names a column: 0 is A, 26 is AA.
func letters(column int) string {
	var name [4]byte
	i := len(name)
	for c := column + 1; c > 0; c = (c - 1) / 26 {
		i--
		name[i] = byte('A' + (c-1)%26)
	}
	return string(name[i:])
}
