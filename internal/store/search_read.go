package store

import (
	"context"
	"database/sql"
	"math/bits"
	"strconv"
)

// index is what package search reads of the index.
type index struct{ queries }

func (i index) Recent(ctx context.Context) (recent [][]byte, err error) {
	err = i.each(ctx, `SELECT entries FROM search_recent ORDER BY number`, nil, func(rows *sql.Rows) error {
		var entries []byte
		err := rows.Scan(&entries)
		recent = append(recent, entries)
		return err
	})
	return recent, err
}

func (i index) Segments(ctx context.Context) (map[int64]int, error) {
	segments := map[int64]int{}
	err := i.each(ctx, `SELECT number, entries FROM search_segments WHERE NOT gone`, nil, func(rows *sql.Rows) error {
		number, entries := int64(0), 0
		err := rows.Scan(&number, &entries)
		segments[number] = entries
		return err
	})
	return segments, err
}

func (i index) Postings(ctx context.Context, segment int64, grams []string) (map[string][]byte, error) {
	if len(grams) == 0 {
		return nil, nil
	}
	places, args := each([]any{segment}, grams)
	found := map[string][]byte{}
	err := i.each(ctx, `SELECT gram, slots FROM search_postings WHERE segment = $1 AND gram IN (`+places+`)`, args, func(rows *sql.Rows) error {
		gram, slots := "", []byte(nil)
		err := rows.Scan(&gram, &slots)
		found[gram] = slots
		return err
	})
	return found, err
}

func (i index) Firsts(ctx context.Context, segment int64) (firsts []byte, err error) {
	err = i.row(ctx, `SELECT firsts FROM search_segments WHERE number = $1`, segment).Scan(&firsts)
	return firsts, err
}

func (i index) Pages(ctx context.Context, segment int64, pages []int) (map[int][]byte, error) {
	places, args := each([]any{segment}, pages)
	found := map[int][]byte{}
	err := i.each(ctx, `SELECT page, keys FROM search_pages WHERE segment = $1 AND page IN (`+places+`)`, args, func(rows *sql.Rows) error {
		page, keys := 0, []byte(nil)
		err := rows.Scan(&page, &keys)
		found[page] = keys
		return err
	})
	return found, err
}

// each gives each of a few values a place of its own behind other arguments. How many a
// list has that comes as one argument PostgreSQL does not know: it thinks of a hundred, and
// rather reads the whole segment. The last value is repeated, so that there are few such
// statements.
func each[T any](args []any, values []T) (places string, all []any) {
	for n := range 1 << bits.Len(uint(len(values)-1)) {
		args = append(args, values[min(n, len(values)-1)])
		places += ", $" + strconv.Itoa(len(args))
	}
	return places[2:], args
}
