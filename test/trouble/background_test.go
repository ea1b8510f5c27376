package trouble

import (
	"strings"
	"syscall"
	"testing"
	"time"

	"muster/internal/store/pgtest"
	"muster/test/desk"
)

// offices are the engines, and how soon the work of a process that was killed is
// taken over there.
var offices = map[string]struct {
	database func(*testing.T) string
	within   time.Duration
}{
	"sqlite":   {func(*testing.T) string { return "sqlite:muster.db" }, 5 * time.Second},
	"postgres": {func(t *testing.T) string { return pgtest.Shared(t).Database(t) }, 30 * time.Second},
}

// detached is a desk at which one process works in the background on 6000 rows
// that were left to it, with the first of them done.
func detached(t *testing.T, database string) (*desk.Desk, *desk.Office) {
	t.Helper()
	d := desk.New(t)
	d.Env = []string{"MUSTER_DATABASE=" + database, "MUSTER_BATCH=10", "MUSTER_WORKERS=2"}
	d.File("people.csv", desk.People(6000))
	d.Run("domain", "add", "example.org")
	o := d.Working("work")
	if number := strings.TrimSpace(d.Run("import", "people.csv", "--yes", "--detach")); number != "1" {
		t.Fatalf("--detach printed %q", number)
	}
	d.Until("1", "created", 10)
	return d, o
}

func wantAllOnce(t *testing.T, d *desk.Desk) {
	t.Helper()
	if all := d.Show("1"); all.State != "applied" || all.Outcomes["created"] != 6000 {
		t.Errorf("in the end the import is %+v", all)
	}
	if n := strings.Count(d.Run("user", "list", "--json"), "\n"); n != 6000 {
		t.Errorf("there are %d users, not 6000", n)
	}
}

// The work of a process that was killed is taken over by another, soon enough,
// and each row is applied once.
func TestKilledInTheBackground(t *testing.T) {
	for engine, at := range offices {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			d, first := detached(t, at.database(t))
			second := d.Working("serve")
			if err := first.Process.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			second.Until(`"msg":"begun","import":1`, at.within)
			if strings.Contains(first.Log(), `"msg":"ended"`) {
				t.Fatal("the kill came too late")
			}
			second.Until(`"msg":"ended","import":1`, time.Minute)
			wantAllOnce(t, d)
		})
	}
}

// A process that is told to stop ends well at the border of a batch; whoever asks
// for the rest at a terminal does it at once.
func TestStoppedInTheBackground(t *testing.T) {
	for engine, signal := range map[string]syscall.Signal{"sqlite": syscall.SIGTERM, "postgres": syscall.SIGINT} {
		t.Run(engine+" "+signal.String(), func(t *testing.T) {
			t.Parallel()
			d, o := detached(t, offices[engine].database(t))
			o.Stopped(signal, time.Minute)
			half := d.Show("1")
			if half.State != "applying" || half.Outcomes["created"]%10 != 0 {
				t.Fatalf("stopped, the import is %+v", half)
			}
			d.Run("resume", "1")
			wantAllOnce(t, d)
		})
	}
}
