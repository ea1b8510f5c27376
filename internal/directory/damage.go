package directory

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/nyaruka/phonenumbers"
	"golang.org/x/text/encoding/charmap"

	"muster/internal/issue"
	"muster/internal/mailaddr"
)

// What Excel does to numbers and codes that were typed into cells of its own
// format. The digits that are lost cannot be brought back, so these are warnings.
var (
	ExcelExponent = issue.NewWarning("excel-exponent", "Excel has shortened a long number to one with an exponent, and its last digits are lost.",
		"Format the column as text in Excel and enter the numbers again.")
	ExcelDate = issue.NewWarning("excel-date", "The identifier looks like a date; Excel turns codes such as 3-4 into dates.",
		"Format the column as text in Excel and enter the identifier again; if it is right, nothing needs to be done.")
	ExcelZero = issue.NewWarning("excel-zero", "The number looks as if Excel had taken its leading zero off.",
		"Format the column as text in Excel and enter the numbers again, with their zeros.")
	ExcelDigits = issue.NewWarning("excel-digits", "The number has more than 15 digits and ends in zeros: Excel keeps 15 digits and no more.",
		"Format the column as text in Excel and enter the numbers again.")
)

// What other programs do to texts on their way.
var (
	Mojibake = issue.NewWarning("mojibake", "The text was read in the wrong charset by some program before it came here.",
		"Mend the text as the message suggests, or export the file again as UTF-8.")
	AddressTypeset = issue.NewWarning("address-typeset", "The address has a mark of a word processor, or a letter of another alphabet that looks like a Latin one.",
		"Type the address anew as the message suggests; if it is right, nothing needs to be done.")
)

var (
	exponent = regexp.MustCompile(`^\d([.,]\d+)?[eE]\+\d+$`)
	dateLike = regexp.MustCompile(`^(\d{1,2}[/.-]\d{1,2}[/.-](\d{2}|\d{4})|\d{4}-\d{2}-\d{2}|\d{1,2}-[A-Z][a-z]{2}(-\d{2})?|[A-Z][a-z]{2}-\d{2})$`)
	manyZero = regexp.MustCompile(`^\d{15}0+$`)
)

// warnOfExcel tells of a telephone number or an identifier that Excel has
// damaged.
func (c *judgement) warnOfExcel(f Field, text string) {
	if specs[f].Kind != Phone && f != LocalID {
		return
	}
	name := specs[f].Name
	switch {
	case f != LocalID && len(text) <= 15 && !strings.ContainsAny(text, "eE"): // as most numbers are
	case exponent.MatchString(text):
		c.r.report(name, ExcelExponent.New("%q looks like a number that Excel has shortened; its last digits are lost.", text))
	case f == LocalID && dateLike.MatchString(text):
		c.r.report(name, ExcelDate.New("%q looks like a date that Excel has made of a code.", text))
	case manyZero.MatchString(strings.TrimPrefix(text, "+")):
		c.r.report(name, ExcelDigits.New("%q has more than 15 digits, of which Excel keeps 15.", text))
	}
}

// warnOfZero tells of a telephone number that lacks the 0 with which national
// numbers of the country begin: only figures, and the same number with and without.
func (c *judgement) warnOfZero(f Field) {
	text := c.r.Values[f]
	if len(text) < 9 || text[0] == '0' || strings.Trim(text, "0123456789") != "" {
		return
	}
	country := c.catalog.Settings(c.u.Values[Org]).Country
	if phonenumbers.GetNddPrefixForRegion(country, true) != "0" {
		return
	}
	if with := E164("0"+text, country); with != "" && with == E164(text, country) {
		c.r.report(specs[f].Name, ExcelZero.New("%q looks like a number whose leading zero Excel has taken off.", text).Suggest("0%s?", text))
	}
}

// warnOfMojibake tells of a text that was UTF-8 and was read as Windows-1252: as
// such it can be written back, and is UTF-8 again.
func (c *judgement) warnOfMojibake(name, text string) {
	if isASCII(text) {
		return
	}
	before, err := charmap.Windows1252.NewEncoder().String(text)
	if err == nil && utf8.ValidString(before) {
		c.r.report(name, Mojibake.New("%q was read in the wrong charset.", text).Suggest("%s?", before))
	}
}

// warnOfLetters tells of an address that nobody could type on the keyboard of the
// rest of it.
func (c *judgement) warnOfLetters(a mailaddr.Address, column string) {
	if plain := mailaddr.Plain(a.Local); plain != a.Local {
		c.r.reportAt(column, AddressTypeset.New("%s holds letters or marks that only look like those of a keyboard.", a.Display()).
			Suggest("%s@%s?", plain, mailaddr.DisplayDomain(a.Domain)))
	}
}
