package table

import (
	"unicode"
	"unicode/utf8"
)

// candidates are the charsets that may be suggested; the first wins a draw.
var candidates = []*charset{windows1252, latin9, macintosh, cp850, shiftJIS}

// likeliest returns the charset in which the characters beyond ASCII make most
// sense where they stand. It is a suggestion and nothing more: a person decides.
func likeliest(block []byte) *charset {
	best, bestScore := windows1252, 0
	for n, set := range candidates {
		text, ok := decodeAll(set, block)
		if !ok {
			continue
		}
		if s := score(text); s > bestScore || n == 0 {
			best, bestScore = set, s
		}
	}
	return best
}

// score adds one for a character beyond ASCII that fits between its neighbours,
// and takes one off for a character that does not. East Asian ones count double: they
// are two bytes.
func score(text string) (sum int) {
	before := ' '
	for i, c := range text {
		if c >= utf8.RuneSelf {
			after, _ := utf8.DecodeRuneInString(text[i+utf8.RuneLen(c):])
			sum += fit(before, c, after)
		}
		before = c
	}
	return sum
}

func fit(before, c, after rune) int {
	switch {
	case unicode.In(c, unicode.Han, unicode.Hiragana, unicode.Katakana) && c < 0xff00:
		if isASCIILetter(before) || isASCIILetter(after) {
			return -2
		}
		return 2
	case unicode.In(c, unicode.Latin) && unicode.IsLetter(c):
		return fitLetter(before, c, after)
	case c == '£' || c == '€' || c >= '\u2013' && c <= '\u201d' || c == '\u00a0':
		return 1
	}
	return -1
}

// fitLetter wants a letter beside a letter, and no capital after a small one.
func fitLetter(before, c, after rune) int {
	alone := !unicode.IsLetter(before) && !unicode.IsLetter(after)
	if alone || unicode.IsUpper(c) && unicode.IsLower(before) || c == 'ª' || c == 'º' {
		return -1
	}
	return 1
}

func isASCIILetter(c rune) bool { return c < utf8.RuneSelf && unicode.IsLetter(c) }
