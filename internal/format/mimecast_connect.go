package format

import (
	"strings"

	"muster/internal/directory"
	"muster/internal/table"
)

// connect is the import of the Connect application: "The file must only: have
// one email address per row. Include values in the template's columns." That document
// does not say in which order and case, so any will do, and the columns that its
// words do not call for in every row may be absent.
//
// "All email addresses (primary and alias) are treated the same, and they won't
// be linked", so each row is a user of its own. "You can add up to 500 addresses
// per import."
var connect = &Format{
	Name:  "mimecast-connect",
	Title: "Mimecast Connect application",
	Help: "One address a row, at most 500 rows, in UTF-8. A blank name becomes the part of the address before the @. " +
		"Force Change Password is TRUE or FALSE; blank is FALSE. Aliases cannot be given.",
	Columns: []Column{
		{Heading: "Email", Name: "address", Required: true, Sample: "amina.khan@example.org|rhys.bevan@example.org|night.ward@example.org"},
		{Heading: "Name", Name: "name", Sample: "Amina Khan|Rhys Bevan|Night ward"},
		{Heading: "Password", Name: "password"},
		{Heading: "Force Change Password", Name: "must_change_password", Sample: "TRUE|FALSE|"},
	},
	Kind:        table.CSV, // "a comma separated (.CSV) file"
	Limit:       500,
	Strict:      true,
	UnicodeOnly: true, // "If a £ character exists anywhere …, the file must be saved with UTF-8 encoding."
	Rules: directory.Rules{
		Match:       []string{"address"},
		PlainFlags:  true, // "Acceptable values are TRUE or FALSE."
		Origin:      "import",
		RolesByFile: true,
	},
	elsewhere: linksAliases,
}

// linksAliases is for those who look for aliases: "If you require alias email
// addresses to be added and linked to a primary email address, the
// Administration Console must be used."
func linksAliases(heading string) string {
	if strings.Contains(fold(heading), "alias") {
		return "this format cannot link aliases to a user; formats mimecast-spreadsheet and muster do"
	}
	return ""
}
