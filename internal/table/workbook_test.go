package table

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"muster/internal/issue"
	"muster/internal/table/sheet"
)

// workbookFile reads a file of testdata/workbooks, where make.sh tells how it was made.
func workbookFile(t testing.TB, name string) *bytes.Reader {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata/workbooks", name))
	if err != nil {
		t.Fatal(err)
	}
	return bytes.NewReader(b)
}

func names(tables []Reader) (list []string) {
	for _, r := range tables {
		list = append(list, r.Info().Kind+" "+r.Info().Sheet)
	}
	return list
}

// What the older programs wrote, and what is no table, is refused by name. What is to be
// read of workbooks, test/workbooks compares with the same table as CSV.
func TestOlderWorkbooksThatAreNotRead(t *testing.T) {
	for name, code := range map[string]string{"encrypted-rc4.xls": "workbook-encrypted", "excel95.xls": "workbook-unsupported", "word.doc": "file-not-table"} {
		b, err := os.ReadFile(filepath.Join("biff/testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		if i := refusedBy(t, bytes.NewReader(b), Options{}); i.Code != code || i.Suggestion == "" {
			t.Errorf("%s: %s: %v", name, i.Code, i)
		}
	}
}

// openpyxl calculates no formula: nobody knows what a person would see.
func TestFormulasWithoutResult(t *testing.T) {
	tables, err := Open(workbookFile(t, "openpyxl.xlsx"), Options{Sheet: "Staff"})
	if err != nil {
		t.Fatal(err)
	}
	want := "2 Zoë O'Malley|00042|01632 960101|447911123456|01/08/2024|2024-08-01 09:30|TRUE|0%|||first line\nsecond <line> & 'more'|£1,234.50" +
		" I:formula-no-result J:formula-no-result"
	if got := shown(readAll(t, tables[0])); got[1] != want {
		t.Errorf(" got %q\nwant %q", got[1], want)
	}
}

func TestWhichSheets(t *testing.T) {
	cases := []struct {
		sheet string
		want  []string
	}{
		{"", []string{"xlsx Blank", "xlsx Staff", "xlsx Leavers"}},
		{"Staff", []string{"xlsx Staff"}},
		{" staff ", []string{"xlsx Staff"}},
		{"Lists", []string{"xlsx Lists"}}, // hidden, but asked for
		{"1", []string{"xlsx Blank"}},
		{"3", []string{"xlsx Leavers"}},
	}
	for _, c := range cases {
		tables, err := Open(workbookFile(t, "libreoffice.xlsx"), Options{Sheet: c.sheet})
		if got := names(tables); err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%q: %q, %v", c.sheet, got, err)
		}
	}
}

func TestSheetsThatAreNotThere(t *testing.T) {
	cases := []struct{ sheet, word string }{
		{"Staf", "did you mean Staff?"},
		{"4", "its sheets are Lists, Blank, Staff, Leavers"},
		{"0", "its sheets are"},
		{"-1", "its sheets are"},
	}
	for _, c := range cases {
		_, err := Open(workbookFile(t, "libreoffice.xlsx"), Options{Sheet: c.sheet})
		if !codeSheet.Is(err) || !strings.Contains(err.Error(), c.word) {
			t.Errorf("%q: %v", c.sheet, err)
		}
	}
	if _, err := Open(strings.NewReader("a,b\n"), Options{Sheet: "1"}); !codeSheet.Is(err) {
		t.Errorf("a sheet of CSV: %v", err)
	}
}

// made is a workbook made by excelize, which knows how to, of the cells of its
// first sheet.
func made(t testing.TB, cells map[string]any, further ...func(*excelize.File)) *bytes.Reader {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	for place, value := range cells {
		if err := f.SetCellValue("Sheet1", place, value); err != nil {
			t.Fatal(err)
		}
	}
	for _, do := range further {
		do(f)
	}
	b, err := f.WriteToBuffer()
	if err != nil {
		t.Fatal(err)
	}
	return bytes.NewReader(b.Bytes())
}

func firstTable(t testing.TB, file File, o Options) Reader {
	t.Helper()
	tables, err := Open(file, o)
	if err != nil {
		t.Fatal(err)
	}
	return tables[0]
}

func TestFaultsOfCells(t *testing.T) {
	long := strings.Repeat("ë", 40)
	file := written(t, Info{Kind: XLSX}, []string{"a", "b"}, []string{"", "x\x01y\u0085z\ttab"}, []string{long, " "}, []string{"\u00a0", " "})
	want := []string{
		"1 a|b",
		"2 |xyz\ttab B:control-character",
		"3 " + long[:30] + " A:cell-too-long",
	}
	if got := shown(readAll(t, firstTable(t, strings.NewReader(file), Options{Limits: Limits{CellBytes: 31}}))); !slices.Equal(got, want) {
		t.Errorf(" got %q\nwant %q", got, want)
	}
	formulas := made(t, map[string]any{"A1": "a"}, func(f *excelize.File) { f.SetCellFormula("Sheet1", "B2", "1/0") })
	want = []string{"1 a", "2 | B:formula-no-result"}
	if got := shown(readAll(t, firstTable(t, formulas, Options{}))); !slices.Equal(got, want) {
		t.Errorf(" got %q\nwant %q", got, want)
	}
}

// refusedBy returns the issue that refuses a file, at its opening or within its rows.
func refusedBy(t *testing.T, file File, o Options) issue.Issue {
	t.Helper()
	tables, err := Open(file, o)
	for err == nil {
		_, err = tables[0].Next()
	}
	var i issue.Issue
	if !errors.As(err, &i) {
		t.Fatalf("read, or %v", err)
	}
	return i
}

func TestLimitsOfSheets(t *testing.T) {
	corner := made(t, map[string]any{"A1": "a", "XFD1048576": "b"})
	if i := refusedBy(t, corner, Options{}); i.Code != "columns-limit" || i.Line != 1048576 || !strings.Contains(i.Message, "XFD1048576") {
		t.Errorf("a far cell: %v", i)
	}
	wide := made(t, nil, func(f *excelize.File) {
		f.SetSheetRow("Sheet1", "A1", &[]string{"a", "b"})
		f.SetSheetRow("Sheet1", "A2", ptr(make([]int, 10_000)))
	})
	if i := refusedBy(t, wide, Options{}); i.Code != "columns-limit" || i.Line != 2 {
		t.Errorf("10,000 columns: %v", i)
	}
	rows := made(t, map[string]any{"A1": "a", "A2": "b", "A9": "c", "A10": "d"})
	if i := refusedBy(t, rows, Options{Limits: Limits{Rows: 2}}); i.Code != "rows-limit" || i.Line != 10 {
		t.Errorf("a row too many: %v", i)
	}
}

func ptr[T any](v T) *T { return &v }

func TestWorkbooksThatAreNone(t *testing.T) {
	encrypted := excelize.NewFile()
	var b bytes.Buffer
	if err := encrypted.Write(&b, excelize.Options{Password: "open sesame"}); err != nil {
		t.Fatal(err)
	}
	whole, err := io.ReadAll(workbookFile(t, "libreoffice.xlsx"))
	if err != nil {
		t.Fatal(err)
	}
	named := ole2Start + strings.Repeat("\x00", 504) + "E\x00n\x00c\x00r\x00y\x00p\x00t\x00e\x00d\x00P\x00a\x00c\x00k\x00a\x00g\x00e\x00" + strings.Repeat("\x00", 128)
	cases := []struct {
		name, file, code, word string
	}{
		{"encrypted", b.String(), "workbook-encrypted", "encrypted"},
		{"the name alone is no sign", named, "workbook-damaged", "container"},
		{"cut off", string(whole[:len(whole)-100]), "workbook-damaged", "its end is missing"},
		{"xlsb", zipFile(t, "[Content_Types].xml", "", "xl/workbook.bin", "x"), "workbook-unsupported", ".xlsb"},
		{"no xl", zipFile(t, "users.csv", "a,b\n"), "file-not-table", "zip"},
		{"docx", zipFile(t, "word/document.xml", "<a/>"), "file-not-table", "Word"},
		{"numbers", zipFile(t, "Index/Document.iwa", "x"), "file-not-table", "Numbers"},
	}
	for _, c := range cases {
		i := refusedBy(t, strings.NewReader(c.file), Options{})
		if i.Code != c.code || !strings.Contains(i.Message, c.word) || i.Suggestion == "" {
			t.Errorf("%s: %s: %v", c.name, i.Code, i)
		}
	}
	if i := refusedBy(t, workbookFile(t, "people.ods"), Options{}); i.Code != "file-not-table" || !strings.Contains(i.Message, "OpenDocument") {
		t.Errorf("ods: %v", i)
	}
}

// All sheets hidden is nothing that Excel allows, but programs do it.
func TestNoSheetToBeSeen(t *testing.T) {
	_, err := sheets(hiddenBook{}, XLSX, Options{})
	if !codeNoSheet.Is(err) {
		t.Error(err)
	}
}

type hiddenBook struct{}

func (hiddenBook) Sheets() []sheet.Sheet        { return []sheet.Sheet{{Name: "A", Hidden: true}} }
func (hiddenBook) Rows(int) (sheet.Rows, error) { return nil, nil }

// Of a workbook that can read one sheet at a time, several can be looked at.
func TestSheetsByTurns(t *testing.T) {
	tables, err := sheets(&oneAtATime{}, XLSX, Options{})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, n := range []int{0, 1, 0, 0, 1, 0} {
		row, err := tables[n].Next()
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, show(row))
	}
	if want := []string{"1 A1", "1 B1", "2 A2", "3 A3", "2 B2", "4 A4"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

// oneAtATime has two sheets without an end.
type oneAtATime struct{ begun *endlessRows }

func (o *oneAtATime) Sheets() []sheet.Sheet { return []sheet.Sheet{{Name: "A"}, {Name: "B"}} }

func (o *oneAtATime) Rows(n int) (sheet.Rows, error) {
	o.begun = &endlessRows{of: o, name: o.Sheets()[n].Name}
	return o.begun, nil
}

type endlessRows struct {
	of   *oneAtATime
	name string
	line int
}

func (r *endlessRows) Next() (sheet.Row, error) {
	if r.of.begun != r {
		return sheet.Row{}, errors.New("another sheet has been begun")
	}
	r.line++
	return sheet.Row{Line: r.line, Cells: []sheet.Cell{{Text: r.name + number(r.line)}}}, nil
}

// An error of the file itself is not taken for a fault of the workbook.
func TestErrorsOfTheFileStay(t *testing.T) {
	whole := workbookFile(t, "libreoffice.xlsx")
	seen := 0
	for at := int64(0); at < whole.Size(); at += 512 {
		tables, err := Open(failing{whole, at}, Options{Sheet: "Staff"})
		for err == nil {
			_, err = tables[0].Next()
		}
		if err != io.EOF && !errors.Is(err, errGone) {
			t.Fatalf("gone at %d: %v", at, err)
		}
		if err != io.EOF {
			seen++
		}
	}
	if seen < 5 {
		t.Errorf("only %d places mattered", seen)
	}
}

var errGone = errors.New("the database has gone")

// failing cannot be read from a place on, up to the end of its block, once the
// whole has been looked at.
type failing struct {
	*bytes.Reader
	from int64
}

func (f failing) ReadAt(p []byte, at int64) (int, error) {
	if int64(len(p)) < f.Size() && at < f.from+512 && at+int64(len(p)) > f.from {
		return 0, errGone
	}
	return f.Reader.ReadAt(p, at)
}
