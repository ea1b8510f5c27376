package importer_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"muster/internal/importer"
	"muster/internal/importer/importertest"
)

// applyBoth applies two imports at once, each by a process of its own.
func applyBoth(w *importertest.World, a, b *importer.Import) {
	w.T.Helper()
	var group sync.WaitGroup
	for _, imp := range []*importer.Import{a, b} {
		service := w.Another()
		group.Go(func() {
			if _, err := service.Apply(ctx, operator, imp.Number, imp.ConfirmCount()); err != nil {
				w.T.Errorf("import %d: %v", imp.Number, err)
			}
		})
	}
	group.Wait()
	accounted(w, a)
	accounted(w, b)
}

// people makes a file of format muster with the rows from … to.
func people(from, to int) string {
	var b strings.Builder
	b.WriteString("address,name,department,alias1\n")
	for i := from; i < to; i++ {
		fmt.Fprintf(&b, "p%d@example.org,P,East,alias%d@example.org\n", i, i)
	}
	return b.String()
}

// namesakes makes a file of format nhsmail1 with n people, of whom the first
// share one name.
func namesakes(same, n int, mark string) string {
	var b strings.Builder
	b.WriteString("Title,First Name,Surname,Organisation Code,Department,Job Title,Telephone,Mobile,Local ID\n")
	for i := range n {
		name := "John,Smith"
		if i >= same {
			name = fmt.Sprintf("P%d%s,Person", i, mark)
		}
		fmt.Fprintf(&b, ",%s,RX1,,,,,%s%d\n", name, mark, i)
	}
	return b.String()
}

func TestOverlappingFilesAtOnce(t *testing.T) {
	w := importertest.New(t)
	w.Importer.Batch = 20
	o := importer.Options{Org: "RX1"}
	a, b := w.Plan(people(0, 300), o), w.Plan(people(150, 450), o)
	applyBoth(w, a, b)
	if n := len(w.Users()); n != 450 {
		t.Errorf("%d users, want 450", n)
	}
	created := count(outcomes(w, a), importer.Created) + count(outcomes(w, b), importer.Created)
	unchanged := count(outcomes(w, a), importer.Unchanged) + count(outcomes(w, b), importer.Unchanged)
	if created != 450 || unchanged != 150 {
		t.Errorf("%d created and %d unchanged, want 450 and 150", created, unchanged)
	}
}

func count(list []importer.Outcome, which importer.Outcome) (n int) {
	for _, o := range list {
		if o == which {
			n++
		}
	}
	return n
}

func TestTheSameFileTwiceAtOnce(t *testing.T) {
	w := importertest.New(t)
	w.Importer.Batch = 20
	without := strings.ReplaceAll(namesakes(100, 200, "X"), ",X", ",") // no local ids
	a, b := w.Plan(without, importer.Options{}), w.Plan(without, importer.Options{})
	applyBoth(w, a, b)
	if n := len(w.Users()); n != 200 {
		t.Errorf("%d users, want 200", n)
	}
}

func TestOneImportAppliedByTwoAtOnce(t *testing.T) {
	w := importertest.New(t)
	w.Importer.Batch = 10
	var b strings.Builder
	b.WriteString("address,org,password\n")
	for i := range 200 {
		fmt.Fprintf(&b, "p%d@example.org,RX1,correct-horse-battery\n", i)
	}
	imp := w.Plan(b.String(), importer.Options{})
	applyBoth(w, imp, imp)
	if n := count(outcomes(w, imp), importer.Created); n != 200 || len(w.Users()) != 200 {
		t.Errorf("%d created, %d users", n, len(w.Users()))
	}
	if n := query[int](t, w, `SELECT count(*) FROM history WHERE import > 0`); n != 200 {
		t.Errorf("%d changes in the history, want 200", n)
	}
}

// TestPlannedByTwoAtOnce: one plans, the other waits, and the plan is whole.
func TestPlannedByTwoAtOnce(t *testing.T) {
	w := importertest.New(t)
	w.Importer.Batch = 5
	imp, err := w.Importer.Upload(ctx, operator, "people.csv", strings.NewReader(people(0, 300)), importer.Options{Org: "RX1"})
	if err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	errs := make([]error, 2)
	for i := range errs {
		service := w.Another()
		group.Go(func() { _, errs[i] = service.Plan(ctx, imp.Number) })
	}
	group.Wait()
	for _, err := range errs {
		if err != nil {
			t.Error(err)
		}
	}
	now, _ := w.Importer.Import(ctx, operator, imp.Number)
	if now.State != importer.Planned || now.Rows != 300 {
		t.Errorf("%s with %d rows, want planned with 300", now.State, now.Rows)
	}
	accounted(w, now)
}

// TestNumbersAtOnce: of 10,000 generated addresses half collide, in one import
// and then in two at once: the numbers have no gap and none is given twice.
func TestNumbersAtOnce(t *testing.T) {
	w := importertest.New(t)
	o := importer.Options{}
	imp := w.Plan(namesakes(5000, 10_000, "a"), o)
	w.Apply(imp)
	wantNumbers(t, w, 5000)
	a, b := w.Plan(namesakes(2500, 5000, "b"), o), w.Plan(namesakes(2500, 5000, "c"), o)
	applyBoth(w, a, b)
	wantNumbers(t, w, 10_000)
	if n := len(w.Users()); n != 20_000 {
		t.Errorf("%d users, want 20,000", n)
	}
}

// wantNumbers checks that john.smith has n bearers, numbered without a gap.
func wantNumbers(t *testing.T, w *importertest.World, n int) {
	t.Helper()
	var want []string
	for i := 1; i <= n; i++ {
		number := ""
		if i > 1 {
			number = fmt.Sprint(i)
		}
		want = append(want, "john.smith"+number+"@example.org")
	}
	var got []string
	for _, address := range w.Users() {
		if strings.HasPrefix(address, "john.smith") {
			got = append(got, address)
		}
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		for _, address := range want {
			if !slices.Contains(got, address) {
				t.Fatalf("%d bearers of the name, want %d; %s is missing", len(got), n, address)
			}
		}
		t.Fatalf("%d bearers of the name, want %d", len(got), n)
	}
}

// TestARowInErrorUsesUpNoNumber: the number of a row that is in error goes to
// the next.
func TestARowInErrorUsesUpNoNumber(t *testing.T) {
	w := importertest.New(t)
	file := "Title,First Name,Surname,Organisation Code,Department,Job Title,Telephone,Mobile,Local ID\n" +
		",John,Smith,RX1,,,,,L1\n,John,Smith,RX1,,,,,l1\n,John,Smith,RX1,,,,,L2\n"
	imp := w.Apply(w.Plan(file, importer.Options{Mode: "partial"}))
	wantOutcomes(w, imp, importer.Created, importer.LeftOut, importer.Created)
	wantNumbers(t, w, 2)
	if got := w.Rows(imp)[1].Issues; len(got) != 1 || got[0].Code != "duplicate-in-file" || got[0].Column != "Local ID" ||
		!strings.Contains(got[0].Message, "line 2") {
		t.Errorf("issues: %+v", got)
	}
}
