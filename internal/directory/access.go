package directory

import "time"

// Console tells how far a user gets at the console.
type Console string

// How far a user gets at the console.
const (
	ConsoleOpen   Console = "yes"
	ConsoleChange Console = "only to set a new password"
	ConsoleInvite Console = "by invitation"
	ConsoleClosed Console = "no"
)

// Access is what a user may do by their status, password and permissions. An
// alias has none of its own: that of its user applies.
type Access struct {
	Console                Console
	POP3, IMAP, Submission bool
	Inbound                bool // mail for the user is accepted
}

// Access tells what the user may do at a time, which decides whether a lock that
// lifts by itself still holds. A lock ends sign-in and never inbound mail.
func (u *User) Access(now time.Time) Access {
	status := u.Values[Status]
	switch {
	case status == "deleted":
		return Access{Console: ConsoleClosed}
	case status == "disabled", u.Is(Locked), now.Before(u.LockedUntil):
		return Access{Console: ConsoleClosed, Inbound: true}
	case !u.HasPassword:
		return Access{Console: ConsoleInvite, Inbound: true}
	case u.Is(MustChange):
		return Access{Console: ConsoleChange, Inbound: true}
	}
	return Access{Console: ConsoleOpen, POP3: u.Is(Pop), IMAP: true, Submission: u.Is(Submit), Inbound: true}
}

// AccessBy is Access where it is known when the user's password was set, and when it
// lapses: one that was generated and lapsed unused is as good as none, and one older
// than some days has expired, unless it never does.
func (u *User) AccessBy(p StoredPassword, days int, now time.Time) Access {
	a := u.Access(now)
	expires := p.At.AddDate(0, 0, days)
	switch {
	case a.Console != ConsoleOpen && a.Console != ConsoleChange:
	case !p.Lapses.IsZero() && !now.Before(p.Lapses):
		return Access{Console: ConsoleInvite, Inbound: true}
	case !u.Is(NeverExpires) && !now.Before(expires):
		return Access{Console: ConsoleChange, Inbound: true}
	}
	return a
}
