// Package search is the index by which users are found: by any of their words, and
// by what lists are narrowed down to. It knows no database and no users, only
// entries: a key that orders them, a text, and labels.
//
// Words are found by grams. A gram is three letters that stand in a word one after
// the other, or the first one or two of a word. Every part of three letters or more
// is made of the first kind, every shorter beginning is of the second; so an entry
// that has not all the grams of a search cannot fit. One that has them may fit:
// whoever asks compares it with what is searched for (Query.Fits).
//
// The index has two parts. New entries are appended to the recent ones, which are
// read from end to end by whoever searches (recent.go). When there are many of
// them, they are made into a segment (segment.go), which is never changed: the keys
// in their order, on pages, and for each gram and label the places of its entries,
// packed (postings.go). So a new entry costs little more than to write it once. A
// query combines what a segment has of its grams and labels, and Find takes the
// first keys out of all segments in their order (find.go), without looking at the
// others.
//
// An entry is never taken out. Where that of a key has changed, there is a further
// one; a former one may be found too, like one that is gone. That, too, is for
// whoever asks to find out.
package search

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Entry is what is found. Texts have to be folded, as those that are searched for.
type Entry struct {
	Key    string
	Text   string // words that do not belong together stand on lines of their own
	Labels string // one a line, such as org=RX1; "=" stands in each
}

// Query says which entries are wanted.
type Query struct {
	Words []string   // all of which fit the text
	Any   [][]string // of each of these lists the entry has a label
	None  []string   // labels that it has not
}

// Words are what a folded text searches for: its words, but for those without a
// letter or digit, which say nothing.
func Words(text string) (words []string) {
	for word := range strings.FieldsSeq(text) {
		if strings.ContainsFunc(word, isLetter) {
			words = append(words, word)
		}
	}
	return words
}

// Fits reports whether each of the words fits a text: as a part, or where it has
// only one or two letters, as the beginning of a word.
func (q *Query) Fits(text string) bool {
	for _, word := range q.Words {
		if !fits(text, word) {
			return false
		}
	}
	return true
}

func fits(text, word string) bool {
	if utf8.RuneCountInString(word) >= gramLength {
		return strings.Contains(text, word)
	}
	return Begins(text, word)
}

// Begins reports whether a part stands in a text at the beginning of a word.
func Begins(text, part string) bool {
	for from := 0; from < len(text); from++ {
		n := strings.Index(text[from:], part)
		if n < 0 {
			return false
		}
		from += n
		if before, _ := utf8.DecodeLastRuneInString(text[:from]); !isLetter(before) {
			return true
		}
	}
	return false
}

// isLetter reports whether a character belongs to a word: letters, digits, and
// the marks that some scripts put on them.
func isLetter(r rune) bool {
	if r < utf8.RuneSelf {
		return letters[r]
	}
	return unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsMark(r)
}

var letters = func() (table [utf8.RuneSelf]bool) {
	for r := range rune(utf8.RuneSelf) {
		table[r] = unicode.IsLetter(r) || unicode.IsDigit(r)
	}
	return table
}()
