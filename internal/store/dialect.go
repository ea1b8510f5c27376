package store

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io/fs"
	"regexp"
	"sync"

	"muster/internal/directory"
)

// dialect is what an engine brings: all in which it differs from others. Statements
// are written once, in the subset of SQL that all understand, with a few words that
// each engine says in its own way: texts($1) and ids($1) are the lists that textList
// and idList make, micros() is the present. Which of its errors mean what stands in
// failure.go.
type dialect interface {
	// say writes a statement with the engine's own words.
	say(text string) string
	// begin begins a transaction of the connection when it is its turn to write;
	// end, after the transaction, lets the next one in.
	begin(ctx context.Context, c *sql.Conn, durable bool) (*sql.Tx, error)
	end()
	// exec runs a statement that changes something.
	exec(ctx context.Context, t *Tx, text string, args []any) (sql.Result, error)
	// insertAll adds n rows to a table.
	insertAll(ctx context.Context, t *Tx, table string, columns []string, n int, row func(int) []any) error
	// claim makes the claims that no row has, in their order, and returns the others.
	claim(ctx context.Context, t *Tx, number int64, claims []claim) ([]claim, error)
	// ready finds out, without waiting for its turn, whether what is kept could be
	// read and changed just now.
	ready(ctx context.Context, db querier) error
	// check reads what is kept, as far as that is cheap.
	check(ctx context.Context, db querier) error
	// patient keeps the engine from ending a transaction that waits for what is
	// outside of the database.
	patient(ctx context.Context, t *sql.Tx) error
	// locked runs f while nobody else sets the database up.
	locked(ctx context.Context, f func() error) error
	close() error
}

// What a list is written as, where a statement needs one that comes as one argument.
const (
	texts  = `texts($1)`
	texts2 = `texts($2)`
	ids    = `ids($1)`
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

// words are an engine's own for those of a statement; they remember what they
// have said.
type words struct {
	texts, ids string // that something is in a list, with $1 for its place
	micros     string
	said       sync.Map
}

var (
	listWord = regexp.MustCompile(`\bIN (texts|ids)\((\$[0-9]+)\)`)
	place    = regexp.MustCompile(`\$[0-9]+`)
)

func (w *words) say(text string) string {
	if said, ok := w.said.Load(text); ok {
		return said.(string)
	}
	said := listWord.ReplaceAllStringFunc(text, func(word string) string {
		parts := listWord.FindStringSubmatch(word)
		list := w.ids
		if parts[1] == "texts" {
			list = w.texts
		}
		return place.ReplaceAllLiteralString(list, parts[2])
	})
	said = microsWord.ReplaceAllLiteralString(said, w.micros)
	w.said.Store(text, said)
	return said
}

var microsWord = regexp.MustCompile(`\bmicros\(\)`)

// schema gives goose the migrations with what the engine calls things.
type schema struct{ translate func([]byte) []byte }

func (s schema) Open(name string) (fs.File, error) {
	if name == "." {
		return migrations.Open("migrations")
	}
	b, err := migrations.ReadFile("migrations/" + name)
	if err != nil {
		return nil, err
	}
	return &schemaFile{Reader: bytes.NewReader(s.translate(b)), name: name}, nil
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
