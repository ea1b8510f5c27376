package access

import (
	"cmp"
	"context"
	"strings"
	"time"

	"muster/internal/directory"
	"muster/internal/secret"
)

// Token is what lets a program in: it has a role in an organisation, as a user has.
type Token struct {
	ID        directory.ID
	Name      string
	Role      string
	Org       string // its rights cover this organisation and those below
	CreatedBy string // the address of whoever made it
	CreatedAt time.Time
	Expires   time.Time // zero: never
	LastUsed  time.Time // to the minute; zero: never
	Revoked   time.Time // zero: not
}

// NewToken is what somebody wants of a token.
type NewToken struct {
	Name    string    // 1 to 100 characters
	Role    string    // in any case
	Org     string    // in any case; blank: that of whoever makes it
	Expires time.Time // zero: after DefaultTokenDays, but no later than the token that makes it
	Forever bool      // it never expires; Expires is zero then
}

// DefaultTokenDays is how long a token lasts for which nothing else is asked.
const DefaultTokenDays = 365

// tokenPrefix begins every token.
const tokenPrefix = "muster_"

// longestTokenName is in characters.
const longestTokenName = 100

var tokenName = directory.Spec{Name: "name", Kind: directory.Line, Max: longestTokenName}

// AddToken makes a token. The plain one is given out here and never again.
func (s *Service) AddToken(ctx context.Context, actor directory.Actor, n NewToken) (Token, secret.Text, error) {
	t, err := s.newToken(ctx, actor, n)
	if err != nil {
		return Token{}, "", err
	}
	plain, digest := newSecret(tokenPrefix)
	err = s.Store.WriteAccess(ctx, func(tx Tx) error {
		if t.Expires, err = expiry(ctx, tx, actor, n, t); err != nil {
			return err
		}
		alone, err := tx.AddToken(ctx, t, digest)
		if err != nil {
			return err
		}
		if !alone {
			return TokenExists.New("Organisation %s has a token %q already.", t.Org, t.Name)
		}
		return s.tell(ctx, tx, actor, t.Org, t.subject(), "add", directory.Change{Field: "role", New: t.Role},
			directory.Change{Field: "org", New: t.Org}, directory.Change{Field: "expires", New: day(t.Expires)})
	})
	if err != nil {
		return Token{}, "", err
	}
	return t, plain, nil
}

// newToken judges what is wanted of a token.
func (s *Service) newToken(ctx context.Context, actor directory.Actor, n NewToken) (t Token, err error) {
	t = Token{ID: directory.NewID(), Name: strings.TrimSpace(n.Name), Role: directory.RoleName(n.Role),
		Org: strings.ToUpper(cmp.Or(n.Org, actor.Org)), CreatedBy: actor.Address, CreatedAt: s.Now(), Expires: n.Expires}
	if n.Expires.IsZero() && !n.Forever {
		t.Expires = t.CreatedAt.AddDate(0, 0, DefaultTokenDays)
	}
	if err := s.Directory.May(ctx, actor, directory.TokensEdit, t.Org); err != nil {
		return t, err
	}
	name, err := tokenName.Clean(t.Name)
	switch {
	case err != nil || name == "" || name != t.Name:
		return t, TokenName.New("The name of a token is 1 to %d characters, all of which can be seen.", longestTokenName)
	case t.Role == "":
		return t, directory.ValueWrong.New("The role is one of %s, not %q.", strings.Join(directory.RoleNames(), ", "), n.Role)
	case !actor.Outranks(t.Role):
		return t, directory.NotAllowed.New("The role %s does not give the role %s.", actor.Role, t.Role)
	case n.Forever && !t.Expires.IsZero():
		return t, TokenExpiry.New("The token either never expires or expires on %s.", day(t.Expires))
	case !t.Expires.IsZero() && !t.Expires.After(t.CreatedAt):
		return t, TokenExpiry.New("The token would have expired on %s already.", day(t.Expires))
	}
	return t, nil
}

// expiry is when a token expires. It does not outlive the one that makes it, whose rights were
// given until then: where nobody has asked when, it ends with that one, else it is refused.
func expiry(ctx context.Context, tx Tx, actor directory.Actor, n NewToken, t Token) (time.Time, error) {
	maker, err := tx.Token(ctx, actor.ID)
	if err != nil || maker == nil || maker.Expires.IsZero() || !n.Forever && !t.Expires.After(maker.Expires) {
		return t.Expires, err
	}
	if n.Forever || !n.Expires.IsZero() {
		return t.Expires, TokenExpiry.New("The token would outlive the one that makes it, which expires on %s.", day(maker.Expires))
	}
	return maker.Expires, nil
}

// day is a time as the history and messages have it.
func day(t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	return t.UTC().Format(time.RFC3339)
}

func (t Token) subject() string { return "token " + t.Name }

// Tokens calls f for each token of the organisations that the actor's rights cover,
// by name, also for those that are revoked or have expired.
func (s *Service) Tokens(ctx context.Context, actor directory.Actor, f func(Token) error) error {
	if err := s.Directory.May(ctx, actor, directory.TokensRead, actor.Org); err != nil {
		return err
	}
	catalog, err := s.Directory.Catalog(ctx, actor)
	if err != nil {
		return err
	}
	return s.Store.Tokens(ctx, func(t Token) error {
		if !catalog.Within(t.Org, actor.Org) {
			return nil
		}
		return f(t)
	})
}

// RevokeToken lets a token in no more. One that is revoked stays as it is.
func (s *Service) RevokeToken(ctx context.Context, actor directory.Actor, id string) error {
	wanted, err := directory.ParseID(id)
	if err != nil {
		return TokenUnknown.New("There is no token %s.", id)
	}
	return s.Store.WriteAccess(ctx, func(tx Tx) error {
		t, err := tx.Token(ctx, wanted)
		if err != nil {
			return err
		}
		if err := s.mayRevoke(ctx, actor, t, id); err != nil || !t.Revoked.IsZero() {
			return err
		}
		if err := tx.RevokeToken(ctx, t.ID, s.Now()); err != nil {
			return err
		}
		return s.tell(ctx, tx, actor, t.Org, t.subject(), "revoke", directory.Change{Field: "role", Old: t.Role}, directory.Change{Field: "org", Old: t.Org})
	})
}

// mayRevoke tells why an actor may not revoke a token. One of an organisation that
// their rights do not cover is as unknown to them as one that there is not.
func (s *Service) mayRevoke(ctx context.Context, actor directory.Actor, t *Token, id string) error {
	if err := s.Directory.May(ctx, actor, directory.TokensEdit, actor.Org); err != nil {
		return err
	}
	catalog, err := s.Directory.Catalog(ctx, actor)
	switch {
	case err != nil:
		return err
	case t == nil || !catalog.Within(t.Org, actor.Org):
		return TokenUnknown.New("There is no token %s.", id)
	case !actor.Outranks(t.Role):
		return directory.Protected.New("The token %s has the role %s, which may do what the role %s may not.", t.Name, t.Role, actor.Role)
	case actor.ID == t.ID:
		return TokenOwn.New("The token %s does not revoke itself.", t.Name)
	}
	return nil
}

// noteEvery is how often the last use of a token or session is noted.
const noteEvery = time.Minute

// noteWithin is how long noting may keep whoever shows it waiting.
const noteWithin = time.Second

// TokenDoor is by which door a token acts, as the history tells.
const TokenDoor = "api"

// ByToken returns the actor that a token makes of whoever shows it. The error is an
// issue of code token-invalid, token-revoked or token-expired, or the database's.
func (s *Service) ByToken(ctx context.Context, plain string) (directory.Actor, error) {
	t, err := s.Store.TokenOf(ctx, digestOf(plain))
	now := s.Now()
	switch {
	case err != nil:
		return directory.Actor{}, err
	case t == nil:
		return directory.Actor{}, TokenInvalid.New("The token is none of Muster's.")
	case !t.Revoked.IsZero():
		return directory.Actor{}, TokenRevoked.New("The token %s was revoked.", t.Name)
	case !t.Expires.IsZero() && !now.Before(t.Expires):
		return directory.Actor{}, TokenExpired.New("The token %s has expired on %s.", t.Name, day(t.Expires))
	}
	if now.Sub(t.LastUsed) >= noteEvery {
		noteSoon(ctx, func(ctx context.Context) error { return s.Store.NoteToken(ctx, t.ID, now) })
	}
	return directory.Actor{ID: t.ID, Address: t.subject(), Role: t.Role, Org: t.Org, Door: TokenDoor}, nil
}

// noteSoon notes that a token or session was used. Where that cannot be done soon, because
// somebody writes for long or nobody may write at all, it lets in all the same.
func noteSoon(ctx context.Context, note func(context.Context) error) {
	ctx, cancel := context.WithTimeout(ctx, noteWithin)
	defer cancel()
	_ = note(ctx)
}
