package mailaddr

import (
	"strconv"
	"strings"
	"unicode"
)

// repair undoes the slips that people make, all of them at once, and keeps the
// result only if it is an address.
func repair(s string) (string, bool) {
	if open := strings.LastIndexByte(s, '<'); open >= 0 { // Anna Smith <anna@example.org>
		s, _, _ = strings.Cut(s[open+1:], ">")
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
