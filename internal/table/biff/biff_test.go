package biff

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"muster/internal/table/sheet"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// fixture returns a file of testdata, which make.py there has made.
func fixture(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func openBytes(file []byte) (*Workbook, error) {
	return Open(bytes.NewReader(file), int64(len(file)), Limits{})
}

// rows reads a sheet, each row as its line and its cells: `7 D=email E=name`.
func rows(w *Workbook, place int) (shown []string, err error) {
	r, err := w.Rows(place)
	for err == nil {
		var row sheet.Row
		if row, err = r.Next(); err == nil {
			shown = append(shown, show(row))
		}
	}
	if err == io.EOF {
		err = nil
	}
	return shown, err
}

func show(row sheet.Row) string {
	text := fmt.Sprint(row.Line)
	for _, c := range row.Cells {
		text += fmt.Sprintf(" %c=%s", 'A'+c.Column, c.Text)
	}
	return text
}

// mustRead reads the first sheet of a file.
func mustRead(t *testing.T, file []byte) []string {
	t.Helper()
	w, err := openBytes(file)
	if err != nil {
		t.Fatal(err)
	}
	shown, err := rows(w, 0)
	if err != nil {
		t.Fatal(err)
	}
	return shown
}

// faultOf returns the kind of an *Error, -1 for another error.
func faultOf(err error) sheet.Fault {
	var e *sheet.Error
	switch {
	case err == nil:
		return 0
	case errors.As(err, &e):
		return e.Fault
	}
	return -1
}

// The same table from three programs is the table that a person sees there.
func TestTheSameTableAsCSV(t *testing.T) {
	records, err := csv.NewReader(bytes.NewReader(fixture(t, "people.csv"))).ReadAll()
	if err != nil || len(records) != 4 {
		t.Fatalf("%d records, %v", len(records), err)
	}
	for name, columns := range map[string]int{"people-libreoffice.xls": 15, "people-gnumeric.xls": 15, "people-xlwt.xls": 11} {
		var want []string
		for i, r := range records {
			row := sheet.Row{Line: i + 1}
			for column, text := range r[:columns] {
				row.Cells = append(row.Cells, sheet.Cell{Column: column, Text: text})
			}
			want = append(want, show(row))
		}
		if got := mustRead(t, fixture(t, name)); !slices.Equal(got, want) {
			t.Errorf("%s: got\n%s\nwant\n%s", name, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
}

// What a cell holds is told as well, so that damage can be warned of.
func TestKindsOfCells(t *testing.T) {
	w, err := openBytes(fixture(t, "people-libreoffice.xls"))
	if err != nil {
		t.Fatal(err)
	}
	r, err := w.Rows(0)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"", // the header
		"Text Text Text Number Number Date Date Date Boolean Number Number Text Number Boolean Failure",
		"Text Text Text Number Number Date Date Date Boolean Number Number Text Number Boolean Failure"}
	names := []string{sheet.Text: "Text", sheet.Number: "Number", sheet.Date: "Date", sheet.Boolean: "Boolean", sheet.Failure: "Failure"}
	for i, kinds := range want {
		row, err := r.Next()
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, c := range row.Cells {
			name := names[c.Kind]
			if c.Exponent {
				name = "Exponent"
			}
			got = append(got, name)
		}
		if i > 0 && strings.Join(got, " ") != kinds {
			t.Errorf("row %d: got %s", row.Line, got)
		}
		if i == 2 && row.Cells[4].Number != 447911123456 {
			t.Errorf("the number behind %s is %v", row.Cells[4].Text, row.Cells[4].Number)
		}
	}
}

func TestSheets(t *testing.T) {
	file := fixture(t, "sheets.xls")
	w, err := openBytes(file)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, s := range w.Sheets() {
		names = append(names, fmt.Sprintf("%s %v", s.Name, s.Hidden))
	}
	if want := []string{"Cover true", "Secret true", "Größe & 表 false"}; !slices.Equal(names, want) {
		t.Errorf("got %q", names)
	}
	for i, want := range []string{"1 A=in Cover", "1 A=in Secret"} {
		if got, err := rows(w, i); err != nil || !slices.Equal(got, []string{want}) {
			t.Errorf("sheet %d: %q, %v", i, got, err)
		}
	}
}

// Sheets of charts, macros and modules are left out.
func TestSheetsWithoutRows(t *testing.T) {
	bound := func(state, kind uint8, start uint32) []byte {
		return rec(idBoundSheet, start, state, kind, uint8(2), uint8(1), wide("é"), wide(string(rune('a'+start))))
	}
	w, err := open(bytes.NewReader(book(join(bound(0, 2, 0), bound(3, 0, 1), bound(0, 1, 2), bound(0, 6, 3), bound(1, 0, 4)))), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if want := []sheet.Sheet{{Name: "éb", Hidden: true}, {Name: "ée", Hidden: true}}; !slices.Equal(w.Sheets(), want) {
		t.Errorf("got %+v", w.Sheets())
	}
}

// Lines are those of Excel, blank rows are left out, merged cells have their
// value once, and the sheets may be read in any order.
func TestHeaderAtD7(t *testing.T) {
	file := fixture(t, "sheets.xls")
	if !hasRecord(t, file, idMulRK) {
		t.Error("there is no MULRK record in it")
	}
	w, err := openBytes(file)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"1 A=in Größe & 表",
		"2 A=merged",
		"7 D=email E=name F=password",
		"8 D=user7@example.org E=74 F=75 G=76 H=77 I=78.25",
		"9 D=user8@example.org E=84 F=85 G=86 H=87 I=88.25",
		"10 D=user9@example.org E=94 F=95 G=96 H=97 I=98.25",
		"12 A=2023-03-15 B=2023-03-15 18:00 C=15-Mar-23 D=18:00 E=45000.75",
	}
	for _, stream := range []int{2, 0, 2} {
		got, err := rows(w, stream)
		if err != nil || stream == 2 && !slices.Equal(got, want) {
			t.Errorf("got\n%s\n%v", strings.Join(got, "\n"), err)
		}
	}
}

// hasRecord reports whether there is such a record in a workbook.
func hasRecord(t *testing.T, file []byte, id uint16) bool {
	t.Helper()
	s, err := openStream(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	for rs := newRecords(s); ; {
		r, err := rs.next()
		if err != nil || r.id == id {
			return err == nil
		}
	}
}

// A long table of strings, some of two bytes a character and some with fonts of
// their own, in several CONTINUE records.
func TestLongTableOfStrings(t *testing.T) {
	file := fixture(t, "strings.xls")
	if !hasRecord(t, file, idContinue) {
		t.Error("there is no CONTINUE record in it")
	}
	got := mustRead(t, file)
	if len(got) != 45 {
		t.Fatalf("%d rows", len(got))
	}
	for i, row := range got {
		text := "£é"
		if i%3 == 0 {
			text = "山😀é"
		}
		if want := fmt.Sprintf("%d A=%s", i+1, strings.Repeat(text, 1+i*i%487)); row != want {
			t.Errorf("got %s", row)
		}
	}
}

func TestDatesFrom1904(t *testing.T) {
	want := []string{"1 A=1904-01-01 00:00 B=1904-01-02 00:00 C=2024-06-19 12:00"}
	if got := mustRead(t, fixture(t, "1904.xls")); !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}

// What is no workbook of this kind is told apart, and named.
func TestRefusals(t *testing.T) {
	plain := book(nil, nil)
	version := func(v byte) []byte { b := bytes.Clone(plain); b[5] = v; return container("Book", b, 512) }
	old := func(id uint16) []byte { return append(rec(id, uint16(2), uint16(0x10)), make([]byte, 1000)...) }
	withPass := func(kind uint16) []byte {
		return container("Workbook", book(rec(idFilePass, kind, make([]byte, 4))), 512)
	}
	cases := []struct {
		name string
		file []byte
		want sheet.Fault
		says string
	}{
		{"encrypted by LibreOffice (RC4)", fixture(t, "encrypted-rc4.xls"), sheet.Encrypted, "password"},
		{"encrypted by RC4", withPass(1), sheet.Encrypted, "password"},
		{"encrypted by XOR", withPass(0), sheet.Encrypted, "password"},
		{".xlsx with a password", container("EncryptedPackage", plain, 512), sheet.Encrypted, "password"},
		{"Excel 95 by Gnumeric", fixture(t, "excel95.xls"), sheet.Unsupported, "5.0 or 95"},
		{"Excel 5.0", version(5), sheet.Unsupported, "5.0 or 95"},
		{"Excel 4.0", old(0x0409), sheet.Unsupported, "5.0 or before"},
		{"Excel 3.0", old(0x0209), sheet.Unsupported, "5.0 or before"},
		{"Excel 2.0", old(0x0009), sheet.Unsupported, "5.0 or before"},
		{"Excel 4.0 in a container", container("Book", old(0x0409), 512), sheet.Unsupported, "4.0 or before"},
		{"Word", fixture(t, "word.doc"), sheet.NotWorkbook, "Word document"},
		{"PowerPoint", container("PowerPoint Document", plain, 512), sheet.NotWorkbook, "PowerPoint"},
		{"Outlook", container("__properties_version1.0", plain, 512), sheet.NotWorkbook, "Outlook"},
		{"an unknown program", container("Contents", plain, 512), sheet.NotWorkbook, "another program"},
		{"text", []byte("email,name\r\na@example.org,A\r\n"), sheet.NotWorkbook, "no OLE2 file"},
		{"nothing", nil, sheet.NotWorkbook, "no OLE2 file"},
		{"a version to come", version(7), sheet.Damaged, "begin"},
		{"no records", container("Workbook", nil, 512), sheet.Damaged, "begin"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := openBytes(c.file)
			if faultOf(err) != c.want || !strings.Contains(err.Error(), c.says) {
				t.Errorf("got %v", err)
			}
		})
	}
}

var errUnplugged = errors.New("unplugged")

// failingReader fails after so many reads.
type failingReader struct {
	io.ReaderAt
	reads int
}

func (f *failingReader) ReadAt(p []byte, at int64) (int, error) {
	if f.reads--; f.reads < 0 {
		return 0, errUnplugged
	}
	return f.ReaderAt.ReadAt(p, at)
}

// An error of the file itself is passed on, whenever it comes: it says nothing
// of the workbook.
func TestErrorsOfTheFile(t *testing.T) {
	file := fixture(t, "strings.xls")
	for reads := 0; ; reads++ {
		r := &failingReader{bytes.NewReader(file), reads}
		w, err := Open(r, int64(len(file)), Limits{})
		if err == nil {
			_, err = rows(w, 0)
		}
		if err == nil {
			if reads < 100 {
				t.Errorf("%d reads were enough", reads)
			}
			return
		}
		if !errors.Is(err, errUnplugged) {
			t.Fatalf("after %d reads: %v", reads, err)
		}
	}
}
