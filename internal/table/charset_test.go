package table

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"muster/internal/issue"
)

func TestCharset(t *testing.T) {
	const text = "name,town\nZoë,Köln\n"
	want := []string{"1 name|town", "2 Zoë|Köln"}
	utf16 := func(c *charset, mark string) string { return string(c.encode(nil, mark+text)) }
	cases := []struct {
		name, file, asked, charset string
		bom                        bool
	}{
		{"UTF-8", text, "", "utf-8", false},
		{"UTF-8 with mark", "\ufeff" + text, "", "utf-8", true},
		{"UTF-16 with mark, little end first", utf16(utf16le, "\ufeff"), "", "utf-16le", true},
		{"UTF-16 with mark, big end first", utf16(utf16be, "\ufeff"), "", "utf-16be", true},
		{"UTF-16 by zeros, little end first", utf16(utf16le, ""), "", "utf-16le", false},
		{"UTF-16 by zeros, big end first", utf16(utf16be, ""), "", "utf-16be", false},
		{"asked for utf-16", utf16(utf16be, ""), "UTF-16", "utf-16be", false},
		{"asked for utf-16le", utf16(utf16le, ""), "utf-16le", "utf-16le", false},
		{"asked for windows-1252", string(windows1252.encode(nil, text)), "Windows-1252", "windows-1252", false},
		{"asked for iso-8859-15", string(latin9.encode(nil, text)), "iso-8859-15", "iso-8859-15", false},
		{"asked for iso-8859-1", string(latin1.encode(nil, text)), "ISO-8859-1", "iso-8859-1", false},
		{"asked for macintosh", string(macintosh.encode(nil, text)), "macintosh", "macintosh", false},
		{"asked for cp850", string(cp850.encode(nil, text)), "cp850", "cp850", false},
		{"asked for utf-8", text, "utf-8", "utf-8", false},
		{"the mark outranks what is asked for", "\ufeff" + text, "windows-1252", "utf-8", true},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			for _, in := range []io.Reader{strings.NewReader(c.file), iotest.OneByteReader(strings.NewReader(c.file))} {
				rows, info, err := read(t, in, Options{Encoding: c.asked})
				if err != nil {
					t.Fatal(err)
				}
				if got := shown(rows); !slices.Equal(got, want) {
					t.Errorf("got %q", got)
				}
				if info.Charset != c.charset || info.BOM != c.bom {
					t.Errorf("got %+v", info)
				}
			}
		})
	}
}

// Characters that lie across the blocks in which a file is read stay whole.
func TestCharactersAcrossBlocks(t *testing.T) {
	const rows = 12_000
	for set, cell := range map[*charset]string{utf8Set: "é山😀", utf16le: "é山😀", utf16be: "é山😀", shiftJIS: "山ソﾔ", cp850: "éü"} {
		file := string(set.encode(nil, "x\n"+strings.Repeat(cell+"\n", rows)))
		for _, in := range []io.Reader{strings.NewReader(file), iotest.OneByteReader(strings.NewReader(file))} {
			got, _, err := read(t, in, Options{Encoding: set.name})
			if err != nil || len(got) != rows+1 {
				t.Fatalf("%s: %d rows, %v", set.name, len(got), err)
			}
			for i, row := range got[1:] {
				if want := number(i+2) + " " + cell; show(row) != want {
					t.Fatalf("%s: got %q, want %q", set.name, show(row), want)
				}
			}
		}
	}
}

// However little room there is, a character is written whole or not yet.
func TestDecodingInSmallSteps(t *testing.T) {
	const all = "aé£ü,山😀x"
	for _, set := range charsets {
		want := strings.Map(func(c rune) rune {
			if set != utf8Set && !set.wide && string(set.encode(nil, string(c))) == "?" {
				return -1
			}
			return c
		}, all)
		from, got := set.encode(nil, want), ""
		for len(from) > 0 {
			text := make([]byte, 5)
			written, read, ok := set.decode(text, from, true)
			if !ok || read == 0 {
				t.Fatalf("%s: stopped after %q", set.name, got)
			}
			got += string(text[:written])
			from = from[read:]
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", set.name, got, want)
		}
	}
}

func TestShiftJIS(t *testing.T) {
	const text = "名前,表|ソ\\\nﾔﾏﾀﾞ,a\n" // 表 and ソ have a backslash as second byte
	file := string(shiftJIS.encode(nil, text))
	rows, _, err := read(t, iotest.OneByteReader(strings.NewReader(file)), Options{Encoding: "shift-jis"})
	if got := shown(rows); err != nil || !slices.Equal(got, []string{"1 名前|表|ソ\\", "2 ﾔﾏﾀﾞ|a"}) {
		t.Errorf("%q, %v", got, err)
	}
}

func TestBadBytes(t *testing.T) {
	utf16 := func(units ...rune) (file string) {
		b := []byte{}
		for _, u := range units {
			b = littleEndian.put(b, u)
		}
		return string(b)
	}
	cases := []struct {
		name, file, asked string
		want              string   // code with the line
		words             []string // what the message must say
	}{
		{"pound sign in Windows-1252", "email,name\r\na@example.org,\xa35\r\n", "", "line 2: not-utf8",
			[]string{"offset 26", "0xA3", `"£"`, "--encoding windows-1252"}},
		{"in a quoted line break", "a\r\n\"b\r\nc\rd\xe9\"", "", "line 4: not-utf8", []string{"offset 10", `"é"`}},
		{"no character of Windows-1252 either", "a\n\x81\n", "", "line 2: not-utf8", []string{"no character"}},
		{"first byte", "\xe9t\xe9,b\n", "", "line 1: not-utf8", []string{"offset 0"}},
		{"behind good UTF-8", "Zoë\nZo\xeb\n", "", "line 2: not-utf8", []string{"offset 7", "type this character anew"}},
		{"cut off in the midst of a character", "a\nZo\xc3", "", "line 2: not-utf8", []string{"offset 4"}},
		{"surrogate in UTF-8", "a\xed\xa0\x80b\n", "", "line 1: not-utf8", []string{"offset 1"}},
		{"overlong slash", "a\xc0\xafb\n", "", "line 1: not-utf8", []string{"offset 1"}},
		{"UTF-8 asked for", "a\n\xe9\n", "utf-8", "line 2: not-utf8", []string{"offset 2"}},
		{"UTF-32", "\xff\xfe\x00\x00a\x00\x00\x00", "", "not-utf8", []string{"UTF-32"}},
		{"undefined in Windows-1252", "a\nb\x81c\n", "windows-1252", "line 2: encoding-mismatch",
			[]string{"offset 3", "0x81", "Windows-1252"}},
		{"undefined in Shift-JIS", "a\nb\xfd\n", "shift-jis", "line 2: encoding-mismatch", []string{"offset 3"}},
		{"Shift-JIS cut off", "a\n\x8e", "shift-jis", "line 2: encoding-mismatch", []string{"offset 2"}},
		{"lone high surrogate", utf16(0xfeff, 'a', '\n', 0xd83d, 'b'), "", "line 2: encoding-mismatch",
			[]string{"offset 6", "UTF-16"}},
		{"lone low surrogate", utf16(0xfeff, 'a', 0xde00), "", "line 1: encoding-mismatch", []string{"offset 4"}},
		{"half a unit at the end", utf16(0xfeff, 'a', '\n') + "b", "", "line 2: file-incomplete", []string{"offset 6"}},
		{"half a pair at the end", utf16(0xfeff, 'a', 0xd83d), "", "line 1: encoding-mismatch", []string{"offset 4"}},
		{"unknown name", "a\n", "klingon", "encoding-unknown", []string{"windows-1252", "shift-jis", "utf-16be"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, _, err := read(t, strings.NewReader(c.file), Options{Encoding: c.asked})
			if got := refusal(err); got != c.want {
				t.Fatalf("got %q: %v", got, err)
			}
			for _, w := range c.words {
				if !strings.Contains(err.Error(), w) {
					t.Errorf("no %q in: %v", w, err)
				}
			}
		})
	}
}

// However late the bad byte, its place is right, and every whole line before it
// has been read.
func TestLateBadByte(t *testing.T) {
	for _, before := range []int{10, 20_000, 100_001} {
		file := strings.Repeat("a,\"b\r\n\"\r\n", before) + "c,\xa3\nd,e\n"
		rows, _, err := read(t, strings.NewReader(file), Options{})
		want := fmt.Sprintf("line %d: not-utf8", 2*before+1)
		if got := refusal(err); got != want || !strings.Contains(err.Error(), fmt.Sprintf("offset %d,", 9*before+2)) {
			t.Errorf("got %v, want %s", err, want)
		}
		if before > 10 && len(rows) != before {
			t.Errorf("%d rows before it, want %d", len(rows), before)
		}
	}
}

func TestUnicodeOnly(t *testing.T) {
	const text = "email\na@example.org\n"
	cases := []struct{ name, file, asked, want string }{
		{"UTF-8", text, "", ""},
		{"UTF-8 asked for", text, "UTF-8", ""},
		{"UTF-8 with mark", "\ufeff" + text, "", ""},
		{"UTF-16 with mark", string(utf16be.encode(nil, "\ufeff"+text)), "", ""},
		{"UTF-16 without", string(utf16be.encode(nil, text)), "", "not-utf8"},
		{"UTF-16 without, asked for", string(utf16be.encode(nil, text)), "utf-16be", "not-utf8"},
		{"Windows-1252", "email\n\xa3\n", "", "line 2: not-utf8"},
		{"Windows-1252 asked for", "email\n\xa3\n", "windows-1252", "encoding-refused"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, _, err := read(t, strings.NewReader(c.file), Options{Encoding: c.asked, UnicodeOnly: true})
			if got := refusal(err); got != c.want {
				t.Errorf("got %q: %v", got, err)
			}
			if err != nil && strings.Contains(err.Error(), "add --encoding") {
				t.Errorf("suggests what is refused: %v", err)
			}
		})
	}
}

func TestLikeliestCharset(t *testing.T) {
	cases := []struct {
		text string
		set  *charset
	}{
		{"amount\n£5 or 5 €\n", windows1252},
		{"pass£word\n", windows1252},
		{"Renée,Zoë,François,Müller,Åsa,Élodie\n", windows1252},
		{"Renée,Amélie\n", windows1252}, // its bytes are also valid Shift-JIS
		{"O’Brien – “night”\n", windows1252},
		{"€ 5,Šárka,cœur\n", latin9},
		{"£5,£10\n", cp850},
		{"Renée,Zoë,François,Müller,Åsa\n", macintosh},
		{"Renée,Zoë,François,Müller,Åsa\n", cp850},
		{"山田,太郎,看護師\nやまだ,たろう,病院\n", shiftJIS},
	}
	for _, c := range cases {
		_, err := openCSV(strings.NewReader(string(c.set.encode(nil, c.text))), Options{})
		var i issue.Issue
		if !errors.As(err, &i) || !strings.Contains(i.Suggestion, "--encoding "+c.set.name+" ") {
			t.Errorf("%q in %s: %v", c.text, c.set.name, err)
		}
	}
}
