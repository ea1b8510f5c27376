// Package desk is a test's place at a terminal: the real program, a folder of
// its own and a database in it. What the tests that interrupt, kill and starve
// the program have in common stands here.
//
// The program is built once for each test binary. A desk runs commands to their
// end (Run) or starts them (Start), and asks the program itself what came of
// an import (Show); nothing here looks into the database.
package desk

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
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
}

// New returns a desk with an empty folder.
func New(t testing.TB) *Desk {
	t.Helper()
	program, err := build()
	if err != nil {
		t.Fatal(err)
	}
	return &Desk{t: t, program: program, Folder: t.TempDir(), Env: []string{"MUSTER_DATABASE=sqlite:muster.db"}}
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
	c.Dir = d.Folder
	c.Env = append(os.Environ(), d.Env...)
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
