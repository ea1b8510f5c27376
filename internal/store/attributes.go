package store

import (
	"context"
	"database/sql"
	"errors"

	"muster/internal/directory"
)

// Attributes returns the attributes by name, each with how many users of some
// organisations have it.
func (s *Store) Attributes(ctx context.Context, orgs []string) (list []directory.AttributeUse, err error) {
	const text = `SELECT a.name, count(u.id) FROM attributes a LEFT JOIN user_attributes v ON v.key = a.key
		LEFT JOIN users u ON u.id = v.user_id AND u.status <> 'deleted' AND u.org IN ` + texts + ` GROUP BY a.key, a.name ORDER BY a.key`
	err = s.queries().each(ctx, text, []any{textList(orgs)}, func(rows *sql.Rows) error {
		var a directory.AttributeUse
		err := rows.Scan(&a.Name, &a.Users)
		list = append(list, a)
		return err
	})
	return list, err
}

// Attribute returns the name of an attribute as it is written; "" where there is
// none.
func (t *Tx) Attribute(ctx context.Context, name string) (written string, err error) {
	err = t.row(ctx, `SELECT name FROM attributes WHERE key = $1`, directory.Fold(name)).Scan(&written)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return written, err
}

// PutAttribute makes an attribute.
func (t *Tx) PutAttribute(ctx context.Context, name string) error {
	return t.run(ctx, `INSERT INTO attributes (key, name) VALUES ($1, $2)`, directory.Fold(name), name)
}

// RenameAttribute gives an attribute another name, which no other has. Plans that
// know the old one are looked at again.
func (t *Tx) RenameAttribute(ctx context.Context, name, to string) error {
	from, key := directory.Fold(name), directory.Fold(to)
	if from == key {
		return t.catalogChange(ctx, `UPDATE attributes SET name = $1 WHERE key = $2`, to, key)
	}
	if err := t.PutAttribute(ctx, to); err != nil {
		return err
	}
	if err := t.run(ctx, `UPDATE user_attributes SET key = $1 WHERE key = $2`, key, from); err != nil {
		return err
	}
	return t.catalogChange(ctx, `DELETE FROM attributes WHERE key = $1`, from)
}

// DropAttribute deletes an attribute that no user has.
func (t *Tx) DropAttribute(ctx context.Context, name string) error {
	key := directory.Fold(name)
	return t.run(ctx, `DELETE FROM attributes WHERE key = $1 AND NOT EXISTS (SELECT 1 FROM user_attributes WHERE key = $2)`, key, key)
}
