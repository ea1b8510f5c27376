package access

import (
	"context"
	"errors"
	"net/netip"
	"time"

	"muster/internal/directory"
)

// window is the time within which attempts are counted.
const window = 15 * time.Minute

// Limits are how many failed sign-ins are let through within 15 minutes, before further ones are
// turned away without looking at the password.
type Limits struct {
	Account int // of one user, or with one address that nobody has
	Client  int // from one address of the network
}

// DefaultLimits leave room for the five failures that lock a user out, and for many
// users behind one address.
var DefaultLimits = Limits{Account: 10, Client: 100}

// counted is what attempts are counted under, and how many of them are let through. The
// key is a MAC: what people type as their address may be their password.
type counted struct {
	key  []byte
	most int
}

// countedBy tells under what an attempt is counted: the account, and the client where that
// is known.
func (s *Service) countedBy(a *Account, c Credentials) []counted {
	mac := func(text string) []byte {
		h := s.Key.NewMAC("sign-in attempts")
		h.Write([]byte(text))
		return h.Sum(nil)
	}
	account := "address " + named(c.Address)
	if a != nil {
		account = "user " + a.User.ID.String()
	}
	list := []counted{{mac(account), s.Limits.Account}}
	if c.From.IsValid() {
		list = append(list, counted{mac("client " + subscriber(c.From).String()), s.Limits.Client})
	}
	return list
}

// subscriber is all that one client can come from: an address, of IPv6 a network of 64 bits.
func subscriber(from netip.Addr) netip.Prefix {
	from, bits := from.Unmap().WithZone(""), 32
	if from.Is6() {
		bits = 64
	}
	p, _ := from.Prefix(bits) // which either has
	return p
}

// admit counts an attempt before anything is done for it, so that those who come at the
// same moment are counted too, in whatever process. Attempts beyond a limit cost a read or two.
func (s *Service) admit(ctx context.Context, a *Account, c Credentials) error {
	limits, now := s.countedBy(a, c), s.Now()
	keys := make([][]byte, len(limits))
	for i, l := range limits {
		keys[i] = l.key
		if n, err := s.Store.Attempts(ctx, l.key, now.Add(-window)); err != nil || n > l.most {
			return orElse(err, tooOften())
		}
	}
	counts, err := s.Store.CountAttempts(ctx, keys, now, now.Add(-window))
	for i, n := range counts {
		if n == limits[i].most+1 && a != nil && err == nil {
			err = s.Store.WriteAttempt(ctx, func(tx Tx) (bool, error) { return true, s.tellFailure(ctx, tx, a, c, "too many attempts") })
		}
		if n > limits[i].most {
			return orElse(err, tooOften())
		}
	}
	return err
}

func tooOften() error {
	return SignInTooOften.New("There were too many attempts to sign in. Try again in %d minutes.", int(window.Minutes()))
}

func orElse(err, otherwise error) error {
	if err != nil {
		return err
	}
	return otherwise
}

// giveBack takes an attempt back that was good, or not looked at: only bad ones count. Once
// one was good, those of the account begin anew.
func (s *Service) giveBack(ctx context.Context, a *Account, c Credentials, good bool) error {
	ctx = context.WithoutCancel(ctx)
	var keys [][]byte
	for _, l := range s.countedBy(a, c) {
		keys = append(keys, l.key)
	}
	if !good {
		return s.Store.GiveBackAttempts(ctx, keys)
	}
	return errors.Join(s.Store.ForgetAttempts(ctx, keys[0]), s.Store.GiveBackAttempts(ctx, keys[1:]))
}

// tellFailure appends a failed sign-in to the history of a user. The limit of attempts is
// also that of these entries: nobody fills the database by guessing.
func (s *Service) tellFailure(ctx context.Context, tx Tx, a *Account, c Credentials, why string, more ...directory.Change) error {
	return s.tellOf(ctx, tx, a, "sign-in failed", c, append([]directory.Change{{Field: "reason", New: why}}, more...)...)
}

// tellOf appends what a user has done at the console to their history.
func (s *Service) tellOf(ctx context.Context, tx Tx, a *Account, action string, c Credentials, changes ...directory.Change) error {
	if c.From.IsValid() {
		changes = append(changes, directory.Change{Field: "client", New: c.client()})
	}
	return tx.AddHistory(ctx, []directory.Entry{{ID: directory.NewID(), At: s.Now(), Actor: a.address(), Door: SessionDoor,
		UserID: a.User.ID, Org: a.User.Get(directory.Org), Action: action, Changes: changes}})
}
