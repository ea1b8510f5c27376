package numfmt

import (
	"bytes"
	"math"
	"strconv"
)

// decimal is a number of no sign as Excel knows it, by its first 15 digits:
// 0.DIGITS times ten to the power of point. It has no zeros at either end;
// no digits are 0.
type decimal struct {
	digits []byte
	point  int
}

func decimalOf(v float64) decimal {
	if whole := math.Abs(v); whole < 1e15 && whole == math.Trunc(whole) { // quick, and nearly all are so
		digits := strconv.AppendUint(make([]byte, 0, 16), uint64(whole), 10)
		return decimal{digits, len(digits)}.trimmed()
	}
	text := strconv.AppendFloat(nil, v, 'e', 14, 64) // [-]d.dddddddddddddde[+-]dd
	text = bytes.TrimPrefix(text, []byte("-"))
	mark := bytes.IndexByte(text, 'e')
	power, _ := strconv.Atoi(string(text[mark+1:]))
	digits := append(text[:1], text[2:mark]...)
	return decimal{digits, power + 1}.trimmed()
}

func (d decimal) trimmed() decimal {
	d.digits = bytes.TrimRight(d.digits, "0")
	if len(d.digits) == 0 {
		d.point = 0
	}
	return d
}

func (d decimal) isZero() bool { return len(d.digits) == 0 }

// shift multiplies by a power of ten.
func (d decimal) shift(power int) decimal {
	if !d.isZero() {
		d.point += power
	}
	return d
}

// round rounds to so many places behind the point, which may be negative;
// halves go up.
func (d decimal) round(places int) decimal {
	keep := d.point + places
	switch {
	case keep >= len(d.digits):
		return d
	case keep < 0:
		return decimal{}
	}
	up := d.digits[keep] >= '5'
	d.digits = bytes.Clone(d.digits[:keep])
	for i := keep - 1; up && i >= 0; i-- {
		if up = d.digits[i] == '9'; up {
			d.digits[i] = '0'
		} else {
			d.digits[i]++
		}
	}
	if up {
		return decimal{[]byte("1"), d.point + 1}
	}
	return d.trimmed()
}

// whole returns the digits before the point, none for 0.
func (d decimal) whole() []byte {
	if d.point <= 0 {
		return nil
	}
	whole := bytes.Repeat([]byte("0"), d.point)
	copy(whole, d.digits)
	return whole
}

// behind returns the digits behind the point, without zeros at the end.
func (d decimal) behind() []byte {
	if d.point >= len(d.digits) {
		return nil
	}
	if d.point >= 0 {
		return d.digits[d.point:]
	}
	return append(bytes.Repeat([]byte("0"), -d.point), d.digits...)
}
