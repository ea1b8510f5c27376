package story

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// binary builds the real program.
func binary(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "muster")
	if out, err := exec.Command("go", "build", "-o", path, "muster/cmd/muster").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return path
}

// desk is somebody at a terminal with the program and a database.
type desk struct {
	t      *testing.T
	binary string
	folder string
}

func (d *desk) command(args ...string) *exec.Cmd {
	c := exec.Command(d.binary, args...)
	c.Dir = d.folder
	c.Env = append(os.Environ(), "MUSTER_DATABASE=sqlite:muster.db", "MUSTER_BATCH=10")
	return c
}

func (d *desk) run(args ...string) string {
	d.t.Helper()
	out, err := d.command(args...).CombinedOutput()
	if err != nil {
		d.t.Fatalf("muster %s: %v: %s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// summary is what show --json prints of an import.
type summary struct {
	State    string
	Rows     int
	Outcomes map[string]int
}

func (d *desk) show(number string) (s summary) {
	d.t.Helper()
	if err := json.Unmarshal([]byte(d.run("show", number, "--json")), &s); err != nil {
		d.t.Fatal(err)
	}
	return s
}

func newDesk(t *testing.T, people int) *desk {
	d := &desk{t: t, binary: binary(t), folder: t.TempDir()}
	d.run("domain", "add", "example.org")
	var b strings.Builder
	b.WriteString("address,name\n")
	for i := range people {
		fmt.Fprintf(&b, "user%d@example.org,User %d\n", i, i)
	}
	if err := os.WriteFile(filepath.Join(d.folder, "people.csv"), []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return d
}

// until waits until an import has so many rows in an outcome.
func (d *desk) until(number, outcome string, n int) {
	d.t.Helper()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); {
		if d.show(number).Outcomes[outcome] >= n {
			return
		}
	}
	d.t.Fatalf("import %s never had %d rows %s", number, n, outcome)
}

// applying is a desk at which 6000 rows are being applied, with the first of them
// done, and what the command has said.
func applying(t *testing.T) (*desk, *exec.Cmd, *bytes.Buffer) {
	t.Helper()
	d, errors := newDesk(t, 6000), &bytes.Buffer{}
	d.run("plan", "people.csv")
	apply := d.command("apply", "1")
	apply.Stderr = errors
	if err := apply.Start(); err != nil {
		t.Fatal(err)
	}
	d.until("1", "created", 50)
	return d, apply, errors
}

// Ctrl-C ends the work at the border of a batch and says how to go on; going
// on does the rest, and each row once.
func TestInterruptedAndResumed(t *testing.T) {
	d, apply, errors := applying(t)
	if err := apply.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	apply.Wait()
	if code := apply.ProcessState.ExitCode(); code != 1 || !strings.Contains(errors.String(), "muster resume 1") {
		t.Fatalf("an interrupted apply ended with %d and said %q", code, errors.String())
	}
	half := d.show("1")
	if half.State != "applying" || half.Outcomes["created"]%10 != 0 || half.Outcomes["created"]+half.Outcomes["pending"] != 6000 {
		t.Fatalf("after the interruption the import is %+v", half)
	}
	d.run("resume", "1")
	if all := d.show("1"); all.State != "applied" || all.Outcomes["created"] != 6000 {
		t.Errorf("resumed, the import is %+v", all)
	}
	if n := strings.Count(d.run("user", "list", "--json"), "\n"); n != 6000 {
		t.Errorf("there are %d users, not 6000", n)
	}
}

// A process that is killed leaves nothing that somebody has to mend.
func TestKilledAndResumed(t *testing.T) {
	d, apply, _ := applying(t)
	if err := apply.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	apply.Wait()
	if half := d.show("1"); half.State != "applying" {
		t.Fatalf("the kill came too late: %+v", half)
	}
	d.run("apply", "1")
	if all := d.show("1"); all.State != "applied" || all.Outcomes["created"] != 6000 {
		t.Errorf("resumed, the import is %+v", all)
	}
}

// Cancelling from another terminal ends the work at the next border of a batch;
// what was applied stays, and every row is accounted for.
func TestCancelledFromElsewhere(t *testing.T) {
	d, apply, _ := applying(t)
	d.run("cancel", "1")
	apply.Wait()
	if code := apply.ProcessState.ExitCode(); code != 1 {
		t.Errorf("a cancelled apply ended with %d", code)
	}
	s := d.show("1")
	if s.State != "cancelled" || s.Outcomes["created"]+s.Outcomes["left_out"] != 6000 || s.Outcomes["left_out"] == 0 {
		t.Errorf("cancelled, the import is %+v", s)
	}
	if n := strings.Count(d.run("user", "list", "--json"), "\n"); n != s.Outcomes["created"] {
		t.Errorf("there are %d users, but %d rows were created", n, s.Outcomes["created"])
	}
}
