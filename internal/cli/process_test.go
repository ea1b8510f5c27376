package cli_test

import (
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// command is a process of muster in the folder and environment of a script.
func command(ts *testscript.TestScript, i int, args []string) *exec.Cmd {
	program := ""
	for folder := range strings.SplitSeq(ts.Getenv("PATH"), string(filepath.ListSeparator)) {
		if path, err := exec.LookPath(filepath.Join(folder, "muster")); err == nil {
			program = path
			break
		}
	}
	process := exec.Command(program)
	process.Dir = ts.MkAbs(".")
	process.Env = []string{"PATH=" + ts.Getenv("PATH"), "HOME=" + ts.Getenv("HOME"), "TMPDIR=" + ts.Getenv("TMPDIR"),
		"MUSTER_DATABASE=" + ts.Getenv("MUSTER_DATABASE"), "MUSTER_SECRET_KEY_FILE=" + ts.Getenv("MUSTER_SECRET_KEY_FILE")}
	for _, a := range args {
		process.Args = append(process.Args, strings.ReplaceAll(a, "%d", strconv.Itoa(i)))
	}
	return process
}
