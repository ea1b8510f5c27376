package store

import (
	"context"
	"database/sql"
	"time"

	"muster/internal/access"
	"muster/internal/directory"
)

// WriteAccess runs f in one transaction.
func (s *Store) WriteAccess(ctx context.Context, f func(access.Tx) error) error {
	return s.write(ctx, true, func(t *Tx) error { return f(t) })
}

// WriteAttempt runs f in one transaction, after which it is done or failed.
func (s *Store) WriteAttempt(ctx context.Context, f func(access.Tx) (failed bool, err error)) error {
	return s.WriteAccess(ctx, func(t access.Tx) error {
		_, err := f(t)
		return err
	})
}

const selectTokens = `SELECT id, name, role, org, created_by, created_at, expires_at, used_at, revoked_at FROM tokens`

func scanToken(rows *sql.Rows) (t access.Token, err error) {
	err = rows.Scan(&t.ID, &t.Name, &t.Role, &t.Org, &t.CreatedBy, moment{&t.CreatedAt}, moment{&t.Expires}, moment{&t.LastUsed}, moment{&t.Revoked})
	return t, err
}

// Tokens calls f for every token, by name.
func (s *Store) Tokens(ctx context.Context, f func(access.Token) error) error {
	return s.queries().each(ctx, selectTokens+` ORDER BY key, created_at, id`, nil, func(rows *sql.Rows) error {
		t, err := scanToken(rows)
		if err != nil {
			return err
		}
		return f(t)
	})
}

// TokenOf finds the token of a digest; nil where there is none.
func (s *Store) TokenOf(ctx context.Context, digest []byte) (*access.Token, error) {
	return s.queries().token(ctx, `hash = $1`, digest)
}

// Token finds a token by its id; nil where there is none.
func (t *Tx) Token(ctx context.Context, id directory.ID) (*access.Token, error) {
	return t.token(ctx, `id = $1`, id)
}

func (q queries) token(ctx context.Context, where string, arg any) (found *access.Token, err error) {
	err = q.each(ctx, selectTokens+` WHERE `+where, []any{arg}, func(rows *sql.Rows) error {
		t, err := scanToken(rows)
		found = &t
		return err
	})
	return found, err
}

// AddToken adds a token, and reports whether the organisation has no other of this
// name that is not revoked.
func (t *Tx) AddToken(ctx context.Context, token access.Token, digest []byte) (bool, error) {
	n, err := t.exec(ctx, `INSERT INTO tokens (id, hash, name, key, role, org, created_by, created_at, expires_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING`, token.ID, digest, token.Name, directory.Fold(token.Name),
		token.Role, token.Org, token.CreatedBy, micros(token.CreatedAt), micros(token.Expires))
	return n == 1, err
}

// RevokeToken notes when a token was revoked.
func (t *Tx) RevokeToken(ctx context.Context, id directory.ID, at time.Time) error {
	return t.run(ctx, `UPDATE tokens SET revoked_at = $1 WHERE id = $2`, micros(at), id)
}

// NoteToken notes when a token was last used.
func (s *Store) NoteToken(ctx context.Context, id directory.ID, at time.Time) error {
	return s.write(ctx, false, func(t *Tx) error {
		return t.run(ctx, `UPDATE tokens SET used_at = $1 WHERE id = $2 AND used_at < $3`, micros(at), id, micros(at))
	})
}
