package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"muster/internal/directory"
)

// querier is a database or a transaction.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// queries are the reads that a store and a transaction share.
type queries struct {
	db      querier
	dialect dialect
}

func (s *Store) queries() queries { return queries{s.readers, s.dialect} }

// each runs a query and calls f for each of its rows.
func (q queries) each(ctx context.Context, text string, args []any, f func(*sql.Rows) error) error {
	rows, err := q.db.QueryContext(ctx, q.dialect.say(text), args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := f(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// row runs a query for one row.
func (q queries) row(ctx context.Context, text string, args ...any) *sql.Row {
	return q.db.QueryRowContext(ctx, q.dialect.say(text), args...)
}

func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

func fromMicros(n int64) time.Time {
	if n == 0 {
		return time.Time{}
	}
	return time.UnixMicro(n).UTC()
}

// moment scans a time as the database keeps it.
type moment struct{ *time.Time }

func (m moment) Scan(src any) error {
	n, _ := src.(int64)
	*m.Time = fromMicros(n)
	return nil
}

// flag scans a truth value as the directory writes it.
type flag struct{ text *string }

func (f flag) Scan(src any) error {
	var truth sql.NullBool
	err := truth.Scan(src)
	*f.text = strconv.FormatBool(truth.Bool)
	return err
}

// CatalogStamp tells whether a catalog is still what the database has.
func (q queries) CatalogStamp(ctx context.Context) (stamp int64, err error) {
	err = q.db.QueryRowContext(ctx, stampOf).Scan(&stamp)
	return stamp, err
}

const stampOf = `SELECT value FROM facts WHERE name = 'catalog_stamp'`

// keptFor is how long a catalog is kept at most. A server that came back without its last
// transactions may give a stamp a second time.
const keptFor = 10 * time.Second

// keptCatalog is a catalog that was read a while ago.
type keptCatalog struct {
	*directory.Catalog
	read time.Time
}

// Catalog returns the organisations, domains and groups. They are asked for with everything
// that anybody does, and seldom change, so the last catalog is kept while its stamp is the one
// of the database. Nobody may change it.
func (s *Store) Catalog(ctx context.Context) (*directory.Catalog, error) {
	if kept := s.catalog.Load(); kept != nil && time.Since(kept.read) < keptFor {
		if stamp, err := s.queries().CatalogStamp(ctx); err != nil || stamp == kept.Stamp {
			return kept.Catalog, err
		}
	}
	read := time.Now()
	c, err := s.queries().Catalog(ctx)
	if err != nil {
		return nil, err
	}
	s.catalog.Store(&keptCatalog{c, read})
	return c, nil
}

// Catalog returns the organisations, domains and groups.
func (q queries) Catalog(ctx context.Context) (*directory.Catalog, error) {
	stamp, err := q.CatalogStamp(ctx)
	if err != nil {
		return nil, err
	}
	orgs, err := q.organisations(ctx)
	if err != nil {
		return nil, err
	}
	domains, err := q.domains(ctx)
	if err != nil {
		return nil, err
	}
	groups, err := q.groups(ctx)
	return directory.NewCatalog(stamp, orgs, domains, groups), err
}

func (q queries) organisations(ctx context.Context) (list []*directory.Organisation, err error) {
	err = q.each(ctx, `SELECT code, name, parent, settings FROM organisations`, nil, func(rows *sql.Rows) error {
		o, settings := &directory.Organisation{}, ""
		if err := rows.Scan(&o.Code, &o.Name, &o.Parent, &settings); err != nil {
			return err
		}
		list = append(list, o)
		return json.Unmarshal([]byte(settings), &o.Settings)
	})
	return list, err
}

func (q queries) domains(ctx context.Context) (list []*directory.Domain, err error) {
	err = q.each(ctx, `SELECT name, org, validation, auto_create, closed FROM domains`, nil, func(rows *sql.Rows) error {
		d := &directory.Domain{}
		list = append(list, d)
		return rows.Scan(&d.Name, &d.Org, &d.Validation, &d.AutoCreate, &d.Closed)
	})
	return list, err
}

func (q queries) groups(ctx context.Context) (list []*directory.Group, err error) {
	err = q.each(ctx, `SELECT id, org, parent, name, origin FROM groups`, nil, func(rows *sql.Rows) error {
		g := &directory.Group{}
		list = append(list, g)
		return rows.Scan(&g.ID, &g.Org, &g.Parent, &g.Name, &g.Origin)
	})
	return list, err
}

// Taken tells which of the address keys are not free.
func (s *Store) Taken(ctx context.Context, keys []string) (map[string]bool, error) {
	return s.queries().Taken(ctx, keys)
}

// Taken tells which of the address keys are not free.
func (q queries) Taken(ctx context.Context, keys []string) (map[string]bool, error) {
	taken := map[string]bool{}
	if len(keys) == 0 {
		return taken, nil
	}
	err := q.each(ctx, `SELECT key FROM addresses WHERE key IN `+texts, []any{textList(keys)}, func(rows *sql.Rows) error {
		var key string
		err := rows.Scan(&key)
		taken[key] = true
		return err
	})
	return taken, err
}

// Snapshot answers a query of the rules.
func (s *Store) Snapshot(ctx context.Context, query directory.Query) (*directory.Snapshot, error) {
	return s.queries().Snapshot(ctx, query)
}

// Snapshot answers a query of the rules.
func (q queries) Snapshot(ctx context.Context, query directory.Query) (*directory.Snapshot, error) {
	snap := &directory.Snapshot{Users: map[directory.ID]*directory.User{}, Owners: map[string]directory.Owner{},
		Locals: map[directory.LocalKey]directory.ID{}, Leavers: map[string][]directory.Leaver{}, Persons: map[directory.PersonKey]string{}}
	for _, look := range []func(context.Context, directory.Query, *directory.Snapshot) error{
		q.owners, q.locals, q.leavers, q.persons, q.named,
	} {
		if err := look(ctx, query, snap); err != nil {
			return nil, err
		}
	}
	return snap, nil
}

func (q queries) owners(ctx context.Context, query directory.Query, snap *directory.Snapshot) error {
	if len(query.Keys) == 0 {
		return nil
	}
	const text = `SELECT a.key, a.kind, a.user_id, a.until, COALESCE(u.address, ''), COALESCE(u.org, a.org), COALESCE(u.role, '')
		FROM addresses a LEFT JOIN users u ON u.id = a.user_id WHERE a.key IN ` + texts
	return q.each(ctx, text, []any{textList(query.Keys)}, func(rows *sql.Rows) error {
		key, o := "", directory.Owner{}
		err := rows.Scan(&key, &o.Kind, &o.UserID, moment{&o.Until}, &o.Primary, &o.Org, &o.Role)
		snap.Owners[key] = o
		return err
	})
}

func (q queries) locals(ctx context.Context, query directory.Query, snap *directory.Snapshot) error {
	byOrg := map[string][]string{}
	for _, k := range query.LocalIDs {
		byOrg[k.Org] = append(byOrg[k.Org], k.ID)
	}
	const text = `SELECT local_key, id FROM users WHERE org = $1 AND local_key <> '' AND local_key IN ` + texts2
	for org, locals := range byOrg {
		err := q.each(ctx, text, []any{org, textList(locals)}, func(rows *sql.Rows) error {
			key, id := directory.LocalKey{Org: org}, directory.ID{}
			err := rows.Scan(&key.ID, &id)
			snap.Locals[key] = id
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (q queries) leavers(ctx context.Context, query directory.Query, snap *directory.Snapshot) error {
	if len(query.Leavers) == 0 {
		return nil
	}
	const text = `SELECT local_key, org, last FROM users WHERE status = 'leaver' AND local_key IN ` + texts + ` ORDER BY id`
	return q.each(ctx, text, []any{textList(query.Leavers)}, func(rows *sql.Rows) error {
		key, l := "", directory.Leaver{}
		err := rows.Scan(&key, &l.Org, &l.LastName)
		snap.Leavers[key] = append(snap.Leavers[key], l)
		return err
	})
}

func (q queries) persons(ctx context.Context, query directory.Query, snap *directory.Snapshot) error {
	byOrg := map[string][]string{}
	for _, k := range query.Persons {
		byOrg[k.Org] = append(byOrg[k.Org], k.Person)
	}
	const text = `SELECT person, address FROM users WHERE org = $1 AND person <> '' AND status <> 'deleted' AND person IN ` + texts2 + ` ORDER BY id DESC`
	for org, persons := range byOrg {
		err := q.each(ctx, text, []any{org, textList(persons)}, func(rows *sql.Rows) error {
			key, address := directory.PersonKey{Org: org}, ""
			err := rows.Scan(&key.Person, &address)
			snap.Persons[key] = address
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// named reads the users that the query names by id or that own its addresses
// or local ids.
func (q queries) named(ctx context.Context, query directory.Query, snap *directory.Snapshot) error {
	wanted := slices.Clone(query.IDs)
	for _, o := range snap.Owners {
		if !o.UserID.IsZero() {
			wanted = append(wanted, o.UserID)
		}
	}
	for _, id := range snap.Locals {
		wanted = append(wanted, id)
	}
	if len(wanted) == 0 {
		return nil
	}
	var list []*directory.User
	err := q.each(ctx, selectUser+` WHERE id IN `+ids, []any{idList(wanted)}, func(rows *sql.Rows) error {
		u, err := scanUser(rows)
		list = append(list, u)
		snap.Users[u.ID] = u
		return err
	})
	if err != nil {
		return err
	}
	return q.lists(ctx, list)
}

// between stands between the texts of a user that are read as one: what a column
// costs is to fetch it, more than how long it is. No value holds it.
const between = "\x1f"

// textFields and otherFields are the fields that are read as one text, and those
// that are read each for itself.
var textFields, otherFields = func() (texts, others []directory.Field) {
	for _, f := range directory.Fields() {
		if kind := f.Spec().Kind; kind == directory.Flag || kind == directory.Number {
			others = append(others, f)
		} else {
			texts = append(texts, f)
		}
	}
	return texts, others
}()

var selectUser = func() string {
	names := func(fields []directory.Field) string {
		list := make([]string, len(fields))
		for i, f := range fields {
			list[i] = f.Spec().Name
		}
		return strings.Join(list, ", ")
	}
	return `SELECT concat_ws('` + between + `', ` + names(textFields) + `), ` + names(otherFields) +
		`, id, version, created_at, updated_at, status_at, locked_until, used_at, password <> '' FROM users`
}()

func scanUser(rows *sql.Rows) (*directory.User, error) {
	u, texts := &directory.User{}, ""
	dest := append(make([]any, 0, len(otherFields)+9), &texts)
	for _, f := range otherFields {
		if f.Spec().Kind == directory.Flag {
			dest = append(dest, flag{&u.Values[f]})
		} else {
			dest = append(dest, &u.Values[f])
		}
	}
	dest = append(dest, &u.ID, &u.Version, moment{&u.CreatedAt}, moment{&u.UpdatedAt}, moment{&u.StatusAt},
		moment{&u.LockedUntil}, moment{&u.UsedAt}, &u.HasPassword)
	if err := rows.Scan(dest...); err != nil {
		return u, err
	}
	parts := strings.Split(texts, between)
	if len(parts) != len(textFields) {
		return u, fmt.Errorf("user %s is damaged: %d texts", u.ID, len(parts))
	}
	for i, f := range textFields {
		u.Values[f] = parts[i]
	}
	return u, nil
}

// lists reads the aliases, groups, attributes, delegates and e-mail accounts of users.
func (q queries) lists(ctx context.Context, list []*directory.User) error {
	byID, wanted := byIDs(list)
	if len(list) == 0 {
		return nil
	}
	if err := q.aliases(ctx, list); err != nil {
		return err
	}
	arg := []any{idList(wanted)}
	for _, look := range []struct {
		text string
		add  func(*sql.Rows) error
	}{
		{`SELECT m.user_id, m.group_id, g.org, m.note FROM group_members m JOIN groups g ON g.id = m.group_id
			WHERE m.other = '' AND m.user_id IN ` + ids, func(rows *sql.Rows) error {
			id, m := directory.ID{}, directory.Membership{}
			err := rows.Scan(&id, &m.Group, &m.Org, &m.Note)
			byID[id].Groups = append(byID[id].Groups, m)
			return err
		}},
		{`SELECT v.user_id, a.name, v.value FROM user_attributes v JOIN attributes a ON a.key = v.key
			WHERE v.user_id IN ` + ids + ` ORDER BY a.key`, func(rows *sql.Rows) error {
			id, a := directory.ID{}, directory.Attribute{}
			err := rows.Scan(&id, &a.Name, &a.Value)
			byID[id].Attributes = append(byID[id].Attributes, a)
			return err
		}},
		{`SELECT d.user_id, u.id, u.address, u.status = 'deleted' FROM delegates d JOIN users u ON u.id = d.delegate_id
			WHERE d.user_id IN ` + ids + ` ORDER BY u.address`, func(rows *sql.Rows) error {
			id, d := directory.ID{}, directory.Delegate{}
			err := rows.Scan(&id, &d.ID, &d.Address, &d.Deleted)
			byID[id].Delegates = append(byID[id].Delegates, d)
			return err
		}},
		{`SELECT d.delegate_id, u.id, u.address, u.status = 'deleted' FROM delegates d JOIN users u ON u.id = d.user_id
			WHERE d.delegate_id IN ` + ids + ` ORDER BY u.address`, func(rows *sql.Rows) error {
			id, d := directory.ID{}, directory.Delegate{}
			err := rows.Scan(&id, &d.ID, &d.Address, &d.Deleted)
			byID[id].OpenedBy = append(byID[id].OpenedBy, d)
			return err
		}},
		{selectAccounts + ` WHERE user_id IN ` + ids + ` ORDER BY type, key`, func(rows *sql.Rows) error {
			id, a, err := scanAccount(rows)
			byID[id].Accounts = append(byID[id].Accounts, a)
			return err
		}},
	} {
		if err := q.each(ctx, look.text, arg, look.add); err != nil {
			return err
		}
	}
	return q.groupPaths(ctx, list)
}

// aliases reads the aliases of users.
func (q queries) aliases(ctx context.Context, list []*directory.User) error {
	byID, wanted := byIDs(list)
	const text = `SELECT user_id, address FROM addresses WHERE kind = 'alias' AND user_id IN ` + ids + ` ORDER BY address`
	return q.each(ctx, text, []any{idList(wanted)}, func(rows *sql.Rows) error {
		id, alias := directory.ID{}, ""
		err := rows.Scan(&id, &alias)
		byID[id].Aliases = append(byID[id].Aliases, alias)
		return err
	})
}

func byIDs(list []*directory.User) (byID map[directory.ID]*directory.User, wanted []directory.ID) {
	byID = map[directory.ID]*directory.User{}
	for _, u := range list {
		byID[u.ID], wanted = u, append(wanted, u.ID)
	}
	return byID, wanted
}

// groupPaths fills in the paths of the users' groups, and sorts by them.
func (q queries) groupPaths(ctx context.Context, list []*directory.User) error {
	if !slices.ContainsFunc(list, func(u *directory.User) bool { return len(u.Groups) > 0 }) {
		return nil
	}
	catalog, err := q.Catalog(ctx)
	if err != nil {
		return err
	}
	for _, u := range list {
		for i := range u.Groups {
			u.Groups[i].Path = catalog.GroupPath(u.Groups[i].Group)
		}
		slices.SortFunc(u.Groups, func(a, b directory.Membership) int { return strings.Compare(a.Path, b.Path) })
	}
	return nil
}

// FormerHashes returns a user's present and former password hashes, the latest first.
func (s *Store) FormerHashes(ctx context.Context, user directory.ID, most int) (hashes []string, err error) {
	const text = `SELECT password FROM (SELECT password, 1 AS now, 0 AS at FROM users WHERE id = $1 AND password <> ''
		UNION ALL SELECT hash, 0, at FROM former_passwords WHERE user_id = $2) AS h ORDER BY now DESC, at DESC LIMIT $3`
	err = s.queries().each(ctx, text, []any{user, user, most}, func(rows *sql.Rows) error {
		hash := ""
		err := rows.Scan(&hash)
		hashes = append(hashes, hash)
		return err
	})
	return hashes, err
}
