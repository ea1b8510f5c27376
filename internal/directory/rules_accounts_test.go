package directory_test

import (
	"slices"
	"strings"
	"testing"

	"muster/internal/directory"
	"muster/internal/importer/importertest"
)

// told is each change as "field: old → new".
func told(changes []directory.Change) string {
	var list []string
	for _, c := range changes {
		list = append(list, c.Field+": "+c.Old+" → "+c.New)
	}
	return strings.Join(list, "\n")
}

var emailOfAnn = p("account", "email ann@mail.example", "account.display_name", "Ann", "account.incoming_user", "ann",
	"account.incoming_password", "abc", "account.outgoing_user", "ann-out")

// accountWorld has Ann with an e-mail account of type email.
func accountWorld(t *testing.T) *importertest.World {
	w := importertest.New(t)
	w.Add("ann@example.org", "RX1")
	w.Set("ann@example.org", emailOfAnn...)
	return w
}

func TestAccounts(t *testing.T) {
	const account = "account email ann@mail.example"
	for _, c := range []struct {
		rule   string
		record []string
		want   string // changes, or else the code of the error
	}{
		{"a type and an address that the user has not: a new account, outside the domains and the policy",
			p("account", "exchange ann@corp.example", "account.user", "ann", "account.password", "a"),
			"account:  → exchange ann@corp.example\naccount exchange ann@corp.example: user:  → ann\naccount exchange ann@corp.example: password:  → (set)"},
		{"the same address under another type is another account",
			p("account", "exchange ann@mail.example", "account.user", "ann"),
			"account:  → exchange ann@mail.example\naccount exchange ann@mail.example: user:  → ann"},
		{"an address that is somebody's in the directory is free here",
			p("account", "exchange ann@example.org", "account.user", "ann"),
			"account:  → exchange ann@example.org\naccount exchange ann@example.org: user:  → ann"},
		{"the same again is unchanged, the password too", emailOfAnn, ""},
		{"the address is compared without regard to case", p("account", "email ANN@Mail.example", "account.display_name", "Ann"), ""},
		{"a blank keeps", p("account", "email ann@mail.example"), ""},
		{"a value", p("account", "email ann@mail.example", "account.incoming_user", "bell"), account + ": incoming_user: ann → bell"},
		{"another password", p("account", "email ann@mail.example", "account.incoming_password", "abd"), account + ": incoming_password: (set) → (set)"},
		{"a first password", p("account", "email ann@mail.example", "account.outgoing_password", "abc"), account + ": outgoing_password:  → (set)"},
		{"a password is taken away", p("account", "email ann@mail.example", "account.incoming_password", "(clear)"), account + ": incoming_password: (set) → "},
		{"what is needed is not emptied", p("account", "email ann@mail.example", "account.incoming_user", "(clear)"), "not-clearable"},
		{"a new account lacks a user name", p("account", "exchange new@corp.example"), "account-incomplete"},
		{"the account's address is an address", p("account", "exchange corp"), "address-invalid"},
		{"a control character", p("account", "email ann@mail.example", "account.incoming_user", "a\x01"), "value-control-character"},
		{"too long a password", p("account", "email ann@mail.example", "account.incoming_password", strings.Repeat("a", 321)), "value-too-long"},
	} {
		t.Run(c.rule, func(t *testing.T) {
			w := accountWorld(t)
			v, _, err := w.Directory.SetUser(t.Context(), importertest.Operator, record(append(p("address", "ann@example.org"), c.record...)...))
			got := told(v.Changes)
			if err != nil {
				got = v.Issues[0].Code
			}
			if got != c.want {
				t.Errorf("got %s\nwant %s", got, c.want)
			}
		})
	}
}

// The password is sealed for its account, and opens for no other.
func TestThePasswordOfAnAccountIsSealed(t *testing.T) {
	w := accountWorld(t)
	u := w.User("ann@example.org")
	a := u.Accounts[0]
	plain, err := w.Importer.Key.Open(a.Passwords[directory.AccountPassword].Sealed, a.Context(u.ID, directory.AccountPassword))
	if err != nil || string(plain) != "abc" {
		t.Errorf("%q, %v", plain, err)
	}
	if _, err := w.Importer.Key.Open(a.Passwords[directory.AccountPassword].Sealed, a.Context(u.ID, directory.AccountOutgoingPassword)); err == nil {
		t.Error("the password opens for another place")
	}
	if a.Values[directory.AccountOutgoingPassword] != "" {
		t.Error("there is a password that nobody gave")
	}
}

func TestAnAccountIsDeleted(t *testing.T) {
	w := accountWorld(t)
	del := func() (*directory.Verdict, error) {
		r := record("address", "ann@example.org", "account", "email ann@mail.example")
		r.Account.Delete = true
		v, _, err := w.Directory.SetUser(t.Context(), importertest.Operator, r)
		return v, err
	}
	v, err := del()
	if err != nil || len(w.User("ann@example.org").Accounts) > 0 {
		t.Errorf("%v, %+v", err, w.User("ann@example.org").Accounts)
	}
	if last := v.Changes[len(v.Changes)-1]; last != (directory.Change{Field: "account", Old: "email ann@mail.example"}) {
		t.Errorf("the last change is %+v", last)
	}
	if _, err := del(); err == nil || !directory.AccountUnknown.Is(err) {
		t.Errorf("once more: %v", err)
	}
}

// What is taken back of a user's e-mail accounts is what was there, but for passwords,
// which only an import keeps.
func TestAccountsCanBeReversed(t *testing.T) {
	w := accountWorld(t)
	before := w.User("ann@example.org").Accounts
	v, _, err := w.Directory.SetUser(t.Context(), importertest.Operator,
		record("address", "ann@example.org", "account", "exchange ann@corp.example", "account.user", "ann", "account.domain", "CORP"))
	if err != nil {
		t.Fatal(err)
	}
	var back []directory.Change
	for _, c := range slices.Backward(v.Changes) {
		back = append(back, c.Reverse())
	}
	bring(t, w, v.ID, directory.Update, back)
	after := w.User("ann@example.org").Accounts
	if len(after) != 1 || after[0].AccountKey != before[0].AccountKey || after[0].Values != before[0].Values {
		t.Errorf("%+v, want %+v", after, before)
	}
}
