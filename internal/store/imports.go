package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"muster/internal/directory"
	"muster/internal/importer"
)

// WriteImport runs f in one transaction. Where the engine breaks that off, f is
// run again.
func (s *Store) WriteImport(ctx context.Context, f func(importer.Tx) error) error {
	return s.write(ctx, true, func(t *Tx) error { return f(t) })
}

// WriteStep is WriteImport for one of many steps: a power failure may take the
// last ones back, together. A step is run once: whoever makes steps goes on with
// the one that is missing.
func (s *Store) WriteStep(ctx context.Context, f func(importer.Tx) error) error {
	return s.once(ctx, false, func(t *Tx) error { return f(t) })
}

// AddImport keeps a new import and gives it the next number.
func (s *Store) AddImport(ctx context.Context, i *importer.Import) error {
	return s.write(ctx, true, func(t *Tx) error {
		const next = `UPDATE facts SET value = CAST(CAST(value AS BIGINT) + 1 AS TEXT) WHERE name = 'last_import' RETURNING value`
		if err := t.sql.QueryRowContext(ctx, next).Scan(&i.Number); err != nil {
			return err
		}
		detail, err := json.Marshal(i)
		if err != nil {
			return err
		}
		return t.run(ctx, `INSERT INTO imports (number, state, org, fingerprint, next_row, detail) VALUES ($1, $2, $3, $4, $5, $6)`,
			i.Number, i.State, i.Org, i.Fingerprint, i.Next, string(detail))
	})
}

// SaveImport writes what is known of an import.
func (t *Tx) SaveImport(ctx context.Context, i *importer.Import) error {
	detail, err := json.Marshal(i)
	if err != nil {
		return err
	}
	return t.run(ctx, `UPDATE imports SET state = $1, org = $2, fingerprint = $3, next_row = $4, detail = $5 WHERE number = $6`,
		i.State, i.Org, i.Fingerprint, i.Next, string(detail), i.Number)
}

const (
	importColumns = `number, state, org, fingerprint, next_row, lease, detail`
	selectImport  = `SELECT ` + importColumns + ` FROM imports`
)

func scanImport(scan func(...any) error) (*importer.Import, error) {
	i, detail := &importer.Import{}, ""
	if err := scan(&i.Number, &i.State, &i.Org, &i.Fingerprint, &i.Next, &i.Lease, &detail); err != nil {
		return nil, err
	}
	return i, json.Unmarshal([]byte(detail), i)
}

// Import returns an import, or nil where there is none of this number.
func (s *Store) Import(ctx context.Context, number int64) (*importer.Import, error) {
	return s.queries().Import(ctx, number)
}

// Import returns an import, or nil where there is none of this number.
func (q queries) Import(ctx context.Context, number int64) (*importer.Import, error) {
	i, err := scanImport(q.db.QueryRowContext(ctx, selectImport+` WHERE number = $1`, number).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return i, err
}

// Imports calls f for each import of a lower number, the latest first.
func (s *Store) Imports(ctx context.Context, before int64, f func(*importer.Import) error) error {
	return s.queries().each(ctx, selectImport+` WHERE number < $1 ORDER BY number DESC`, []any{before}, func(rows *sql.Rows) error {
		i, err := scanImport(rows.Scan)
		if err != nil {
			return err
		}
		return f(i)
	})
}

// Planned calls f for each import in the state planned.
func (s *Store) Planned(ctx context.Context, f func(*importer.Import) error) error {
	return s.queries().each(ctx, selectImport+` WHERE state = $1 ORDER BY number`, []any{importer.Planned}, func(rows *sql.Rows) error {
		i, err := scanImport(rows.Scan)
		if err != nil {
			return err
		}
		return f(i)
	})
}

// SecretsDue tells whether the time of a secret is over.
func (s *Store) SecretsDue(ctx context.Context, now time.Time) (due bool, err error) {
	const text = `SELECT EXISTS (SELECT 1 FROM import_secrets WHERE until > 0 AND until < $1)`
	err = s.readers.QueryRowContext(ctx, text, micros(now)).Scan(&due)
	return due, err
}

// Same returns the numbers of the imports of the same file, the latest first.
func (s *Store) Same(ctx context.Context, fingerprint string) ([]int64, error) {
	return s.queries().Same(ctx, fingerprint)
}

// Same returns the numbers of the imports of the same file, the latest first.
func (q queries) Same(ctx context.Context, fingerprint string) (numbers []int64, err error) {
	const text = `SELECT number FROM imports WHERE fingerprint = $1 ORDER BY number DESC`
	err = q.each(ctx, text, []any{fingerprint}, func(rows *sql.Rows) error {
		var n int64
		err := rows.Scan(&n)
		numbers = append(numbers, n)
		return err
	})
	return numbers, err
}

// AddUpload keeps a part of the file, sealed.
func (s *Store) AddUpload(ctx context.Context, number int64, part int, sealed []byte) error {
	return s.write(ctx, false, func(t *Tx) error {
		return t.run(ctx, `INSERT INTO import_uploads (import, part, sealed) VALUES ($1, $2, $3)`, number, part, sealed)
	})
}

// Upload returns a part of the file, or nil after the last.
func (s *Store) Upload(ctx context.Context, number int64, part int) (sealed []byte, err error) {
	err = s.readers.QueryRowContext(ctx, `SELECT sealed FROM import_uploads WHERE import = $1 AND part = $2`, number, part).Scan(&sealed)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return sealed, err
}

const (
	selectRows     = `SELECT row, line, action, user_id, version, late, cells, changes, issues, outcome FROM import_rows WHERE import = $1 AND row >= $2`
	selectRowUsers = `SELECT row, line, action, user_id, version, late, '', '', '', outcome FROM import_rows WHERE import = $1 AND row >= $2`
)

// Rows calls f for the rows of an import from a row on.
func (s *Store) Rows(ctx context.Context, number int64, from, limit int, f func(*importer.Row) error) error {
	return s.queries().Rows(ctx, number, from, limit, f)
}

// Rows calls f for the rows of an import from a row on.
func (q queries) Rows(ctx context.Context, number int64, from, limit int, f func(*importer.Row) error) error {
	return q.rows(ctx, selectRows+` ORDER BY row LIMIT $3`, rowArgs(number, from, limit), f)
}

// RowsOf is Rows for some of them.
func (s *Store) RowsOf(ctx context.Context, number int64, of importer.RowsOf, from, limit int, f func(*importer.Row) error) error {
	return s.queries().RowsOf(ctx, number, of, from, limit, f)
}

// RowsOf asks an index for each kind of rows, since no index has all of them in their
// order, and takes the first of what was found.
func (q queries) RowsOf(ctx context.Context, number int64, of importer.RowsOf, from, limit int, f func(*importer.Row) error) error {
	args, parts := rowArgs(number, from, limit), []string{}
	add := func(condition string, more ...any) {
		for _, arg := range more {
			args = append(args, arg)
			condition = strings.Replace(condition, "?", "$"+strconv.Itoa(len(args)), 1)
		}
		parts = append(parts, `SELECT row FROM (SELECT row FROM import_rows WHERE import = $1 AND row >= $2 AND `+condition+` ORDER BY row LIMIT $3) AS part`)
	}
	for _, action := range slices.Sorted(maps.Keys(of.Actions)) {
		add(`action = ? AND row < ?`, action, of.Actions[action])
	}
	for _, outcome := range of.Outcomes {
		add(`outcome = ? AND outcome <> ''`, outcome)
	}
	if of.Issues {
		add(`issues <> ''`)
	}
	if of.Rest > 0 {
		add(`row >= ?`, of.Rest)
	}
	return q.rows(ctx, selectRows+` AND row IN (`+strings.Join(parts, " UNION ")+`) ORDER BY row LIMIT $3`, args, f)
}

// RowUsers is Rows without cells, changes and issues.
func (s *Store) RowUsers(ctx context.Context, number int64, from, limit int, f func(*importer.Row) error) error {
	return s.queries().RowUsers(ctx, number, from, limit, f)
}

// RowUsers is Rows without cells, changes and issues.
func (q queries) RowUsers(ctx context.Context, number int64, from, limit int, f func(*importer.Row) error) error {
	return q.rows(ctx, selectRowUsers+` ORDER BY row LIMIT $3`, rowArgs(number, from, limit), f)
}

// Versions returns the versions of users; of those who are not there, none.
func (q queries) Versions(ctx context.Context, users []directory.ID) (map[directory.ID]int64, error) {
	versions := map[directory.ID]int64{}
	if len(users) == 0 {
		return versions, nil
	}
	err := q.each(ctx, `SELECT id, version FROM users WHERE id IN `+ids, []any{idList(users)}, func(rows *sql.Rows) error {
		id, version := directory.ID{}, int64(0)
		err := rows.Scan(&id, &version)
		versions[id] = version
		return err
	})
	return versions, err
}

// Addresses returns the primary addresses of those users whose organisations are
// covered.
func (s *Store) Addresses(ctx context.Context, users []directory.ID, covered func(org string) bool) (map[directory.ID]string, error) {
	addresses := map[directory.ID]string{}
	err := s.queries().each(ctx, `SELECT id, address, org FROM users WHERE id IN `+ids, []any{idList(users)}, func(rows *sql.Rows) error {
		id, address, org := directory.ID{}, "", ""
		err := rows.Scan(&id, &address, &org)
		if covered(org) {
			addresses[id] = address
		}
		return err
	})
	return addresses, err
}

// LateRows is Rows for those that name users of the same file.
func (q queries) LateRows(ctx context.Context, number int64, from, limit int, f func(*importer.Row) error) error {
	return q.rows(ctx, selectRows+` AND late ORDER BY row LIMIT $3`, rowArgs(number, from, limit), f)
}

// IssueRows calls f for at most limit rows of an import that bear an issue.
func (s *Store) IssueRows(ctx context.Context, number int64, limit int, f func(*importer.Row) error) error {
	return s.queries().IssueRows(ctx, number, limit, f)
}

// IssueRows calls f for at most limit rows of an import that bear an issue.
func (q queries) IssueRows(ctx context.Context, number int64, limit int, f func(*importer.Row) error) error {
	return q.rows(ctx, selectRows+` AND issues <> '' ORDER BY row LIMIT $3`, rowArgs(number, 1, limit), f)
}

// rowArgs are the places that all statements about rows begin with.
func rowArgs(number int64, from, limit int) []any {
	if limit == 0 {
		limit = 1 << 40
	}
	return []any{number, from, limit}
}

func (q queries) rows(ctx context.Context, text string, args []any, f func(*importer.Row) error) error {
	return q.each(ctx, text, args, func(rows *sql.Rows) error {
		r, cells, changes, issues := &importer.Row{}, "", "", ""
		err := rows.Scan(&r.Row, &r.Line, &r.Action, &r.UserID, &r.Version, &r.Late, &cells, &changes, &issues, &r.Outcome)
		if err == nil {
			r.Cells, err = decodeCells(cells)
		}
		if err == nil {
			r.Changes, err = decodeChanges(changes)
		}
		if err == nil {
			r.Issues, err = decodeIssues(issues)
		}
		if err != nil {
			return err
		}
		return f(r)
	})
}

var rowColumns = []string{"import", "row", "line", "action", "user_id", "version", "late", "cells", "changes", "issues"}

// AddRows keeps the rows of a plan.
func (t *Tx) AddRows(ctx context.Context, number int64, rows []*importer.Row) error {
	return t.insertAll(ctx, "import_rows", rowColumns, len(rows), func(i int) []any {
		r := rows[i]
		return []any{number, r.Row, r.Line, string(r.Action), r.UserID, r.Version, r.Late,
			encodeCells(r.Cells), encodeChanges(r.Changes), encodeIssues(r.Issues)}
	})
}

// SaveRow writes what became of a row where that is not what was planned.
func (t *Tx) SaveRow(ctx context.Context, number int64, r *importer.Row) error {
	return t.run(ctx, `UPDATE import_rows SET action = $1, user_id = $2, version = $3, late = $4, cells = $5, changes = $6, issues = $7, outcome = $8
		WHERE import = $9 AND row = $10`,
		r.Action, r.UserID, r.Version, r.Late, encodeCells(r.Cells), encodeChanges(r.Changes), encodeIssues(r.Issues), r.Outcome, number, r.Row)
}

// Secrets returns the secrets of one kind of the rows from … to.
func (s *Store) Secrets(ctx context.Context, number int64, kind string, from, to, limit int) ([]importer.Secret, error) {
	return s.queries().Secrets(ctx, number, kind, from, to, limit)
}

// Secrets returns the secrets of one kind of the rows from … to.
func (q queries) Secrets(ctx context.Context, number int64, kind string, from, to, limit int) (list []importer.Secret, err error) {
	const text = `SELECT row, kind, sealed, until FROM import_secrets WHERE import = $1 AND row >= $2 AND row <= $3 AND kind = $4 ORDER BY row LIMIT $5`
	err = q.each(ctx, text, []any{number, from, to, kind, limit}, func(rows *sql.Rows) error {
		s := importer.Secret{}
		err := rows.Scan(&s.Row, &s.Kind, &s.Sealed, moment{&s.Until})
		list = append(list, s)
		return err
	})
	return list, err
}

var secretColumns = []string{"import", "row", "kind", "sealed", "until"}

// AddSecrets keeps sealed passwords of rows.
func (t *Tx) AddSecrets(ctx context.Context, number int64, secrets []importer.Secret) error {
	return t.insertAll(ctx, "import_secrets", secretColumns, len(secrets), func(i int) []any {
		s := &secrets[i]
		return []any{number, s.Row, s.Kind, s.Sealed, micros(s.Until)}
	})
}

// DeleteSecrets destroys the secrets of one kind of the rows from … to.
func (t *Tx) DeleteSecrets(ctx context.Context, number int64, kind string, from, to int) error {
	return t.run(ctx, `DELETE FROM import_secrets WHERE import = $1 AND row >= $2 AND row <= $3 AND kind = $4`, number, from, to, kind)
}

// pieces are how a part is deleted: by which column, and how many rows at once, so
// that what the engine keeps to take a statement back stays small.
var pieces = map[importer.Part]struct {
	column string
	most   int
}{
	importer.UploadPart:  {"part", 4},
	importer.RowsPart:    {"row", 2_000},
	importer.SecretsPart: {"row", 2_000},
	importer.ClaimsPart:  {"key", 10_000},
}

// Clear deletes parts of what is kept of an import.
func (t *Tx) Clear(ctx context.Context, number int64, parts ...importer.Part) error {
	for _, part := range parts {
		for more := true; more; {
			var err error
			if more, err = t.ClearSome(ctx, number, part); err != nil {
				return err
			}
		}
	}
	return nil
}

// ClearSome deletes some of a part, and tells whether there may be more.
func (t *Tx) ClearSome(ctx context.Context, number int64, part importer.Part) (more bool, err error) {
	n, err := t.exec(ctx, clearSome(part), number, number, pieces[part].most)
	return n > 0, err
}

// clearSome deletes up to the last of so many, which is looked up before: an engine that
// takes an import for small, because it has not counted its rows yet, would go through
// them once for each, as it does for a list of them.
func clearSome(part importer.Part) string {
	return strings.NewReplacer("PART", string(part), "COLUMN", pieces[part].column).Replace(`DELETE FROM PART WHERE import = $1 AND COLUMN <=
		(SELECT COLUMN FROM (SELECT COLUMN FROM PART WHERE import = $2 ORDER BY COLUMN LIMIT $3) AS piece ORDER BY COLUMN DESC LIMIT 1)`)
}

// Spent returns a finished import that still has claims; 0 where there is none.
func (s *Store) Spent(ctx context.Context) (number int64, err error) {
	err = s.readers.QueryRowContext(ctx, `SELECT COALESCE(min(number), 0) FROM imports
		WHERE state IN ('applied', 'undone', 'undoing', 'cancelled', 'refused', 'lapsed')
		AND EXISTS (SELECT 1 FROM import_claims c WHERE c.import = number)`).Scan(&number)
	return number, err
}

// UserCounts counts the existing users of each organisation.
func (s *Store) UserCounts(ctx context.Context) (map[string]int64, error) {
	counts := map[string]int64{}
	err := s.queries().each(ctx, `SELECT org, count(*) FROM users WHERE status <> 'deleted' GROUP BY org`, nil, func(rows *sql.Rows) error {
		org, n := "", int64(0)
		err := rows.Scan(&org, &n)
		counts[org] = n
		return err
	})
	return counts, err
}

// ExpireSecrets destroys all secrets whose time is over.
func (t *Tx) ExpireSecrets(ctx context.Context, now time.Time) error {
	return t.run(ctx, `DELETE FROM import_secrets WHERE until > 0 AND until < $1`, micros(now))
}

// ImportNumbers counts imports by state, and the rows that all of them have applied.
func (s *Store) ImportNumbers(ctx context.Context) (states map[string]int64, applied int64, err error) {
	states = map[string]int64{}
	const text = `SELECT state, count(*), CAST(sum(CASE WHEN next_row > 1 THEN next_row - 1 ELSE 0 END) AS BIGINT) FROM imports GROUP BY state`
	err = s.queries().each(ctx, text, nil, func(rows *sql.Rows) error {
		state, n, reached := "", int64(0), int64(0)
		err := rows.Scan(&state, &n, &reached)
		states[state] = n
		applied += reached
		return err
	})
	return states, applied, err
}
