// Package access tells who somebody is: a user who signs in with address and password, or
// a program by its bearer token. From what was shown to the door it makes the
// directory.Actor in whose name the directory and the importer then work; what an Actor
// may do is theirs to judge.
//
// # What is kept of a secret
//
// A token, a session and the link for the first Master are 32 random bytes. The database
// keeps their SHA-256 and nothing else: nobody guesses 256 bits, so a slow hash would protect
// nothing that a quick one does not (NIST SP 800-63B on look-up secrets). They are found by that
// digest. How long the database takes to find one may tell something of the digest, which
// whoever guesses can neither choose nor turn back; so nothing of a secret is learned by the
// clock. Recovery codes, which people type, have 114 bits, and the same holds for them.
//
// # Signing in
//
// SignIn (session.go) asks for a proof (prove.go), as does whatever asks for the password once
// more. A proof is counted before anything is done for it (limit.go), costs one argon2id hash
// whoever it is about, and is judged in the transaction that notes what came of it. There is one
// answer to all that may be wrong.
//
// A session is always a new one: what a client had before is never taken over. It is told by
// its digest, and judged anew with each use: who is locked out, must set a new password or has
// no second factor where one is demanded gets as far as the rules of the directory say.
// What ends sessions, such as a new password or another role, is a rule of the directory
// (directory.Carry), so that a file and every door end them too.
//
// # Tokens
//
// Nobody gives a token a role above their own, or outside the organisations that
// their rights cover, and nobody revokes one that outranks them (rules.md, Roles). A
// token is its organisation's and no user's: it stays when whoever made it goes. One
// that a token makes expires no later than that one (token.go).
package access

import (
	"context"
	"time"

	"muster/internal/directory"
	"muster/internal/password"
	"muster/internal/secret"
)

// Service tells who somebody is.
type Service struct {
	Store     Store
	Directory *directory.Service
	Key       *secret.Key    // seals second factors
	Gate      *password.Gate // lets sign-ins go before background hashing; may be nil
	Limits    Limits
	Lasting   Lasting
	Now       func() time.Time
	Attempted func(error) // is told how each attempt to sign in ended; may be nil
}

// Store is what the service needs of the database.
type Store interface {
	// TokenOf finds the token of a digest; nil where there is none.
	TokenOf(ctx context.Context, digest []byte) (*Token, error)
	// Tokens calls f for every token, by name.
	Tokens(ctx context.Context, f func(Token) error) error
	// NoteToken notes when a token was last used.
	NoteToken(ctx context.Context, id directory.ID, at time.Time) error
	// AccountNamed finds the user who has an address, be it an alias; nil where there is
	// none. Account finds one by id. Both run the same statements whether there is one or not.
	AccountNamed(ctx context.Context, key string) (*Account, error)
	Account(context.Context, directory.ID) (*Account, error)
	// Attempts returns how many attempts were counted under a key since a time;
	// CountAttempts counts one more under each of some keys, and returns the same.
	Attempts(ctx context.Context, key []byte, since time.Time) (int, error)
	CountAttempts(ctx context.Context, keys [][]byte, at, since time.Time) ([]int, error)
	// ForgetAttempts begins anew with counting under a key; GiveBackAttempts takes an attempt
	// back that was counted, under each of some keys.
	ForgetAttempts(ctx context.Context, key []byte) error
	GiveBackAttempts(ctx context.Context, keys [][]byte) error
	// SessionOf finds the session of a digest; nil where there is none. Sessions calls f
	// for those of a user, the latest first.
	SessionOf(ctx context.Context, digest []byte) (*Session, error)
	Sessions(ctx context.Context, user directory.ID, f func(Session) error) error
	// NoteSession notes when a session was last used.
	NoteSession(ctx context.Context, id directory.ID, at time.Time) error
	// RecoveryCodes counts those that a user has left.
	RecoveryCodes(context.Context, directory.ID) (int, error)
	// HasMaster reports whether there is a user of role Master who is not deleted.
	HasMaster(context.Context) (bool, error)
	// WriteAccess runs f in one transaction that no other writer can come between.
	WriteAccess(ctx context.Context, f func(Tx) error) error
	// WriteAttempt is WriteAccess for an attempt to prove who one is. Where f tells that it
	// has failed, what is noted of that stays even if all is only tried: guessing counts.
	WriteAttempt(ctx context.Context, f func(Tx) (failed bool, err error)) error
}

// Tx is a transaction that changes who somebody is.
type Tx interface {
	directory.AdminTx
	// Token finds a token by its id; nil where there is none.
	Token(context.Context, directory.ID) (*Token, error)
	// AddToken adds a token, of which the digest is kept. It reports whether the
	// organisation has no other of this name that is not revoked.
	AddToken(ctx context.Context, t Token, digest []byte) (bool, error)
	RevokeToken(ctx context.Context, id directory.ID, at time.Time) error

	Account(context.Context, directory.ID) (*Account, error)
	// NoteFailure notes how many sign-ins of a user have failed, and until when they are
	// locked out for it; NoteSuccess that one was good, and that a generated password was
	// used: it lapses no more, and can be read no more.
	NoteFailure(ctx context.Context, user directory.ID, failures int, until time.Time) error
	NoteSuccess(ctx context.Context, user directory.ID, at time.Time) error
	// RenewHash exchanges the hash of a user's password for another of the same password.
	RenewHash(ctx context.Context, user directory.ID, hash string) error
	// KeepAttempt writes the count of a key as it is, so that something is written in any case.
	KeepAttempt(ctx context.Context, key []byte) error

	AddSession(ctx context.Context, s Session, digest []byte) error
	// EndSession ends a session of a user, or with no id all; EndOtherSessions all but one.
	EndSession(ctx context.Context, user, id directory.ID) (int64, error)
	EndOtherSessions(ctx context.Context, user, but directory.ID) error
	// ClearSessions ends those that were last used, or made, before a time, and of a user
	// all but the latest ones.
	ClearSessions(ctx context.Context, used, made time.Time, user directory.ID, latest int) error

	// PutFactor keeps the second factor of a user; DropFactor takes it away, with the
	// recovery codes.
	PutFactor(ctx context.Context, user directory.ID, f Factor) error
	DropFactor(ctx context.Context, user directory.ID) error
	PutRecoveryCodes(ctx context.Context, user directory.ID, digests [][]byte) error
	// UseRecoveryCode uses a code up, and reports whether it was there.
	UseRecoveryCode(ctx context.Context, user directory.ID, digest []byte) (bool, error)

	HasMaster(context.Context) (bool, error)
	// PutFirstLink keeps the one link that is good; TakeFirstLink uses it up, and reports
	// whether it was the one.
	PutFirstLink(ctx context.Context, digest []byte, at time.Time) error
	TakeFirstLink(ctx context.Context, digest []byte) (bool, error)
}

// tell appends an entry to the history about something of an organisation that is no user.
func (s *Service) tell(ctx context.Context, tx Tx, actor directory.Actor, org, subject, action string, changes ...directory.Change) error {
	return tx.AddHistory(ctx, []directory.Entry{{ID: directory.NewID(), At: s.Now(), Actor: actor.Address, Door: actor.Door,
		Org: org, Subject: subject, Action: action, Changes: changes}})
}
