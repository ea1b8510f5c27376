package pgtest_test

import (
	"bufio"
	"database/sql"
	"fmt"
	"log"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"

	"muster/internal/store/pgtest"
)

// killed asks this program to start a server and then to wait: it is what
// TestNothingOutlivesATestThatIsKilled kills.
const killed = "MUSTER_TEST_KILLED"

func TestMain(m *testing.M) {
	if os.Getenv(killed) == "" {
		os.Exit(m.Run())
	}
	fmt.Println(pgtest.Shared(patient{}).URL("postgres"))
	select {}
}

// patient is a test that goes on until it is killed.
type patient struct{}

func (patient) Helper()           {}
func (patient) Fatal(args ...any) { log.Fatal(args...) }
func (patient) Cleanup(func())    {}

func open(t *testing.T, url string) *sql.DB {
	t.Helper()
	db, err := sql.Open("pgx", url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func run(t *testing.T, db *sql.DB, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if _, err := db.Exec(text); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
	}
}

func list(t *testing.T, db *sql.DB, text string) (values []string) {
	t.Helper()
	rows, err := db.Query(text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	defer rows.Close()
	for rows.Next() {
		var v string
		if err := rows.Scan(&v); err != nil {
			t.Fatal(err)
		}
		values = append(values, v)
	}
	return values
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestADatabaseIsEmptyAndItsOwnersOnly(t *testing.T) {
	s := pgtest.Shared(t)
	one, other := open(t, s.Database(t)), open(t, s.Database(t))
	run(t, one, `CREATE TABLE words (word TEXT)`)
	if got := list(t, other, `SELECT tablename FROM pg_tables WHERE schemaname = 'public'`); len(got) > 0 {
		t.Errorf("a fresh database has %q", got)
	}
	if got := list(t, one, `SELECT rolsuper::text FROM pg_roles WHERE rolname = current_user`); !slices.Equal(got, []string{"false"}) {
		t.Errorf("its owner is a superuser: %q", got)
	}
}

func TestTextIsOrderedAsInEnglish(t *testing.T) {
	db := open(t, pgtest.Shared(t).Database(t))
	const words = `FROM (VALUES ('b'), ('B'), ('a'), ('_')) AS w (word)`
	if got := list(t, db, `SELECT word `+words+` ORDER BY word`); !slices.Equal(got, []string{"_", "a", "b", "B"}) {
		t.Errorf("ordered %q", got)
	}
	if got := list(t, db, `SELECT word `+words+` ORDER BY word COLLATE "C"`); !slices.Equal(got, []string{"B", "_", "a", "b"}) {
		t.Errorf("by bytes %q", got)
	}
}

func TestACopyHasTheSameInIt(t *testing.T) {
	s := pgtest.Shared(t)
	original := s.Database(t)
	first := open(t, original)
	run(t, first, `CREATE TABLE words (word TEXT)`, `INSERT INTO words VALUES ('one')`)
	second := open(t, s.Copy(t, original))
	run(t, second, `INSERT INTO words VALUES ('two')`)
	if got := list(t, second, `SELECT word FROM words ORDER BY word`); !slices.Equal(got, []string{"one", "two"}) {
		t.Errorf("the copy has %q", got)
	}
	if got := list(t, open(t, original), `SELECT word FROM words`); !slices.Equal(got, []string{"one"}) {
		t.Errorf("the original has %q", got)
	}
}

// TestWhatIsCommittedOutlives ends a server in each way and starts it again.
func TestWhatIsCommittedOutlives(t *testing.T) {
	s := pgtest.Start(t)
	url := s.Database(t)
	run(t, open(t, url), `CREATE TABLE words (word TEXT)`)
	for name, end := range map[string]func() error{"stop": s.Stop, "kill": s.Kill} {
		t.Run(name, func(t *testing.T) {
			run(t, open(t, url), `INSERT INTO words VALUES ('`+name+`')`)
			must(t, end())
			if err := open(t, url).Ping(); err == nil {
				t.Error("it still answers")
			}
			must(t, s.Restart())
			if got := list(t, open(t, url), `SELECT word FROM words`); !slices.Contains(got, name) {
				t.Errorf("it kept %q", got)
			}
		})
	}
}

func TestAStandbyTakesOver(t *testing.T) {
	s := pgtest.Start(t)
	url := s.Database(t)
	standby := s.Standby(t)
	run(t, open(t, url), `CREATE TABLE words (word TEXT)`, `INSERT INTO words VALUES ('kept')`)
	name := url[strings.LastIndex(url, "/")+1 : strings.Index(url, "?")]
	replica := open(t, standby.URL(name))
	if _, err := replica.Exec(`INSERT INTO words VALUES ('refused')`); err == nil {
		t.Error("one may write to a standby")
	}
	must(t, s.Kill())
	must(t, standby.Promote())
	run(t, replica, `INSERT INTO words VALUES ('later')`)
	if got := list(t, replica, `SELECT word FROM words ORDER BY word`); !slices.Equal(got, []string{"kept", "later"}) {
		t.Errorf("it has %q", got)
	}
}

// TestNothingOutlivesATestThatIsKilled has a folder that its server's user may
// reach, and looks there for what is left.
func TestNothingOutlivesATestThatIsKilled(t *testing.T) {
	folder, err := os.MkdirTemp("", "muster-killed-")
	must(t, err)
	defer os.RemoveAll(folder)
	must(t, os.Chmod(folder, 0o777))
	c := exec.Command(os.Args[0])
	c.Stderr = os.Stderr
	c.Env = append(os.Environ(), killed+"=yes", "TMPDIR="+folder)
	out, err := c.StdoutPipe()
	must(t, err)
	must(t, c.Start())
	url, err := bufio.NewReader(out).ReadString('\n')
	must(t, err)
	must(t, open(t, strings.TrimSpace(url)).Ping())
	must(t, c.Process.Kill())
	c.Wait()
	for end := time.Now().Add(time.Minute); ; <-time.After(10 * time.Millisecond) {
		left, err := os.ReadDir(folder)
		must(t, err)
		if len(left) == 0 {
			break
		}
		if time.Now().After(end) {
			t.Fatal("what a killed test started is still there")
		}
	}
	if err := open(t, strings.TrimSpace(url)).Ping(); err == nil {
		t.Error("the server of a killed test still answers")
	}
}
