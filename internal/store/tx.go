package store

import (
	"context"
	"database/sql"

	"muster/internal/search"
)

// Tx is a writing transaction.
type Tx struct {
	queries
	store   *Store
	sql     *sql.Tx
	conn    *sql.Conn // that the transaction is on
	stmts   map[string]*sql.Stmt
	inserts map[inserted]*sql.Stmt
	recent  search.Recent // what it has for the index
	end     *end          // of the history, once it was asked for
}

// write runs f in one transaction that no other writer can come between. One
// that is durable is on the disk when write returns; of others a power failure
// may take back the last ones, all that came after some moment, and nothing
// else can. Where an engine breaks a transaction off because of what others do
// at the same time, f is run again: it reads anew what it changes.
func (s *Store) write(ctx context.Context, durable bool, f func(*Tx) error) error {
	for tries := 3; ; tries-- {
		if err := s.once(ctx, durable, f); tries == 1 || !brokenOff(err) {
			return err
		}
	}
}

// once is write for what cannot be run again.
func (s *Store) once(ctx context.Context, durable bool, f func(*Tx) error) error {
	c, err := s.writer.Conn(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	t, err := s.dialect.begin(ctx, c, durable)
	if err != nil {
		return err
	}
	defer s.dialect.end()
	defer t.Rollback()
	tx := &Tx{queries: queries{t, s.dialect}, store: s, sql: t, conn: c, stmts: map[string]*sql.Stmt{}, inserts: map[inserted]*sql.Stmt{}}
	if err := tx.sameKey(ctx); err != nil {
		return err
	}
	if err := f(tx); err != nil {
		return err
	}
	if err := tx.keepIndex(ctx); err != nil {
		return err
	}
	return t.Commit()
}

// exec runs a statement and returns how many rows it changed.
func (t *Tx) exec(ctx context.Context, text string, args ...any) (int64, error) {
	result, err := t.store.dialect.exec(ctx, t, text, args)
	if err != nil {
		return 0, clash(err)
	}
	return result.RowsAffected()
}

// run is exec where nobody asks how many rows it changed.
func (t *Tx) run(ctx context.Context, text string, args ...any) error {
	_, err := t.exec(ctx, text, args...)
	return err
}

// insertAll adds n rows to a table, the quickest way that the engine has.
func (t *Tx) insertAll(ctx context.Context, table string, columns []string, n int, row func(int) []any) error {
	return clash(t.store.dialect.insertAll(ctx, t, table, columns, n, row))
}
