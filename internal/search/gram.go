package search

import (
	"strings"
	"unicode/utf8"
)

// gram is three letters that stand in a word one after the other, 21 bits each, or
// the first one or two of a word.
type gram uint64

const (
	gramLength = 3
	letterBits = 21
	beginning  = gram(1) << (gramLength * letterBits)
)

// grams calls f for each gram of a text. A word of so many letters has as many.
func grams(text string, f func(gram)) {
	g, n := gram(0), 0
	for _, r := range text {
		if !isLetter(r) {
			g, n = 0, 0
			continue
		}
		g = (g<<letterBits | gram(r)) &^ beginning
		if n++; n < gramLength {
			f(g | beginning)
		} else {
			f(g)
		}
	}
}

// gramsOf are those that a text has if a word fits it. The letters at the beginning of
// what is searched for may stand in the middle of a longer word, unless they are few.
func gramsOf(word string) (names []string) {
	few := utf8.RuneCountInString(word) < gramLength
	first, _ := utf8.DecodeRuneInString(word)
	inside := !few && isLetter(first)
	for run := range strings.FieldsFuncSeq(word, func(r rune) bool { return !isLetter(r) }) {
		var all []gram
		grams(run, func(g gram) { all = append(all, g) })
		switch {
		case len(all) >= gramLength:
			all = all[gramLength-1:] // which have the beginnings in them
		case inside:
			all = nil
		default:
			all = all[len(all)-1:]
		}
		for _, g := range all {
			names = append(names, g.name())
		}
		inside = false
	}
	return names
}

// name is how a gram is written: "jon", and "^jo" for the beginning of a word. No
// letter is "^".
func (g gram) name() string {
	letters := make([]rune, 0, 1+gramLength)
	if g&beginning != 0 {
		letters = append(letters, '^')
	}
	for shift := (gramLength - 1) * letterBits; shift >= 0; shift -= letterBits {
		if r := rune(g >> shift & (1<<letterBits - 1)); r != 0 {
			letters = append(letters, r)
		}
	}
	return string(letters)
}
