package directory

import (
	"regexp"
	"strings"

	"muster/internal/issue"
)

// What Excel does to numbers and codes that were typed into cells of its own
// format. The digits that are lost cannot be brought back, so these are warnings.
var (
	ExcelExponent = issue.NewWarning("excel-exponent", "Excel has shortened a long number to one with an exponent, and its last digits are lost.",
		"Format the column as text in Excel and enter the numbers again.")
	ExcelDate = issue.NewWarning("excel-date", "The identifier looks like a date; Excel turns codes such as 3-4 into dates.",
		"Format the column as text in Excel and enter the identifier again; if it is right, nothing needs to be done.")
	ExcelDigits = issue.NewWarning("excel-digits", "The number has more than 15 digits and ends in zeros: Excel keeps 15 digits and no more.",
		"Format the column as text in Excel and enter the numbers again.")
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
