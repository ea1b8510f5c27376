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
	"time"

	"github.com/pressly/goose/v3"
	_ "modernc.org/sqlite" // the driver "sqlite"
)

//go:embed migrations/*.sql
var migrations embed.FS

// ErrNotThere tells that the database has not been set up yet.
var ErrNotThere = errors.New("there is no Muster database")

// Store is an open database.
type Store struct {
	readers  *sql.DB
	writer   *sql.DB // one connection
	relaxed  bool    // whether its transactions are not durable one by one
	turn     *turn
	presence *presence
}

// Path returns the file that a database name such as sqlite:muster.db means.
func Path(name string) (string, error) {
	path, ok := strings.CutPrefix(name, "sqlite:")
	if strings.HasPrefix(name, "postgres://") || strings.HasPrefix(name, "postgresql://") {
		return "", errors.New("this Muster has no PostgreSQL yet; use sqlite:PATH")
	}
	if !ok || path == "" {
		return "", errors.New("a database is named sqlite:PATH")
	}
	return path, nil
}

// An Option changes how a database is opened.
type Option func(*options)

type options struct{ wait time.Duration }

// Wait sets how long a writer waits for its turn while another process writes;
// a minute where it is not given.
func Wait(d time.Duration) Option { return func(o *options) { o.wait = d } }

// unavailable is an error of the file system: the database cannot be reached.
type unavailable struct{ error }

func (u unavailable) Unwrap() error { return u.error }

// Open opens an existing database and brings its schema up to date. Where there
// is none the error is ErrNotThere.
func Open(ctx context.Context, name string, options ...Option) (*Store, error) {
	path, err := Path(name)
	if err != nil {
		return nil, err
	}
	if info, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) || err == nil && info.Size() == 0 {
		return nil, ErrNotThere
	} else if err != nil {
		return nil, unavailable{err}
	}
	return open(ctx, path, options)
}

// Create opens a database, and makes it with its folder (mode 0700) where there
// is none.
func Create(ctx context.Context, name string, options ...Option) (*Store, error) {
	path, err := Path(name)
	if err != nil {
		return nil, err
	}
	if err := touch(path); err != nil {
		return nil, unavailable{err}
	}
	return open(ctx, path, options)
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

func open(ctx context.Context, path string, chosen []Option) (*Store, error) {
	o := options{wait: time.Minute}
	for _, choose := range chosen {
		choose(&o)
	}
	turn, err := newTurn(path, o.wait)
	if err != nil {
		return nil, unavailable{err}
	}
	presence, err := newPresence(path)
	if err != nil {
		return nil, errors.Join(unavailable{err}, turn.close())
	}
	s := &Store{turn: turn, presence: presence}
	if err := s.connect(ctx, path, o); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

func (s *Store) connect(ctx context.Context, path string, o options) (err error) {
	if s.writer, err = sql.Open("sqlite", dsn(path, "immediate", writerCache, o)); err != nil {
		return err
	}
	s.writer.SetMaxOpenConns(1)
	if s.readers, err = sql.Open("sqlite", dsn(path, "deferred", readerCache, o)); err != nil {
		return err
	}
	s.readers.SetMaxOpenConns(4)
	if s.upToDate(ctx) {
		return nil
	}
	// Switching a fresh file to the write-ahead log waits for nobody, so all
	// that sets a database up is done in turn.
	if err := s.turn.take(ctx); err != nil {
		return err
	}
	defer s.turn.give()
	return s.migrate(ctx)
}

// upToDate reports whether the schema is the newest, so that whoever only reads
// never waits for a writer.
func (s *Store) upToDate(ctx context.Context) bool {
	files, err := migrations.ReadDir("migrations")
	newest := 0
	if err == nil {
		err = s.readers.QueryRowContext(ctx, `SELECT COALESCE(max(version_id), 0) FROM goose_db_version`).Scan(&newest)
	}
	return err == nil && newest == len(files)
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

// migrate brings the schema up to date. Several processes may do so at the same
// moment: each step is one transaction, and whoever finds it done by another
// looks again at what is left.
func (s *Store) migrate(ctx context.Context) error {
	p, err := goose.NewProvider(goose.DialectSQLite3, s.writer, schema{})
	if err != nil {
		return err
	}
	for tries := 2 * len(p.ListSources()); ; tries-- {
		pending, err := p.HasPending(ctx)
		if err == nil && !pending {
			return nil
		}
		if err == nil {
			_, err = p.Up(ctx)
		}
		if err != nil && (tries == 0 || ctx.Err() != nil || Unavailable(err)) {
			return err
		}
	}
}

// Close closes the database.
func (s *Store) Close() error {
	err := errors.Join(s.turn.close(), s.presence.close())
	for _, db := range []*sql.DB{s.readers, s.writer} {
		if db != nil {
			err = errors.Join(err, db.Close())
		}
	}
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
	return s.write(ctx, true, func(t *Tx) error {
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
