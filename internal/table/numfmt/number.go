package numfmt

import "strconv"

// aligned puts the digits of a whole number into placeholders from the right:
// the first placeholder takes all that are left over.
type aligned struct {
	digits  []byte
	places  int // how many placeholders there are
	used    int
	grouped bool
}

func (a *aligned) put(out []byte, placeholder string) []byte {
	first := a.places - a.used // counted from the right, 1 = ones
	last := first
	if a.used == 0 {
		first = max(first, len(a.digits))
	}
	a.used++
	for at := first; at >= last; at-- {
		before := len(out)
		switch {
		case at <= len(a.digits):
			out = append(out, a.digits[len(a.digits)-at])
		case placeholder == "0":
			out = append(out, '0')
		case placeholder == "?":
			out = append(out, ' ')
		}
		if a.grouped && at > 1 && at%3 == 1 && len(out) > before {
			out = append(out, separatorAfter(out[before]))
		}
	}
	return out
}

// separatorAfter keeps the blanks of "?" from being separated by commas.
func separatorAfter(c byte) byte {
	if c == ' ' {
		return ' '
	}
	return ','
}

// rest puts all digits where no placeholder has taken them, as in ".00".
func (a *aligned) rest(out []byte) []byte {
	if a.used > 0 || len(a.digits) == 0 {
		return out
	}
	a.places = 1
	return a.put(out, "#")
}

// trailing puts the digits behind a point into placeholders from the left.
type trailing struct{ digits []byte }

func (t *trailing) put(out []byte, placeholder string) []byte {
	switch {
	case len(t.digits) > 0:
		out, t.digits = append(out, t.digits[0]), t.digits[1:]
	case placeholder == "0":
		out = append(out, '0')
	case placeholder == "?":
		out = append(out, ' ')
	}
	return out
}

// figures are the numbers that go into a section.
type figures struct {
	whole    aligned
	decimals trailing
	exponent aligned
	negative bool // the exponent
}

// fixed shows a number in the placeholders of a section. zero tells that no
// other digit than 0 is left of it.
func (s *section) fixed(v float64) (out []byte, zero bool) {
	d := decimalOf(v).shift(s.scale).round(s.decimals)
	return s.fill(s.figures(d)), d.isZero() && s.wholes+s.decimals > 0
}

func (s *section) figures(d decimal) *figures {
	return &figures{
		whole:    aligned{digits: d.whole(), places: s.wholes, grouped: s.grouped},
		decimals: trailing{d.behind()},
	}
}

// scientific shows a number with an exponent, which goes up by as many as there
// are digits before the point.
func (s *section) scientific(v float64) []byte {
	d := decimalOf(v).shift(s.scale)
	power := s.power(d)
	m := d.shift(-power).round(s.decimals)
	if more := s.power(m); more != 0 { // 9.99 has become 10.0
		power += more
		m = m.shift(-more)
	}
	f := s.figures(m)
	if f.negative = power < 0; f.negative {
		power = -power
	}
	f.exponent = aligned{digits: strconv.AppendInt(nil, int64(power), 10), places: s.exponents}
	return s.fill(f)
}

// power is the exponent that leaves so many digits before the point as there
// are placeholders, or fewer.
func (s *section) power(d decimal) int {
	if d.isZero() {
		return 0
	}
	if s.wholes == 0 {
		return d.point
	}
	power := d.point - 1
	rest := power % s.wholes
	if rest < 0 {
		rest += s.wholes
	}
	return power - rest
}

func (s *section) fill(f *figures) []byte {
	out := make([]byte, 0, 2*len(s.tokens)+16)
	for _, t := range s.tokens {
		switch t.kind {
		case wholeDigit:
			out = f.whole.put(out, t.text)
		case point:
			out = append(f.whole.rest(out), '.')
		case decimalDigit:
			out = f.decimals.put(out, t.text)
		case exponent:
			out = append(out, 'E')
			if f.negative {
				out = append(out, '-')
			} else if t.text[1] == '+' {
				out = append(out, '+')
			}
		case exponentDigit:
			out = f.exponent.put(out, t.text)
		default:
			out = append(out, t.text...)
		}
	}
	return out
}
