package directory_test

import (
	"testing"

	"muster/internal/directory"
	"muster/internal/importer/importertest"
)

func TestMatching(t *testing.T) {
	proves(t, []sentence{
		{rule: "muster: a user is found by id (one unknown is passed over), else address, else local id",
			given: func(w *importertest.World) {
				w.Add("anna@example.org", "RX1", "local_id", "7", "alias", "a@example.org")
				w.Add("ben@example.org", "RX1", "local_id", "8")
				fixID(w, "anna@example.org", 0xaa)
				fixID(w, "ben@example.org", 0xbb)
			},
			cases: []example{
				{name: "id", record: p("id", idOf(0xaa), "title", "Dr"), action: directory.Update, changes: p("title: - → Dr")},
				{name: "id unknown", record: p("id", idOf(0xcc), "address", "anna@example.org"), action: directory.Unchanged, issues: p("id-unknown@id")},
				{name: "id of another system", record: p("id", "4711", "address", "anna@example.org"), action: directory.Unchanged, issues: p("id-unknown@id"), says: `"4711"`},
				{name: "address", record: p("address", "anna@example.org"), action: directory.Unchanged},
				{name: "local id", record: p("local_id", "7"), action: directory.Unchanged},
				{name: "nobody", record: p("local_id", "9"), action: directory.Refuse, issues: p("address-missing@address")},
				{name: "id and address of two", record: p("id", idOf(0xaa), "address", "ben@example.org"), action: directory.Refuse, issues: p("user-ambiguous@address"),
					says: "its id is that of anna@example.org, its address that of ben@example.org"},
				{name: "address and local id of two", record: p("address", "anna@example.org", "local_id", "8"), action: directory.Refuse, issues: p("user-ambiguous@local_id"),
					says: "its address is that of anna@example.org, its local_id that of ben@example.org"},
				{name: "local id, another address", record: p("address", "new@example.org", "local_id", "7"), action: directory.Refuse, issues: p("address-differs@address"),
					says: "put new@example.org into the column rename_to"},
				{name: "id, and an alias as address", record: p("id", idOf(0xaa), "address", "a@example.org"), action: directory.Refuse, issues: p("address-is-alias@address"),
					says: "a@example.org is an alias of anna@example.org"},
				{name: "an alias", record: p("address", "a@example.org"), action: directory.Refuse, issues: p("address-is-alias@address"), says: "to mean that user, write anna@example.org"},
			}},
		{rule: "nhsmail: the user is the one with that ID, else with that Local ID in the row's organisation",
			given: func(w *importertest.World) {
				w.Org("RX2", directory.Master)
				w.Add("anna@example.org", "RX1", "first", "Anna", "last", "Berg", "local_id", "7")
				w.Add("ben@example.org", "RX1", "first", "Ben", "last", "Hale", "local_id", "8")
				fixID(w, "anna@example.org", 0xaa)
			},
			cases: []example{
				{name: "ID", by: "nhsmail", record: p("id", idOf(0xaa), "first", "Anna", "last", "Berg", "org", "RX1"), action: directory.Unchanged},
				{name: "ID unknown", by: "nhsmail", record: p("id", idOf(0xcc), "first", "Anna", "last", "Berg", "org", "RX1"), action: directory.Refuse,
					issues: p("id-not-found@id", "looks-like-existing@local_id")},
				{name: "Local ID", by: "nhsmail", record: p("local_id", "8", "first", "Ben", "last", "Hale", "org", "RX1", "department", "Ward"), action: directory.Update, changes: p("department: - → Ward")},
				{name: "Local ID of another organisation", by: "nhsmail", options: directory.Options{Domain: "example.org"}, record: p("local_id", "8", "first", "Ben", "last", "Hale", "org", "RX2"),
					action: directory.Refuse, issues: p("domain-not-chosen@")},
				{name: "both, of two", by: "nhsmail", record: p("id", idOf(0xaa), "local_id", "8", "first", "Anna", "last", "Berg", "org", "RX1"), action: directory.Refuse, issues: p("user-ambiguous@local_id")},
				{name: "namesake", by: "nhsmail", record: p("first", "anna", "last", "BERG", "org", "RX1"), action: directory.Create, issues: p("looks-like-existing@local_id"),
					says: "anna@example.org has the same name"},
				{name: "namesake with a Local ID", by: "nhsmail", record: p("first", "Anna", "last", "Berg", "org", "RX1", "local_id", "9"), action: directory.Create},
				{name: "another organisation", by: "nhsmail", record: p("id", idOf(0xaa), "first", "Anna", "last", "Berg", "org", "RX2"), action: directory.Refuse,
					issues: p("organisation-other@org"), says: "belongs to organisation RX1, not RX2"},
				{name: "unit of an existing user", by: "nhsmail", record: p("id", idOf(0xaa), "first", "Anna", "last", "Berg", "unit", "North"), action: directory.Unchanged, issues: p("unit-kept@unit")},
				{name: "leaver", by: "nhsmail", record: p("local_id", "8", "first", "Ben", "last", "Hale", "status", "leaver"), action: directory.MarkLeft, changes: p("status: active → leaver")},
			}},
		{rule: "nhsmail: a leaver joins by ID, in whatever organisation, if the last name matches",
			given: func(w *importertest.World) {
				w.Org("RX2", directory.Master)
				w.Add("anna@example.org", "RX1", "first", "Anna", "last", "Berg", "local_id", "7", "unit", "North")
				fixID(w, "anna@example.org", 0xaa)
				w.Set("anna@example.org", "status", "leaver")
			},
			cases: []example{
				{name: "joins", by: "nhsmail", record: p("id", idOf(0xaa), "first", "Anna", "last", "berg", "org", "RX2", "local_id", "9", "unit", "South"), action: directory.Join,
					has:    p("status: leaver → active", "org: RX1 → RX2", "local_id: 7 → 9", "unit: North → South"),
					issues: p("leaver-joins@status"), says: "User already exists in Leaver state and will be moved to given Organisation"},
				{name: "another last name", by: "nhsmail", record: p("id", idOf(0xaa), "first", "Anna", "last", "Byrne", "org", "RX2"), action: directory.Refuse,
					issues: p("joiner-name@last", "leaver-joins@status"), says: `by the name of "Berg", not "Byrne"`},
				{name: "the same Local ID elsewhere", by: "nhsmail", options: directory.Options{}, record: p("local_id", "7", "first", "Anna", "last", "Berg", "org", "RX2"), action: directory.Refuse,
					issues: p("domain-not-chosen@", "leaver-elsewhere@local_id"), says: `There is a leaver in RX1 with the Local ID "7"`},
				{name: "by Local ID alone", by: "nhsmail", record: p("local_id", "7", "first", "Anna", "last", "Berg", "org", "RX1"), action: directory.Unchanged,
					issues: p("leaver-not-joined@local_id"), says: "give the ID " + idOf(0xaa)},
				{name: "muster, by address", record: p("address", "anna@example.org", "status", "active"), action: directory.Join, issues: p("leaver-joins@status")},
				{name: "muster, by local id alone", record: p("local_id", "7", "status", "active"), action: directory.Refuse, issues: p("status-wrong@status"),
					says: "the Local ID alone does not take a leaver back"},
				{name: "muster, blank status", record: p("address", "anna@example.org", "title", "Dr"), action: directory.Update, changes: p("title: - → Dr")},
			}},
		{rule: "muster: what is exported here is read elsewhere: a row with an id that is not known makes a leaver or an inactive user, too, and a role that no file gives is left out",
			cases: []example{
				{name: "leaver", record: p("id", idOf(0xcc), "address", "new@example.org", "org", "RX1", "status", "leaver"), action: directory.Create, has: p("status: active → leaver"), issues: p("id-unknown@id")},
				{name: "inactive", record: p("id", idOf(0xcc), "address", "new@example.org", "org", "RX1", "status", "inactive"), action: directory.Create, has: p("status: active → inactive"), issues: p("id-unknown@id")},
				{name: "deleted", record: p("id", idOf(0xcc), "address", "new@example.org", "org", "RX1", "status", "deleted"), action: directory.Refuse, issues: p("id-unknown@id", "user-unknown@status")},
				{name: "leaver without an id, who is probably mistyped", record: p("address", "new@example.org", "org", "RX1", "status", "leaver"), action: directory.Refuse, issues: p("user-unknown@status")},
				{name: "role", record: p("id", idOf(0xcc), "address", "new@example.org", "org", "RX1", "role", "Super"), action: directory.Create, issues: p("id-unknown@id", "role-left-out@role")},
				{name: "role without an id", record: p("address", "new@example.org", "org", "RX1", "role", "Super"), action: directory.Refuse, issues: p("role-not-by-file@role")},
				{name: "role that a file gives", record: p("id", idOf(0xcc), "address", "new@example.org", "org", "RX1", "role", "Basic"), action: directory.Create, has: p("role: - → Basic"), issues: p("id-unknown@id")},
				{name: "role, by one who gives none by file", as: as("Full", "RX1"), record: p("id", idOf(0xcc), "address", "new@example.org", "org", "RX1", "role", "Basic"), action: directory.Refuse,
					issues: p("id-unknown@id", "role-not-by-file@role")},
			}},
		{rule: "a user found where none must be, or none where one must be",
			given: func(w *importertest.World) { w.Add("anna@example.org", "RX1") },
			cases: []example{
				{name: "added twice", by: "add", record: p("address", "anna@example.org", "name", "Anna"), action: directory.Refuse, issues: p("user-exists@address")},
				{name: "set unknown", by: "set", record: p("address", "nobody@example.org", "name", "N"), action: directory.Refuse, issues: p("user-unknown@address"), says: "no user nobody@example.org"},
				{name: "set unknown id", by: "set", record: p("id", idOf(0xcc), "name", "N"), action: directory.Refuse, issues: p("id-unknown@id", "user-unknown@id"), says: "no user " + idOf(0xcc)},
				{name: "set an address that is none", by: "set", record: p("address", "a@b@c", "name", "N"), action: directory.Refuse, issues: p("address-invalid@address")},
			}},
		{rule: "aliases, groups and delegates of a row are added to those there are; (clear) makes the row's the only ones",
			given: func(w *importertest.World) {
				w.Group("RX1", "Wards")
				w.Group("RX1", "Nights")
				w.Add("box@example.org", "RX1")
				w.Add("desk@example.org", "RX1", "alias", "d@example.org")
				w.Add("anna@example.org", "RX1", "alias", "a@example.org", "group", "Wards", "delegate", "box@example.org")
			},
			cases: []example{
				{name: "added", record: p("address", "anna@example.org", "alias", "b@example.org", "group", "nights", "delegate", "desk@example.org"), action: directory.Update,
					changes: p("alias: - → b@example.org", "group: - → Nights", "delegate: - → desk@example.org")},
				{name: "there already", record: p("address", "anna@example.org", "alias", "A@example.org", "group", "WARDS", "delegate", "box@example.org"), action: directory.Unchanged},
				{name: "only", record: p("address", "anna@example.org", "alias", "(clear)", "alias", "b@example.org", "group", "(clear)", "delegate", "(clear)"), action: directory.Update,
					changes: p("alias: - → b@example.org", "alias: a@example.org → -", "group: Wards → -", "delegate: box@example.org → -")},
				{name: "only those there are", record: p("address", "anna@example.org", "alias", "(clear)", "alias", "a@example.org", "group", "(clear)", "group", "Wards", "delegate", "(clear)", "delegate", "box@example.org"),
					action: directory.Unchanged},
				{name: "alias that is the primary", record: p("address", "anna@example.org", "alias", "anna@example.org"), action: directory.Unchanged, issues: p("alias-is-primary@alias")},
				{name: "delegate named by an alias", record: p("address", "anna@example.org", "delegate", "d@example.org"), action: directory.Update, changes: p("delegate: - → desk@example.org")},
				{name: "own delegate", record: p("address", "anna@example.org", "delegate", "anna@example.org"), action: directory.Refuse, issues: p("delegate-self@delegate")},
				{name: "unknown delegate", by: "set", record: p("address", "anna@example.org", "delegate", "nobody@example.org"), action: directory.Refuse, issues: p("delegate-unknown@delegate"), says: "no user nobody@example.org"},
			}},
	})
}

// idOf is an id that every run of the tests has.
func idOf(last byte) string { return directory.ID{6: 0x70, 8: 0x80, 15: last}.String() }

// fixID gives a user such an id.
func fixID(w *importertest.World, address string, last byte) {
	id, _ := directory.ParseID(idOf(last))
	old := w.User(address).ID
	w.ExecUnguarded(`UPDATE addresses SET user_id = $1 WHERE user_id = $2`, id[:], old[:])
	w.ExecUnguarded(`UPDATE users SET id = $1 WHERE id = $2`, id[:], old[:])
}
