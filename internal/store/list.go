package store

import (
	"cmp"
	"context"
	"database/sql"
	"math"
	"strings"

	"muster/internal/directory"
	"muster/internal/mailaddr"
)

// UserList calls f for each user that fits, in the order of the keys of their
// addresses. It reads them page by page, each as of one moment, and no connection is
// held while f works, or waits for another: lists that run at once would have them
// all.
func (s *Store) UserList(ctx context.Context, filter directory.Filter, f func(*directory.User) error) error {
	l := newList(&filter)
	for l.left > 0 {
		users, err := s.readUsers(ctx, l)
		for _, u := range users {
			if err == nil {
				err = f(u)
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// userList is how far a list is read.
type userList struct {
	filter *directory.Filter
	after  string // key of the last address that was looked at
	left   int    // how many users are still wanted; 0 at the end
}

func newList(filter *directory.Filter) *userList {
	l := &userList{filter: filter, after: filter.After, left: cmp.Or(filter.Limit, math.MaxInt)}
	if a, err := mailaddr.Parse(filter.After); err == nil {
		l.after = a.Key()
	}
	return l
}

// pageUsers are the users that are read at a time at most.
const pageUsers = 1000

// most is how many to look at: some more than are wanted, since a few may not fit, and
// to look for the rest costs as much as the first time.
func (l *userList) most() int {
	if l.left > pageUsers/2 {
		return pageUsers
	}
	return l.left + l.left/8 + 8
}

// readUsers reads the next users as of one moment.
func (s *Store) readUsers(ctx context.Context, l *userList) ([]*directory.User, error) {
	t, err := s.readers.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true})
	if err != nil {
		return nil, err
	}
	defer t.Rollback()
	return queries{t, s.dialect}.nextUsers(ctx, l)
}

// nextUsers returns the next users: those whom the index names and who are as it says.
func (q queries) nextUsers(ctx context.Context, l *userList) (users []*directory.User, err error) {
	most := l.most()
	keys, err := l.filter.Query().Find(ctx, index{q}, l.after, most)
	if err != nil {
		return nil, err
	}
	found, err := q.owned(ctx, keys)
	if err != nil {
		return nil, err
	}
	for _, l.after = range keys {
		if u := found[l.after]; u != nil && l.left > 0 && l.filter.Fits(u) {
			users = append(users, u)
			l.left--
		}
	}
	if len(keys) < most {
		l.left = 0
	}
	return users, nil
}

// owned returns the users whose primary addresses have the keys.
func (q queries) owned(ctx context.Context, keys []string) (map[string]*directory.User, error) {
	found := map[string]*directory.User{}
	if len(keys) == 0 {
		return found, nil
	}
	var list []*directory.User
	err := q.each(ctx, selectUser+` WHERE id IN (SELECT user_id FROM addresses WHERE key IN `+texts+`)`, []any{textList(keys)}, func(rows *sql.Rows) error {
		u, err := scanUser(rows)
		list = append(list, u)
		if a, bad := mailaddr.Parse(u.Get(directory.Address)); bad == nil {
			found[a.Key()] = u
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return found, q.lists(ctx, list)
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
