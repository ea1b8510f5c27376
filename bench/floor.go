package main

import (
	"bufio"
	"context"
	"database/sql"
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
	"golang.org/x/crypto/argon2"

	"muster/internal/password"
)

// csv reads the file with the bare reader of the standard library.
func (j job) csv() (time.Duration, error) {
	return j.reading(j.file(), func(f *os.File) (rows int, err error) {
		r := csv.NewReader(bufio.NewReaderSize(f, 1<<16))
		r.ReuseRecord = true
		for ; err == nil; rows++ {
			_, err = r.Read()
		}
		return rows - 1, err
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
		{"users", `SELECT u.* FROM users u ORDER BY u.id`},
		{"addresses", `SELECT a.* FROM users u JOIN addresses a ON a.key = lower(u.address) ORDER BY u.id`},
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
// all in one transaction, into a database of the same schema; on PostgreSQL by COPY.
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
	from, err := openFloor(job{folder: j.from}.database())
	if err != nil {
		return 0, err
	}
	defer from.close()
	to, err := openFloor(j.database())
	if err != nil {
		return 0, err
	}
	defer to.close()
	return copyAll(from, to, tables)
}

// A floor is a database whose rows are read, and written in the quickest way that
// its engine has: a prepared statement on SQLite, COPY on PostgreSQL.
type floor interface {
	// read is where rows are read.
	read() *sql.DB
	begin() error
	// into returns what writes rows into a table.
	into(table string, columns []string) (write func([][]any) error, err error)
	commit() error
	close() error
}

func openFloor(database string) (floor, error) {
	if path, ok := strings.CutPrefix(database, "sqlite:"); ok {
		return openSQLiteFloor(path)
	}
	return openPostgresFloor(database)
}

// sqliteFloor has the settings that Muster has.
type sqliteFloor struct {
	db *sql.DB
	tx *sql.Tx
}

func openSQLiteFloor(path string) (*sqliteFloor, error) {
	db, err := sql.Open("sqlite", "file:"+path+
		"?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=foreign_keys(ON)&_pragma=secure_delete(ON)&_pragma=cache_size(-16000)&_pragma=temp_store(MEMORY)")
	return &sqliteFloor{db: db}, err
}

func (f *sqliteFloor) read() *sql.DB { return f.db }
func (f *sqliteFloor) close() error  { return f.db.Close() }
func (f *sqliteFloor) commit() error { return f.tx.Commit() }

func (f *sqliteFloor) begin() (err error) {
	f.tx, err = f.db.Begin()
	return err
}

func (f *sqliteFloor) into(table string, columns []string) (func([][]any) error, error) {
	insert, err := f.tx.Prepare(`INSERT INTO ` + table + ` VALUES (` + strings.Repeat("?, ", len(columns)-1) + `?)`)
	return func(list [][]any) error {
		for _, values := range list {
			if _, err := insert.Exec(values...); err != nil {
				return err
			}
		}
		return nil
	}, err
}

// postgresFloor writes by COPY.
type postgresFloor struct {
	db   *sql.DB
	conn *pgx.Conn
	tx   pgx.Tx
}

func openPostgresFloor(url string) (*postgresFloor, error) {
	db, err := sql.Open("pgx", url)
	if err != nil {
		return nil, err
	}
	conn, err := pgx.Connect(context.Background(), url)
	return &postgresFloor{db: db, conn: conn}, err
}

func (f *postgresFloor) read() *sql.DB { return f.db }
func (f *postgresFloor) commit() error { return f.tx.Commit(context.Background()) }

func (f *postgresFloor) close() error {
	return errors.Join(f.conn.Close(context.Background()), f.db.Close())
}

func (f *postgresFloor) begin() (err error) {
	f.tx, err = f.conn.Begin(context.Background())
	return err
}

func (f *postgresFloor) into(table string, columns []string) (func([][]any) error, error) {
	return func(list [][]any) error {
		_, err := f.tx.CopyFrom(context.Background(), pgx.Identifier{table}, columns, pgx.CopyFromRows(list))
		return err
	}, nil
}

// copyAll times the writing only: rows are read chunk by chunk with the clock
// stopped.
func copyAll(from, to floor, tables []copied) (took time.Duration, err error) {
	start := time.Now()
	if err := to.begin(); err != nil {
		return 0, err
	}
	took = time.Since(start)
	for _, t := range tables {
		spent, err := copyTable(from, to, t)
		if err != nil {
			return 0, fmt.Errorf("%s: %w", t.name, err)
		}
		took += spent
	}
	start = time.Now()
	err = to.commit()
	return took + time.Since(start), err
}

const chunk = 10_000

func copyTable(from, to floor, t copied) (took time.Duration, err error) {
	rows, err := from.read().Query(t.order)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return 0, err
	}
	write, err := to.into(t.name, columns)
	if err != nil {
		return 0, err
	}
	for {
		list, err := read(rows, len(columns))
		if err != nil || len(list) == 0 {
			return took, errors.Join(err, rows.Err())
		}
		start := time.Now()
		if err := write(list); err != nil {
			return 0, err
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
