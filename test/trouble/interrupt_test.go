package trouble

import (
	"bytes"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"muster/test/desk"
)

// applying is a desk at which 6000 rows are being applied, with the first of them
// done, and what the command has said.
func applying(t *testing.T) (*desk.Desk, *exec.Cmd, *bytes.Buffer) {
	t.Helper()
	d := desk.New(t)
	d.Env = append(d.Env, "MUSTER_BATCH=10")
	d.File("people.csv", desk.People(6000))
	d.Run("domain", "add", "example.org")
	d.Run("plan", "people.csv")
	apply, errors := d.Start("apply", "1")
	d.Until("1", "created", 50)
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
	half := d.Show("1")
	if half.State != "applying" || half.Outcomes["created"]%10 != 0 || half.Outcomes["created"]+half.Outcomes["pending"] != 6000 {
		t.Fatalf("after the interruption the import is %+v", half)
	}
	d.Run("resume", "1")
	if all := d.Show("1"); all.State != "applied" || all.Outcomes["created"] != 6000 {
		t.Errorf("resumed, the import is %+v", all)
	}
	if n := strings.Count(d.Run("user", "list", "--json"), "\n"); n != 6000 {
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
	if half := d.Show("1"); half.State != "applying" {
		t.Fatalf("the kill came too late: %+v", half)
	}
	d.Run("apply", "1")
	if all := d.Show("1"); all.State != "applied" || all.Outcomes["created"] != 6000 {
		t.Errorf("resumed, the import is %+v", all)
	}
}

// Cancelling from another terminal ends the work at the next border of a batch;
// what was applied stays, and every row is accounted for.
func TestCancelledFromElsewhere(t *testing.T) {
	d, apply, _ := applying(t)
	d.Run("cancel", "1")
	apply.Wait()
	if code := apply.ProcessState.ExitCode(); code != 1 {
		t.Errorf("a cancelled apply ended with %d", code)
	}
	s := d.Show("1")
	if s.State != "cancelled" || s.Outcomes["created"]+s.Outcomes["left_out"] != 6000 || s.Outcomes["left_out"] == 0 {
		t.Errorf("cancelled, the import is %+v", s)
	}
	if n := strings.Count(d.Run("user", "list", "--json"), "\n"); n != s.Outcomes["created"] {
		t.Errorf("there are %d users, but %d rows were created", n, s.Outcomes["created"])
	}
}
