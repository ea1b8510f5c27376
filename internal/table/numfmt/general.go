package numfmt

import (
	"math"
	"strconv"
)

// General shows a number in at most 11 characters, sign aside: a point and
// decimals as they fit, and an exponent where numbers are larger, or small ones
// need more than 9 decimals. A whole number has all of its digits here, up to the
// fifteen that Excel keeps: Excel shows one of twelve as 4.47911E+11, but what was
// typed, and what stands in CSV, is a telephone number.
const (
	generalDigits = 11
	mantissa      = 6 // digits of a number that is shown with an exponent
)

func shownGeneral(v float64) Shown {
	if v == math.Trunc(v) && math.Abs(v) < 1e15 {
		return Shown{Text: strconv.FormatInt(int64(v), 10)}
	}
	text, exponent := generalText(v)
	if v < 0 {
		text = append([]byte{'-'}, text...)
	}
	return Shown{Text: string(text), Exponent: exponent}
}

// generalText shows a number without its sign.
func generalText(v float64) (text []byte, exponent bool) {
	d := decimalOf(v)
	places := max(0, generalDigits-1-max(1, d.point))
	rounded := d.round(places)
	tiny := d.point < -3 && len(d.digits)-d.point > places // less than 0.0001, and cut off by rounding
	if rounded.point <= generalDigits && !tiny {
		return rounded.plain(), false
	}
	return d.withExponent(), true
}

func (d decimal) plain() []byte {
	text := d.whole()
	if len(text) == 0 {
		text = []byte("0")
	}
	if behind := d.behind(); len(behind) > 0 {
		text = append(append(text, '.'), behind...)
	}
	return text
}

func (d decimal) withExponent() []byte {
	d = d.round(mantissa - d.point)
	text := decimal{d.digits, 1}.plain()
	power := d.point - 1
	sign := byte('+')
	if power < 0 {
		sign, power = '-', -power
	}
	text = append(text, 'E', sign)
	if power < 10 {
		text = append(text, '0')
	}
	return strconv.AppendInt(text, int64(power), 10)
}

// general shows a number among literals, such as in `General" kg"`.
func (s *section) general(v float64) (out []byte, exponent bool) {
	text, exponent := generalText(v)
	for _, t := range s.tokens {
		if t.kind == generally {
			out = append(out, text...)
		} else {
			out = append(out, t.text...)
		}
	}
	return out, exponent
}
