package table

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
)

// written returns the bytes of a table in the form of info.
func written(t interface{ Fatal(...any) }, info Info, rows ...[]string) string {
	var b bytes.Buffer
	w := NewWriter(&b, info)
	for _, r := range rows {
		if err := w.Write(r); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestWriterForm(t *testing.T) {
	rows := [][]string{{"a", "b;c"}, {"ë", "d,e"}}
	cases := []struct {
		name string
		info Info
		want string
	}{
		{"nothing given", Info{}, "a,b;c\r\në,\"d,e\"\r\n"},
		{"semicolon and LF", Info{Delimiter: ';', LineEnd: "\n"}, "a;\"b;c\"\në;d,e\n"},
		{"tab and CR", Info{Delimiter: '\t', LineEnd: "\r"}, "a\tb;c\rë\td,e\r"},
		{"byte order mark and sep= line", Info{Delimiter: '|', LineEnd: "\n", BOM: true, SepLine: true},
			"\ufeffsep=|\na|b;c\në|d,e\n"},
		{"Windows-1252", Info{Charset: "windows-1252", LineEnd: "\n"}, "a,b;c\n\xeb,\"d,e\"\n"},
		{"UTF-16", Info{Charset: "utf-16be", LineEnd: "\n", BOM: true},
			string(utf16be.encode(nil, "\ufeffa,b;c\në,\"d,e\"\n"))},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := written(t, c.info, rows...); got != c.want {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
		})
	}
}

func TestWriterCells(t *testing.T) {
	for cell, want := range map[string]string{
		"plain":         "plain",
		"":              "",
		`say "hi"`:      `"say ""hi"""`,
		"two\nlines":    "\"two\nlines\"",
		"=1+1":          "'=1+1",
		"@SUM(A1)":      "'@SUM(A1)",
		"+cmd|' /C'!A0": "'+cmd|' /C'!A0",
		"-x":            "'-x",
		"\tx":           "'\tx",
		"\rx":           "\"'\rx\"",
		"+44 20 7946-1": "+44 20 7946-1",
		"-(020) 1":      "-(020) 1",
		"'=1":           "''=1",
		"'+44":          "''+44",
		"'quoted'":      "'quoted'",
		"a=1":           "a=1",
		"=\"x\"":        "\"'=\"\"x\"\"\"",
		"sep=;":         "\"sep=;\"",
		"\ufeffx":       "\"\ufeffx\"",
	} {
		if got := written(t, Info{}, []string{cell}); got != want+"\r\n" {
			t.Errorf("%q: got %q, want %q", cell, got, want)
		}
	}
}

func TestWriterReplacesWhatTheCharsetLacks(t *testing.T) {
	for charset, want := range map[string]string{
		"windows-1252": "\x80?\xa5?", "iso-8859-1": "??\xa5?", "iso-8859-15": "\xa4?\xa5?", "shift-jis": "?\x8eR??", "utf-8": "€山¥\u0081",
	} {
		text := "€山¥\u0081"
		if charset == "iso-8859-1" || charset == "iso-8859-15" {
			text = "€山¥😀"
		}
		if got := written(t, Info{Charset: charset, LineEnd: "\n"}, []string{text}); got != want+"\n" {
			t.Errorf("%s: got %q, want %q", charset, got, want)
		}
	}
}

func TestWriterErrors(t *testing.T) {
	if err := NewWriter(io.Discard, Info{Charset: "klingon"}).Write(nil); !codeEncodingUnknown.Is(err) {
		t.Error("unknown charset:", err)
	}
	w := NewWriter(full{}, Info{})
	_ = w.Write([]string{strings.Repeat("x", 2*blockBytes)})
	if err := w.Write([]string{"y"}); !errors.Is(err, errFull) {
		t.Error("full disk:", err)
	}
	if err := w.Close(); !errors.Is(err, errFull) {
		t.Error("full disk, Flush:", err)
	}
}

var errFull = errors.New("the disk is full")

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errFull }

// A file goes through Reader and Writer without a changed byte, where it was
// written as the Writer writes.
func TestThereAndBack(t *testing.T) {
	for _, file := range []string{
		"a,b\r\n\"c,d\",\"e\r\nf\"\r\n",
		"\ufeffsep=;\na;b\nc;'=1\n",
		string(utf16le.encode(nil, "\ufeffname\ttown\rZoë\tKöln\r")),
		"a|b|\n1||\n",
	} {
		rows, info, err := read(t, strings.NewReader(file), Options{})
		if err != nil {
			t.Fatal(err)
		}
		if got := written(t, info, texts(rows)...); got != file {
			t.Errorf("got  %q\nwant %q", got, file)
		}
	}
}

func texts(rows []Row) (all [][]string) {
	for _, r := range rows {
		cells := []string{}
		for _, c := range r.Cells {
			cells = append(cells, c.Text)
		}
		all = append(all, cells)
	}
	return all
}
