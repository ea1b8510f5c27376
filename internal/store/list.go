package store

import (
	"context"
	"database/sql"
	"slices"
	"strconv"
	"strings"

	"muster/internal/directory"
)

// UserList calls f for each user that fits, ordered by address. It finds out first
// who they are and reads them page by page, so that no connection is held while f
// works, or waits for another: lists that run at once would have them all.
func (s *Store) UserList(ctx context.Context, filter directory.Filter, f func(*directory.User) error) error {
	var wanted []directory.ID
	where, args := listQuery(filter)
	err := s.queries().each(ctx, `SELECT id FROM users WHERE `+where+` ORDER BY address`, args, func(rows *sql.Rows) error {
		var id directory.ID
		err := rows.Scan(&id)
		wanted = append(wanted, id)
		return err
	})
	search := directory.Fold(filter.Search)
	for page := range slices.Chunk(wanted, 500) {
		if err == nil {
			err = s.listPage(ctx, where, args, search, page, f)
		}
	}
	return err
}

// listPage reads those of a page who still fit.
func (s *Store) listPage(ctx context.Context, where string, args []any, search string, page []directory.ID, f func(*directory.User) error) error {
	var list []*directory.User
	text := selectUser + ` WHERE ` + where + ` AND id IN ids($` + strconv.Itoa(len(args)+1) + `) ORDER BY address`
	err := s.queries().each(ctx, text, append(slices.Clip(args), idList(page)), func(rows *sql.Rows) error {
		u, err := scanUser(rows)
		if err == nil && fits(u, search) {
			list = append(list, u)
		}
		return err
	})
	if err == nil {
		err = s.queries().lists(ctx, list)
	}
	for _, u := range list {
		if err == nil {
			err = f(u)
		}
	}
	return err
}

func fits(u *directory.User, search string) bool {
	return strings.Contains(directory.Fold(u.Get(directory.Address)+" "+u.Get(directory.Name)+" "+u.Get(directory.DisplayName)+
		" "+u.Get(directory.LocalID)), search)
}

// listQuery is the condition of those who fit, but for what is searched for.
func listQuery(filter directory.Filter) (string, []any) {
	var where []string
	var args []any
	add := func(condition string, arg any) {
		args = append(args, arg)
		where = append(where, strings.ReplaceAll(condition, "?", "$"+strconv.Itoa(len(args))))
	}
	if filter.Status == "" {
		add(`status <> ?`, "deleted")
	} else {
		add(`status = ?`, filter.Status)
	}
	if len(filter.Orgs) > 0 {
		add(`org IN texts(?)`, textList(filter.Orgs))
	}
	if filter.Origin != "" {
		add(`origin = ?`, filter.Origin)
	}
	if filter.Domain != "" {
		add(`substr(address, length(address) - length(?) + 1) = ?`, "@"+filter.Domain)
	}
	return strings.Join(where, " AND "), args
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
