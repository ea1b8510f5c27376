package format

import (
	"muster/internal/directory"
	"muster/internal/table"
)

// spreadsheet is the import of users in bulk of the Mimecast console. Its "cell header
// value of email (case sensitive) … acts as the import file's checkpoint cell", "name
// in the cell directly to the right", and "optionally … password … directly to the
// right of the name header cell". The other columns stand in any order.
//
// "Any passwords that don't comply cause the import to fail": the format is strict.
// What "Upload Only", "Import Into Profile Group", "Group Override" and "Add Note" ask
// for are options of the import, not of the file.
var spreadsheet = &Format{
	Name:  "mimecast-spreadsheet",
	Title: "Mimecast spreadsheet import",
	Help: "An older Excel workbook (.xls); .xlsx and CSV are taken too. A cell \"email\" among A1 to M99 tells where the headings begin, " +
		"\"name\" stands directly right of it, and \"password\", if there are any, right of that. All headings are told by their case. " +
		"aliasN is an address of the row's own user; delegateN is the address of another, whose mailbox the row's user may open. " +
		"Any other heading is an attribute, which is made if it is new.",
	Columns: []Column{
		{Heading: "email", Name: "address", Required: true, Sample: "amina.khan@example.org|rhys.bevan@example.org|night.ward@example.org"},
		{Heading: "name", Name: "name", Sample: "Amina Khan|Rhys Bevan|Night ward"},
		{Heading: "password", Name: "password"},
		{Heading: "changepassword", Name: "must_change_password", Sample: "TRUE|TRUE|"},
		{Heading: "passwordneverexpire", Name: "password_never_expires", Sample: "FALSE|FALSE|TRUE"},
		{Heading: "accountlockedout", Name: "locked", Sample: "FALSE|FALSE|"},
		{Heading: "pop", Name: "pop", Sample: "FALSE|TRUE|"},
		{Heading: "submit", Name: "submit", Sample: "TRUE|TRUE|"},
		{Heading: "remoteaccountcode", Name: "org", Sample: "RX1|RX1|RX1"},
		{Heading: "adminrole", Name: "role"},
	},
	Checkpoint: true,
	Lists:      map[string]int{"alias": 10, "delegate": 0}, // "You can import up to ten alias addresses"
	Kind:       table.XLS,                                  // "Save the spreadsheet as a XLS file."
	Strict:     true,
	Summary:    "Spreadsheet Information",
	Rules: directory.Rules{
		Match:       []string{"address"},
		Moves:       true,
		OrgByMaster: true,
		TakesOver:   true,
		Origin:      "import",
		RolesByFile: true,
	},
	further: []Column{
		{Heading: "alias1", Sample: "a.khan@example.org||ward@example.org"},
		{Heading: "delegate1", Sample: "|night.ward@example.org|"},
		{Heading: "Physical Address", Sample: "East wing|West wing|West wing"},
	},
}
