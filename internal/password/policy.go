// Package password says which passwords are good enough, makes good ones, and
// stores and verifies them.
//
// A Policy belongs to an organisation; Check tells everything that is wrong
// with a password for its user at once (policy.go). The common passwords come
// with the program (common.go), the breached ones with a file of the operator
// that is searched where it lies (breach.go).
//
// What people choose is stored as argon2id, which is slow on purpose (Hash).
// What Generate makes has 112 bits and more: no guessing reaches that, so a
// salted SHA-512 is enough (HashGenerated). Verify knows these two and the
// other schemes of Dovecot that are sound enough to take over from another
// system (scheme.go); ParseHash brings such a hash to the stored form
// {SCHEME}…, which Dovecot reads as it is, and refuses those that would cost
// too much at each sign-in.
package password

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"muster/internal/issue"
)

// Policy is what an organisation asks of its passwords. Lengths are in
// characters.
type Policy struct {
	MinLength            int `json:"min_length"`
	MinLengthApplication int `json:"min_length_application"` // of mailboxes that programs use
	MaxLength            int `json:"max_length"`
	Classes              int `json:"classes"`    // of small, capital, digit, other that must occur: 0 to 4
	Remembered           int `json:"remembered"` // former passwords that may not be used again
}

// DefaultPolicy asks for length, not for kinds of characters.
func DefaultPolicy() Policy {
	return Policy{MinLength: 10, MinLengthApplication: 20, MaxLength: 128, Classes: 0, Remembered: 4}
}

// Subject is the user whose password is checked.
type Subject struct {
	Names       []string // first, last, display name …
	Local       string   // local part of the primary address
	Application bool     // the mailbox is used by a program
}

// Breaches knows passwords that became public.
type Breaches interface {
	Contains(pw string) (bool, error)
}

// Check returns everything that keeps pw from being the password of s. Without
// a list, breaches is nil; one that cannot be read is a problem as well.
func (p Policy) Check(pw string, s Subject, breaches Breaches) []issue.Issue {
	issues := p.checkShape(pw, s)
	if containsPart(pw, append([]string{s.Local}, s.Names...)) {
		issues = append(issues, containsName.New("The password contains four or more letters in a row of the user's names or address."))
	}
	if isCommon(pw) {
		issues = append(issues, common.New("The password is one of the most common ones."))
	}
	if breaches == nil {
		return issues
	}
	switch known, err := breaches.Contains(pw); {
	case err != nil:
		issues = append(issues, breachUnread.New("The password could not be looked up in the list of breached passwords."))
	case known:
		issues = append(issues, breached.New("The password became public in a breach."))
	}
	return issues
}

// checkShape checks what can be seen from the password alone.
func (p Policy) checkShape(pw string, s Subject) []issue.Issue {
	var issues []issue.Issue
	if n, least := utf8.RuneCountInString(pw), p.least(s); n < least {
		issues = append(issues, tooShort.New("The password has %d characters; at least %d are needed.", n, least))
	} else if n > p.MaxLength {
		issues = append(issues, tooLong.New("The password has %d characters; at most %d are allowed.", n, p.MaxLength))
	}
	if strings.ContainsFunc(pw, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }) {
		issues = append(issues, blankInside.New("The password holds a blank or a character that cannot be seen."))
	}
	if n := classes(pw); n < p.Classes {
		issues = append(issues, classesMissing.New(
			"The password has %d of the four kinds of characters (small letters, capital letters, digits, others); at least %d are needed.", n, p.Classes))
	}
	return issues
}

func (p Policy) least(s Subject) int {
	if s.Application {
		return max(p.MinLength, p.MinLengthApplication)
	}
	return p.MinLength
}

// classes counts the kinds of characters in pw.
func classes(pw string) int {
	var lower, upper, digit, other int
	for _, r := range pw {
		switch {
		case unicode.IsLower(r):
			lower = 1
		case unicode.IsUpper(r):
			upper = 1
		case unicode.IsDigit(r):
			digit = 1
		default:
			other = 1
		}
	}
	return lower + upper + digit + other
}

// partLength is the least number of letters in a row that counts as a part of
// a name.
const partLength = 4

// containsPart reports whether pw has four letters in a row that also stand in
// a row in one of the names, in any case.
func containsPart(pw string, names []string) bool {
	pw = fold(pw)
	for _, name := range names {
		for word := range strings.FieldsFuncSeq(fold(name), func(r rune) bool { return !unicode.IsLetter(r) }) {
			letters := []rune(word)
			for i := range len(letters) - partLength + 1 {
				if strings.Contains(pw, string(letters[i:i+partLength])) {
					return true
				}
			}
		}
	}
	return false
}

// fold makes spellings that differ by case or composition the same.
func fold(s string) string {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return norm.NFC.String(cases.Fold().String(norm.NFC.String(s)))
		}
	}
	return strings.ToLower(s)
}
