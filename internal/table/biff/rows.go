package biff

import (
	"cmp"
	"io"
	"muster/internal/table/sheet"
	"slices"
)

// mostUnordered is how many cells are put in order in memory, where a sheet has
// them in another order.
const mostUnordered = 1 << 20

// Rows reads the rows of a sheet that show something, from the first to the last.
type Rows struct {
	next  func() (placed, error)
	ahead placed // the first cell of the next row
	more  bool   // there is one
	cells []sheet.Cell
	err   error
}

// Rows begins to read a sheet, by its place in Sheets. Only what was begun last
// can be read. Of merged cells the first has the value, and the others show
// nothing.
//
// A sheet is looked through once before: whether it ends as it ought to, and
// whether its rows are in order. Most programs write them so; where not, the
// cells are put in order in memory, a million at most.
func (w *Workbook) Rows(place int) (sheet.Rows, error) {
	start := w.sheets[place].start
	cells, ordered, err := w.survey(start)
	if err != nil {
		return nil, err
	}
	if err := w.enter(start); err != nil {
		return nil, err
	}
	rows := &Rows{next: (&cellReader{w: w}).next}
	if !ordered {
		err = rows.sort(cells)
	}
	return rows, err
}

// enter goes to a sheet and reads its first record.
func (w *Workbook) enter(start int64) error {
	if err := w.records.seek(start); err != nil {
		return err
	}
	r, err := w.records.next()
	switch {
	case err != nil:
		return err
	case r.id != idBOF || len(r.body) < 4 || r.u16(0) != version8 || r.u16(2) != kindWorksheet:
		return r.damaged("there is no sheet, where one ought to be")
	}
	return nil
}

// survey counts the cells of a sheet that may show something, and tells whether
// its rows are in order.
func (w *Workbook) survey(start int64) (cells int, ordered bool, err error) {
	if err := w.enter(start); err != nil {
		return 0, false, err
	}
	c := &cellReader{w: w}
	last := uint16(0)
	for ordered = true; ; {
		r, err := c.nextRecord()
		if err == io.EOF {
			return cells, ordered, nil
		}
		if err != nil {
			return cells, ordered, err
		}
		if !isCell(r.id) || c.depth > 0 {
			continue
		}
		if err := r.need(6); err != nil {
			return cells, ordered, err
		}
		cells++
		if r.id == idMulRK {
			cells += len(r.body) / 6
		}
		row := r.u16(0)
		ordered = ordered && row >= last
		last = row
	}
}

// sort reads all cells and puts them in order.
func (r *Rows) sort(cells int) error {
	if cells > mostUnordered {
		return tooLarge("its rows are not in order, and have more than %d cells", mostUnordered)
	}
	all := make([]placed, 0, cells)
	for {
		p, err := r.next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		all = append(all, p)
	}
	slices.SortStableFunc(all, func(a, b placed) int { return cmp.Compare(a.row, b.row) })
	r.next = func() (p placed, err error) {
		if len(all) == 0 {
			return p, io.EOF
		}
		p, all = all[0], all[1:]
		return p, nil
	}
	return nil
}

// Next returns the next row. The error is io.EOF after the last one, an *Error,
// or what reading the file returned; it is then returned ever after.
func (r *Rows) Next() (sheet.Row, error) {
	if !r.more {
		r.read()
	}
	if !r.more {
		return sheet.Row{}, r.err
	}
	row := r.ahead.row
	for r.cells = r.cells[:0]; r.more && r.ahead.row == row; r.read() {
		r.cells = append(r.cells, r.ahead.Cell)
	}
	r.order()
	return sheet.Row{Line: row + 1, Cells: r.cells}, nil
}

// read reads the cell ahead.
func (r *Rows) read() {
	if r.err == nil {
		r.ahead, r.err = r.next()
	}
	r.more = r.err == nil
}

// order puts the cells of a row in order. Where a column comes twice, the later
// cell is the one that counts.
func (r *Rows) order() {
	byColumn := func(a, b sheet.Cell) int { return cmp.Compare(a.Column, b.Column) }
	if inOrder(r.cells) {
		return
	}
	slices.Reverse(r.cells)
	slices.SortStableFunc(r.cells, byColumn)
	r.cells = slices.CompactFunc(r.cells, func(a, b sheet.Cell) bool { return a.Column == b.Column })
}

// inOrder reports whether each column is to the right of the one before.
func inOrder(cells []sheet.Cell) bool {
	for i := 1; i < len(cells); i++ {
		if cells[i].Column <= cells[i-1].Column {
			return false
		}
	}
	return true
}
