package trouble

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"muster/test/desk"
)

// reading are commands that a database needs only be read for, writing those
// that change it.
var (
	reading = [][]string{{"show", "1"}, {"show", "1", "--rows"}, {"imports"}, {"user", "list"}, {"user", "show", "ann@example.org"}, {"results", "1"}}
	writing = [][]string{{"apply", "1"}, {"resume", "1"}, {"cancel", "1"}, {"plan", "people.csv"}, {"import", "people.csv", "--yes"},
		{"domain", "add", "example.com"}, {"user", "add", "bob@example.org", "--name", "Bob"}, {"org", "set", "MASTER", "--name", "Riverside"}}
)

// Where nothing can be written, what is there can still be read, and what would
// change it ends with 3 and changes nothing; when it can be written again, the
// plan is carried out.
func readsOnly(t *testing.T, d *desk.Desk, why string, freeze, thaw func()) {
	t.Helper()
	d.Run("plan", "people.csv")
	before := d.Run("show", "1", "--rows")
	freeze()
	for _, command := range reading {
		d.Run(command...)
	}
	for _, command := range writing {
		refused(t, d, why, command...)
	}
	if after := d.Run("show", "1", "--rows"); after != before {
		t.Errorf("the plan was\n%sand is\n%s", before, after)
	}
	thaw()
	d.Run("apply", "1")
	if s := d.Show("1"); s.State != "applied" || s.Outcomes["created"] != 20 {
		t.Errorf("in the end the import is %+v", s)
	}
}

// refused runs a command that must end with 3, and say why and what to do.
func refused(t *testing.T, d *desk.Desk, why string, command ...string) {
	t.Helper()
	_, errors, code := d.Try(command...)
	if code != 3 || !strings.Contains(errors, why) || !strings.Contains(errors, ", then ") || jargon.MatchString(errors) {
		t.Errorf("muster %v ended with %d and said %q", command, code, errors)
	}
}

// peopled is what a desk has before nothing can be written.
func peopled(d *desk.Desk) {
	d.File("people.csv", desk.People(20))
	d.Run("domain", "add", "example.org")
	d.Run("user", "add", "ann@example.org", "--name", "Ann")
}

// A disk that is mounted read-only, between a plan and its apply. Where none can be
// mounted, the modes of files stand in for it, below.
func TestDiskReadOnly(t *testing.T) {
	if !mayMount() {
		t.Log("No disk can be mounted read-only here; only the modes of files are tested.")
		return
	}
	d := mounted(t)
	peopled(d.Desk)
	readsOnly(t, d.Desk, "it can be read, but not written", func() { d.remount(t, syscall.MS_RDONLY, "") }, func() { d.remount(t, 0, "") })
}

// A disk that is read-only since the program was killed: what is in the log
// beside the database is read with it.
func TestDiskReadOnlyAfterAKill(t *testing.T) {
	if !mayMount() {
		t.Log("No disk can be mounted read-only here.")
		return
	}
	d := mounted(t)
	d.Env = append(d.Env, "MUSTER_BATCH=10")
	d.File("people.csv", desk.People(3000))
	d.Run("domain", "add", "example.org")
	d.Run("plan", "people.csv")
	apply, _ := d.Start("apply", "1")
	d.Until("1", "created", 50)
	if err := apply.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	apply.Wait()
	d.remount(t, syscall.MS_RDONLY, "")
	frozen := d.Show("1")
	if n := strings.Count(d.Run("user", "list", "--json"), "\n"); n != frozen.Outcomes["created"] || n < 50 {
		t.Errorf("there are %d users, and the import is %+v", n, frozen)
	}
	refused(t, d.Desk, "it can be read, but not written", "resume", "1")
	d.remount(t, 0, "")
	if s := d.Show("1"); s.Outcomes["created"] != frozen.Outcomes["created"] {
		t.Errorf("the import was %+v, and is %+v", frozen, s)
	}
	d.Run("resume", "1")
	if s := d.Show("1"); s.State != "applied" || s.Outcomes["created"] != 3000 {
		t.Errorf("in the end the import is %+v", s)
	}
}

// Files that are write-protected, all of them or only some.
func TestFilesReadOnly(t *testing.T) {
	for files, why := range map[string]string{
		"muster.db":   "it can be read, but not written: the file, one that belongs to it",
		"muster.db-*": "you have no right to read and write the file, its folder and the files that belong to it",
		"muster.db*":  "you have no right",
	} {
		t.Run(files, func(t *testing.T) {
			d := desk.OnFile(t)
			peopled(d)
			d.Commoner()
			readsOnly(t, d, why, func() { mode(t, d, files, 0o400) }, func() { mode(t, d, "muster.db*", 0o600) })
		})
	}
}

// A folder in which nothing may be made, and a file that one may not touch:
// there is nothing to be read then either, and with the rights everything is as
// it was.
func TestNoRightToTheDatabase(t *testing.T) {
	cases := []struct {
		files         string
		without, with os.FileMode
		why           string
	}{
		{".", 0o500, 0o700, "it can be read, but not written: the file, one that belongs to it, the folder"},
		{"muster.db", 0, 0o600, "it cannot be opened. See that the file and its folder are there, and yours"},
	}
	for _, c := range cases {
		t.Run(c.files, func(t *testing.T) {
			d := desk.OnFile(t)
			peopled(d)
			d.Run("plan", "people.csv")
			d.Commoner()
			mode(t, d, c.files, c.without)
			for _, command := range append(reading, writing...) {
				refused(t, d, c.why, command...)
			}
			mode(t, d, c.files, c.with)
			d.Run("apply", "1")
			if s := d.Show("1"); s.State != "applied" || s.Outcomes["created"] != 20 {
				t.Errorf("in the end the import is %+v", s)
			}
		})
	}
}

// mode changes the mode of files in the folder, or of the folder.
func mode(t *testing.T, d *desk.Desk, pattern string, mode os.FileMode) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(d.Folder, pattern))
	if err != nil || len(files) == 0 {
		t.Fatalf("there are no files %s (%v)", pattern, err)
	}
	for _, file := range files {
		if err := os.Chmod(file, mode); err != nil {
			t.Fatal(err)
		}
	}
}
