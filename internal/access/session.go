package access

import (
	"context"
	"time"

	"muster/internal/directory"
	"muster/internal/secret"
)

// Session is a user's stay at the console.
type Session struct {
	ID     directory.ID
	UserID directory.ID
	Actor  directory.Actor // the user at work in it
	Plain  secret.Text     // what the client shows, where the session was just made; else blank
	Made   time.Time
	Seen   time.Time // to the minute
	Ends   time.Time // if it is not used until then
	Client string    // where it was made from; blank where that is not known
	Agent  string    // what the client said of itself
	Role   string    // of the user, also while the actor has none

	// MustChange and MustSecondFactor tell that the user may do nothing but set a new
	// password, or set up a second factor. The actor has no role meanwhile.
	MustChange       bool
	MustSecondFactor bool
}

// Lasting is how long a session lasts.
type Lasting struct {
	Idle    time.Duration // without being used
	Longest time.Duration // in any case
}

// DefaultLasting is a working day, and an hour away from the desk.
var DefaultLasting = Lasting{Idle: time.Hour, Longest: 12 * time.Hour}

// mostSessions is how many a user has at once; the oldest one ends when there is one more. It
// is more than anybody has browsers, and few enough that whoever signs in over and over, which
// is not limited, does not fill the database.
const mostSessions = 50

// SessionDoor is by which door users act who have signed in, as the history tells.
const SessionDoor = "console"

// SignIn makes a session of a user's address, password and, where they have one, second
// factor. Nothing that the client had before counts: the session is always a new one, and
// the user's own of before ends. The error is an issue of code sign-in-failed, whatever was wrong, or
// sign-in-too-often.
func (s *Service) SignIn(ctx context.Context, c Credentials) (*Session, error) {
	session, err := s.signIn(ctx, c)
	if s.Attempted != nil {
		s.Attempted(err)
	}
	return session, err
}

func (s *Service) signIn(ctx context.Context, c Credentials) (*Session, error) {
	a, err := s.Store.AccountNamed(ctx, named(c.Address))
	if err != nil {
		return nil, err
	}
	p := &proof{Service: s, Credentials: c, account: a, factor: true}
	var session *Session
	err = p.prove(ctx, SignInFailed.New("The address, the password or the code is wrong, or the account cannot be used just now."), func(tx Tx, a *Account) error {
		if c.Former != nil && c.Former.UserID == a.User.ID { // that of another stays theirs
			if err := s.end(ctx, tx, c.Former); err != nil {
				return err
			}
		}
		if err := s.tellOf(ctx, tx, a, "sign-in", c); err != nil {
			return err
		}
		session, err = s.open(ctx, tx, p.catalog, a, c)
		return err
	})
	if err != nil {
		return nil, err
	}
	return session, nil
}

// open opens a session for a user who has proved who they are, and clears away those
// that have run out, and the oldest of one who has very many.
func (s *Service) open(ctx context.Context, tx Tx, c *directory.Catalog, a *Account, from Credentials) (*Session, error) {
	now := s.Now()
	if err := tx.ClearSessions(ctx, now.Add(-s.Lasting.Idle), now.Add(-s.Lasting.Longest), a.User.ID, mostSessions-1); err != nil {
		return nil, err
	}
	plain, digest := newSecret("")
	session := &Session{ID: directory.NewID(), UserID: a.User.ID, Plain: plain, Made: now, Seen: now, Agent: from.agent()}
	if from.From.IsValid() {
		session.Client = from.client()
	}
	s.judge(session, c, a, now)
	return session, tx.AddSession(ctx, *session, digest)
}

// judge tells how far a user gets in their session, and until when. Who must set a new
// password or set up a second factor first has no role until then.
func (s *Service) judge(session *Session, c *directory.Catalog, a *Account, now time.Time) {
	session.Ends = session.Seen.Add(s.Lasting.Idle)
	if last := session.Made.Add(s.Lasting.Longest); last.Before(session.Ends) {
		session.Ends = last
	}
	demanded := c.Settings(a.User.Get(directory.Org)).SecondFactor == directory.SecondFactorDemanded
	session.MustChange = a.console(c, now) == directory.ConsoleChange
	session.MustSecondFactor = demanded && !a.hasFactor()
	session.Actor = a.actor()
	if session.Role = session.Actor.Role; session.MustChange || session.MustSecondFactor {
		session.Actor.Role = ""
	}
}

// First tells what the user must do before anything else; nil where they are free. The error is
// an issue of code password-must-change or second-factor-needed.
func (session *Session) First() error {
	switch {
	case session.MustChange:
		return PasswordMustChange.New("You must set a new password before anything else.")
	case session.MustSecondFactor:
		return FactorNeeded.New("Your organisation demands a second factor, which you must set up before anything else.")
	}
	return nil
}

// BySession returns the actor that a session makes of whoever shows it, and the session.
// The error is an issue of code session-ended, whatever has ended it.
func (s *Service) BySession(ctx context.Context, plain string) (directory.Actor, *Session, error) {
	session, err := s.Store.SessionOf(ctx, digestOf(plain))
	if err != nil || session == nil {
		return directory.Actor{}, nil, orElse(err, ended())
	}
	a, err := s.Store.Account(ctx, session.UserID)
	if err != nil || a == nil {
		return directory.Actor{}, nil, orElse(err, ended())
	}
	catalog, err := s.Directory.Store.Catalog(ctx)
	if err != nil {
		return directory.Actor{}, nil, err
	}
	now := s.Now()
	if s.judge(session, catalog, a, now); !now.Before(session.Ends) || !a.lets(catalog, now) {
		return directory.Actor{}, nil, ended()
	}
	if now.Sub(session.Seen) >= noteEvery {
		noteSoon(ctx, func(ctx context.Context) error { return s.Store.NoteSession(ctx, session.ID, now) })
	}
	return session.Actor, session, nil
}

func ended() error { return SessionEnded.New("You are not signed in any more.") }

// SignOut ends a session.
func (s *Service) SignOut(ctx context.Context, session *Session) error {
	return s.Store.WriteAccess(ctx, func(tx Tx) error { return s.end(ctx, tx, session) })
}

// end ends a session, unless something else has.
func (s *Service) end(ctx context.Context, tx Tx, session *Session) error {
	n, err := tx.EndSession(ctx, session.UserID, session.ID)
	if err != nil || n == 0 {
		return err
	}
	a, err := tx.Account(ctx, session.UserID)
	if err != nil {
		return err
	}
	return s.tellOf(ctx, tx, a, "sign-out", Credentials{})
}

// Sessions calls f for each session of a user, the latest first. Everybody may read their
// own; those of others take the right to read the history.
func (s *Service) Sessions(ctx context.Context, actor directory.Actor, user string, f func(Session) error) error {
	u, err := s.whose(ctx, actor, user, directory.HistoryRead)
	if err != nil {
		return err
	}
	a, err := s.Store.Account(ctx, u.ID)
	if err != nil || a == nil {
		return err
	}
	catalog, err := s.Directory.Store.Catalog(ctx)
	if err != nil {
		return err
	}
	return s.Store.Sessions(ctx, u.ID, func(session Session) error {
		now := s.Now()
		if s.judge(&session, catalog, a, now); !now.Before(session.Ends) {
			return nil
		}
		return f(session)
	})
}

// EndSessions ends the session of a user that has an id, or all where that is blank, and
// returns how many these were. Everybody may end their own; to end those of others
// takes the right to set their password.
func (s *Service) EndSessions(ctx context.Context, actor directory.Actor, user, id string) (n int64, err error) {
	u, err := s.whose(ctx, actor, user, directory.UsersPassword)
	if err != nil {
		return 0, err
	}
	wanted := directory.ID{}
	if id != "" {
		if wanted, err = directory.ParseID(id); err != nil {
			return 0, SessionUnknown.New("%s has no session %s.", u.Get(directory.Address), id)
		}
	}
	err = s.Store.WriteAccess(ctx, func(tx Tx) error {
		n, err = tx.EndSession(ctx, u.ID, wanted)
		switch {
		case err != nil:
			return err
		case n == 0 && id != "":
			return SessionUnknown.New("%s has no session %s.", u.Get(directory.Address), id)
		case n == 0:
			return nil
		}
		return s.tellUser(ctx, tx, actor, u, "end sessions")
	})
	return n, err
}

// whose finds a user of whom the actor may read or change what belongs to signing in:
// it is themselves, or they have the permission, and hold all that the user holds.
func (s *Service) whose(ctx context.Context, actor directory.Actor, name string, p directory.Permission) (*directory.User, error) {
	if id := actor.ID; !id.IsZero() && (name == "" || name == actor.Address || name == id.String()) {
		if a, err := s.Store.Account(ctx, id); err != nil || a != nil {
			return a.user(), err
		}
	}
	u, err := s.Directory.User(ctx, actor, name)
	if err != nil {
		return nil, err
	}
	if err := s.Directory.May(ctx, actor, p, u.Get(directory.Org)); err != nil {
		return nil, err
	}
	if p != directory.HistoryRead && !actor.Outranks(u.Get(directory.Role)) {
		return nil, directory.Protected.New("%s has the role %s, which may do what the role %s may not.", u.Get(directory.Address), u.Get(directory.Role), actor.Role)
	}
	return u, nil
}

func (a *Account) user() *directory.User {
	if a == nil {
		return nil
	}
	return a.User
}

// tellUser appends what was done to a user to their history.
func (s *Service) tellUser(ctx context.Context, tx Tx, actor directory.Actor, u *directory.User, action string, changes ...directory.Change) error {
	return tx.AddHistory(ctx, []directory.Entry{{ID: directory.NewID(), At: s.Now(), Actor: actor.Address, Door: actor.Door,
		UserID: u.ID, Org: u.Get(directory.Org), Action: action, Changes: changes}})
}
