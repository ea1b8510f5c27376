package format

import (
	"muster/internal/directory"
	"muster/internal/table"
)

const (
	nhsmailLimit = 10_000
	nhsmailHelp  = "The headings and their order are those of the template; the column Password may be left out. " +
		"First name, last name and the code of the organisation are needed, all else may be blank. " +
		"The address is generated, and so is a password that is not given. At most 10,000 rows. " +
		"The file has no column for contacts, and does not move an existing user to another unit."
)

// nhsmail is the CSV upload of the NHSmail portal: "using the same headings and
// in the same order as in the sample file". The headings of that sample are not
// known, so these are Muster's reading of the fields that the NHSmail document names.
//
// "Update the Status column as 'leaver' for the user(s) account in the CSV file
// to be marked as leaver(s)." "Update the 'Organisation ODSCode' column with the
// correct ODS code of the organisation and leave the 'Status' column as blank"
// for a joiner.
var nhsmail = &Format{
	Name:  "nhsmail",
	Title: "NHSmail CSV upload",
	Help:  nhsmailHelp + " Status is leaver or blank; a leaver who is named by ID and has a blank status joins the organisation of the row.",
	Columns: []Column{
		{Heading: "ID", Name: "id"},
		{Heading: "Local ID", Name: "local_id", Sample: "S1001|S1002|S1003"},
		{Heading: "Status", Name: "status"},
		{Heading: "Title", Name: "title", Sample: "Dr|Mr|"},
		{Heading: "First Name", Name: "first", Required: true, Sample: "Amina|Rhys|Seren"},
		{Heading: "Last Name", Name: "last", Required: true, Sample: "Khan|Bevan|O'Malley"},
		{Heading: "Display Name", Name: "display_name", Sample: "Dr Amina Khan||"},
		{Heading: "Job Title", Name: "job_title", Sample: "Registrar|Staff nurse|"},
		{Heading: "Department", Name: "department", Sample: "Cardiology|Night ward|"},
		{Heading: "Telephone", Name: "telephone", Sample: "01632 960101||"},
		{Heading: "Mobile", Name: "mobile", Sample: "07400 123456||"},
		{Heading: "Pager", Name: "pager"},
		{Heading: "Fax", Name: "fax"},
		{Heading: "Notes", Name: "notes", Sample: "Starts in August||"},
		{Heading: "Organisation ODSCode", Name: "org", Required: true, Sample: "RX1|RX1|RX1"},
		{Heading: "Organisational Unit", Name: "unit"},
		{Heading: "Mailbox Size", Name: "mailbox_gb", Sample: "4||"},
		{Heading: "Password", Name: "password", Optional: true},
	},
	Exact:  true,
	Kind:   table.CSV,
	Limit:  nhsmailLimit,
	Strict: true,
	Rules:  nhsmailRules,
}

// nhsmail1 is "the old NHSmail 1 CSV file format". Its headings are Muster's own
// reading, too. It has neither ID nor status, so nobody leaves or joins by it.
var nhsmail1 = &Format{
	Name:  "nhsmail1",
	Title: "NHSmail 1 CSV upload",
	Help:  nhsmailHelp,
	Columns: []Column{
		{Heading: "Title", Name: "title", Sample: "Dr|Mr|"},
		{Heading: "First Name", Name: "first", Required: true, Sample: "Amina|Rhys|Seren"},
		{Heading: "Surname", Name: "last", Required: true, Sample: "Khan|Bevan|O'Malley"},
		{Heading: "Organisation Code", Name: "org", Required: true, Sample: "RX1|RX1|RX1"},
		{Heading: "Department", Name: "department", Sample: "Cardiology|Night ward|"},
		{Heading: "Job Title", Name: "job_title", Sample: "Registrar|Staff nurse|"},
		{Heading: "Telephone", Name: "telephone", Sample: "01632 960101||"},
		{Heading: "Mobile", Name: "mobile", Sample: "07400 123456||"},
		{Heading: "Local ID", Name: "local_id", Sample: "S1001|S1002|S1003"},
		{Heading: "Password", Name: "password", Optional: true},
	},
	Exact:  true,
	Kind:   table.CSV,
	Limit:  nhsmailLimit,
	Strict: true,
	Rules:  nhsmailRules,
}

// nhsmailRules are those of both files: "their email address will be generated
// automatically"; "If you do not include passwords as a column, a new password
// will be auto-generated"; the unit "will need to be edited through the user edit
// screen". A leaver is taken over by ID and last name only, because local ids are
// unique within one organisation.
var nhsmailRules = directory.Rules{
	Match:             []string{"id", "local_id"},
	GenerateAddress:   true,
	GeneratePasswords: true,
	JoinBy:            []string{"id"},
	JoinBlank:         true,
	SameLastName:      true,
	WarnNamesake:      true,
	FixedUnit:         true,
	UKMobile:          true,
	Statuses:          []string{"leaver"},
	Origin:            "import",
	RolesByFile:       true,
}
