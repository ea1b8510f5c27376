package table

import (
	"bytes"
	"io"
	"unicode/utf8"

	"muster/internal/issue"
)

// A class says what a byte of UTF-8 text is to the reader. The order matters:
// outside quotes all up to ordinary is text, inside quotes all up to delimiter.
type class byte

const (
	ordinary class = iota
	delimiter
	quote
	carriageReturn
	lineFeed
	control
	lead // first byte of U+0080 to U+00BF, the first half of which are control characters
	end  // no byte: the text has ended
)

func (c class) endsLine() bool { return c == carriageReturn || c == lineFeed }

// csvReader reads the rows of CSV. It holds a window of the text,
// buf[pos:end], and the one row that it builds.
type csvReader struct {
	src     *source
	info    Info
	limits  Limits
	classes [256]class

	buf      []byte
	pos, end int
	keep     int   // the opening quote, while reading may have to go back to it; else -1
	line     int   // the line of buf[pos]
	err      error // what ended the text: io.EOF or a refusal

	rows    int
	rowLine int
	row     []byte // the texts of the row, one after the other
	marks   []mark // a mark for each cell
	cells   []Cell
	issues  []issue.Issue
	cell    cellState
}

// mark is a finished cell: where its text ends in the row, and its line.
type mark struct{ end, line int }

// cellState is what is known of the cell that is being read.
type cellState struct {
	start                   int // of its text in the row
	line                    int
	stray, control, tooLong bool // has been told
}

const (
	windowBytes = 64 << 10
	leastRoom   = 1 << 10
)

func newReader(src *source, l Limits) *csvReader {
	return &csvReader{src: src, limits: l, buf: make([]byte, windowBytes), keep: -1, line: 1}
}

// textReader reads a text that is whole in memory, without changing it.
func textReader(text []byte, d rune, l Limits) *csvReader {
	r := &csvReader{limits: l, buf: text, end: len(text), keep: -1, line: 1, err: io.EOF}
	r.split(d)
	return r
}

// split sets the delimiter.
func (r *csvReader) split(d rune) {
	r.classes = [256]class{'"': quote, '\r': carriageReturn, '\n': lineFeed, 0x7f: control, 0xc2: lead}
	for c := range ' ' {
		if r.classes[c] == ordinary && c != '\t' {
			r.classes[c] = control
		}
	}
	r.classes[d] = delimiter
}

// Info returns the form of the table.
func (r *csvReader) Info() Info { return r.info }

// Next returns the next row, as Reader tells.
func (r *csvReader) Next() (Row, error) {
	for {
		if err := r.readRow(); err != nil {
			return Row{}, err
		}
		if len(r.issues) > 0 || !isBlank(r.row) {
			return r.finish()
		}
	}
}

func isBlank(text []byte) bool { return len(bytes.TrimLeftFunc(text, invisible)) == 0 }

// finish makes the Row of what has been read. One string holds all its texts.
func (r *csvReader) finish() (Row, error) {
	if r.rows++; r.rows > r.limits.Rows+1 {
		r.err, r.pos, r.end = r.limits.tooManyRows(r.rowLine), 0, 0
		return Row{}, r.err
	}
	all, from := string(r.row), 0
	r.cells = r.cells[:0]
	for _, m := range r.marks {
		r.cells = append(r.cells, Cell{Text: unguard(all[from:m.end]), Line: m.line})
		from = m.end
	}
	return Row{Line: r.rowLine, Cells: r.cells, Issues: r.issues}, nil
}

// readRow reads up to the next line end outside quotes.
func (r *csvReader) readRow() error {
	if r.pos == r.end && !r.more() {
		return r.err
	}
	r.row, r.marks, r.issues, r.rowLine = r.row[:0], r.marks[:0], nil, r.line
	for {
		stop := r.readCell()
		if stop == end && r.failed() {
			return r.err
		}
		r.marks = append(r.marks, mark{len(r.row), r.cell.line})
		if stop != delimiter {
			r.endLine(stop)
			return nil
		}
		r.pos++
		if len(r.marks) >= r.limits.Columns {
			return r.tooManyColumns()
		}
	}
}

func (r *csvReader) tooManyColumns() error {
	i := codeColumns.New("The row has more than %d columns.", r.limits.Columns).Suggest("%s", codeColumns.Cure)
	i.Line = r.rowLine
	r.err, r.pos, r.end = i, 0, 0
	return r.err
}

// readCell reads a cell and returns what ends it; the end itself is not consumed.
func (r *csvReader) readCell() class {
	if c, ok := r.simple(); ok {
		return c
	}
	r.cell = cellState{start: len(r.row), line: r.line}
	if c, ok := r.peek(0); ok && c == '"' {
		r.quoted()
	}
	return r.plain()
}

// simple reads a cell that stands in the window as a whole and holds nothing but
// ordinary text, as nearly all cells do. It is there for speed alone.
func (r *csvReader) simple() (class, bool) {
	window := r.buf[r.pos:r.end]
	for i, b := range window {
		switch c := r.classes[b]; {
		case c == ordinary:
			continue
		case c == delimiter || c.endsLine():
			if i > r.limits.CellBytes {
				return end, false
			}
			r.row = append(r.row, window[:i]...)
			r.pos += i
			r.cell.line = r.line
			return c, true
		}
		break
	}
	return end, false
}

// plain reads on up to a delimiter or line end.
func (r *csvReader) plain() class {
	for {
		switch c := r.run(ordinary); c {
		case quote:
			if !r.cell.stray {
				r.cell.stray = true
				r.note(codeStray.New("A quote stands within the cell; it was read as it stands.").Suggest("%s", codeStray.Cure))
			}
			r.takeByte()
		case control, lead:
			r.oddity(c)
		default:
			return c
		}
	}
}

// quoted reads a cell from its opening quote up to behind the closing one.
func (r *csvReader) quoted() {
	r.keep = r.pos
	r.pos++
	for {
		c := r.run(delimiter)
		if r.overLimit() || c == end || c.endsLine() && r.cell.tooLong {
			r.giveUp(true)
			return
		}
		switch c {
		case quote:
			if r.quoteEnds() {
				r.keep = -1
				return
			}
		case carriageReturn, lineFeed:
			r.lineBreak(c)
		default:
			r.oddity(c)
		}
	}
}

// overLimit tells whether a quoted cell of several lines has grown over the
// limits. One that is still in its first line is merely too long: reading goes
// on to its closing quote, and never back.
func (r *csvReader) overLimit() bool {
	lines := r.line - r.cell.line
	if r.cell.tooLong && lines == 0 {
		r.keep = -1
	}
	return lines >= r.limits.QuotedLines || lines > 0 && r.cell.tooLong
}

// quoteEnds reads a quote within a quoted cell. It returns false where the cell
// goes on, and true where it is over: closed, or given up.
func (r *csvReader) quoteEnds() bool {
	c, ok := r.peek(1)
	if !ok {
		r.pos++
		return true
	}
	switch r.classes[c] {
	case quote:
		r.pos++
		r.takeByte()
		return false
	case delimiter, carriageReturn, lineFeed:
		r.pos++
	default:
		r.giveUp(r.line > r.cell.line)
	}
	return true
}

// giveUp tells that the quotes of a cell do not add up, and goes back to its
// opening quote, so that the cell is read as it stands.
func (r *csvReader) giveUp(unclosed bool) {
	if r.keep >= 0 {
		r.pos, r.keep, r.line = r.keep, -1, r.cell.line
		r.row = r.row[:r.cell.start]
		r.dropIssues()
		r.cell = cellState{start: r.cell.start, line: r.cell.line}
	}
	r.cell.stray = true
	if unclosed {
		r.note(codeUnclosed.New("A quote opens the cell and none closes it.").Suggest("%s", codeUnclosed.Cure))
		return
	}
	r.note(codeStray.New("The cell begins with a quote and goes on after the closing one; it was read as it stands.").
		Suggest("%s", codeStray.Cure))
}

// dropIssues forgets what was told of the cell that is read again.
func (r *csvReader) dropIssues() {
	column := Letter(len(r.marks))
	for n := len(r.issues); n > 0 && r.issues[n-1].Column == column; n-- {
		r.issues = r.issues[:n-1]
	}
}

// run takes bytes of a class up to last into the cell, and returns the class of
// the byte that stopped it.
func (r *csvReader) run(last class) class {
	for {
		window := r.buf[r.pos:r.end]
		for i, b := range window {
			if c := r.classes[b]; c > last {
				r.take(window[:i])
				r.pos += i
				return c
			}
		}
		r.take(window)
		r.pos = r.end
		if !r.more() {
			return end
		}
	}
}

// take adds text to the cell, up to its limit.
func (r *csvReader) take(text []byte) {
	room := r.limits.CellBytes - (len(r.row) - r.cell.start)
	if len(text) > room || r.cell.tooLong {
		text = r.cut(text, room)
	}
	r.row = append(r.row, text...)
}

// cut returns what of the text still has room, and tells the first time.
func (r *csvReader) cut(text []byte, room int) []byte {
	if r.cell.tooLong {
		return nil
	}
	r.cell.tooLong = true
	r.note(codeLong.New("The cell holds more than %d bytes.", r.limits.CellBytes).Suggest("%s", codeLong.Cure))
	for room > 0 && !utf8.RuneStart(text[room]) {
		room--
	}
	return text[:room]
}

func (r *csvReader) takeByte() {
	r.take(r.buf[r.pos : r.pos+1])
	r.pos++
}

// oddity reads a control character, which is told and left out, or a harmless
// character that begins with the same byte.
func (r *csvReader) oddity(c class) {
	char, size := utf8.DecodeRune(r.text())
	if c == lead && char > 0x9f {
		r.take(r.text()[:size])
	} else if !r.cell.control {
		r.cell.control = true
		r.note(codeControl.New("The cell holds the control character U+%04X.", char).Suggest("%s", codeControl.Cure))
	}
	r.pos += size
}

// note places an issue in the cell that is being read.
func (r *csvReader) note(i issue.Issue) {
	i.Line, i.Column = r.cell.line, Letter(len(r.marks))
	r.issues = append(r.issues, i)
}

// lineBreak takes a line break within a quoted cell; CR LF is one.
func (r *csvReader) lineBreak(c class) {
	r.takeByte()
	if next, ok := r.peek(0); c == carriageReturn && ok && next == '\n' {
		r.takeByte()
	}
	r.line++
}

// endLine steps over the line end that the row stopped at.
func (r *csvReader) endLine(c class) {
	if c == end {
		return
	}
	next, ok := r.peek(1)
	r.pos++
	if c == carriageReturn && ok && next == '\n' {
		r.pos++
	}
	r.line++
}
