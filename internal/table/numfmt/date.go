package numfmt

import (
	"math"
	"strconv"
	"time"
)

const (
	firstDay1904  = 1462    // 1 January 1904, as a day of the count from 1900
	afterLastDay  = 2958466 // 1 January 10000
	unixDay       = 25569   // 1 January 1970
	leapDay       = 60      // 29 February 1900, which Excel believes in
	secondsOfDay  = 24 * 60 * 60
	mostDecimals  = 3 // of a second
	hoursOfHalf   = 12
	minutesOfHour = 60
)

// moment is a number taken apart as date and time.
type moment struct {
	year, month, day    int
	weekday             int // 0 = Sunday
	hour, minute, secs  int
	fraction, fractions int   // of a second: so many of so many
	elapsed             int64 // seconds since the count began
	halves              bool  // the clock has 12 hours
}

// date shows a number as date and time; ok is false where Excel would show
// "#####".
func (s *section) date(v float64, date1904 bool) (out []byte, ok bool) {
	out = make([]byte, 0, 32)
	negative := v < 0
	if negative {
		if !s.has(func(k kind) bool { return k >= elapsedHours && k <= elapsedSeconds }) {
			return nil, false
		}
		out, v = append(out, '-'), -v
	}
	m, ok := s.moment(v, date1904)
	if !ok {
		return nil, false
	}
	for _, t := range s.tokens {
		out = m.put(out, t)
	}
	return out, true
}

// moment rounds to the smallest unit that is shown, seconds at the largest, and
// counts the days from 1900.
func (s *section) moment(v float64, date1904 bool) (m moment, ok bool) {
	if v >= afterLastDay {
		return m, false
	}
	m.fractions = int(math.Pow10(s.fractionDigits()))
	ticks := int64(math.Round(v * secondsOfDay * float64(m.fractions)))
	m.fraction = int(ticks % int64(m.fractions))
	m.elapsed = ticks / int64(m.fractions)
	days, rest := int(m.elapsed/secondsOfDay), int(m.elapsed%secondsOfDay)
	m.hour, m.minute, m.secs = rest/3600, rest/60%60, rest%60
	m.halves = s.has(is(halfDay))
	if date1904 {
		days += firstDay1904
	}
	m.setDay(days)
	return m, days < afterLastDay
}

// fractionDigits is how many digits of a second are shown, or what is needed so
// that a date alone is not rounded up to the next day.
func (s *section) fractionDigits() int {
	most := mostDecimals
	for _, t := range s.tokens {
		if t.kind == decimals {
			return min(t.n, mostDecimals)
		}
		if t.kind >= hour && t.kind <= elapsedSeconds {
			most = 0
		}
	}
	return most
}

// setDay sets the date. Excel takes 1900 for a leap year, so before March days
// are one off; day 0 is 0 January.
func (m *moment) setDay(days int) {
	m.weekday = (days + 6) % 7
	switch {
	case days == 0:
		m.year, m.month = 1900, 1
		return
	case days == leapDay:
		m.year, m.month, m.day = 1900, 2, 29
		return
	case days < leapDay:
		days++
	}
	at := time.Unix(int64(days-unixDay)*secondsOfDay, 0).UTC()
	m.year, m.month, m.day = at.Year(), int(at.Month()), at.Day()
}

func (m *moment) put(out []byte, t token) []byte {
	switch t.kind {
	case year:
		if t.n <= 2 && lower(t.text[0]) == 'y' {
			return padded(out, m.year%100, 2)
		}
		return padded(out, m.year, 4)
	case month:
		return named(out, m.month, t.n, time.Month(m.month).String())
	case day:
		if t.n <= 2 {
			return padded(out, m.day, t.n)
		}
		return named(out, 0, t.n, time.Weekday(m.weekday).String())
	default:
		return m.putTime(out, t)
	}
}

func (m *moment) putTime(out []byte, t token) []byte {
	switch t.kind {
	case hour:
		h := m.hour
		if m.halves {
			h = (h+hoursOfHalf-1)%hoursOfHalf + 1
		}
		return padded(out, h, min(t.n, 2))
	case minute:
		return padded(out, m.minute, min(t.n, 2))
	case second:
		return padded(out, m.secs, min(t.n, 2))
	case decimals:
		shown := padded(nil, m.fraction*1000/m.fractions, 3)
		for len(shown) < t.n {
			shown = append(shown, '0')
		}
		return append(append(out, '.'), shown[:t.n]...)
	case halfDay:
		return m.putHalf(out, t.text)
	case elapsedHours:
		return padded(out, int(m.elapsed/3600), t.n)
	case elapsedMinutes:
		return padded(out, int(m.elapsed/minutesOfHour), t.n)
	case elapsedSeconds:
		return padded(out, int(m.elapsed), t.n)
	}
	return append(out, t.text...)
}

// putHalf writes AM or PM, A or P, in the case that the code has.
func (m *moment) putHalf(out []byte, code string) []byte {
	from, to := 0, len(code)/2
	if m.hour >= hoursOfHalf {
		from, to = to+1, len(code)
	}
	return append(out, code[from:to]...)
}

// named writes a month or day by number, short name, name or first letter.
func named(out []byte, number, letters int, name string) []byte {
	switch letters {
	case 1, 2:
		return padded(out, number, letters)
	case 3:
		return append(out, name[:3]...)
	case 5:
		return append(out, name[:1]...)
	}
	return append(out, name...)
}

// padded writes a number with zeros before it.
func padded(out []byte, n, digits int) []byte {
	text := strconv.Itoa(n)
	for i := len(text); i < digits; i++ {
		out = append(out, '0')
	}
	return append(out, text...)
}
