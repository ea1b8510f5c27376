// Package store holds all SQL: the directory and the imports in one database,
// so that a batch changes users and marks its rows in one transaction.
//
// A Store answers reads from a pool of connections, each as of one moment, and
// runs writes one after the other. It implements what packages directory and
// importer ask for in interfaces of their own; rules are theirs, here are only
// tables. The schema stands in migrations/, in the subset of SQL that SQLite
// and PostgreSQL share, and is brought up to date by goose. The few places
// where engines differ stand in dialect.go. Ids and folded keys are made in Go.
package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/pressly/goose/v3"
	_ "modernc.org/sqlite" // the driver "sqlite"
)

//go:embed migrations/*.sql
var migrations embed.FS

// ErrNotThere tells that the database has not been set up yet.
var ErrNotThere = errors.New("there is no Muster database")

// Store is an open database.
type Store struct {
	readers *sql.DB
	writer  *sql.DB // one connection
}

// Path returns the file that a database name such as sqlite:muster.db means.
func Path(name string) (string, error) {
	path, ok := strings.CutPrefix(name, "sqlite:")
	if strings.HasPrefix(name, "postgres://") || strings.HasPrefix(name, "postgresql://") {
		return "", errors.New("this Muster has no PostgreSQL yet; use sqlite:PATH")
	}
	if !ok || path == "" {
		return "", fmt.Errorf("a database is named sqlite:PATH, not %q", name)
	}
	return path, nil
}

// Open opens an existing database and brings its schema up to date. Where there
// is none the error is ErrNotThere.
func Open(ctx context.Context, name string) (*Store, error) {
	path, err := Path(name)
	if err != nil {
		return nil, err
	}
	if info, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) || err == nil && info.Size() == 0 {
		return nil, ErrNotThere
	} else if err != nil {
		return nil, err
	}
	return open(ctx, path)
}

// Create opens a database, and makes it with its folder (mode 0700) where there
// is none.
func Create(ctx context.Context, name string) (*Store, error) {
	path, err := Path(name)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	f.Close()
	return open(ctx, path)
}

func open(ctx context.Context, path string) (*Store, error) {
	writer, err := sql.Open("sqlite", dsn(path, "immediate"))
	if err != nil {
		return nil, err
	}
	writer.SetMaxOpenConns(1)
	readers, err := sql.Open("sqlite", dsn(path, "deferred"))
	if err != nil {
		return nil, err
	}
	readers.SetMaxOpenConns(4)
	s := &Store{readers, writer}
	if err := s.migrate(ctx); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// dsn names the file with the settings of every connection: write-ahead log,
// deleted content overwritten, and a writer that waits for its turn.
func dsn(path, lock string) string {
	q := url.Values{"_txlock": {lock}, "_pragma": {
		"busy_timeout(60000)", "journal_mode(WAL)", "synchronous(FULL)", "secure_delete(ON)",
		"foreign_keys(ON)", "cache_size(-16000)", "temp_store(MEMORY)",
	}}
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + q.Encode()
}

func (s *Store) migrate(ctx context.Context) error {
	p, err := goose.NewProvider(goose.DialectSQLite3, s.writer, schema{})
	if err != nil {
		return err
	}
	if pending, err := p.HasPending(ctx); err != nil || !pending {
		return err
	}
	_, err = p.Up(ctx)
	return err
}

// Close closes the database.
func (s *Store) Close() error {
	return errors.Join(s.readers.Close(), s.writer.Close())
}

// write runs f in one transaction that no other writer can come between.
func (s *Store) write(ctx context.Context, f func(*Tx) error) error {
	t, err := s.writer.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer t.Rollback()
	tx := &Tx{queries{t}, t, map[string]*sql.Stmt{}}
	if err := f(tx); err != nil {
		return err
	}
	return t.Commit()
}

// Tx is a writing transaction.
type Tx struct {
	queries
	sql   *sql.Tx
	stmts map[string]*sql.Stmt
}

// exec runs a statement, which is prepared once in a transaction.
func (t *Tx) exec(ctx context.Context, text string, args ...any) (int64, error) {
	stmt := t.stmts[text]
	if stmt == nil {
		var err error
		if stmt, err = t.sql.PrepareContext(ctx, text); err != nil {
			return 0, err
		}
		t.stmts[text] = stmt
	}
	result, err := stmt.ExecContext(ctx, args...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// run is exec where nobody asks how many rows it changed.
func (t *Tx) run(ctx context.Context, text string, args ...any) error {
	_, err := t.exec(ctx, text, args...)
	return err
}

// Fact returns a value that the database keeps about itself, or "".
func (s *Store) Fact(ctx context.Context, name string) (string, error) {
	var value string
	err := s.readers.QueryRowContext(ctx, `SELECT value FROM facts WHERE name = $1`, name).Scan(&value)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return value, err
}

// SetFact keeps a value under a name that has none yet.
func (s *Store) SetFact(ctx context.Context, name, value string) error {
	return s.write(ctx, func(t *Tx) error {
		return t.run(ctx, `INSERT INTO facts (name, value) VALUES ($1, $2)`, name, value)
	})
}

// Check runs the engine's own check of the database file.
func (s *Store) Check(ctx context.Context) error {
	var answer string
	if err := s.readers.QueryRowContext(ctx, `PRAGMA quick_check(1)`).Scan(&answer); err != nil {
		return err
	}
	if answer != "ok" {
		return errors.New(answer)
	}
	return nil
}
