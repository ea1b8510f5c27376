package store

import (
	"context"
	"database/sql"

	"muster/internal/directory"
	"muster/internal/importer"
)

// RowsBack calls f for at most limit rows of an import from a row on downwards.
func (s *Store) RowsBack(ctx context.Context, number, from int64, limit int, f func(*importer.Row) error) error {
	return s.queries().RowsBack(ctx, number, from, limit, f)
}

// RowsBack calls f for at most limit rows of an import, without their cells, from
// a row on downwards.
func (q queries) RowsBack(ctx context.Context, number, from int64, limit int, f func(*importer.Row) error) error {
	const text = `SELECT row, line, action, user_id, version, late, '', changes, issues, outcome FROM import_rows
		WHERE import = $1 AND row <= $2 ORDER BY row DESC LIMIT $3`
	return q.rows(ctx, text, rowArgs(number, int(from), limit), f)
}

// Traces returns what an import has left with users whom its rows changed.
func (s *Store) Traces(ctx context.Context, number int64, users []directory.ID) (map[directory.ID]directory.Trace, error) {
	return s.queries().Traces(ctx, number, users)
}

// Traces returns what an import has left with users whom its rows changed.
func (q queries) Traces(ctx context.Context, number int64, users []directory.ID) (map[directory.ID]directory.Trace, error) {
	traces := map[directory.ID]directory.Trace{}
	// The sign keeps SQLite from walking through all rows of the import for each user.
	const text = `SELECT h.user_id, r.row, r.action, h.at, u.password_at, r.changes FROM history h
		JOIN users u ON u.id = h.user_id JOIN import_rows r ON r.import = h.import AND r.row = +h.row
		WHERE h.user_id IN ` + ids + ` AND h.import = $2 AND +h.row > 0 AND h.action NOT LIKE 'undo %'`
	err := q.each(ctx, text, []any{idList(users), number}, func(rows *sql.Rows) error {
		id, t, changes := directory.ID{}, directory.Trace{}, ""
		err := rows.Scan(&id, &t.Row, &t.Action, moment{&t.At}, moment{&t.PasswordAt}, &changes)
		if err == nil {
			t.Changes, err = decodeChanges(changes)
		}
		traces[id] = t
		return err
	})
	return traces, err
}

// Replaced returns at most limit entries by which an import took members out of
// its group, from the one after an entry on.
func (s *Store) Replaced(ctx context.Context, number int64, after directory.ID, limit int) ([]directory.Entry, error) {
	return s.queries().Replaced(ctx, number, after, limit)
}

// Replaced returns at most limit entries by which an import took members out of
// its group, from the one after an entry on.
func (q queries) Replaced(ctx context.Context, number int64, after directory.ID, limit int) (list []directory.Entry, err error) {
	const text = `SELECT id, user_id, changes FROM history WHERE import = $1 AND import > 0 AND row = 0 AND id > $2
		AND action IN ('update', 'delete member') ORDER BY id LIMIT $3`
	err = q.each(ctx, text, []any{number, after, limit}, func(rows *sql.Rows) error {
		e, changes := directory.Entry{}, ""
		err := rows.Scan(&e.ID, &e.UserID, &changes)
		if err == nil {
			e.Changes, err = decodeChanges(changes)
		}
		list = append(list, e)
		return err
	})
	return list, err
}

// RemoveUsers removes users with all that hangs on them: what refers to a user
// goes with them, but for the history.
func (t *Tx) RemoveUsers(ctx context.Context, users []directory.ID) error {
	if len(users) == 0 {
		return nil
	}
	if err := t.run(ctx, `DELETE FROM group_members WHERE other = '' AND user_id IN `+ids, idList(users)); err != nil {
		return err
	}
	if err := t.run(ctx, `DELETE FROM notices WHERE recipient IN `+ids, idList(users)); err != nil {
		return err
	}
	return t.run(ctx, `DELETE FROM users WHERE id IN `+ids, idList(users))
}

// Password returns a user's present password.
func (t *Tx) Password(ctx context.Context, user directory.ID) (p directory.StoredPassword, err error) {
	const text = `SELECT password, password_at, password_lapses_at FROM users WHERE id = $1`
	err = t.sql.QueryRowContext(ctx, text, user).Scan(&p.Hash, moment{&p.At}, moment{&p.Lapses})
	return p, err
}

// PutBackPassword gives a user the former password again, and forgets that it
// was a former one.
func (t *Tx) PutBackPassword(ctx context.Context, user directory.ID, p directory.StoredPassword) error {
	err := t.run(ctx, `DELETE FROM former_passwords WHERE user_id = $1 AND at = (SELECT password_at FROM users WHERE id = $2)`, user, user)
	if err != nil {
		return err
	}
	return t.run(ctx, `UPDATE users SET password = $1, password_at = $2, password_lapses_at = $3 WHERE id = $4`,
		p.Hash, micros(p.At), micros(p.Lapses), user)
}
