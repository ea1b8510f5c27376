package table

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"strings"
	"testing"

	"muster/internal/issue"
)

// zipOf is the beginning of a zip archive with entries of these names.
func zipOf(names ...string) string {
	var b bytes.Buffer
	for _, name := range names {
		header := make([]byte, 30)
		copy(header, zipEntryStart)
		binary.LittleEndian.PutUint16(header[26:], uint16(len(name)))
		b.Write(header)
		b.WriteString(name)
	}
	return b.String()
}

func TestKindByContent(t *testing.T) {
	const excel2003 = `<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>` +
		`<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet">`
	cases := []struct{ name, file, code, word string }{
		{"no bytes", "", "file-empty", "empty"},
		{"xls cut off", ole2Start + strings.Repeat("\x00", 600), "workbook-damaged", "container"},
		{"Excel 4", "\x09\x04\x06\x00\x00\x00\x10\x00", "workbook-unsupported", "or before"},
		{"xlsx without an end", zipOf("[Content_Types].xml", "_rels/.rels", "xl/workbook.xml"), "workbook-damaged", "its end is missing"},
		{"docx", zipOf("[Content_Types].xml", "word/document.xml"), "file-not-table", "Word"},
		{"ods", zipOf("mimetype") + "application/vnd.oasis.opendocument.spreadsheet", "file-not-table", "OpenDocument"},
		{"another zip", zipOf("users.csv"), "file-not-table", "zip"},
		{"empty zip", zipEmptyStart + strings.Repeat("\x00", 18), "file-not-table", "zip"},
		{"zip cut off", zipEntryStart + "\x14", "file-not-table", "zip"},
		{"PDF", "%PDF-1.7\n", "file-not-table", "PDF"},
		{"PNG", "\x89PNG\r\n\x1a\n\x00\x00", "file-not-table", "PNG"},
		{"JPEG", "\xff\xd8\xff\xe0\x00\x10JFIF", "file-not-table", "JPEG"},
		{"GIF", "GIF89a\x01\x00", "file-not-table", "GIF"},
		{"gzip", "\x1f\x8b\x08\x00", "file-not-table", "gzip"},
		{"RAR", "Rar!\x1a\x07\x00", "file-not-table", "RAR"},
		{"HTML", "<html><table><tr><td>Email", "file-html", "web page"},
		{"HTML after blanks and a comment", "\r\n <!-- made by x -->\n<TABLE border=1>", "file-html", "web page"},
		{"HTML with a byte order mark", "\ufeff<!DOCTYPE HTML>", "file-html", "web page"},
		{"HTML in Windows-1252", "<html><td>Zo\xeb", "file-html", "web page"},
		{"HTML in UTF-16", string(utf16le.encode(nil, "\ufeff<html><td>")), "file-html", "web page"},
		{"XHTML", "<?xml version=\"1.0\"?>\n<html>", "file-html", "XHTML"},
		{"XML", "<?xml version=\"1.0\"?>\n<users>", "file-xml", "XML"},
		{"Excel 2003 XML", excel2003, "file-xml", "Excel 2003"},
		{"binary data", strings.Repeat("\x00\x01\x02\x03users\xff", 100), "file-not-table", "binary"},
		{"binary data with much text", strings.Repeat("users\x01abc", 100), "file-not-table", "binary"},
		{"a few binary bytes", "\x01\x02\x03a", "file-not-table", "binary"},
		{"zeros", strings.Repeat("\x00", 5000), "file-not-table", "binary"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := Open(strings.NewReader(c.file), Options{})
			var i issue.Issue
			if !errors.As(err, &i) {
				t.Fatalf("read, or %v", err)
			}
			if i.Code != c.code || !strings.Contains(i.Message, c.word) || i.Suggestion == "" {
				t.Errorf("got %s: %v", i.Code, i)
			}
		})
	}
}

func TestKindIsNotMistaken(t *testing.T) {
	for _, file := range []string{
		"PK,name\n1,2\n", "GIF,PDF\na,b\n", "<a@example.org>,x\n", "email\n\x00\x01a\n", "Rar!,b\n", "\ufeff",
	} {
		if _, err := Open(strings.NewReader(file), Options{}); err != nil {
			t.Errorf("%q refused: %v", file, err)
		}
	}
}

// An endless file is refused by its first block.
func TestKindAtOnce(t *testing.T) {
	in := &endless{line: []byte("%PDF-")}
	if _, err := openCSV(in, Options{}); !codeNotTable.Is(err) || in.given > blockBytes {
		t.Errorf("%v after %d bytes", err, in.given)
	}
}

// endless gives the same line for ever.
type endless struct {
	line  []byte
	given int
}

func (e *endless) Read(p []byte) (int, error) {
	n := 0
	for n < len(p) {
		n += copy(p[n:], e.line[(e.given+n)%len(e.line):])
	}
	e.given += n
	return n, nil
}

// zipFile is an archive of entries, each a name and what it holds.
func zipFile(t testing.TB, entries ...string) string {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for i := 0; i < len(entries); i += 2 {
		f, err := w.Create(entries[i])
		if err == nil {
			_, err = f.Write([]byte(entries[i+1]))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}
