package importer_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"muster/internal/directory"
	"muster/internal/importer"
	"muster/internal/importer/importertest"
)

func TestStrictAndPartial(t *testing.T) {
	const file = "address,org\na@example.org,RX1\nb@nowhere.example,RX1\n"
	cases := []struct {
		mode string
		file string
		code string
		want []importer.Outcome
	}{
		{"strict", file, "errors-in-strict-mode", []importer.Outcome{importer.Pending, importer.LeftOut}},
		{"partial", file, "", []importer.Outcome{importer.Created, importer.LeftOut}},
		{"", file, "", []importer.Outcome{importer.Created, importer.LeftOut}}, // the format's own mode
		{"", "Email,Name\na@example.org,\nb@nowhere.example,\n", "errors-in-strict-mode", []importer.Outcome{importer.Pending, importer.LeftOut}},
		{"partial", "address\nb@nowhere.example\n", "nothing-to-apply", []importer.Outcome{importer.LeftOut}},
	}
	for _, c := range cases {
		t.Run(c.mode+c.code, func(t *testing.T) {
			w := importertest.New(t)
			imp := w.Plan(c.file, importer.Options{Org: "RX1", Mode: c.mode})
			_, err := w.Importer.Apply(ctx, operator, imp.Number, 0)
			if codeOf(err) != c.code {
				t.Errorf("the error is %v, want %q", err, c.code)
			}
			wantOutcomes(w, imp, c.want...)
			if made := w.Has("a@example.org"); made != (len(c.want) > 0 && c.want[0] == importer.Created) {
				t.Errorf("a@example.org is there: %v", made)
			}
		})
	}
}

// crowd makes a Muster with n users of RX1, and returns a file that changes the
// first of them.
func crowd(t *testing.T, n, touched int) (*importertest.World, string) {
	w := importertest.New(t)
	var all, some strings.Builder
	all.WriteString("address,org\n")
	some.WriteString("address,department\n")
	for i := range n {
		fmt.Fprintf(&all, "p%d@example.org,RX1\n", i)
		if i < touched {
			fmt.Fprintf(&some, "p%d@example.org,East\n", i)
		}
	}
	w.Apply(w.Plan(all.String(), importer.Options{}))
	return w, some.String()
}

func TestThresholds(t *testing.T) {
	cases := []struct {
		name              string
		existing, touched int
		confirm           int64
		want              string
	}{
		{"50 of 60 are few", 60, 50, 0, ""},
		{"51 of 60 are many", 60, 51, 0, "needs-confirmation"},
		{"51 of 60, confirmed", 60, 51, 51, ""},
		{"51 of 60, with a wrong number", 60, 51, 50, "needs-confirmation"},
		{"60 of 300 are 20 %", 300, 60, 0, ""},
		{"61 of 300 are more", 300, 61, 0, "needs-confirmation"},
		{"a number that is not needed is ignored", 300, 10, 99, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			w, file := crowd(t, c.existing, c.touched)
			imp := w.Plan(file, importer.Options{})
			_, err := w.Importer.Apply(ctx, operator, imp.Number, c.confirm)
			if codeOf(err) != c.want {
				t.Fatalf("the error is %v, want %q", err, c.want)
			}
			if err != nil && (!strings.Contains(err.Error(), fmt.Sprint("--confirm ", c.touched)) || w.User("p0@example.org").Get(directory.Department) != "") {
				t.Errorf("%v; department %q", err, w.User("p0@example.org").Get(directory.Department))
			}
		})
	}
}

func TestCreatingDoesNotCount(t *testing.T) {
	w := importertest.New(t)
	imp := w.Apply(w.Plan(people(0, 200), importer.Options{Org: "RX1"}))
	if imp.ConfirmCount() != 0 {
		t.Errorf("the count is %d", imp.ConfirmCount())
	}
}

// secrets counts what is kept sealed of an import.
func secrets(t *testing.T, w *importertest.World, kind string) int {
	return query[int](t, w, `SELECT count(*) FROM import_secrets WHERE kind = $1`, kind)
}

const withPasswords = "address,org,password\na@example.org,RX1,correct-horse-battery\nb@example.org,RX1,another-horse-battery\n"

func TestCancel(t *testing.T) {
	w := importertest.New(t)
	imp := w.Plan(withPasswords, importer.Options{})
	imp, err := w.Importer.Cancel(ctx, operator, imp.Number)
	if err != nil || imp.State != importer.Cancelled {
		t.Fatal(imp.State, err)
	}
	wantOutcomes(w, imp, importer.LeftOut, importer.LeftOut)
	if n := secrets(t, w, importer.Supplied); n > 0 {
		t.Errorf("%d passwords are kept", n)
	}
	_, err = w.Importer.Apply(ctx, operator, imp.Number, 0)
	wantCode(t, err, "not-applicable")
	_, err = w.Importer.Cancel(ctx, operator, imp.Number)
	wantCode(t, err, "not-cancellable")
}

// TestCancelWhilePlanning: what the planner had kept so far is gone, and it
// does not go on.
func TestCancelWhilePlanning(t *testing.T) {
	w := importertest.New(t)
	w.Importer.Batch = 1
	imp, err := w.Importer.Upload(ctx, operator, "people.csv", strings.NewReader(withPasswords), importer.Options{})
	if err != nil {
		t.Fatal(err)
	}
	service := *w.Importer
	cancelled := false
	service.Report = func(importer.Progress) {
		if !cancelled {
			cancelled = true
			if _, err := w.Importer.Cancel(ctx, operator, imp.Number); err != nil {
				t.Error(err)
			}
		}
	}
	imp, err = service.Plan(ctx, imp.Number)
	if err != nil || imp.State != importer.Cancelled || imp.Rows != 0 {
		t.Fatalf("%s with %d rows: %v", imp.State, imp.Rows, err)
	}
	accounted(w, imp)
	if n := secrets(t, w, importer.Supplied) + query[int](t, w, `SELECT count(*) FROM import_uploads`); n > 0 {
		t.Errorf("%d secrets and parts are kept", n)
	}
}

func TestInterruptedPlanIsCancelled(t *testing.T) {
	w := importertest.New(t)
	w.Importer.Batch = 1
	imp, _ := w.Importer.Upload(ctx, operator, "people.csv", strings.NewReader(withPasswords), importer.Options{})
	stop, cancel := context.WithCancel(ctx)
	service := *w.Importer
	service.Report = func(importer.Progress) { cancel() }
	imp, err := service.Plan(stop, imp.Number)
	if !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	now, _ := w.Importer.Import(ctx, operator, imp.Number)
	if now.State != importer.Cancelled || secrets(t, w, importer.Supplied) > 0 {
		t.Errorf("%s with %d passwords", now.State, secrets(t, w, importer.Supplied))
	}
	accounted(w, now)
}

func TestInterruptedApplyIsGoneOnWith(t *testing.T) {
	w := importertest.New(t)
	w.Importer.Batch = 1
	imp := w.Plan(withPasswords, importer.Options{})
	stop, cancel := context.WithCancel(ctx)
	service := *w.Importer
	service.Report = func(p importer.Progress) {
		if p.Stage == "applying" {
			cancel()
		}
	}
	_, err := service.Apply(stop, operator, imp.Number, 0)
	wantCode(t, err, "interrupted")
	wantOutcomes(w, imp, importer.Created, importer.Pending)
	w.Apply(imp)
	wantOutcomes(w, imp, importer.Created, importer.Created)
	again := w.Apply(imp) // does nothing
	if again.State != importer.Applied {
		t.Error(again.State)
	}
}

func TestPlansLapse(t *testing.T) {
	w := importertest.New(t)
	imp := w.Plan(withPasswords, importer.Options{})
	w.Now = w.Now.AddDate(0, 0, 7).Add(1e9)
	_, err := w.Importer.Apply(ctx, operator, imp.Number, 0)
	wantCode(t, err, "plan-lapsed")
	now, _ := w.Importer.Import(ctx, operator, imp.Number)
	if now.State != importer.Lapsed || secrets(t, w, importer.Supplied) > 0 || w.Has("a@example.org") {
		t.Errorf("%s with %d passwords", now.State, secrets(t, w, importer.Supplied))
	}
	wantOutcomes(w, now, importer.LeftOut, importer.LeftOut)
}

func TestSweepWritesOnlyWhereThereIsSomethingToDo(t *testing.T) {
	w := importertest.New(t)
	w.Plan(withPasswords, importer.Options{})
	service := *w.Importer
	service.Store = &dying{w.Store, 1, false} // any write is an error
	if err := service.Sweep(ctx); err != nil {
		t.Error(err)
	}
	w.Now = w.Now.AddDate(0, 0, 8)
	if err := service.Sweep(ctx); !errors.Is(err, errDied) {
		t.Errorf("a plan that is over was left alone: %v", err)
	}
}

// TestAPlanThatWasKilledIsMadeAgain: the sealed upload is still there.
func TestAPlanThatWasKilledIsMadeAgain(t *testing.T) {
	w := importertest.New(t)
	w.Importer.Batch = 1
	imp, err := w.Importer.Upload(ctx, operator, "people.csv", strings.NewReader(withPasswords), importer.Options{})
	if err != nil {
		t.Fatal(err)
	}
	service := *w.Importer
	service.Store = &dying{w.Store, 3, false}
	if _, err := service.Plan(ctx, imp.Number); !errors.Is(err, errDied) {
		t.Fatal(err)
	}
	w.Apply(imp)
	wantOutcomes(w, imp, importer.Created, importer.Created)
}

func TestAnUploadThatWasCutOffIsNoFile(t *testing.T) {
	w := importertest.New(t)
	service := *w.Importer
	service.Store = &dying{w.Store, 2, false} // the first part arrives
	_, err := service.Upload(ctx, operator, "people.csv", strings.NewReader(strings.Repeat("address,org\n", 200_000)), importer.Options{})
	if !errors.Is(err, errDied) {
		t.Fatal(err)
	}
	imp, err := w.Importer.Plan(ctx, 1)
	if err != nil || imp.State != importer.Refused || imp.FileIssues[0].Code != "upload-incomplete" {
		t.Fatalf("%s: %v %v", imp.State, imp.FileIssues, err)
	}
}

func TestRefusedFiles(t *testing.T) {
	cases := []struct {
		name string
		file io.Reader
		o    importer.Options
		code string
	}{
		{"no bytes", strings.NewReader(""), importer.Options{}, "file-empty"},
		{"only headings", strings.NewReader("address,org\n"), importer.Options{}, "no-rows"},
		{"only headings and blank lines", strings.NewReader("address,org\n\n\n"), importer.Options{}, "no-rows"},
		{"an unknown heading", strings.NewReader("adress,org\na@example.org,RX1\n"), importer.Options{Format: "muster"}, "header-unknown"},
		{"no format fits", strings.NewReader("x,y\n1,2\n"), importer.Options{}, "format-unclear"},
		{"too many rows", strings.NewReader("Email\n" + strings.Repeat("a@example.org\n", 501)), importer.Options{}, "too-many-rows"},
		{"Windows-1252", strings.NewReader("Email,Name\na@example.org,\xa3\n"), importer.Options{}, "not-utf8"},
		{"cannot be read", iotest.ErrReader(errors.New("is a directory")), importer.Options{}, "file-unreadable"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			w := importertest.New(t)
			imp, err := w.Importer.Upload(ctx, operator, "people.csv", c.file, c.o)
			if err == nil {
				imp, err = w.Importer.Plan(ctx, imp.Number)
			}
			if err != nil {
				t.Fatal(err)
			}
			if imp.State != importer.Refused || imp.Rows != 0 || len(imp.FileIssues) != 1 || imp.FileIssues[0].Row != 0 || imp.FileIssues[0].Code != c.code {
				t.Errorf("%s, %d rows, %+v", imp.State, imp.Rows, imp.FileIssues)
			}
			accounted(w, imp)
			for _, table := range []string{"import_uploads", "import_rows", "import_claims", "import_secrets"} {
				if n := query[int](t, w, `SELECT count(*) FROM `+table); n > 0 {
					t.Errorf("%d are left in %s", n, table)
				}
			}
			_, err = w.Importer.Apply(ctx, operator, imp.Number, 0)
			wantCode(t, err, "not-applicable")
		})
	}
}

func TestOptionsThatCannotBe(t *testing.T) {
	cases := []struct {
		o    importer.Options
		code string
	}{
		{importer.Options{Org: "RX7"}, "organisation-unknown"},
		{importer.Options{Domain: "nowhere.example"}, "domain-unknown"},
		{importer.Options{Format: "nhs"}, "format-unknown"},
		{importer.Options{Org: "RX1", Group: "Wads"}, "group-not-found"},
		{importer.Options{Org: "RX1", Group: "Wards", UploadOnly: true}, "option-wrong"},
		{importer.Options{Org: "RX1", Group: "Wards", Note: strings.Repeat("é", 101)}, "note-too-long"},
	}
	w := importertest.New(t)
	w.Group("RX1", "Wards")
	for _, c := range cases {
		_, err := w.Importer.Upload(ctx, operator, "people.csv", strings.NewReader("address\n"), c.o)
		wantCode(t, err, c.code)
	}
	if n := query[int](t, w, `SELECT count(*) FROM imports`); n > 0 {
		t.Errorf("%d imports are kept", n)
	}
}

func TestDuplicatesNameTheLineOfTheFirst(t *testing.T) {
	file := "address,org,notes\n\na@example.org,RX1,\"two\nlines\"\nb@example.org,RX1,\nA@Example.org,RX1,\n"
	for _, batch := range []int{1, 2, 500} {
		w := importertest.New(t)
		w.Importer.Batch = batch
		imp := w.Plan(file, importer.Options{})
		rows := w.Rows(imp)
		if len(rows) != 3 || len(rows[2].Issues) != 1 {
			t.Fatalf("batches of %d: %+v", batch, rows)
		}
		i := rows[2].Issues[0]
		if i.Code != "duplicate-in-file" || i.Row != 3 || i.Line != 6 || i.Column != "address" || i.Message != "The address a@example.org is in line 3 already." {
			t.Errorf("batches of %d: %+v", batch, i)
		}
	}
}
