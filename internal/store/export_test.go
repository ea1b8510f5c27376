package store

import (
	"context"
	"database/sql"

	"muster/internal/directory"
	"muster/internal/importer"
)

// SmallSegments has segments of the index made of so many entries.
func (s *Store) SmallSegments(entries int) { s.segment = entries }

// Statement is one that was run.
type Statement struct {
	Text string
	Args []any
}

// recorder keeps the statements that are run.
type recorder struct {
	querier
	list []Statement
}

func (r *recorder) QueryContext(ctx context.Context, text string, args ...any) (*sql.Rows, error) {
	r.list = append(r.list, Statement{text, args})
	return r.querier.QueryContext(ctx, text, args...)
}

func (r *recorder) QueryRowContext(ctx context.Context, text string, args ...any) *sql.Row {
	r.list = append(r.list, Statement{text, args})
	return r.querier.QueryRowContext(ctx, text, args...)
}

// UserListStatements reads the first users of a list, and returns how many they are
// and by what they were found.
func (s *Store) UserListStatements(ctx context.Context, filter directory.Filter) (int, []Statement, error) {
	r := &recorder{querier: s.readers}
	users, err := queries{r, s.dialect}.nextUsers(ctx, newList(&filter))
	return len(users), r.list, err
}

// RowStatements returns what is asked for rows of an import.
func (s *Store) RowStatements(read func(Rows) error) ([]Statement, error) {
	r := &recorder{querier: s.readers}
	err := read(queries{r, s.dialect})
	return r.list, err
}

// HistoryStatement is the statement for the first entries that fit.
func HistoryStatement(filter directory.HistoryFilter) Statement {
	text, args := historyQuery(&filter, 100)
	return Statement{text, args}
}

// Rows is what reads rows of an import.
type Rows = queries

// ClearSome is the statement that deletes some of a part of an import.
func ClearSome(part importer.Part) string { return clearSome(part) }
