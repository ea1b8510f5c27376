package directory_test

import (
	"testing"
	"time"

	"muster/internal/directory"
	"muster/internal/importer/importertest"
	"muster/internal/password"
)

const (
	good   = "teapot-Lantern-42"
	bcrypt = "$2b$04$abcdefghijklmnopqrstuuBSqIjwKLbXWKnLmDXVCw8qR8yQkuvhm"
)

func TestPasswords(t *testing.T) {
	proves(t, []sentence{
		{rule: "a password keeps to the policy of the organisation",
			given: func(w *importertest.World) {
				w.Org("STRICT", directory.Master)
				w.Domain("strict.example", "STRICT")
				w.Settings("STRICT", func(s *directory.Settings) {
					s.Policy = &password.Policy{MinLength: 20, MinLengthApplication: 30, MaxLength: 40}
				})
			},
			cases: []example{
				{name: "good", record: p("address", "a@example.org", "password", good), action: directory.Create, has: p("password: - → (set)")},
				{name: "short", record: p("address", "a@example.org", "password", "xK4#v"), action: directory.Refuse, issues: p("password-too-short@password")},
				{name: "of another organisation", record: p("address", "a@strict.example", "org", "STRICT", "password", good), action: directory.Refuse, issues: p("password-too-short@password")},
				{name: "application", record: p("address", "a@example.org", "type", "application", "password", good), action: directory.Refuse, issues: p("password-too-short@password")},
				{name: "part of a name", record: p("address", "a@example.org", "last", "Lantern", "password", good), action: directory.Refuse, issues: p("password-contains-name@password")},
				{name: "part of the address", record: p("address", "teapot@example.org", "password", good), action: directory.Refuse, issues: p("password-contains-name@password")},
				{name: "part of an address to be generated", by: "nhsmail", record: p("first", "Юрий", "last", "Иванов", "password", "copper-Ivanov-77"), action: directory.Refuse, issues: p("password-contains-name@password")},
				{name: "blank inside", record: p("address", "a@example.org", "password", "teapot Lantern 42"), action: directory.Refuse, issues: p("password-blank-inside@password")},
				{name: "breached", options: directory.Options{Breached: leaked{good}}, record: p("address", "a@example.org", "password", good), action: directory.Refuse, issues: p("password-breached@password")},
			}},
		{rule: "a password cell, and the flag beside it, act when the row creates a user; else they are passed over with a warning, unless --set-passwords",
			given: func(w *importertest.World) {
				w.Add("anna@example.org", "RX1")
				w.Add("boss@example.org", "RX1", "role", "Full")
			},
			cases: []example{
				{name: "creates", by: "mimecast-connect", record: p("address", "b@example.org", "password", good, "must_change_password", "TRUE"), action: directory.Create,
					has: p("password: - → (set)", "must_change_password: false → true")},
				{name: "exists", by: "mimecast-connect", record: p("address", "anna@example.org", "password", good, "must_change_password", "TRUE"), action: directory.Unchanged,
					issues: p("password-passed-over@password")},
				{name: "exists, flag only", by: "mimecast-connect", record: p("address", "anna@example.org", "must_change_password", "TRUE"), action: directory.Unchanged,
					issues: p("password-passed-over@must_change_password")},
				{name: "exists, flag as it is", by: "mimecast-connect", record: p("address", "anna@example.org", "must_change_password", "FALSE"), action: directory.Unchanged},
				{name: "exists, bad password", by: "mimecast-connect", record: p("address", "anna@example.org", "password", "x"), action: directory.Unchanged, issues: p("password-passed-over@password")},
				{name: "--set-passwords", by: "mimecast-connect", options: directory.Options{SetPasswords: true}, record: p("address", "anna@example.org", "password", good, "must_change_password", "TRUE"),
					action: directory.Update, changes: p("password: - → (set)", "must_change_password: false → true")},
				{name: "--set-passwords, bad password", options: directory.Options{SetPasswords: true}, record: p("address", "anna@example.org", "password", "x"), action: directory.Refuse,
					issues: p("password-too-short@password")},
				{name: "--set-passwords, no password", options: directory.Options{SetPasswords: true}, record: p("address", "anna@example.org"), action: directory.Unchanged},
				{name: "--set-passwords without the right", as: as("Gateway", "RX1"), options: directory.Options{SetPasswords: true}, record: p("address", "anna@example.org", "password", good),
					action: directory.Refuse, issues: p("organisation-forbidden@org")},
				{name: "--set-passwords of a mightier one", as: as("Helpdesk", "RX1"), options: directory.Options{SetPasswords: true}, record: p("address", "boss@example.org", "password", good),
					action: directory.Refuse, issues: p("user-protected@password")},
			}},
		{rule: "blank at creation: nhsmail generates one, the others make a user without a password, unless --generate-passwords",
			given: func(w *importertest.World) {
				w.Org("LINK", directory.Master)
				w.Domain("link.example", "LINK")
				w.Settings("LINK", func(s *directory.Settings) { s.Passwords = "link" })
				w.Add("anna@example.org", "RX1")
			},
			cases: []example{
				{name: "nhsmail", by: "nhsmail", record: p("first", "A", "last", "B"), action: directory.Create, has: p("password: - → (generated)", "must_change_password: false → true")},
				{name: "nhsmail with a password", by: "nhsmail", record: p("first", "A", "last", "B", "password", good), action: directory.Create, has: p("password: - → (set)")},
				{name: "nhsmail where passwords go by link", by: "nhsmail", record: p("first", "A", "last", "B", "org", "LINK"), action: directory.Create,
					changes: p("address: - → a.b@link.example", "org: - → LINK", "origin: - → import", "first: - → A", "last: - → B", "display_name: - → A B", "name: - → A B", "mailbox_gb: - → 4")},
				{name: "muster", record: p("address", "b@example.org"), action: directory.Create, changes: p("org: - → RX1", "address: - → b@example.org", "origin: - → import", "display_name: - → b", "name: - → b", "mailbox_gb: - → 4")},
				{name: "--generate-passwords", options: directory.Options{GeneratePasswords: true}, record: p("address", "b@example.org"), action: directory.Create,
					has: p("password: - → (generated)", "must_change_password: false → true")},
				{name: "never of one who exists", options: directory.Options{GeneratePasswords: true, SetPasswords: true}, record: p("address", "anna@example.org"), action: directory.Unchanged},
				{name: "by hand", by: "set", record: p("address", "anna@example.org", "generate", "yes"), action: directory.Update,
					changes: p("password: - → (generated)", "must_change_password: false → true")},
			}},
		{rule: "a ready hash is taken in Dovecot's schemes, for a user with a role only from a Master",
			given: func(w *importertest.World) { w.Add("boss@example.org", "RX1", "role", "Helpdesk") },
			cases: []example{
				{name: "bcrypt", record: p("address", "b@example.org", "password_hash", bcrypt), action: directory.Create, has: p("password: - → (set)")},
				{name: "unknown", record: p("address", "b@example.org", "password_hash", "{ROT13}abc"), action: directory.Refuse, issues: p("password-hash-unknown@password_hash")},
				{name: "and a password", record: p("address", "b@example.org", "password", good, "password_hash", bcrypt), action: directory.Refuse, issues: p("password-twice@password_hash")},
				{name: "role, from a Master", options: directory.Options{SetPasswords: true}, record: p("address", "boss@example.org", "password_hash", bcrypt), action: directory.Update},
				{name: "role, from another", as: as("Super", "RX1"), options: directory.Options{SetPasswords: true}, record: p("address", "boss@example.org", "password_hash", bcrypt),
					action: directory.Refuse, issues: p("hash-for-administrator@password_hash")},
			}},
	})
}

// leaked is a list of breached passwords.
type leaked []string

func (l leaked) Contains(pw string) (bool, error) { return pw == l[0], nil }

// A password is not one of the last four, and what is stored verifies.
func TestPasswordsAreRemembered(t *testing.T) {
	w := importertest.New(t)
	w.Add("anna@example.org", "RX1")
	set := func(pw string) error {
		_, _, err := w.Directory.SetUser(t.Context(), importertest.Operator, record("address", "anna@example.org", "password", pw))
		return err
	}
	first := "violet-Kettle-1"
	for _, c := range []struct{ pw, want string }{
		{first, ""}, {first, "password-reused"}, {"violet-Kettle-2", ""}, {"violet-Kettle-3", ""}, {"violet-Kettle-4", ""}, {first, "password-reused"}, {"violet-Kettle-5", ""},
		{first, ""}, {"violet-Kettle-4", "password-reused"},
	} {
		expectCode(t, c.pw, set(c.pw), c.want)
	}
	if ok, _, err := password.Verify(column(w, `SELECT password FROM users WHERE address = 'anna@example.org'`), first); !ok || err != nil {
		t.Errorf("the password that was set does not verify: %v", err)
	}
	w.Directory.Breached = leaked{"copper-Basin-77"}
	expectCode(t, "breached, by hand", set("copper-Basin-77"), "password-breached")
}

// A generated password is returned once, must be changed and lapses after the
// organisation's days; one that could not be stored is not returned.
func TestGeneratedPasswords(t *testing.T) {
	w := importertest.New(t)
	w.Add("anna@example.org", "RX1")
	_, generated, err := w.Directory.SetUser(t.Context(), importertest.Operator, record("address", "anna@example.org", "generate", "yes"))
	if err != nil || len(generated) < 20 {
		t.Fatalf("generated %d characters: %v", len(generated), err)
	}
	if ok, _, _ := password.Verify(column(w, `SELECT password FROM users WHERE address = 'anna@example.org'`), generated); !ok {
		t.Error("the generated password does not verify")
	}
	lapses := importertest.Ask[int64](w, `SELECT password_lapses_at FROM users WHERE address = 'anna@example.org'`)
	if got, want := time.UnixMicro(lapses).UTC().Format(time.DateOnly), "2026-03-16"; got != want {
		t.Errorf("lapses on %s, want %s", got, want)
	}
	if u := w.User("anna@example.org"); !u.Is(directory.MustChange) || !u.HasPassword {
		t.Error("the generated password need not be changed")
	}
	_, generated, err = w.Directory.SetUser(t.Context(), importertest.Operator, record("address", "anna@example.org", "generate", "yes", "pop", "perhaps"))
	if err == nil || generated != "" {
		t.Errorf("a password came with the error %v", err)
	}
}
