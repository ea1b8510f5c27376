package directory_test

import (
	"testing"

	"muster/internal/directory"
	"muster/internal/importer/importertest"
)

// What is on a list of a user can be taken off by its name, and nothing else goes
// with it.
func TestTakenOffAList(t *testing.T) {
	proves(t, []sentence{{rule: "aliases, groups and delegates: list, add, delete",
		given: func(w *importertest.World) {
			w.Group("RX1", "Wards")
			w.Group("RX1", "Nights")
			w.Group("RX1", "Synced")
			w.Add("ben@example.org", "RX1")
			w.Add("cara@example.org", "RX1")
			w.Add("anna@example.org", "RX1", "alias", "a@example.org", "alias", "b@example.org", "group", "Wards", "group", "Synced",
				"delegate", "ben@example.org", "delegate", "cara@example.org")
			w.Add("full@example.org", "RX1", "role", "Full", "alias", "f@example.org", "delegate", "ben@example.org")
			write(w, `UPDATE groups SET origin = 'directory' WHERE name = 'Synced'`)
		},
		cases: []example{
			{name: "an alias", by: "set", record: p("address", "anna@example.org", "without alias", "A@example.org"), action: directory.Update, changes: p("alias: a@example.org → -")},
			{name: "no alias of the user", by: "set", record: p("address", "anna@example.org", "without alias", "f@example.org"), action: directory.Refuse, issues: p("not-in-list@without alias"), says: "f@example.org is no alias of anna@example.org"},
			{name: "no address", by: "set", record: p("address", "anna@example.org", "without alias", "nothing"), action: directory.Refuse, issues: p("not-in-list@without alias")},
			{name: "a group", by: "set", record: p("address", "anna@example.org", "without group", "wards"), action: directory.Update, changes: p("group: Wards → -")},
			{name: "no group of the user", by: "set", record: p("address", "anna@example.org", "without group", "Nights"), action: directory.Refuse, issues: p("not-in-list@without group")},
			{name: "no group", by: "set", record: p("address", "anna@example.org", "without group", "Wrads"), action: directory.Refuse, issues: p("group-unknown@without group"), says: "did you mean Wards?"},
			{name: "a group of the directory", by: "set", record: p("address", "anna@example.org", "without group", "Synced"), action: directory.Refuse, issues: p("group-read-only@without group")},
			{name: "a delegate", by: "set", record: p("address", "anna@example.org", "without delegate", "ben@example.org"), action: directory.Update, changes: p("delegate: ben@example.org → -")},
			{name: "no delegate of the user", by: "set", record: p("address", "anna@example.org", "without delegate", "full@example.org"), action: directory.Refuse, issues: p("not-in-list@without delegate")},
			{name: "one for another", by: "set", record: p("address", "anna@example.org", "alias", "n@example.org", "without alias", "b@example.org"), action: directory.Update,
				changes: p("alias: - → n@example.org", "alias: b@example.org → -")},
			{name: "of a mightier administrator", by: "set", as: as("Basic", "RX1"), record: p("address", "full@example.org", "without delegate", "ben@example.org"), action: directory.Refuse, issues: p("user-protected@address")},
			{name: "by one who may only unlock", by: "set", as: as("Helpdesk", "RX1"), record: p("address", "anna@example.org", "locked", "false", "without alias", "a@example.org"), action: directory.Refuse, issues: p("not-allowed@")},
		}}})
}
