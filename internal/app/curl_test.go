package app_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"muster/internal/debian"
)

// TestExampleOfTheManual runs the lines of docs/api.md that go from a file to accounts.
func TestExampleOfTheManual(t *testing.T) {
	if err := debian.Programs([]string{"curl"}, "curl"); err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile("../../docs/api.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(page), "are run by internal/app/curl_test.go. -->")
	lines, _, found := strings.Cut(rest, "## Who calls")
	if !found {
		t.Fatal("docs/api.md has no example")
	}
	e := serveElsewhere(t)
	for _, line := range []string{"org add RX1", "domain add example.org --org RX1"} {
		if status, _, told := e.run(false, line); status != 0 {
			t.Fatal(told)
		}
	}
	if err := os.WriteFile(filepath.Join(e.folder, "people.csv"), []byte("address,name\nanna@example.org,Anna\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	script := exec.Command("sh", "-euc", strings.ReplaceAll(lines, "\n    ", "\n"))
	script.Dir, script.Env = e.folder, append(os.Environ(), "TOKEN="+e.token, "API="+e.url+"/api/v1")
	out, err := script.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	results, err := os.ReadFile(filepath.Join(e.folder, "results.csv"))
	for _, want := range []string{`"state":"planning"`, `"ended":true`, `"state":"planned"`, `"state":"applied"`, `"changes":[{"field":"title","old":"","new":"Dr"}]`} {
		if !strings.Contains(string(out), want) {
			t.Errorf("the example shows no %s:\n%s", want, out)
		}
	}
	if strings.Contains(string(out), "problem") || !strings.Contains(string(results), "anna@example.org,Anna,Created") || err != nil {
		t.Errorf("%v %s\n%s", err, results, out)
	}
	if _, shown, _ := e.run(false, "user show anna@example.org"); !strings.Contains(shown, "Dr") {
		t.Errorf("%s", shown)
	}
}
