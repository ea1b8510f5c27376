// Package numfmt shows numbers as a spreadsheet does: it reads the number
// format code of a cell, such as "00000", "#,##0.00" or "yyyy-mm-dd", and says
// what a person sees in that cell.
//
// Parse works once for a code: scan.go cuts it into tokens, section.go sorts
// the tokens of each section into a plan. Number then only fills the plan:
// general.go, number.go, fraction.go and date.go do so for one kind of section
// each. All digits come from decimal.go, which knows a number as Excel does, by
// its first 15 digits, so that 1.005 is shown as 1.01 in "0.00".
//
// The codes are those of ECMA-376 part 1, section 18.8.31, which .xls and .xlsx
// share. What depends on the settings of a person's computer is fixed:
//
//   - names of months and days are English, the point is ".", the comma ",";
//   - built-in codes 14 and 22, "the date as usual here", are ISO dates;
//   - the column is taken for wide: nothing is "#####" or rounded for want of
//     room. Where Excel shows "#####" whatever the width, such as for a date
//     before 1900, the number itself is shown;
//   - padding ("_" and "*" with the character after them), colours and locales
//     show nothing, and blanks at either end of a number are no part of it.
package numfmt

import (
	"bytes"
	"math"
	"strings"
)

// maxCode is longer than any code that Excel writes: 255 characters of up to
// three bytes.
const maxCode = 765

// Format is a number format, ready for use. It may be used by several
// goroutines at once.
type Format struct {
	sections []section // of numbers, the first one whose condition holds is taken
	text     *section  // of texts; nil = as they stand
}

// Shown is what a person sees of a number.
type Shown struct {
	Text     string
	Date     bool // a date, a time or both
	Exponent bool // such as 4.47911E+11
}

// Parse reads a code. Codes are never refused: what has no meaning is shown as
// it stands, and a code longer than any program writes is General.
func Parse(code string) *Format {
	if len(code) > maxCode {
		code = "General"
	}
	f := &Format{}
	for i, tokens := range scan(code) {
		s := newSection(tokens)
		if i == 3 || s.kind == textual {
			f.text = &s
			break
		}
		f.sections = append(f.sections, s)
	}
	setConditions(f.sections)
	return f
}

// Number shows a number. date1904 says from when the workbook counts days:
// 1904, or 1900 as nearly all do.
func (f *Format) Number(v float64, date1904 bool) Shown {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return Shown{Text: "#NUM!"} // Excel has no such number
	}
	for i := range f.sections {
		if s := &f.sections[i]; s.condition.holds(v) {
			return s.show(v, date1904)
		}
	}
	return shownGeneral(v)
}

// Text shows a text, which few codes change.
func (f *Format) Text(s string) string {
	if f.text == nil {
		return s
	}
	var b strings.Builder
	for _, t := range f.text.tokens {
		switch t.kind {
		case at:
			b.WriteString(s)
		case literal:
			b.WriteString(t.text)
		}
	}
	return b.String()
}

// show fills the section with a number that meets its condition.
func (s *section) show(v float64, date1904 bool) Shown {
	var out []byte
	shown := Shown{}
	zero := false // nothing but zeros is left after rounding
	switch s.kind {
	case dated:
		if text, ok := s.date(v, date1904); ok {
			return Shown{Text: trim(text), Date: true}
		}
		return shownGeneral(v)
	case general:
		if len(s.tokens) == 1 {
			return shownGeneral(v)
		}
		out, shown.Exponent = s.general(v)
	case scientific:
		out, shown.Exponent = s.scientific(v), true
	case fraction:
		if math.Abs(v) >= noFraction {
			return shownGeneral(v)
		}
		out = s.fraction(v)
	default:
		out, zero = s.fixed(v)
	}
	if v < 0 && !s.hidesMinus && !zero {
		out = append([]byte{'-'}, out...)
	}
	shown.Text = trim(out)
	return shown
}

func trim(text []byte) string { return string(bytes.Trim(text, " ")) }
