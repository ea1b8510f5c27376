package mailaddr

import (
	"strings"
	"unicode"
)

// alike are letters of other alphabets that look like Latin ones, after the
// confusable characters of Unicode (UTS 39), as far as a keyboard or a copied text
// brings them in: Cyrillic, Greek, and the Latin dotless i.
var alike = map[rune]rune{
	'а': 'a', 'в': 'b', 'с': 'c', 'ԁ': 'd', 'е': 'e', 'һ': 'h', 'і': 'i', 'ј': 'j', 'к': 'k', 'ӏ': 'l', 'м': 'm', 'о': 'o', 'р': 'p',
	'ԛ': 'q', 'ѕ': 's', 'т': 't', 'у': 'y', 'ԝ': 'w', 'х': 'x', 'ѵ': 'v',
	'α': 'a', 'ο': 'o', 'ν': 'v', 'ρ': 'p', 'τ': 't', 'υ': 'u', 'ι': 'i', 'κ': 'k', 'χ': 'x', 'γ': 'y', 'ϲ': 'c', 'ϳ': 'j',
	'ı': 'i',
}

// typeset are the marks that a word processor puts in the place of those of the
// keyboard.
var typeset = strings.NewReplacer("‘", "'", "’", "'", "‚", "'", "“", "", "”", "", "„", "", "‐", "-", "‑", "-", "–", "-", "—", "-", "…", ".")

// Plain returns a text as it would be typed on a keyboard of Latin letters:
// letters that look like such, and the marks of a word processor, are replaced. A
// text that is all in another alphabet stays as it is.
func Plain(s string) string {
	if isASCII(s) {
		return s
	}
	s = typeset.Replace(s)
	plain := strings.Map(func(r rune) rune {
		if latin, ok := alike[r]; ok {
			return latin
		}
		return r
	}, s)
	if !isASCII(plain) || !strings.ContainsFunc(s, latinLetter) {
		return s
	}
	return plain
}

func latinLetter(r rune) bool { return r < unicode.MaxASCII && unicode.IsLetter(r) }
