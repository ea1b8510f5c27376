package store

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"math"
	"strconv"
	"strings"

	"muster/internal/directory"
	"muster/internal/history"
)

var historyColumns = []string{"id", "at", "actor", "door", "import", "row", "user_id", "subject", "action", "changes", "org", "former_org"}

// AddHistory appends entries to the history, behind all that are there: an entry whose id
// is not, because the clock of another machine is ahead of this one's, gets one that is
// later by as much as is needed. So nothing comes among entries that are sealed.
func (t *Tx) AddHistory(ctx context.Context, entries []directory.Entry) error {
	if err := t.findEnd(ctx); err != nil {
		return err
	}
	return t.insertAll(ctx, "history", historyColumns, len(entries), func(i int) []any {
		e, changes := &entries[i], ""
		if e.Row == 0 || len(e.Changes) > 0 {
			changes = encodeChanges(e.Changes)
		}
		return []any{t.end.behind(e.ID), micros(e.At), e.Actor, e.Door, e.Import, e.Row, e.UserID, e.Subject, e.Action, changes, e.Org, e.FormerOrg}
	})
}

// end is the id of the last entry when a transaction begins to add some.
type end struct {
	id    directory.ID
	shift uint64 // in milliseconds, by which ids of this transaction are later
}

func (t *Tx) findEnd(ctx context.Context) error {
	if t.end != nil {
		return nil
	}
	found := &end{}
	err := t.row(ctx, `SELECT id FROM history ORDER BY id DESC LIMIT 1`).Scan(&found.id)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	t.end = found
	return nil
}

// behind returns an id that is behind the end. The first 48 bits of an id are its time in
// milliseconds (RFC 9562 section 5.7).
func (l *end) behind(id directory.ID) directory.ID {
	if l.shift == 0 && bytes.Compare(id[:], l.id[:]) > 0 {
		return id
	}
	if l.shift == 0 {
		l.shift = timeOf(l.id) - timeOf(id) + 1
	}
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], (timeOf(id)+l.shift)<<16)
	copy(id[:6], b[:6])
	return id
}

func timeOf(id directory.ID) uint64 { return binary.BigEndian.Uint64(id[:8]) >> 16 }

// The changes of an import's row stand with the row, and its entry has none of its own.
const selectHistory = `SELECT h.id, h.at, h.actor, h.door, h.import, h.row, h.user_id, h.subject, h.action, h.org, h.former_org,
	h.changes, COALESCE(r.changes, ''), `

const fromHistory = ` FROM history h LEFT JOIN import_rows r ON r.import = h.import AND r.row = h.row AND h.row > 0 AND h.changes = ''`

// scanEntry reads an entry as selectHistory gives it. Where its changes stand with the row
// of an import, own is false.
func scanEntry(rows *sql.Rows) (e directory.Entry, own bool, err error) {
	changes, ofRow := "", ""
	err = rows.Scan(&e.ID, moment{&e.At}, &e.Actor, &e.Door, &e.Import, &e.Row, &e.UserID, &e.Subject, &e.Action, &e.Org, &e.FormerOrg,
		&changes, &ofRow, &e.Address)
	if own = e.Row == 0 || changes != ""; !own {
		changes = ofRow
	}
	if err == nil {
		e.Changes, err = decodeChanges(changes)
	}
	return e, own, err
}

// pageHistory is how many entries are read at a time: no connection is held while
// somebody works with them.
const pageHistory = 1000

// History calls f for each entry that fits, the latest first or the other way round.
func (s *Store) History(ctx context.Context, filter directory.HistoryFilter, f func(directory.Entry) error) error {
	left := filter.Limit
	if left == 0 {
		left = math.MaxInt
	}
	for left > 0 {
		var page []directory.Entry
		text, args := historyQuery(&filter, min(left, pageHistory))
		err := s.queries().each(ctx, text, args, func(rows *sql.Rows) error {
			e, _, err := scanEntry(rows)
			page = append(page, e)
			return err
		})
		if err != nil {
			return err
		}
		for _, e := range page {
			if err := f(e); err != nil {
				return err
			}
		}
		if len(page) < min(left, pageHistory) {
			return nil
		}
		left -= len(page)
		filter.After = page[len(page)-1].ID
	}
	return nil
}

// historyQuery is the statement for the next entries that fit.
func historyQuery(filter *directory.HistoryFilter, most int) (text string, args []any) {
	order, behind := ` ORDER BY h.id DESC`, `h.id < $1`
	if filter.OldestFirst {
		order, behind = ` ORDER BY h.id`, `h.id > $1`
	}
	var where []string
	for _, c := range []struct {
		wanted    bool
		condition string
		value     any
	}{
		{!filter.After.IsZero(), behind, filter.After},
		{!filter.User.IsZero(), `h.user_id = $1`, filter.User},
		{filter.Import > 0, `h.import = $1 AND h.import > 0`, filter.Import},
		{filter.Actor != "", `h.actor = $1`, filter.Actor},
		{filter.Door != "", `h.door = $1`, filter.Door},
		{!filter.Since.IsZero(), `h.at >= $1`, micros(filter.Since)},
		{!filter.Until.IsZero(), `h.at < $1`, micros(filter.Until)},
		{filter.Orgs != nil, `(` + ofOrgs("h.org") + ` OR ` + ofOrgs("h.former_org") + `)`, textList(filter.Orgs)},
		{true, `TRUE` + order + ` LIMIT $1`, most},
	} {
		if c.wanted {
			args = append(args, c.value)
			where = append(where, strings.ReplaceAll(c.condition, "$1", "$"+strconv.Itoa(len(args))))
		}
	}
	return selectHistory + `COALESCE(u.address, '')` + fromHistory + ` LEFT JOIN users u ON u.id = h.user_id WHERE ` + strings.Join(where, ` AND `), args
}

// ofOrgs tells whether a column names one of some organisations, and not one that was
// there before under the same code.
func ofOrgs(column string) string {
	return `(` + column + ` IN ` + texts + ` AND NOT EXISTS (SELECT 1 FROM former_organisations f WHERE f.code = ` + column + ` AND f.at >= h.at))`
}

// EntriesBetween calls f for at most so many entries after one and up to another, in the
// order of their ids.
func (s *Store) EntriesBetween(ctx context.Context, after, upTo directory.ID, most int, f func(*directory.Entry) error) error {
	const text = selectHistory + `''` + fromHistory + ` WHERE h.id > $1 AND h.id <= $2 ORDER BY h.id LIMIT $3`
	return s.queries().each(ctx, text, []any{after, upTo, most}, func(rows *sql.Rows) error {
		e, own, err := scanEntry(rows)
		if errors.Is(err, errNotAsWritten) { // which verifying is to tell of
			e.Changes, err = []directory.Change{{Field: "unreadable"}}, nil
		}
		for i := range e.Changes {
			if !own {
				e.Changes[i].Ref = "" // that of a delegate made later comes with the delegate
			}
		}
		if err != nil {
			return err
		}
		return f(&e)
	})
}

// CountAfter counts the entries after one.
func (s *Store) CountAfter(ctx context.Context, id directory.ID) (n int64, err error) {
	err = s.queries().row(ctx, `SELECT count(*) FROM history WHERE id > $1`, id).Scan(&n)
	return n, err
}

const newestBlock = `SELECT number, at, last, seal, seal FROM history_seals ORDER BY number DESC LIMIT 1` // without its entries

// NewestBlock returns the newest block, without its entries; 0 is the number of none.
func (s *Store) NewestBlock(ctx context.Context) (history.Block, error) {
	return s.queries().block(ctx, newestBlock)
}

// Block returns the block that comes after a number; 0 is the number of none.
func (s *Store) Block(ctx context.Context, after int64) (history.Block, error) {
	return s.queries().block(ctx, `SELECT number, at, last, entries, seal FROM history_seals WHERE number > $1 ORDER BY number LIMIT 1`, after)
}

func (q queries) block(ctx context.Context, text string, args ...any) (b history.Block, err error) {
	err = q.row(ctx, text, args...).Scan(&b.Number, moment{&b.At}, &b.Last, &b.Entries, &b.Seal)
	if errors.Is(err, sql.ErrNoRows) {
		return history.Block{}, nil
	}
	return b, err
}

// AddBlock adds a block behind another, unless somebody else has added one meanwhile.
func (s *Store) AddBlock(ctx context.Context, former, b history.Block) (added bool, err error) {
	err = s.write(ctx, true, func(t *Tx) error {
		newest, err := t.block(ctx, newestBlock)
		if added = err == nil && newest.Number == former.Number; !added {
			return err
		}
		return t.run(ctx, `INSERT INTO history_seals (number, at, last, entries, seal) VALUES ($1, $2, $3, $4, $5)`,
			b.Number, micros(b.At), b.Last, b.Entries, b.Seal)
	})
	return added, err
}
