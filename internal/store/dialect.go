package store

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"muster/internal/directory"
	"muster/internal/importer"
)

// Where an IN needs a list that comes as one argument.
const (
	texts  = `(SELECT value FROM json_each($1))`
	texts2 = `(SELECT value FROM json_each($2))`
	ids    = `(SELECT unhex(value) FROM json_each($1))`
)

// textList is the argument of texts.
func textList(list []string) string {
	b, _ := json.Marshal(list)
	return string(b)
}

// idList is the argument of ids.
func idList(list []directory.ID) string {
	hexes := make([]string, len(list))
	for i, id := range list {
		hexes[i] = hex.EncodeToString(id[:])
	}
	return textList(hexes)
}

// schema gives goose the migrations with what the engine calls things.
type schema struct{}

func (schema) Open(name string) (fs.File, error) {
	if name == "." {
		return migrations.Open("migrations")
	}
	b, err := migrations.ReadFile("migrations/" + name)
	if err != nil {
		return nil, err
	}
	b = bytes.ReplaceAll(b, []byte("/*clustered*/"), []byte("WITHOUT ROWID"))
	return &schemaFile{Reader: bytes.NewReader(b), name: name}, nil
}

// ReadFile and ReadDir make schema what goose reads.
func (s schema) ReadFile(name string) ([]byte, error) {
	f, err := s.Open(name)
	if err != nil {
		return nil, err
	}
	file, ok := f.(*schemaFile)
	if !ok {
		return nil, errors.New(name + " is a folder")
	}
	b := make([]byte, file.Len())
	_, err = file.Read(b)
	return b, err
}

func (schema) ReadDir(string) ([]fs.DirEntry, error) { return migrations.ReadDir("migrations") }

type schemaFile struct {
	*bytes.Reader
	name string
}

func (f *schemaFile) Stat() (fs.FileInfo, error) { return fs.Stat(migrations, "migrations/"+f.name) }
func (f *schemaFile) Close() error               { return nil }

// Unavailable reports whether an error means that the database cannot be used
// just now, and not that something was wrong with what was asked of it.
func Unavailable(err error) bool {
	var file unavailable
	if errors.As(err, &file) {
		return true
	}
	switch code(err) {
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CORRUPT,
		sqlite3.SQLITE_FULL, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_PERM:
		return true
	}
	return false
}

// code returns the engine's primary result code, 0 where the error is not its.
func code(err error) int {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return 0
	}
	return e.Code() & 0xff
}

// clash marks the errors by which the engine guards the schema: a unique or
// foreign key that does not fit.
func clash(err error) error {
	if code(err) == sqlite3.SQLITE_CONSTRAINT {
		return fmt.Errorf("%w: %w", importer.ErrClash, err)
	}
	return err
}
