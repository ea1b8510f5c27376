package xlsx

import (
	"encoding/xml"
	"io"
	"strconv"

	"muster/internal/table/sheet"
)

// The size of a sheet. ECMA-376 has none, Excel has these.
const (
	mostRows    = 1 << 20
	mostColumns = 1 << 14
	mostRowText = 32 << 20 // bytes
)

// rows reads the rows of one sheet.
type rows struct {
	*part
	line    int  // 0 before the first
	open    bool // it has not ended yet
	column  int  // of the last cell; -1 before the first
	cells   []sheet.Cell
	size    int // of the texts of the row
	content content
	err     error
}

// Rows begins to read a sheet, as package sheet tells.
func (b *Workbook) Rows(n int) (sheet.Rows, error) {
	if err := b.readTexts(); err != nil {
		return nil, err
	}
	p, err := b.openPart(b.sheets[n].part)
	if err != nil {
		return nil, err
	}
	return &rows{part: p}, nil
}

// Next returns the next row that holds anything.
func (r *rows) Next() (sheet.Row, error) {
	for r.err == nil {
		row, err := r.step()
		if r.err = err; err == nil && len(row.Cells) > 0 {
			return row, nil
		}
	}
	return sheet.Row{}, r.err
}

// step reads one element; at the end of a row it returns that.
func (r *rows) step() (sheet.Row, error) {
	token, err := r.token()
	if err == io.EOF {
		return sheet.Row{}, r.damaged("ends in the middle")
	}
	if err != nil {
		return sheet.Row{}, err
	}
	switch t := token.(type) {
	case xml.StartElement:
		return sheet.Row{}, r.begin(t)
	case xml.EndElement:
		switch t.Name.Local {
		case "row":
			r.open = false
			return sheet.Row{Line: r.line, Cells: r.cells}, nil
		case "sheetData":
			if err := r.finish(); err != nil {
				return sheet.Row{}, err
			}
			return sheet.Row{}, io.EOF
		}
	}
	return sheet.Row{}, nil
}

// begin begins a row, or reads a cell.
func (r *rows) begin(e xml.StartElement) error {
	switch e.Name.Local {
	case "row":
		return r.beginRow(e)
	case "c":
		return r.cell(e)
	}
	return nil
}

func (r *rows) beginRow(e xml.StartElement) error {
	line := r.line + 1
	if text := attribute(e, "r"); text != "" {
		line = number(text)
	}
	if line <= r.line || line > mostRows || r.open {
		return r.damaged("has a row " + attribute(e, "r") + " behind row " + strconv.Itoa(r.line))
	}
	r.line, r.open, r.column, r.size, r.cells = line, true, -1, 0, r.cells[:0]
	return nil
}

// cell reads a cell, and keeps it if it holds anything.
func (r *rows) cell(e xml.StartElement) error {
	column, style, kind := r.column+1, 0, ""
	for _, a := range e.Attr {
		switch a.Name.Local {
		case "r":
			column = columnOf(a.Value)
		case "s":
			style = number(a.Value)
		case "t":
			kind = a.Value
		}
	}
	if column <= r.column || column >= mostColumns || !r.open {
		return r.damaged("has its cells in disorder in row " + strconv.Itoa(r.line))
	}
	r.column = column
	if err := r.part.content("c", &r.content); err != nil {
		return err
	}
	cell := sheet.Cell{Column: column}
	if err := r.show(&cell, kind, style); err != nil || cell.Text == "" && !cell.NoResult {
		return err
	}
	r.idle = 0
	if r.size += len(cell.Text); r.size > mostRowText {
		return tooLarge("its row %d holds more than %d MB", r.line, mostRowText>>20)
	}
	r.cells = append(r.cells, cell)
	return nil
}

// columnOf returns the column of a place such as AB12, from 0; -1 where it is none.
func columnOf(place string) int {
	column := 0
	for i, c := range []byte(place) {
		if c < 'A' || c > 'Z' {
			if i == 0 {
				return -1
			}
			break
		}
		if column = column*26 + int(c-'A') + 1; column > mostColumns {
			break
		}
	}
	return column - 1
}
