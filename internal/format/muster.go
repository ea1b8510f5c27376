package format

import (
	"slices"

	"muster/internal/directory"
)

// muster is the format that can say everything: the names of all fields of a
// user, in any order. What the lists of users and the reports export is of this
// format, so columns that only an export has are understood and passed over.
//
// An export tells of users who are inactive, so that status may stand here.
var muster = &Format{
	Name:  "muster",
	Title: "Muster",
	Help: "Any of the headings of the template, in any order; id, address or local_id must be among them. " +
		"A user is found by id, else by address, else by local_id, and made if there is none. " +
		"More columns alias2, delegate2, group2 … may follow, and an attribute has a column attr.NAME. " +
		"Blank keeps what there is, (clear) empties it. An address is changed by rename_to.",
	Columns:    musterColumns(),
	Lists:      map[string]int{"alias": 0, "delegate": 0, "group": 0},
	Attributes: true,
	Rules: directory.Rules{
		Match:       []string{"id", "address", "local_id"},
		JoinBy:      []string{"id", "address"},
		Moves:       true,
		Exports:     true,
		Statuses:    []string{"active", "disabled", "leaver", "deleted", "inactive"},
		Origin:      "import",
		RolesByFile: true,
	},
	oneOf: []string{"id", "address", "local_id"},
	further: []Column{
		{Heading: "alias1", Sample: "a.khan@example.org||ward@example.org"},
		{Heading: "delegate1", Sample: "|night.ward@example.org|"},
		{Heading: "group1"},
		{Heading: "attr.Building", Sample: "East|West|West"},
	},
}

// exportOnly are headings of an export that say nothing to an import.
var exportOnly = []string{directory.Origin.String(), "domain", "updated_at",
	"has_password", "locked_until", "console", "pop3", "imap", "submission"}

func musterColumns() []Column {
	columns := []Column{{Heading: "id", Name: "id"}}
	for _, f := range directory.Fields() {
		if name := f.String(); !slices.Contains(exportOnly, name) {
			columns = append(columns, Column{Heading: name, Name: name, Sample: musterSamples[name]})
		}
	}
	for _, name := range []string{"password", "password_hash", "rename_to"} {
		columns = append(columns, Column{Heading: name, Name: name})
	}
	for _, heading := range exportOnly {
		columns = append(columns, Column{Heading: heading})
	}
	return columns
}

// musterSamples are the values of the template's rows, as in Column.
var musterSamples = map[string]string{
	"address":      "amina.khan@example.org|rhys.bevan@example.org|night.ward@example.org",
	"name":         "Amina Khan|Rhys Bevan|Night ward",
	"title":        "Dr|Mr|",
	"first":        "Amina|Rhys|",
	"last":         "Khan|Bevan|",
	"display_name": "Dr Amina Khan|Rhys Bevan|Night ward",
	"job_title":    "Registrar|Staff nurse|",
	"department":   "Cardiology|Night ward|Night ward",
	"telephone":    "01632 960101||01632 960100",
	"mobile":       "07400 123456||",
	"notes":        "Starts in August||",
	"org":          "RX1|RX1|RX1",
	"local_id":     "S1001|S1002|",
	"type":         "user|user|shared",
	"status":       "active|active|active",
	"locked":       "FALSE|FALSE|FALSE",
	"pop":          "FALSE|TRUE|FALSE",
	"submit":       "TRUE|TRUE|FALSE",
	"mailbox_gb":   "4|4|4",
}
