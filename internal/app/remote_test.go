package app_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"muster/internal/access"
	"muster/internal/app"
	"muster/internal/cli"
	"muster/internal/config"
	"muster/internal/directory"
	"muster/internal/importer/importertest"
)

// elsewhere is a Muster that is served on a port of this machine, and who calls it.
type elsewhere struct {
	t      *testing.T
	env    []string
	url    string
	token  string
	folder string
}

func serveElsewhere(t *testing.T) *elsewhere {
	e := &elsewhere{t: t, folder: t.TempDir()}
	e.env = append(importertest.Environment(t, e.folder), "MUSTER_HASHING_MEMORY_MIB=1")
	c, _, err := config.Load(e.env)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	a, err := app.New(ctx, c, true)
	if err != nil {
		t.Fatal(err)
	}
	log, ended := slog.New(slog.DiscardHandler), make(chan error)
	go func() { ended <- a.Work(ctx, log) }()
	doors, err := a.Handler(log)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(doors)
	t.Cleanup(func() {
		stop()
		server.Close()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		a.Close()
	})
	_, plain, err := a.Access.AddToken(ctx, directory.Operator("test"), access.NewToken{Name: "test", Role: "Master", Org: directory.Master})
	if err != nil {
		t.Fatal(err)
	}
	e.url, e.token = server.URL, plain.Reveal()
	return e
}

// run runs the command, on the machine itself or against the server.
func (e *elsewhere) run(remote bool, line string) (status int, out, told string) {
	e.t.Helper()
	args, env := strings.Fields(line), e.env
	if remote {
		args, env = append(args, "--server", e.url), []string{"MUSTER_TOKEN=" + e.token, "MUSTER_DATABASE=sqlite:/nowhere/muster.db"}
	}
	files := map[string]*os.File{}
	for _, name := range []string{"in", "out", "err"} {
		f, err := os.Create(filepath.Join(e.folder, name))
		if err != nil {
			e.t.Fatal(err)
		}
		defer f.Close()
		files[name] = f
	}
	status = app.Command(context.Background(), &cli.Process{Args: args, Env: env, Stdin: files["in"], Stdout: files["out"], Stderr: files["err"], Version: "1"})
	read := func(name string) string {
		files[name].Seek(0, io.SeekStart)
		text, err := io.ReadAll(files[name])
		if err != nil {
			e.t.Fatal(err)
		}
		return string(text)
	}
	return status, read("out"), read("err")
}

// passing is what differs from one answer to the next.
var passing = regexp.MustCompile(`"(last_used|updated_at)":("[^"]*"|null)`)

// TestTheSameFromElsewhere: whatever the command prints as JSON here, it prints there.
func TestTheSameFromElsewhere(t *testing.T) {
	e := serveElsewhere(t)
	file := filepath.Join(e.folder, "people.csv")
	if err := os.WriteFile(file, []byte("address,name\nben@example.org,Ben\neve@exmaple.org,Eve\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	text := filepath.Join(e.folder, "format.toml")
	if status, out, _ := e.run(false, "formats show microsoft-365"); status != 0 || os.WriteFile(text, []byte(out), 0o600) != nil {
		t.Fatal(status, out)
	}
	for _, step := range []struct {
		line   string
		status int
	}{
		{"org add RX1 --name Riverside", 0}, {"org set RX1 --mailbox-max 50", 0}, {"org add RX1", 1},
		{"domain add example.org --org RX1", 0}, {"domain set example.org --validation any", 0},
		{"group add Wards --org RX1", 0}, {"attribute add Floor", 0},
		{"user add anna@example.org --org RX1 --title Dr --mailbox-gb 5 --group Wards --alias a.bell@example.org --attribute Floor=3", 0},
		{"user set anna@example.org --clear title --department Night --pop", 0}, {"user lock anna@example.org", 0}, {"user unlock anna@example.org", 0},
		{"user account set anna@example.org --type exchange --account anna@corp.example --user anna", 0},
		{"user add cleo@example.org --org RX1", 0}, {"user delete cleo@example.org", 0}, {"user show nobody@example.org", 1},
		{"group member add Wards partner.example --org RX1", 0},
		{"plan " + file + " --org RX1 --format muster", 1}, {"apply 1", 1}, {"import " + file + " --org RX1 --yes --partial", 1}, {"undo 1", 0}, {"undo 1 --plan", 0},
		{"plan " + file + " --org RX1 --format muster --strict", 1}, {"row set 3 2 --cell address=eve@example.org", 0}, {"row leave-out 3 1 2", 0}, {"row take-in 3 2", 0},
		{"row set 3 9 --cell address=x", 1}, {"report mailbox -o " + filepath.Join(e.folder, "all.xlsx"), 0}, {"sample nhsmail -o " + filepath.Join(e.folder, "s.csv"), 0},
		{"plan " + filepath.Join(e.folder, "none.csv"), 2}, {"import " + file, 2}, {"results 1 -o " + filepath.Join(e.folder, "r.csv"), 0},
		{"user list --status asleep", 2}, {"backup x", 2}, {"notification list --unread", 0}, {"notification read", 2}, {"notification read --all", 0}, {"notification read none", 1},
	} {
		if status, out, told := e.run(true, step.line); status != step.status {
			t.Errorf("muster %s ends with %d, want %d: %s %s", step.line, status, step.status, out, told)
		}
	}
	for _, line := range []string{"user list", "user show anna@example.org", "user history anna@example.org", "user account list anna@example.org", "org list", "domain list",
		"group list", "group show Wards --org RX1", "attribute list", "formats list", "imports", "show 1", "show 1 --rows", "show 1 --only error", "token list", "undo 2 --plan",
		"history list --limit 5", "show 3 --rows", "history export", "history export --user anna@example.org --since 2020-01-01", "history export --door nowhere -o " + filepath.Join(e.folder, "none.jsonl"),
		"history export -o " + filepath.Join(e.folder, "history.jsonl"), "report mailbox -o " + filepath.Join(e.folder, "all.csv"), "report mailbox -o " + filepath.Join(e.folder, "all.xlsx"),
		"report mailbox --search anna -o " + filepath.Join(e.folder, "anna.jsonl"), "formats check " + text, "formats map " + file + " --name table -o " + filepath.Join(e.folder, "made.toml")} {
		here, there := "", ""
		for remote, out := range map[bool]*string{false: &here, true: &there} {
			status, text, told := e.run(remote, line+" --json")
			if status != 0 || text == "" {
				t.Errorf("muster %s (remote: %v): %d %s", line, remote, status, told)
			}
			*out = passing.ReplaceAllString(text, "")
		}
		if here != there {
			t.Errorf("muster %s --json prints here\n%s\nand there\n%s", line, here, there)
		}
		if status, text, told := e.run(true, line); status != 0 || text == "" {
			t.Errorf("muster %s as text: %d %s %s", line, status, text, told)
		}
	}
}

func TestServerThatIsNot(t *testing.T) {
	e := serveElsewhere(t)
	good, url := e.token, e.url
	for _, c := range []struct {
		token, url, line string
		status           int
	}{
		{good, "http://127.0.0.1:1", "user list", 3}, {"muster_wrong", url, "user list", 1}, {"", url, "user list", 2}, {good, "muster.example.org", "user list", 2},
		{good, url, "user list --as anna@example.org", 2}, {good, url, "serve", 2}, {good, url, "doctor", 2}, {good, url, fmt.Sprintf("user list --token-file %s/none", e.folder), 2},
	} {
		e.token, e.url = c.token, c.url
		if status, out, told := e.run(true, c.line); status != c.status || told == "" || strings.Contains(out+told, good) {
			t.Errorf("muster %s at %s: %d, want %d: %s", c.line, c.url, status, c.status, told)
		}
	}
}
