package api_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"muster/client"
	"muster/internal/api"
	"muster/internal/directory"
)

func to[T any](v T) *T { return &v }

func TestUsers(t *testing.T) {
	w := newWorld(t)
	w.Group("RX1", "Wards")
	c := w.as("Full", "RX1")
	u, err := c.AddUser(ctx, client.NewUser{Address: "anna@example.org", UserChange: client.UserChange{Org: to("RX1"), First: to("Anna"), Last: to("Bell"),
		Pop: to(true), Aliases: []string{"a.bell@example.org"}, Groups: []string{"Wards"}, Attributes: map[string]string{"Floor": "3"}, GeneratePassword: true}})
	wants(t, "adding", err, 0, "")
	if u.Name != "Anna Bell" || len(u.Password) < 20 || !u.Pop || len(u.Changes) == 0 || u.Attributes["Floor"] != "3" || len(u.Groups) != 1 {
		t.Errorf("%+v", u)
	}
	u, err = c.SetUser(ctx, "anna@example.org", client.UserChange{Title: to("Dr"), RemoveGroups: []string{"Wards"}, RenameTo: "anna.bell@example.org", Attributes: map[string]string{"Floor": ""}})
	wants(t, "changing", err, 0, "")
	if u.Title != "Dr" || len(u.Groups) != 0 || len(u.Aliases) != 2 || len(u.Attributes) != 0 {
		t.Errorf("%+v", u)
	}
	read, err := c.User(ctx, "a.bell@example.org")
	wants(t, "reading", err, 0, "")
	if read.Address != "anna.bell@example.org" {
		t.Errorf("%+v", read)
	}
	owner, err := c.Owner(ctx, "anna@example.org")
	wants(t, "an address", err, 0, "")
	if owner.Kind != "alias" || owner.User != read.ID {
		t.Errorf("%+v", owner)
	}
	_, err = c.SetUser(ctx, read.ID, client.UserChange{Clear: []string{"nothing"}})
	wants(t, "clearing what there is not", err, 422, "field-unknown")
	_, err = c.AddUser(ctx, client.NewUser{Address: "anna.bell@example.org"})
	wants(t, "a user who is there", err, 409, "user-exists")
	_, err = c.User(ctx, "nobody@example.org")
	wants(t, "nobody", err, 404, "user-unknown")
	n := 0
	wants(t, "history", c.UserHistory(ctx, read.ID, func(*client.Entry) error { n++; return nil }), 0, "")
	if n != 2 {
		t.Errorf("%d entries of the history", n)
	}
}

func TestStatesOfUsers(t *testing.T) {
	w := newWorld(t)
	w.Org("RX2", directory.Master)
	w.Domain("example.com", directory.Master)
	c := w.as("Master", directory.Master)
	for _, step := range []struct {
		what string
		does func(string) (*client.ChangedUser, error)
		is   func(*client.ChangedUser) bool
	}{
		{"lock", func(u string) (*client.ChangedUser, error) { return c.LockUser(ctx, u) }, func(u *client.ChangedUser) bool { return u.Locked }},
		{"unlock", func(u string) (*client.ChangedUser, error) { return c.UnlockUser(ctx, u) }, func(u *client.ChangedUser) bool { return !u.Locked }},
		{"password", func(u string) (*client.ChangedUser, error) {
			return c.SetPassword(ctx, u, client.PasswordChange{Password: "correct-horse-battery"})
		}, func(u *client.ChangedUser) bool { return u.Password == "" && u.Changes[0].New == "(set)" }},
		{"generated password", func(u string) (*client.ChangedUser, error) {
			return c.SetPassword(ctx, u, client.PasswordChange{Generate: true, MustChangePassword: true})
		}, func(u *client.ChangedUser) bool { return len(u.Password) >= 20 && u.MustChangePassword }},
		{"transfer", func(u string) (*client.ChangedUser, error) { return c.TransferUser(ctx, u, "RX2") }, func(u *client.ChangedUser) bool { return u.Org == "RX2" }},
		{"leaver", func(u string) (*client.ChangedUser, error) { return c.MarkLeaver(ctx, u) }, func(u *client.ChangedUser) bool { return u.Status == "leaver" }},
		{"join", func(u string) (*client.ChangedUser, error) { return c.JoinUser(ctx, u, "RX1") }, func(u *client.ChangedUser) bool { return u.Status == "active" && u.Org == "RX1" }},
		{"delete", func(u string) (*client.ChangedUser, error) { return c.DeleteUser(ctx, u) }, func(u *client.ChangedUser) bool { return u.Status == "deleted" }},
	} {
		if !w.Has("anna@example.com") {
			w.Add("anna@example.com", "RX1")
		}
		u, err := step.does("anna@example.com")
		wants(t, step.what, err, 0, "")
		if err == nil && !step.is(u) {
			t.Errorf("%s: %+v", step.what, u)
		}
	}
	_, err := c.SetPassword(ctx, "anna@example.com", client.PasswordChange{})
	wants(t, "no password", err, 400, "request-invalid")
}

// TestWhatAUserMayDoNow: programs are told whether a user has a password, is locked out, and
// what they may do just now.
func TestWhatAUserMayDoNow(t *testing.T) {
	var w *world
	w = newWorldWith(t, func(s *api.Services) { s.Now = func() time.Time { return w.Now } })
	w.Add("anna@example.org", "RX1", "pop", "true")
	c := w.as("Basic", "RX1")
	shows := func(what, console string, password, mail, out bool) {
		t.Helper()
		one, err := c.User(ctx, "anna@example.org")
		wants(t, what, err, 0, "")
		wants(t, what, c.Users(ctx, client.UserFilter{}, func(u *client.User) error {
			for _, u := range []*client.User{one, u} {
				if u.Console != console || u.HasPassword != password || u.IMAP != mail || u.POP3 != mail || u.Submission || (u.LockedUntil != nil) != out {
					t.Errorf("%s: %+v", what, u)
				}
			}
			return nil
		}), 0, "")
	}
	shows("new", "by invitation", false, false, false)
	tried, err := c.SetPassword(client.WithDryRun(ctx), "anna@example.org", client.PasswordChange{Password: password})
	if wants(t, "trying a password", err, 0, ""); !tried.HasPassword || tried.Console != "yes" {
		t.Errorf("tried: %+v", tried.User)
	}
	w.as("Basic", "RX1").SetPassword(ctx, "anna@example.org", client.PasswordChange{Password: password})
	shows("with a password", "yes", true, true, false)
	for range 5 {
		w.send("POST", client.Root+"/session", "", `{"address":"anna@example.org","password":"wrong"}`)
	}
	shows("locked out", "no", true, false, true)
	unlocked, err := c.UnlockUser(ctx, "anna@example.org")
	if wants(t, "unlocking", err, 0, ""); unlocked.LockedUntil != nil || unlocked.Console != "yes" {
		t.Errorf("unlocked: %+v", unlocked.User)
	}
}

// TestListOfUsers: pages have all users once, and filters are those of the command.
func TestListOfUsers(t *testing.T) {
	w := newWorld(t)
	want := []string{}
	for i := range 25 {
		address := fmt.Sprintf("user%02d@example.org", i)
		w.Add(address, "RX1")
		want = append(want, address)
	}
	w.Set("user03@example.org", "status", "disabled")
	for _, size := range []int{1, 7, 25, 1000} {
		c := w.as("Auditor", "RX1")
		c.PerPage = size
		if got := listed(t, c, client.UserFilter{}); !slices.Equal(got, want) {
			t.Errorf("by %d: %v", size, got)
		}
	}
	c := w.as("Auditor", "RX1")
	for filter, want := range map[client.UserFilter]int{{Search: "user2"}: 5, {Status: "disabled"}: 1, {Origin: "import"}: 0, {Domain: "EXAMPLE.org"}: 25, {Org: "rx1"}: 25} {
		if got := listed(t, c, filter); len(got) != want {
			t.Errorf("%+v: %v", filter, got)
		}
	}
	wants(t, "an unknown status", c.Users(ctx, client.UserFilter{Status: "asleep"}, nil), 422, "value-wrong")
	wants(t, "another organisation", c.Users(ctx, client.UserFilter{Org: "MASTER"}, nil), 404, "organisation-unknown")
}

func listed(t *testing.T, c *client.Client, filter client.UserFilter) (got []string) {
	t.Helper()
	wants(t, "a list", c.Users(ctx, filter, func(u *client.User) error { got = append(got, u.Address); return nil }), 0, "")
	return got
}

func TestAccountsAndDelegates(t *testing.T) {
	w := newWorld(t)
	w.Add("anna@example.org", "RX1")
	w.Add("ben@example.org", "RX1")
	c := w.as("Basic", "RX1")
	_, err := c.SetAccount(ctx, "anna@example.org", "exchange", "anna@corp.example", client.AccountChange{User: to("anna"), Password: to("secret words")})
	wants(t, "an account", err, 0, "")
	var accounts []*client.Account
	wants(t, "accounts", c.Accounts(ctx, "anna@example.org", func(a *client.Account) error { accounts = append(accounts, a); return nil }), 0, "")
	if len(accounts) != 1 || *accounts[0].User != "anna" || !*accounts[0].Password || accounts[0].IncomingUser != nil {
		t.Errorf("%+v", accounts)
	}
	_, err = c.SetAccount(ctx, "anna@example.org", "exchange", "anna@corp.example", client.AccountChange{IncomingUser: to("anna")})
	wants(t, "a value of another type", err, 422, "field-unknown")
	_, err = c.DeleteAccount(ctx, "anna@example.org", "exchange", "anna@corp.example")
	wants(t, "deleting it", err, 0, "")
	_, err = c.DeleteAccount(ctx, "anna@example.org", "exchange", "anna@corp.example")
	wants(t, "deleting it again", err, 404, "account-unknown")
	_, err = c.AddDelegate(ctx, "anna@example.org", "ben@example.org")
	wants(t, "a delegate", err, 0, "")
	n := 0
	wants(t, "delegates", c.Delegates(ctx, "anna@example.org", func(d *client.Delegate) error { n++; return nil }), 0, "")
	u, err := c.DeleteDelegate(ctx, "anna@example.org", "ben@example.org")
	wants(t, "taking the delegate away", err, 0, "")
	if n != 1 || len(u.Delegates) != 0 {
		t.Errorf("%d delegates, then %v", n, u.Delegates)
	}
}
