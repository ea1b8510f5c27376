package table

import (
	"encoding/csv"
	"io"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"unicode"

	"pgregory.net/rapid"
)

var awkward = []rune(",;\t|\"'\r\n =+-@aAé£€ßŠ\u00a0\ufeff\u200b山表ﾔ😀<0")

// cellGen draws texts that a table can hold: no control characters, and only
// what the charset has.
func cellGen(set *charset) *rapid.Generator[string] {
	char := rapid.OneOf(rapid.SampledFrom(awkward), rapid.Rune()).Filter(func(c rune) bool {
		if unicode.IsControl(c) && !strings.ContainsRune("\t\r\n", c) {
			return false
		}
		return c == '?' || set.wide || set == utf8Set || string(set.encode(nil, string(c))) != "?"
	})
	return rapid.Custom(func(t *rapid.T) string { return string(rapid.SliceOfN(char, 0, 12).Draw(t, "cell")) })
}

// tableGen draws rows that are not blank.
func tableGen(set *charset) *rapid.Generator[[][]string] {
	row := rapid.SliceOfN(cellGen(set), 1, 6).Filter(func(cells []string) bool {
		return Trim(strings.Join(cells, "")) != ""
	})
	return rapid.SliceOfN(row, 1, 20)
}

// Any table that the Writer writes reads back the same, in every charset, with
// every delimiter and line end, however the bytes arrive.
func TestWrittenTablesReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		set := rapid.SampledFrom(charsets).Draw(t, "charset")
		info := Info{
			Kind: "csv", Charset: set.name,
			Delimiter: rapid.SampledFrom(delimiters).Draw(t, "delimiter").char,
			LineEnd:   rapid.SampledFrom([]string{"\r\n", "\n", "\r"}).Draw(t, "line end"),
			SepLine:   rapid.Bool().Draw(t, "sep="),
			BOM:       (set.wide || set == utf8Set) && rapid.Bool().Draw(t, "mark"),
		}
		want := tableGen(set).Draw(t, "rows")
		want[0][0] = "Email" + want[0][0] // a header; a file may not begin as a web page
		var in io.Reader = strings.NewReader(written(t, info, want...))
		if rapid.Bool().Draw(t, "byte by byte") {
			in = iotest.OneByteReader(in)
		}
		r, err := openCSV(in, Options{Encoding: set.name, Delimiter: info.Delimiter})
		if err != nil {
			t.Fatal(err)
		}
		if r.Info() != info {
			t.Fatalf("form: got %+v, want %+v", r.Info(), info)
		}
		rows := readAll(t, r)
		if got := texts(rows); !reflect.DeepEqual(got, want) {
			t.Fatalf("got  %q\nwant %q", got, want)
		}
		for _, row := range rows {
			if row.Issues != nil {
				t.Fatalf("issues: %v", row.Issues)
			}
		}
	})
}

// readAll returns all rows of a table.
func readAll(t interface{ Fatal(...any) }, r Reader) (rows []Row) {
	for {
		row, err := r.Next()
		if err == io.EOF {
			return rows
		}
		if err != nil {
			t.Fatal(err)
		}
		row.Cells = slices.Clone(row.Cells)
		rows = append(rows, row)
	}
}

// Every row and every cell has the line that one finds who counts the line
// breaks before it, of whatever kind they are.
func TestLinesAreThoseOfAnEditor(t *testing.T) {
	editor := strings.NewReplacer("\r\n", "\n", "\r", "\n")
	lineAt := func(text string) int { return 1 + strings.Count(editor.Replace(text), "\n") }
	breaks := rapid.SampledFrom([]string{"\n", "\r\n", "\r"})
	word := rapid.Custom(func(t *rapid.T) string {
		text := "x"
		for range rapid.IntRange(0, 3).Draw(t, "breaks") {
			text += breaks.Draw(t, "break") + "y"
		}
		return text
	})
	rapid.Check(t, func(t *rapid.T) {
		var file strings.Builder
		var want [][]int // the row's line, and the cells'
		for range rapid.IntRange(1, 15).Draw(t, "rows") {
			for range rapid.IntRange(0, 2).Draw(t, "blank lines") {
				file.WriteString(" " + breaks.Draw(t, "line end"))
			}
			lines := []int{lineAt(file.String())}
			for i := range rapid.IntRange(1, 4).Draw(t, "cells") {
				if i > 0 {
					file.WriteString(",")
				}
				lines = append(lines, lineAt(file.String()))
				file.WriteString(`"` + word.Draw(t, "cell") + `"`)
			}
			// A CR LF here cannot be torn by what follows: a cell begins with a quote or a blank.
			file.WriteString(breaks.Draw(t, "line end"))
			want = append(want, lines)
		}
		r, err := openCSV(iotest.HalfReader(strings.NewReader(file.String())), Options{Delimiter: ','})
		if err != nil {
			t.Fatal(err)
		}
		var got [][]int
		for _, row := range readAll(t, r) {
			lines := []int{row.Line}
			for _, c := range row.Cells {
				lines = append(lines, c.Line)
			}
			got = append(got, lines)
		}
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("%q\ngot  %v\nwant %v", file.String(), got, want)
		}
	})
}

// On well-formed files the Reader agrees with encoding/csv, which turns CR LF in
// quotes into LF and knows no apostrophes, control characters and blank rows.
func TestAgreesWithEncodingCSV(t *testing.T) {
	cell := rapid.StringOfN(rapid.SampledFrom([]rune("ab ,;\"\né山")), 0, 10, -1)
	rapid.Check(t, func(t *rapid.T) {
		var b strings.Builder
		w := csv.NewWriter(&b)
		w.UseCRLF = rapid.Bool().Draw(t, "CR LF")
		for range rapid.IntRange(1, 20).Draw(t, "rows") {
			if err := w.Write(append([]string{"x"}, rapid.SliceOfN(cell, 0, 5).Draw(t, "cells")...)); err != nil {
				t.Fatal(err)
			}
		}
		w.Flush()
		theirs := csv.NewReader(strings.NewReader(b.String()))
		theirs.FieldsPerRecord = -1
		r, err := openCSV(strings.NewReader(b.String()), Options{Delimiter: ','})
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range readAll(t, r) {
			record, err := theirs.Read()
			if err != nil {
				t.Fatal(err)
			}
			for i, text := range record {
				line, _ := theirs.FieldPos(i)
				if c := row.Cells[i]; strings.ReplaceAll(c.Text, "\r\n", "\n") != text || c.Line != line {
					t.Fatalf("got %q in line %d, want %q in line %d", c.Text, c.Line, text, line)
				}
			}
			if len(row.Cells) != len(record) || row.Issues != nil {
				t.Fatalf("got %s, want %q", show(row), record)
			}
		}
		if _, err := theirs.Read(); err != io.EOF {
			t.Fatalf("rows are missing: %v", err)
		}
	})
}
