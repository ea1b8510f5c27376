package mailaddr

import (
	"strings"
	"unicode"
)

// isIDNA2008 refuses what the mapping of Unicode (UTS 46) lets through and
// IDNA2008 does not: symbols such as ♥, and punctuation out of its context.
// The classes are those of RFC 5892 section 2, the exceptions of section 2.6,
// the contexts of appendix A.
func isIDNA2008(domain string) bool {
	for label := range strings.SplitSeq(domain, ".") {
		runes := []rune(label)
		for i, r := range runes {
			if !isLetterDigit(r) && !inContext(runes, i) {
				return false
			}
		}
		if mixesDigits(label) {
			return false
		}
	}
	return true
}

func isLetterDigit(r rune) bool {
	return r == '-' || unicode.In(r, unicode.Ll, unicode.Lo, unicode.Lm, unicode.Mn, unicode.Mc, unicode.Nd) ||
		strings.ContainsRune("\u06FD\u06FE\u0F0B\u3007", r)
}

func inContext(label []rune, i int) bool {
	before, after := at(label, i-1), at(label, i+1)
	switch label[i] {
	case '\u00B7': // the middle dot of Catalan l·l
		return before == 'l' && after == 'l'
	case '\u0375': // Greek keraia
		return unicode.Is(unicode.Greek, after)
	case '\u05F3', '\u05F4': // Hebrew geresh and gershayim
		return unicode.Is(unicode.Hebrew, before)
	case '\u30FB': // Katakana middle dot
		return strings.ContainsFunc(string(label), func(r rune) bool {
			return r != '\u30FB' && unicode.In(r, unicode.Hiragana, unicode.Katakana, unicode.Han)
		})
	case '\u200C', '\u200D': // joiners: package idna has checked their context
		return true
	}
	return false
}

func at(label []rune, i int) rune {
	if i < 0 || i >= len(label) {
		return 0
	}
	return label[i]
}

// mixesDigits reports Arabic-Indic digits beside extended Arabic-Indic ones.
func mixesDigits(label string) bool {
	return strings.ContainsAny(label, "٠١٢٣٤٥٦٧٨٩") && strings.ContainsAny(label, "۰۱۲۳۴۵۶۷۸۹")
}
