package directory_test

import (
	"strings"
	"testing"

	"muster/internal/directory"
	"muster/internal/importer/importertest"
)

func TestUsers(t *testing.T) {
	proves(t, []sentence{
		{rule: "blank at creation: display name = first and last, else name; name = display name, else the local part",
			cases: []example{
				{name: "first and last", record: p("address", "a@example.org", "first", "Anna", "last", "Berg"), action: directory.Create,
					changes: p("org: - → RX1", "address: - → a@example.org", "origin: - → import", "first: - → Anna", "last: - → Berg",
						"display_name: - → Anna Berg", "name: - → Anna Berg", "mailbox_gb: - → 4")},
				{name: "name only", record: p("address", "a@example.org", "name", "Anna Berg"), action: directory.Create,
					has: p("display_name: - → Anna Berg", "name: - → Anna Berg")},
				{name: "display name only", record: p("address", "a@example.org", "display_name", "Anna B."), action: directory.Create,
					has: p("display_name: - → Anna B.", "name: - → Anna B.")},
				{name: "all", record: p("address", "a@example.org", "first", "Anna", "last", "Berg", "display_name", "Anna B.", "name", "Berg, Anna"), action: directory.Create,
					has: p("display_name: - → Anna B.", "name: - → Berg, Anna")},
				{name: "nothing", by: "mimecast-connect", record: p("address", "a.berg@example.org"), action: directory.Create,
					changes: p("org: - → RX1", "address: - → a.berg@example.org", "origin: - → import", "display_name: - → a.berg", "name: - → a.berg", "mailbox_gb: - → 4")},
				{name: "by hand", by: "add", record: p("address", "a@example.org", "name", "Anna"), action: directory.Create, has: p("origin: - → manual")},
			}},
		{rule: "a blank keeps, (clear) clears, and both show in the plan",
			given: func(w *importertest.World) {
				w.Add("anna@example.org", "RX1", "title", "Dr", "department", "Ward", "attr.Room", "12", "role", "Basic")
			},
			cases: []example{
				{name: "blank", record: p("address", "anna@example.org"), action: directory.Unchanged, changes: p()},
				{name: "same", record: p("address", "anna@example.org", "title", "Dr", "attr.room", "12"), action: directory.Unchanged},
				{name: "another", record: p("address", "anna@example.org", "title", "Prof"), action: directory.Update, changes: p("title: Dr → Prof")},
				{name: "clear", record: p("address", "anna@example.org", "title", "(clear)", "attr.room", "(clear)"), action: directory.Update,
					changes: p("title: Dr → -", "attr.Room: 12 → -")},
				{name: "clear what is blank", record: p("address", "anna@example.org", "fax", "(clear)", "attr.Other", "(clear)"), action: directory.Unchanged},
				{name: "clear, by a door that takes it for a text", record: p("address", "anna@example.org", "title", " (CLEAR)", "attr.room", "(Clear) "), action: directory.Update,
					changes: p("title: Dr → -", "attr.Room: 12 → -")},
				{name: "blanks round a value", record: p("address", "anna@example.org", "title", "Dr\u00a0", "department", "\tWards ", "attr.room", " 12"), action: directory.Update,
					changes: p("department: Ward → Wards")},
				{name: "nothing but blanks", record: p("address", "anna@example.org", "title", " ", "attr.room", "\u00a0"), action: directory.Unchanged},
				{name: "blank attribute", record: p("address", "anna@example.org", "attr.Room", ""), action: directory.Unchanged},
				{name: "name cannot be cleared", record: p("address", "anna@example.org", "name", "(clear)"), action: directory.Refuse, issues: p("not-clearable@name")},
				{name: "status cannot be cleared", record: p("address", "anna@example.org", "status", "(clear)"), action: directory.Refuse, issues: p("not-clearable@status")},
			}},
		{rule: "a value is one that its field takes; all problems of a row are told",
			given: func(w *importertest.World) { w.Add("anna@example.org", "RX1") },
			cases: []example{
				{name: "too long", record: p("address", "anna@example.org", "title", strings.Repeat("x", 61)), action: directory.Refuse,
					issues: p("value-too-long@title"), says: "has 61 characters; at most 60"},
				{name: "control character", record: p("address", "anna@example.org", "title", "D\x07r"), action: directory.Refuse,
					issues: p("value-control-character@title"), says: "U+0007"},
				{name: "line break in a line", record: p("address", "anna@example.org", "department", "Ward\nNorth"), action: directory.Update,
					changes: p("department: - → Ward North"), issues: p("line-break@department")},
				{name: "line break in notes", record: p("address", "anna@example.org", "notes", "one\ntwo"), action: directory.Update, changes: p("notes: - → one\ntwo")},
				{name: "flags", record: p("address", "anna@example.org", "pop", "Yes", "submit", "1", "locked", "N"), action: directory.Update,
					changes: p("pop: false → true", "submit: false → true")},
				{name: "no flag", record: p("address", "anna@example.org", "pop", "maybe"), action: directory.Refuse, issues: p("value-wrong@pop"), says: `"maybe" is neither yes nor no`},
				{name: "plain flags only", by: "mimecast-connect", record: p("address", "b@example.org", "must_change_password", "yes"), action: directory.Refuse,
					issues: p("value-wrong@must_change_password"), says: "write TRUE or FALSE"},
				{name: "type", record: p("address", "anna@example.org", "type", "Shared"), action: directory.Update, changes: p("type: user → shared")},
				{name: "no type", record: p("address", "anna@example.org", "type", "shraed"), action: directory.Refuse, issues: p("value-wrong@type"), says: "did you mean shared?"},
				{name: "told once", record: p("address", strings.Repeat("x", 400)+"@example.org"), action: directory.Refuse, issues: p("value-too-long@address")},
				{name: "several", record: p("address", "anna@example.org", "pop", "maybe", "mailbox_gb", "big", "alias", "x@y@z"), action: directory.Refuse,
					issues: p("value-wrong@pop", "value-wrong@mailbox_gb", "address-invalid@alias")},
				{name: "organisation unknown", by: "nhsmail", record: p("first", "A", "last", "B", "org", "RX9", "mobile", "+33 6 12 34 56 78", "password", "xK4#v", "title", "D\x07r"), action: directory.Refuse,
					issues: p("value-control-character@title", "organisation-unknown@org", "mobile-not-uk@mobile", "password-too-short@password")},
				{name: "organisation unknown, with a role and a delegate", record: p("address", "a@example.org", "org", "RX9", "role", "Full", "delegate", "a@example.org", "mailbox_gb", "900"), action: directory.Refuse,
					issues: p("organisation-unknown@org", "role-not-by-file@role", "delegate-self@delegate")},
				{name: "organisation unknown, but the user known", record: p("address", "anna@example.org", "org", "RX9", "mailbox_gb", "900"), action: directory.Refuse,
					issues: p("organisation-unknown@org", "mailbox-too-large@mailbox_gb")},
				{name: "misspelt role, by file", record: p("address", "anna@example.org", "role", "Helpdsk"), action: directory.Refuse, issues: p("value-wrong@role"),
					says: `"Helpdsk" is not one of Basic, Helpdesk, Gateway. (did you mean Helpdesk?)`},
				{name: "misspelt role, by hand", by: "set", record: p("address", "anna@example.org", "role", "Migratoin"), action: directory.Refuse, issues: p("value-wrong@role"),
					says: "did you mean Migration?"},
				{name: "name of an attribute", record: p("address", "anna@example.org", "attr."+strings.Repeat("x", 101), "1"), action: directory.Refuse,
					issues: p("attribute-name@attr." + strings.Repeat("x", 101))},
			}},
		{rule: "a mobile of an NHSmail file must be a UK one",
			cases: []example{
				{name: "national", by: "nhsmail", record: p("first", "A", "last", "B", "mobile", "07400 123456"), action: directory.Create, has: p("mobile: - → 07400 123456")},
				{name: "international", by: "nhsmail", record: p("first", "A", "last", "B", "mobile", "+44 7400 123456"), action: directory.Create},
				{name: "for examples", by: "nhsmail", record: p("first", "A", "last", "B", "mobile", "07700 900123"), action: directory.Create},
				{name: "too long for examples", by: "nhsmail", record: p("first", "A", "last", "B", "mobile", "07700 9001234"), action: directory.Refuse, issues: p("mobile-not-uk@mobile")},
				{name: "landline", by: "nhsmail", record: p("first", "A", "last", "B", "mobile", "020 7946 0018"), action: directory.Refuse, issues: p("mobile-not-uk@mobile")},
				{name: "French", by: "nhsmail", record: p("first", "A", "last", "B", "mobile", "+33 6 12 34 56 78"), action: directory.Refuse, issues: p("mobile-not-uk@mobile")},
				{name: "elsewhere any", record: p("address", "a@example.org", "mobile", "+33 6 12 34 56 78"), action: directory.Create},
			}},
		{rule: "pop and submit are off unless granted; mailbox size is the organisation's default and at most what it has bought; type is user",
			given: func(w *importertest.World) {
				w.Org("BIG", directory.Master)
				w.Domain("big.example", "BIG")
				w.Settings("BIG", func(s *directory.Settings) { s.MailboxGB, s.MailboxMaxGB = 8, 16 })
				w.Add("anna@example.org", "RX1")
				write(w, `UPDATE users SET mailbox_gb = 9 WHERE address = 'anna@example.org'`)
			},
			cases: []example{
				{name: "default", record: p("address", "b@big.example", "org", "BIG"), action: directory.Create, has: p("mailbox_gb: - → 8")},
				{name: "granted", record: p("address", "b@example.org", "pop", "true"), action: directory.Create, has: p("pop: false → true")},
				{name: "bought", record: p("address", "b@big.example", "org", "BIG", "mailbox_gb", "16 GB"), action: directory.Create, has: p("mailbox_gb: - → 16")},
				{name: "not bought", record: p("address", "b@big.example", "org", "BIG", "mailbox_gb", "17"), action: directory.Refuse, issues: p("mailbox-too-large@mailbox_gb"), says: "17 GB is more than the 16 GB"},
				{name: "no number", record: p("address", "b@example.org", "mailbox_gb", "four"), action: directory.Refuse, issues: p("value-wrong@mailbox_gb"), says: `"four"`},
				{name: "none", record: p("address", "b@example.org", "mailbox_gb", "0"), action: directory.Refuse, issues: p("value-wrong@mailbox_gb")},
				{name: "kept, though larger", record: p("address", "anna@example.org", "mailbox_gb", "9"), action: directory.Unchanged},
			}},
		{rule: "a record sets the statuses that its source may set; inactive comes by itself",
			given: func(w *importertest.World) {
				w.Add("anna@example.org", "RX1")
				w.Add("idle@example.org", "RX1")
				write(w, `UPDATE users SET status = 'inactive' WHERE address = 'idle@example.org'`)
			},
			cases: []example{
				{name: "disabled", record: p("address", "anna@example.org", "status", "Disabled"), action: directory.Update, changes: p("status: active → disabled")},
				{name: "new and disabled", record: p("address", "b@example.org", "status", "disabled"), action: directory.Create, has: p("status: active → disabled")},
				{name: "new and leaver", record: p("address", "b@example.org", "status", "leaver"), action: directory.Refuse, issues: p("user-unknown@status")},
				{name: "new and deleted", record: p("address", "b@example.org", "status", "deleted"), action: directory.Refuse, issues: p("user-unknown@status")},
				{name: "new and inactive", record: p("address", "b@example.org", "status", "inactive"), action: directory.Refuse, issues: p("status-wrong@status")},
				{name: "inactive", record: p("address", "anna@example.org", "status", "inactive"), action: directory.Refuse, issues: p("status-wrong@status")},
				{name: "inactive already", record: p("address", "idle@example.org", "status", "inactive"), action: directory.Unchanged},
				{name: "inactive no more", record: p("address", "idle@example.org", "status", "active"), action: directory.Update, changes: p("status: inactive → active")},
				{name: "inactive by hand", by: "set", record: p("address", "anna@example.org", "status", "inactive"), action: directory.Refuse, issues: p("status-wrong@status")},
				{name: "not of this source", by: "nhsmail", record: p("first", "A", "last", "B", "status", "disabled"), action: directory.Refuse,
					issues: p("status-wrong@status"), says: `The status "disabled" cannot be set here; it may be leaver or blank.`},
				{name: "misspelt", record: p("address", "anna@example.org", "status", "disabeld"), action: directory.Refuse, issues: p("status-wrong@status"), says: "did you mean disabled?"},
				{name: "no source of statuses", by: "mimecast-connect", record: p("address", "b@example.org", "status", "active"), action: directory.Refuse, issues: p("status-wrong@status")},
			}},
		{rule: "a leaver loses every administrator role and keeps the mailbox size",
			given: func(w *importertest.World) {
				w.Settings("RX1", func(s *directory.Settings) { s.MailboxMaxGB = 20 })
				w.Add("anna@example.org", "RX1", "role", "Basic", "mailbox_gb", "20")
				w.Add("gone@example.org", "RX1")
				w.Set("gone@example.org", "status", "leaver")
			},
			cases: []example{
				{name: "by hand", by: "set", record: p("address", "anna@example.org", "status", "leaver"), action: directory.MarkLeft,
					changes: p("status: active → leaver", "role: Basic → -")},
				{name: "by file", record: p("address", "anna@example.org", "status", "leaver"), action: directory.MarkLeft,
					changes: p("status: active → leaver", "role: Basic → -")},
				{name: "already", record: p("address", "gone@example.org", "status", "leaver"), action: directory.Unchanged},
				{name: "with a role", record: p("address", "gone@example.org", "role", "Basic"), action: directory.Refuse, issues: p("role-of-leaver@role")},
			}},
		{rule: "a joiner moves to the organisation of the row with address and mail; size back to the default; groups, delegates and local id of the old one are removed",
			given: func(w *importertest.World) {
				w.Org("RX2", directory.Master)
				w.Domain("two.example", "RX2")
				w.Settings("RX1", func(s *directory.Settings) { s.MailboxMaxGB = 20 })
				w.Group("RX1", "Wards")
				w.Group(directory.Master, "Everybody")
				w.Add("box@example.org", "RX1")
				w.Add("anna@example.org", "RX1", "last", "Berg", "local_id", "7", "mailbox_gb", "20", "alias", "a@example.org",
					"group", "Wards", "group", "Everybody", "delegate", "box@example.org")
				w.Add("boss@example.org", "RX1", "delegate", "anna@example.org")
				w.Set("anna@example.org", "status", "leaver")
			},
			cases: []example{
				{name: "another organisation", by: "set", record: p("address", "anna@example.org", "status", "active", "org", "RX2"), action: directory.Join, issues: p("leaver-joins@status"),
					changes: p("status: leaver → active", "org: RX1 → RX2", "local_id: 7 → -", "group: Wards → -", "delegate: box@example.org → -",
						"opened_by: boss@example.org → -", "mailbox_gb: 20 → 4")},
				{name: "the same", by: "set", record: p("address", "anna@example.org", "status", "active"), action: directory.Join, issues: p("leaver-joins@status"),
					changes: p("status: leaver → active", "mailbox_gb: 20 → 4")},
				{name: "with the same local id", by: "set", record: p("address", "anna@example.org", "status", "active", "org", "RX2", "local_id", "7", "group", "Everybody"),
					action: directory.Join, issues: p("leaver-joins@status"),
					changes: p("status: leaver → active", "org: RX1 → RX2", "group: Wards → -", "delegate: box@example.org → -",
						"opened_by: boss@example.org → -", "mailbox_gb: 20 → 4")},
				{name: "with another local id", by: "set", record: p("address", "anna@example.org", "status", "active", "org", "RX2", "local_id", "8"),
					action: directory.Join, issues: p("leaver-joins@status"), has: p("local_id: 7 → 8")},
				{name: "no new addresses of the old one", by: "set", record: p("address", "anna@example.org", "status", "active", "org", "RX2", "alias", "b@example.org"),
					action: directory.Refuse, issues: p("leaver-joins@status", "domain-not-usable@alias")},
				{name: "right in the receiving organisation only", by: "set", as: as("Basic", "RX2"),
					record: p("address", "anna@example.org", "status", "active", "org", "RX2"), action: directory.Join, issues: p("leaver-joins@status")},
				{name: "no right there", by: "set", as: as("Basic", "RX1"),
					record: p("address", "anna@example.org", "status", "active", "org", "RX2"), action: directory.Refuse, issues: p("organisation-unknown@org", "leaver-joins@status")},
			}},
		{rule: "who is to join by hand is a leaver",
			given: func(w *importertest.World) {
				w.Org("RX2", directory.Master)
				w.Add("gone@example.org", "RX1", "local_id", "7")
				w.Set("gone@example.org", "status", "leaver")
				w.Add("anna@example.org", "RX1")
				w.Add("off@example.org", "RX1")
				w.Set("off@example.org", "status", "deleted")
			},
			cases: []example{
				{name: "taken back", by: "join", record: p("address", "gone@example.org"), action: directory.Join, issues: p("leaver-joins@status"),
					changes: p("status: leaver → active")},
				{name: "taken over", by: "join", as: as("Basic", "RX2"), record: p("address", "gone@example.org", "org", "RX2"), action: directory.Join, issues: p("leaver-joins@status"),
					changes: p("status: leaver → active", "org: RX1 → RX2", "local_id: 7 → -")},
				{name: "no leaver", by: "join", record: p("address", "anna@example.org"), action: directory.Refuse, issues: p("user-no-leaver@address"),
					says: "anna@example.org is active, and only a leaver joins."},
				{name: "no leaver, and not moved", by: "join", record: p("address", "anna@example.org", "org", "RX2"), action: directory.Refuse, changes: p(), issues: p("user-no-leaver@address")},
				{name: "deleted", by: "join", record: p("address", "off@example.org"), action: directory.Refuse, issues: p("user-deleted@address")},
				{name: "nobody", by: "join", record: p("address", "nobody@example.org"), action: directory.Refuse, issues: p("user-unknown@address")},
				{name: "beyond the rights", by: "join", as: as("Basic", "RX2"), record: p("address", "gone@example.org"), action: directory.Refuse, issues: p("user-unknown@address")},
			}},
		{rule: "changing a primary keeps the former one as an alias",
			given: func(w *importertest.World) {
				w.Add("anna@example.org", "RX1", "alias", "a@example.org")
				w.Add("wed@example.org", "RX1")
				w.Add("ben@example.org", "RX1", "alias", "weiss@example.org")
				w.Set("wed@example.org", "rename_to", "married@example.org")
			},
			cases: []example{
				{name: "by hand", by: "set", record: p("address", "anna@example.org", "rename_to", "anna.berg@example.org"), action: directory.Update,
					changes: p("address: anna@example.org → anna.berg@example.org", "alias: - → anna@example.org")},
				{name: "by file", record: p("address", "anna@example.org", "rename_to", "anna.berg@example.org"), action: directory.Update,
					changes: p("address: anna@example.org → anna.berg@example.org", "alias: - → anna@example.org")},
				{name: "to an alias of theirs", by: "set", record: p("address", "anna@example.org", "rename_to", "a@example.org"), action: directory.Update,
					changes: p("alias: a@example.org → -", "address: anna@example.org → a@example.org", "alias: - → anna@example.org")},
				{name: "also where the row's aliases are the only ones", by: "set", record: p("address", "anna@example.org", "rename_to", "anna.berg@example.org", "alias", "(clear)"),
					action: directory.Update, changes: p("address: anna@example.org → anna.berg@example.org", "alias: - → anna@example.org", "alias: a@example.org → -")},
				{name: "sent again", record: p("address", "wed@example.org", "rename_to", "married@example.org", "alias", "(clear)"), action: directory.Unchanged},
				{name: "to an alias of theirs in another spelling", by: "set", record: p("address", "ben@example.org", "rename_to", "weiß@example.org"), action: directory.Update,
					changes: p("alias: weiss@example.org → -", "address: ben@example.org → weiß@example.org", "alias: - → ben@example.org")},
				{name: "of nobody", record: p("address", "nobody@example.org", "rename_to", "x@example.org"), action: directory.Refuse, issues: p("user-unknown@rename_to")},
			}},
		{rule: "delete is refused for an administrator and for a user of origin directory",
			given: func(w *importertest.World) {
				w.Add("anna@example.org", "RX1", "role", "Basic")
				w.Add("synced@example.org", "RX1")
				write(w, `UPDATE users SET origin = 'directory' WHERE address = 'synced@example.org'`)
				w.Add("ben@example.org", "RX1")
			},
			cases: []example{
				{name: "administrator", by: "set", record: p("address", "anna@example.org", "status", "deleted"), action: directory.Refuse, issues: p("delete-administrator@status")},
				{name: "role taken in the same breath", by: "set", record: p("address", "anna@example.org", "status", "deleted", "role", "(clear)"), action: directory.Refuse,
					issues: p("delete-administrator@status")},
				{name: "directory", record: p("address", "synced@example.org", "status", "deleted"), action: directory.Refuse, issues: p("delete-directory-user@status")},
				{name: "other", by: "set", record: p("address", "ben@example.org", "status", "deleted"), action: directory.Update, changes: p("status: active → deleted")},
			}},
		{rule: "a deleted user keeps the address and can be restored",
			given: func(w *importertest.World) {
				w.Add("anna@example.org", "RX1", "local_id", "7", "alias", "a@example.org")
				w.Set("anna@example.org", "status", "deleted")
			},
			cases: []example{
				{name: "added again by hand", by: "add", record: p("address", "anna@example.org", "name", "Anna"), action: directory.Refuse, issues: p("user-deleted@address"),
					says: "was deleted on 2026-03-02"},
				{name: "added again as active", by: "add", record: p("address", "anna@example.org", "status", "active"), action: directory.Refuse, issues: p("user-deleted@address")},
				{name: "added again by file", by: "mimecast-connect", record: p("address", "anna@example.org", "name", "Anna"), action: directory.Refuse, issues: p("user-deleted@address")},
				{name: "by local id", by: "nhsmail", record: p("first", "A", "last", "B", "local_id", "7", "org", "RX1"), action: directory.Refuse, issues: p("user-deleted@local_id")},
				{name: "as leaver", by: "nhsmail", record: p("first", "A", "last", "B", "local_id", "7", "org", "RX1", "status", "leaver"), action: directory.Refuse, issues: p("user-deleted@local_id")},
				{name: "alias", record: p("address", "b@example.org", "alias", "a@example.org"), action: directory.Refuse, issues: p("address-taken@alias")},
				{name: "restored by hand", by: "set", record: p("address", "anna@example.org", "status", "active"), action: directory.Update, changes: p("status: deleted → active")},
				{name: "restored by file", record: p("address", "anna@example.org", "status", "active"), action: directory.Update, changes: p("status: deleted → active")},
				{name: "still deleted", record: p("address", "anna@example.org", "status", "deleted"), action: directory.Unchanged},
			}},
		{rule: "a local id is unique in its organisation",
			given: func(w *importertest.World) {
				w.Org("RX2", directory.Master)
				w.Domain("two.example", "RX2")
				w.Add("anna@example.org", "RX1", "local_id", "A 7")
				w.Add("ben@example.org", "RX1")
				w.Add("cara@two.example", "RX2")
			},
			cases: []example{
				{name: "taken", by: "set", record: p("address", "ben@example.org", "local_id", "a  7"), action: directory.Refuse, issues: p("local-id-taken@local_id"), says: "is that of anna@example.org"},
				{name: "taken, for a file of another organisation", options: directory.Options{Org: "RX2"}, record: p("address", "ben@example.org", "local_id", "a 7"),
					action: directory.Refuse, issues: p("local-id-taken@local_id")},
				{name: "new user", by: "add", record: p("address", "dan@example.org", "local_id", "A 7"), action: directory.Refuse, issues: p("local-id-taken@local_id")},
				{name: "elsewhere", by: "set", record: p("address", "cara@two.example", "local_id", "A 7"), action: directory.Update, changes: p("local_id: - → A 7")},
				{name: "their own", by: "set", record: p("address", "anna@example.org", "local_id", "A7"), action: directory.Update, changes: p("local_id: A 7 → A7")},
			}},
		{rule: "a user moves between organisations by a Master or Migration administrator, and leaves there what a joiner leaves",
			given: func(w *importertest.World) {
				w.Org("RX1A", "RX1")
				w.Org("RX1B", "RX1")
				w.Org("RX2", directory.Master)
				w.Add("anna@example.org", "RX1A", "local_id", "7")
			},
			cases: []example{
				{name: "moved", by: "set", as: as("Migration", "RX1"), record: p("address", "anna@example.org", "org", "rx1b"), action: directory.Update,
					changes: p("org: RX1A → RX1B", "local_id: 7 → -")},
				{name: "moved by file", as: as("Migration", "RX1"), record: p("address", "anna@example.org", "org", "RX1B"), action: directory.Update},
				{name: "beyond the rights", by: "set", as: as("Migration", "RX1"), record: p("address", "anna@example.org", "org", "RX2"), action: directory.Refuse,
					issues: p("organisation-unknown@org"), says: "RX2"},
				{name: "without the right", by: "set", as: as("Super", "RX1"), record: p("address", "anna@example.org", "org", "RX1B"), action: directory.Refuse, issues: p("not-allowed@org")},
				{name: "by a file that moves nobody", by: "nhsmail", record: p("id", "ID OF ANNA", "first", "A", "last", "B", "org", "RX1B"), action: directory.Refuse,
					issues: p("id-not-found@id")},
				{name: "unknown organisation", by: "set", record: p("address", "anna@example.org", "org", "RX1C"), action: directory.Refuse, issues: p("organisation-unknown@org"), says: "did you mean"},
			}},
		{rule: "nobody locks, disables, deletes, marks, moves or demotes their own account, by any door",
			given: func(w *importertest.World) {
				w.Org("RX1A", "RX1")
				w.Add("master@example.org", "RX1", "role", "Master")
			},
			cases: ownAccount(),
		},
	})
}

func ownAccount() (list []example) {
	for _, by := range []string{"set", "muster"} {
		for _, c := range []struct{ field, value, code string }{
			{"locked", "true", "own-account@locked"},
			{"status", "disabled", "own-account@status"},
			{"status", "leaver", "own-account@status"},
			{"status", "deleted", "own-account@status delete-administrator@status"},
			{"role", "Basic", "own-account@role"},
			{"role", "(clear)", "own-account@role"},
			{"org", "RX1A", "own-account@org"},
		} {
			list = append(list, example{name: by + " " + c.field + " " + c.value, by: by, as: themselves("master@example.org"),
				record: p("address", "master@example.org", c.field, c.value), action: directory.Refuse, issues: strings.Fields(c.code)})
		}
		list = append(list, example{name: by + " title", by: by, as: themselves("master@example.org"),
			record: p("address", "master@example.org", "title", "Dr"), action: directory.Update})
	}
	return list
}

// Phones are kept as written, and beside it in E.164 where they parse for the
// organisation's country.
func TestTelephonesInE164(t *testing.T) {
	for _, c := range []struct{ number, country, want string }{
		{"01632 960101", "GB", "+441632960101"},
		{"(030) 123456", "DE", "+4930123456"},
		{"+33 1 23 45 67 89", "GB", "+33123456789"},
		{"ext. 12", "GB", ""},
		{"", "GB", ""},
	} {
		if got := directory.E164(c.number, c.country); got != c.want {
			t.Errorf("E164(%q, %s) = %q, want %q", c.number, c.country, got, c.want)
		}
	}
	w := importertest.New(t)
	w.Settings("RX1", func(s *directory.Settings) { s.Country = "DE" })
	if u := w.Add("anna@example.org", "RX1", "telephone", "030 123456"); u.Get(directory.Telephone) != "030 123456" {
		t.Errorf("kept as %q", u.Get(directory.Telephone))
	}
	if got := column(w, `SELECT telephone_e164 FROM users WHERE address = 'anna@example.org'`); got != "+4930123456" {
		t.Errorf("beside it %q", got)
	}
}
