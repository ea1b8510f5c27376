package table

import (
	"bytes"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
)

func decodeUTF8(text, from []byte, last bool) (int, int, bool) {
	n := min(len(text), len(from))
	whole := n
	if n < len(from) || !last {
		whole -= cutRune(from[:n])
	}
	if !utf8.Valid(from[:whole]) {
		n = copy(text, from[:validPrefix(from[:whole])])
		return n, n, false
	}
	copy(text, from[:whole])
	return whole, whole, true
}

// cutRune returns the size of the incomplete character that the bytes end with.
func cutRune(b []byte) int {
	for size := 1; size < utf8.UTFMax && size <= len(b); size++ {
		if tail := b[len(b)-size:]; utf8.RuneStart(tail[0]) {
			if !utf8.FullRune(tail) {
				return size
			}
			break
		}
	}
	return 0
}

func validPrefix(b []byte) int {
	for i := 0; i < len(b); {
		c, size := utf8.DecodeRune(b[i:])
		if c == utf8.RuneError && size < 2 {
			return i
		}
		i += size
	}
	return len(b)
}

func encodeUTF8(to []byte, text string) []byte { return append(to, text...) }

type byteOrder [2]int // places of the low and the high byte

var littleEndian, bigEndian = byteOrder{0, 1}, byteOrder{1, 0}

func (o byteOrder) unit(b []byte) rune { return rune(b[o[0]]) | rune(b[o[1]])<<8 }

func (o byteOrder) put(to []byte, unit rune) []byte {
	var b [2]byte
	b[o[0]], b[o[1]] = byte(unit), byte(unit>>8)
	return append(to, b[:]...)
}

// wideSet is UTF-16 (RFC 2781) in one byte order. A lone surrogate and half a
// unit at the end have no meaning.
func wideSet(name, title string, order byteOrder) *charset {
	return &charset{name: name, title: title, wide: true, encode: order.encode, decode: order.decode}
}

func (o byteOrder) decode(text, from []byte, last bool) (written, read int, ok bool) {
	for written+utf8.UTFMax <= len(text) && read < len(from) {
		c, size := o.char(from[read:])
		if size == 0 {
			return written, read, !last
		}
		if c == utf8.RuneError && utf16.IsSurrogate(o.unit(from[read:])) {
			return written, read, false
		}
		written += utf8.EncodeRune(text[written:], c)
		read += size
	}
	return written, read, true
}

// char returns the first character and its size; 0 where more bytes are needed.
func (o byteOrder) char(from []byte) (rune, int) {
	if len(from) < 2 {
		return 0, 0
	}
	first := o.unit(from)
	if !utf16.IsSurrogate(first) {
		return first, 2
	}
	if len(from) < 4 {
		return 0, 0
	}
	return utf16.DecodeRune(first, o.unit(from[2:])), 4
}

func (o byteOrder) encode(to []byte, text string) []byte {
	for _, c := range text {
		if high, low := utf16.EncodeRune(c); high != utf8.RuneError {
			to = o.put(o.put(to, high), low)
		} else {
			to = o.put(to, c)
		}
	}
	return to
}

// byteSet is a charset of one byte a character.
func byteSet(name, title string, table *charmap.Charmap) *charset {
	var chars [256]rune
	for i := range chars {
		chars[i] = table.DecodeByte(byte(i))
	}
	encode := func(to []byte, c rune) []byte {
		b, ok := table.EncodeRune(c)
		if !ok {
			b = '?'
		}
		return append(to, b)
	}
	return &charset{name: name, title: title,
		char:   func(b byte) rune { return chars[b] },
		decode: func(text, from []byte, _ bool) (int, int, bool) { return decodeBytes(&chars, text, from) },
		encode: func(to []byte, text string) []byte { return encodeEach(to, text, encode) },
	}
}

func decodeBytes(chars *[256]rune, text, from []byte) (written, read int, ok bool) {
	for written+utf8.UTFMax <= len(text) && read < len(from) {
		switch b := from[read]; {
		case b < utf8.RuneSelf:
			text[written] = b
			written++
		case chars[b] == utf8.RuneError:
			return written, read, false
		default:
			written += utf8.EncodeRune(text[written:], chars[b])
		}
		read++
	}
	return written, read, true
}

// encodeEach appends ASCII as it is and hands every other character to encode.
func encodeEach(to []byte, text string, encode func([]byte, rune) []byte) []byte {
	for _, c := range text {
		if c < utf8.RuneSelf {
			to = append(to, byte(c))
		} else {
			to = encode(to, c)
		}
	}
	return to
}

func decodeShiftJIS(text, from []byte, last bool) (written, read int, ok bool) {
	decoder := japanese.ShiftJIS.NewDecoder()
	for written+utf8.UTFMax <= len(text) && read < len(from) {
		if b := from[read]; b < utf8.RuneSelf {
			text[written] = b
			written++
			read++
			continue
		}
		n, size, err := decoder.Transform(text[written:], from[read:min(len(from), read+2)], last)
		if size == 0 && err != nil { // half a character at the end of the block
			return written, read, !last
		}
		n, size = firstChar(text[written:written+n], size)
		if c, _ := utf8.DecodeRune(text[written : written+n]); c == utf8.RuneError {
			return written, read, false
		}
		written += n
		read += size
	}
	return written, read, true
}

// firstChar returns the sizes of the first character where two bytes have become
// two characters instead of one.
func firstChar(text []byte, size int) (int, int) {
	_, n := utf8.DecodeRune(text)
	if n < len(text) {
		return n, 1
	}
	return n, size
}

func encodeShiftJIS(to []byte, text string) []byte {
	encoder, decoder := japanese.ShiftJIS.NewEncoder(), japanese.ShiftJIS.NewDecoder()
	return encodeEach(to, text, func(to []byte, c rune) []byte {
		b, err := encoder.Bytes([]byte(string(c)))
		if err != nil {
			return append(to, '?')
		}
		// Some characters become a like one, such as the yen sign a backslash.
		if back, err := decoder.Bytes(b); err != nil || !bytes.Equal(back, []byte(string(c))) {
			return append(to, '?')
		}
		return append(to, b...)
	})
}

// decodeAll decodes bytes that are whole in memory; ok is false where one of
// them has no meaning. What is cut off at the end is left out.
func decodeAll(set *charset, from []byte) (string, bool) {
	var out strings.Builder
	text := make([]byte, 4096)
	for {
		written, read, ok := set.decode(text, from, false)
		out.Write(text[:written])
		from = from[read:]
		if !ok || written == 0 {
			return out.String(), ok
		}
	}
}
