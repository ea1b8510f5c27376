package xlsx

import (
	"bytes"
	"errors"
	"flag"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"muster/internal/table/sheet"
)

var (
	flips = flag.Int("flips", 200, "how many copies of each workbook are read with a bit flipped")
	seed  = flag.Uint64("seed", rand.Uint64(), "of the bits that are flipped")
)

// programs are the workbooks that programs have made; see make.sh there.
func programs(t testing.TB) map[string][]byte {
	t.Helper()
	paths, err := filepath.Glob("../testdata/workbooks/*.xlsx")
	if err != nil || len(paths) < 3 {
		t.Fatalf("%d workbooks, %v", len(paths), err)
	}
	files := map[string][]byte{}
	for _, path := range paths {
		if files[filepath.Base(path)], err = os.ReadFile(path); err != nil {
			t.Fatal(err)
		}
	}
	return files
}

// readThird reads the sheet of those workbooks that is full.
func readThird(file []byte) (rows [][]sheet.Cell, err error) {
	b, err := Open(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		return nil, err
	}
	if len(b.Sheets()) < 3 {
		return nil, errFewSheets
	}
	err = eachRow(b, 2, func(row sheet.Row) { rows = append(rows, slices.Clone(row.Cells)) })
	return rows, err
}

var errFewSheets = errors.New("a sheet has gone")

func isRefusal(err error) bool {
	var e *sheet.Error
	return errors.As(err, &e) || err == errFewSheets
}

// A workbook that is cut off anywhere is refused.
func TestCutOff(t *testing.T) {
	for name, file := range programs(t) {
		for size := range len(file) {
			if _, err := readThird(file[:size]); !isRefusal(err) {
				t.Errorf("%s, %d of %d bytes: %v", name, size, len(file), err)
			}
		}
	}
}

// A workbook with a bit flipped is refused, or read as if it had none.
func TestFlippedBits(t *testing.T) {
	random, refused := rand.New(rand.NewPCG(*seed, 0)), 0
	for name, file := range programs(t) {
		want, err := readThird(file)
		if err != nil || len(want) != 7 {
			t.Fatalf("%s: %d rows, %v", name, len(want), err)
		}
		for range *flips {
			at, bit := random.IntN(len(file)), byte(1)<<random.IntN(8)
			copied := bytes.Clone(file)
			copied[at] ^= bit
			got, err := readThird(copied)
			switch {
			case isRefusal(err):
				refused++
			case err != nil, !slices.EqualFunc(got, want, slices.Equal):
				t.Errorf("%s with bit %d of byte %d flipped (-seed %d): %v, %v", name, bit, at, *seed, err, got)
			}
		}
	}
	if refused < *flips/10 {
		t.Errorf("only %d copies were refused", refused)
	}
}

// FuzzWorkbook reads any bytes as a workbook, and as the sheet of one. Whatever
// they are, reading ends, and what is read has its place.
func FuzzWorkbook(f *testing.F) {
	for _, file := range programs(f) {
		f.Add(file)
	}
	for _, rows := range []string{
		`<row r="1"><c r="A1" t="s"><v>2</v></c><c r="C1" s="1" t="inlineStr"><is><t>x_x000D_</t></is></c><c><f>A1</f><v>1</v></c></row>`,
		`<row><c t="inlineStr"><is><r><t>a</t></r><rPh><t>b</t></rPh></is></c><c t="str"><f>A1</f><v></v></c><c t="e"><v>#N/A</v></c></row><row/>`,
		`<row r="1048576"><c r="XFD1048576" t="b"><v>1</v></c></row>`,
		`<x:row><x:c s="2"><x:v>45505.5</x:v></x:c><x:c t="d"><x:v>2024-08-01T09:30:00Z</x:v></x:c></x:row><!-- c --><?p?>`,
		`<row><c><v>4.5E+300</v></c><c s="4"><v>-1</v></c><c><v>&#x31;<![CDATA[2]]></v></c></row></sheetData><sheetData>`,
	} {
		f.Add([]byte(rows))
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		for _, in := range []*bytes.Reader{bytes.NewReader(file), packed(t, sheetOf(string(file)))} {
			fuzzed(t, in)
		}
	})
}

func fuzzed(t *testing.T, in *bytes.Reader) {
	b, err := Open(in, in.Size())
	if err != nil {
		if !isRefusal(err) {
			t.Fatal(err)
		}
		return
	}
	for i := range b.Sheets() {
		last := 0
		err := eachRow(b, i, func(row sheet.Row) {
			if row.Line <= last || row.Line > mostRows || len(row.Cells) == 0 {
				t.Fatalf("row %d behind %d with %d cells", row.Line, last, len(row.Cells))
			}
			column := -1
			for _, c := range row.Cells {
				if c.Column <= column || c.Column >= mostColumns || (c.Text == "") != c.NoResult {
					t.Fatalf("cell %+v behind column %d", c, column)
				}
				column = c.Column
			}
			last = row.Line
		})
		if err != nil && !isRefusal(err) {
			t.Fatal(err)
		}
	}
}
