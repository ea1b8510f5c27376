package table

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// FuzzReader reads any bytes in any way. Whatever they are, reading ends, lines
// go up, cells keep to the limits and hold text that can be shown and stored.
func FuzzReader(f *testing.F) {
	limits := Limits{Columns: 20, CellBytes: 64, QuotedLines: 4, Rows: 1000}
	f.Fuzz(func(t *testing.T, file []byte, encoding string, unicodeOnly bool) {
		r, err := openCSV(bytes.NewReader(file), Options{Encoding: encoding, UnicodeOnly: unicodeOnly, Limits: limits})
		if err != nil {
			mustBeRefusal(t, err)
			return
		}
		lines := 0
		for {
			row, err := r.Next()
			if err == io.EOF {
				break
			}
			if err != nil {
				mustBeRefusal(t, err)
				break
			}
			if row.Line <= lines {
				t.Fatalf("line %d after line %d", row.Line, lines)
			}
			lines = row.Line
			checkCells(t, row, limits)
		}
		if len(r.buf) > 2*windowBytes {
			t.Fatalf("the window grew to %d bytes", len(r.buf))
		}
	})
}

func mustBeRefusal(t *testing.T, err error) {
	if got := refusal(err); strings.HasPrefix(got, "not an issue") {
		t.Fatal(got)
	}
}

func checkCells(t *testing.T, row Row, l Limits) {
	if len(row.Cells) == 0 || len(row.Cells) > l.Columns {
		t.Fatalf("%d cells", len(row.Cells))
	}
	before := row.Line
	for _, c := range row.Cells {
		odd := func(r rune) bool { return unicode.IsControl(r) && !strings.ContainsRune("\t\r\n", r) }
		if len(c.Text) > l.CellBytes || !utf8.ValidString(c.Text) || strings.ContainsFunc(c.Text, odd) || c.Line < before {
			t.Fatalf("cell %q in line %d", c.Text, c.Line)
		}
		before = c.Line
	}
	for _, i := range row.Issues {
		if i.Line < row.Line || i.Column == "" || i.Message == "" || i.Suggestion == "" {
			t.Fatalf("issue %+v", i)
		}
	}
}
