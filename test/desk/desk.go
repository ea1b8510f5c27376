// Package desk is a test's place at a terminal: the real program, a folder of
// its own and a database in it. What the tests that interrupt, kill and starve
// the program have in common stands here.
//
// The program is built once for each test binary. A desk runs commands to their
// end (Run) or starts them (Start), has muster work or muster serve at work in the
// background (Working), and asks the program itself what came of an import (Show);
// nothing here looks into the database.
package desk

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"muster/internal/importer/importertest"
)

// build builds the program, the first time it is asked.
var build = sync.OnceValues(func() (string, error) {
	folder, err := os.MkdirTemp("", "muster-desk")
	if err != nil {
		return "", err
	}
	path := filepath.Join(folder, "muster")
	if out, err := exec.Command("go", "build", "-o", path, "muster/cmd/muster").CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	return path, nil
})

// Main runs the tests of a package that uses desks, and removes the program.
func Main(m *testing.M) {
	code := m.Run()
	if path, err := build(); err == nil {
		os.RemoveAll(filepath.Dir(path))
	}
	os.Exit(code)
}

// Desk is somebody at a terminal with the program and a database.
type Desk struct {
	t       testing.TB
	program string
	Folder  string
	Env     []string // added to the environment of every command
	Limit   int64    // of the size of a file that a command writes, in bytes; 0 for none

	place    []string // the environment of every command: where the database is
	commoner bool     // commands run as a user whom file modes stop
}

// New returns a desk with an empty folder, and a database on the engine on which
// the tests run.
func New(t testing.TB) *Desk {
	t.Helper()
	d := OnFile(t)
	d.place = importertest.Environment(t, d.Folder)
	return d
}

// OnFile returns a desk whose database is a file of its folder, for what happens to
// files only.
func OnFile(t testing.TB) *Desk {
	t.Helper()
	program, err := build()
	if err != nil {
		t.Fatal(err)
	}
	return &Desk{t: t, program: program, Folder: t.TempDir(), place: []string{"MUSTER_DATABASE=sqlite:muster.db"}}
}

// Copy returns a desk that has the same files. Nothing may be running at this one.
func (d *Desk) Copy(t testing.TB) *Desk {
	t.Helper()
	other := OnFile(t)
	other.Env = slices.Clone(d.Env)
	if !strings.HasPrefix(d.place[0], "MUSTER_DATABASE=sqlite:") {
		other.place = importertest.CopyOfEnvironment(t, d.place, other.Folder)
	}
	files, err := os.ReadDir(d.Folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		content, err := os.ReadFile(filepath.Join(d.Folder, f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		other.File(f.Name(), string(content))
	}
	return other
}

// Database names the database from anywhere.
func (d *Desk) Database() string {
	name := strings.TrimPrefix(d.place[0], "MUSTER_DATABASE=")
	if name == "sqlite:muster.db" {
		return "sqlite:" + filepath.Join(d.Folder, "muster.db")
	}
	return name
}

// nobody is the user who owns nothing on the machine.
const nobody = 65534

// Commoner has commands run as a user who may do only what the modes of files
// allow, whom the folder belongs to with all that is in it: root is stopped by
// none. Where the tests are not run by root, they are run by such a user.
func (d *Desk) Commoner() {
	d.t.Helper()
	if os.Geteuid() != 0 {
		return
	}
	d.commoner = true
	err := errors.Join(os.Chmod(filepath.Dir(d.program), 0o755), os.Chmod(filepath.Dir(d.Folder), 0o755), os.Chown(d.Folder, nobody, nobody))
	files, reading := os.ReadDir(d.Folder)
	for _, f := range files {
		err = errors.Join(err, os.Chown(filepath.Join(d.Folder, f.Name()), nobody, nobody))
	}
	if err = errors.Join(err, reading); err != nil {
		d.t.Fatal(err)
	}
}

// File writes a file into the folder.
func (d *Desk) File(name, text string) {
	d.t.Helper()
	if err := os.WriteFile(filepath.Join(d.Folder, name), []byte(text), 0o600); err != nil {
		d.t.Fatal(err)
	}
}

// Command is the program with arguments, not yet begun.
func (d *Desk) Command(args ...string) *exec.Cmd {
	c := exec.Command(d.program, args...)
	if d.Limit > 0 { // which the shell counts in blocks of 512 bytes
		limit := fmt.Sprintf(`ulimit -f %d; exec "$@"`, d.Limit/512)
		c = exec.Command("sh", append([]string{"-c", limit, "sh", d.program}, args...)...)
	}
	if d.commoner {
		c.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	}
	c.Dir = d.Folder
	c.Env = slices.Concat(os.Environ(), d.place, d.Env)
	return c
}

// Run runs a command that must end well, and returns what it printed.
func (d *Desk) Run(args ...string) string {
	d.t.Helper()
	out, errors, code := d.Try(args...)
	if code != 0 {
		d.t.Fatalf("muster %s ended with %d: %s%s", strings.Join(args, " "), code, out, errors)
	}
	return out
}

// Try runs a command to its end, whichever that is.
func (d *Desk) Try(args ...string) (out, errors string, code int) {
	d.t.Helper()
	c := d.Command(args...)
	var stdout, stderr bytes.Buffer
	c.Stdout, c.Stderr = &stdout, &stderr
	err := c.Run()
	if c.ProcessState == nil {
		d.t.Fatal(err)
	}
	return stdout.String(), stderr.String(), c.ProcessState.ExitCode()
}

// Start begins a command. What it says goes to the buffer.
func (d *Desk) Start(args ...string) (*exec.Cmd, *bytes.Buffer) {
	d.t.Helper()
	c, said := d.Command(args...), &bytes.Buffer{}
	c.Stderr = said
	if err := c.Start(); err != nil {
		d.t.Fatal(err)
	}
	return c, said
}

// Summary is what show --json prints of an import.
type Summary struct {
	State    string
	Rows     int
	Outcomes map[string]int
}

// Show asks what came of an import.
func (d *Desk) Show(number string) (s Summary) {
	d.t.Helper()
	if err := json.Unmarshal([]byte(d.Run("show", number, "--json")), &s); err != nil {
		d.t.Fatal(err)
	}
	return s
}

// Until waits until an import has so many rows in an outcome.
func (d *Desk) Until(number, outcome string, n int) {
	d.t.Helper()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); {
		if d.Show(number).Outcomes[outcome] >= n {
			return
		}
	}
	d.t.Fatalf("import %s never had %d rows %s", number, n, outcome)
}

// People is a file of so many people in format muster.
func People(n int) string {
	var b strings.Builder
	b.WriteString("address,name\n")
	for i := range n {
		fmt.Fprintf(&b, "user%d@example.org,User %d\n", i, i)
	}
	return b.String()
}
