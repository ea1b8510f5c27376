// Package house tests the order of the house: which package may know which,
// that docs/ARCHITECTURE.md names the folders that there are, and that
// functions and files stay of a size that fits in the head.
package house

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const root = "../.."

// leaves know nothing of Muster but how to say that something is wrong.
var leaves = []string{"issue", "suggest", "mailaddr", "secret", "password", "table", "backup", "search"}

// mayKnow lists which packages of internal/ a package may import. One that is
// not listed may import none.
var mayKnow = map[string][]string{
	"mailaddr":              {"issue"},
	"password":              {"issue"},
	"table":                 {"issue", "suggest", "table/biff", "table/sheet", "table/xlsx"},
	"table/biff":            {"table/numfmt", "table/sheet"},
	"table/xlsx":            {"table/numfmt", "table/sheet"},
	"directory":             leaves,
	"format":                append([]string{"directory"}, leaves...),
	"access":                {"directory", "issue", "mailaddr", "password", "secret"},
	"importer":              append([]string{"directory", "format"}, leaves...),
	"importer/importertest": append([]string{"access", "directory", "importer", "store", "store/pgtest"}, leaves...),
	"history":               {"directory", "secret"},
	"store":                 append([]string{"access", "directory", "history", "importer"}, leaves...),
	"store/pgtest":          {"debian"},
	"work":                  {"importer", "store", "issue"},
	"config":                append([]string{"format"}, leaves...),
	"wire":                  append([]string{"access", "directory", "format", "importer"}, leaves...),
	"server":                {"issue", "wire"},
	"api":                   append([]string{"access", "directory", "format", "history", "importer", "server", "wire"}, leaves...),
	"cli":                   append([]string{"access", "directory", "format", "history", "importer", "config", "wire"}, leaves...),
	"app":                   append([]string{"access", "api", "directory", "format", "history", "importer", "store", "work", "health", "server", "config", "cli"}, leaves...),
}

func TestArrowsRunOneWay(t *testing.T) {
	for folder, files := range goFiles(t, "internal") {
		for _, file := range files {
			for _, imported := range importsOf(t, file) {
				known, inside := strings.CutPrefix(imported, "muster/internal/")
				if inside && !slices.Contains(mayKnow[folder], known) {
					t.Errorf("%s imports internal/%s, which internal/%s may not know", file, known, folder)
				}
			}
		}
	}
}

func TestMainKnowsTheCommandOnly(t *testing.T) {
	for _, files := range goFiles(t, "cmd") {
		for _, file := range files {
			for _, imported := range importsOf(t, file) {
				if known, inside := strings.CutPrefix(imported, "muster/internal/"); inside && known != "app" && known != "cli" {
					t.Errorf("%s imports internal/%s", file, known)
				}
			}
		}
	}
}

// goFiles returns the Go files below a folder that are no tests, by package.
func goFiles(t *testing.T, below string) map[string][]string {
	t.Helper()
	files, start := map[string][]string{}, filepath.Join(root, below)
	err := filepath.WalkDir(start, func(path string, d fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go") {
			folder, _ := filepath.Rel(start, filepath.Dir(path))
			files[filepath.ToSlash(folder)] = append(files[filepath.ToSlash(folder)], path)
		}
		return err
	})
	if err != nil || len(files) == 0 {
		t.Fatalf("no Go files below %s (%v)", below, err)
	}
	return files
}

func importsOf(t *testing.T, file string) (paths []string) {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range parsed.Imports {
		paths = append(paths, strings.Trim(i.Path.Value, `"`))
	}
	return paths
}

// TestArchitectureNamesTheFolders keeps the page true: it names every package
// and every folder of tests, and no folder that is gone.
func TestArchitectureNamesTheFolders(t *testing.T) {
	b, err := os.ReadFile(filepath.Join(root, "docs/ARCHITECTURE.md"))
	if err != nil {
		t.Fatal(err)
	}
	page := string(b)
	for folder := range goFiles(t, "internal") {
		if !strings.Contains(page, "`internal/"+folder+"`") {
			t.Errorf("docs/ARCHITECTURE.md does not name internal/%s", folder)
		}
	}
	tests, err := os.ReadDir(filepath.Join(root, "test"))
	if err != nil {
		t.Fatal(err)
	}
	for _, folder := range tests {
		if !strings.Contains(page, "`test/"+folder.Name()+"`") {
			t.Errorf("docs/ARCHITECTURE.md does not name test/%s", folder.Name())
		}
	}
	for _, named := range regexp.MustCompile("`((?:internal|cmd|test|docs|examples|scripts)/[a-zA-Z0-9_./-]*)`").FindAllStringSubmatch(page, -1) {
		if _, err := os.Stat(filepath.Join(root, named[1])); err != nil {
			t.Errorf("docs/ARCHITECTURE.md names %s, which is not there", named[1])
		}
	}
	if lines := strings.Count(page, "\n"); lines > 90 {
		t.Errorf("docs/ARCHITECTURE.md has %d lines; it is to be one page", lines)
	}
}

// TestEveryPackageSaysWhatItIsFor asks each package for its first comment.
func TestEveryPackageSaysWhatItIsFor(t *testing.T) {
	for folder, files := range goFiles(t, "internal") {
		if !slices.ContainsFunc(files, func(file string) bool { return parse(t, file).Doc != nil }) {
			t.Errorf("internal/%s does not say what it is for", folder)
		}
	}
}

const (
	longestFunction = 65
	longestFile     = 500
)

func TestFunctionsAndFilesFitInTheHead(t *testing.T) {
	for _, files := range goFiles(t, "internal") {
		for _, file := range files {
			set := token.NewFileSet()
			parsed, err := parser.ParseFile(set, file, nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			if n := set.Position(parsed.FileEnd).Line; n > longestFile {
				t.Errorf("%s has %d lines", file, n)
			}
			for _, d := range parsed.Decls {
				f, ok := d.(*ast.FuncDecl)
				if !ok {
					continue
				}
				if n := set.Position(f.End()).Line - set.Position(f.Pos()).Line + 1; n > longestFunction {
					t.Errorf("%s: %s has %d lines", file, f.Name.Name, n)
				}
			}
		}
	}
}

func parse(t *testing.T, file string) *ast.File {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}
