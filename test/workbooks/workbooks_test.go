package workbooks

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"testing"

	"muster/internal/directory"
	"muster/internal/format"
	"muster/internal/importer"
	"muster/internal/importer/importertest"
	"muster/internal/table"
)

// formats names the format of each page that has one.
var formats = map[string]string{"Staff": "muster", "Checkpoint": "mimecast-spreadsheet", "Many": "muster"}

func TestTheSameFromEveryProgram(t *testing.T) {
	book := book()
	for _, s := range saveAll(t, book) {
		t.Run(s.program+" "+s.path[strings.LastIndex(s.path, ".")+1:], func(t *testing.T) {
			file, err := os.ReadFile(s.path)
			if err != nil {
				t.Fatal(err)
			}
			sheets(t, file, book, s.allShown)
			for _, p := range book {
				if formats[p.Name] != "" {
					sameRows(t, p, open(t, file, p.Name), open(t, p.csv(t), ""))
					sameRecords(t, p, open(t, file, p.Name), open(t, p.csv(t), ""))
				}
			}
			sheet := "" // to be found
			if s.allShown {
				sheet = "Staff"
			}
			samePlan(t, file, book[2], sheet)
		})
	}
}

// sheets checks that just those are offered that can be seen.
func sheets(t *testing.T, file []byte, book []page, allShown bool) {
	t.Helper()
	tables, err := table.Open(bytes.NewReader(file), table.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var got, want []string
	for _, r := range tables {
		got = append(got, r.Info().Sheet)
	}
	for _, p := range book {
		if !p.Hidden || allShown {
			want = append(want, p.Name)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("the sheets %q, want %q", got, want)
	}
}

func open(t *testing.T, file []byte, sheet string) table.Reader {
	t.Helper()
	tables, err := table.Open(bytes.NewReader(file), table.Options{Sheet: sheet})
	if err != nil {
		t.Fatal(err)
	}
	return tables[0]
}

// rows reads a table to its end. The cells are copied, for the next row takes them.
func rows(t *testing.T, r table.Reader) (list []table.Row) {
	t.Helper()
	for {
		row, err := r.Next()
		if errors.Is(err, io.EOF) {
			return list
		}
		if err != nil {
			t.Fatal(err)
		}
		row.Cells = slices.Clone(row.Cells)
		list = append(list, row)
	}
}

func sameRows(t *testing.T, p page, file, csv table.Reader) {
	t.Helper()
	got, want := rows(t, file), rows(t, csv)
	if len(got) != len(want) {
		t.Errorf("%s: %d rows, want %d", p.Name, len(got), len(want))
		return
	}
	for i := range want {
		if g, w := shown(got[i]), shown(want[i]); g != w {
			t.Errorf("%s, row %d\n got %s\nwant %s", p.Name, i, g, w)
			return // the others will be alike
		}
	}
}

// shown is a row as a person sees it, without the blanks at its end.
func shown(r table.Row) string {
	var cells []string
	for _, c := range r.Cells {
		cells = append(cells, c.Text)
	}
	text := strings.TrimRight(strings.Join(cells, "|"), "|")
	for _, i := range r.Issues {
		text += " " + i.Column + ":" + i.Code
	}
	return text
}

func sameRecords(t *testing.T, p page, file, csv table.Reader) {
	t.Helper()
	got, want := records(t, p, file), records(t, p, csv)
	if len(got) == 0 || !slices.Equal(got, want) {
		t.Errorf("%s: the records\n%s\nwant\n%s", p.Name, strings.Join(got[:min(5, len(got))], "\n"), strings.Join(want[:min(5, len(want))], "\n"))
	}
}

// records are the records of a table, each but for its line.
func records(t *testing.T, p page, r table.Reader) (list []string) {
	t.Helper()
	f, err := format.Named(formats[p.Name])
	if err != nil {
		t.Fatal(err)
	}
	var binding *format.Binding
	for _, row := range rows(t, r) {
		switch {
		case binding != nil && !binding.Blank(row):
			record := binding.Record(len(list)+1, row)
			record.Line, record.Column = 0, nil
			list = append(list, fmt.Sprintf("%+v", *record))
		case binding == nil && (!f.Checkpoint || f.HasCheckpoint(row)):
			if binding, err = f.Bind(row); err != nil {
				t.Fatal(err)
			}
		}
	}
	return list
}

// samePlan plans a file and the same as CSV.
func samePlan(t *testing.T, file []byte, p page, sheet string) {
	t.Helper()
	w, other := importertest.New(t), importertest.New(t)
	fromCSV := other.Plan(string(p.csv(t)), importer.Options{Org: "RX1"})
	imp, err := w.Importer.Upload(context.Background(), importertest.Operator, "staff", bytes.NewReader(file), importer.Options{Org: "RX1", Sheet: sheet})
	if err == nil {
		imp, err = w.Importer.Plan(context.Background(), imp.Number)
	}
	if err != nil {
		t.Fatal(err)
	}
	if got, want := planned(w, imp), planned(other, fromCSV); imp.Table.Sheet != p.Name || got != want || imp.Counts[directory.Create] != 3 {
		t.Errorf("planned of sheet %q %v\n%s\nwant\n%s", imp.Table.Sheet, imp.FileIssues, got, want)
	}
}

// planned is what a plan says of each row, but for its lines.
func planned(w *importertest.World, imp *importer.Import) string {
	var b strings.Builder
	for _, r := range w.Rows(imp) {
		fmt.Fprint(&b, r.Row, " ", r.Action)
		for _, c := range r.Changes {
			fmt.Fprintf(&b, " %s:%s>%s", c.Field, c.Old, c.New)
		}
		for _, i := range r.Issues {
			fmt.Fprint(&b, " ", i.Column, "!", i.Code)
		}
		b.WriteString("\n")
	}
	return b.String()
}
