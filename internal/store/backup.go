package store

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"strings"

	"muster/internal/backup"
)

// table is one that a backup has, with the columns of its key.
type table struct{ name, key string }

// tables are all that Muster keeps, each behind those that it refers to; a test
// compares them with the schema. Left out are the sessions, attempts to sign in and the link
// for the first Master: they are of the moment, and would let in where a backup comes to
// light. Those in which goose and the queue keep their own
// are no part of the directory: a database that is set up has them.
var tables = []table{
	{"facts", "name"}, {"organisations", "code"}, {"domains", "name"}, {"formats", "org, name"},
	{"users", "id"}, {"addresses", "key"}, {"former_passwords", "user_id, at"},
	{"groups", "id"}, {"group_members", "group_id, user_id, other"},
	{"attributes", "key"}, {"user_attributes", "user_id, key"}, {"delegates", "user_id, delegate_id"},
	{"email_accounts", "user_id, type, key"}, {"second_factors", "user_id"}, {"recovery_codes", "user_id, hash"},
	{"tokens", "id"}, {"history", "id"}, {"history_seals", "number"}, {"former_organisations", "code"},
	{"imports", "number"}, {"import_uploads", "import, part"}, {"import_rows", "import, row"},
	{"import_claims", "import, key"}, {"import_secrets", "import, row, kind"},
	{"answers", "actor, key"}, {"notices", "id"},
}

// reportEvery is how many rows pass from one report to the next.
const reportEvery = 1000

// tally counts rows and reports them.
type tally struct {
	done, total int64
	report      func(done, total int64)
}

func (t *tally) add() {
	if t.done++; t.done%reportEvery == 0 || t.done == t.total {
		t.report(t.done, t.total)
	}
}

// Backup writes all that the database has as of one moment, whoever writes
// meanwhile: every table in the order of its key, so that what is equal is written
// alike by either engine. Of the head, Program and Made are the caller's to say;
// report is told how many rows are done, of how many.
func (s *Store) Backup(ctx context.Context, to io.Writer, h backup.Head, report func(done, total int64)) (*backup.Summary, error) {
	t, err := s.readers.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true})
	if err != nil {
		return nil, err
	}
	defer t.Rollback()
	if err := s.dialect.patient(ctx, t); err != nil {
		return nil, err
	}
	q := queries{t, s.dialect}
	if err := q.head(ctx, &h); err != nil {
		return nil, err
	}
	w, err := backup.NewWriter(to, h)
	if err != nil {
		return nil, err
	}
	rows := &tally{total: h.Rows, report: report}
	for _, table := range tables {
		if err := q.writeTable(ctx, w, table, rows); err != nil {
			return nil, fmt.Errorf("table %s: %w", table.name, err)
		}
	}
	counts, err := w.Close()
	return &backup.Summary{Head: h, Tables: counts}, err
}

// head says what there is to be written.
func (q queries) head(ctx context.Context, h *backup.Head) error {
	if err := q.row(ctx, `SELECT COALESCE(max(version_id), 0) FROM goose_db_version`).Scan(&h.Schema); err != nil {
		return err
	}
	if err := outrun(h.Schema); err != nil {
		return err
	}
	if err := q.row(ctx, `SELECT COALESCE(max(value), '') FROM facts WHERE name = 'key'`).Scan(&h.Key); err != nil {
		return err
	}
	counts, err := q.counts(ctx)
	for _, c := range counts {
		h.Rows += c.Rows
	}
	return err
}

// counts are the rows of all tables.
func (q queries) counts(ctx context.Context) ([]backup.Count, error) {
	counts := make([]backup.Count, len(tables))
	for i, table := range tables {
		counts[i].Table = table.name
		if err := q.row(ctx, `SELECT count(*) FROM `+table.name).Scan(&counts[i].Rows); err != nil {
			return nil, err
		}
	}
	return counts, nil
}

func (q queries) writeTable(ctx context.Context, w *backup.Writer, table table, rows *tally) error {
	columns, truths, err := q.columns(ctx, table.name)
	if err != nil {
		return err
	}
	if err := w.Table(table.name, columns); err != nil {
		return err
	}
	values, places := make([]any, len(columns)), make([]any, len(columns))
	for i := range values {
		places[i] = &values[i]
	}
	return q.each(ctx, `SELECT * FROM `+table.name+` ORDER BY `+table.key, nil, func(found *sql.Rows) error {
		if err := found.Scan(places...); err != nil {
			return err
		}
		for _, i := range truths {
			if n, ok := values[i].(int64); ok { // SQLite has no truth values
				values[i] = n != 0
			}
		}
		rows.add()
		return w.Row(values)
	})
}

// columns are those of a table, in the order in which the schema has them, and
// which of them are true or false.
func (q queries) columns(ctx context.Context, table string) (names []string, truths []int, err error) {
	rows, err := q.db.QueryContext(ctx, `SELECT * FROM `+table+` LIMIT 0`)
	if err != nil {
		return nil, nil, err
	}
	defer rows.Close()
	types, err := rows.ColumnTypes()
	for i, column := range types {
		names = append(names, column.Name())
		if strings.HasPrefix(column.DatabaseTypeName(), "BOOL") {
			truths = append(truths, i)
		}
	}
	return names, truths, err
}
