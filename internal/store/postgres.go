package store

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
)

// postgresDialect is the engine of a server.
//
// Writers of all processes take turns here too: each transaction that writes
// begins with the same advisory lock, which PostgreSQL gives in the order in
// which it was asked for. So every statement sees all that was committed before
// it, none can deadlock with another, and what holds on one engine holds on both.
// A lock ends with its transaction, and the server ends a transaction of which
// nothing is heard any more.
type postgresDialect struct {
	words
	pool   *pgxpool.Pool
	waits  string // how long a writer waits for its turn, in milliseconds
	writer *sql.DB
}

// turnOfAll is the lock of whoever writes: "must", as a number.
const turnOfAll = 0x6d757374

// What a session is told, unless the name of the database says something else. A
// holder of the turn who is cut off, or stopped, holds it for half a minute at most.
var session = map[string]string{
	"application_name":                    "muster",
	"idle_in_transaction_session_timeout": "20s",
	"tcp_keepalives_idle":                 "5",
	"tcp_keepalives_interval":             "5",
	"tcp_keepalives_count":                "2",
	"tcp_user_timeout":                    "15s",
}

var errBadURL = errors.New("the name of the PostgreSQL database cannot be read; it is written postgres://USER:PASSWORD@HOST:PORT/DATABASE, " +
	"where special characters in the password are written as in addresses of the web (@ as %40, / as %2F)")

// serverURL reads the URL of a database. No error shows any of it, since the
// password may stand where nobody would look for it.
func serverURL(name string) (*url.URL, error) {
	u, err := url.Parse(name)
	if err != nil {
		return nil, errBadURL
	}
	if _, err := pgxpool.ParseConfig(name); err != nil {
		return nil, errBadURL
	}
	return u, nil
}

// openPostgres opens the database of a server. One that is not set up is ErrNotThere
// unless fresh says that it may be.
func openPostgres(ctx context.Context, name string, o options, fresh bool) (*Store, error) {
	config, err := pgxpool.ParseConfig(name)
	if err != nil {
		return nil, errBadURL
	}
	for key, value := range session {
		if config.ConnConfig.RuntimeParams[key] == "" {
			config.ConnConfig.RuntimeParams[key] = value
		}
	}
	if config.ConnConfig.ConnectTimeout == 0 {
		config.ConnConfig.ConnectTimeout = 10 * time.Second
	}
	config.ConnConfig.DialFunc = dialing(config.ConnConfig.DialFunc)
	config.MaxConns = readers + 8
	// A server that was started again has ended all connections.
	config.ShouldPing = func(context.Context, pgxpool.ShouldPingParams) bool { return true }
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, errBadURL
	}
	e := &postgresDialect{pool: pool, waits: strconv.FormatInt(max(1, o.wait.Milliseconds()), 10)}
	// An array is taken for short, and looked up one by one; of a set the engine would
	// rather read a table of some thousand rows whole.
	e.texts = `= ANY (ARRAY(SELECT jsonb_array_elements_text(CAST($1 AS jsonb))))`
	e.ids = `= ANY (ARRAY(SELECT decode(jsonb_array_elements_text(CAST($1 AS jsonb)), 'hex')))`
	e.micros = `CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS BIGINT)`
	e.writer = stdlib.OpenDBFromPool(pool)
	e.writer.SetMaxOpenConns(1)
	s := &Store{dialect: e, presence: nobody{}, writer: e.writer, readers: stdlib.OpenDBFromPool(pool)}
	s.readers.SetMaxOpenConns(readers)
	s.migrations = func() (*goose.Provider, error) {
		return goose.NewProvider(goose.DialectPostgres, s.writer, schema{ofServer})
	}
	there := fresh
	if !fresh {
		err = s.readers.QueryRowContext(ctx, `SELECT to_regclass('goose_db_version') IS NOT NULL`).Scan(&there)
	}
	if err == nil && !there {
		err = ErrNotThere
	}
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// ofServer has all texts compared and ordered by their bytes, as SQLite does, and
// says what a migration has to say to PostgreSQL alone.
func ofServer(migration []byte) []byte {
	migration = bytes.ReplaceAll(migration, []byte("-- postgres: "), nil)
	return bytes.ReplaceAll(migration, []byte(" TEXT "), []byte(` TEXT COLLATE "C" `))
}

// dialing marks what the network says, so that it is known for a database that
// cannot be reached wherever it comes out.
func dialing(dial func(context.Context, string, string) (net.Conn, error)) func(context.Context, string, string) (net.Conn, error) {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		c, err := dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return marked{c}, nil
	}
}

type marked struct{ net.Conn }

func (m marked) Read(b []byte) (int, error) {
	n, err := m.Conn.Read(b)
	return n, mark(err)
}

func (m marked) Write(b []byte) (int, error) {
	n, err := m.Conn.Write(b)
	return n, mark(err)
}

// mark leaves a time-out as it is: it is how a connection is told that nobody
// waits for it any more.
func mark(err error) error {
	var network net.Error
	if err == nil || errors.As(err, &network) && network.Timeout() {
		return err
	}
	return lost{err}
}

// lost is an error of the network.
type lost struct{ error }

func (l lost) Unwrap() error { return l.error }

// locked holds the turn on a connection of its own: with that it ends.
func (e *postgresDialect) locked(ctx context.Context, f func() error) error {
	c, err := pgx.ConnectConfig(ctx, e.pool.Config().ConnConfig)
	if err != nil {
		return err
	}
	defer c.Close(context.WithoutCancel(ctx))
	if _, err := c.Exec(ctx, `SELECT set_config('lock_timeout', $1, false), pg_advisory_lock($2)`, e.waits, int64(turnOfAll)); err != nil {
		return err
	}
	return f()
}

// begin takes the turn in the first statement. The setting is made before the lock
// is asked for. Every transaction is durable, also a step: a process outlives the
// server, and must find what it was told is there when that is back.
func (e *postgresDialect) begin(ctx context.Context, c *sql.Conn, _ bool) (*sql.Tx, error) {
	t, err := c.BeginTx(ctx, nil)
	if err != nil {
		return nil, err
	}
	const text = `SELECT set_config('lock_timeout', $1, true), pg_advisory_xact_lock($2)`
	if _, err := t.ExecContext(ctx, text, e.waits, int64(turnOfAll)); err != nil {
		t.Rollback()
		return nil, err
	}
	return t, nil
}

func (e *postgresDialect) end() {} // with the transaction

// exec leaves it to the driver to prepare statements, which it does once for each
// connection.
func (e *postgresDialect) exec(ctx context.Context, t *Tx, text string, args []any) (sql.Result, error) {
	return t.sql.ExecContext(ctx, e.say(text), args...)
}

// few rows are quicker added one by one than copied.
const few = 4

// insertAll copies many rows at once.
func (e *postgresDialect) insertAll(ctx context.Context, t *Tx, table string, columns []string, n int, row func(int) []any) error {
	if n < few {
		return e.insertFew(ctx, t, table, columns, n, row)
	}
	return t.conn.Raw(func(driver any) error {
		from := pgx.CopyFromSlice(n, func(i int) ([]any, error) { return row(i), nil })
		_, err := driver.(*stdlib.Conn).Conn().CopyFrom(ctx, pgx.Identifier{table}, columns, from)
		return err
	})
}

func (e *postgresDialect) insertFew(ctx context.Context, t *Tx, table string, columns []string, n int, row func(int) []any) error {
	places := make([]string, len(columns))
	for i := range places {
		places[i] = "$" + strconv.Itoa(i+1)
	}
	text := `INSERT INTO ` + table + ` (` + strings.Join(columns, ", ") + `) VALUES (` + strings.Join(places, ", ") + `)`
	for i := range n {
		if _, err := t.sql.ExecContext(ctx, text, row(i)...); err != nil {
			return err
		}
	}
	return nil
}

// claim makes all in one statement, which answers with those that it made.
func (e *postgresDialect) claim(ctx context.Context, t *Tx, number int64, claims []claim) (refused []claim, err error) {
	keys, rows := make([][]byte, len(claims)), make([]int64, len(claims))
	for i := range claims {
		keys[i], rows[i] = claims[i].id[:], int64(claims[i].Row)
	}
	const text = `INSERT INTO import_claims (import, key, row) SELECT $1, c.key, c.row
		FROM unnest(CAST($2 AS BYTEA[]), CAST($3 AS BIGINT[])) WITH ORDINALITY AS c (key, row, place) ORDER BY c.place
		ON CONFLICT DO NOTHING RETURNING key, row`
	made := map[string]int{}
	err = t.each(ctx, text, []any{number, keys, rows}, func(found *sql.Rows) error {
		var key []byte
		row := 0
		err := found.Scan(&key, &row)
		made[string(key)] = row
		return err
	})
	for _, c := range claims {
		if row, ok := made[string(c.id[:])]; ok && row == c.Row {
			delete(made, string(c.id[:])) // the same again is another claim
			continue
		}
		refused = append(refused, c)
	}
	return refused, err
}

// ready locks a row as nobody does who changes it: a standby refuses that.
func (e *postgresDialect) ready(ctx context.Context, db querier) error {
	stamp := ""
	return db.QueryRowContext(ctx, stampOf+` FOR KEY SHARE`).Scan(&stamp)
}

// check reads the users and imports; the server has no cheap check of its own.
func (e *postgresDialect) check(ctx context.Context, db querier) error {
	for _, table := range []string{"users", "addresses", "imports"} {
		n := 0
		if err := db.QueryRowContext(ctx, `SELECT count(*) FROM `+table).Scan(&n); err != nil {
			return err
		}
	}
	return nil
}

// patient lifts for a transaction what a session is told about waiting. That a
// connection is broken is still found out, by the keep-alives.
func (e *postgresDialect) patient(ctx context.Context, t *sql.Tx) error {
	_, err := t.ExecContext(ctx, `SELECT set_config('idle_in_transaction_session_timeout', '0', true), set_config('tcp_user_timeout', '0', true)`)
	return err
}

func (e *postgresDialect) close() error {
	e.pool.Close()
	return nil
}
