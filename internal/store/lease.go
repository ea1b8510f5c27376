package store

import (
	"context"
	"database/sql"
	"errors"
	"math/rand/v2"
	"time"

	"muster/internal/importer"
)

// A lease says in an import's row who works on it. It is a number, drawn anew
// each time somebody begins, so that one who was thought dead and comes back
// finds that the import is no longer theirs. Its holder says every few seconds
// that they are still there; on a database that only one machine can use, a lock
// that ends with the process tells it at once (presence).

// silence is how long the holder of a lease may not be heard of before another
// takes it, where nothing tells sooner.
const silence = 25 * time.Second

// presence tells which leases are held by a process that lives, where that can be
// known.
type presence interface {
	begin(lease int64) error
	end(lease int64)
	here(lease int64) (here, known bool)
	close() error
}

// nobody is the presence where nothing can be known of it.
type nobody struct{}

func (nobody) begin(int64) error             { return nil }
func (nobody) end(int64)                     {}
func (nobody) here(int64) (here, known bool) { return false, false }
func (nobody) close() error                  { return nil }

// Lease takes the lease of an import. It is 0 where somebody else who lives has it.
func (s *Store) Lease(ctx context.Context, number int64) (lease int64, err error) {
	err = s.write(ctx, false, func(t *Tx) error {
		lease = 0
		var holder, silent int64
		err := t.row(ctx, `SELECT lease, micros() - seen_at FROM imports WHERE number = $1`, number).Scan(&holder, &silent)
		if errors.Is(err, sql.ErrNoRows) || err == nil && s.lives(holder, silent) {
			return nil
		}
		if err != nil {
			return err
		}
		lease = rand.Int64N(1<<62) + 1
		if err := s.presence.begin(lease); err != nil {
			return err
		}
		return t.run(ctx, `UPDATE imports SET lease = $1, seen_at = micros() WHERE number = $2`, lease, number)
	})
	if err != nil && lease != 0 {
		s.presence.end(lease)
		lease = 0
	}
	return lease, err
}

// lives reports whether the holder of a lease is still at work, who has not been
// heard of for some microseconds of the database's clock.
func (s *Store) lives(lease, silent int64) bool {
	if _, over := s.over.Load(lease); lease == 0 || over {
		return false
	}
	if here, known := s.presence.here(lease); known {
		return here
	}
	return (time.Duration(silent) * time.Microsecond).Abs() < silence
}

// KeepLease says that the holder of a lease is still there.
func (s *Store) KeepLease(ctx context.Context, number, lease int64) error {
	return s.write(ctx, false, func(t *Tx) error {
		return t.run(ctx, `UPDATE imports SET seen_at = micros() WHERE number = $1 AND lease = $2`, number, lease)
	})
}

// EndLease gives a lease back. Where the database cannot be told, this process
// knows it all the same, and others find out when they hear nothing of its holder.
func (s *Store) EndLease(ctx context.Context, number, lease int64) error {
	s.presence.end(lease)
	err := s.write(ctx, false, func(t *Tx) error {
		return t.run(ctx, `UPDATE imports SET lease = 0 WHERE number = $1 AND lease = $2`, number, lease)
	})
	if err != nil {
		s.over.Store(lease, true)
	}
	return err
}

// Waiting returns the imports that somebody is to go on with and on which nobody
// who lives works, by their number.
func (s *Store) Waiting(ctx context.Context) (waiting []*importer.Import, err error) {
	const text = `SELECT ` + importColumns + `, micros() - seen_at FROM imports
		WHERE state IN ('planning', 'planned', 'hashing', 'applying', 'undoing') ORDER BY number`
	err = s.queries().each(ctx, text, nil, func(rows *sql.Rows) error {
		var silent int64
		i, err := scanImport(func(into ...any) error { return rows.Scan(append(into, &silent)...) })
		if err == nil && i.Waits() && !s.lives(i.Lease, silent) {
			waiting = append(waiting, i)
		}
		return err
	})
	return waiting, err
}

// Hashing returns the imports whose passwords are being hashed, by their number.
func (s *Store) Hashing(ctx context.Context) (list []*importer.Import, err error) {
	const text = `SELECT ` + importColumns + ` FROM imports WHERE state = 'hashing' ORDER BY number`
	err = s.queries().each(ctx, text, nil, func(rows *sql.Rows) error {
		i, err := scanImport(rows.Scan)
		list = append(list, i)
		return err
	})
	return list, err
}

// Rivals returns the imports that are being applied by somebody who lives and
// that are about a user, address or local id of this one; with all of them,
// whatever they are about, where that is asked.
func (t *Tx) Rivals(ctx context.Context, number int64, all bool) (rivals []int64, err error) {
	var applying []int64
	err = t.each(ctx, `SELECT number, lease, micros() - seen_at FROM imports WHERE state = 'applying' AND number <> $1 ORDER BY number`, []any{number},
		func(rows *sql.Rows) error {
			var other, lease, silent int64
			err := rows.Scan(&other, &lease, &silent)
			if t.store.lives(lease, silent) {
				applying = append(applying, other)
			}
			return err
		})
	for _, other := range applying {
		shared := all
		if !all && err == nil {
			err = t.sql.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM import_claims a JOIN import_claims b ON b.import = $1 AND b.key = a.key
				WHERE a.import = $2)`, other, number).Scan(&shared)
		}
		if shared {
			rivals = append(rivals, other)
		}
	}
	return rivals, err
}
