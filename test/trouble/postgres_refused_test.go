package trouble

import (
	"strings"
	"testing"

	"muster/internal/store/pgtest"
)

// refusing lets the server refuse what is written into a table when so many
// rows have come, for as long as a condition holds. The sequence counts also what
// is rolled back.
func (r *remote) refusing(table, state, condition string) {
	r.t.Helper()
	_, err := r.db.Exec(`CREATE SEQUENCE tries; CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
		IF nextval('tries') ` + condition + ` THEN RAISE EXCEPTION USING ERRCODE = '` + state + `'; END IF;
		RETURN NEW; END $$;
		CREATE TRIGGER refuse BEFORE INSERT ON ` + table + ` FOR EACH ROW EXECUTE FUNCTION refuse()`)
	if err != nil {
		r.t.Fatal(err)
	}
}

const refusedRows = 2000

// TestBrokenOffByTheServer: transactions that the server breaks off because of what
// others do are made again, and the import ends by itself.
func TestBrokenOffByTheServer(t *testing.T) {
	t.Parallel()
	before, file := errandOfAll(refusedRows)
	want := undisturbed(t, before, file)
	for name, state := range map[string]string{"a serialization failure": "40001", "a deadlock": "40P01"} {
		for stage, table := range map[string]string{"planning": "import_rows", "applying": "history"} {
			t.Run(name+" while "+stage, func(t *testing.T) {
				t.Parallel()
				r := at(t, pgtest.Shared(t).Database(t))
				ready(r.Desk, before, file)
				r.refusing(table, state, `IN (700, 1900)`)
				r.begin(importIt...).well(t)
				same(t, "broken off now and then", came(r.Desk, "2"), want)
			})
		}
	}
}

// TestTheServersDiskIsFull: the command ends with 3, says so and how to go on; the
// import stands at the border of a batch, and resume takes it up there.
func TestTheServersDiskIsFull(t *testing.T) {
	t.Parallel()
	before, file := errandOfAll(refusedRows)
	r := at(t, pgtest.Shared(t).Database(t))
	ready(r.Desk, before, file)
	r.refusing("history", "53100", `> 1100`)
	_, said, code := r.Try(importIt...)
	if code != 3 || !strings.Contains(said, "the disk of its server is full") || !strings.Contains(said, "muster resume 2") {
		t.Errorf("the command ended with %d: %s", code, said)
	}
	if now := r.far(2); now.state != "applying" || now.applied != 1000 || now.done != 1000 {
		t.Errorf("it stopped at %+v", now)
	}
	if _, err := r.db.Exec(`DROP TRIGGER refuse ON history`); err != nil {
		t.Fatal(err)
	}
	r.Run("resume", "2")
	same(t, "after there was room", came(r.Desk, "2"), undisturbed(t, before, file))
}

// TestTheServerStaysAway: the work ends when it has waited long enough, and says
// how to go on.
func TestTheServerStaysAway(t *testing.T) {
	t.Parallel()
	before, file := errandOfAll(refusedRows)
	server := pgtest.Start(t)
	r := at(t, server.Database(t))
	ready(r.Desk, before, file)
	r.Env = append(r.Env, "MUSTER_WAIT=1", "MUSTER_BATCH=2") // slow enough not to be done before the server is
	c := r.begin(importIt...)
	r.until(c, 2, refusedRows+200)
	if err := server.Kill(); err != nil {
		t.Fatal(err)
	}
	<-c.ended
	if code, said := c.ProcessState.ExitCode(), c.said.String(); code != 3 || !strings.Contains(said, "cannot be reached") || !strings.Contains(said, "muster resume 2") {
		t.Errorf("the command ended with %d: %s", code, said)
	}
	if err := server.Restart(); err != nil {
		t.Fatal(err)
	}
	if now := r.far(2); now.state != "applying" || now.done != now.applied {
		t.Errorf("it stopped at %+v", now)
	}
	r.silent(2) // it could not give its lease back
	r.Run("resume", "2")
	same(t, "when the server was back", came(r.Desk, "2"), undisturbed(t, before, file))
}
