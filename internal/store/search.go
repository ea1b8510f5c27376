package store

import (
	"context"
	"database/sql"
	"errors"

	"muster/internal/directory"
	"muster/internal/search"
)

// The index by which users are found is kept by the transactions that change users:
// it is right whenever they have ended, and nothing has to run for that. Each
// transaction appends the entries of its users to the recent ones; the one that
// makes them many enough makes a segment of them all.

// segmentEntries are how many recent entries are made into a segment.
const segmentEntries = 32_768

// rowBytes are how long a row of recent entries is at least, but for the last.
const rowBytes = 1 << 16

// index has a transaction put a user into the index when it ends.
func (t *Tx) index(u *directory.User) {
	if !t.store.unindexed {
		t.recent.Add(u.Entry())
	}
}

// keepIndex appends what the transaction has for the index.
func (t *Tx) keepIndex(ctx context.Context) error {
	if t.recent.Entries == 0 {
		return nil
	}
	var number int64
	var total int
	var last []byte
	const latest = `SELECT number, total, CASE WHEN length(entries) < $1 THEN entries END FROM search_recent ORDER BY number DESC LIMIT 1`
	err := t.row(ctx, latest, rowBytes).Scan(&number, &total, &last)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	total += t.recent.Entries
	if last != nil {
		err = t.run(ctx, `UPDATE search_recent SET total = $1, entries = $2 WHERE number = $3`, total, append(last, t.recent.Packed...), number)
	} else {
		err = t.run(ctx, `INSERT INTO search_recent (number, total, entries) VALUES ($1, $2, $3)`, number+1, total, t.recent.Packed)
	}
	if err != nil || total < t.store.segment {
		return err
	}
	return t.freeze(ctx)
}

// freeze makes a segment of the recent entries, and does some of what else has to be
// done for the index now and then.
func (t *Tx) freeze(ctx context.Context) error {
	recent, err := index{t.queries}.Recent(ctx)
	if err != nil {
		return err
	}
	if err := t.addSegment(ctx, recent); err != nil {
		return err
	}
	if err := t.run(ctx, `DELETE FROM search_recent`); err != nil {
		return err
	}
	if err := t.dropSegments(ctx); err != nil {
		return err
	}
	return t.tendRenewal(ctx)
}

func (t *Tx) addSegment(ctx context.Context, recent [][]byte) error {
	s, err := search.NewSegment(recent)
	if err != nil {
		return err
	}
	var number int64
	if err := t.row(ctx, `SELECT COALESCE(max(number), 0) + 1 FROM search_segments`).Scan(&number); err != nil {
		return err
	}
	const text = `INSERT INTO search_segments (number, entries, gone, firsts) VALUES ($1, $2, FALSE, $3)`
	if err := t.run(ctx, text, number, s.Entries, s.Firsts); err != nil {
		return err
	}
	err = t.insertAll(ctx, "search_pages", []string{"segment", "page", "keys"}, len(s.Pages), func(i int) []any {
		return []any{number, i, s.Pages[i]}
	})
	if err != nil {
		return err
	}
	return t.insertAll(ctx, "search_postings", []string{"segment", "gram", "slots"}, len(s.Grams), func(i int) []any {
		return []any{number, s.Grams[i], s.Postings(s.Grams[i])}
	})
}

// dropped are how many segments that are gone are removed at a time.
const dropped = 2

func (t *Tx) dropSegments(ctx context.Context) error {
	var gone []int64
	err := t.each(ctx, `SELECT number FROM search_segments WHERE gone ORDER BY number LIMIT $1`, []any{dropped}, func(rows *sql.Rows) error {
		var number int64
		err := rows.Scan(&number)
		gone = append(gone, number)
		return err
	})
	for _, number := range gone {
		for _, text := range []string{`DELETE FROM search_postings WHERE segment = $1`, `DELETE FROM search_pages WHERE segment = $1`,
			`DELETE FROM search_segments WHERE number = $1`} {
			if err == nil {
				err = t.run(ctx, text, number)
			}
		}
	}
	return err
}
