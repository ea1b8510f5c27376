package importer_test

import (
	"os"
	"strings"
	"testing"

	"muster/internal/importer"
	"muster/internal/importer/importertest"
)

// TestTryInParts: of a file of several parts that is tried, none is in memory for long, and
// none is left anywhere. That what it tells is what planning tells, every case of
// test/wronginput shows.
func TestTryInParts(t *testing.T) {
	w := importertest.New(t)
	t.Setenv("TMPDIR", t.TempDir())
	file := "address,name\nanna@example.org,Anna\n" + strings.Repeat(" ,\n", 1<<20) + "ben@example.org,Ben\n"
	imp, err := w.Importer.Try(ctx, operator, "people.csv", strings.NewReader(file), importer.Options{Org: "RX1"})
	if err != nil || imp.State != importer.Planning || imp.Rows != 2 || imp.Bytes != int64(len(file)) || imp.Format != "muster" {
		t.Fatalf("%+v %v", imp, err)
	}
	if left, err := os.ReadDir(os.Getenv("TMPDIR")); err != nil || len(left) > 0 {
		t.Errorf("left: %v (%v)", left, err)
	}
	if kept := w.List(`SELECT number FROM imports`) + w.List(`SELECT part FROM import_uploads`); kept != "" {
		t.Errorf("kept: %s", kept)
	}
	t.Setenv("TMPDIR", "/nowhere")
	if _, err := w.Importer.Try(ctx, operator, "people.csv", strings.NewReader(file), importer.Options{Org: "RX1"}); !os.IsNotExist(err) {
		t.Errorf("without a place to set it aside: %v", err)
	}
}

// TestTryAgain: a file that was applied is known again when it is tried, and one that is planned.
func TestTryAgain(t *testing.T) {
	w := importertest.New(t)
	const file = "address,name\nanna@example.org,Anna\n"
	imp := w.Plan(file, importer.Options{Org: "RX1"})
	try := func() *importer.Import {
		tried, err := w.Importer.Try(ctx, operator, "people.xlsx", strings.NewReader(file), importer.Options{Org: "RX1"})
		if err != nil {
			t.Fatal(err)
		}
		return tried
	}
	if got := try(); len(got.FileIssues) != 2 || got.FileIssues[0].Code != "kind-misnamed" || got.FileIssues[1].Code != "same-file" || got.Issues != 2 {
		t.Errorf("planned already: %+v", got.FileIssues)
	}
	if w.Apply(imp); try().SameAs != imp.Number {
		t.Errorf("applied already: %+v", try())
	}
}
