package access

import (
	"context"
	"errors"
	"net/netip"
	"strings"
	"time"
	"unicode"

	"muster/internal/directory"
	"muster/internal/password"
	"muster/internal/secret"
)

// Credentials are what somebody shows to prove who they are.
type Credentials struct {
	Address  string // any of the user's
	Password secret.Text
	Code     string     // of the second factor, or a recovery code; blank where the user has none
	From     netip.Addr // where the client is; none where that is not known
	Agent    string     // what the client says of itself
	Former   *Session   // that the client is in as it signs in; nil where there is none
}

// client is where somebody is, as it is shown.
func (c Credentials) client() string { return c.From.Unmap().WithZone("").String() }

// longestAgent is how much is kept of what a client says of itself, in octets.
const longestAgent = 200

func (c Credentials) agent() string {
	agent := strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, c.Agent)
	return strings.ToValidUTF8(agent[:min(len(agent), longestAgent)], "")
}

// proof is an attempt to prove that one is a user.
type proof struct {
	*Service
	Credentials
	account *Account // as it was before the password was looked at; nil: nobody's
	catalog *directory.Catalog
	factor  bool // the second factor is asked for too
	ok      bool // the password is right
	renewed string
}

// prove lets then happen in one transaction with the note that somebody has proved to be
// a user; where they have not, the failure is noted and the error is otherwise, whatever
// was wrong.
//
// What can be seen from outside is the same for users whom there is not, who have no password,
// are locked or disabled, and for a wrong password or code: the message, the work of one
// argon2id hash, and a transaction that has to reach the disk. What more is written about a
// user, a line of history, takes some microseconds beside them.
func (p *proof) prove(ctx context.Context, otherwise error, then func(Tx, *Account) error) (err error) {
	if err := p.admit(ctx, p.account, p.Credentials); err != nil {
		return err
	}
	if p.catalog, err = p.Directory.Store.Catalog(ctx); err != nil {
		return err
	}
	if err := p.Gate.First(ctx, p.match); err != nil {
		return errors.Join(err, p.giveBack(ctx, p.account, p.Credentials, false))
	}
	good := false
	err = p.Store.WriteAttempt(ctx, func(tx Tx) (failed bool, err error) {
		now, err := tx.Account(ctx, p.account.id())
		if err != nil {
			return false, err
		}
		why, err := p.refusal(ctx, tx, now)
		if err != nil {
			return false, err
		}
		if good = why == ""; !good {
			return true, p.fail(ctx, tx, now, why)
		}
		if err := p.succeed(ctx, tx, now); err != nil {
			return false, err
		}
		return false, then(tx, now)
	})
	if good {
		return errors.Join(err, p.giveBack(ctx, p.account, p.Credentials, true))
	}
	return orElse(err, otherwise)
}

// verify and makeHash are what a password costs; a test counts them.
var (
	verify = func(hash, plain string) bool {
		ok, _, _ := password.Verify(hash, plain)
		return ok
	}
	makeHash = password.Hash
)

// match compares the password with the user's hash. It makes one argon2id hash in any
// case: either to compare, or as the one that takes the place of a hash of an older kind.
// For a user whom there is not that is made too, and thrown away.
func (p *proof) match() {
	stored, plain := "", p.Password.Reveal()
	if p.account != nil {
		stored = p.account.Password.Hash
	}
	if len(plain) > longestPassword { // which nobody has
		plain = ""
	}
	if stored != "" {
		p.ok = verify(stored, plain) && plain != ""
	}
	if p.Directory.Hashing.Outdated(stored) {
		p.renewed = makeHash(plain, p.Directory.Hashing)
	}
}

// longestPassword is more than any policy allows, in octets.
const longestPassword = 1024

// refusal tells why somebody has not proved to be the user, as it is now; "" where
// they have.
func (p *proof) refusal(ctx context.Context, tx Tx, now *Account) (string, error) {
	switch {
	case now == nil:
		return "no such user", nil
	case !now.lets(p.catalog, p.Now()):
		return now.shut(p.catalog, p.Now()), nil
	case !p.ok || now.Password.Hash != p.account.Password.Hash: // which somebody has just changed
		return wrongPassword, nil
	case !p.factor || !now.hasFactor():
		return "", nil
	}
	ok, err := p.takeCode(ctx, tx, now, p.Code)
	if !ok {
		return wrongCode, err
	}
	return "", err
}

// The reasons that count towards a lock-out.
const (
	wrongPassword = "wrong password"
	wrongCode     = "wrong second factor"
)

// lets reports whether a right password lets the user in, be it only to set a new one.
func (a *Account) lets(c *directory.Catalog, now time.Time) bool {
	console := a.console(c, now)
	return console == directory.ConsoleOpen || console == directory.ConsoleChange
}

// shut tells why not even a right password lets the user in.
func (a *Account) shut(c *directory.Catalog, now time.Time) string {
	standing := *a.User
	standing.LockedUntil = time.Time{}
	switch {
	case standing.Access(now).Console == directory.ConsoleClosed:
		return "account closed"
	case a.console(c, now) == directory.ConsoleInvite:
		return "no password"
	}
	return "locked out"
}

// fail notes a failure, and locks the user out after so many as the policy allows.
func (p *proof) fail(ctx context.Context, tx Tx, a *Account, why string) error {
	failures, until := 0, time.Time{}
	var more []directory.Change
	if a != nil {
		failures, until = a.Failures, a.User.LockedUntil
		settings := p.catalog.Settings(a.User.Get(directory.Org))
		if why == wrongPassword || why == wrongCode {
			failures++
		}
		if failures >= settings.LockoutFailures {
			failures, until = 0, p.Now().Add(time.Duration(settings.LockoutMinutes)*time.Minute)
			more = append(more, directory.Change{Field: directory.ChangeLockOut, New: until.UTC().Format(time.RFC3339)})
		}
	}
	if err := tx.NoteFailure(ctx, a.id(), failures, until); err != nil {
		return err
	}
	if err := tx.KeepAttempt(ctx, p.countedBy(a, p.Credentials)[0].key); err != nil || a == nil {
		return err
	}
	return p.tellFailure(ctx, tx, a, p.Credentials, why, more...)
}

// succeed notes that a user was here. A hash of an older kind is exchanged for one of
// today.
func (p *proof) succeed(ctx context.Context, tx Tx, a *Account) error {
	if err := tx.NoteSuccess(ctx, a.User.ID, p.Now()); err != nil || p.renewed == "" {
		return err
	}
	return tx.RenewHash(ctx, a.User.ID, p.renewed)
}
