package store

import (
	"context"
	"database/sql"
	"strings"

	"muster/internal/directory"
)

// UserList calls f for each user that fits, ordered by address.
func (s *Store) UserList(ctx context.Context, filter directory.Filter, f func(*directory.User) error) error {
	text, args := listQuery(filter)
	search, batch := directory.Fold(filter.Search), []*directory.User{}
	flush := func() error {
		if err := s.queries().lists(ctx, batch); err != nil {
			return err
		}
		for _, u := range batch {
			if err := f(u); err != nil {
				return err
			}
		}
		batch = batch[:0]
		return nil
	}
	err := s.queries().each(ctx, text, args, func(rows *sql.Rows) error {
		u, err := scanUser(rows)
		if err != nil || !fits(u, search) {
			return err
		}
		if batch = append(batch, u); len(batch) < 500 {
			return nil
		}
		return flush()
	})
	if err != nil {
		return err
	}
	return flush()
}

func fits(u *directory.User, search string) bool {
	return strings.Contains(directory.Fold(u.Get(directory.Address)+" "+u.Get(directory.Name)+" "+u.Get(directory.DisplayName)+
		" "+u.Get(directory.LocalID)), search)
}

func listQuery(filter directory.Filter) (string, []any) {
	var where []string
	var args []any
	add := func(condition string, arg any) {
		args = append(args, arg)
		where = append(where, strings.ReplaceAll(condition, "?", "$"+string(rune('0'+len(args)))))
	}
	if filter.Status == "" {
		add(`status <> ?`, "deleted")
	} else {
		add(`status = ?`, filter.Status)
	}
	if len(filter.Orgs) > 0 {
		add(`org IN (SELECT value FROM json_each(?))`, textList(filter.Orgs))
	}
	if filter.Origin != "" {
		add(`origin = ?`, filter.Origin)
	}
	if filter.Domain != "" {
		add(`substr(address, -length(?)) = ?`, "@"+filter.Domain)
	}
	return selectUser + ` WHERE ` + strings.Join(where, " AND ") + ` ORDER BY address`, args
}

// Members calls f for each member of a group.
func (s *Store) Members(ctx context.Context, group directory.ID, f func(directory.Member) error) error {
	return s.queries().Members(ctx, group, f)
}

// Members calls f for each member of a group.
func (q queries) Members(ctx context.Context, group directory.ID, f func(directory.Member) error) error {
	const text = `SELECT m.user_id, COALESCE(u.address, m.other), m.note FROM group_members m
		LEFT JOIN users u ON u.id = m.user_id AND m.other = '' WHERE m.group_id = $1 ORDER BY 2`
	var members []directory.Member
	err := q.each(ctx, text, []any{group}, func(rows *sql.Rows) error {
		m := directory.Member{}
		err := rows.Scan(&m.UserID, &m.Address, &m.Note)
		members = append(members, m)
		return err
	})
	for _, m := range members {
		m.Kind = kindOfMember(m)
		if err := f(m); err != nil {
			return err
		}
	}
	return err
}

func kindOfMember(m directory.Member) string {
	switch {
	case !m.UserID.IsZero():
		return "user"
	case strings.Contains(m.Address, "@"):
		return "address"
	}
	return "domain"
}

// History calls f for each entry about a user, the latest first.
func (s *Store) History(ctx context.Context, user directory.ID, f func(directory.Entry) error) error {
	const text = `SELECT h.id, h.at, h.actor, h.door, h.import, h.row, h.user_id, h.subject, h.action,
		CASE WHEN h.row = 0 OR h.changes <> '' THEN h.changes ELSE COALESCE(r.changes, '[]') END
		FROM history h LEFT JOIN import_rows r ON r.import = h.import AND r.row = h.row
		WHERE h.user_id = $1 ORDER BY h.id DESC`
	return s.queries().each(ctx, text, []any{user}, func(rows *sql.Rows) error {
		e, changes := directory.Entry{}, ""
		err := rows.Scan(&e.ID, moment{&e.At}, &e.Actor, &e.Door, &e.Import, &e.Row, &e.UserID, &e.Subject, &e.Action, &changes)
		if err != nil {
			return err
		}
		if e.Changes, err = decodeChanges(changes); err != nil {
			return err
		}
		return f(e)
	})
}
