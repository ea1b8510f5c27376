package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"muster/internal/directory"
)

// BeginAnswer notes that a request is being answered, unless one of the same key is
// kept, which it returns: without an answer while that is not there yet. What began
// before lost and was never answered counts as if it had not been; what is older than
// old is deleted.
func (s *Store) BeginAnswer(ctx context.Context, actor directory.ID, key string, now, lost, old time.Time) (digest, sealed []byte, begun bool, err error) {
	err = s.write(ctx, true, func(t *Tx) error {
		digest, sealed = nil, nil
		if err := t.run(ctx, `DELETE FROM answers WHERE at < $1 OR (at < $2 AND NOT done)`, micros(old), micros(lost)); err != nil {
			return err
		}
		n, err := t.exec(ctx, `INSERT INTO answers (actor, key, at, done, digest, sealed) VALUES ($1, $2, $3, false, $4, $5) ON CONFLICT DO NOTHING`,
			actor, key, micros(now), []byte{}, []byte{})
		if begun = n == 1; err != nil || begun {
			return err
		}
		err = t.row(ctx, `SELECT digest, sealed FROM answers WHERE actor = $1 AND key = $2`, actor, key).Scan(&digest, &sealed)
		if errors.Is(err, sql.ErrNoRows) {
			err = nil
		}
		return err
	})
	return digest, sealed, begun, err
}

// KeepAnswer keeps an answer, sealed, with a digest of its request.
func (s *Store) KeepAnswer(ctx context.Context, actor directory.ID, key string, digest, sealed []byte) error {
	return s.write(ctx, true, func(t *Tx) error {
		return t.run(ctx, `UPDATE answers SET done = true, digest = $1, sealed = $2 WHERE actor = $3 AND key = $4`, digest, sealed, actor, key)
	})
}

// DropAnswer lets a request be sent again.
func (s *Store) DropAnswer(ctx context.Context, actor directory.ID, key string) error {
	return s.write(ctx, true, func(t *Tx) error {
		return t.run(ctx, `DELETE FROM answers WHERE actor = $1 AND key = $2`, actor, key)
	})
}
