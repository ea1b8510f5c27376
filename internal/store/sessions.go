package store

import (
	"context"
	"database/sql"
	"time"

	"muster/internal/access"
	"muster/internal/directory"
)

// AccountNamed finds the user who has an address, be it an alias; nil where there is none.
func (s *Store) AccountNamed(ctx context.Context, key string) (*access.Account, error) {
	q, id := s.queries(), directory.ID{}
	err := q.each(ctx, `SELECT user_id FROM addresses WHERE key = $1 AND kind IN ('primary', 'alias')`, []any{key}, func(rows *sql.Rows) error {
		return rows.Scan(&id)
	})
	if err != nil {
		return nil, err
	}
	return q.Account(ctx, id)
}

// Account finds a user with what signing in takes; nil where there is none.
func (s *Store) Account(ctx context.Context, id directory.ID) (*access.Account, error) {
	return s.queries().Account(ctx, id)
}

// Account finds a user with what signing in takes; nil where there is none.
func (q queries) Account(ctx context.Context, id directory.ID) (a *access.Account, err error) {
	a = &access.Account{}
	err = q.each(ctx, selectUser+` WHERE id = $1`, []any{id}, func(rows *sql.Rows) error {
		a.User, err = scanUser(rows)
		return err
	})
	if err != nil {
		return nil, err
	}
	const text = `SELECT u.password, u.password_at, u.password_lapses_at, u.failures, f.sealed, f.made_at, f.confirmed_at, COALESCE(f.step, 0)
		FROM users u LEFT JOIN second_factors f ON f.user_id = u.id WHERE u.id = $1`
	err = q.each(ctx, text, []any{id}, func(rows *sql.Rows) error {
		f := access.Factor{}
		err := rows.Scan(&a.Password.Hash, moment{&a.Password.At}, moment{&a.Password.Lapses}, &a.Failures,
			&f.Sealed, moment{&f.Made}, moment{&f.Confirmed}, &f.Step)
		if f.Sealed != nil {
			a.Factor = &f
		}
		return err
	})
	if err != nil || a.User == nil {
		return nil, err
	}
	return a, nil
}

// Attempts returns how many attempts to sign in were counted under a key since a time.
func (s *Store) Attempts(ctx context.Context, key []byte, since time.Time) (n int, err error) {
	const text = `SELECT count FROM sign_in_attempts WHERE key = $1 AND began_at >= $2`
	err = s.queries().each(ctx, text, []any{key, micros(since)}, func(rows *sql.Rows) error { return rows.Scan(&n) })
	return n, err
}

// CountAttempts counts an attempt to sign in under each of some keys, and returns how many
// there were since a time.
func (s *Store) CountAttempts(ctx context.Context, keys [][]byte, at, since time.Time) (counts []int, err error) {
	err = s.write(ctx, false, func(t *Tx) error {
		counts = make([]int, len(keys))
		if err := t.run(ctx, `DELETE FROM sign_in_attempts WHERE began_at < $1`, micros(since)); err != nil {
			return err
		}
		for i, key := range keys {
			err := t.row(ctx, `INSERT INTO sign_in_attempts (key, began_at, count) VALUES ($1, $2, 1)
				ON CONFLICT (key) DO UPDATE SET count = sign_in_attempts.count + 1 RETURNING count`, key, micros(at)).Scan(&counts[i])
			if err != nil {
				return err
			}
		}
		return nil
	})
	return counts, err
}

// KeepAttempt writes a count as it is, so that something is written in any case.
func (t *Tx) KeepAttempt(ctx context.Context, key []byte) error {
	return t.run(ctx, `UPDATE sign_in_attempts SET count = count WHERE key = $1`, key)
}

// ForgetAttempts begins anew with counting.
func (s *Store) ForgetAttempts(ctx context.Context, key []byte) error {
	return s.write(ctx, false, func(t *Tx) error { return t.run(ctx, `DELETE FROM sign_in_attempts WHERE key = $1`, key) })
}

// GiveBackAttempts takes an attempt back that was counted under some keys.
func (s *Store) GiveBackAttempts(ctx context.Context, keys [][]byte) error {
	return s.write(ctx, false, func(t *Tx) error {
		for _, key := range keys {
			if err := t.run(ctx, `UPDATE sign_in_attempts SET count = count - 1 WHERE key = $1 AND count > 0`, key); err != nil {
				return err
			}
		}
		return nil
	})
}

// NoteFailure notes how many sign-ins of a user have failed, and until when they are
// locked out for it.
func (t *Tx) NoteFailure(ctx context.Context, user directory.ID, failures int, until time.Time) error {
	return t.run(ctx, `UPDATE users SET failures = $1, locked_until = $2 WHERE id = $3`, failures, micros(until), user)
}

// NoteSuccess notes that a user has signed in. A password that an import generated for
// them was used: it lapses no more, and is destroyed where it could be read.
func (t *Tx) NoteSuccess(ctx context.Context, user directory.ID, at time.Time) error {
	if err := t.destroyGenerated(ctx, user); err != nil {
		return err
	}
	return t.run(ctx, `UPDATE users SET failures = 0, locked_until = 0, used_at = $1, password_lapses_at = 0 WHERE id = $2`, micros(at), user)
}

// RenewHash exchanges the hash of a user's password for another of the same password.
func (t *Tx) RenewHash(ctx context.Context, user directory.ID, hash string) error {
	return t.run(ctx, `UPDATE users SET password = $1 WHERE id = $2`, hash, user)
}

const selectSessions = `SELECT id, user_id, made_at, seen_at, client, agent FROM sessions`

func scanSession(rows *sql.Rows) (s access.Session, err error) {
	err = rows.Scan(&s.ID, &s.UserID, moment{&s.Made}, moment{&s.Seen}, &s.Client, &s.Agent)
	return s, err
}

// SessionOf finds the session of a digest; nil where there is none.
func (s *Store) SessionOf(ctx context.Context, digest []byte) (found *access.Session, err error) {
	err = s.queries().each(ctx, selectSessions+` WHERE hash = $1`, []any{digest}, func(rows *sql.Rows) error {
		session, err := scanSession(rows)
		found = &session
		return err
	})
	return found, err
}

// Sessions calls f for each session of a user, the latest first.
func (s *Store) Sessions(ctx context.Context, user directory.ID, f func(access.Session) error) error {
	return s.queries().each(ctx, selectSessions+` WHERE user_id = $1 ORDER BY made_at DESC, id DESC`, []any{user}, func(rows *sql.Rows) error {
		session, err := scanSession(rows)
		if err != nil {
			return err
		}
		return f(session)
	})
}

// AddSession adds a session, of which the digest is kept.
func (t *Tx) AddSession(ctx context.Context, s access.Session, digest []byte) error {
	return t.run(ctx, `INSERT INTO sessions (id, hash, user_id, made_at, seen_at, client, agent) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		s.ID, digest, s.UserID, micros(s.Made), micros(s.Seen), s.Client, s.Agent)
}

// NoteSession notes when a session was last used.
func (s *Store) NoteSession(ctx context.Context, id directory.ID, at time.Time) error {
	return s.write(ctx, false, func(t *Tx) error {
		return t.run(ctx, `UPDATE sessions SET seen_at = $1 WHERE id = $2 AND seen_at < $3`, micros(at), id, micros(at))
	})
}

// EndSessions ends all sessions of a user.
func (t *Tx) EndSessions(ctx context.Context, user directory.ID) error {
	return t.run(ctx, `DELETE FROM sessions WHERE user_id = $1`, user)
}

// EndSession ends a session of a user, or with no id all, and returns how many these were.
func (t *Tx) EndSession(ctx context.Context, user, id directory.ID) (int64, error) {
	if id.IsZero() {
		return t.exec(ctx, `DELETE FROM sessions WHERE user_id = $1`, user)
	}
	return t.exec(ctx, `DELETE FROM sessions WHERE user_id = $1 AND id = $2`, user, id)
}

// EndOtherSessions ends all sessions of a user but one.
func (t *Tx) EndOtherSessions(ctx context.Context, user, but directory.ID) error {
	return t.run(ctx, `DELETE FROM sessions WHERE user_id = $1 AND id <> $2`, user, but)
}

// ClearSessions ends those that were last used, or made, before a time, and of a user all
// but the latest ones.
func (t *Tx) ClearSessions(ctx context.Context, used, made time.Time, user directory.ID, latest int) error {
	if err := t.run(ctx, `DELETE FROM sessions WHERE seen_at < $1 OR made_at < $2`, micros(used), micros(made)); err != nil {
		return err
	}
	return t.run(ctx, `DELETE FROM sessions WHERE user_id = $1 AND id NOT IN
		(SELECT id FROM sessions WHERE user_id = $2 ORDER BY made_at DESC, id DESC LIMIT $3)`, user, user, latest)
}
