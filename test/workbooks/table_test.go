package workbooks

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"testing"

	"github.com/xuri/excelize/v2"
)

// cell is a cell of a workbook, and what a person sees of it.
type cell struct {
	Value   any    `json:"value"` // a text, number or truth; nil is blank. Of a formula it is what comes out
	Format  string `json:"format"`
	Formula string `json:"-"`
	Shown   string `json:"-"`
}

// page is a sheet. Merged are areas of cells: top, left, bottom and right, from 0.
type page struct {
	Name   string   `json:"name"`
	Hidden bool     `json:"hidden"`
	Merged [][4]int `json:"merged"`
	Rows   [][]cell `json:"rows"`
}

func text(s string) cell {
	if s == "" {
		return cell{}
	}
	return cell{Value: s, Shown: s}
}

func texts(list ...string) (row []cell) {
	for _, s := range list {
		row = append(row, text(s))
	}
	return row
}

// number is also a date: the days since the end of 1899.
func number(n float64, format, shown string) cell {
	return cell{Value: n, Format: format, Shown: shown}
}

func truth(b bool) cell {
	return cell{Value: b, Shown: map[bool]string{true: "TRUE", false: "FALSE"}[b]}
}

func formula(f string, c cell) cell { c.Formula = f; return c }

// The days of some dates.
const (
	leapDay2024 = 45351
	lastOf2024  = 45657
	first1999   = 36161
)

// book has all that a sheet of people has in real life: accents, CJK, emoji and £,
// numbers that are shown with leading zeros, dates, truths, formulas, merged cells,
// sheets that are hidden, and headings at D7. A reader that goes wrong on one of them
// shows another row than CSV does.
func book() []page {
	return []page{
		{Name: "Lists", Hidden: true, Rows: [][]cell{texts("address", "name"), texts("hidden@example.org", "Hidden")}},
		{Name: "Read me", Rows: [][]cell{texts("Größe & 表"), texts("Staff of August; £5 for who finds a mistake")}},
		staff(),
		checkpoint(),
		many(),
	}
}

// staff is a table of format muster.
func staff() page {
	p := page{Name: "Staff", Merged: [][4]int{{1, 16, 2, 16}}, Rows: [][]cell{texts("address", "name", "first", "display_name", "local_id", "telephone", "mobile", "notes",
		"department", "pop", "submit", "attr.Started", "attr.Seen", "attr.Share", "attr.Fee", "attr.Next", "attr.Building", "attr.Shift", "attr.Loss")}}
	p.Rows = append(p.Rows,
		[]cell{text("zoe.mueller@example.org"), text("Zoë Müller"), text("Zoë"), formula(`"Dr "&B2`, text("Dr Zoë Müller")), number(7, "00000", "00007"),
			number(1632960101, "00000 000000", "01632 960101"), number(447400123456, "0", "447400123456"), text("£5 – “night”\nsecond line"), text("看護師😀"),
			truth(true), formula("E2<10", truth(true)), number(leapDay2024, "dd/mm/yyyy", "29/02/2024"), number(lastOf2024+0.5, "yyyy-mm-dd hh:mm", "2024-12-31 12:00"),
			number(0.125, "0.0%", "12.5%"), number(1234.5, "[$£-809]#,##0.00", "£1,234.50"), formula("E2+1", number(8, "", "8")), text("East"),
			number(0.3125, "h:mm AM/PM", "7:30 AM"), number(-5, "#,##0.00;(#,##0.00)", "(5.00)")},
		[]cell{text("taro@example.org"), text("山田 太郎"), text("太郎"), formula(`"Dr "&B3`, text("Dr 山田 太郎")), text("00123"),
			text("01632 960102"), number(447400123457, "General", "447400123457"), text("=not a formula"), text("Ward <3> & 'more'"),
			truth(false), formula("E2>10", truth(false)), number(first1999, "d-mmm-yy", "1-Jan-99"), number(first1999+0.75, "yyyy-mm-dd hh:mm", "1999-01-01 18:00"),
			number(1, "0%", "100%"), number(0.1, "General", "0.1"), formula("LEN(B3)", number(5, "", "5")), cell{},
			number(1.5, "[h]:mm", "36:00"), number(5, "#,##0.00;(#,##0.00)", "5.00")},
		nil,
		[]cell{text("zhanna@example.org"), text("Жанна d'Arc 👩‍⚕️"), text("Жанна"), formula(`"Dr "&B5`, text("Dr Жанна d'Arc 👩‍⚕️")), number(123456, "00000", "123456"),
			cell{}, cell{}, text("'quoted' \"twice\""), text("Wards; Night, all"),
			truth(true), cell{}, number(leapDay2024, "dddd d mmmm yyyy", "Thursday 29 February 2024"), cell{},
			number(1.0/3, "0.00", "0.33"), number(20, "General", "20"), formula("E5+1", number(123457, "", "123457")), text("West")})
	return p
}

// checkpoint is a table of format mimecast-spreadsheet whose headings stand at D7.
func checkpoint() page {
	blank := cell{}
	p := page{Name: "Checkpoint", Merged: [][4]int{{1, 0, 1, 3}}, Rows: [][]cell{
		nil, texts("Staff of August £ 8月"), texts("", "made by", "Zoë"), nil, {blank, number(leapDay2024, "dd/mm/yyyy", "29/02/2024")}, nil,
		{blank, blank, text("Ward"), text("email"), text("name"), text("password"), text("changepassword"), text("pop"), text("alias1"), text("telephonenumber"), text("Staff no")},
	}}
	for i, name := range []string{"Zoë Müller", "山田 太郎", "Amina 👩‍⚕️ Khan"} {
		p.Rows = append(p.Rows, []cell{blank, blank, text("East"), text(fmt.Sprintf("new%d@example.org", i)), text(name), text("Quartz-Meadow-4" + fmt.Sprint(i)), truth(i == 0), truth(i == 1),
			text(fmt.Sprintf("alias%d@example.org", i)), number(float64(1632960101+i), "00000 000000", fmt.Sprintf("01632 96010%d", 1+i)), number(float64(42+i), "00000", fmt.Sprintf("0004%d", 2+i))})
	}
	return p
}

const manyRows = 10_000

// many is a table of 10,000 rows and 15 columns, most of whose texts are not the same.
func many() page {
	p := page{Name: "Many", Rows: [][]cell{texts("address", "name", "title", "first", "last", "job_title", "department", "telephone", "notes", "local_id", "pop", "submit", "mailbox_gb", "attr.Since", "attr.Share")}}
	for i := range manyRows {
		first, last := []string{"Zoë", "太郎", "Жанна", "Amina", "O'Brien"}[i%5], fmt.Sprint("Müller ", i)
		p.Rows = append(p.Rows, []cell{text(fmt.Sprintf("person%d@example.org", i)), text(first + " " + last), text([]string{"Dr", "", "Ms"}[i%3]), text(first), text(last), text("Nurse"), text("Ward 😀 " + fmt.Sprint(i%40)),
			number(float64(1632900000+i), "00000 000000", fmt.Sprintf("01632 9%05d", i)), text(fmt.Sprintf("£%d – “%d”", i, i*i)), number(float64(i), "00000", fmt.Sprintf("%05d", i)),
			truth(i%2 == 0), truth(i%7 == 0), number(4, "General", "4"), number(leapDay2024, "yyyy-mm-dd", "2024-02-29"), number(float64(i%8)/8, "0.0%", fmt.Sprintf("%.1f%%", float64(i%8)*12.5))})
	}
	return p
}

// csv is what a person sees, as CSV. Blank rows are blank lines.
func (p page) csv(t *testing.T) []byte {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	for _, row := range p.Rows {
		shown := make([]string, max(1, len(row)))
		for i, c := range row {
			shown[i] = c.Shown
		}
		if err := w.Write(shown); err != nil {
			t.Fatal(err)
		}
	}
	w.Flush()
	return b.Bytes()
}

// excel writes the book by excelize, which keeps no results of formulas: the program
// that opens it calculates them.
func excel(t *testing.T, book []page, path string) {
	f := excelize.NewFile()
	defer f.Close()
	styles := map[string]int{}
	for i, p := range book {
		if i == 0 {
			f.SetSheetName("Sheet1", p.Name)
		} else if _, err := f.NewSheet(p.Name); err != nil {
			t.Fatal(err)
		}
		for line, row := range p.Rows {
			for column, c := range row {
				put(t, f, styles, p.Name, line, column, c)
			}
		}
		for _, m := range p.Merged {
			if err := f.MergeCell(p.Name, place(m[0], m[1]), place(m[2], m[3])); err != nil {
				t.Fatal(err)
			}
		}
	}
	f.SetActiveSheet(2)
	for _, p := range book {
		if err := f.SetSheetVisible(p.Name, !p.Hidden); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.SaveAs(path); err != nil {
		t.Fatal(err)
	}
}

func place(line, column int) string {
	name, _ := excelize.CoordinatesToCellName(column+1, line+1)
	return name
}

func put(t *testing.T, f *excelize.File, styles map[string]int, sheet string, line, column int, c cell) {
	at, err := place(line, column), error(nil)
	switch {
	case c.Formula != "":
		err = f.SetCellFormula(sheet, at, c.Formula)
	case c.Value != nil:
		err = f.SetCellValue(sheet, at, c.Value)
	}
	if err == nil && c.Format != "" {
		style, known := styles[c.Format]
		if !known {
			style, err = f.NewStyle(&excelize.Style{CustomNumFmt: &c.Format})
			styles[c.Format] = style
		}
		if err == nil {
			err = f.SetCellStyle(sheet, at, at, style)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
}
