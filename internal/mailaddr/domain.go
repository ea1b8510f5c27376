package mailaddr

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

const maxLabel = 63 // octets, RFC 1035 section 2.3.4

// profile maps what people type (case, full-width letters) and then asks of
// each label what IDNA2008 asks of a label to be registered. Lengths are
// checked here, so that each has its own message.
var profile = idna.New(
	idna.MapForLookup(),
	idna.Transitional(false),
	idna.StrictDomainName(true),
	idna.ValidateLabels(true),
	idna.CheckHyphens(true),
	idna.CheckJoiners(true),
	idna.BidiRule(),
	idna.VerifyDNSLength(false),
)

// ParseDomain reads the name of a domain in any script and returns its lower-
// case A-labels. The error is an issue.Issue of code domain-invalid.
func ParseDomain(s string) (string, error) {
	domain, problem := parseDomain(s)
	if problem == "" {
		return domain, nil
	}
	i := domainInvalid.New("The domain %s %s.", quote(s), problem)
	if better, ok := repair("x@" + strings.TrimPrefix(s, "@")); ok {
		i = i.Suggest("Did you mean %s?", strings.TrimPrefix(better, "x@"))
	}
	return "", i
}

// DisplayDomain gives a domain in its own script; one that cannot be shown so
// is returned as it is.
func DisplayDomain(domain string) string {
	if !strings.Contains(domain, "xn--") {
		return domain
	}
	if shown, err := profile.ToUnicode(domain); err == nil {
		return shown
	}
	return domain
}

// parseDomain returns what is wrong as the end of a sentence, or nothing.
func parseDomain(s string) (domain, problem string) {
	domain = s
	if !isASCII(s) || hasPrefixedLabel(s) {
		if problem := textProblem(s); problem != "" {
			return "", problem
		}
		var err error
		if domain, err = profile.ToASCII(s); err != nil || !isIDNA2008(DisplayDomain(domain)) {
			return "", "holds characters that no domain may have"
		}
	}
	domain = strings.ToLower(domain)
	return domain, nameProblem(domain)
}

func textProblem(s string) string {
	switch {
	case !utf8.ValidString(s):
		return "holds bytes that are not text"
	case hasBlank(s):
		return "has a blank in it"
	case len(s) > 4*MaxDomain: // no spelling of a valid domain is longer
		return "is longer than 255 octets"
	}
	return ""
}

// hasPrefixedLabel reports whether a label is an A-label, or wrongly looks
// like one: hyphens in its third and fourth place (RFC 5891 section 4.2.3.1).
func hasPrefixedLabel(s string) bool {
	if !strings.Contains(s, "--") {
		return false
	}
	for label := range strings.SplitSeq(s, ".") {
		if len(label) >= 4 && label[2:4] == "--" {
			return true
		}
	}
	return false
}

// nameProblem checks an ASCII domain by RFC 1123 section 2.1: letters, digits
// and hyphens, no hyphen at either end of a label.
func nameProblem(domain string) string {
	switch {
	case domain == "":
		return "is blank"
	case domain[0] == '[':
		return "is a number in brackets instead of a name"
	case len(domain) > MaxDomain:
		return "is longer than 255 octets"
	case domain[0] == '.':
		return "begins with a full stop"
	case domain[len(domain)-1] == '.':
		return "ends with a full stop"
	}
	last := ""
	for last = range strings.SplitSeq(domain, ".") {
		if problem := labelProblem(last); problem != "" {
			return problem
		}
	}
	if last[0] <= '9' && strings.Trim(last, "0123456789") == "" { // no such top domain: RFC 3696 section 2
		return "is a number instead of a name"
	}
	return ""
}

func labelProblem(label string) string {
	switch {
	case label == "":
		return "has two full stops in a row"
	case len(label) > maxLabel:
		return "has a part of more than 63 octets between full stops"
	case label[0] == '-' || label[len(label)-1] == '-':
		return "has a hyphen at the start or end of a part"
	}
	for _, r := range label {
		if (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' {
			return "holds " + quote(string(r)) + ", which no domain may have"
		}
	}
	return ""
}
