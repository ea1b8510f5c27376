package trouble

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"muster/test/desk"
)

// saving is a desk with a directory of some thousand users and a backup of it.
func saving(t *testing.T, d *desk.Desk) []byte {
	t.Helper()
	d.File("people.csv", desk.People(3000))
	d.Run("domain", "add", "example.org")
	d.Run("import", "people.csv", "--yes")
	d.Run("backup", "muster.backup")
	return content(t, d, "muster.backup")
}

func content(t *testing.T, d *desk.Desk, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(d.Folder, name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// A backup for which there is no room leaves the last one as it was, and nothing
// of its own.
func TestBackupWithoutRoom(t *testing.T) {
	d := desk.OnFile(t)
	before := saving(t, d)
	d.Limit = int64(len(before)) / 2
	_, said, code := d.Try("backup", "muster.backup")
	d.Limit = 0
	if code != 1 || !strings.Contains(said, "muster.backup cannot be written") {
		t.Errorf("it ended with %d and said %q", code, said)
	}
	if !bytes.Equal(content(t, d, "muster.backup"), before) {
		t.Error("the last backup was changed")
	}
	d.Run("backup", "muster.backup") // which a file left behind would keep it from
}

// A restore that is killed leaves a database that has nothing in it. It has read
// more than a pipe holds by then.
func TestKilledWhileRestoring(t *testing.T) {
	from, to := desk.New(t), desk.New(t)
	file := saving(t, from)
	to.File("secret.key", string(content(t, from, "secret.key")))
	restore := to.Command("restore", "-")
	in, err := restore.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := restore.Start(); err != nil {
		t.Fatal(err)
	}
	if len(file) < 100<<10 {
		t.Fatalf("the backup has %d bytes, which is no test", len(file))
	}
	if _, err := in.Write(file[:len(file)*9/10]); err != nil {
		t.Fatal(err)
	}
	if err := restore.Process.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	restore.Wait()
	if out := to.Run("user", "list", "--json"); out != "" {
		t.Errorf("half of a restore is there: %.200s", out)
	}
	to.File("whole.backup", string(file))
	to.Run("restore", "whole.backup")
	if to.Run("user", "list", "--json") != from.Run("user", "list", "--json") {
		t.Error("the directory that was restored afterwards is another one")
	}
}
