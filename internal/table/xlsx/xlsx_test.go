package xlsx

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"muster/internal/table/sheet"
)

// The parts of a small workbook, of which tests replace what they are about.
const (
	rootRels = `<Relationships><Relationship Id="a" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>`
	bookRels = `<Relationships><Relationship Id="s1" Type="http://x/worksheet" Target="worksheets/sheet1.xml"/>` +
		`<Relationship Id="t" Type="http://x/sharedStrings" Target="sharedStrings.xml"/>` +
		`<Relationship Id="y" Type="http://x/styles" Target="/xl/styles.xml"/></Relationships>`
	book   = `<workbook><sheets><sheet name="Staff" sheetId="1" r:id="s1"/></sheets></workbook>`
	styled = `<styleSheet><numFmts><numFmt numFmtId="164" formatCode="00000 000000"/><numFmt numFmtId="165" formatCode="dd/mm/yyyy"/><numFmt numFmtId="166" formatCode="GENERAL"/></numFmts>` +
		`<cellStyleXfs><xf numFmtId="9"/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="164"/><xf numFmtId="165"/><xf numFmtId="9"/><xf numFmtId="11"/><xf numFmtId="166"/><xf numFmtId="49"/></cellXfs></styleSheet>`
	shared = `<sst><si><t>zero</t></si><si><t xml:space="preserve"> one </t></si>` +
		`<si><r><t>tw</t></r><r><rPr><b/></rPr><t>o</t></r><rPh sb="0" eb="1"><t>ignored</t></rPh></si><si/><si><t>a_x000D_` + "\n" + `b</t></si></sst>`
)

func small() map[string]string {
	return map[string]string{"_rels/.rels": rootRels, "xl/workbook.xml": book, "xl/_rels/workbook.xml.rels": bookRels,
		"xl/styles.xml": styled, "xl/sharedStrings.xml": shared, "xl/worksheets/sheet1.xml": "<worksheet><sheetData/></worksheet>"}
}

// packed is an archive of parts.
func packed(t testing.TB, parts map[string]string) *bytes.Reader {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for name, text := range parts {
		part, err := w.Create(name)
		if err == nil {
			_, err = io.WriteString(part, text)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return bytes.NewReader(b.Bytes())
}

// sheetOf is the small workbook with these rows.
func sheetOf(rows string) map[string]string {
	p := small()
	p["xl/worksheets/sheet1.xml"] = `<worksheet><sheetData>` + rows + `</sheetData></worksheet>`
	return p
}

// read returns the rows of the first sheet, as `3 A=text C=text!`; the mark is that of
// an error value, or of a formula without a result.
func read(file *bytes.Reader) (rows []string, err error) {
	b, err := Open(file, file.Size())
	if err != nil {
		return nil, err
	}
	if len(b.Sheets()) == 0 {
		return nil, nil
	}
	err = eachRow(b, 0, func(row sheet.Row) {
		line := fmt.Sprint(row.Line)
		for _, c := range row.Cells {
			line += " " + letters(c.Column) + "=" + c.Text
			if c.Kind == sheet.Failure {
				line += "!"
			}
			if c.NoResult {
				line += "?"
			}
		}
		rows = append(rows, line)
	})
	return rows, err
}

// eachRow calls f for the rows of a sheet; the error is what ended them but for
// their end.
func eachRow(b *Workbook, n int, f func(sheet.Row)) error {
	rows, err := b.Rows(n)
	for err == nil {
		var row sheet.Row
		if row, err = rows.Next(); err == nil {
			f(row)
		}
	}
	if err == io.EOF {
		return nil
	}
	return err
}

// isFault tells whether an error refuses a workbook for that.
func isFault(err error, f sheet.Fault) bool {
	var e *sheet.Error
	return errors.As(err, &e) && e.Fault == f
}

func TestCells(t *testing.T) {
	cases := []struct{ cell, want string }{
		{`<c r="A1"><v>42</v></c>`, "42"},
		{`<c r="A1" t="n"><v>4.47911123456E+11</v></c>`, "447911123456"},
		{`<c r="A1" s="5"><v>447911123456</v></c>`, "447911123456"},
		{`<c r="A1" s="6"><v>447911123456</v></c>`, "447911123456"},
		{`<c r="A1" s="4"><v>447911123456</v></c>`, "4.48E+11"},
		{`<c r="A1"><v>0.30000000000000004</v></c>`, "0.3"},
		{`<c r="A1"><v>007</v></c>`, "7"},
		{`<c r="A1"><v>-0</v></c>`, "0"},
		{`<c r="A1"><v>12345678901234567</v></c>`, "1.23457E+16"},
		{`<c r="A1"><v>NaN</v></c>`, "NaN"},
		{`<c r="A1"><v>0x10</v></c>`, "0x10"},
		{`<c r="A1" s="1"><v>1632960101</v></c>`, "01632 960101"},
		{`<c r="A1" s="2"><v>45505</v></c>`, "01/08/2024"},
		{`<c r="A1" s="3"><v>0.5</v></c>`, "50%"},
		{`<c r="A1" s="77"><v>0.5</v></c>`, "0.5"},
		{`<c r="A1" s="x"><v>0.5</v></c>`, "0.5"},
		{`<c r="A1" t="s"><v>0</v></c>`, "zero"},
		{`<c r="A1" t="s" s="1"><v> 1 </v></c>`, " one "},
		{`<c r="A1" t="s"><v>2</v></c>`, "two"},
		{`<c r="A1" t="s"><v>4</v></c>`, "a\r\nb"},
		{`<c r="A1" t="inlineStr"><is><t>plain</t></is></c>`, "plain"},
		{`<c r="A1" t="inlineStr"><is><r><t>ri</t></r><r><t>ch</t></r><rPh><t>no</t></rPh></is></c>`, "rich"},
		{`<c r="A1" t="inlineStr"><is><t>a &amp; &lt;b&gt; &#233;<![CDATA[<c>]]></t></is></c>`, "a & <b> é<c>"},
		{`<c r="A1" t="str"><f>A2</f><v>text_x0041_</v></c>`, "textA"},
		{`<c r="A1" t="str"><v>_x005F_x0041_ _x00_ _xD83D__xDE00_ _xD83D_ _</v></c>`, "_x0041_ _x00_ 😀 _xD83D_ _"},
		{`<c r="A1" t="b"><v>1</v></c>`, "TRUE"},
		{`<c r="A1" t="b"><v>true</v></c>`, "TRUE"},
		{`<c r="A1" t="b"><v>0</v></c>`, "FALSE"},
		{`<c r="A1" t="e"><v>#N/A</v></c>`, "#N/A!"},
		{`<c r="A1" t="d"><v>2024-08-01T00:00:00</v></c>`, "2024-08-01"},
		{`<c r="A1" t="d"><v>2024-08-01T09:30:00Z</v></c>`, "2024-08-01 09:30:00"},
		{`<c r="A1"><f>1+1</f><v>2</v></c>`, "2"},
		{`<c r="A1"><f>1+1</f></c>`, "?"},
		{`<c r="A1"><f>1+1</f><v/></c>`, "?"},
		{`<c r="A1" t="str"><f>A2</f></c>`, "?"},
	}
	for _, c := range cases {
		got, err := read(packed(t, sheetOf(`<row r="1">`+c.cell+`</row>`)))
		if err != nil || !slices.Equal(got, []string{"1 A=" + c.want}) {
			t.Errorf("%s: %q, %v; want %q", c.cell, got, err, c.want)
		}
	}
}

// What holds nothing is not there.
func TestBlankCells(t *testing.T) {
	for _, cell := range []string{`<c r="A1"/>`, `<c r="A1" s="2"/>`, `<c r="A1" t="s"/>`, `<c r="A1" t="s"><v>3</v></c>`,
		`<c r="A1" t="inlineStr"><is/></c>`, `<c r="A1" t="str"><f>B1</f><v></v></c>`, `<c r="A1" t="b"/>`, `<c r="A1"><v></v></c>`} {
		if got, err := read(packed(t, sheetOf(`<row r="1">`+cell+`</row>`))); err != nil || got != nil {
			t.Errorf("%s: %q, %v", cell, got, err)
		}
	}
}

// Where rows and cells do not say where they stand, they stand behind the last.
func TestPlaces(t *testing.T) {
	rows := `<row><c t="b"><v>1</v></c><c r="C1"><v>3</v></c><c><v>4</v></c></row><row r="5"><c r="XFD5"><v>5</v></c></row><row/><row><c><v>7</v></c></row>`
	want := []string{"1 A=TRUE C=3 D=4", "5 XFD=5", "7 A=7"}
	if got, err := read(packed(t, sheetOf(rows))); err != nil || !slices.Equal(got, want) {
		t.Errorf("%q, %v", got, err)
	}
}

func TestDaysOf1904(t *testing.T) {
	p := sheetOf(`<row><c s="2"><v>44043</v></c></row>`)
	p["xl/workbook.xml"] = strings.Replace(book, "<sheets>", `<workbookPr date1904="true"/><sheets>`, 1)
	if got, err := read(packed(t, p)); err != nil || got[0] != "1 A=01/08/2024" {
		t.Errorf("%q, %v", got, err)
	}
}

// Programs name and place parts in many ways.
func TestOtherLayouts(t *testing.T) {
	rows := `<x:row r="1"><x:c r="A1" t="s"><x:v>0</x:v></x:c></x:row>`
	prefixed := `<?xml version="1.0"?><!-- c --><x:worksheet xmlns:x="y"><x:sheetData>` + rows + `</x:sheetData><x:row/></x:worksheet>`
	cases := map[string]func(map[string]string) map[string]string{
		"prefixes": func(p map[string]string) map[string]string { return p },
		"backslashes": func(p map[string]string) map[string]string {
			q := map[string]string{}
			for name, text := range p {
				q[strings.ReplaceAll(name, "/", `\`)] = text
			}
			return q
		},
		"other case and absolute": func(p map[string]string) map[string]string {
			p["xl/_rels/workbook.xml.rels"] = strings.Replace(bookRels, "worksheets/sheet1.xml", "/xl/WorkSheets/Sheet1.XML", 1)
			return p
		},
		"other name of the workbook": func(p map[string]string) map[string]string {
			p["_rels/.rels"] = strings.Replace(rootRels, "xl/workbook.xml", "/xl/workbook2.xml", 1)
			p["xl/workbook2.xml"], p["xl/_rels/workbook2.xml.rels"] = book, bookRels
			delete(p, "xl/workbook.xml")
			return p
		},
		"no root": func(p map[string]string) map[string]string {
			delete(p, "_rels/.rels")
			return p
		},
		"strict": func(p map[string]string) map[string]string {
			p["_rels/.rels"] = strings.Replace(rootRels, "http://schemas.openxmlformats.org/officeDocument/2006/", "http://purl.oclc.org/ooxml/officeDocument/", 1)
			return p
		},
		"no styles": func(p map[string]string) map[string]string {
			delete(p, "xl/styles.xml")
			p["xl/_rels/workbook.xml.rels"] = strings.Replace(bookRels, "http://x/styles", "http://x/other", 1)
			return p
		},
	}
	for name, change := range cases {
		p := small()
		p["xl/worksheets/sheet1.xml"] = prefixed
		if got, err := read(packed(t, change(p))); err != nil || !slices.Equal(got, []string{"1 A=zero"}) {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}

func TestSheets(t *testing.T) {
	p := small()
	p["xl/workbook.xml"] = `<workbook><sheets><sheet name="A &amp; B" r:id="s1"/><sheet name="Chart" r:id="c"/><sheet name="H" state="hidden" r:id="s1"/>` +
		`<sheet name="V" state="veryHidden" r:id="s1"/><sheet name="Gone" r:id="none"/></sheets></workbook>`
	p["xl/_rels/workbook.xml.rels"] = strings.Replace(bookRels, "</R", `<Relationship Id="c" Type="http://x/chartsheet" Target="chartsheets/sheet1.xml"/></R`, 1)
	file := packed(t, p)
	b, err := Open(file, file.Size())
	if err != nil {
		t.Fatal(err)
	}
	want := []sheet.Sheet{{Name: "A & B"}, {Name: "H", Hidden: true}, {Name: "V", Hidden: true}}
	if got := b.Sheets(); !slices.Equal(got, want) {
		t.Errorf("%v", got)
	}
}

// What does not fit refuses the workbook: rows may be missing.
func TestDamage(t *testing.T) {
	row := `<row r="1"><c r="A1" t="s"><v>0</v></c></row>`
	without := func(name string) map[string]string { p := sheetOf(row); delete(p, name); return p }
	with := func(name, text string) map[string]string { p := sheetOf(row); p[name] = text; return p }
	const sheet1 = "xl/worksheets/sheet1.xml"
	cases := map[string]map[string]string{
		"no sheet":                   without(sheet1),
		"no shared texts":            without("xl/sharedStrings.xml"),
		"no styles":                  without("xl/styles.xml"),
		"no relations":               with("xl/_rels/workbook.xml.rels", "<Relationships"),
		"a workbook that ends early": with("xl/workbook.xml", "<workbook><sheets><sheet"),
		"styles that are none":       with("xl/styles.xml", "<a></b <"),
		"shared texts that end":      with("xl/sharedStrings.xml", "<sst><si><t>zero</t></si>"),
		"a shared text that ends":    with("xl/sharedStrings.xml", "<sst><si><t>zero"),
		"a text that is not there":   sheetOf(`<row><c t="s"><v>9</v></c></row>`),
		"a text that is no number":   sheetOf(`<row><c t="s"><v>x</v></c></row>`),
		"a sheet that ends early":    with(sheet1, "<worksheet><sheetData>"+row),
		"a sheet that is none":       with(sheet1, "a,b\nc,d\n"),
		"an empty sheet":             with(sheet1, ""),
		"no UTF-8":                   sheetOf(`<row><c t="inlineStr"><is><t>` + "\xff" + `</t></is></c></row>`),
		"an unknown entity":          sheetOf(`<row><c t="inlineStr"><is><t>&who;</t></is></c></row>`),
		"rows in disorder":           sheetOf(`<row r="2"/><row r="1"/>`),
		"a row that is no number":    sheetOf(`<row r="x"/>`),
		"a row far below":            sheetOf(`<row r="1048577"/>`),
		"a row in a row":             sheetOf(`<row r="1"><c r="A1"><v>1</v></c><row r="2"></row></row>`),
		"cells in disorder":          sheetOf(`<row><c r="B1"/><c r="A1"/></row>`),
		"a cell twice":               sheetOf(`<row><c r="A1"/><c r="A1"/></row>`),
		"a cell far right":           sheetOf(`<row><c r="XFE1"/></row>`),
		"a cell without a place":     sheetOf(`<row><c r="1"/></row>`),
		"a cell without a row":       sheetOf(`<c r="A1"/>`),
	}
	for name, parts := range cases {
		if got, err := read(packed(t, parts)); !isFault(err, sheet.Damaged) {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	if got, err := read(packed(t, sheetOf(row))); err != nil || len(got) != 1 {
		t.Errorf("undamaged: %q, %v", got, err)
	}
}

func TestWhatIsNoWorkbook(t *testing.T) {
	if _, err := read(packed(t, map[string]string{"a.csv": "a"})); !isFault(err, sheet.NotWorkbook) {
		t.Errorf("an archive: %v", err)
	}
	if _, err := read(packed(t, map[string]string{"_rels/.rels": "<R", "xl/workbook.bin": "a"})); !isFault(err, sheet.Unsupported) {
		t.Errorf(".xlsb: %v", err)
	}
	if _, err := read(bytes.NewReader([]byte("PK\x03\x04 and so on"))); !isFault(err, sheet.Damaged) {
		t.Errorf("no archive: %v", err)
	}
}

func TestKindsOfCells(t *testing.T) {
	file := packed(t, sheetOf(`<row><c t="s"><v>0</v></c><c><v>4.5</v></c><c s="2"><v>45505.25</v></c><c t="b"><v>1</v></c><c t="e"><v>#REF!</v></c>`+
		`<c s="4"><v>447911123456</v></c><c t="d"><v>2024-08-01</v></c></row>`))
	b, err := Open(file, file.Size())
	if err != nil {
		t.Fatal(err)
	}
	rows, err := b.Rows(0)
	if err != nil {
		t.Fatal(err)
	}
	row, err := rows.Next()
	want := []sheet.Cell{{Column: 0, Text: "zero"}, {Column: 1, Kind: sheet.Number, Text: "4.5", Number: 4.5},
		{Column: 2, Kind: sheet.Date, Text: "01/08/2024", Number: 45505.25}, {Column: 3, Kind: sheet.Boolean, Text: "TRUE"}, {Column: 4, Kind: sheet.Failure, Text: "#REF!"},
		{Column: 5, Kind: sheet.Number, Text: "4.48E+11", Number: 447911123456, Exponent: true}, {Column: 6, Kind: sheet.Date, Text: "2024-08-01"}}
	if err != nil || !slices.Equal(row.Cells, want) {
		t.Errorf("%v\n got %+v\nwant %+v", err, row.Cells, want)
	}
	for range 2 {
		if _, err := rows.Next(); err != io.EOF {
			t.Errorf("behind the last row: %v", err)
		}
	}
}
