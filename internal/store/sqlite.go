package store

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"github.com/pressly/goose/v3"
	_ "modernc.org/sqlite" // the driver "sqlite"
)

// sqliteDialect is the engine that keeps a database in a file of its own.
type sqliteDialect struct {
	words
	turn    *turn
	relaxed bool // whether transactions are not durable one by one
}

// openSQLite opens the database in a file, and makes it with its folder (mode
// 0700) if fresh says so.
func openSQLite(ctx context.Context, path string, o options, fresh bool) (*Store, error) {
	if fresh {
		if err := touch(path); err != nil {
			return nil, unavailable{err}
		}
	} else if info, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) || err == nil && info.Size() == 0 {
		return nil, ErrNotThere
	} else if err != nil {
		return nil, unavailable{err}
	}
	turn, err := newTurn(path, o.wait)
	if err != nil {
		return nil, unavailable{err}
	}
	presence, err := newPresence(path)
	if err != nil {
		return nil, errors.Join(unavailable{err}, turn.close())
	}
	e := &sqliteDialect{turn: turn}
	e.texts, e.ids = `IN (SELECT value FROM json_each($1))`, `IN (SELECT unhex(value) FROM json_each($1))`
	e.micros = `CAST(unixepoch('subsec') * 1000000 AS INTEGER)`
	s := &Store{dialect: e, presence: presence}
	if err := s.connectSQLite(path, o); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	s.migrations = func() (*goose.Provider, error) {
		return goose.NewProvider(goose.DialectSQLite3, s.writer, schema{clustered})
	}
	return s, nil
}

// touch makes the file, for its owner only; the engine gives the files beside it
// the same mode.
func touch(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	return f.Close()
}

func (s *Store) connectSQLite(path string, o options) (err error) {
	if s.writer, err = sql.Open("sqlite", dsn(path, "immediate", writerCache, o)); err != nil {
		return err
	}
	s.writer.SetMaxOpenConns(1)
	if s.readers, err = sql.Open("sqlite", dsn(path, "deferred", readerCache, o)); err != nil {
		return err
	}
	s.readers.SetMaxOpenConns(readers)
	return nil
}

// How much of the database a connection keeps in memory, in KiB. The writer finds
// its place in every index; readers go through tables in order.
const (
	writerCache = 16_000
	readerCache = 2_000
)

// dsn names the file with the settings of a connection: write-ahead log, deleted
// content overwritten, and a writer that waits for its turn.
func dsn(path, lock string, cache int, o options) string {
	q := url.Values{"_txlock": {lock}, "_pragma": {
		fmt.Sprintf("busy_timeout(%d)", o.wait.Milliseconds()), "journal_mode(WAL)", "synchronous(FULL)", "secure_delete(ON)",
		"foreign_keys(ON)", fmt.Sprintf("cache_size(-%d)", cache), "temp_store(MEMORY)", "wal_autocheckpoint(8000)",
	}}
	if frozen(path) {
		q.Set("immutable", "1")
	}
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + q.Encode()
}

// clustered keeps the rows of a table in the index of its key.
func clustered(migration []byte) []byte {
	return bytes.ReplaceAll(migration, []byte("/*clustered*/"), []byte("WITHOUT ROWID"))
}

// locked takes a turn: switching a fresh file to the write-ahead log waits for
// nobody, so all that sets a database up is done in turn.
func (e *sqliteDialect) locked(ctx context.Context, f func() error) error {
	if err := e.turn.take(ctx); err != nil {
		return err
	}
	defer e.turn.give()
	return f()
}

func (e *sqliteDialect) begin(ctx context.Context, c *sql.Conn, durable bool) (t *sql.Tx, err error) {
	if err := e.turn.take(ctx); err != nil {
		return nil, err
	}
	if err = e.setDurable(ctx, c, durable); err == nil {
		t, err = c.BeginTx(ctx, nil)
	}
	if err != nil {
		e.turn.give()
	}
	return t, err
}

func (e *sqliteDialect) end() { e.turn.give() }

// setDurable sets whether the next transactions are on the disk when they have
// been committed. The log is written in order, so one that is takes all before it along.
func (e *sqliteDialect) setDurable(ctx context.Context, c *sql.Conn, durable bool) error {
	if e.relaxed == !durable {
		return nil
	}
	pragma := `PRAGMA synchronous = FULL`
	if !durable {
		pragma = `PRAGMA synchronous = NORMAL`
	}
	_, err := c.ExecContext(ctx, pragma)
	e.relaxed = !durable && err == nil
	return err
}

// exec prepares a statement once in a transaction.
func (e *sqliteDialect) exec(ctx context.Context, t *Tx, text string, args []any) (sql.Result, error) {
	stmt := t.stmts[text]
	if stmt == nil {
		var err error
		if stmt, err = t.sql.PrepareContext(ctx, positional(e.say(text))); err != nil {
			return nil, err
		}
		t.stmts[text] = stmt
	}
	return stmt.ExecContext(ctx, args...)
}

// positional writes the places of a statement, $1, $2 …, with question marks, if
// they stand in their order: the engine looks a name up whenever it is bound.
func positional(text string) string {
	n, inOrder := 0, true
	marked := place.ReplaceAllStringFunc(text, func(name string) string {
		n++
		inOrder = inOrder && name == "$"+strconv.Itoa(n)
		return "?"
	})
	if !inOrder {
		return text
	}
	return marked
}

// insertAll adds row by row: statements of many rows are slower here.
func (e *sqliteDialect) insertAll(ctx context.Context, t *Tx, table string, columns []string, n int, row func(int) []any) error {
	for i := range n {
		if err := e.insert(ctx, t, table, columns, row(i)); err != nil {
			return err
		}
	}
	return nil
}

// inserted names a statement that adds a row to a table.
type inserted struct {
	table string
	given uint64 // the columns whose values are not blank, a bit each
}

// insert adds a row. Blank values stand in the statement itself: to bind those of
// the columns that few people fill would cost a third of it.
func (e *sqliteDialect) insert(ctx context.Context, t *Tx, table string, columns []string, values []any) error {
	which, args := inserted{table: table}, make([]any, 0, len(values))
	for i, v := range values {
		if blank(v) == "" {
			which.given |= 1 << i
			args = append(args, v)
		}
	}
	stmt := t.inserts[which]
	if stmt == nil {
		var err error
		if stmt, err = t.sql.PrepareContext(ctx, which.text(columns, values)); err != nil {
			return err
		}
		t.inserts[which] = stmt
	}
	_, err := stmt.ExecContext(ctx, args...)
	return err
}

// blank returns how SQL writes a value that says nothing, and nothing for others.
func blank(v any) string {
	switch v {
	case "":
		return "''"
	case 0, int64(0):
		return "0"
	case false:
		return "FALSE"
	}
	return ""
}

func (i inserted) text(columns []string, values []any) string {
	places, n := make([]string, len(values)), 0
	for c, v := range values {
		if places[c] = blank(v); places[c] == "" {
			n++
			places[c] = "$" + strconv.Itoa(n)
		}
	}
	return positional(`INSERT INTO ` + i.table + ` (` + strings.Join(columns, ", ") + `) VALUES (` + strings.Join(places, ", ") + `)`)
}

func (e *sqliteDialect) claim(ctx context.Context, t *Tx, number int64, claims []claim) (refused []claim, err error) {
	for _, c := range claims {
		n, err := t.exec(ctx, `INSERT INTO import_claims (import, key, row) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`, number, c.id, c.Row)
		if err != nil {
			return nil, err
		}
		if n == 0 {
			refused = append(refused, c)
		}
	}
	return refused, nil
}

// ready reads from the file; that it can be written only writing shows.
func (e *sqliteDialect) ready(ctx context.Context, db querier) error {
	stamp := ""
	return db.QueryRowContext(ctx, stampOf).Scan(&stamp)
}

// check is the engine's own of the database file.
func (e *sqliteDialect) check(ctx context.Context, db querier) error {
	var answer string
	if err := db.QueryRowContext(ctx, `PRAGMA quick_check(1)`).Scan(&answer); err != nil {
		return err
	}
	if answer != "ok" {
		return errors.New(answer)
	}
	return nil
}

func (e *sqliteDialect) patient(context.Context, *sql.Tx) error { return nil } // it is so by itself

func (e *sqliteDialect) close() error { return e.turn.close() }

// frozen reports whether a database stands whole on a disk that is read-only.
// SQLite reads one as it is, without the files that it would else have to make
// beside it, if it is told that nobody can change it. Where there is a log beside
// it, the log has a part of it, and is not to be passed over.
func frozen(path string) bool {
	var disk syscall.Statfs_t
	if err := syscall.Statfs(path, &disk); err != nil || disk.Flags&readOnlyDisk == 0 {
		return false
	}
	log, err := os.Stat(path + "-wal")
	return err != nil || log.Size() == 0
}

// readOnlyDisk is ST_RDONLY, which package syscall does not name.
const readOnlyDisk = 1
