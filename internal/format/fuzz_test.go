package format

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"muster/internal/issue"
	"muster/internal/secret"
	"muster/internal/table"
)

func FuzzConnect(f *testing.F)     { fuzz(f, connect) }
func FuzzSpreadsheet(f *testing.F) { fuzz(f, spreadsheet) }
func FuzzNHSmail(f *testing.F)     { fuzz(f, nhsmail) }
func FuzzNHSmail1(f *testing.F)    { fuzz(f, nhsmail1) }
func FuzzMuster(f *testing.F)      { fuzz(f, muster) }

func FuzzGoogle(f *testing.F)    { fuzz(f, named(f, "google-workspace")) }
func FuzzMicrosoft(f *testing.F) { fuzz(f, named(f, "microsoft-365")) }

// FuzzParse reads any text as that of a format: it is one, or each problem says
// where and what. A format that is taken keeps the promises of reading.
func FuzzParse(f *testing.F) {
	f.Fuzz(func(t *testing.T, text, cells string) {
		format, problems := Parse(text)
		if (format == nil) == (len(problems) == 0) {
			t.Fatalf("%v, %v", format, problems)
		}
		for _, i := range problems {
			if i.Line < 1 || i.Line > 1+strings.Count(text, "\n") || i.Message == "" || i.Suggestion == "" {
				t.Errorf("%+v", i)
			}
		}
		if format == nil {
			return
		}
		var headings []string
		for _, c := range format.Columns {
			headings = append(headings, c.Heading)
		}
		b, err := format.Bind(rowOf(headings...))
		if err != nil {
			t.Fatalf("its own headings are refused: %v", err)
		}
		checkRow(t, b, 1, rowOf(strings.Split(cells, ",")...))
	})
}
func FuzzMiradoreEmail(f *testing.F)    { fuzz(f, miradoreEmail) }
func FuzzMiradoreExchange(f *testing.F) { fuzz(f, miradoreExchange) }
func FuzzMiradoreUsers(f *testing.F)    { fuzz(f, miradoreUsers) }

// fuzz reads any bytes as a file of a format: there is always an end, each
// issue says where and what, and no secret is kept.
func fuzz(f *testing.F, format *Format) {
	f.Fuzz(func(t *testing.T, file []byte) {
		tables, err := table.Open(bytes.NewReader(file), table.Options{UnicodeOnly: format.UnicodeOnly})
		if err != nil {
			return
		}
		r := tables[0]
		header, err := r.Next()
		if err != nil {
			return
		}
		b, err := format.Bind(header)
		if err != nil {
			var i issue.Issue
			if !errors.As(err, &i) || i.Code == "" || i.Message == "" {
				t.Fatalf("refused by %v", err)
			}
			return
		}
		for n := 1; ; n++ {
			row, err := r.Next()
			if err != nil {
				return
			}
			checkRow(t, b, n, row)
		}
	})
}

func checkRow(t *testing.T, b *Binding, n int, row table.Row) {
	rec := b.Record(n, row)
	for _, i := range rec.Issues {
		if i.Row != n || i.Line < row.Line || i.Code == "" || i.Message == "" || i.Column == "" {
			t.Errorf("row %d: %+v", n, i)
		}
	}
	kept := b.Keep(row)
	if len(kept) != len(b.Headings()) {
		t.Errorf("row %d: kept %q below %q", n, kept, b.Headings())
	}
	for c, text := range kept {
		if b.Secret(c) && text != "" {
			t.Errorf("row %d: a secret of column %d is kept", n, c)
		}
	}
	for c := range row.Cells {
		if c == b.PasswordColumn() && rec.Password != "" && rec.Password != secret.Text(table.Trim(row.Cells[c].Text)) {
			t.Errorf("row %d: the password is not that of column %d", n, c)
		}
	}
}
