// Package story tells how Muster is used, as scripts that drive the real
// command: one file a story in testdata, readable as a page of the manual.
package story

import (
	"context"
	"encoding/csv"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/xuri/excelize/v2"

	"muster/internal/app"
	"muster/internal/cli"
	"muster/internal/importer/importertest"
)

var update = flag.Bool("update", false, "write the expected output anew")

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"muster": muster, "field": field})
}

func muster() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	os.Exit(app.Command(ctx, &cli.Process{Args: os.Args[1:], Env: os.Environ(),
		Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Version: "test"}))
}

func TestStories(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata", UpdateScripts: *update, RequireExplicitExec: true,
		Setup: func(e *testscript.Env) error {
			for _, setting := range importertest.Environment(e.T().(testing.TB), filepath.Join(e.WorkDir, "data")) {
				name, value, _ := strings.Cut(setting, "=")
				e.Setenv(name, value)
			}
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"status": status, "keep": keep, "rows": rows, "workbook": workbook, "sheet": sheet},
	})
}

// status runs a command that has to end with an exit status: status 1 muster …
func status(ts *testscript.TestScript, _ bool, args []string) {
	err := ts.Exec(args[1], args[2:]...)
	got := 0
	if err != nil {
		if _, scanErr := fmt.Sscanf(err.Error(), "exit status %d", &got); scanErr != nil {
			ts.Fatalf("%v", err)
		}
	}
	if fmt.Sprint(got) != args[0] {
		ts.Fatalf("exit status %d, not %s", got, args[0])
	}
}

// keep sets a variable to what the last command printed: keep id
func keep(ts *testscript.TestScript, _ bool, args []string) {
	ts.Setenv(args[0], strings.TrimSpace(ts.ReadFile("stdout")))
}

// rows writes a Connect file of so many addresses: rows 501 FILE
func rows(ts *testscript.TestScript, _ bool, args []string) {
	n, err := strconv.Atoi(args[0])
	ts.Check(err)
	var b strings.Builder
	b.WriteString("Email,Name,Password,Force Change Password\n")
	for i := range n {
		fmt.Fprintf(&b, "user%d@example.org,User %d,,\n", i, i)
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(b.String()), 0o600))
}

// workbook writes an .xlsx of sheets from files of CSV: workbook FILE NAME CSV …
func workbook(ts *testscript.TestScript, _ bool, args []string) {
	f := excelize.NewFile()
	defer f.Close()
	for i := 1; i+1 < len(args); i += 2 {
		_, err := f.NewSheet(args[i])
		ts.Check(err)
		records, err := csv.NewReader(strings.NewReader(ts.ReadFile(args[i+1]))).ReadAll()
		ts.Check(err)
		for n, record := range records {
			ts.Check(f.SetSheetRow(args[i], fmt.Sprintf("A%d", n+1), &record))
		}
	}
	ts.Check(f.DeleteSheet("Sheet1"))
	ts.Check(f.SaveAs(ts.MkAbs(args[0])))
}

// sheet writes a sheet of an .xlsx as CSV: sheet FILE NAME CSV
func sheet(ts *testscript.TestScript, _ bool, args []string) {
	f, err := excelize.OpenFile(ts.MkAbs(args[0]))
	ts.Check(err)
	defer f.Close()
	rows, err := f.GetRows(args[1])
	ts.Check(err)
	var b strings.Builder
	ts.Check(csv.NewWriter(&b).WriteAll(rows))
	ts.Check(os.WriteFile(ts.MkAbs(args[2]), []byte(b.String()), 0o600))
}

// field prints one field of a JSON object read from a file: field id user.json
func field() {
	b, err := os.ReadFile(os.Args[2])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	_, rest, found := strings.Cut(string(b), `"`+os.Args[1]+`":"`)
	value, _, _ := strings.Cut(rest, `"`)
	if !found {
		fmt.Fprintln(os.Stderr, "no such field")
		os.Exit(1)
	}
	fmt.Println(value)
	os.Exit(0)
}
