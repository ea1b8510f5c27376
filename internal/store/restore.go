package store

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"muster/internal/backup"
)

// ErrNotFresh tells that a database has something in it, and is no place for a backup.
var ErrNotFresh = errors.New("the database has something in it already; a backup is restored into one that has nothing in it")

// Restore brings a backup into a database that has nothing in it. It is one
// transaction: where it does not end well, also because the backup is not whole,
// the database has nothing in it as before. What was read is compared with what
// the backup says of itself, what was written is counted, and the engine checks it.
// Imports that were at work when the backup was made are nobody's now.
func (s *Store) Restore(ctx context.Context, r *backup.Reader, report func(done, total int64)) (*backup.Summary, error) {
	if err := Fits(r.Head()); err != nil {
		return nil, err
	}
	summary := &backup.Summary{Head: r.Head()}
	err := s.once(ctx, true, func(t *Tx) (err error) {
		if err := s.dialect.patient(ctx, t.sql); err != nil {
			return err
		}
		if err := t.clear(ctx); err != nil {
			return err
		}
		to := &restorer{ctx: ctx, tx: t, rows: tally{total: r.Head().Rows, report: report}}
		if summary.Tables, err = r.Read(to); err == nil {
			err = to.flush()
		}
		if err != nil {
			return err
		}
		if err := t.verify(ctx, summary.Tables); err != nil {
			return err
		}
		if err := t.refill(ctx); err != nil {
			return err
		}
		return t.run(ctx, `UPDATE imports SET lease = 0 WHERE lease <> 0`)
	})
	if err != nil && ctx.Err() != nil { // which a driver may tell as a closed connection
		err = errors.Join(ctx.Err(), err)
	}
	return summary, err
}

// Fits returns no error for a backup that has the tables of this program.
func Fits(h backup.Head) error {
	switch {
	case h.Schema > newest:
		return backup.Newer(h)
	case h.Schema < newest:
		return fmt.Errorf("the backup was written by Muster %s, and this one keeps its tables in another way; restore it with that one, "+
			"and then open the database with this one, which brings it up to date", h.Program)
	}
	return nil
}

// Fresh returns ErrNotFresh if the database has more in it than it is set up with.
func (s *Store) Fresh(ctx context.Context) error { return s.queries().fresh(ctx) }

func (q queries) fresh(ctx context.Context) error {
	counts, err := q.counts(ctx)
	if err != nil {
		return err
	}
	for _, c := range counts {
		if c.Table != "facts" && c.Rows > 0 && (c.Table != "organisations" || c.Rows > 1) {
			return ErrNotFresh
		}
	}
	stamp, err := q.CatalogStamp(ctx)
	if err == nil && stamp != 1 {
		return ErrNotFresh
	}
	return err
}

// clear removes what a database is set up with: a backup has it too.
func (t *Tx) clear(ctx context.Context) error {
	if err := t.fresh(ctx); err != nil {
		return err
	}
	if err := t.run(ctx, `DELETE FROM organisations`); err != nil {
		return err
	}
	return t.run(ctx, `DELETE FROM facts`)
}

// verify compares the rows that are there with those that were read.
func (t *Tx) verify(ctx context.Context, read []backup.Count) error {
	counts, err := t.counts(ctx)
	if err != nil {
		return err
	}
	if !slices.Equal(counts, read) {
		return fmt.Errorf("not all tables were restored: %v of %v", counts, read)
	}
	return t.store.dialect.check(ctx, t.sql)
}

// restorer adds rows to the database, many at a time.
type restorer struct {
	ctx     context.Context
	tx      *Tx
	table   string
	columns []string
	next    int // the table that has to come next
	waiting [][]any
	size    int // of what is waiting, in bytes
	rows    tally
}

// How much is added at a time at most.
const (
	waitingRows  = 1000
	waitingBytes = 4 << 20
)

// Table begins a table. A backup has all tables, in the order of this program, and
// their columns: nothing else of it gets into a statement.
func (r *restorer) Table(name string, columns []string) error {
	if err := r.flush(); err != nil {
		return err
	}
	if r.next == len(tables) || tables[r.next].name != name {
		return fmt.Errorf("%w: table %q is out of its place", backup.ErrDamaged, name)
	}
	r.next++
	known, _, err := r.tx.columns(r.ctx, name)
	if err != nil {
		return err
	}
	if !slices.Equal(known, columns) {
		return fmt.Errorf("%w: table %q has other columns", backup.ErrDamaged, name)
	}
	r.table, r.columns = name, columns
	return nil
}

// Row adds a row when enough of them wait.
func (r *restorer) Row(values []any) error {
	r.waiting = append(r.waiting, slices.Clone(values))
	for _, v := range values {
		switch v := v.(type) {
		case string:
			r.size += len(v)
		case []byte:
			r.size += len(v)
		}
	}
	r.rows.add()
	if len(r.waiting) < waitingRows && r.size < waitingBytes {
		return nil
	}
	return r.flush()
}

func (r *restorer) flush() error {
	err := r.tx.insertAll(r.ctx, r.table, r.columns, len(r.waiting), func(i int) []any { return r.waiting[i] })
	clear(r.waiting)
	r.waiting, r.size = r.waiting[:0], 0
	if err != nil && r.ctx.Err() == nil && !Unavailable(err) {
		// What the engine says may show what is in the row.
		return fmt.Errorf("its table %s has something that this database does not take", r.table)
	}
	return errors.Join(err, r.tx.forget())
}

// forget gives up the statements by which rows were added: there is one for each
// set of columns that were given, and in all of a database there are many.
func (t *Tx) forget() (err error) {
	for which, stmt := range t.inserts {
		err = errors.Join(err, stmt.Close())
		delete(t.inserts, which)
	}
	return err
}
