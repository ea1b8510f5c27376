package store

import (
	"context"
	"database/sql"
	"strconv"
	"strings"
)

// Tx is a writing transaction.
type Tx struct {
	queries
	store   *Store
	sql     *sql.Tx
	stmts   map[string]*sql.Stmt
	inserts map[inserted]*sql.Stmt
}

// write runs f in one transaction that no other writer can come between. One
// that is durable is on the disk when write returns; of others a power failure
// may take back the last ones, all that came after some moment, and nothing
// else can.
func (s *Store) write(ctx context.Context, durable bool, f func(*Tx) error) error {
	if err := s.turn.take(ctx); err != nil {
		return err
	}
	defer s.turn.give()
	if err := s.setDurable(ctx, durable); err != nil {
		return err
	}
	t, err := s.writer.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer t.Rollback()
	tx := &Tx{queries{t}, s, t, map[string]*sql.Stmt{}, map[inserted]*sql.Stmt{}}
	if err := f(tx); err != nil {
		return err
	}
	return t.Commit()
}

// exec runs a statement, which is prepared once in a transaction.
func (t *Tx) exec(ctx context.Context, text string, args ...any) (int64, error) {
	stmt := t.stmts[text]
	if stmt == nil {
		var err error
		if stmt, err = t.sql.PrepareContext(ctx, positional(text)); err != nil {
			return 0, err
		}
		t.stmts[text] = stmt
	}
	result, err := stmt.ExecContext(ctx, args...)
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

// inserted names a statement that adds a row to a table.
type inserted struct {
	table string
	given uint64 // the columns whose values are not blank, a bit each
}

// insert adds a row. Blank values stand in the statement itself: to bind those of
// the columns that few people fill would cost a third of it.
func (t *Tx) insert(ctx context.Context, table string, columns []string, values []any) error {
	which, args := inserted{table: table}, make([]any, 0, len(values))
	for i, v := range values {
		if blank(v) == "" {
			which.given |= 1 << i
			args = append(args, v)
		}
	}
	stmt := t.inserts[which]
	if stmt == nil {
		var err error
		if stmt, err = t.sql.PrepareContext(ctx, which.text(columns, values)); err != nil {
			return err
		}
		t.inserts[which] = stmt
	}
	_, err := stmt.ExecContext(ctx, args...)
	return clash(err)
}

// blank returns how SQL writes a value that says nothing, and nothing for others.
func blank(v any) string {
	switch v {
	case "":
		return "''"
	case 0, int64(0):
		return "0"
	case false:
		return "FALSE"
	}
	return ""
}

func (i inserted) text(columns []string, values []any) string {
	places, n := make([]string, len(values)), 0
	for c, v := range values {
		if places[c] = blank(v); places[c] == "" {
			n++
			places[c] = "$" + strconv.Itoa(n)
		}
	}
	return positional(`INSERT INTO ` + i.table + ` (` + strings.Join(columns[:len(values)], ", ") + `) VALUES (` + strings.Join(places, ", ") + `)`)
}
