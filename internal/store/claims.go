package store

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"database/sql"
	"slices"
	"strings"

	"muster/internal/directory"
	"muster/internal/importer"
)

// claim is one of a row, as the database keeps it.
type claim struct {
	importer.Claim
	id directory.ID
}

// claimID is what the database keeps of a claim: a digest is shorter, and reading
// back which claims there were is nobody's business.
func claimID(key string) directory.ID {
	sum := sha256.Sum256([]byte(key))
	return directory.ID(sum[:16])
}

// Claim makes the claims that no row of the import has, and returns the others, row by row.
// They are made in the order of their digests, of two equal ones the earlier row's
// first: neighbours in the index share its pages.
func (t *Tx) Claim(ctx context.Context, number int64, claims []importer.Claim) (conflicts []importer.Conflict, err error) {
	list := make([]claim, len(claims))
	for i, c := range claims {
		list[i] = claim{c, claimID(c.Key)}
	}
	slices.SortStableFunc(list, func(a, b claim) int { return bytes.Compare(a.id[:], b.id[:]) })
	refused, err := t.store.dialect.claim(ctx, t, number, list)
	if err != nil {
		return nil, clash(err)
	}
	for _, c := range refused {
		conflict := importer.Conflict{Claim: c.Claim}
		err := t.sql.QueryRowContext(ctx, `SELECT c.row, COALESCE(r.line, 0) FROM import_claims c
			LEFT JOIN import_rows r ON r.import = c.import AND r.row = c.row WHERE c.import = $1 AND c.key = $2`,
			number, c.id).Scan(&conflict.Other, &conflict.Line)
		if err != nil {
			return nil, err
		}
		conflicts = append(conflicts, conflict)
	}
	slices.SortFunc(conflicts, func(a, b importer.Conflict) int { return cmp.Or(a.Row-b.Row, strings.Compare(a.Key, b.Key)) })
	return conflicts, nil
}

// Claimed tells which rows of an import have claimed which of the keys.
func (s *Store) Claimed(ctx context.Context, number int64, keys []string) (map[string]int, error) {
	return s.queries().Claimed(ctx, number, keys)
}

// Claimed tells which rows of an import have claimed which of the keys.
func (q queries) Claimed(ctx context.Context, number int64, keys []string) (map[string]int, error) {
	claimed := map[string]int{}
	if len(keys) == 0 {
		return claimed, nil
	}
	list, names := make([]directory.ID, len(keys)), map[directory.ID]string{}
	for i, key := range keys {
		list[i] = claimID(key)
		names[list[i]] = key
	}
	const text = `SELECT key, row FROM import_claims WHERE import = $2 AND key IN ` + ids
	err := q.each(ctx, text, []any{idList(list), number}, func(rows *sql.Rows) error {
		id, row := directory.ID{}, 0
		err := rows.Scan(&id, &row)
		claimed[names[id]] = row
		return err
	})
	return claimed, err
}

// Ended counts the imports that were applied, cancelled or undone.
func (q queries) Ended(ctx context.Context) (n int64, err error) {
	err = q.db.QueryRowContext(ctx, `SELECT value FROM facts WHERE name = 'ended_imports'`).Scan(&n)
	return n, err
}

// AddEnded counts one more.
func (t *Tx) AddEnded(ctx context.Context) error {
	return t.run(ctx, `UPDATE facts SET value = CAST(CAST(value AS BIGINT) + 1 AS TEXT) WHERE name = 'ended_imports'`)
}

// Unfinished returns the other imports that are planned or being applied, but
// for those of the same file.
func (q queries) Unfinished(ctx context.Context, imp *importer.Import) (list []*importer.Import, err error) {
	const text = selectImport + ` WHERE state IN ('planned', 'hashing', 'applying') AND number <> $1 AND fingerprint <> $2 ORDER BY number`
	err = q.each(ctx, text, []any{imp.Number, imp.Fingerprint}, func(rows *sql.Rows) error {
		other, err := scanImport(rows.Scan)
		list = append(list, other)
		return err
	})
	return list, err
}

// Unclaim gives up what a row has claimed.
func (t *Tx) Unclaim(ctx context.Context, number int64, row int) error {
	return t.run(ctx, `DELETE FROM import_claims WHERE import = $1 AND row = $2`, number, row)
}
