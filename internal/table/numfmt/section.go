package numfmt

import (
	"strconv"
	"strings"
)

// section is one of the parts of a code between semicolons, sorted out.
type section struct {
	kind       sectionKind
	tokens     []token
	condition  condition
	hidesMinus bool // all numbers that come here are negative, and Excel leaves that to the code

	wholes, decimals         int // digits before and after the point
	exponents                int
	numerators, denominators int
	denominator              int  // a fixed one, as in "# ?/8"; 0 = any that fits
	grouped                  bool // 1,000
	scale                    int  // powers of ten: 2 for a percent sign, -3 for a comma behind the digits
}

type sectionKind int

const (
	fixed sectionKind = iota // also a section of literals alone
	general
	scientific
	fraction
	dated
	textual
)

func newSection(tokens []token) section {
	s := section{}
	s.takeConditions(tokens)
	switch {
	case s.has(kind.isDate):
		s.kind = dated
		s.tellMinutes()
		s.keep(kind.isDate)
	case s.has(is(generally)):
		s.kind = general
		s.keep(is(generally))
	case s.has(is(at)):
		s.kind = textual
		s.keep(is(at))
	case s.splitFraction():
		s.kind = fraction
	default:
		s.sortDigits()
	}
	return s
}

func is(k kind) func(kind) bool { return func(other kind) bool { return k == other } }

func (s *section) has(f func(kind) bool) bool { return s.find(f) >= 0 }

func (s *section) find(f func(kind) bool) int {
	for i, t := range s.tokens {
		if f(t.kind) {
			return i
		}
	}
	return -1
}

// keep makes literals of all tokens but the ones asked for.
func (s *section) keep(f func(kind) bool) {
	for i := range s.tokens {
		if t := &s.tokens[i]; !f(t.kind) {
			t.kind = literal
		}
	}
}

// takeConditions takes conditions out of the tokens; the last one counts.
func (s *section) takeConditions(tokens []token) {
	for _, t := range tokens {
		if t.kind == comparison {
			s.condition = parseCondition(t.text)
		} else {
			s.tokens = append(s.tokens, t)
		}
	}
}

// tellMinutes makes minutes of the months that stand behind hours or before seconds.
func (s *section) tellMinutes() {
	before := -1 // the date token before
	for i := range s.tokens {
		t := &s.tokens[i]
		if !t.kind.isDate() || t.kind == halfDay {
			continue
		}
		isMonth := func(at int) bool { return s.tokens[at].kind == month && s.tokens[at].n <= 2 }
		if before >= 0 {
			switch previous := &s.tokens[before]; {
			case isMonth(i) && (previous.kind == hour || previous.kind == elapsedHours):
				t.kind = minute
			case isMonth(before) && (t.kind == second || t.kind == elapsedSeconds):
				previous.kind = minute
			}
		}
		before = i
	}
}

// sortDigits tells digits before the point from those after it and those of the
// exponent, and commas that group thousands from those that divide by them.
func (s *section) sortDigits() {
	part, count := wholeDigit, &s.wholes
	last := -1 // the last digit that is not of an exponent
	for i := range s.tokens {
		switch t := &s.tokens[i]; {
		case t.kind == digit:
			t.kind = part
			*count++
			if part != exponentDigit {
				last = i
			}
		case t.kind == point && part == wholeDigit:
			part, count = decimalDigit, &s.decimals
		case t.kind == exponent && last >= 0 && part != exponentDigit:
			s.kind = scientific
			part, count = exponentDigit, &s.exponents
		case t.kind == percent:
			s.scale += 2
			t.kind = literal
		case t.kind != comma:
			t.kind = literal
		}
	}
	s.sortCommas(last)
}

// sortCommas drops the commas that have a meaning and sets what they mean; last
// is the last digit.
func (s *section) sortCommas(last int) {
	tokens, wholes, decimals := s.tokens, 0, 0
	s.tokens = s.tokens[:0]
	behindDigit := false
	for i, t := range tokens {
		switch {
		case t.kind == wholeDigit:
			wholes++
		case t.kind == decimalDigit:
			decimals++
		case t.kind == comma && behindDigit && (i > last || wholes == s.wholes && decimals == 0):
			s.scale -= 3
			continue
		case t.kind == comma && wholes+decimals > 0 && i < last:
			s.grouped = s.grouped || wholes < s.wholes
			continue
		case t.kind == comma:
			t.kind = literal // such as in ", 0"
		}
		behindDigit = t.kind == wholeDigit || t.kind == decimalDigit
		s.tokens = append(s.tokens, t)
	}
}

// splitFraction finds the digits on both sides of a slash; false where there
// are none.
func (s *section) splitFraction() bool {
	bar := s.find(is(slash))
	if bar < 1 || bar+1 == len(s.tokens) || s.tokens[bar-1].kind != digit {
		return false
	}
	after := bar + 1
	if fixed := s.fixedDenominator(after); fixed == 0 && s.tokens[after].kind != digit {
		return false
	}
	numerator := bar
	for numerator > 0 && s.tokens[numerator-1].kind == digit {
		numerator--
	}
	for i := range s.tokens {
		switch t := &s.tokens[i]; {
		case i == bar, t.kind == denominatorDigit:
		case t.kind != digit:
			t.kind = literal
		case i < numerator:
			t.kind = wholeDigit
			s.wholes++
		case i < bar:
			t.kind = numeratorDigit
			s.numerators++
		default:
			t.kind = denominatorDigit
			s.denominators++
		}
	}
	return true
}

// fixedDenominator reads a number such as 8 or 100 from the tokens behind the
// slash, and makes it one literal.
func (s *section) fixedDenominator(from int) int {
	to, text := from, ""
	for to < len(s.tokens) && len(text) < 5 && strings.Trim(s.tokens[to].text, "0123456789") == "" {
		text += s.tokens[to].text
		to++
	}
	n, _ := strconv.Atoi(text)
	if n > 0 {
		s.denominator = n
		s.tokens = append(append(s.tokens[:from:from], token{kind: denominatorDigit, text: text}), s.tokens[to:]...)
	}
	return n
}
