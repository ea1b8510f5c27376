package mailaddr

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// repair undoes the slips that people make, all of them at once, and keeps the
// result only if it is an address.
func repair(s string) (string, bool) {
	if open := strings.LastIndexByte(s, '<'); open >= 0 { // Anna Smith <anna@example.org>
		s, _, _ = strings.Cut(s[open+1:], ">")
	}
	if blankWithin(s) {
		return "", false
	}
	s = strings.TrimPrefix(s, "mailto:")
	s = strings.Map(dropUnwanted, s)
	if strings.HasPrefix(s, "'") {
		s = strings.Replace(strings.Trim(s, "'"), "'@", "@", 1)
	}
	s = strings.Trim(s, ".,;:")
	s = strings.ReplaceAll(s, ",", ".")
	for strings.Contains(s, "..") {
		s = strings.ReplaceAll(s, "..", ".")
	}
	s = strings.ReplaceAll(strings.ReplaceAll(s, ".@", "@"), "@.", "@")
	a, problem := parse(s)
	return a.Display(), problem == ""
}

// blankWithin reports whether a blank stands between two letters or digits:
// nobody can tell whether they are one word or two.
func blankWithin(s string) bool {
	words := strings.FieldsFunc(s, func(r rune) bool { return unicode.Is(unicode.Zs, r) })
	for i := 1; i < len(words); i++ {
		before, _ := utf8.DecodeLastRuneInString(words[i-1])
		after, _ := utf8.DecodeRuneInString(words[i])
		if isWordly(before) && isWordly(after) {
			return true
		}
	}
	return false
}

func isWordly(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

func dropUnwanted(r rune) rune {
	if unicode.IsSpace(r) || !unicode.IsPrint(r) || r == unicode.ReplacementChar || strings.ContainsRune(`"“”„«»`, r) {
		return -1
	}
	return r
}

// quote puts a text that may be anything into a message: printable, and cut
// where nobody would read on.
func quote(s string) string {
	const most = 80
	if r := []rune(s); len(r) > most {
		s = string(r[:most]) + "…"
	}
	return strconv.Quote(s)
}
