package mailaddr

import "muster/internal/issue"

// The problems of addresses.
var (
	addressInvalid = issue.NewError("address-invalid",
		"The text is not an e-mail address that Muster accepts.",
		"Write the address as name@domain, without blanks, quotes or a full stop at either end of the name.")
	domainInvalid = issue.NewError("domain-invalid",
		"The text is not the name of a mail domain.",
		"Write the domain as letters, digits and hyphens between full stops, such as example.org.")
	patternInvalid = issue.NewError("pattern-invalid",
		"The pattern for generated addresses cannot be used.",
		"Build the pattern from {first}, {last}, {f} and {l} with a-z, 0-9, full stop, hyphen and underscore between them, such as {first}.{last}.")
	addressNotGenerated = issue.NewError("address-not-generated",
		"No address could be made from the names, because nothing of them can be written in the letters a to z.",
		"Give the address yourself, or write the names in Latin letters.")
)
