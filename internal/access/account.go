package access

import (
	"time"

	"muster/internal/directory"
	"muster/internal/mailaddr"
)

// Account is what is known of a user who signs in.
type Account struct {
	User     *directory.User // without lists
	Password directory.StoredPassword
	Failures int // failed sign-ins since the last good one
	Factor   *Factor
}

// Factor is the second factor of a user: a secret that their telephone has too.
type Factor struct {
	Sealed    []byte // for FactorContext
	Made      time.Time
	Confirmed time.Time // zero: a code was never shown; it counts for nothing
	Step      int64     // the last time step of which a code was taken
}

// FactorContext is what the second factor of a user is sealed for.
func FactorContext(user directory.ID) string { return "user " + user.String() + " second factor" }

// has reports whether the user has a second factor that counts.
func (a *Account) hasFactor() bool { return a.Factor != nil && !a.Factor.Confirmed.IsZero() }

func (a *Account) id() directory.ID {
	if a == nil {
		return directory.ID{}
	}
	return a.User.ID
}

func (a *Account) address() string { return a.User.Get(directory.Address) }

// console tells how far the user gets.
func (a *Account) console(c *directory.Catalog, now time.Time) directory.Console {
	return a.User.AccessBy(a.Password, c.Settings(a.User.Get(directory.Org)).PasswordDays, now).Console
}

// chose notes that the user has chosen a password.
func (a *Account) chose(at time.Time) {
	a.User.Values[directory.MustChange], a.Password.At, a.Password.Lapses = "", at, time.Time{}
}

// actor is the user at work at the console.
func (a *Account) actor() directory.Actor {
	return directory.Actor{ID: a.User.ID, Address: a.address(), Role: a.User.Get(directory.Role), Org: a.User.Get(directory.Org), Door: SessionDoor}
}

// named is the form in which what was typed as an address is looked up: any address of a
// user will do. What is none is nobody's.
func named(text string) string {
	a, err := mailaddr.Parse(text)
	if err != nil {
		return directory.Fold(text)
	}
	return a.Key()
}
