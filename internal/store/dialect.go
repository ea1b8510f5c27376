package store

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"strconv"

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

var place = regexp.MustCompile(`\$[0-9]+`)

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

// setDurable sets whether the next transactions are on the disk when they have
// been committed. The log is written in order, so one that is takes all before it along.
func (s *Store) setDurable(ctx context.Context, durable bool) error {
	if s.relaxed == !durable {
		return nil
	}
	pragma := `PRAGMA synchronous = FULL`
	if !durable {
		pragma = `PRAGMA synchronous = NORMAL`
	}
	_, err := s.writer.ExecContext(ctx, pragma)
	s.relaxed = !durable && err == nil
	return err
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
