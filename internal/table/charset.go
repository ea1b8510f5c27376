package table

import (
	"bytes"
	"strings"

	"golang.org/x/text/encoding/charmap"

	"muster/internal/issue"
)

// charset is one way of writing characters as bytes.
type charset struct {
	name  string // as in Options.Encoding
	title string // as people call it
	wide  bool   // UTF-16: zero bytes are no sign of binary data

	// decode turns bytes into UTF-8, whole characters only, until text is full
	// or bytes are used up; last says that no bytes will follow. It returns what
	// it wrote and read; ok is false where the next byte has no meaning.
	decode func(text, bytes []byte, last bool) (written, read int, ok bool)
	// encode appends the bytes of a text; "?" where the charset has no such character.
	encode func(to []byte, text string) []byte
	// char is the character of a byte alone, U+FFFD for none; nil where bytes do not stand alone.
	char func(b byte) rune
}

var (
	utf8Set     = &charset{name: "utf-8", title: "UTF-8", decode: decodeUTF8, encode: encodeUTF8}
	utf16le     = wideSet("utf-16le", "UTF-16", littleEndian)
	utf16be     = wideSet("utf-16be", "UTF-16", bigEndian)
	windows1252 = byteSet("windows-1252", "Windows-1252", charmap.Windows1252)
	latin9      = byteSet("iso-8859-15", "ISO-8859-15", charmap.ISO8859_15)
	latin1      = byteSet("iso-8859-1", "ISO-8859-1", charmap.ISO8859_1)
	macintosh   = byteSet("macintosh", "Mac Roman", charmap.Macintosh)
	cp850       = byteSet("cp850", "CP850", charmap.CodePage850)
	shiftJIS    = &charset{name: "shift-jis", title: "Shift-JIS", decode: decodeShiftJIS, encode: encodeShiftJIS}

	charsets = []*charset{windows1252, latin9, latin1, macintosh, cp850, shiftJIS, utf8Set, utf16le, utf16be}
)

const utf16Name = "utf-16" // either byte order

// charsetNames lists the names that Options.Encoding takes.
func charsetNames() string {
	names := []string{}
	for _, c := range charsets {
		names = append(names, c.name)
	}
	return strings.Join(append(names, utf16Name), ", ")
}

func charsetByName(name string) *charset {
	for _, c := range charsets {
		if strings.EqualFold(c.name, name) {
			return c
		}
	}
	return nil
}

// pickCharset returns the charset of a file and the size of its byte order mark:
// by that mark, else as asked for, else UTF-16 by its zero bytes, else UTF-8.
func pickCharset(head []byte, o Options) (*charset, int, error) {
	asked, err := askedCharset(head, o.Encoding)
	if err != nil {
		return nil, 0, err
	}
	if asked != nil && o.UnicodeOnly && !asked.wide && asked != utf8Set {
		return nil, 0, codeEncodingRefused.New("This format does not take %s.", asked.title).
			Suggest("%s", codeEncodingRefused.Cure)
	}
	if set, bom, err := charsetByMark(head); set != nil || err != nil {
		return set, bom, err
	}
	set := asked
	if set == nil {
		set = charsetByZeros(head)
	}
	switch {
	case set == nil:
		return utf8Set, 0, nil
	case set.wide && o.UnicodeOnly:
		return nil, 0, notUTF8("UTF-16 without a byte order mark")
	}
	return set, 0, nil
}

// askedCharset returns the charset of the name, or nil for none.
func askedCharset(head []byte, name string) (*charset, error) {
	if strings.EqualFold(name, utf16Name) {
		if charsetByZeros(head) == utf16be {
			return utf16be, nil
		}
		return utf16le, nil
	}
	set := charsetByName(name)
	if set == nil && name != "" {
		return nil, codeEncodingUnknown.New("There is no charset %q here.", name).Suggest("Take one of %s.", charsetNames())
	}
	return set, nil
}

func notUTF8(what string) issue.Issue {
	return NotUTF8.New("The file is %s, not UTF-8.", what).Suggest("Save the file as CSV UTF-8.")
}

// charsetByMark reads the byte order mark (RFC 3629 section 6, RFC 2781 section 3.2).
func charsetByMark(head []byte) (*charset, int, error) {
	switch {
	case bytes.HasPrefix(head, []byte("\xef\xbb\xbf")):
		return utf8Set, 3, nil
	case bytes.HasPrefix(head, []byte("\xff\xfe\x00\x00")), bytes.HasPrefix(head, []byte("\x00\x00\xfe\xff")):
		return nil, 0, notUTF8("UTF-32")
	case bytes.HasPrefix(head, []byte("\xff\xfe")):
		return utf16le, 2, nil
	case bytes.HasPrefix(head, []byte("\xfe\xff")):
		return utf16be, 2, nil
	}
	return nil, 0, nil
}

// charsetByZeros tells UTF-16 by zero bytes at odd or at even places: a quarter
// of the characters or more are of ASCII, and next to no zeros stand elsewhere.
func charsetByZeros(head []byte) *charset {
	var zeros [2]int
	for i, c := range head {
		if c == 0 {
			zeros[i%2]++
		}
	}
	enough := max(4, len(head)/8)
	switch {
	case zeros[1] >= enough && zeros[0] <= zeros[1]/10:
		return utf16le
	case zeros[0] >= enough && zeros[1] <= zeros[0]/10:
		return utf16be
	}
	return nil
}
