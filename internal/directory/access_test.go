package directory_test

import (
	"testing"
	"time"

	"muster/internal/directory"
)

// "Who may do what, by status": console, POP3, IMAP, submission, inbound mail.
func TestAccess(t *testing.T) {
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	user := func(status string, password bool, set ...directory.Field) *directory.User {
		u := &directory.User{HasPassword: password}
		u.Values[directory.Status] = status
		for _, f := range set {
			u.Values[f] = "true"
		}
		return u
	}
	until := func(u *directory.User, lock time.Time) *directory.User { u.LockedUntil = lock; return u }
	open := directory.Access{Console: directory.ConsoleOpen, IMAP: true, Inbound: true}
	all := directory.Access{Console: directory.ConsoleOpen, POP3: true, IMAP: true, Submission: true, Inbound: true}
	closed := directory.Access{Console: directory.ConsoleClosed, Inbound: true}
	for name, c := range map[string]struct {
		user *directory.User
		want directory.Access
	}{
		"active, nothing granted":   {user("active", true), open},
		"active, pop and submit":    {user("active", true, directory.Pop, directory.Submit), all},
		"inactive":                  {user("inactive", true, directory.Pop, directory.Submit), all},
		"leaver":                    {user("leaver", true, directory.Pop, directory.Submit), all},
		"must change":               {user("active", true, directory.MustChange, directory.Pop), directory.Access{Console: directory.ConsoleChange, Inbound: true}},
		"no password":               {user("active", false, directory.MustChange, directory.Pop), directory.Access{Console: directory.ConsoleInvite, Inbound: true}},
		"locked":                    {user("active", true, directory.Locked, directory.Pop), closed},
		"locked until later":        {until(user("active", true), now.Add(time.Minute)), closed},
		"locked until a moment ago": {until(user("active", true), now), open},
		"disabled":                  {user("disabled", true, directory.Submit), closed},
		"deleted":                   {user("deleted", true, directory.Pop), directory.Access{Console: directory.ConsoleClosed}},
	} {
		if got := c.user.Access(now); got != c.want {
			t.Errorf("%s: %+v, not %+v", name, got, c.want)
		}
	}
}

// A password that was generated lapses unused, and any expires after some days unless it
// never does (rules.md, Passwords); either closes what the table closes.
func TestAccessByThePassword(t *testing.T) {
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	all := directory.Access{Console: directory.ConsoleOpen, POP3: true, IMAP: true, Submission: true, Inbound: true}
	change := directory.Access{Console: directory.ConsoleChange, Inbound: true}
	invite := directory.Access{Console: directory.ConsoleInvite, Inbound: true}
	closed := directory.Access{Console: directory.ConsoleClosed, Inbound: true}
	ago := func(days int) directory.StoredPassword { return directory.StoredPassword{At: now.AddDate(0, 0, -days)} }
	lapsing := func(at time.Time) directory.StoredPassword { return directory.StoredPassword{At: now, Lapses: at} }
	for name, c := range map[string]struct {
		password directory.StoredPassword
		set      []directory.Field
		want     directory.Access
	}{
		"a day before it expires":     {ago(364), nil, all},
		"expired":                     {ago(365), nil, change},
		"never expires":               {ago(10_000), []directory.Field{directory.NeverExpires}, all},
		"lapses later":                {lapsing(now.Add(1)), []directory.Field{directory.MustChange}, change},
		"lapsed":                      {lapsing(now), []directory.Field{directory.MustChange}, invite},
		"lapsed, and never expires":   {lapsing(now), []directory.Field{directory.NeverExpires}, invite},
		"expired and locked":          {ago(365), []directory.Field{directory.Locked}, closed},
		"lapsed and locked":           {lapsing(now), []directory.Field{directory.Locked}, closed},
		"must change, and is not old": {ago(1), []directory.Field{directory.MustChange}, change},
	} {
		u := &directory.User{HasPassword: true}
		u.Values[directory.Status] = "active"
		for _, f := range append(c.set, directory.Pop, directory.Submit) {
			u.Values[f] = "true"
		}
		if got := u.AccessBy(c.password, 365, now); got != c.want {
			t.Errorf("%s: %+v, not %+v", name, got, c.want)
		}
	}
}
