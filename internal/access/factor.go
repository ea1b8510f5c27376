package access

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base32"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"

	"muster/internal/directory"
	"muster/internal/password"
	"muster/internal/secret"
)

// A second factor is TOTP (RFC 6238) as every app knows it: SHA-1, six digits, 30 seconds.
// A code is taken a step early or late (section 5.2), and none is taken twice.
const (
	stepSeconds = 30
	codeDigits  = otp.DigitsSix
	secretBytes = 20 // RFC 4226 section 4, R6
	issuer      = "Muster"
)

var base32Text = base32.StdEncoding.WithPadding(base32.NoPadding)

// Setup is what a user brings into their app: as a picture of the URI, or by typing the
// secret.
type Setup struct {
	Secret secret.Text // in base32
	URI    secret.Text // otpauth://…
}

// recoveryCodes is how many are given out with a second factor.
const recoveryCodes = 10

// BeginSecondFactor makes the secret of a second factor for the user of a session, who
// shows their password once more. It counts for nothing until a code of it is shown to ConfirmSecondFactor;
// one that was begun before is forgotten. The error is an issue of code
// password-wrong, sign-in-too-often, or second-factor-exists.
func (s *Service) BeginSecondFactor(ctx context.Context, session *Session, c Credentials) (*Setup, error) {
	raw := make([]byte, secretBytes)
	rand.Read(raw) // never fails: it ends the program instead
	setup := &Setup{Secret: secret.Text(base32Text.EncodeToString(raw))}
	err := s.again(ctx, session, c, false, func(tx Tx, a *Account) error {
		if a.hasFactor() {
			return FactorExists.New("You have a second factor already.")
		}
		setup.URI = uri(a.address(), setup.Secret)
		f := Factor{Sealed: s.Key.Seal(raw, FactorContext(a.User.ID)), Made: s.Now()}
		return tx.PutFactor(ctx, a.User.ID, f)
	})
	if err != nil {
		return nil, err
	}
	return setup, nil
}

// uri is how apps read a secret (github.com/google/google-authenticator/wiki/Key-Uri-Format).
func uri(address string, plain secret.Text) secret.Text {
	label := url.PathEscape(issuer + ":" + address)
	return secret.Text("otpauth://totp/" + label + "?" + url.Values{"secret": {plain.Reveal()}, "issuer": {issuer}}.Encode())
}

// ConfirmSecondFactor makes the second factor count that was begun, once a code shows that
// the user's app has it. It returns the recovery codes, which are shown once and each do
// once in place of a code. The user's other sessions end. The error is an issue of code
// second-factor-wrong or second-factor-missing.
func (s *Service) ConfirmSecondFactor(ctx context.Context, session *Session, code string) ([]secret.Text, error) {
	codes, digests, err := newRecoveryCodes()
	if err != nil {
		return nil, err
	}
	err = s.Store.WriteAccess(ctx, func(tx Tx) error {
		a, err := tx.Account(ctx, session.UserID)
		switch {
		case err != nil:
			return err
		case a == nil || a.Factor == nil || a.hasFactor():
			return FactorMissing.New("There is no second factor that waits to be confirmed.")
		}
		f := *a.Factor
		if f.Step, err = s.step(a, code); err != nil || f.Step == 0 {
			return orElse(err, FactorWrong.New("This is not the code that the app shows now."))
		}
		f.Confirmed = s.Now()
		if err := tx.PutFactor(ctx, a.User.ID, f); err != nil {
			return err
		}
		if err := tx.PutRecoveryCodes(ctx, a.User.ID, digests); err != nil {
			return err
		}
		if err := tx.EndOtherSessions(ctx, a.User.ID, session.ID); err != nil {
			return err
		}
		return s.tellUser(ctx, tx, a.actor(), a.User, "set second factor")
	})
	if err != nil {
		return nil, err
	}
	return codes, nil
}

// NewRecoveryCodes gives the user of a session, who shows their password and a code once more,
// new recovery codes, as ConfirmSecondFactor does. The old ones do no more. The error is an issue of
// code password-wrong, sign-in-too-often or second-factor-missing.
func (s *Service) NewRecoveryCodes(ctx context.Context, session *Session, c Credentials) ([]secret.Text, error) {
	codes, digests, err := newRecoveryCodes()
	if err != nil {
		return nil, err
	}
	err = s.again(ctx, session, c, true, func(tx Tx, a *Account) error {
		if !a.hasFactor() {
			return FactorMissing.New("You have no second factor.")
		}
		if err := tx.PutRecoveryCodes(ctx, a.User.ID, digests); err != nil {
			return err
		}
		return s.tellUser(ctx, tx, a.actor(), a.User, "new recovery codes")
	})
	if err != nil {
		return nil, err
	}
	return codes, nil
}

// newRecoveryCodes makes codes as strong as generated passwords, and their digests.
func newRecoveryCodes() (codes []secret.Text, digests [][]byte, err error) {
	for range recoveryCodes {
		code, err := password.Generate(password.DefaultPolicy())
		if err != nil {
			return nil, nil, err
		}
		codes, digests = append(codes, secret.Text(code)), append(digests, digestOf(code))
	}
	return codes, digests, nil
}

// step returns the time step of a code that the user's second factor shows now, and that is
// later than the last one of which a code was taken; 0 where it is none.
func (s *Service) step(a *Account, code string) (int64, error) {
	raw, err := s.Key.Open(a.Factor.Sealed, FactorContext(a.User.ID))
	if err != nil {
		return 0, err
	}
	now, found := s.Now().Unix()/stepSeconds, int64(0)
	for step := now - 1; step <= now+1; step++ {
		want, err := hotp.GenerateCodeCustom(base32Text.EncodeToString(raw), uint64(step), hotp.ValidateOpts{Digits: codeDigits, Algorithm: otp.AlgorithmSHA1})
		if err != nil {
			return 0, err
		}
		if subtle.ConstantTimeCompare([]byte(want), []byte(code)) == 1 && step > a.Factor.Step {
			found = step
		}
	}
	return found, nil
}

// takeCode takes a code of the user's second factor, or a recovery code, and reports whether
// it was one.
func (s *Service) takeCode(ctx context.Context, tx Tx, a *Account, code string) (bool, error) {
	code = strings.Join(strings.Fields(code), "")
	if len(code) != codeDigits.Length() {
		return tx.UseRecoveryCode(ctx, a.User.ID, digestOf(code))
	}
	step, err := s.step(a, code)
	if err != nil || step == 0 {
		return false, err
	}
	f := *a.Factor
	f.Step = step
	return true, tx.PutFactor(ctx, a.User.ID, f)
}

// RemoveOwnSecondFactor takes the second factor from the user of a session, who shows
// their password and a code once more. The error is an issue of code password-wrong,
// sign-in-too-often or second-factor-missing.
func (s *Service) RemoveOwnSecondFactor(ctx context.Context, session *Session, c Credentials) error {
	return s.again(ctx, session, c, true, func(tx Tx, a *Account) error {
		if !a.hasFactor() {
			return FactorMissing.New("You have no second factor.")
		}
		if err := tx.DropFactor(ctx, a.User.ID); err != nil {
			return err
		}
		return s.tellUser(ctx, tx, a.actor(), a.User, "remove second factor")
	})
}

// RemoveSecondFactor takes the second factor from a user who has lost it, and ends their
// sessions. It takes the right to set their password, and all that they hold.
func (s *Service) RemoveSecondFactor(ctx context.Context, actor directory.Actor, user string) error {
	u, err := s.whose(ctx, actor, user, directory.UsersPassword)
	if err != nil {
		return err
	}
	if u.ID == actor.ID {
		return directory.OwnAccount.New("%s is your own account, of which another administrator takes the second factor away.", u.Get(directory.Address))
	}
	return s.Store.WriteAccess(ctx, func(tx Tx) error {
		a, err := tx.Account(ctx, u.ID)
		if err != nil || a == nil || a.Factor == nil {
			return orElse(err, FactorMissing.New("%s has no second factor.", u.Get(directory.Address)))
		}
		if err := tx.DropFactor(ctx, u.ID); err != nil {
			return err
		}
		if _, err := tx.EndSession(ctx, u.ID, directory.ID{}); err != nil {
			return err
		}
		told := directory.Notice{ID: directory.NewID(), To: u.ID, At: s.Now(), Kind: directory.NoticeSecondFactorRemoved,
			Text: fmt.Sprintf("Your second factor was removed by %s, and you were signed out everywhere. If you did not expect that, ask your administrator.", actor.Address)}
		if err := tx.AddNotices(ctx, []directory.Notice{told}); err != nil {
			return err
		}
		return s.tellUser(ctx, tx, actor, u, "remove second factor")
	})
}

// SecondFactor tells since when a user has a second factor, zero for never, and how many
// recovery codes are left. Everybody may read their own; that of others takes the right
// to read the history.
func (s *Service) SecondFactor(ctx context.Context, actor directory.Actor, user string) (since time.Time, codes int, err error) {
	u, err := s.whose(ctx, actor, user, directory.HistoryRead)
	if err != nil {
		return since, 0, err
	}
	a, err := s.Store.Account(ctx, u.ID)
	if err != nil || a == nil || !a.hasFactor() {
		return since, 0, err
	}
	codes, err = s.Store.RecoveryCodes(ctx, u.ID)
	return a.Factor.Confirmed, codes, err
}
