package importertest

import (
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"

	"muster/internal/store/pgtest"
)

// engineVariable names the engine on which tests run: sqlite, where it is not set,
// or postgres.
const engineVariable = "MUSTER_TEST_DATABASE"

// onServer reports whether tests run on PostgreSQL. An engine that nobody knows
// ends the tests: they would prove nothing of it.
func onServer() bool {
	switch engine := os.Getenv(engineVariable); engine {
	case "", "sqlite":
		return false
	case "postgres":
		return true
	default:
		panic(engineVariable + "=" + engine + ": there are sqlite and postgres")
	}
}

// Database names a database that is not set up yet, and is gone when the test
// ends, on the engine on which the tests run.
func Database(t TB) string {
	t.Helper()
	if onServer() {
		return pgtest.Shared(t).Database(t)
	}
	return "sqlite:" + filepath.Join(folder(t), "muster.db")
}

// saved is a database that others begin as.
type saved struct {
	name    string
	content []byte // of the file of SQLite
}

// save keeps a database, on which nobody works just now, for copies.
func save(t TB, name string) saved {
	t.Helper()
	if onServer() {
		return saved{name: name}
	}
	whole := filepath.Join(folder(t), "whole.db")
	db := Raw(t, name)
	defer db.Close()
	_, err := db.Exec(`VACUUM INTO $1`, whole)
	content, reading := os.ReadFile(whole)
	if err := errors.Join(err, reading); err != nil {
		t.Fatal(err)
	}
	return saved{name, content}
}

// again makes a database that has the same in it.
func (s saved) again(t TB) string {
	t.Helper()
	if onServer() {
		return pgtest.Shared(t).Copy(t, s.name)
	}
	name := Database(t)
	if err := os.WriteFile(file(name), s.content, 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// forever is a test that does not end before the others.
type forever struct{ TB }

func (forever) Cleanup(func()) {}

// file is the file of an SQLite database.
func file(name string) string { return strings.TrimPrefix(name, "sqlite:") }

// Raw opens a database for what no program does: behind the back of Muster, which
// may be at work on it.
func Raw(t TB, name string) *sql.DB {
	t.Helper()
	driver, source := "pgx", name
	if strings.HasPrefix(name, "sqlite:") {
		driver, source = "sqlite", "file:"+file(name)+"?_pragma=foreign_keys(1)&_pragma=busy_timeout(10000)"
	}
	db, err := sql.Open(driver, source)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// raw is that of the World's database, opened once.
func (w *World) raw() *sql.DB {
	w.T.Helper()
	w.once.Do(func() { w.db = Raw(w.T, w.Database) })
	return w.db
}

// Exec changes the database behind Muster's back.
func (w *World) Exec(text string, args ...any) {
	w.T.Helper()
	_, err := w.raw().Exec(text, args...)
	w.must(err)
}

// ExecUnguarded is Exec where nothing sees to it that what is referred to is there,
// now or, on PostgreSQL, ever after.
func (w *World) ExecUnguarded(text string, args ...any) {
	w.T.Helper()
	if !onServer() {
		db, err := sql.Open("sqlite", file(w.Database))
		w.must(err)
		defer db.Close()
		_, err = db.Exec(text, args...)
		w.must(err)
		return
	}
	w.Exec(`DO $$ DECLARE c record; BEGIN
		FOR c IN SELECT conrelid::regclass AS place, conname FROM pg_constraint WHERE contype = 'f' LOOP
			EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', c.place, c.conname);
		END LOOP;
	END $$`)
	w.Exec(text, args...)
}

// Ask asks the database itself for one value.
func Ask[T any](w *World, text string, args ...any) (value T) {
	w.T.Helper()
	w.must(w.raw().QueryRow(text, args...).Scan(&value))
	return value
}

// List returns all that a query finds, the values of a row side by side.
func (w *World) List(text string, args ...any) string {
	w.T.Helper()
	list, err := listed(w.raw(), text, args...)
	w.must(err)
	return list
}

func listed(db *sql.DB, text string, args ...any) (string, error) {
	rows, err := db.Query(text, args...)
	if err != nil {
		return "", err
	}
	defer rows.Close()
	names, err := rows.Columns()
	if err != nil {
		return "", err
	}
	values, places := make([]any, len(names)), make([]any, len(names))
	for i := range values {
		places[i] = &values[i]
	}
	var b strings.Builder
	for rows.Next() {
		if err := rows.Scan(places...); err != nil {
			return "", err
		}
		for _, v := range values {
			if bytes, ok := v.([]byte); ok {
				v = fmt.Sprintf("%x", bytes)
			}
			fmt.Fprintf(&b, "%v ", v)
		}
		b.WriteString("\n")
	}
	return b.String(), rows.Err()
}

// Refuse lets the database refuse to INSERT or to DELETE the user of an address.
func (w *World) Refuse(what, address string) {
	w.T.Helper()
	row := map[string]string{"INSERT": "NEW", "DELETE": "OLD"}[what]
	when := fmt.Sprintf(`BEFORE %s ON users FOR EACH ROW WHEN (%s.address = '%s')`, what, row, address)
	if onServer() {
		w.Exec(`CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
			$$ BEGIN RAISE EXCEPTION 'disk is odd' USING ERRCODE = 'check_violation'; END $$`)
		w.Exec(`CREATE TRIGGER refuse ` + when + ` EXECUTE FUNCTION refuse()`)
		return
	}
	w.Exec(`CREATE TRIGGER refuse ` + when + ` BEGIN SELECT RAISE(ABORT, 'disk is odd'); END`)
}

// Kept returns all that a database keeps, as it keeps it: its files, or the rows of
// its tables on a server.
func Kept(t TB, name string) map[string][]byte {
	t.Helper()
	kept := map[string][]byte{}
	if !onServer() {
		files, _ := filepath.Glob(file(name) + "*")
		for _, f := range files {
			content, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			kept[filepath.Base(f)] = content
		}
		return kept
	}
	db := Raw(t, name)
	defer db.Close()
	tables, err := listed(db, `SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'`)
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range strings.Fields(tables) {
		content, err := listed(db, `SELECT * FROM `+table)
		if err != nil {
			t.Fatal(err)
		}
		kept["table "+table] = []byte(content)
	}
	return kept
}

// Locking are the statements that begin a transaction beside which nobody else
// writes.
func Locking() []string {
	if onServer() {
		return []string{`BEGIN`, `LOCK TABLE imports, users IN EXCLUSIVE MODE`}
	}
	return []string{`BEGIN IMMEDIATE`}
}

// behind is what a World needs to be looked at behind Muster's back.
type behind struct {
	once sync.Once
	db   *sql.DB
}

// Environment is that of the program for a Muster that is not set up yet and has
// its files in a folder.
func Environment(t TB, folder string) []string {
	t.Helper()
	if onServer() {
		return []string{"MUSTER_DATABASE=" + Database(t), "MUSTER_SECRET_KEY_FILE=" + filepath.Join(folder, "secret.key")}
	}
	return []string{"MUSTER_DATABASE=sqlite:" + filepath.Join(folder, "muster.db")}
}

// CopyOfEnvironment is that of a Muster with the same database, on which nobody
// works meanwhile, and its files in another folder.
func CopyOfEnvironment(t TB, environment []string, folder string) []string {
	t.Helper()
	if !onServer() {
		return Environment(t, folder)
	}
	name := strings.TrimPrefix(environment[0], "MUSTER_DATABASE=")
	return []string{"MUSTER_DATABASE=" + save(t, name).again(t), "MUSTER_SECRET_KEY_FILE=" + filepath.Join(folder, "secret.key")}
}
