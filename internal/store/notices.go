package store

import (
	"context"
	"database/sql"
	"strconv"
	"time"

	"muster/internal/directory"
)

var noticeColumns = []string{"id", "recipient", "at", "kind", "import", "message"}

// AddNotices keeps notices, and forgets those whose time is over.
func (t *Tx) AddNotices(ctx context.Context, notices []directory.Notice) error {
	if len(notices) == 0 {
		return nil
	}
	over := notices[0].At.AddDate(0, 0, -directory.NoticeDays)
	if err := t.run(ctx, `DELETE FROM notices WHERE at < $1`, micros(over)); err != nil {
		return err
	}
	return t.insertAll(ctx, "notices", noticeColumns, len(notices), func(i int) []any {
		n := &notices[i]
		return []any{n.ID, n.To, micros(n.At), n.Kind, n.Import, n.Text}
	})
}

// Notices calls f for each notice for somebody that fits, the latest first.
func (s *Store) Notices(ctx context.Context, to directory.ID, filter directory.NoticeFilter, f func(directory.Notice) error) error {
	text, args := `SELECT id, recipient, at, kind, import, message, read_at FROM notices WHERE recipient = $1`, []any{to}
	if filter.Unread {
		text += ` AND read_at = 0`
	}
	if !filter.After.IsZero() {
		text, args = text+` AND id < $2`, append(args, filter.After)
	}
	text += ` ORDER BY id DESC`
	if filter.Limit > 0 {
		args = append(args, filter.Limit)
		text += ` LIMIT $` + strconv.Itoa(len(args))
	}
	return s.queries().each(ctx, text, args, func(rows *sql.Rows) error {
		n := directory.Notice{}
		if err := rows.Scan(&n.ID, &n.To, moment{&n.At}, &n.Kind, &n.Import, &n.Text, moment{&n.ReadAt}); err != nil {
			return err
		}
		return f(n)
	})
}

// UnreadNotices counts those for somebody that are not read.
func (s *Store) UnreadNotices(ctx context.Context, to directory.ID) (n int64, err error) {
	err = s.queries().row(ctx, `SELECT count(*) FROM notices WHERE recipient = $1 AND read_at = 0`, to).Scan(&n)
	return n, err
}

// ReadNotices notes that somebody has read one of their notices, or all where there is no
// id, and returns how many were new.
func (t *Tx) ReadNotices(ctx context.Context, to, id directory.ID, at time.Time) (int64, error) {
	const text = `UPDATE notices SET read_at = $1 WHERE recipient = $2 AND read_at = 0`
	if id.IsZero() {
		return t.exec(ctx, text, micros(at), to)
	}
	return t.exec(ctx, text+` AND id = $3`, micros(at), to, id)
}

// HasNotice reports whether somebody has a notice.
func (t *Tx) HasNotice(ctx context.Context, to, id directory.ID) (bool, error) {
	n := 0
	err := t.row(ctx, `SELECT count(*) FROM notices WHERE recipient = $1 AND id = $2`, to, id).Scan(&n)
	return n == 1, err
}
