package trouble

import (
	"bytes"
	"context"
	"database/sql"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"muster/internal/importer"
	"muster/internal/importer/importertest"
	"muster/internal/store"
	"muster/test/desk"
)

// locked is how long another program keeps the database. Muster waits for a
// minute; longer than that, and its command ends.
var (
	locked   = flag.Duration("locked", 5*time.Second, "how long another program keeps the database")
	patience = time.Minute
)

// stranger is another program at the database, which begins and ends a
// transaction when the test tells it to.
type stranger struct {
	t    testing.TB
	conn *sql.Conn
}

func visit(t testing.TB, name string) *stranger {
	t.Helper()
	conn, err := importertest.Raw(t, name).Conn(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return &stranger{t, conn}
}

func (s *stranger) does(statement string) {
	s.t.Helper()
	if _, err := s.conn.ExecContext(context.Background(), statement); err != nil {
		s.t.Fatal(err)
	}
}

// locks begins a transaction beside which nobody else writes.
func (s *stranger) locks() {
	s.t.Helper()
	for _, statement := range importertest.Locking() {
		s.does(statement)
	}
}

func (s *stranger) users() (n int) {
	s.t.Helper()
	if err := s.conn.QueryRowContext(context.Background(), `SELECT count(*) FROM users`).Scan(&n); err != nil {
		s.t.Fatal(err)
	}
	return n
}

const lockedRows = 2000

// Somebody who reads, a backup or a report, holds nobody up, however long it
// takes: imports are made and undone meanwhile, and the reader sees what was there
// when it began. The log cannot be brought into the database so long; when the
// reader has gone, it is.
func TestReaderHoldsNobodyUp(t *testing.T) {
	t.Parallel()
	d := desk.OnFile(t)
	d.File("people.csv", desk.People(lockedRows))
	d.Run("domain", "add", "example.org")
	d.Run("user", "add", "ann@example.org", "--name", "Ann")
	reader := visit(t, d.Database())
	reader.does("BEGIN")
	if n := reader.users(); n != 1 {
		t.Fatalf("the reader saw %d users", n)
	}
	for began := time.Now(); ; {
		d.Run("import", "people.csv", "--yes")
		if time.Since(began) > *locked {
			break
		}
		d.Run("undo", latest(d), "--confirm", strconv.Itoa(lockedRows))
	}
	if n := reader.users(); n != 1 {
		t.Errorf("the reader sees %d users in the middle of its transaction", n)
	}
	log := filepath.Join(d.Folder, "muster.db-wal")
	if info, err := os.Stat(log); err != nil || info.Size() < 1<<20 {
		t.Errorf("the reader did not hold the log: %v, %v", info, err)
	}
	reader.does("COMMIT")
	if n := reader.users(); n != lockedRows+1 {
		t.Errorf("afterwards the reader sees %d users", n)
	}
	if err := reader.conn.Close(); err != nil {
		t.Fatal(err)
	}
}

// Somebody else who writes is waited for, and meanwhile everything can be read.
// Who writes for too long ends the command with 3, and it is resumed later.
func TestAnotherWriterIsWaitedFor(t *testing.T) {
	t.Parallel()
	d := desk.New(t)
	d.File("people.csv", desk.People(lockedRows))
	d.Run("domain", "add", "example.org")
	d.Run("plan", "people.csv")
	writer := visit(t, d.Database())
	writer.locks()
	apply, said := d.Start("apply", "1")
	ended := make(chan struct{})
	go func() { apply.Wait(); close(ended) }()
	if s := d.Show("1"); s.State != "planned" || s.Outcomes["pending"] != lockedRows {
		t.Errorf("while another program writes, the import is %+v", s)
	}
	select {
	case <-ended:
		tooLong(t, apply, said)
	case <-time.After(*locked):
	}
	writer.does("COMMIT")
	<-ended
	if code := apply.ProcessState.ExitCode(); code != 0 && *locked < patience {
		t.Errorf("the apply that waited ended with %d and said %q", code, said)
	}
	d.Run("resume", "1")
	if s := d.Show("1"); s.State != "applied" || s.Outcomes["created"] != lockedRows {
		t.Errorf("in the end the import is %+v", s)
	}
}

// tooLong checks what a command says that waited in vain.
func tooLong(t *testing.T, c *exec.Cmd, said *bytes.Buffer) {
	t.Helper()
	if *locked < patience {
		t.Error("the command did not wait")
	}
	if code := c.ProcessState.ExitCode(); code != 3 || !strings.Contains(said.String(), "another program keeps it locked. Wait until that is done") {
		t.Errorf("a command that waited in vain ended with %d and said %q", code, said)
	}
}

// Whoever takes the database in the middle of an apply or of an undo, and keeps it
// for longer than Muster waits, leaves whole batches, and the rest is done later.
func TestAnotherWriterTakesTooLong(t *testing.T) {
	const rows, batch = 60, 10
	w := importertest.New(t)
	imp := w.Plan(desk.People(rows), importer.Options{Org: "RX1"})
	hasty := *w.Importer
	s, err := store.Open(context.Background(), w.Database, store.Wait(50*time.Millisecond))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	hasty.Store, hasty.Batch = s, batch
	stages := []struct {
		name     string
		do       func() (*importer.Import, error)
		stopped  importer.State
		outcome  importer.Outcome
		finished importer.State
	}{
		{"apply", func() (*importer.Import, error) {
			return hasty.Apply(context.Background(), importertest.Operator, imp.Number, 0)
		},
			importer.Applying, importer.Created, importer.Applied},
		{"undo", func() (*importer.Import, error) {
			return hasty.Undo(context.Background(), importertest.Operator, imp.Number, rows)
		}, importer.Undoing, importer.Reversed, importer.Undone},
	}
	for _, stage := range stages {
		writer := visit(t, w.Database)
		hasty.Report = func(p importer.Progress) {
			if p.Done == batch {
				writer.locks()
			}
		}
		if _, err := stage.do(); !strings.Contains(store.Reason(err), "another program keeps it locked") {
			t.Fatalf("%s beside another writer: %v", stage.name, err)
		}
		half, err := w.Importer.Import(context.Background(), importertest.Operator, imp.Number)
		if err != nil || half.State != stage.stopped || half.OutcomeCounts()[stage.outcome] != batch {
			t.Errorf("%s beside another writer left %v %v (%v)", stage.name, half.State, half.OutcomeCounts(), err)
		}
		writer.does("COMMIT")
		hasty.Report = nil
		if _, err := stage.do(); err != nil {
			t.Errorf("%s, later: %v", stage.name, err)
		}
		done, err := w.Importer.Import(context.Background(), importertest.Operator, imp.Number)
		if err != nil || done.State != stage.finished || done.OutcomeCounts()[stage.outcome] != rows {
			t.Errorf("%s, later, left %v %v (%v)", stage.name, done.State, done.OutcomeCounts(), err)
		}
	}
	if left := w.Users(); len(left) > 0 {
		t.Errorf("after the undo there are %v", left)
	}
}
