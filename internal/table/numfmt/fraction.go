package numfmt

import (
	"math"
	"strconv"
)

const (
	maxDenominatorDigits = 7    // of a denominator, as in Excel
	noFraction           = 1e15 // from here on 15 digits leave no room for one
	nearlyWhole          = 5e-8
)

// fraction shows a number such as 2 3/4.
func (s *section) fraction(v float64) []byte {
	v = math.Abs(v)
	whole := 0.0
	if s.wholes > 0 {
		whole = math.Floor(v)
	}
	n, d := s.ratio(v - whole)
	if s.wholes > 0 && n == float64(d) {
		whole, n = whole+1, 0
	}
	wholes := aligned{digits: decimalOf(whole).whole(), places: s.wholes}
	numerator := aligned{digits: decimalOf(n).whole(), places: s.numerators}
	if n == 0 {
		numerator.digits = []byte("0")
	}
	return s.fillFraction(wholes, numerator, strconv.Itoa(d), n == 0 && s.wholes > 0)
}

// ratio returns the fraction for v whose denominator fits: as in Excel the last
// convergent of the continued fraction, not the nearest of all.
func (s *section) ratio(v float64) (n float64, d int) {
	if s.denominator > 0 {
		return math.Round(v * float64(s.denominator)), s.denominator
	}
	most := math.Pow10(min(s.denominators, maxDenominatorDigits)) - 1
	n0, d0, n1, d1 := 0.0, 1.0, 1.0, 0.0 // the last two convergents
	for x := v; ; x = 1 / (x - math.Floor(x)) {
		n2, d2 := math.Floor(x)*n1+n0, math.Floor(x)*d1+d0
		if d2 > most {
			return n1, int(d1)
		}
		n0, d0, n1, d1 = n1, d1, n2, d2
		if x-math.Floor(x) < nearlyWhole {
			return n1, int(d1)
		}
	}
}

// fillFraction leaves the fraction out where there is only a whole number; then
// a whole number of 0 is shown, whatever its placeholder.
func (s *section) fillFraction(whole, numerator aligned, denominator string, none bool) (out []byte) {
	left := trailing{[]byte(denominator)}
	right := aligned{digits: left.digits, places: s.denominators}
	for _, t := range s.tokens {
		switch {
		case t.kind == wholeDigit && none && len(whole.digits) == 0 && whole.used == whole.places-1:
			out = whole.put(out, "0")
		case t.kind == wholeDigit:
			out = whole.put(out, t.text)
		case t.kind == literal:
			out = append(out, t.text...)
		case none:
		case t.kind == numeratorDigit:
			out = numerator.put(out, t.text)
		case t.kind == denominatorDigit && s.denominator == 0 && t.text == "0":
			out = right.put(out, t.text)
		case t.kind == denominatorDigit && s.denominator == 0:
			out = left.put(out, t.text)
		default:
			out = append(out, t.text...)
		}
	}
	return out
}
