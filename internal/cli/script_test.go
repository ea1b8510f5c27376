package cli_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"muster/internal/app"
	"muster/internal/cli"
	"muster/internal/importer/importertest"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"muster": func() {
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
		defer stop()
		os.Exit(app.Command(ctx, &cli.Process{Args: os.Args[1:], Env: os.Environ(), Stdin: os.Stdin, Stdout: os.Stdout,
			Stderr: os.Stderr, Version: "1.2.3"}))
	}})
}

// TestScripts runs the scripts. Beside the usual commands they have
//
//	status N ARG…      runs muster; the exit status must be N, and one that is
//	                   not 0 must be told on standard error
//	json KEY=VALUE…    compares values in the last line of standard output; a
//	                   key may lead into objects and lists: counts.create, issues.0.row
//	keys KEY…          compares the keys of that line, in any order
//	lines N            counts the lines of standard output
//	atonce N ARG…      runs muster N times at the same moment; all must succeed
//
// Those between read what status has written to standard output.
func TestScripts(t *testing.T) {
	scripts(t, "testdata/script", func(e *testscript.Env) {
		for _, setting := range importertest.Environment(e.T().(testing.TB), filepath.Join(e.WorkDir, "muster-data")) {
			name, value, _ := strings.Cut(setting, "=")
			e.Setenv(name, value)
		}
	})
}

// TestScriptsOfFiles runs those that look at the files that Muster makes where
// nobody says anything else.
func TestScriptsOfFiles(t *testing.T) {
	scripts(t, "testdata/files", func(*testscript.Env) {})
}

func scripts(t *testing.T, folder string, setUp func(*testscript.Env)) {
	testscript.Run(t, testscript.Params{
		Dir: folder,
		Setup: func(e *testscript.Env) error {
			e.Setenv("MUSTER_HASHING_MEMORY_MIB", "1")
			setUp(e)
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"status": status, "json": compareJSON, "keys": compareKeys, "lines": countLines, "atonce": atOnce},
	})
}

func status(ts *testscript.TestScript, neg bool, args []string) {
	err := ts.Exec("muster", args[1:]...)
	got := 0
	if err != nil {
		if _, scanErr := fmt.Sscanf(err.Error(), "exit status %d", &got); scanErr != nil {
			ts.Fatalf("%v", err)
		}
	}
	if fmt.Sprint(got) != args[0] {
		ts.Fatalf("exit status %d, want %s", got, args[0])
	}
	if told := ts.ReadFile("stderr") != ""; got != 0 && !told {
		ts.Fatalf("exit status %d is not told on standard error", got)
	}
}

func lines(ts *testscript.TestScript) []string {
	text := strings.TrimSuffix(ts.ReadFile("stdout"), "\n")
	if text == "" {
		return nil
	}
	return strings.Split(text, "\n")
}

func lastLine(ts *testscript.TestScript) (value any) {
	all := lines(ts)
	if len(all) == 0 {
		ts.Fatalf("standard output is empty")
	}
	for _, line := range all {
		value = nil
		if err := json.Unmarshal([]byte(line), &value); err != nil {
			ts.Fatalf("standard output has a line that is no JSON: %s", line)
		}
	}
	return value
}

func compareJSON(ts *testscript.TestScript, neg bool, args []string) {
	value := lastLine(ts)
	for _, arg := range args {
		key, want, _ := strings.Cut(arg, "=")
		found := dig(value, key)
		got, err := json.Marshal(found)
		ts.Check(err)
		if text, isText := found.(string); isText {
			got = []byte(text)
		}
		if (string(got) == want) == neg {
			ts.Fatalf("%s is %s, want %s", key, got, want)
		}
	}
}

func dig(value any, path string) any {
	for key := range strings.SplitSeq(path, ".") {
		switch v := value.(type) {
		case map[string]any:
			value = v[key]
		case []any:
			n := 0
			if _, err := fmt.Sscan(key, &n); err != nil || n >= len(v) {
				return nil
			}
			value = v[n]
		default:
			return nil
		}
	}
	return value
}

func compareKeys(ts *testscript.TestScript, neg bool, args []string) {
	var got []string
	for key := range lastLine(ts).(map[string]any) {
		got = append(got, key)
	}
	slices.Sort(got)
	slices.Sort(args)
	if !slices.Equal(got, args) {
		ts.Fatalf("keys %q, want %q", got, args)
	}
}

func countLines(ts *testscript.TestScript, neg bool, args []string) {
	if got := fmt.Sprint(len(lines(ts))); got != args[0] {
		ts.Fatalf("%s lines, want %s", got, args[0])
	}
}

func atOnce(ts *testscript.TestScript, neg bool, args []string) {
	n := 0
	_, err := fmt.Sscan(args[0], &n)
	ts.Check(err)
	failed := make(chan error, n)
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() { failed <- runOnce(ts, i, args[1:]) })
	}
	all.Wait()
	for range n {
		ts.Check(<-failed)
	}
}

// runOnce runs muster with the number of the run in place of %d.
func runOnce(ts *testscript.TestScript, i int, args []string) error {
	process := command(ts, i, args)
	out, err := process.StderrPipe()
	if err != nil {
		return err
	}
	if err := process.Start(); err != nil {
		return err
	}
	var told []string
	for s := bufio.NewScanner(out); s.Scan(); {
		told = append(told, s.Text())
	}
	if err := process.Wait(); err != nil {
		return fmt.Errorf("%w: %s", err, strings.Join(told, "; "))
	}
	return nil
}
