package app

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"muster/internal/cli"
	"muster/internal/store/pgtest"
)

// command runs the command on a database and returns what it printed; it has to
// succeed.
func command(t *testing.T, database, key string, args ...string) string {
	t.Helper()
	out, err := os.CreateTemp(t.TempDir(), "out")
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	told, err := os.CreateTemp(t.TempDir(), "told")
	if err != nil {
		t.Fatal(err)
	}
	defer told.Close()
	status := Command(context.Background(), &cli.Process{Args: args, Stdin: os.Stdin, Stdout: out, Stderr: told, Version: "1.2.3",
		Env: []string{"MUSTER_DATABASE=" + database, "MUSTER_SECRET_KEY_FILE=" + key, "MUSTER_HASHING_MEMORY_MIB=1"}})
	printed, err := os.ReadFile(out.Name())
	if why, _ := os.ReadFile(told.Name()); err != nil || status != 0 {
		t.Fatalf("muster %s: status %d, %s (%v)", strings.Join(args, " "), status, why, err)
	}
	return string(printed)
}

// exports are what programs are told of a directory.
func exports(t *testing.T, database, key string) (all string) {
	t.Helper()
	for _, line := range []string{"user list", "user list --status deleted", "org list", "domain list", "group list", "group show Wards --org RX1",
		"user history anna@example.org", "imports", "show 1", "show 1 --rows", "show 2 --rows"} {
		all += line + "\n" + command(t, database, key, append(strings.Fields(line), "--json")...)
	}
	return all + command(t, database, key, "results", "1")
}

// TestMovingToPostgreSQLAndBack: every export is the same, byte for byte, and the
// imports go on.
func TestMovingToPostgreSQLAndBack(t *testing.T) {
	folder := t.TempDir()
	key, file := filepath.Join(folder, "secret.key"), filepath.Join(folder, "move.backup")
	people := filepath.Join(folder, "people.csv")
	if err := os.WriteFile(people, []byte("address,name,attr.Building\nzoë@example.org,Zoë,East\nbert@example.org,Bert,\nann@example.org,Ann,west\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	first := "sqlite:" + filepath.Join(folder, "first", "muster.db")
	for _, line := range []string{"org add RX1 --name Riverside", "domain add example.org", "group add Wards --org RX1",
		"user add anna@example.org --org RX1 --group Wards --local-id Q1", "user add Ædith@example.org --delegate anna@example.org", "user delete ædith@example.org",
		"group member add Wards friend@elsewhere.example --org RX1 --note Friend",
		"import " + people + " --org RX1 --generate-passwords --yes", "plan " + people + " --org RX1 --note again --group Wards"} {
		command(t, first, key, strings.Fields(line)...)
	}
	command(t, first, key, "history", "seal")
	want, from := exports(t, first, key), first
	for _, to := range []string{pgtest.Shared(t).Database(t), "sqlite:" + filepath.Join(folder, "back", "muster.db")} {
		command(t, from, key, "backup", file)
		command(t, to, key, "restore", file)
		command(t, to, key, "doctor")
		// What was sealed there is whole here: all but that it was saved, and restored.
		if got := command(t, to, key, "history", "verify", "--json"); !strings.Contains(got, `"blocks":1,`) || !strings.Contains(got, `"findings_total":0`) {
			t.Errorf("of the history of %s it says %s", to, got)
		}
		if got := command(t, to, key, "history", "list", "--limit", "2", "--json"); !strings.Contains(got, `"action":"restore"`) || !strings.Contains(got, `"action":"backup"`) {
			t.Errorf("the history of %s ends with %s", to, got)
		}
		if got := exports(t, to, key); got != want {
			t.Errorf("%s tells\n%s\nand not\n%s", to, got, want)
		}
		from = to
	}
	if got := command(t, from, key, "apply", "2", "--json"); !strings.Contains(got, `"updated":3`) {
		t.Errorf("the plan that was moved came to %s", got)
	}
}
