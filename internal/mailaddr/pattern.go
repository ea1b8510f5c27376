package mailaddr

import (
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/mozillazg/go-unidecode"
	"golang.org/x/text/unicode/norm"
)

// Pattern says how an organisation makes the local part of a generated address
// from a person's names: {first}.{last}, {f}{last}, …
type Pattern struct {
	text  string
	parts []string // fields with their braces, and the text between them
}

var (
	patternPart  = regexp.MustCompile(`\{(?:first|last|f|l)\}|[a-z0-9._-]`)
	patternWhole = regexp.MustCompile(`^(?:\{(?:first|last|f|l)\}|[a-z0-9._-])+$`)
)

// ParsePattern reads a pattern. The error is an issue.Issue of code
// pattern-invalid.
func ParsePattern(s string) (Pattern, error) {
	if problem := patternProblem(s); problem != "" {
		return Pattern{}, patternInvalid.New("The pattern %s %s.", quote(s), problem)
	}
	return Pattern{s, patternPart.FindAllString(s, -1)}, nil
}

// patternProblem returns what is wrong as the end of a sentence, or nothing.
func patternProblem(s string) string {
	switch {
	case s == "":
		return "is blank"
	case !patternWhole.MatchString(s):
		return "holds something other than {first}, {last}, {f}, {l}, a-z, 0-9, full stop, hyphen and underscore"
	case !strings.Contains(s, "{"):
		return "has no field, so everybody would get the same address"
	case strings.Trim(s, "._-") != s:
		return "begins or ends with a full stop, hyphen or underscore"
	case strings.Contains(s, ".."):
		return "has two full stops in a row"
	case len(s) > MaxLocal:
		return "is longer than 64 octets"
	}
	return ""
}

// String gives the pattern as it was written.
func (p Pattern) String() string { return p.text }

// Local makes the local part for a person: accents and other scripts are
// written in a-z, hyphens are kept, apostrophes and blanks dropped, and what
// is over 64 octets is cut off. The error is an issue.Issue of code
// address-not-generated, where nothing of the names is left.
func (p Pattern) Local(first, last string) (string, error) {
	given, family := latin(first), latin(last)
	var b strings.Builder
	named := false
	for _, part := range p.parts {
		text := field(part, given, family)
		named = named || text != "" && part[0] == '{'
		b.WriteString(text)
	}
	if !named {
		return "", addressNotGenerated.New("No address can be made from the names %s and %s.", quote(first), quote(last))
	}
	local := trim(b.String())
	return trim(local[:min(len(local), MaxLocal)]), nil
}

func field(part, first, last string) string {
	switch part {
	case "{first}":
		return first
	case "{last}":
		return last
	case "{f}":
		return first[:min(1, len(first))]
	case "{l}":
		return last[:min(1, len(last))]
	}
	return part
}

// latin writes a name in a-z, 0-9, hyphen and full stop.
func latin(name string) string {
	text := unidecode.Unidecode(norm.NFC.String(name))
	return trim(strings.Map(func(r rune) rune {
		switch {
		case 'a' <= r && r <= 'z', '0' <= r && r <= '9', r == '-', r == '.':
			return r
		case 'A' <= r && r <= 'Z':
			return r + 'a' - 'A'
		}
		return -1
	}, text))
}

// trim removes what a blank name leaves behind: separators at the ends and
// double full stops.
func trim(local string) string {
	for strings.Contains(local, "..") {
		local = strings.ReplaceAll(local, "..", ".")
	}
	return strings.Trim(local, "._-")
}

// Numbered gives the local part for the second, third … bearer of a name:
// john.smith2. The stem is cut so that the whole stays within 64 octets.
// n is at least 2.
func Numbered(local string, n int) string {
	number := strconv.Itoa(n)
	stem := min(len(local), MaxLocal-len(number))
	for stem > 0 && stem < len(local) && !utf8.RuneStart(local[stem]) {
		stem--
	}
	return local[:stem] + number
}
