package wronginput

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/xuri/excelize/v2"
)

// sheet is a sheet of a workbook: its name and its rows.
type sheet struct {
	name string
	rows [][]any
}

var people = sheet{"Staff", [][]any{{"address", "name", "telephone"}, {"mia.stone@example.org", "Mia Stone", "01632 960199"}}}

// workbook makes an .xlsx of sheets.
func workbook(sheets ...sheet) func() []byte {
	return func() []byte { return packed(excelize.Options{}, sheets...) }
}

func packed(o excelize.Options, sheets ...sheet) []byte {
	f := excelize.NewFile()
	for i, s := range sheets {
		if i == 0 {
			f.SetSheetName("Sheet1", s.name)
		} else {
			f.NewSheet(s.name)
		}
		for n, row := range s.rows {
			f.SetSheetRow(s.name, fmt.Sprintf("A%d", n+1), &row)
		}
	}
	var b bytes.Buffer
	if err := f.Write(&b, o); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// older is a file that another program has made, and that the reader of .xls is
// tested with.
func older(name string) func() []byte {
	return func() []byte {
		b, err := os.ReadFile(filepath.Join("../../internal/table/biff/testdata", name))
		if err != nil {
			panic(err)
		}
		return b
	}
}

func text(file string) func() []byte { return func() []byte { return []byte(file) } }

func encrypted() []byte { return packed(excelize.Options{Password: "correct horse"}, people) }

func cutOff() []byte {
	b := packed(excelize.Options{}, people)
	return b[:len(b)*9/10]
}

// archive makes a zip archive of entries, each a name and what it holds.
func archive(entries ...string) func() []byte {
	return func() []byte {
		var b bytes.Buffer
		w := zip.NewWriter(&b)
		for i := 0; i < len(entries); i += 2 {
			part, err := w.Create(entries[i])
			if err != nil {
				panic(err)
			}
			io.WriteString(part, entries[i+1])
		}
		if err := w.Close(); err != nil {
			panic(err)
		}
		return b.Bytes()
	}
}

// byHand makes a workbook of a sheet that no program writes so.
func byHand(rows string) func() []byte {
	return archive(
		"xl/workbook.xml", `<workbook><sheets><sheet name="Staff" r:id="s"/></sheets></workbook>`,
		"xl/_rels/workbook.xml.rels", `<Relationships><Relationship Id="s" Type="/worksheet" Target="sheet.xml"/></Relationships>`,
		"xl/sheet.xml", `<worksheet><sheetData>`+rows+`</sheetData></worksheet>`)
}

// cells have something wrong each.
func cells() []byte {
	row := func(cells ...string) string { return "<row>" + strings.Join(cells, "") + "</row>" }
	text := func(text string) string { return `<c t="inlineStr"><is><t>` + text + `</t></is></c>` }
	return byHand(row(text("address"), text("name"), text("notes")) +
		row(text("mia.stone@example.org"), text("Mia\nStone"), text(strings.Repeat("x", 32<<10+1))) +
		row(text("\u00a0noah.stone@example.org"), text("Noah"), text("a_x0001_b")) +
		row(text("ada.stone@example.org"), `<c t="e"><f>VLOOKUP(A4,B:C,2)</f><v>#N/A</v></c>`) +
		row(text("eva.stone@example.org"), `<c><f>A5&amp;B5</f></c>`) +
		row(text("ida.stone@example.org"), text("Ida"), text("a"), text("beyond")))()
}

// bomb is a small file that says it would fill a disk.
func bomb() []byte {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, name := range []string{"xl/workbook.xml", "xl/sharedStrings.xml"} {
		if _, err := w.CreateRaw(&zip.FileHeader{Name: name, Method: zip.Deflate, UncompressedSize64: 1 << 40}); err != nil {
			panic(err)
		}
	}
	if err := w.Close(); err != nil {
		panic(err)
	}
	return b.Bytes()
}
