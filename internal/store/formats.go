package store

import (
	"context"
	"database/sql"

	"muster/internal/directory"
)

// Formats returns the formats that organisations have of their own.
func (s *Store) Formats(ctx context.Context) ([]directory.FormatText, error) {
	return s.queries().Formats(ctx)
}

// Formats returns the formats that organisations have of their own.
func (q queries) Formats(ctx context.Context) (list []directory.FormatText, err error) {
	err = q.each(ctx, `SELECT org, name, text FROM formats ORDER BY org, name`, nil, func(rows *sql.Rows) error {
		f := directory.FormatText{}
		err := rows.Scan(&f.Org, &f.Name, &f.Text)
		list = append(list, f)
		return err
	})
	return list, err
}

// PutFormat adds a format to an organisation, or gives it another text.
func (t *Tx) PutFormat(ctx context.Context, f directory.FormatText) error {
	return t.run(ctx, `INSERT INTO formats (org, name, text) VALUES ($1, $2, $3)
		ON CONFLICT (org, name) DO UPDATE SET text = excluded.text`, f.Org, f.Name, f.Text)
}

// DeleteFormat deletes a format of an organisation.
func (t *Tx) DeleteFormat(ctx context.Context, org, name string) error {
	return t.run(ctx, `DELETE FROM formats WHERE org = $1 AND name = $2`, org, name)
}
