package trouble

import (
	"bytes"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"muster/internal/store/pgtest"
	"muster/test/desk"
)

// office is a process of muster work, with what it logs.
type office struct {
	t       *testing.T
	process *exec.Cmd
	log     *logged
}

// logged keeps what is written to it and says when there is more.
type logged struct {
	mu   sync.Mutex
	text bytes.Buffer
	more chan struct{}
}

func (l *logged) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	select {
	case l.more <- struct{}{}:
	default:
	}
	return l.text.Write(b)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// working starts muster work or muster serve, and waits until it works.
func working(t *testing.T, d *desk.Desk, command string) *office {
	t.Helper()
	o := &office{t: t, process: d.Command(command), log: &logged{more: make(chan struct{}, 1)}}
	o.process.Stderr = o.log
	o.process.Env = append(o.process.Env, "MUSTER_LISTEN=127.0.0.1:0")
	if err := o.process.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { o.process.Process.Kill(); o.process.Wait() })
	o.until(`"msg":"working"`, time.Minute)
	return o
}

// until waits until the log has a text.
func (o *office) until(text string, limit time.Duration) {
	o.t.Helper()
	for over := time.After(limit); !strings.Contains(o.log.String(), text); {
		select {
		case <-o.log.more:
		case <-over:
			o.t.Fatalf("after %v the log has no %s:\n%s", limit, text, o.log)
		}
	}
}

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
func detached(t *testing.T, database string) (*desk.Desk, *office) {
	t.Helper()
	d := desk.New(t)
	d.Env = []string{"MUSTER_DATABASE=" + database, "MUSTER_BATCH=10", "MUSTER_WORKERS=2"}
	d.File("people.csv", desk.People(6000))
	d.Run("domain", "add", "example.org")
	o := working(t, d, "work")
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
			second := working(t, d, "serve")
			if err := first.process.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			second.until(`"msg":"begun","import":1`, at.within)
			if strings.Contains(first.log.String(), `"msg":"ended"`) {
				t.Fatal("the kill came too late")
			}
			second.until(`"msg":"ended","import":1`, time.Minute)
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
			if err := o.process.Process.Signal(signal); err != nil {
				t.Fatal(err)
			}
			if err := o.process.Wait(); err != nil {
				t.Fatalf("it ended with %v:\n%s", err, o.log)
			}
			half := d.Show("1")
			if half.State != "applying" || half.Outcomes["created"]%10 != 0 {
				t.Fatalf("stopped, the import is %+v", half)
			}
			d.Run("resume", "1")
			wantAllOnce(t, d)
		})
	}
}
