package table

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"muster/internal/issue"
	"muster/internal/table/sheet"
)

// openBook is a workbook of which one sheet is read at a time.
type openBook struct {
	sheet.Workbook
	current *sheetReader
}

// sheetReader reads the rows of one sheet. Others of the same workbook may be read
// in between: it then goes back to where it was.
type sheetReader struct {
	book   *openBook
	sheet  int
	info   Info
	limits Limits

	rows  sheet.Rows
	taken int // rows that the workbook has given
	count int // those that were not blank
	cells []Cell
	err   error
}

func (r *sheetReader) Info() Info { return r.info }

// Next returns the next row, as Reader tells.
func (r *sheetReader) Next() (row Row, err error) {
	for r.err == nil {
		if row, r.err = r.read(); r.err == nil && len(row.Cells) > 0 {
			return row, nil
		}
	}
	return Row{}, r.err
}

// read reads a row, which has no cells where all are blank.
func (r *sheetReader) read() (Row, error) {
	if err := r.takeTurn(); err != nil {
		return Row{}, refuseWorkbook(err)
	}
	row, err := r.rows.Next()
	if err != nil {
		return Row{}, refuseWorkbook(err)
	}
	r.taken++
	return r.row(row.Line, row.Cells)
}

// takeTurn begins the sheet, if another one has been read since.
func (r *sheetReader) takeTurn() (err error) {
	if r.book.current == r {
		return nil
	}
	if r.rows, err = r.book.Rows(r.sheet); err != nil {
		return err
	}
	for range r.taken {
		if _, err := r.rows.Next(); err != nil {
			return err
		}
	}
	r.book.current = r
	return nil
}

// row makes a row of the cells that show something.
func (r *sheetReader) row(line int, cells []sheet.Cell) (Row, error) {
	row := Row{Line: line, Cells: r.cells[:0]}
	for _, c := range cells {
		if !c.NoResult && Trim(c.Text) == "" {
			continue
		}
		if c.Column >= r.limits.Columns {
			i := codeColumns.New("The cell %s%d stands beyond the first %d columns.", Letter(c.Column), line, r.limits.Columns)
			i.Line = line
			return row, i.Suggest("%s", "Delete what stands there, and the columns that are not needed.")
		}
		for len(row.Cells) <= c.Column {
			row.Cells = append(row.Cells, Cell{Line: line})
		}
		row.Cells[c.Column].Text = r.limits.keep(&row, c.Column, c.Text)
		row.noteFault(c)
	}
	r.cells = row.Cells
	if len(row.Cells) == 0 {
		return row, nil
	}
	if r.count++; r.count > r.limits.Rows+1 {
		return row, r.limits.tooManyRows(line)
	}
	return row, nil
}

// noteFault tells what keeps the text of a cell from being what was meant.
func (row *Row) noteFault(c sheet.Cell) {
	switch {
	case c.Kind == sheet.Failure:
		row.note(c.Column, codeErrorValue, "The cell shows the error %s.", c.Text)
	case c.NoResult:
		row.note(c.Column, codeNoResult, "The cell holds a formula without a result.")
	}
}

// note adds an issue of a cell.
func (row *Row) note(column int, code *issue.Code, format string, args ...any) {
	i := code.New(format, args...).In(Letter(column)).Suggest("%s", code.Cure)
	i.Line = row.Line
	row.Issues = append(row.Issues, i)
}

// keep returns the text of a cell as it may be kept, and notes what is wrong with it.
func (l Limits) keep(row *Row, column int, text string) string {
	if most := l.CellBytes; len(text) > most {
		for most > 0 && !utf8.RuneStart(text[most]) {
			most--
		}
		text = text[:most]
		row.note(column, codeLong, "The cell holds more than %d bytes.", l.CellBytes)
	}
	if i := strings.IndexFunc(text, isControl); i >= 0 {
		char, _ := utf8.DecodeRuneInString(text[i:])
		row.note(column, codeControl, "The cell holds the control character U+%04X.", char)
		text = strings.Map(func(c rune) rune {
			if isControl(c) {
				return -1
			}
			return c
		}, text)
	}
	return text
}

// isControl tells of characters that no cell may have.
func isControl(c rune) bool { return unicode.IsControl(c) && c != '\t' && c != '\n' && c != '\r' }
