package directory

import (
	"slices"
	"strings"

	"github.com/nyaruka/phonenumbers"
)

// phoneFields are the fields whose number is also kept in E.164.
var phoneFields = [...]Field{Telephone, Mobile, Pager, Fax}

// E164 returns a telephone number in the international form of ITU-T E.164, or
// "" where it does not parse for the country.
func E164(number, country string) string {
	if number == "" {
		return ""
	}
	n, err := phonenumbers.Parse(number, country)
	if err != nil || !phonenumbers.IsPossibleNumber(n) {
		return ""
	}
	return phonenumbers.Format(n, phonenumbers.E164)
}

// fictional are the mobile numbers that Ofcom keeps for drama and examples:
// 07700 900000 to 900999.
const fictional = "+447700900"

// ukMobile reports whether a number is a mobile number of the United Kingdom.
func ukMobile(number string) bool {
	n, err := phonenumbers.Parse(number, "GB")
	if err != nil || n.GetCountryCode() != 44 {
		return false
	}
	if e164 := phonenumbers.Format(n, phonenumbers.E164); strings.HasPrefix(e164, fictional) && len(e164) == len(fictional)+3 {
		return true
	}
	kind := phonenumbers.GetNumberType(n)
	return slices.Contains([]phonenumbers.PhoneNumberType{phonenumbers.MOBILE, phonenumbers.FIXED_LINE_OR_MOBILE}, kind)
}
