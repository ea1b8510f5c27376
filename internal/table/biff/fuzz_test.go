package biff

import (
	"bytes"
	"encoding/binary"
	"io"
	"muster/internal/table/sheet"
	"testing"
	"unicode/utf8"
)

// small are records of every kind that is read. Fuzzing is quick with small files
// alone; larger ones are in the other tests.
func small() [][]byte {
	text := rec(0, uint16(2), uint8(9), uint16(1), wide("é山"), uint32(0))[headerBytes:]
	formats := join(rec(idFormat, uint16(164), uint16(8), uint8(0), "[h]:mm;@"), rec(idXF, uint16(0), uint16(164)), rec(idDateMode, uint16(1)))
	shared := join(rec(idLabelSST, place(0, 1), uint32(0)), label(0, 0, "x"), rec(idRString, place(1, 0), uint16(1), uint8(0), "y"))
	numbers := join(number(0, 0, 1.5), rec(idRK, place(0, 1), uint32(7)), rec(idMulRK, uint16(1), uint16(0), uint16(0), uint32(2), uint16(0)))
	formulas := join(formula(0, 0, special(0, 0)), rec(idString, uint16(1), uint8(0), "x"), formula(0, 1, special(2, 7)), rec(idBoolErr, place(0, 2), uint16(1)))
	return [][]byte{
		book(sst(1, text[:7], append([]byte{1}, text[7:]...)), shared),
		book(formats, numbers, join(label(2, 0, "b"), label(1, 0, "a"))),
		book(nil, join(bof(0x20), rec(idEOF), formulas)),
		book(rec(idFilePass, uint32(0))),
	}
}

// FuzzContainer changes a file: six bytes of input say where, and to which four
// bytes. So inputs are short, and lead to the tables and the directory.
func FuzzContainer(f *testing.F) {
	for _, at := range []uint16{44, 48, 60, 64, 68, 72, 76, 512, 516, 560, 1024 + 76, 1024 + 128 + 116, 1024 + 128 + 120} {
		f.Add(binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint16(nil, at), 1))
	}
	plain := container("Workbook", book(nil, bytes.Repeat(label(0, 0, "x"), 400)), 512)
	f.Fuzz(func(t *testing.T, changes []byte) {
		file := bytes.Clone(plain)
		for ; len(changes) >= 6; changes = changes[6:] {
			at := int(binary.LittleEndian.Uint16(changes)) % (len(file) - 4)
			copy(file[at:], changes[2:6])
		}
		w, err := openBytes(file)
		check(t, w, err)
	})
}

// FuzzRecords reads any records, without a container around them.
func FuzzRecords(f *testing.F) {
	for _, stream := range small() {
		f.Add(stream)
	}
	f.Fuzz(func(t *testing.T, stream []byte) {
		w, err := open(bytes.NewReader(stream), Limits{Columns: 20, StringBytes: 1 << 16})
		check(t, w, err)
	})
}

// check reads all sheets. Whatever they are, reading ends, lines and columns go
// up, and cells hold text.
func check(t *testing.T, w *Workbook, err error) {
	if faultOf(err) < 0 {
		t.Fatalf("an error that is none of the workbook: %v", err)
	}
	if err != nil {
		return
	}
	for i, s := range w.Sheets() {
		if !utf8.ValidString(s.Name) {
			t.Fatalf("sheet %q", s.Name)
		}
		r, err := w.Rows(i)
		for line := 0; err == nil; {
			var row sheet.Row
			if row, err = r.Next(); err == nil {
				checkRow(t, row, line, w.limits)
				line = row.Line
			}
		}
		if err != io.EOF && faultOf(err) < 0 {
			t.Fatalf("an error that is none of the workbook: %v", err)
		}
	}
}

func checkRow(t *testing.T, row sheet.Row, before int, l Limits) {
	if row.Line <= before || row.Line > 65536 || len(row.Cells) == 0 {
		t.Fatalf("row %d of %d cells after row %d", row.Line, len(row.Cells), before)
	}
	column := -1
	for _, c := range row.Cells {
		if c.Column <= column || c.Column >= l.Columns || c.Text == "" != c.NoResult || !utf8.ValidString(c.Text) || c.Kind > sheet.Failure {
			t.Fatalf("cell %+v after column %d", c, column)
		}
		column = c.Column
	}
}
