package biff

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"muster/internal/table/sheet"
)

// placed is a cell with its row, 0 = first.
type placed struct {
	row int
	sheet.Cell
}

// cellReader reads the cells of a sheet as they stand in the file.
type cellReader struct {
	w     *Workbook
	depth int    // of substreams within the sheet: charts have their own
	run   record // a MULRK record, several numbers in one row
	done  int    // so many of the run have been read
	text  []byte
}

// deepest is how deep charts may stand in a sheet.
const deepest = 3

// isCell reports whether a record is a cell, or several, that may show something.
func isCell(id uint16) bool {
	switch id {
	case idFormula, idMulRK, idRString, idLabelSST, idNumber, idLabel, idBoolErr, idRK:
		return true
	}
	return false
}

// next returns the next cell that shows something; io.EOF after the last.
func (c *cellReader) next() (placed, error) {
	for {
		if p, ok := c.fromRun(); ok {
			return p, c.checkColumn(p)
		}
		r, err := c.nextRecord()
		if err != nil {
			return placed{}, err
		}
		if !isCell(r.id) || c.depth > 0 {
			continue
		}
		p, err := c.cell(r)
		if err != nil {
			return placed{}, err
		}
		if p.Text != "" || p.NoResult {
			return p, c.checkColumn(p)
		}
	}
}

// nextRecord reads a record of the sheet; io.EOF where the sheet ends.
func (c *cellReader) nextRecord() (record, error) {
	r, err := c.w.records.next()
	switch {
	case err != nil:
		return r, err
	case r.id == idBOF:
		if c.depth++; c.depth > deepest {
			return r, r.damaged("a sheet within a sheet does not end")
		}
	case r.id == idEOF && c.depth == 0:
		return r, io.EOF
	case r.id == idEOF:
		c.depth--
	}
	return r, nil
}

// checkColumn refuses a cell beyond the last column.
func (c *cellReader) checkColumn(p placed) error {
	if p.Column < c.w.limits.Columns {
		return nil
	}
	return &sheet.Error{Fault: sheet.TooLarge, What: fmt.Sprintf("has more than %d columns", c.w.limits.Columns), Line: p.row + 1}
}

// cell reads the cell of a record. The cells of a MULRK record come from fromRun.
func (c *cellReader) cell(r record) (p placed, err error) {
	if err := r.need(6); err != nil {
		return p, err
	}
	if r.id == idMulRK {
		c.run, c.done = r, 0
		return p, nil
	}
	p = placed{row: int(r.u16(0)), Cell: sheet.Cell{Column: int(r.u16(2))}}
	xf := r.u16(4)
	switch r.id {
	case idLabelSST:
		err = c.shared(&p.Cell, xf, r)
	case idLabel, idRString:
		err = c.label(&p.Cell, xf, r, 6)
	case idNumber:
		if err = r.need(14); err == nil {
			c.number(&p.Cell, xf, float64At(r.body[6:]))
		}
	case idRK:
		if err = r.need(10); err == nil {
			c.number(&p.Cell, xf, fromRK(r.u32(6)))
		}
	case idBoolErr:
		if err = r.need(8); err == nil {
			constant(&p.Cell, r.body[7] == 1, r.body[6])
		}
	case idFormula:
		err = c.formula(&p.Cell, xf, r)
	}
	return p, err
}

// fromRun returns the next number of a run: the row, the first column, for each
// number its XF and value, and the last column (MulRk, [MS-XLS] section 2.4.175).
func (c *cellReader) fromRun() (p placed, ok bool) {
	const each = 6
	for c.done < (len(c.run.body)-each)/each {
		at := 4 + c.done*each
		p = placed{row: int(c.run.u16(0)), Cell: sheet.Cell{Column: int(c.run.u16(2)) + c.done}}
		c.number(&p.Cell, c.run.u16(at), fromRK(c.run.u32(at+2)))
		if c.done++; p.Text != "" {
			return p, true
		}
	}
	c.run.body = nil
	return p, false
}

func (c *cellReader) number(to *sheet.Cell, xf uint16, v float64) {
	shown := c.w.format(xf).Number(v, c.w.date1904)
	to.Kind, to.Text, to.Number, to.Exponent = sheet.Number, shown.Text, v, shown.Exponent
	if shown.Date {
		to.Kind = sheet.Date
	}
}

// shared reads a text from the table of strings.
func (c *cellReader) shared(to *sheet.Cell, xf uint16, r record) error {
	if err := r.need(10); err != nil {
		return err
	}
	text, ok := c.w.strings.get(r.u32(6))
	if !ok {
		return r.damaged("a cell of row %d has text %d of %d", r.u16(0)+1, r.u32(6), c.w.strings.count)
	}
	to.Text = c.w.format(xf).Text(text)
	return nil
}

// label reads a text that stands in the record itself.
func (c *cellReader) label(to *sheet.Cell, xf uint16, r record, from int) (err error) {
	var t textReader
	t.open(c.w.records, r, from)
	c.text, err = t.text(c.text[:0], 2)
	to.Text = c.w.format(xf).Text(string(c.text))
	return err
}

// calculateOnLoad is set by programs that write formulas and cannot calculate,
// such as Apache POI: the result is 0 or empty until Excel opens and saves the
// file. Excel never sets it. Some such programs, xlwt for one, do not set it
// either; their formulas cannot be told from ones that make an empty text.
const calculateOnLoad = 1 << 1

// formula reads what came out of a formula when the workbook was saved. A text
// is in a record of its own, behind what formulas have in common (Formula,
// section 2.4.127; FormulaValue, section 2.5.133).
func (c *cellReader) formula(to *sheet.Cell, xf uint16, r record) error {
	if err := r.need(16); err != nil {
		return err
	}
	const text, truth, failure, empty = 0, 1, 2, 3
	waits := r.u16(14)&calculateOnLoad != 0
	v := float64At(r.body[6:])
	switch kind := r.body[6]; {
	case r.u16(12) != 0xffff:
		if to.NoResult = waits && v == 0; !to.NoResult {
			c.number(to, xf, v)
		}
	case kind == text:
		return c.formulaText(to, xf)
	case kind == truth, kind == failure:
		constant(to, kind == failure, r.body[8])
	case kind == empty:
		to.NoResult = waits
	}
	return nil
}

func (c *cellReader) formulaText(to *sheet.Cell, xf uint16) error {
	for {
		if _, ok, err := c.w.records.nextIf(isFormulaPart); err != nil || !ok {
			break
		}
	}
	r, ok, err := c.w.records.nextIf(func(id uint16) bool { return id == idString })
	if err != nil || !ok {
		return err
	}
	return c.label(to, xf, r, 0)
}

func isFormulaPart(id uint16) bool {
	return id == idSharedFormula || id == idArray || id == idTable || id == idContinue
}

// failures are the error values ([MS-XLS] section 2.5.10, BErr).
var failures = map[byte]string{
	0x00: "#NULL!", 0x07: "#DIV/0!", 0x0f: "#VALUE!", 0x17: "#REF!", 0x1d: "#NAME?", 0x24: "#NUM!", 0x2a: "#N/A", 0x2b: "#GETTING_DATA",
}

// constant sets a truth value or an error value.
func constant(c *sheet.Cell, failure bool, value byte) {
	switch {
	case failure:
		c.Kind, c.Text = sheet.Failure, failures[value]
		if c.Text == "" {
			c.Text = "#ERROR!"
		}
	case value == 0:
		c.Kind, c.Text = sheet.Boolean, "FALSE"
	default:
		c.Kind, c.Text = sheet.Boolean, "TRUE"
	}
}

func float64At(b []byte) float64 { return math.Float64frombits(binary.LittleEndian.Uint64(b)) }

// fromRK reads a number of 30 bits, whole or the first half of a float64, which
// may be a hundredth (RkNumber, section 2.5.217).
func fromRK(rk uint32) float64 {
	v := math.Float64frombits(uint64(rk&^3) << 32)
	if rk&2 != 0 {
		v = float64(int32(rk) >> 2)
	}
	if rk&1 != 0 {
		v /= 100
	}
	return v
}
