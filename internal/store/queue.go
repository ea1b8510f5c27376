package store

import (
	"context"

	"github.com/jackc/pgx/v5/pgxpool"
)

// What the queue needs to keep its own tables near those of the store.

// File is the file of the database; "" where it is on a server.
func (s *Store) File() string { return s.place.File }

// Pool are the connections to a server; nil where the database is a file.
func (s *Store) Pool() *pgxpool.Pool {
	if e, ok := s.dialect.(*postgresDialect); ok {
		return e.pool
	}
	return nil
}

// SettingUp runs f while no other process sets anything up. Nothing may be
// written through the store meanwhile.
func (s *Store) SettingUp(ctx context.Context, f func() error) error { return s.dialect.locked(ctx, f) }
