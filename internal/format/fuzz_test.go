package format

import (
	"bytes"
	"errors"
	"testing"

	"muster/internal/issue"
	"muster/internal/secret"
	"muster/internal/table"
)

func FuzzConnect(f *testing.F)  { fuzz(f, connect) }
func FuzzNHSmail(f *testing.F)  { fuzz(f, nhsmail) }
func FuzzNHSmail1(f *testing.F) { fuzz(f, nhsmail1) }
func FuzzMuster(f *testing.F)   { fuzz(f, muster) }

func FuzzMiradoreEmail(f *testing.F)    { fuzz(f, miradoreEmail) }
func FuzzMiradoreExchange(f *testing.F) { fuzz(f, miradoreExchange) }
func FuzzMiradoreUsers(f *testing.F)    { fuzz(f, miradoreUsers) }

// fuzz reads any bytes as a file of a format: there is always an end, each
// issue says where and what, and no secret is kept.
func fuzz(f *testing.F, format *Format) {
	f.Fuzz(func(t *testing.T, file []byte) {
		r, err := table.Open(bytes.NewReader(file), table.Options{UnicodeOnly: format.UnicodeOnly})
		if err != nil {
			return
		}
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
