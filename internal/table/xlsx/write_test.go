package xlsx

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
	"pgregory.net/rapid"

	"muster/internal/table/sheet"
)

// written is a workbook of rows.
func written(t interface{ Fatal(...any) }, name string, rows [][]string, marked ...int) []byte {
	var b bytes.Buffer
	w := NewWriter(&b, name)
	for _, row := range rows {
		if err := w.Write(row, marked...); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// Whatever is written is read again, by Muster and by excelize.
func TestWhatIsWrittenIsReadAgain(t *testing.T) {
	text := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"", "=1+1", "00042", " x ", "a\r\nb\rc\nd\te", "_x000D_", "_x005F_x0041_",
		"\x00\x1f\u0085", "<&>\"'", "😀_xD83D_", "\ufffe\uffff", "TRUE", "1E5", "'quoted"}))
	rapid.Check(t, func(t *rapid.T) {
		want := rapid.SliceOfN(rapid.SliceOfN(text, 1, 6), 1, 10).Draw(t, "rows")
		file := written(t, "Staff", want)
		b, err := Open(bytes.NewReader(file), int64(len(file)))
		if err != nil {
			t.Fatal(err)
		}
		got := make([][]string, len(want))
		err = eachRow(b, 0, func(row sheet.Row) {
			for _, c := range row.Cells {
				got[row.Line-1] = append(got[row.Line-1], make([]string, c.Column-len(got[row.Line-1]))...)
				got[row.Line-1] = append(got[row.Line-1], c.Text)
			}
		})
		if err != nil || !slices.EqualFunc(got, want, sameRow) {
			t.Fatalf("%v\n got %q\nwant %q", err, got, want)
		}
	})
}

// sameRow compares rows but for blank cells at their ends.
func sameRow(a, b []string) bool {
	trim := func(row []string) []string {
		for len(row) > 0 && row[len(row)-1] == "" {
			row = row[:len(row)-1]
		}
		return row
	}
	return slices.Equal(trim(a), trim(b))
}

func TestWhatOthersReadOfIt(t *testing.T) {
	rows := [][]string{{"name", "local_id"}, {"Zoë <&> O'Malley\nWard", "00042"}, {"=1+1", ""}, {"", "_x000D_"}}
	f, err := excelize.OpenReader(bytes.NewReader(written(t, `R&D "x"`, rows, 1)))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if got := f.GetSheetList(); !slices.Equal(got, []string{`R&D "x"`}) {
		t.Errorf("sheets %q", got)
	}
	got, err := f.GetRows(f.GetSheetName(0))
	if err != nil || !slices.EqualFunc(got, rows, sameRow) {
		t.Errorf("%q, %v", got, err)
	}
	if formula, err := f.GetCellFormula(f.GetSheetName(0), "A3"); err != nil || formula != "" {
		t.Errorf("formula %q, %v", formula, err)
	}
	for place, want := range map[string]bool{"A2": false, "B2": true, "B3": true} { // B3 is blank
		if got := isColoured(t, f, place); got != want {
			t.Errorf("%s is coloured: %v", place, got)
		}
	}
}

// isColoured tells whether a cell is filled with a colour. Its number format must
// be that of texts.
func isColoured(t *testing.T, f *excelize.File, place string) bool {
	t.Helper()
	id, err := f.GetCellStyle(f.GetSheetName(0), place)
	if err != nil {
		t.Fatal(err)
	}
	style, err := f.GetStyle(id)
	if err != nil {
		t.Fatal(err)
	}
	if style.NumFmt != 49 {
		t.Errorf("%s has the number format %d", place, style.NumFmt)
	}
	const solid = 1
	return style.Fill.Type == "pattern" && style.Fill.Pattern == solid
}

func TestNamesThatExcelRefuses(t *testing.T) {
	for name, want := range map[string]string{"": "Sheet1", "a/b": "Sheet1", "'a": "Sheet1", strings.Repeat("ë", 32): "Sheet1", strings.Repeat("ë", 31): strings.Repeat("ë", 31)} {
		file := written(t, name, nil)
		b, err := Open(bytes.NewReader(file), int64(len(file)))
		if err != nil || b.Sheets()[0].Name != want {
			t.Errorf("%q: %v, %v", name, b.Sheets(), err)
		}
	}
}

// Excel takes 32,767 units of UTF-16 in a cell.
func TestLongTextsAreCut(t *testing.T) {
	got, err := read(bytes.NewReader(written(t, "", [][]string{{strings.Repeat("é", mostText), strings.Repeat("😀", mostText)}})))
	if want := "1 A=" + strings.Repeat("é", mostText) + " B=" + strings.Repeat("😀", mostText/2); err != nil || got[0] != want {
		t.Errorf("%d bytes, %v", len(got[0]), err)
	}
}

// An error of the writer below stays.
func TestErrorsOfWriting(t *testing.T) {
	w := NewWriter(&short{100_000}, "")
	var err error
	for n := 0; err == nil && n < 100_000; n++ {
		err = w.Write([]string{strings.Repeat("x", n)})
	}
	if !errors.Is(err, io.ErrShortWrite) || w.Close() != err || w.Write(nil) != err {
		t.Errorf("%v, then %v", err, w.Close())
	}
	w = NewWriter(io.Discard, "")
	if err := w.Close(); err != nil || w.Write(nil) == nil {
		t.Errorf("closed with %v, and written to", err)
	}
}

// short takes so many bytes.
type short struct{ left int }

func (s *short) Write(p []byte) (int, error) {
	if s.left -= len(p); s.left < 0 {
		return 0, io.ErrShortWrite
	}
	return len(p), nil
}
