package access

import (
	"context"

	"muster/internal/secret"
)

// again asks the user of a session for their password once more, and for a code of their
// second factor where asked. Whoever finds a session open cannot guess it here either:
// failures count as those of signing in.
func (s *Service) again(ctx context.Context, session *Session, c Credentials, factor bool, then func(Tx, *Account) error) error {
	a, err := s.Store.Account(ctx, session.UserID)
	if err != nil {
		return err
	}
	if a == nil {
		return ended()
	}
	c.Address = a.address()
	p := &proof{Service: s, Credentials: c, account: a, factor: factor}
	return p.prove(ctx, PasswordWrong.New("This is not your password, or not a code of your second factor."), then)
}

// SetOwnPassword gives the user of a session a new password in place of the one that they
// show. All their sessions end, this one too; the one that is returned takes its place. The
// error is an issue of code password-wrong or sign-in-too-often, of those of the policy
// or password-reused.
func (s *Service) SetOwnPassword(ctx context.Context, session *Session, old Credentials, plain secret.Text) (*Session, error) {
	if err := s.again(ctx, session, old, false, func(Tx, *Account) error { return nil }); err != nil {
		return nil, err
	}
	if err := s.Directory.SetOwnPassword(ctx, session.UserID, SessionDoor, plain); err != nil {
		return nil, err
	}
	catalog, err := s.Directory.Store.Catalog(ctx)
	if err != nil {
		return nil, err
	}
	var renewed *Session
	err = s.Store.WriteAccess(ctx, func(tx Tx) error {
		a, err := tx.Account(ctx, session.UserID)
		if err != nil || a == nil {
			return orElse(err, ended())
		}
		a.chose(s.Now()) // which stands there already, but where all is only tried
		renewed, err = s.open(ctx, tx, catalog, a, old)
		return err
	})
	if err != nil {
		return nil, err
	}
	return renewed, nil
}
