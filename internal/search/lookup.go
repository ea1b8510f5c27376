package search

import "slices"

// lookup is what is looked up of a query in each segment.
type lookup struct {
	all  []string   // grams that an entry has
	any  [][]string // of each of these lists it has a label
	none []string   // labels that it has not

	looked bool // in a segment
}

func (q *Query) lookup() *lookup {
	l := &lookup{any: q.Any, none: q.None}
	for _, word := range q.Words {
		l.all = append(l.all, gramsOf(word)...)
	}
	return l
}

// names are all grams and labels.
func (l *lookup) names() []string {
	return slices.Compact(slices.Sorted(slices.Values(slices.Concat(slices.Concat(l.any...), l.all, l.none))))
}

// slots returns the slots of a segment whose entries may fit, of what it has of the
// grams and labels.
func (l *lookup) slots(entries int, has map[string][]byte) (slots, error) {
	found := allSlots(entries)
	for _, name := range l.all {
		if err := found.keep(has, name); err != nil {
			return nil, err
		}
	}
	for _, list := range l.any {
		if err := found.keep(has, list...); err != nil {
			return nil, err
		}
	}
	not := allSlots(entries)
	if err := not.keep(has, l.none...); err != nil {
		return nil, err
	}
	found.drop(not)
	return found, nil
}

// learn gives up, for all segments but the first, grams that many entries of that one
// have, if others are left: they leave out few, and to read them takes longest. It
// learns of one only: what a segment has many of may be its own, such as the local ids
// of a year, and in the end nothing would be left to look up.
func (l *lookup) learn(has map[string][]byte) {
	rare := slices.DeleteFunc(slices.Clone(l.all), func(gram string) bool { return isCommon(has[gram]) })
	if !l.looked && len(rare) > 0 {
		l.all = rare
	}
	l.looked = true
}
