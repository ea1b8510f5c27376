// Package store holds all SQL: the directory and the imports in one database,
// so that a batch changes users and marks its rows in one transaction.
//
// A Store answers reads from a pool of connections, each as of one moment, and
// runs writes one after the other. It implements what packages directory and
// importer ask for in interfaces of their own; rules are theirs, here are only
// tables. The schema stands in migrations/, in the subset of SQL that SQLite
// and PostgreSQL share, and is brought up to date by goose. Statements are
// written once too; what an engine has to bring stands in dialect.go, and each
// has a file of its own (sqlite.go, postgres.go). Ids and folded keys are made in Go.
package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pressly/goose/v3"
)

//go:embed migrations/*.sql
var migrations embed.FS

// ErrNotThere tells that the database has not been set up yet.
var ErrNotThere = errors.New("there is no Muster database")

// readers are the connections that read at the same time.
const readers = 4

// Store is an open database.
type Store struct {
	place      Place
	dialect    dialect
	readers    *sql.DB
	writer     *sql.DB // one connection
	presence   presence
	segment    int      // how many entries of the index are made into a segment
	unindexed  bool     // users who are changed are not put into the index
	over       sync.Map // leases that have ended, of which the database was not told
	migrations func() (*goose.Provider, error)
	catalog    atomic.Pointer[keptCatalog]
	key        string // the fingerprint of the key with which this process seals; "": none
}

// Place is where a database is.
type Place struct {
	Shown string // for people: without a password
	File  string // of SQLite; a server has none
}

// Find tells which place the name of a database means, such as sqlite:muster.db
// or postgres://muster:secret@db.example.org/muster.
func Find(name string) (Place, error) {
	if onServer(name) {
		u, err := serverURL(name)
		if err != nil {
			return Place{}, err
		}
		return Place{Shown: u.Scheme + "://" + u.Host + u.Path}, nil
	}
	path, ok := strings.CutPrefix(name, "sqlite:")
	if !ok || path == "" {
		return Place{}, errors.New("a database is named sqlite:PATH or postgres://USER:PASSWORD@HOST:PORT/DATABASE")
	}
	return Place{Shown: path, File: path}, nil
}

func onServer(name string) bool {
	return strings.HasPrefix(name, "postgres://") || strings.HasPrefix(name, "postgresql://")
}

// An Option changes how a database is opened.
type Option func(*options)

type options struct {
	wait      time.Duration
	migrate   bool
	unindexed bool
}

// Wait sets how long a writer waits for its turn while another process writes;
// a minute where it is not given.
func Wait(d time.Duration) Option { return func(o *options) { o.wait = d } }

// AsItIs leaves the schema as it is, also where it is not up to date.
func AsItIs() Option { return func(o *options) { o.migrate = false } }

// Unindexed leaves users who are changed out of the index, so that lists do not have
// them: only for finding out what the index costs.
func Unindexed() Option { return func(o *options) { o.unindexed = true } }

// unavailable is an error of the file system: the database cannot be reached.
type unavailable struct{ error }

func (u unavailable) Unwrap() error { return u.error }

// Open opens an existing database and brings its schema up to date. Where there
// is none the error is ErrNotThere.
func Open(ctx context.Context, name string, options ...Option) (*Store, error) {
	return open(ctx, name, options, false)
}

// Create opens a database, and sets it up where there is none: on SQLite with its
// folder (mode 0700); a server has to have an empty one.
func Create(ctx context.Context, name string, options ...Option) (*Store, error) {
	return open(ctx, name, options, true)
}

func open(ctx context.Context, name string, chosen []Option, fresh bool) (s *Store, err error) {
	o := options{wait: time.Minute, migrate: true}
	for _, choose := range chosen {
		choose(&o)
	}
	place, err := Find(name)
	if err != nil {
		return nil, err
	}
	if place.File == "" {
		s, err = openPostgres(ctx, name, o, fresh)
	} else {
		s, err = openSQLite(ctx, place.File, o, fresh)
	}
	if err != nil {
		return s, err
	}
	s.place, s.segment, s.unindexed = place, segmentEntries, o.unindexed
	if !o.migrate {
		return s, nil
	}
	if err := s.migrate(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// Close closes the database.
func (s *Store) Close() error {
	err := s.presence.close()
	for _, db := range []*sql.DB{s.readers, s.writer} {
		if db != nil {
			err = errors.Join(err, db.Close())
		}
	}
	return errors.Join(err, s.dialect.close())
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

// Ready tells in plain words why what is kept could not be read and changed just
// now, without waiting for a turn.
func (s *Store) Ready(ctx context.Context) error {
	err := s.dialect.ready(ctx, s.readers)
	switch reason := Reason(err); {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return errors.New("the database does not answer")
	case reason != "":
		return errors.New("the database cannot be used: " + reason)
	}
	return errors.New("the database cannot be used")
}

// Check reads what is kept and tells what is wrong with it, as far as the engine
// can find that out.
func (s *Store) Check(ctx context.Context) error { return s.dialect.check(ctx, s.readers) }
