package biff

import (
	"encoding/binary"
	"unicode/utf16"
	"unicode/utf8"
)

// textReader reads texts from a record and the CONTINUE records behind it.
type textReader struct {
	records *records
	first   record // for messages
	rest    []byte // of the record that is being read
}

// open begins to read a record, from a byte of its body on.
func (t *textReader) open(rs *records, r record, from int) {
	t.records, t.first, t.rest = rs, r, r.body[from:]
}

// more goes on with the next CONTINUE record.
func (t *textReader) more() error {
	next, ok, err := t.records.continued()
	switch {
	case err != nil:
		return err
	case !ok:
		return t.first.damaged("a text is cut off")
	}
	t.rest = next.body
	return nil
}

// done reports whether no byte is left, also not in a record that follows.
func (t *textReader) done() (bool, error) {
	for len(t.rest) == 0 {
		next, ok, err := t.records.continued()
		if err != nil || !ok {
			return true, err
		}
		t.rest = next.body
	}
	return false, nil
}

// number reads one of so many bytes, four at most.
func (t *textReader) number(size int) (int, error) {
	n := 0
	for shift := 0; size > 0; size, shift = size-1, shift+8 {
		for len(t.rest) == 0 {
			if err := t.more(); err != nil {
				return 0, err
			}
		}
		n |= int(t.rest[0]) << shift
		t.rest = t.rest[1:]
	}
	return n, nil
}

func (t *textReader) skip(n int) error {
	for n > len(t.rest) {
		n -= len(t.rest)
		if err := t.more(); err != nil {
			return err
		}
	}
	t.rest = t.rest[n:]
	return nil
}

// The flags of a text ([MS-XLS] section 2.5.293, XLUnicodeRichExtendedString).
const (
	flagWide     = 1 << 0 // characters of two bytes
	flagPhonetic = 1 << 2
	flagRich     = 1 << 3
)

// text appends a text as UTF-8, whose number of characters takes so many bytes.
func (t *textReader) text(to []byte, lengthBytes int) ([]byte, error) {
	count, err := t.number(lengthBytes)
	if err != nil {
		return to, err
	}
	flags, err := t.number(1)
	if err != nil {
		return to, err
	}
	behind := 0 // bytes that follow the characters: runs of fonts, and how to pronounce them
	if flags&flagRich != 0 {
		runs, err := t.number(2)
		if err != nil {
			return to, err
		}
		behind += runs * 4
	}
	if flags&flagPhonetic != 0 {
		size, err := t.number(4)
		if err != nil {
			return to, err
		}
		behind += size
	}
	if to, err = t.characters(to, count, flags&flagWide != 0); err != nil {
		return to, err
	}
	return to, t.skip(behind)
}

// characters appends characters. Each CONTINUE record among them begins with a
// byte of its own that says anew how wide they are (section 2.4.58).
func (t *textReader) characters(to []byte, count int, wide bool) ([]byte, error) {
	high := rune(0) // first half of a surrogate pair
	for count > 0 {
		if len(t.rest) == 0 {
			flags, err := t.number(1)
			if err != nil {
				return to, err
			}
			wide = flags&flagWide != 0
			continue
		}
		n := min(count, len(t.rest))
		if wide {
			if n = min(count, len(t.rest)/2); n == 0 {
				return to, t.first.damaged("a character is cut in two")
			}
			to, high = appendWide(to, t.rest[:2*n], high)
			t.rest = t.rest[2*n:]
		} else {
			to, high = appendHalf(to, high), 0
			to = appendNarrow(to, t.rest[:n])
			t.rest = t.rest[n:]
		}
		count -= n
	}
	return appendHalf(to, high), nil
}

// appendNarrow appends characters of one byte, which are the first 256 of
// Unicode, not those of Windows-1252.
func appendNarrow(to, from []byte) []byte {
	for _, b := range from {
		if b < utf8.RuneSelf {
			to = append(to, b)
		} else {
			to = append(to, 0xc0|b>>6, 0x80|b&0x3f)
		}
	}
	return to
}

// appendWide appends UTF-16. high is the first half of a pair that came before,
// or 0; so is what it returns.
func appendWide(to, from []byte, high rune) ([]byte, rune) {
	for ; len(from) > 0; from = from[2:] {
		c := rune(binary.LittleEndian.Uint16(from))
		if high != 0 {
			if pair := utf16.DecodeRune(high, c); pair != utf8.RuneError {
				to, high = utf8.AppendRune(to, pair), 0
				continue
			}
			to, high = appendHalf(to, high), 0
		}
		if c >= 0xd800 && c < 0xdc00 {
			high = c
		} else {
			to = utf8.AppendRune(to, c) // U+FFFD for the second half of a pair alone
		}
	}
	return to, high
}

// appendHalf appends U+FFFD for half a pair.
func appendHalf(to []byte, high rune) []byte {
	if high == 0 {
		return to
	}
	return utf8.AppendRune(to, utf8.RuneError)
}
