// Package picture takes the pictures of the README and the manual: it runs the
// commands of the demo and draws what a terminal shows. The test fails when a
// picture is no longer true; with -update it takes them anew.
package picture

import (
	"context"
	"flag"
	"fmt"
	"html"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"muster/internal/app"
	"muster/internal/cli"
)

var update = flag.Bool("update", false, "take the pictures anew")

const root = "../.."

func TestPictures(t *testing.T) {
	folder := t.TempDir()
	run := func(args ...string) string { return run(t, folder, args...) }
	run("org", "add", "RX1", "--name", "Riverside Hospital")
	run("org", "add", "RX2", "--name", "Hillside Hospital")
	run("domain", "add", "riverside.example", "--org", "RX1")
	run("domain", "add", "hillside.example", "--org", "RX2")
	run("import", filepath.Join(root, "examples/riverside-staff.csv"), "--yes")
	run("import", filepath.Join(root, "examples/hillside-staff.csv"), "--yes")
	run("user", "leaver", "priya.raman@hillside.example")
	august := withID(t, folder, run("user", "show", "priya.raman@hillside.example", "--json"))

	plan := strings.ReplaceAll(run("plan", august), august, "august.csv")
	compare(t, "plan.svg", draw("$ muster plan august.csv\n"+plan))
}

// withID writes the demo's file with the id of the joiner in it.
func withID(t *testing.T, folder, user string) string {
	t.Helper()
	_, rest, _ := strings.Cut(user, `"id":"`)
	id, _, found := strings.Cut(rest, `"`)
	file, err := os.ReadFile(filepath.Join(root, "examples/august.csv"))
	if err != nil || !found {
		t.Fatalf("no id or no file: %v", err)
	}
	path := filepath.Join(folder, "august.csv")
	if err := os.WriteFile(path, []byte(strings.ReplaceAll(string(file), "ID-OF-PRIYA-RAMAN", id)), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// run runs a command and returns what it prints.
func run(t *testing.T, folder string, args ...string) string {
	t.Helper()
	out, err := os.Create(filepath.Join(folder, "stdout"))
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	empty, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer empty.Close()
	status := app.Command(context.Background(), &cli.Process{Args: args, Stdin: empty, Stdout: out, Stderr: out, Version: "test",
		Env: []string{"MUSTER_DATABASE=sqlite:" + filepath.Join(folder, "muster.db")}})
	b, err := os.ReadFile(out.Name())
	if err != nil || status != 0 {
		t.Fatalf("muster %s: %d, %v: %s", strings.Join(args, " "), status, err, b)
	}
	return string(b)
}

// draw makes a picture of a terminal (SVG 1.1).
func draw(text string) string {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	widest := 0
	for _, line := range lines {
		widest = max(widest, utf8.RuneCountInString(line))
	}
	const column, row, margin = 8.4, 19, 20
	width, height := int(float64(widest)*column)+2*margin, len(lines)*row+2*margin
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d">`+"\n", width, height, width, height)
	fmt.Fprintf(&b, `<rect width="%d" height="%d" rx="8" fill="#16202b"/>`+"\n", width, height)
	b.WriteString(`<g font-family="ui-monospace,Menlo,Consolas,'DejaVu Sans Mono',monospace" font-size="14" fill="#dfe7ef" xml:space="preserve">` + "\n")
	for i, line := range lines {
		fmt.Fprintf(&b, `<text x="%d" y="%d"%s>%s</text>`+"\n", margin, margin+i*row+14, colour(line), html.EscapeString(line))
	}
	b.WriteString("</g>\n</svg>\n")
	return b.String()
}

func colour(line string) string {
	switch {
	case strings.HasPrefix(line, "$"):
		return ` fill="#8fd18f"`
	case strings.Contains(line, "warning"):
		return ` fill="#e8c468"`
	}
	return ""
}

func compare(t *testing.T, name, picture string) {
	t.Helper()
	path := filepath.Join(root, "docs/pictures", name)
	if *update {
		if err := os.WriteFile(path, []byte(picture), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	there, err := os.ReadFile(path)
	if err != nil || string(there) != picture {
		t.Errorf("%s is no longer what the command prints (%v); take it anew with make generate", path, err)
	}
}
