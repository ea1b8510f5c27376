package trouble

import (
	"cmp"
	"database/sql"
	"flag"
	"fmt"
	"math/rand/v2"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"

	"muster/test/desk"
)

// What happens to imports on PostgreSQL when its server is stopped, crashes, is
// replaced by a standby or runs out of disk, and when processes that work on one
// database are killed. Each test starts servers of its own.
var (
	pgSeed = flag.Uint64("pg.seed", 0, "seed of the moments at which servers and processes end; 0: another each time")
	pgRows = flag.Int("pg.rows", 20_000, "rows of the file that is imported while the server is stopped and started")
)

// pgRandom draws what a test does to its servers and processes.
func pgRandom(t *testing.T, test uint64) *rand.Rand {
	seed := cmp.Or(*pgSeed, uint64(time.Now().UnixNano()))
	t.Logf("-pg.seed=%d", seed)
	return rand.New(rand.NewPCG(seed, test))
}

// remote is a desk whose database is on a server, with a way to look at that
// database behind the back of the program.
type remote struct {
	*desk.Desk
	t   *testing.T
	url string
	db  *sql.DB
}

// at is a desk at a database of a server.
func at(t *testing.T, url string) *remote {
	t.Helper()
	d := desk.New(t)
	d.Env = append(slices.Clone(cheap), "MUSTER_DATABASE="+url)
	db, err := sql.Open("pgx", url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return &remote{d, t, url, db}
}

// here is a desk like those at servers, with the database that all tests have.
func here(t *testing.T) *desk.Desk {
	t.Helper()
	d := desk.New(t)
	d.Env = append(d.Env, cheap...)
	return d
}

// far is how far an import is, as one statement sees it: planned counts the rows
// of the plan so far, applied those that the mark has passed, and done those of
// whose user the history tells.
type far struct {
	state                  string
	planned, applied, done int
}

// row is the number by which progress is measured: that of all rows planned, then
// applied.
func (f far) row() int { return f.planned + f.applied }

// far asks again until the server answers.
func (r *remote) far(number int) (f far) {
	r.t.Helper()
	const text = `SELECT state, (SELECT COALESCE(max(row), 0) FROM import_rows WHERE import = number), next_row - 1,
		(SELECT count(*) FROM history WHERE import = number AND row > 0) FROM imports WHERE number = $1`
	for end := time.Now().Add(time.Minute); ; <-time.After(time.Millisecond) {
		err := r.db.QueryRow(text, number).Scan(&f.state, &f.planned, &f.applied, &f.done)
		switch {
		case err == nil:
			return f
		case err == sql.ErrNoRows:
			return far{}
		case time.Now().After(end):
			r.t.Fatal(err)
		}
	}
}

// silent makes the holder of an import's lease, who has died, one who has not been
// heard of for half a minute: so long nobody wants to wait.
func (r *remote) silent(number int) {
	r.t.Helper()
	if _, err := r.db.Exec(`UPDATE imports SET seen_at = seen_at - 30000000 WHERE number = $1`, number); err != nil {
		r.t.Fatal(err)
	}
}

// command is a command that runs.
type command struct {
	*exec.Cmd
	said  fmt.Stringer
	ended chan struct{}
}

func (r *remote) begin(args ...string) *command {
	r.t.Helper()
	c := &command{ended: make(chan struct{})}
	c.Cmd, c.said = r.Start(args...)
	go func() { c.Wait(); close(c.ended) }()
	r.t.Cleanup(func() { c.Process.Kill(); <-c.ended })
	return c
}

func (c *command) runs() bool {
	select {
	case <-c.ended:
		return false
	default:
		return true
	}
}

// until looks at an import until it has come to a row, or to its end.
func (r *remote) until(c *command, number, row int) (f far) {
	r.t.Helper()
	for c.runs() {
		if f = r.far(number); f.row() >= row || f.state == "applied" {
			return f
		}
	}
	return f
}

// well waits for the end of a command, which has to be good.
func (c *command) well(t *testing.T) {
	t.Helper()
	<-c.ended
	if code := c.ProcessState.ExitCode(); code != 0 {
		t.Errorf("%v ended with %d: %s", c.Args[1:], code, c.said)
	}
}

// errandOfAll is a file of which every row changes one user: a tenth are there
// already.
func errandOfAll(rows int) (before, file string) {
	var b, f strings.Builder
	b.WriteString("address,name\n")
	f.WriteString("address,name,department,alias1,group1,attr.Room\n")
	for i := range rows {
		alias, group := "", ""
		if i%10 == 0 {
			fmt.Fprintf(&b, "user%d@example.org,Old %d\n", i, i)
			alias, group = fmt.Sprintf("a%d@example.org", i), "Wards"
		}
		fmt.Fprintf(&f, "user%d@example.org,User %d,Ward %d,%s,%s,R%d\n", i, i, i%7, alias, group, i%40)
	}
	return b.String(), f.String()
}

// ready makes all that the file needs; the file's will be import 2.
func ready(d *desk.Desk, before, file string) {
	d.File("before.csv", before)
	d.File("file.csv", file)
	d.Run("domain", "add", "example.org")
	d.Run("org", "set", "MASTER", "--threshold-users", "100000")
	d.Run("group", "add", "Wards")
	d.Run("import", "before.csv", "--yes")
	d.Env = append(d.Env, "MUSTER_BATCH=250")
}

var importIt = []string{"import", "file.csv", "--yes"}

// came is what came of an import: the directory and the counts of its rows.
func came(d *desk.Desk, number string) []string {
	return append(lines(d.Run("user", "list", "--json")), fmt.Sprintf("%+v", d.Show(number)))
}

// undisturbed is what comes of the file where nothing happens.
func undisturbed(t *testing.T, before, file string) []string {
	t.Helper()
	d := here(t)
	ready(d, before, file)
	d.Run(importIt...)
	return came(d, "2")
}
