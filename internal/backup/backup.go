// Package backup is the file that holds a whole database, whichever engine keeps
// it: tables, columns and rows, and what proves that nothing is missing.
//
// It is a text of lines, compressed with gzip, that any program can read:
//
//	{"muster_backup":1,"program":"1.2.3","schema":4,"made":"2026-03-01T09:00:00Z","key":"…","rows":1234}
//	{"table":"facts","columns":["name","value"]}
//	["catalog_stamp","7"]
//	…
//	{"end":[{"table":"facts","rows":4},…],"sha256":"…"}
//
// A value is a text, a whole number, true, false or null. Bytes are written as
// ["AZo…"], in base64, and a text that is no UTF-8 as {"text":"…"}, since JSON has
// neither. The last line counts the rows of each table and has the SHA-256 of all
// lines before it: whatever is cut off, and whatever is changed, is found out.
// Nobody needs to have the whole of it in memory.
package backup

import (
	"errors"
	"fmt"
	"time"
)

// format is the version of the file's layout.
const format = 1

// Head is the first line: what the backup is of.
type Head struct {
	Format  int       `json:"muster_backup"`
	Program string    `json:"program"` // the version of the Muster that wrote it
	Schema  int       `json:"schema"`  // the version of the tables
	Made    time.Time `json:"made"`
	Key     string    `json:"key"`  // the fingerprint of the secret key, which is not in it
	Rows    int64     `json:"rows"` // of all tables
}

// Count is how many rows of a table there are.
type Count struct {
	Table string `json:"table"`
	Rows  int64  `json:"rows"`
}

// Summary tells what a backup has.
type Summary struct {
	Head
	Tables []Count // in the order of the file
}

// opening is a line that begins a table.
type opening struct {
	Table   string   `json:"table"`
	Columns []string `json:"columns"`
}

// ending is the last line.
type ending struct {
	End    []Count `json:"end"`
	SHA256 string  `json:"sha256"`
}

// What is wrong with a file that cannot be restored.
var (
	ErrNone    = errors.New("this is no backup of Muster")
	ErrCutOff  = errors.New("the backup is cut off: its end is missing")
	ErrDamaged = errors.New("the backup is damaged: what is in it is not what was written")
	ErrNewer   = errors.New("a newer Muster wrote the backup; restore it with that one")
)

// Newer is ErrNewer with the version of the program that is needed.
func Newer(h Head) error { return fmt.Errorf("%w (version %s)", ErrNewer, h.Program) }

// Target takes tables and their rows. The values of a row are string, []byte,
// int64, bool or nil, one for each column; the slice is used again.
type Target interface {
	Table(name string, columns []string) error
	Row(values []any) error
}
