// Package suggest finds what was probably meant where a name is not known: a
// domain, a heading, the path of a group. It compares by the Damerau–
// Levenshtein distance (restricted: no letter is moved twice), passing over
// case and blanks. A suggestion is only worth making where it is nearly
// certain, so at most two slips count, and fewer than half of the word.
package suggest

import (
	"iter"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// mostEdits are the slips that a suggestion forgives.
const mostEdits = 2

// Nearest returns the known name nearest to word, and whether one is near
// enough: at most 2 edits and less than half of the word's length. Of several
// equally near ones it returns the first in alphabetical order.
func Nearest[Names []string | iter.Seq[string]](word string, known Names) (string, bool) {
	return Within(mostEdits, word, known)
}

// Within is as Nearest, with another number of edits.
func Within[Names []string | iter.Seq[string]](edits int, word string, known Names) (string, bool) {
	names, ok := any(known).(iter.Seq[string])
	if !ok {
		names = slices.Values(any(known).([]string))
	}
	folded := fold(word)
	limit := min(edits, (len(folded)-1)/2)
	best, found := "", false
	for name := range names {
		d := distance(folded, fold(name), limit)
		if d < limit || d == limit && (!found || name < best) {
			best, found, limit = name, true, d
		}
	}
	return best, found
}

func fold(s string) []rune {
	text := norm.NFC.String(cases.Fold().String(s))
	return []rune(strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, text))
}

// distance counts the letters put in, left out, replaced or swapped with their
// neighbour between a and b; beyond limit it may return any larger number.
func distance(a, b []rune, limit int) int {
	if len(a)-len(b) > limit || len(b)-len(a) > limit {
		return limit + 1
	}
	beforeLast, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		beforeLast, last, row = last, row, beforeLast
		row[0] = i
		for j := 1; j <= len(b); j++ {
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost(a[i-1], b[j-1]))
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], beforeLast[j-2]+1)
			}
		}
		if slices.Min(row) > limit {
			return limit + 1
		}
	}
	return row[len(b)]
}

func cost(a, b rune) int {
	if a == b {
		return 0
	}
	return 1
}
