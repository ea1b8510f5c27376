package xlsx

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
	"time"

	"muster/internal/table/sheet"
)

// again is a text that is repeated up to a size, without ever being whole.
type again struct {
	text string
	at   int // of what is read, in the text
	left int
}

func repeat(text string, size int) *again {
	return &again{text: strings.Repeat(text, 1+blockBytes/len(text)), left: size / len(text) * len(text)}
}

func (a *again) Read(p []byte) (int, error) {
	if a.left == 0 {
		return 0, io.EOF
	}
	n := copy(p[:min(len(p), a.left)], a.text[a.at:])
	a.at, a.left = (a.at+n)%len(a.text), a.left-n
	return n, nil
}

// bomb is the small workbook with one part of these texts, the middle of them
// repeated up to a size.
func bomb(t *testing.T, name, begin, middle string, size int, end string) *bytes.Reader {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	w.RegisterCompressor(zip.Deflate, func(out io.Writer) (io.WriteCloser, error) { return flate.NewWriter(out, flate.BestSpeed) })
	for part, text := range small() {
		from := io.Reader(strings.NewReader(text))
		if part == name {
			from = io.MultiReader(strings.NewReader(begin), repeat(middle, size), strings.NewReader(end))
		}
		f, err := w.Create(part)
		if err == nil {
			_, err = io.Copy(f, from)
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

// Each is refused, or read to its end, in little time and memory.
func TestBombs(t *testing.T) {
	const (
		theSheet = "xl/worksheets/sheet1.xml"
		theTexts = "xl/sharedStrings.xml"
		cells    = "<worksheet><sheetData><row>"
		mega     = 1 << 20
	)
	cases := []struct {
		name, part, begin, middle string
		size                      int
		end                       string
		want                      sheet.Fault // 0: none
	}{
		{"a sheet of blanks", theSheet, "<worksheet>", " ", 40 * mega, "", sheet.TooLarge},
		{"texts of blanks", theTexts, "<sst>", " ", 40 * mega, "</sst>", sheet.TooLarge},
		{"the workbook itself", "xl/workbook.xml", "<workbook>", " ", 40 * mega, "", sheet.TooLarge},
		{"one text without an end", theSheet, cells + `<c t="inlineStr"><is><t>`, "abcd", 31 * mega, "", sheet.TooLarge},
		{"one text in pieces", theSheet, cells + `<c t="inlineStr"><is><t>`, "abcdefgh<!---->", 4 * mega, "", sheet.Damaged},
		{"one attribute", theSheet, `<worksheet a="`, "abcd", 31 * mega, "", sheet.TooLarge},
		{"blank cells", theSheet, cells, "<c/>", 31 * mega, "", sheet.Damaged},
		{"blank rows", theSheet, "<worksheet><sheetData>", "<row/>", 31 * mega, "</sheetData>", sheet.Damaged},
		{"blank rows of blank cells", theSheet, "<worksheet><sheetData>", "<row>" + strings.Repeat("<c/>", 1000) + "</row>", 31 * mega, "", sheet.TooLarge},
		{"elements in elements", theSheet, "<worksheet>", "<a>", 31 * mega, "", sheet.TooLarge},
		{"comments", theSheet, "<worksheet>", "<!---->", 4 * mega, "", sheet.Damaged},
		{"texts without a letter", theTexts, "<sst>", "<si/>", 31 * mega, "</sst>", sheet.TooLarge},
		{"a long text in each cell", theSheet, cells, `<c t="inlineStr"><is><t>` + strings.Repeat("x", 900_000) + "</t></is></c>", 4 * mega, "</row></sheetData>", 0},
		{"sheets without number", "xl/workbook.xml", "<workbook>", `<sheet r:id="s1"/>`, 31 * mega, "", sheet.TooLarge},
		{"relations without number", "xl/_rels/workbook.xml.rels", "<R>", `<Relationship/>`, 4 * mega, "", 0},
		{"styles without number", "xl/styles.xml", "<cellXfs>", `<xf/>`, 31 * mega, "", sheet.TooLarge},
		{"formats without number", "xl/styles.xml", "<numFmts>", `<numFmt numFmtId="200" formatCode="0"/>`, 4 * mega, "", 0},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			file := bomb(t, c.part, c.begin, c.middle, c.size, c.end)
			var before, after runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&before)
			start := time.Now()
			b, err := Open(file, file.Size())
			if err == nil && len(b.Sheets()) > 0 {
				err = eachRow(b, 0, func(sheet.Row) {})
			}
			took := time.Since(start)
			runtime.ReadMemStats(&after)
			if c.want == 0 && err != nil || c.want != 0 && !isFault(err, c.want) {
				t.Errorf("%v, want fault %d", err, c.want)
			}
			grown := int64(after.HeapSys-before.HeapSys) >> 20
			t.Logf("%d KB, %v, %d MB more memory: %v", file.Size()>>10, took.Round(time.Millisecond), grown, err)
			if grown > 150 || took > 20*time.Second {
				t.Errorf("took %v and %d MB", took, grown)
			}
		})
	}
}

// A part that holds more than the directory says is not read on.
func TestPartsThatLie(t *testing.T) {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for name, text := range small() {
		var packed bytes.Buffer
		f, _ := flate.NewWriter(&packed, flate.BestSpeed)
		size := uint64(len(text))
		if name == "xl/worksheets/sheet1.xml" {
			io.Copy(f, repeat(" ", 8<<20))
		} else {
			io.WriteString(f, text)
		}
		f.Close()
		part, err := w.CreateRaw(&zip.FileHeader{Name: name, Method: zip.Deflate, CompressedSize64: uint64(packed.Len()), UncompressedSize64: size})
		if err == nil {
			_, err = part.Write(packed.Bytes())
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := read(bytes.NewReader(b.Bytes())); !isFault(err, sheet.Damaged) {
		t.Error(err)
	}
}

func TestADirectoryWithoutEnd(t *testing.T) {
	p := small()
	for i := range 10_000 {
		p[fmt.Sprintf("xl/media/picture%01000d.png", i)] = ""
	}
	if _, err := read(packed(t, p)); !isFault(err, sheet.TooLarge) {
		t.Error(err)
	}
}

// A cell in the last corner costs no more than one in the first.
func TestTheLastCorner(t *testing.T) {
	got, err := read(packed(t, sheetOf(`<row r="1"><c><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>2</v></c></row>`)))
	if err != nil || len(got) != 2 || got[1] != "1048576 XFD=2" {
		t.Errorf("%q, %v", got, err)
	}
}
