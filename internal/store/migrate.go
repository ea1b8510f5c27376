package store

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// errNewer tells that the database was last used by a newer Muster, which may have
// changed what this one knows nothing of.
var errNewer = errors.New("a newer Muster has changed the database; use that one")

// newest is the version of the schema that this program brings: the number with
// which the last file begins.
var newest = func() int {
	files, err := migrations.ReadDir("migrations")
	if err != nil {
		panic(err)
	}
	number, _, _ := strings.Cut(files[len(files)-1].Name(), "_")
	version, err := strconv.Atoi(number)
	if err != nil {
		panic(err)
	}
	return version
}()

// Schema returns the version that the schema has, and the one that this program
// needs.
func (s *Store) Schema(ctx context.Context) (has, needs int, err error) {
	err = s.readers.QueryRowContext(ctx, `SELECT COALESCE(max(version_id), 0) FROM goose_db_version`).Scan(&has)
	return has, newest, err
}

// migrate brings the schema up to date. Whoever only reads never waits for a
// writer where it is. Several processes may start at the same moment: they do so
// one after the other, and whoever comes later finds it done.
func (s *Store) migrate(ctx context.Context) error {
	if has, needs, err := s.Schema(ctx); err == nil && has > needs {
		return outrun(has)
	} else if err != nil || has < needs {
		if err := s.migrateUp(ctx); err != nil {
			return err
		}
	}
	return s.fillIndex(ctx)
}

func (s *Store) migrateUp(ctx context.Context) error {
	return s.dialect.locked(ctx, func() error {
		p, err := s.migrations()
		if err != nil {
			return err
		}
		_, err = p.Up(ctx)
		return err
	})
}

func outrun(has int) error {
	if has > newest {
		return fmt.Errorf("%w: its schema is %d, and this program knows %d", errNewer, has, newest)
	}
	return nil
}
