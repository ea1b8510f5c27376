package store

import (
	"context"
	"time"

	"muster/internal/access"
	"muster/internal/directory"
)

// PutFactor keeps the second factor of a user.
func (t *Tx) PutFactor(ctx context.Context, user directory.ID, f access.Factor) error {
	return t.run(ctx, `INSERT INTO second_factors (user_id, sealed, made_at, confirmed_at, step) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (user_id) DO UPDATE SET sealed = excluded.sealed, made_at = excluded.made_at, confirmed_at = excluded.confirmed_at, step = excluded.step`,
		user, f.Sealed, micros(f.Made), micros(f.Confirmed), f.Step)
}

// DropFactor takes the second factor from a user, with the recovery codes.
func (t *Tx) DropFactor(ctx context.Context, user directory.ID) error {
	if err := t.run(ctx, `DELETE FROM recovery_codes WHERE user_id = $1`, user); err != nil {
		return err
	}
	return t.run(ctx, `DELETE FROM second_factors WHERE user_id = $1`, user)
}

// PutRecoveryCodes gives a user recovery codes in place of those that they had.
func (t *Tx) PutRecoveryCodes(ctx context.Context, user directory.ID, digests [][]byte) error {
	if err := t.run(ctx, `DELETE FROM recovery_codes WHERE user_id = $1`, user); err != nil {
		return err
	}
	return t.insertAll(ctx, "recovery_codes", []string{"user_id", "hash"}, len(digests), func(i int) []any { return []any{user, digests[i]} })
}

// UseRecoveryCode uses a code up, and reports whether it was there.
func (t *Tx) UseRecoveryCode(ctx context.Context, user directory.ID, digest []byte) (bool, error) {
	n, err := t.exec(ctx, `DELETE FROM recovery_codes WHERE user_id = $1 AND hash = $2`, user, digest)
	return n == 1, err
}

// RecoveryCodes counts those that a user has left.
func (s *Store) RecoveryCodes(ctx context.Context, user directory.ID) (n int, err error) {
	err = s.queries().row(ctx, `SELECT count(*) FROM recovery_codes WHERE user_id = $1`, user).Scan(&n)
	return n, err
}

// HasMaster reports whether there is a user of role Master who is not deleted.
func (s *Store) HasMaster(ctx context.Context) (bool, error) { return s.queries().HasMaster(ctx) }

// HasMaster reports whether there is a user of role Master who is not deleted.
func (q queries) HasMaster(ctx context.Context) (there bool, err error) {
	n := 0
	err = q.row(ctx, `SELECT count(*) FROM (SELECT 1 FROM users WHERE role = 'Master' AND status <> 'deleted' LIMIT 1) AS m`).Scan(&n)
	return n > 0, err
}

// PutFirstLink keeps the one link by which the first Master is made.
func (t *Tx) PutFirstLink(ctx context.Context, digest []byte, at time.Time) error {
	if err := t.run(ctx, `DELETE FROM first_link`); err != nil {
		return err
	}
	return t.run(ctx, `INSERT INTO first_link (hash, made_at) VALUES ($1, $2)`, digest, micros(at))
}

// TakeFirstLink uses the link up, and reports whether it was the one.
func (t *Tx) TakeFirstLink(ctx context.Context, digest []byte) (bool, error) {
	n, err := t.exec(ctx, `DELETE FROM first_link WHERE hash = $1`, digest)
	return n == 1, err
}
