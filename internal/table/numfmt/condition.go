package numfmt

import (
	"strconv"
	"strings"
)

// condition says which numbers a section is for. The zero value is for all.
type condition struct {
	operator string // empty = any number
	bound    float64
}

func parseCondition(text string) condition {
	number := strings.TrimLeft(text, "<>=")
	bound, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
	if err != nil {
		return condition{}
	}
	return condition{text[:len(text)-len(number)], bound}
}

func (c condition) holds(v float64) bool {
	switch c.operator {
	case "<":
		return v < c.bound
	case "<=":
		return v <= c.bound
	case ">":
		return v > c.bound
	case ">=":
		return v >= c.bound
	case "=":
		return v == c.bound
	case "<>":
		return v != c.bound
	}
	return true
}

// onlyNegative reports whether no number of 0 or more meets the condition.
func (c condition) onlyNegative() bool {
	switch c.operator {
	case "<":
		return c.bound <= 0
	case "<=", "=":
		return c.bound < 0
	}
	return false
}

// setConditions gives the sections that name no condition the usual ones: the
// second section is for negative numbers, the third for zero.
func setConditions(sections []section) {
	usual := [][]condition{nil, {{}}, {{">=", 0}, {"<", 0}}, {{">", 0}, {"<", 0}, {}}}[len(sections)]
	for i := range sections {
		s := &sections[i]
		if s.condition == (condition{}) {
			s.condition = usual[i]
			if i == 1 && len(sections) == 2 && sections[0].condition != usual[0] {
				s.condition = condition{} // all that the first one leaves
			}
		}
		s.hidesMinus = s.condition.onlyNegative()
	}
}
