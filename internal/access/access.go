// Package access tells who somebody is: a program by its bearer token. From what
// was shown to the door it makes the directory.Actor in whose name the directory
// and the importer then work; what an Actor may do is theirs to judge.
//
// # What is kept of a secret
//
// A token is 32 random bytes. The database keeps its SHA-256 and nothing else:
// nobody guesses 256 bits, so a slow hash would protect nothing that a quick one
// does not (NIST SP 800-63B on look-up secrets). It is found by that digest. How
// long the database takes to find one may tell something of the digest, which whoever
// guesses tokens can neither choose nor turn back; so nothing of a token is learned
// by the clock.
//
// # Who may give what
//
// Nobody gives a token a role above their own, or outside the organisations that
// their rights cover, and nobody revokes one that outranks them (rules.md, Roles). A
// token is its organisation's and no user's: it stays when whoever made it goes. One
// that a token makes expires no later than that one.
package access

import (
	"context"
	"time"

	"muster/internal/directory"
)

// Service tells who somebody is.
type Service struct {
	Store     Store
	Directory *directory.Service
	Now       func() time.Time
}

// Store is what the service needs of the database.
type Store interface {
	// TokenOf finds the token of a digest; nil where there is none.
	TokenOf(ctx context.Context, digest []byte) (*Token, error)
	// Tokens calls f for every token, by name.
	Tokens(ctx context.Context, f func(Token) error) error
	// NoteToken notes when a token was last used.
	NoteToken(ctx context.Context, id directory.ID, at time.Time) error
	// WriteAccess runs f in one transaction that no other writer can come between.
	WriteAccess(ctx context.Context, f func(Tx) error) error
}

// Tx is a transaction that changes who somebody is.
type Tx interface {
	// Token finds a token by its id; nil where there is none.
	Token(context.Context, directory.ID) (*Token, error)
	// AddToken adds a token, of which the digest is kept. It reports whether the
	// organisation has no other of this name that is not revoked.
	AddToken(ctx context.Context, t Token, digest []byte) (bool, error)
	RevokeToken(ctx context.Context, id directory.ID, at time.Time) error
	// AddHistory appends entries to the history.
	AddHistory(context.Context, []directory.Entry) error
}

// tell appends an entry to the history about something that is no user.
func (s *Service) tell(ctx context.Context, tx Tx, actor directory.Actor, subject, action string, changes ...directory.Change) error {
	return tx.AddHistory(ctx, []directory.Entry{{ID: directory.NewID(), At: s.Now(), Actor: actor.Address, Door: actor.Door,
		Subject: subject, Action: action, Changes: changes}})
}
