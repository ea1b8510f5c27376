package store

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"muster/internal/directory"
	"muster/internal/mailaddr"
)

// Write runs f in one transaction.
func (s *Store) Write(ctx context.Context, f func(directory.AdminTx) error) error {
	return s.write(ctx, true, func(t *Tx) error { return f(t) })
}

// derived are the columns of a user that are made of the fields.
var derived = []string{"telephone_e164", "mobile_e164", "pager_e164", "fax_e164", "person", "local_key",
	"version", "created_at", "updated_at", "status_at"}

// userColumns are all columns that userArgs has values for, with those of a
// new user's password.
var userColumns = func() (names []string) {
	for _, f := range directory.Fields() {
		names = append(names, f.Spec().Name)
	}
	return append(append(names, derived...), "id", "password", "password_at", "password_lapses_at")
}()

var updateUser = func() string {
	var sets []string
	for i, name := range userColumns[:len(directory.Fields())+len(derived)] {
		sets = append(sets, name+" = $"+strconv.Itoa(i+1))
	}
	return fmt.Sprintf(`UPDATE users SET %s WHERE id = $%d AND version = $%d`, strings.Join(sets, ", "), len(sets)+1, len(sets)+2)
}()

// userArgs are the values of a user's columns, in the order of userColumns.
func userArgs(u *directory.User) []any {
	args := make([]any, 0, len(u.Values)+len(derived)+4)
	for _, f := range directory.Fields() {
		args = append(args, columnValue(f, u.Values[f]))
	}
	return append(args,
		u.E164[0], u.E164[1], u.E164[2], u.E164[3],
		u.Person(), directory.Fold(u.Get(directory.LocalID)),
		u.Version, micros(u.CreatedAt), micros(u.UpdatedAt), micros(u.StatusAt))
}

func columnValue(f directory.Field, text string) any {
	switch f.Spec().Kind {
	case directory.Flag:
		return text == "true"
	case directory.Number:
		n, _ := strconv.Atoi(text)
		return n
	}
	return text
}

// InsertUsers adds users with their primary addresses, which must be free, and
// the passwords that some of them start with.
func (t *Tx) InsertUsers(ctx context.Context, users []*directory.User, passwords map[directory.ID]directory.StoredPassword) error {
	err := t.insertAll(ctx, "users", userColumns, len(users), func(i int) []any {
		p := passwords[users[i].ID]
		return append(userArgs(users[i]), users[i].ID, p.Hash, micros(p.At), micros(p.Lapses))
	})
	if err != nil {
		return err
	}
	addresses := make([]owned, len(users))
	for i, u := range users {
		if addresses[i].Address, err = mailaddr.Parse(u.Get(directory.Address)); err != nil {
			return err
		}
		addresses[i].user = u.ID
		t.index(u)
	}
	// Neighbours in the index share its pages.
	slices.SortFunc(addresses, func(a, b owned) int { return strings.Compare(a.Key(), b.Key()) })
	return t.addAddresses(ctx, directory.KindPrimary, addresses)
}

// owned is an address of a user.
type owned struct {
	mailaddr.Address
	user directory.ID
}

var addressColumns = []string{"key", "address", "kind", "user_id"}

func (t *Tx) addAddresses(ctx context.Context, kind string, list []owned) error {
	return t.insertAll(ctx, "addresses", addressColumns, len(list), func(i int) []any {
		return []any{list[i].Key(), list[i].String(), kind, list[i].user}
	})
}

func (t *Tx) addAddress(ctx context.Context, a mailaddr.Address, kind string, user directory.ID) error {
	return t.addAddresses(ctx, kind, []owned{{a, user}})
}

func (t *Tx) deleteAddress(ctx context.Context, a mailaddr.Address, user directory.ID) error {
	return t.run(ctx, `DELETE FROM addresses WHERE key = $1 AND user_id = $2`, a.Key(), user)
}

// UpdateUser writes a user's fields where its version is still the one before,
// and returns directory.ErrChanged where it is not.
func (t *Tx) UpdateUser(ctx context.Context, before, after *directory.User) error {
	n, err := t.exec(ctx, updateUser, append(userArgs(after), before.ID, before.Version)...)
	if err == nil && n == 0 {
		return directory.ErrChanged
	}
	if after.Entry() != before.Entry() {
		t.index(after)
	}
	return err
}

// MoveAddress makes another address the user's primary one.
func (t *Tx) MoveAddress(ctx context.Context, user directory.ID, from, to mailaddr.Address) error {
	if err := t.deleteAddress(ctx, from, user); err != nil {
		return err
	}
	return t.addAddress(ctx, to, directory.KindPrimary, user)
}

// ApplyChange brings a change of a list into the database.
func (t *Tx) ApplyChange(ctx context.Context, user directory.ID, c directory.Change) error {
	if name, ok := c.IsAttribute(); ok {
		return t.applyAttribute(ctx, user, name, c.New)
	}
	if a, f, ok := directory.AccountOf(c.Field); ok {
		return t.applyAccountValue(ctx, user, a, f, c.New)
	}
	if c.Field == directory.ChangeLockOut {
		return t.NoteFailure(ctx, user, 0, time.Time{})
	}
	ref, err := directory.ParseID(c.Ref)
	if err != nil && c.Field != directory.ChangeAlias && c.Field != directory.ChangeAccount {
		return fmt.Errorf("change of %s without a reference: %w", c.Field, err)
	}
	switch c.Field {
	case directory.ChangeAlias:
		return t.applyAlias(ctx, user, c)
	case directory.ChangeAccount:
		return t.applyAccount(ctx, user, c)
	case directory.ChangeGroup:
		return t.applyGroup(ctx, user, ref, c.New != "")
	case directory.ChangeNote:
		return t.run(ctx, `UPDATE group_members SET note = $1 WHERE group_id = $2 AND user_id = $3 AND other = ''`, c.New, ref, user)
	case directory.ChangeDelegate:
		return t.applyDelegate(ctx, user, ref, c.New != "")
	case directory.ChangeOpener:
		return t.applyDelegate(ctx, ref, user, c.New != "")
	}
	return fmt.Errorf("no such change as %q", c.Field)
}

func (t *Tx) applyAlias(ctx context.Context, user directory.ID, c directory.Change) error {
	if c.Old != "" {
		a, err := mailaddr.Parse(c.Old)
		if err != nil {
			return err
		}
		if err := t.deleteAddress(ctx, a, user); err != nil {
			return err
		}
	}
	if c.New == "" {
		return nil
	}
	a, err := mailaddr.Parse(c.New)
	if err != nil {
		return err
	}
	return t.addAddress(ctx, a, directory.KindAlias, user)
}

func (t *Tx) applyGroup(ctx context.Context, user, group directory.ID, member bool) error {
	if !member {
		return t.run(ctx, `DELETE FROM group_members WHERE group_id = $1 AND user_id = $2 AND other = ''`, group, user)
	}
	return t.run(ctx, `INSERT INTO group_members (group_id, user_id, other, note) VALUES ($1, $2, '', '')
		ON CONFLICT DO NOTHING`, group, user)
}

// applyDelegate adds a delegate where both users exist; one who is made later
// in the same import is added when the rows that name such are finished.
func (t *Tx) applyDelegate(ctx context.Context, user, delegate directory.ID, may bool) error {
	if !may {
		return t.run(ctx, `DELETE FROM delegates WHERE user_id = $1 AND delegate_id = $2`, user, delegate)
	}
	return t.run(ctx, `INSERT INTO delegates (user_id, delegate_id)
		SELECT u.id, d.id FROM users u, users d WHERE u.id = $1 AND d.id = $2 ON CONFLICT DO NOTHING`, user, delegate)
}

func (t *Tx) applyAttribute(ctx context.Context, user directory.ID, name, value string) error {
	key := directory.Fold(name)
	if value == "" {
		return t.run(ctx, `DELETE FROM user_attributes WHERE user_id = $1 AND key = $2`, user, key)
	}
	if err := t.run(ctx, `INSERT INTO attributes (key, name) VALUES ($1, $2) ON CONFLICT DO NOTHING`, key, name); err != nil {
		return err
	}
	return t.run(ctx, `INSERT INTO user_attributes (user_id, key, value) VALUES ($1, $2, $3)
		ON CONFLICT (user_id, key) DO UPDATE SET value = excluded.value`, user, key, value)
}

// SetPassword stores a hash and remembers the former one; a lock-out that was about that
// one is lifted. The password that an
// earlier import generated for the user is of no use any more, and destroyed.
func (t *Tx) SetPassword(ctx context.Context, user directory.ID, hash string, at, lapses time.Time) error {
	if err := t.destroyGenerated(ctx, user); err != nil {
		return err
	}
	if err := t.run(ctx, `INSERT INTO former_passwords (user_id, at, hash)
		SELECT id, $1, password FROM users WHERE id = $2 AND password <> '' ON CONFLICT DO NOTHING`, micros(at), user); err != nil {
		return err
	}
	return t.run(ctx, `UPDATE users SET password = $1, password_at = $2, password_lapses_at = $3, failures = 0, locked_until = 0 WHERE id = $4`,
		hash, micros(at), micros(lapses), user)
}

// destroyGenerated destroys the password that an import has generated for a user and kept
// for its results.
func (t *Tx) destroyGenerated(ctx context.Context, user directory.ID) error {
	return t.run(ctx, `DELETE FROM import_secrets WHERE (import, row, kind) IN
		(SELECT import, row, 'generated' FROM history WHERE user_id = $1 AND import > 0)`, user)
}

// PutOrganisation adds or changes an organisation.
func (t *Tx) PutOrganisation(ctx context.Context, o *directory.Organisation) error {
	settings, err := json.Marshal(o.Settings)
	if err != nil {
		return err
	}
	return t.catalogChange(ctx, `INSERT INTO organisations (code, name, parent, settings) VALUES ($1, $2, $3, $4)
		ON CONFLICT (code) DO UPDATE SET name = excluded.name, parent = excluded.parent, settings = excluded.settings`,
		o.Code, o.Name, o.Parent, string(settings))
}

// DeleteOrganisation deletes an organisation that nothing belongs to, at a time.
func (t *Tx) DeleteOrganisation(ctx context.Context, code string, at time.Time) error {
	if err := t.run(ctx, `INSERT INTO former_organisations (code, at) VALUES ($1, $2)
		ON CONFLICT (code) DO UPDATE SET at = excluded.at`, code, micros(at)); err != nil {
		return err
	}
	return t.catalogChange(ctx, `DELETE FROM organisations WHERE code = $1`, code)
}

// reserved are the local parts that belong to a domain's administrators
// (RFC 2142 section 4).
var reserved = []string{"postmaster", "abuse"}

// PutDomain adds or changes a domain; a new one comes with its reserved addresses.
func (t *Tx) PutDomain(ctx context.Context, d *directory.Domain) error {
	for _, local := range reserved {
		a := mailaddr.Address{Local: local, Domain: d.Name}
		if err := t.run(ctx, `INSERT INTO addresses (key, address, kind, user_id, org) VALUES ($1, $2, $3, NULL, $4)
			ON CONFLICT DO NOTHING`, a.Key(), a.String(), directory.KindReserved, d.Org); err != nil {
			return err
		}
	}
	return t.catalogChange(ctx, `INSERT INTO domains (name, org, validation, auto_create, closed) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (name) DO UPDATE SET validation = excluded.validation, auto_create = excluded.auto_create, closed = excluded.closed`,
		d.Name, d.Org, d.Validation, d.AutoCreate, d.Closed)
}

// DeleteDomain deletes a domain and the addresses that were reserved in it.
func (t *Tx) DeleteDomain(ctx context.Context, name string) error {
	for _, local := range reserved {
		if err := t.run(ctx, `DELETE FROM addresses WHERE key = $1 AND kind = $2`, local+"@"+name, directory.KindReserved); err != nil {
			return err
		}
	}
	return t.catalogChange(ctx, `DELETE FROM domains WHERE name = $1`, name)
}

// PutGroup adds or changes a group.
func (t *Tx) PutGroup(ctx context.Context, g *directory.Group) error {
	return t.catalogChange(ctx, `INSERT INTO groups (id, org, parent, name, key, origin) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (id) DO UPDATE SET parent = excluded.parent, name = excluded.name, key = excluded.key`,
		g.ID, g.Org, g.Parent, g.Name, directory.Fold(g.Name), g.Origin)
}

// DeleteGroup deletes an empty group.
func (t *Tx) DeleteGroup(ctx context.Context, id directory.ID) error {
	return t.catalogChange(ctx, `DELETE FROM groups WHERE id = $1`, id)
}

// PutMember adds a member to a group, or changes its note.
func (t *Tx) PutMember(ctx context.Context, group directory.ID, m directory.Member) error {
	other := ""
	if m.Kind != "user" {
		other = m.Address
	}
	return t.run(ctx, `INSERT INTO group_members (group_id, user_id, other, note) VALUES ($1, $2, $3, $4)
		ON CONFLICT (group_id, user_id, other) DO UPDATE SET note = excluded.note`, group, m.UserID, other, m.Note)
}

// DeleteMember takes a member out of a group.
func (t *Tx) DeleteMember(ctx context.Context, group directory.ID, m directory.Member) error {
	other := ""
	if m.Kind != "user" {
		other = m.Address
	}
	n, err := t.exec(ctx, `DELETE FROM group_members WHERE group_id = $1 AND user_id = $2 AND other = $3`, group, m.UserID, other)
	if err == nil && n == 0 {
		return directory.MemberUnknown.New("%s is no member of the group.", m.Address)
	}
	return err
}

func (t *Tx) catalogChange(ctx context.Context, text string, args ...any) error {
	if err := t.run(ctx, text, args...); err != nil {
		return err
	}
	return t.run(ctx, `UPDATE facts SET value = CAST(CAST(value AS BIGINT) + 1 AS TEXT) WHERE name = 'catalog_stamp'`)
}

// Uses counts what still belongs to an organisation, domain or group, or has an
// attribute.
func (t *Tx) Uses(ctx context.Context, what, key string) (n int, err error) {
	switch what {
	case "organisation":
		err = t.sql.QueryRowContext(ctx, `SELECT (SELECT count(*) FROM organisations WHERE parent = $1) + (SELECT count(*) FROM users WHERE org = $2)
			+ (SELECT count(*) FROM domains WHERE org = $3) + (SELECT count(*) FROM groups WHERE org = $4)
			+ (SELECT count(*) FROM formats WHERE org = $5)`, key, key, key, key, key).Scan(&n)
	case "domain":
		err = t.sql.QueryRowContext(ctx, `SELECT count(*) FROM addresses WHERE kind <> $1 AND substr(key, length(key) - length($2) + 1) = $3`,
			directory.KindReserved, "@"+key, "@"+key).Scan(&n)
	case "attribute":
		err = t.sql.QueryRowContext(ctx, `SELECT count(*) FROM user_attributes WHERE key = $1`, directory.Fold(key)).Scan(&n)
	case "group":
		id, bad := directory.ParseID(key)
		if bad != nil {
			return 0, bad
		}
		err = t.sql.QueryRowContext(ctx, `SELECT (SELECT count(*) FROM groups WHERE parent = $1)
			+ (SELECT count(*) FROM group_members WHERE group_id = $2)`, id, id).Scan(&n)
	}
	return n, err
}
