package numfmt

import (
	"strings"
	"unicode/utf8"
)

// A token is the smallest piece of a code that has a meaning.
type token struct {
	kind kind
	text string // as it stands in the code, but a literal without its quotes
	n    int    // of dates: how many letters; of decimals of a second: how many digits
}

type kind int

const (
	literal kind = iota
	separator
	comparison // [>=100]
	generally  // General
	at         // @
	digit      // 0, # or ?; section.go tells which number it is a digit of
	point
	comma
	percent
	slash
	exponent // E+ or E-
	// dates
	year
	month
	day
	hour
	minute
	second
	decimals       // of a second
	halfDay        // AM/PM or A/P
	elapsedHours   // [h]
	elapsedMinutes // [m]
	elapsedSeconds // [s]
	// digits, by what they belong to
	wholeDigit
	decimalDigit
	exponentDigit
	numeratorDigit
	denominatorDigit
)

func (k kind) isDate() bool { return k >= year && k <= elapsedSeconds }

// signs are the characters that mean something by themselves.
var signs = map[byte]kind{
	';': separator, '@': at, '0': digit, '#': digit, '?': digit, '.': point, ',': comma, '%': percent, '/': slash,
	'y': year, 'e': year, 'm': month, 'd': day, 'h': hour, 's': second,
}

// words are what means something as a whole, in any case.
var words = []struct {
	text string
	kind kind
}{
	{"general", generally}, {"am/pm", halfDay}, {"a/p", halfDay}, {"e+", exponent}, {"e-", exponent},
}

type scanner struct {
	code string // what is left
	last kind   // of the token before
}

// scan cuts a code into sections of tokens.
func scan(code string) [][]token {
	sections := [][]token{nil}
	for s := (scanner{code: code}); s.code != ""; {
		t := s.next()
		s.last = t.kind
		here := &sections[len(sections)-1]
		switch {
		case t.kind == separator:
			sections = append(sections, nil)
		case t.kind != literal || t.text != "":
			*here = append(*here, t)
		}
	}
	return sections
}

func (s *scanner) next() token {
	switch s.code[0] {
	case '"':
		return s.quoted()
	case '\\':
		s.take(1)
		return token{kind: literal, text: s.character()}
	case '_', '*':
		s.take(1)
		s.character()
		return token{kind: literal}
	case '[':
		return s.bracketed()
	}
	for _, w := range words {
		if len(s.code) >= len(w.text) && strings.EqualFold(s.code[:len(w.text)], w.text) {
			return token{kind: w.kind, text: s.take(len(w.text))}
		}
	}
	k := signs[lower(s.code[0])]
	switch {
	case k == literal:
		return token{kind: literal, text: s.character()}
	case k == point && s.last.isDate() && strings.HasPrefix(s.code, ".0"):
		text := s.take(1 + len(s.code[1:]) - len(strings.TrimLeft(s.code[1:], "0")))
		return token{kind: decimals, text: text, n: len(text) - 1}
	case k.isDate():
		text := s.take(run(s.code))
		return token{kind: k, text: text, n: len(text)}
	}
	return token{kind: k, text: s.take(1)}
}

// quoted reads a text up to the closing quote, or to the end.
func (s *scanner) quoted() token {
	text, rest, _ := strings.Cut(s.code[1:], `"`)
	s.code = rest
	return token{kind: literal, text: text}
}

// bracketed reads a condition, a currency, elapsed time, or what shows nothing:
// a colour, a locale, a set of numerals.
func (s *scanner) bracketed() token {
	inside, rest, closed := strings.Cut(s.code[1:], "]")
	if !closed {
		return token{kind: literal, text: s.take(1)}
	}
	s.code = rest
	switch {
	case inside == "":
		return token{kind: literal}
	case inside[0] == '$':
		currency, _, _ := strings.Cut(inside[1:], "-")
		return token{kind: literal, text: currency}
	case strings.IndexByte("<>=", inside[0]) >= 0:
		return token{kind: comparison, text: inside}
	case run(inside) == len(inside):
		switch lower(inside[0]) {
		case 'h':
			return token{kind: elapsedHours, n: len(inside)}
		case 'm':
			return token{kind: elapsedMinutes, n: len(inside)}
		case 's':
			return token{kind: elapsedSeconds, n: len(inside)}
		}
	}
	return token{kind: literal}
}

// take consumes so many bytes.
func (s *scanner) take(n int) string {
	text := s.code[:n]
	s.code = s.code[n:]
	return text
}

// character consumes one character; there may be none.
func (s *scanner) character() string {
	_, size := utf8.DecodeRuneInString(s.code)
	return s.take(size)
}

// run counts how often the first letter is repeated, in any case.
func run(s string) int {
	n := 1
	for n < len(s) && lower(s[n]) == lower(s[0]) {
		n++
	}
	return n
}

func lower(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		c += 'a' - 'A'
	}
	return c
}
