// Package wronginput is what Muster says of wrong files: a table of them
// (cases_test.go), each a real file in testdata, with a golden file beside it
// that holds every issue which planning it raises. One Muster (world_test.go)
// has somebody to break each rule of the directory on. The right files among
// them, one for each format and habit at least, are the control: they raise
// nothing.
//
// From the same codes comes the catalogue of the manual (catalogue_test.go),
// and no code may be without a test: what no file raises, a request does
// (requests_test.go).
//
//	go test ./test/wronginput -update
//
// writes the golden files and the generated parts of the manual anew. Read the
// difference as an administrator would who gets the message.
package wronginput

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"muster/internal/directory"
	"muster/internal/importer"
	"muster/internal/importer/importertest"
	"muster/internal/issue"
)

var update = flag.Bool("update", false, "write the golden files and the generated parts of the manual")

// golden is what is kept of a case.
type golden struct {
	Options importer.Options           `json:"options"`
	As      string                     `json:"as,omitempty"`    // whoever plans; else the operator
	Setup   string                     `json:"setup,omitempty"` // what is different from the usual Muster
	State   importer.State             `json:"state"`
	Rows    int64                      `json:"rows"`
	Counts  map[directory.Action]int64 `json:"counts"`
	Issues  []issue.Issue              `json:"issues"`
}

func TestWrongFiles(t *testing.T) {
	worlds, known := map[string]*importertest.World{}, map[string]ids{}
	for _, c := range cases {
		if worlds[c.setup] == nil {
			worlds[c.setup] = newWorld(t, c.setup)
			known[c.setup] = idsOf(worlds[c.setup])
		}
		t.Run(c.file, func(t *testing.T) { c.check(t, worlds[c.setup], known[c.setup]) })
	}
}

func (c *wrong) check(t *testing.T, w *importertest.World, ids ids) {
	before := w.Users()
	got := c.plan(t, w, ids)
	if after := w.Users(); !slices.Equal(before, after) {
		t.Errorf("planning changed the directory: %v", after)
	}
	if strings.HasPrefix(c.file, "right-") != (len(got.Issues) == 0) {
		t.Errorf("a file named right- has no issues, and each other file has some; this has %d", len(got.Issues))
	}
	text, err := json.MarshalIndent(got, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	compare(t, goldenOf(c.file), ids.hide(string(text))+"\n")
}

// plan uploads and plans the file of the case.
func (c *wrong) plan(t *testing.T, w *importertest.World, ids ids) *golden {
	ctx := context.Background()
	file, err := os.ReadFile(filepath.Join("testdata", c.file))
	if c.made != nil {
		file, err = c.made(), nil
	}
	if err != nil {
		t.Fatal(err)
	}
	actor := importertest.Operator
	if c.by != "" {
		if actor, err = w.Directory.Actor(ctx, c.by, "test"); err != nil {
			t.Fatal(err)
		}
	}
	tried, err := w.Importer.Try(ctx, actor, c.file, strings.NewReader(ids.show(string(file))), c.options)
	if err != nil {
		t.Fatal(err)
	}
	imp := planAs(t, w, actor, c.file, ids.show(string(file)), c.options)
	foretold(t, tried, imp)
	got := &golden{Options: c.options, As: c.by, Setup: c.setup, State: imp.State, Rows: imp.Rows, Counts: imp.Counts, Issues: issuesOf(w, imp)}
	if !imp.Finished() { // or the next case would be told of it
		if _, err := w.Importer.Cancel(ctx, importertest.Operator, imp.Number); err != nil {
			t.Fatal(err)
		}
	}
	return got
}

// foretold reports whether trying a file has told what a plan tells of it as a whole.
func foretold(t *testing.T, tried, imp *importer.Import) {
	t.Helper()
	if imp.State == importer.Planned {
		tried.State = importer.Planned
	}
	form := func(i *importer.Import) any {
		return []any{i.State, i.Rows, i.File, i.Format, i.Strict, i.Table, i.Headings, i.Fingerprint, i.SameAs, append([]issue.Issue{}, i.FileIssues...)[:min(len(i.FileIssues), len(tried.FileIssues))]}
	}
	if got, want := form(tried), form(imp); !reflect.DeepEqual(got, want) {
		t.Errorf("trying the file tells\n%+v, and planning it\n%+v", got, want)
	}
	if tried.Number != 0 || imp.State == importer.Refused && len(tried.FileIssues) != 1 {
		t.Errorf("%+v", tried)
	}
}

func planAs(t *testing.T, w *importertest.World, actor directory.Actor, name, text string, o importer.Options) *importer.Import {
	imp, err := w.Importer.Upload(context.Background(), actor, name, strings.NewReader(text), o)
	if err != nil {
		t.Fatal(err)
	}
	if imp, err = w.Importer.Plan(context.Background(), imp.Number); err != nil {
		t.Fatal(err)
	}
	return imp
}

// issuesOf returns all issues of an import and of its rows.
func issuesOf(w *importertest.World, imp *importer.Import) []issue.Issue {
	issues := append([]issue.Issue{}, imp.FileIssues...)
	for _, r := range w.Rows(imp) {
		issues = append(issues, r.Issues...)
	}
	return issues
}

// ids are the ids of the users of a Muster, which differ from run to run; files
// and golden files say {id of ADDRESS} instead.
type ids [][2]string

func idsOf(w *importertest.World) (known ids) {
	for _, address := range w.Users() {
		known = append(known, [2]string{"{id of " + address + "}", w.User(address).ID.String()})
	}
	return known
}

func (known ids) show(text string) string {
	for _, pair := range known {
		text = strings.ReplaceAll(text, pair[0], pair[1])
	}
	return text
}

func (known ids) hide(text string) string {
	for _, pair := range known {
		text = strings.ReplaceAll(text, pair[1], pair[0])
	}
	return text
}

func goldenOf(file string) string { return filepath.Join("testdata", file+".json") }

// compare compares a text with the one in a file, or writes it there.
func compare(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v; the golden files are written by go test ./test/wronginput -update", err)
	}
	was, now := strings.Split(string(want), "\n"), strings.Split(got, "\n")
	for n := range min(len(was), len(now)) {
		if was[n] != now[n] {
			t.Fatalf("%s is not what it was in line %d:\n was: %s\n now: %s\n(if that is right, go test ./test/wronginput -update)", path, n+1, was[n], now[n])
		}
	}
	if len(was) != len(now) {
		t.Errorf("%s had %d lines and now has %d", path, len(was), len(now))
	}
}

// goldens reads what the cases raise, by file.
func goldens(t *testing.T) map[string]*golden {
	t.Helper()
	all := map[string]*golden{}
	for _, c := range cases {
		text, err := os.ReadFile(goldenOf(c.file))
		if err != nil {
			t.Fatal(err)
		}
		g := &golden{}
		if err := json.Unmarshal(text, g); err != nil {
			t.Fatal(err)
		}
		all[c.file] = g
	}
	return all
}

func TestEachFileIsACaseOnce(t *testing.T) {
	known := map[string]bool{".gitattributes": true}
	for _, c := range cases {
		if known[c.file] {
			t.Errorf("%s is twice in the table", c.file)
		}
		known[c.file], known[c.file+".json"] = true, true
	}
	files, err := os.ReadDir("testdata")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if !known[f.Name()] {
			t.Errorf("testdata/%s belongs to no case", f.Name())
		}
	}
}

// TestIssuesAreWellMade checks what holds of every issue, whatever it is.
func TestIssuesAreWellMade(t *testing.T) {
	codes := map[string]*issue.Code{}
	for _, c := range issue.All() {
		codes[c.Name] = c
	}
	for file, g := range goldens(t) {
		for _, i := range g.Issues {
			switch c := codes[i.Code]; {
			case c == nil:
				t.Errorf("%s: the code %q is not defined", file, i.Code)
			case i.Severity != c.Severity:
				t.Errorf("%s: %s is not as severe as its code", file, i.Code)
			case !strings.HasSuffix(i.Message, "."):
				t.Errorf("%s: the message %q is no sentence", file, i.Message)
			case i.Row == 0 && g.State == importer.Planned && i.Severity == issue.Error:
				t.Errorf("%s: an error of the whole file did not refuse it: %s", file, i.Message)
			case i.Row > 0 && (i.Line < 1 || i.Line == 1 && !strings.HasPrefix(g.Options.Format, "miradore-") && !strings.HasSuffix(file, ".jsonl")): // which have no line of headings
				t.Errorf("%s: the issue of a row has row %d and line %d: %s", file, i.Row, i.Line, i.Message)
			}
		}
	}
}

// secrets are the passwords and hashes of the files, as far as a message could
// quote them.
var secrets = regexp.MustCompile(`(?i)ruddy|otter|qwertyuiop|a ston\b|saltsalt|c2Fsd|\$2b\$\d|\$argon2id\$v=19\$m=\d|5f4dcc3b|ehqql|abcdefghijkl`)

func TestNoSecretIsQuoted(t *testing.T) {
	inFiles := 0
	for _, c := range cases {
		if text, err := os.ReadFile(goldenOf(c.file)); err != nil {
			t.Error(err)
		} else if found := secrets.Find(text); found != nil {
			t.Errorf("%s holds the secret %q", goldenOf(c.file), found)
		}
		if text, err := os.ReadFile(filepath.Join("testdata", c.file)); err == nil && secrets.Match(bytes.ToLower(text)) {
			inFiles++
		}
	}
	if inFiles < 20 {
		t.Errorf("only %d files hold a secret, so this test shows nothing", inFiles)
	}
}

// TestNoCodeWithoutATest finds the codes that neither a wrong file nor a wrong
// request raises.
func TestNoCodeWithoutATest(t *testing.T) {
	raised := map[string]bool{}
	for _, g := range goldens(t) {
		for _, i := range g.Issues {
			raised[i.Code] = true
		}
	}
	for _, r := range requests {
		raised[r.code] = true
	}
	for _, c := range issue.All() {
		if place := elsewhere[c.Name]; place != "" && !raised[c.Name] {
			raised[c.Name] = mentions(t, place, c.Name)
		}
		if !raised[c.Name] {
			t.Errorf("no test raises %s", c.Name)
		}
	}
}

// elsewhere names the test file that raises a code which nothing here can.
var elsewhere = map[string]string{
	"export-changed":    "internal/format/export_test.go",
	"group-namesake":    "internal/directory/rules_groups_test.go",
	"format-wrong":      "internal/format/text_test.go",
	"format-unreadable": "internal/importer/formats_test.go",

	"plan-not-revisable": "internal/importer/revise_test.go",
	"row-unknown":        "internal/importer/revise_test.go",
	"column-unknown":     "internal/importer/revise_test.go",
	"row-left-out":       "internal/importer/revise_test.go",
	"row-mended":         "internal/importer/revise_test.go",

	"notify-no-user":        "internal/importer/notice_test.go",
	"notice-unknown":        "internal/api/notifications_test.go",
	"token-invalid":         "internal/access/token_test.go",
	"token-revoked":         "internal/access/token_test.go",
	"token-expired":         "internal/access/token_test.go",
	"token-unknown":         "internal/access/token_test.go",
	"token-exists":          "internal/access/token_test.go",
	"token-name":            "internal/access/token_test.go",
	"token-expiry":          "internal/access/token_test.go",
	"token-own":             "internal/access/token_test.go",
	"sign-in-failed":        "internal/access/signin_test.go",
	"sign-in-too-often":     "internal/access/signin_test.go",
	"password-busy":         "internal/access/signin_test.go",
	"session-ended":         "internal/access/session_test.go",
	"session-unknown":       "internal/access/session_test.go",
	"password-wrong":        "internal/access/session_test.go",
	"second-factor-exists":  "internal/access/factor_test.go",
	"second-factor-missing": "internal/access/factor_test.go",
	"second-factor-wrong":   "internal/access/factor_test.go",
	"password-must-change":  "internal/api/sessions_test.go",
	"second-factor-needed":  "internal/api/sessions_test.go",
	"first-link-invalid":    "internal/access/first_test.go",
	"request-invalid":       "internal/api/attack_test.go",
	"path-unknown":          "internal/api/attack_test.go",
	"cross-origin":          "internal/server/server_test.go",
	"not-here":              "internal/server/server_test.go",
	"not-signed-in":         "internal/api/attack_test.go",
	"token-in-url":          "internal/api/attack_test.go",
	"body-too-large":        "internal/api/attack_test.go",
	"body-too-deep":         "internal/api/attack_test.go",
	"body-too-slow":         "internal/api/limit_test.go",
	"body-encoded":          "internal/api/attack_test.go",
	"follows-too-often":     "internal/api/progress_test.go",
	"file-missing":          "internal/api/imports_test.go",
	"changed-meanwhile":     "internal/api/condition_test.go",
	"idempotency-key-wrong": "internal/api/condition_test.go",
	"idempotency-key-used":  "internal/api/condition_test.go",
	"idempotency-key-busy":  "internal/api/condition_test.go",
	"unavailable":           "internal/api/attack_test.go",
	"fault":                 "internal/api/attack_test.go",
	"row-word-unknown":      "internal/api/imports_test.go",
	"field-unknown":         "internal/api/users_test.go",
	"heading-unmatched":     "internal/api/formats_test.go",
	"table-blank":           "internal/api/formats_test.go",
}

// mentions reports whether a test file speaks of a code.
func mentions(t *testing.T, path, code string) bool {
	text, err := os.ReadFile(filepath.Join("../..", path))
	if err != nil {
		t.Error(err)
	}
	return strings.Contains(string(text), code)
}
