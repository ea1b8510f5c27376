package biff

import (
	"bytes"
	"fmt"
	"math"
	"muster/internal/table/sheet"
	"slices"
	"strings"
	"testing"
)

// place begins the body of a cell: row, column and XF.
func place(row, column uint16, xf ...uint16) []uint16 {
	if len(xf) == 0 {
		xf = []uint16{0}
	}
	return []uint16{row, column, xf[0]}
}

func number(row, column uint16, v float64, xf ...uint16) []byte {
	return rec(idNumber, place(row, column, xf...), v)
}

func label(row, column uint16, text string) []byte {
	return rec(idLabel, place(row, column), uint16(len(text)), uint8(0), text)
}

func formula(row, column uint16, result any) []byte {
	return rec(idFormula, place(row, column), result, uint16(0), uint32(0), uint16(0))
}

// special is the result of a formula that is no number.
func special(kind, value byte) []byte { return []byte{kind, 0, value, 0, 0, 0, 0xff, 0xff} }

var other = rec(0x0208, make([]byte, 16)) // a ROW record, which is not believed

func TestCells(t *testing.T) {
	text := rec(idString, uint16(2), uint8(0), "hi")
	shared := rec(idSharedFormula, make([]byte, 10))
	nan := math.NaN()
	cases := []struct {
		name    string
		globals []byte
		stream  []byte
		want    string
	}{
		{"LABEL", nil, label(0, 0, "x"), "1 A=x"},
		{"LABEL of two bytes a character", nil, rec(idLabel, place(0, 1), uint16(2), uint8(1), wide("é山")), "1 B=é山"},
		{"LABEL over CONTINUE", nil, join(rec(idLabel, place(0, 0), uint16(4), uint8(0), "ab"), rec(idContinue, uint8(1), wide("é山"))), "1 A=abé山"},
		{"characters below 256 are no Windows-1252", nil, label(0, 0, "\xa3\x80"), "1 A=£\u0080"},
		{"RSTRING with fonts", nil, rec(idRString, place(0, 0), uint16(1), uint8(0), "x", uint16(1), uint32(7)), "1 A=x"},
		{"empty LABEL", nil, join(label(0, 0, ""), label(0, 1, "x")), "1 B=x"},
		{"NUMBER", nil, join(number(0, 0, 0.1), number(0, 1, -2), number(0, 2, 447911123456)), "1 A=0.1 B=-2 C=447911123456"},
		{"no number", nil, join(number(0, 0, nan), number(0, 1, math.Inf(1))), "1 A=#NUM! B=#NUM!"},
		{"RK whole", nil, rec(idRK, place(0, 0), uint32(42<<2|2)), "1 A=42"},
		{"RK whole negative", nil, rec(idRK, place(0, 0), ^uint32(0)&^3|2), "1 A=-1"},
		{"RK hundredth", nil, rec(idRK, place(0, 0), uint32(12345<<2|3)), "1 A=123.45"},
		{"RK half a float", nil, rec(idRK, place(0, 0), uint32(math.Float64bits(1.5)>>32)), "1 A=1.5"},
		{"RK hundredth of half a float", nil, rec(idRK, place(0, 0), uint32(math.Float64bits(150)>>32)|1), "1 A=1.5"},
		{"MULRK", nil, rec(idMulRK, uint16(2), uint16(3), uint16(0), uint32(1<<2|2), uint16(0), uint32(2<<2|2), uint16(4)), "3 D=1 E=2"},
		{"MULRK of nothing", nil, join(rec(idMulRK, uint16(2), uint16(3), uint16(2)), label(3, 0, "x")), "4 A=x"},
		{"BLANK and MULBLANK", nil, join(rec(0x0201, place(0, 0)), rec(0x00be, make([]uint16, 6)), label(0, 5, "x")), "1 F=x"},
		{"truth", nil, join(rec(idBoolErr, place(0, 0), uint8(1), uint8(0)), rec(idBoolErr, place(0, 1), uint8(0), uint8(0))), "1 A=TRUE B=FALSE"},
		{"failures", nil, join(rec(idBoolErr, place(0, 0), uint8(0), uint8(1)), rec(idBoolErr, place(0, 1), uint8(0x2a), uint8(1)),
			rec(idBoolErr, place(0, 2), uint8(99), uint8(1))), "1 A=#NULL! B=#N/A C=#ERROR!"},
		{"formula of a number", nil, formula(0, 0, 2.5), "1 A=2.5"},
		{"formula of a text", nil, join(formula(0, 0, special(0, 0)), text, label(0, 1, "x")), "1 A=hi B=x"},
		{"formula of a text, shared", nil, join(formula(0, 0, special(0, 0)), shared, text), "1 A=hi"},
		{"formula of a text, array", nil, join(formula(0, 0, special(0, 0)), rec(idArray), text), "1 A=hi"},
		{"formula of a text, table", nil, join(formula(0, 0, special(0, 0)), rec(idTable), text), "1 A=hi"},
		{"formula of a text, none there", nil, join(formula(0, 0, special(0, 0)), label(0, 1, "x")), "1 B=x"},
		{"formula of a text over CONTINUE", nil, join(formula(0, 0, special(0, 0)), rec(idString, uint16(3), uint8(0), "a"),
			rec(idContinue, uint8(0), "bc")), "1 A=abc"},
		{"formula of truth", nil, join(formula(0, 0, special(1, 1)), formula(0, 1, special(1, 0))), "1 A=TRUE B=FALSE"},
		{"formula of a failure", nil, formula(0, 0, special(2, 7)), "1 A=#DIV/0!"},
		{"formula of nothing", nil, join(formula(0, 0, special(3, 0)), label(0, 1, "x")), "1 B=x"},
		{"a STRING that no formula asks for", nil, join(text, label(0, 1, "x")), "1 B=x"},
		{"other records", nil, join(other, label(0, 0, "x"), other, label(0, 1, "y")), "1 A=x B=y"},
		{"a chart in the sheet", nil, join(label(0, 0, "x"), bof(0x20), label(0, 1, "no"), rec(idEOF), label(0, 2, "y")), "1 A=x C=y"},
		{"rows out of order", nil, join(label(5, 0, "c"), label(2, 0, "b"), label(0, 0, "a"), label(2, 1, "B")), "1 A=a|3 A=b B=B|6 A=c"},
		{"columns out of order", nil, join(label(0, 3, "d"), label(0, 0, "a"), label(1, 0, "e")), "1 A=a D=d|2 A=e"},
		{"one cell twice", nil, join(label(0, 0, "a"), label(0, 1, "x"), label(0, 0, "b")), "1 A=b B=x"},
		{"the last row", nil, label(65535, 255, "x"), "65536 \u0140=x"}, // A and 255 more
		{"an XF that is not there", nil, number(0, 0, 1, 77), "1 A=1"},
		{"a format of the file", join(rec(idFormat, uint16(164), uint16(5), uint8(0), "00000"), rec(idXF, uint16(0), uint16(164), make([]byte, 16))),
			number(0, 0, 7), "1 A=00007"},
		{"a format of two bytes a character", join(rec(idFormat, uint16(164), uint16(2), uint8(1), wide("0€")), rec(idXF, uint16(0), uint16(164))),
			number(0, 0, 7), "1 A=7€"},
		{"a built-in format", rec(idXF, uint16(0), uint16(10)), number(0, 0, 0.5), "1 A=50.00%"},
		{"a built-in format that the file changes", join(rec(idFormat, uint16(10), uint16(1), uint8(0), "0"), rec(idXF, uint16(0), uint16(10))),
			number(0, 0, 0.75), "1 A=1"},
		{"the date as usual is ISO, whatever the file says", join(rec(idFormat, uint16(14), uint16(6), uint8(0), "M/D/YY"), rec(idXF, uint16(0), uint16(14))),
			number(0, 0, 45000), "1 A=2023-03-15"},
		{"a format for texts", join(rec(idFormat, uint16(164), uint16(6), uint8(0), `"Dr "@`), rec(idXF, uint16(0), uint16(164))),
			label(0, 0, "No"), "1 A=Dr No"},
		{"a format that hides", join(rec(idFormat, uint16(164), uint16(3), uint8(0), ";;;"), rec(idXF, uint16(0), uint16(164))),
			join(number(0, 0, 7), label(0, 1, "x"), number(1, 1, 8, 9)), "2 B=8"},
		{"no rows", nil, nil, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			for _, sector := range []int{512, 4096} {
				file := container("Workbook", book(c.globals, c.stream), sector)
				if got := strings.Join(mustRead(t, file), "|"); got != c.want {
					t.Errorf("got  %s\nwant %s", got, c.want)
				}
			}
		})
	}
}

// Rows from the last to the first, each with a cell that comes twice: the later
// one counts.
func TestRowsOutOfOrder(t *testing.T) {
	var stream []byte
	var want []string
	for row := uint16(100); row > 0; row-- {
		stream = append(stream, join(number(row-1, 0, 1), number(row-1, 0, float64(row)))...)
		want = append(want, fmt.Sprintf("%d A=%d", row, row))
	}
	slices.Reverse(want)
	if got := mustRead(t, container("Workbook", book(nil, stream), 512)); !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}

// A formula that waits to be calculated is told apart from one that makes 0 or
// an empty text, which shows nothing.
func TestFormulasWithoutResult(t *testing.T) {
	const waits = calculateOnLoad | 1
	f := func(column uint16, result any, options uint16) []byte {
		return rec(idFormula, place(0, column), result, options, uint32(0), uint16(0))
	}
	stream := join(f(0, 0.0, waits), f(1, 0.0, 1), f(2, 7.0, waits), f(3, special(3, 0), waits), f(4, special(3, 0), 1))
	w, err := open(bytes.NewReader(book(nil, stream)), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	r, err := w.Rows(0)
	if err != nil {
		t.Fatal(err)
	}
	row, err := r.Next()
	if err != nil || show(row) != "1 A= B=0 C=7 D=" {
		t.Fatalf("got %s, %v", show(row), err)
	}
	for i, want := range []bool{true, false, false, true} {
		if row.Cells[i].NoResult != want {
			t.Errorf("cell %d: %+v", i, row.Cells[i])
		}
	}
}

// sst writes a table of strings: how many, and its bytes, cut into records.
func sst(count uint32, parts ...[]byte) []byte {
	all := rec(idSST, count, count, parts[0])
	for _, p := range parts[1:] {
		all = append(all, rec(idContinue, p)...)
	}
	return all
}

func TestStringsOverBorders(t *testing.T) {
	b := func(parts ...any) []byte { return rec(0, parts...)[headerBytes:] }
	const rich, phonetic, wideRich = 8, 4, 9
	cases := []struct {
		name string
		sst  []byte
		want string // texts of the table
	}{
		{"narrow, then wide", sst(1, b(uint16(4), uint8(0), "ab"), b(uint8(1), wide("é山"))), "abé山"},
		{"wide, then narrow", sst(1, b(uint16(4), uint8(1), wide("é山")), b(uint8(0), "ab")), "é山ab"},
		{"wide, narrow, wide", sst(1, b(uint16(3), uint8(1), wide("山")), b(uint8(0), "\xe9"), b(uint8(1), wide("山"))), "山é山"},
		{"a pair on both sides", sst(1, b(uint16(3), uint8(1), wide("😀")[:2]), b(uint8(1), wide("😀")[2:], wide("x"))), "😀x"},
		{"half a pair before a narrow part", sst(1, b(uint16(2), uint8(1), wide("😀")[:2]), b(uint8(0), "x")), "\ufffdx"},
		{"half a pair at the end", sst(2, b(uint16(1), uint8(1), wide("😀")[:2], uint16(1), uint8(1), wide("😀")[2:])), "\ufffd|\ufffd"},
		{"two first halves", sst(1, b(uint16(3), uint8(1), wide("😀")[:2], wide("😀"))), "\ufffd😀"},
		{"border between texts", sst(2, b(uint16(1), uint8(0), "a"), b(uint16(1), uint8(0), "b")), "a|b"},
		{"border right behind the head", sst(1, b(uint16(2), uint8(0)), b(uint8(1), wide("é山"))), "é山"},
		{"border within the head", sst(1, []byte{2}, []byte{0, 0, 'a', 'b'}), "ab"},
		{"fonts", sst(2, b(uint16(2), uint8(rich), uint16(2), "ab", uint64(0), uint16(1), uint8(0), "c")), "ab|c"},
		{"fonts behind the border", sst(2, b(uint16(2), uint8(rich), uint16(2), "ab"), b(uint64(0), uint16(1), uint8(0), "c")), "ab|c"},
		{"fonts and a switch of width", sst(2, b(uint16(2), uint8(rich), uint16(1), "a"), b(uint8(1), wide("山"), uint16(0)),
			b(uint16(0), uint16(1), uint8(0), "c")), "a山|c"},
		{"how it is pronounced", sst(2, b(uint16(1), uint8(phonetic), uint32(3), "a", "xyz", uint16(1), uint8(0), "c")), "a|c"},
		{"fonts and pronounced", sst(2, b(uint16(1), uint8(wideRich|phonetic), uint16(1), uint32(2), wide("山"), uint32(0), "xy", uint16(1), uint8(0), "c")), "山|c"},
		{"an empty text", sst(2, b(uint16(0), uint8(0), uint16(1), uint8(0), "c")), "|c"},
		{"an empty CONTINUE", sst(1, b(uint16(2), uint8(0), "a"), nil, b(uint8(0), "b")), "ab"},
		{"fewer than it says", sst(1000, b(uint16(1), uint8(0), "a")), "a"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			w, err := open(bytes.NewReader(book(c.sst)), Limits{})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for i := range w.strings.count {
				text, _ := w.strings.get(uint32(i))
				got = append(got, text)
			}
			if strings.Join(got, "|") != c.want {
				t.Errorf("got %q", got)
			}
		})
	}
}

// What contradicts itself is refused, and the message says where.
func TestDamage(t *testing.T) {
	b := func(parts ...any) []byte { return rec(0, parts...)[headerBytes:] }
	shared := func(i uint32) []byte { return rec(idLabelSST, place(4, 0), i) }
	noEnd := func(stream []byte) []byte { return stream[:len(stream)-len(rec(idEOF))] }
	cases := []struct {
		name   string
		stream []byte
		want   sheet.Fault
		says   string
	}{
		{"a text that is not in the table", book(sst(1, b(uint16(1), uint8(0), "a")), shared(1)), sheet.Damaged, "row 5 has text 1 of 1"},
		{"a text cut off", book(sst(1, b(uint16(9), uint8(0), "a"))), sheet.Damaged, "text is cut off"},
		{"a character cut in two", book(sst(1, b(uint16(9), uint8(1), "abc"), b(uint8(1), "def"))), sheet.Damaged, "cut in two"},
		{"fonts that are not there", book(sst(1, b(uint16(1), uint8(8), uint16(65535), "a"))), sheet.Damaged, "text is cut off"},
		{"pronounced for 4 GB", book(sst(1, b(uint16(1), uint8(4), uint32(math.MaxUint32), "a"))), sheet.Damaged, "text is cut off"},
		{"a short NUMBER", book(nil, rec(idNumber, place(0, 0), uint32(1))), sheet.Damaged, "instead of 14"},
		{"a short cell", book(nil, rec(idRK, uint16(1))), sheet.Damaged, "instead of 6"},
		{"a short FORMULA", book(nil, rec(idFormula, place(0, 0))), sheet.Damaged, "instead of 16"},
		{"no end of the sheet", noEnd(book(nil, label(0, 0, "x"))), sheet.Damaged, "cut off"},
		{"no end of the globals", noEnd(book(nil)), sheet.Damaged, "cut off"},
		{"a record behind the end", append(noEnd(book(nil)), 0x85, 0, 200, 0, 1), sheet.Damaged, "cut off"},
		{"a sheet behind the end", book(sheetAt(1 << 30)), sheet.Damaged, "behind its end"},
		{"a sheet where none is", book(sheetAt(0)), sheet.Damaged, "no sheet"},
		{"two sheets in one place", book(join(sheetAt(9), sheetAt(9))), sheet.Damaged, "same place"},
		{"sheets without end in each other", book(nil, bytes.Repeat(bof(kindWorksheet), 5)), sheet.Damaged, "does not end"},
		{"too many columns", book(nil, label(8, 256, "x")), sheet.TooLarge, "row 9: the file has more than 256 columns"},
		{"too many columns in a run", book(nil, rec(idMulRK, uint16(0), uint16(255), uint16(0), uint32(2), uint16(0), uint32(2), uint16(256))), sheet.TooLarge, "columns"},
		{"too many formats", book(manyFormats()), sheet.TooLarge, "formats"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			w, err := openBytes(container("Workbook", c.stream, 512))
			if err == nil && len(w.Sheets()) > 0 {
				_, err = rows(w, 0)
			}
			if faultOf(err) != c.want || !strings.Contains(err.Error(), c.says) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func sheetAt(start uint32) []byte { return rec(idBoundSheet, start, uint32(0)) }

func manyFormats() (all []byte) {
	for i := range mostFormats + 1 {
		all = append(all, rec(idFormat, uint16(i), uint16(1), uint8(0), "0")...)
	}
	return all
}

// A cell beyond the last column that shows nothing does not count.
func TestBlankCellsAreNoColumns(t *testing.T) {
	stream := join(rec(0x0201, place(0, 9999)), label(0, 0, "x"), label(0, 300, ""))
	if got := mustRead(t, container("Workbook", book(nil, stream), 512)); !slices.Equal(got, []string{"1 A=x"}) {
		t.Errorf("got %q", got)
	}
}

func TestLimits(t *testing.T) {
	table := sst(2, rec(0, uint16(20), uint8(0), strings.Repeat("a", 20), uint16(1), uint8(0), "c")[headerBytes:])
	stream := book(table, label(0, 2, "x"))
	cases := []struct {
		limits Limits
		want   sheet.Fault
	}{
		{Limits{}, 0},
		{Limits{Columns: 3, StringBytes: 2*headBytes + 21}, 0},
		{Limits{Columns: 2}, sheet.TooLarge},
		{Limits{StringBytes: 2*headBytes + 20}, sheet.TooLarge},
	}
	for _, c := range cases {
		w, err := open(bytes.NewReader(stream), c.limits)
		if err == nil {
			_, err = rows(w, 0)
		}
		if faultOf(err) != c.want {
			t.Errorf("%+v: %v", c.limits, err)
		}
	}
}
