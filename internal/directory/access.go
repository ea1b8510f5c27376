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
