// Package mailaddr parses, compares, shows and generates mail addresses.
//
// An address is a dot-atom of RFC 5321 (quoted local parts are refused) with
// the letters of other scripts that RFC 6531 adds. Parse brings it to one
// form: the local part NFC and lower-cased, the domain as lower-case A-labels
// of IDNA2008. Two addresses are the same when their Keys are equal: the Key
// also folds what lower-casing leaves apart, such as ß and ss.
//
// What is wrong is said in words, and where a machine can see what was meant
// the issue suggests it (repair.go). Nearly all addresses are plain ASCII and
// take a path without tables or allocations; everything else goes through
// golang.org/x/text and golang.org/x/net/idna (domain.go).
//
// Addresses for people who have none yet come from a Pattern such as
// {first}.{last} (pattern.go).
package mailaddr

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/language"
	"golang.org/x/text/unicode/norm"
)

// The longest parts that RFC 5321 section 4.5.3.1 allows, in octets.
const (
	MaxLocal  = 64
	MaxDomain = 255
)

// Address is a mail address in the form that Parse gives it.
type Address struct {
	Local  string // NFC and lower case
	Domain string // lower-case A-labels
}

// Parse reads an address such as anna@example.org. The error is an issue.Issue
// of code address-invalid.
func Parse(s string) (Address, error) {
	a, problem := parse(s)
	if problem == "" {
		return a, nil
	}
	i := addressInvalid.New("The address %s %s.", quote(s), problem)
	if better, ok := repair(s); ok {
		i = i.Suggest("Did you mean %s?", better)
	}
	return Address{}, i
}

// parse returns what is wrong as the end of a sentence, or nothing.
func parse(s string) (Address, string) {
	if isASCII(s) {
		s = strings.ToLower(s) // once for both parts
	}
	at := strings.IndexByte(s, '@')
	if problem := shapeProblem(s, at); problem != "" {
		return Address{}, problem
	}
	local := normal(s[:at])
	if problem := localProblem(local); problem != "" {
		return Address{}, problem
	}
	domain, problem := parseDomain(s[at+1:])
	if problem != "" {
		return Address{}, "has a domain that " + problem
	}
	return Address{local, domain}, ""
}

func shapeProblem(s string, at int) string {
	switch {
	case s == "":
		return "is blank"
	case !utf8.ValidString(s):
		return "holds bytes that are not text"
	case hasBlank(s):
		return "has a blank in it"
	case at < 0:
		return "has no @"
	case strings.IndexByte(s[at+1:], '@') >= 0:
		return "has more than one @"
	case at == 0:
		return "has nothing before the @"
	case at == len(s)-1:
		return "has nothing after the @"
	}
	return ""
}

func localProblem(local string) string {
	switch {
	case len(local) > MaxLocal:
		return "has more than 64 octets before the @"
	case local[0] == '"' || local[0] == '\'' && local[len(local)-1] == '\'':
		return "has quotes round its local part"
	case local[0] == '.':
		return "begins with a full stop"
	case local[len(local)-1] == '.':
		return "has a full stop right before the @"
	case strings.Contains(local, ".."):
		return "has two full stops in a row"
	}
	for _, r := range local {
		if r < utf8.RuneSelf && !isAtext[r] {
			return "holds " + quote(string(r)) + ", which may not stand before the @"
		}
		if r >= utf8.RuneSelf && !unicode.IsGraphic(r) {
			return "holds a character that cannot be seen"
		}
	}
	return ""
}

// atext are the characters of a dot-atom: RFC 5322 section 3.2.3.
const atext = "abcdefghijklmnopqrstuvwxyz0123456789.!#$%&'*+-/=?^_`{|}~"

// isAtext is a table because every octet of a million addresses passes it.
var isAtext = func() (table [utf8.RuneSelf]bool) {
	for _, c := range atext {
		table[c] = true
	}
	return table
}()

// String gives the address as Muster stores it and as mail servers want it.
func (a Address) String() string { return a.Local + "@" + a.Domain }

// Display gives the address as people read it: the domain in its own script.
func (a Address) Display() string { return a.Local + "@" + DisplayDomain(a.Domain) }

// Show gives an address as people read it; a text that is none stays as it is.
func Show(text string) string {
	if a, err := Parse(text); err == nil {
		return a.Display()
	}
	return text
}

// Key gives the text by which addresses are compared: equal keys, same address.
func (a Address) Key() string { return fold(a.Local) + "@" + a.Domain }

// normal lower-cases and composes; lower-casing may take a composed letter
// apart again (İ), so NFC comes last.
func normal(s string) string {
	if isASCII(s) {
		return strings.ToLower(s)
	}
	return norm.NFC.String(cases.Lower(language.Und).String(norm.NFC.String(s)))
}

// fold is the canonical caseless match of Unicode (D145): decompose, fold, and
// bring to one form. Cherokee, which folds to capitals, is lower-cased again,
// so that what is folded stays as it is.
func fold(s string) string {
	if isASCII(s) {
		return strings.ToLower(s)
	}
	return norm.NFC.String(strings.ToLower(cases.Fold().String(norm.NFD.String(s))))
}

func hasBlank(s string) bool {
	for i := range len(s) {
		switch c := s[i]; {
		case c == ' ', '\t' <= c && c <= '\r':
			return true
		case c >= utf8.RuneSelf:
			return strings.ContainsFunc(s[i:], unicode.IsSpace)
		}
	}
	return false
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
