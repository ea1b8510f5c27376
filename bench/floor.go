package main

import (
	"context"
	"database/sql"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"time"

	"golang.org/x/crypto/argon2"

	"muster/internal/password"
)

// csv reads the file with the bare reader of the standard library.
func (j job) csv() (time.Duration, error) {
	return j.reading(func(f io.Reader) (rows int, err error) {
		r := csv.NewReader(f)
		r.ReuseRecord = true
		for ; err == nil; rows++ {
			_, err = r.Read()
		}
		return rows, err
	})
}

// argon2 makes as many bare hashes as the file has rows, on all cores.
func (j job) argon2() (time.Duration, error) {
	p, salt := password.DefaultParams(), []byte("sixteen octets..")
	next := make(chan int)
	start := time.Now()
	var group sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		group.Go(func() {
			for i := range next {
				argon2.IDKey(fmt.Appendf(nil, "Quartz-%d-Zephyr", i), salt, p.Time, p.MemoryKiB, p.Threads, 32)
			}
		})
	}
	for i := range j.rows {
		next <- i
	}
	close(next)
	group.Wait()
	return time.Since(start), nil
}

// A copied table, with the query that gives its rows in the order in which an
// import writes them.
type copied struct{ name, order string }

var (
	directoryTables = []copied{
		{"users", `SELECT u.* FROM users u ORDER BY u.rowid`},
		{"addresses", `SELECT a.* FROM users u JOIN addresses a ON a.key = lower(u.address) ORDER BY u.rowid`},
	}
	importTables = []copied{
		{"imports", `SELECT * FROM imports`},
		{"import_rows", `SELECT * FROM import_rows ORDER BY import, row`},
		{"import_secrets", `SELECT * FROM import_secrets ORDER BY import, row, kind`},
		{"history", `SELECT * FROM history WHERE import > 0 ORDER BY row`},
	}
)

// usersOnly writes the rows that an import left in the directory; allRows those
// that it left anywhere. This is the floor: each table by one prepared statement,
// all in one transaction, into a database of the same schema.
func (j job) usersOnly() (time.Duration, error) { return j.copyTables(directoryTables) }

func (j job) allRows() (time.Duration, error) {
	return j.copyTables(append(directoryTables[:len(directoryTables):len(directoryTables)], importTables...))
}

func (j job) copyTables(tables []copied) (time.Duration, error) {
	a, err := j.open() // makes the schema
	if err != nil {
		return 0, err
	}
	if err := a.Close(); err != nil {
		return 0, err
	}
	from, err := sql.Open("sqlite", "file:"+filepath.Join(j.from, "muster.db"))
	if err != nil {
		return 0, err
	}
	defer from.Close()
	to, err := sql.Open("sqlite", "file:"+filepath.Join(j.folder, "muster.db")+
		"?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=foreign_keys(ON)&_pragma=secure_delete(ON)&_pragma=cache_size(-16000)&_pragma=temp_store(MEMORY)")
	if err != nil {
		return 0, err
	}
	defer to.Close()
	return copyAll(from, to, tables)
}

// copyAll times the writing only: rows are read chunk by chunk with the clock
// stopped.
func copyAll(from, to *sql.DB, tables []copied) (took time.Duration, err error) {
	start := time.Now()
	tx, err := to.BeginTx(context.Background(), nil)
	if err != nil {
		return 0, err
	}
	defer tx.Rollback()
	took = time.Since(start)
	for _, t := range tables {
		spent, err := copyTable(from, tx, t)
		if err != nil {
			return 0, fmt.Errorf("%s: %w", t.name, err)
		}
		took += spent
	}
	start = time.Now()
	err = tx.Commit()
	return took + time.Since(start), err
}

const chunk = 10_000

func copyTable(from *sql.DB, tx *sql.Tx, t copied) (took time.Duration, err error) {
	rows, err := from.Query(t.order)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return 0, err
	}
	insert, err := tx.Prepare(`INSERT INTO ` + t.name + ` VALUES (` + strings.Repeat("?, ", len(columns)-1) + `?)`)
	if err != nil {
		return 0, err
	}
	for {
		list, err := read(rows, len(columns))
		if err != nil || len(list) == 0 {
			return took, errors.Join(err, rows.Err())
		}
		start := time.Now()
		for _, values := range list {
			if _, err := insert.Exec(values...); err != nil {
				return 0, err
			}
		}
		took += time.Since(start)
	}
}

// read reads the next rows, with the values of each.
func read(rows *sql.Rows, columns int) (list [][]any, err error) {
	for len(list) < chunk && rows.Next() {
		values, places := make([]any, columns), make([]any, columns)
		for i := range values {
			places[i] = &values[i]
		}
		if err := rows.Scan(places...); err != nil {
			return nil, err
		}
		list = append(list, values)
	}
	return list, nil
}
