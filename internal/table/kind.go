package table

import (
	"bytes"
	"encoding/binary"
	"slices"
	"strings"

	"muster/internal/issue"
)

// signatures are the first bytes of files that people upload by mistake.
var signatures = []struct{ start, name string }{
	{"%PDF-", "a PDF document"},
	{"\x89PNG\r\n\x1a\n", "a picture (PNG)"},
	{"\xff\xd8\xff", "a picture (JPEG)"},
	{"GIF87a", "a picture (GIF)"},
	{"GIF89a", "a picture (GIF)"},
	{"II*\x00", "a picture (TIFF)"},
	{"MM\x00*", "a picture (TIFF)"},
	{"\x1f\x8b", "an archive (gzip)"},
	{"Rar!\x1a\x07", "an archive (RAR)"},
	{"7z\xbc\xaf\x27\x1c", "an archive (7-Zip)"},
	{"\xfd7zXZ\x00", "an archive (xz)"},
	{"{\\rtf", "a text document (RTF)"},
	{"SQLite format 3\x00", "a database (SQLite)"},
}

const (
	ole2Start     = "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
	zipEntryStart = "PK\x03\x04"
	zipEmptyStart = "PK\x05\x06"
)

// bytesKind tells by the first bytes what a file may be: XLS of what OLE2 holds,
// XLSX of what a zip archive does, else CSV.
func bytesKind(head []byte) string {
	text := string(head[:min(len(head), 32)])
	switch {
	case strings.HasPrefix(text, ole2Start), beginsSheet(head):
		return XLS
	case strings.HasPrefix(text, zipEntryStart), strings.HasPrefix(text, zipEmptyStart):
		return XLSX
	}
	return CSV
}

// beginsSheet reports whether a file begins as those of Excel 2 to 4 do, which
// have no container: with the record BOF of version 2, 3 or 4, of 4 to 16 bytes.
func beginsSheet(head []byte) bool {
	return len(head) > 4 && head[0] == 0x09 && slices.Contains([]byte{0x00, 0x02, 0x04}, head[1]) && head[2] >= 4 && head[2] <= 16 && head[3] == 0
}

// refuseKind refuses, by the first block, what is not text.
func refuseKind(head []byte) error {
	if len(head) == 0 {
		return codeEmpty.New("The file is empty.").Suggest("%s", codeEmpty.Cure)
	}
	text := string(head[:min(len(head), 32)])
	for _, s := range signatures {
		if strings.HasPrefix(text, s.start) {
			return notTable(s.name)
		}
	}
	return nil
}

func notTable(name string) issue.Issue {
	return codeNotTable.New("The file is not a table but %s.", name).Suggest("%s", codeNotTable.Cure)
}

func binaryData() issue.Issue { return notTable("binary data, not text") }

// zipKind tells by the names of the first entries what a zip archive holds that
// is no workbook that can be read.
func zipKind(head []byte) issue.Issue {
	for _, name := range zipNames(head) {
		switch {
		case strings.HasPrefix(name, "word/"):
			return notTable("a Word document")
		case strings.HasPrefix(name, "ppt/"):
			return notTable("a PowerPoint presentation")
		case strings.HasPrefix(name, "Index/"):
			return notTable("a Numbers spreadsheet").Suggest("Open it and export it to Excel, or to CSV in UTF-8.")
		}
	}
	if bytes.Contains(head, []byte("mimetypeapplication/vnd.oasis.opendocument.spreadsheet")) {
		return notTable("an OpenDocument spreadsheet").Suggest("Open it and save it as .xlsx, or as CSV UTF-8.")
	}
	return notTable("an archive (zip)")
}

// beginsWorkbook tells whether a zip archive whose end is missing was a workbook.
func beginsWorkbook(head []byte) bool {
	return slices.ContainsFunc(zipNames(head), func(name string) bool { return strings.HasPrefix(name, "xl/") })
}

// zipNames returns the names of the entries that begin in the block: 26 bytes
// after its start an entry has the length of its name, 30 bytes after it the name.
func zipNames(head []byte) (names []string) {
	for {
		i := bytes.Index(head, []byte(zipEntryStart))
		if i < 0 || len(head) < i+30 {
			return names
		}
		head = head[i:]
		size := int(binary.LittleEndian.Uint16(head[26:]))
		names = append(names, string(head[30:min(len(head), 30+size)]))
		head = head[len(zipEntryStart):]
	}
}

// isBinary tells whether a tenth of the block is control characters that no text
// has. A few of them are left to be issues of their rows.
func isBinary(head []byte) bool {
	controls := 0
	for _, c := range head {
		if c < ' ' && c != '\t' && c != '\n' && c != '\r' && c != '\f' {
			controls++
		}
	}
	return controls > len(head)/3 || controls >= 8 && controls > len(head)/10
}

var htmlStarts = []string{"<!doctype html", "<html", "<head", "<body", "<table", "<meta", "<style", "<script", "<title", "<div"}

// refuseMarkup refuses web pages and XML by the first block of text.
func refuseMarkup(text []byte) error {
	start := strings.ToLower(Trim(string(text[:min(len(text), 2048)])))
	if !strings.HasPrefix(start, "<") {
		return nil
	}
	for strings.HasPrefix(start, "<!--") {
		_, after, _ := strings.Cut(start, "-->")
		start = Trim(after)
	}
	for _, s := range htmlStarts {
		if strings.HasPrefix(start, s) {
			return codeHTML.New("The file is a web page (HTML), not a table.").Suggest("%s", codeHTML.Cure)
		}
	}
	return refuseXML(start)
}

func refuseXML(start string) error {
	switch {
	case strings.Contains(start, "urn:schemas-microsoft-com:office:spreadsheet"):
		return codeXML.New("The file is a table in Excel 2003 XML, which is not read here.").Suggest("%s", codeXML.Cure)
	case strings.HasPrefix(start, "<?xml") && strings.Contains(start, "<html"):
		return codeHTML.New("The file is a web page (XHTML), not a table.").Suggest("%s", codeHTML.Cure)
	case strings.HasPrefix(start, "<?xml"), strings.HasPrefix(start, "<workbook"):
		return codeXML.New("The file is XML, not a table.").Suggest("%s", codeXML.Cure)
	}
	return nil
}
