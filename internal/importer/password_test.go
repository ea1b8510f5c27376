package importer_test

import (
	"bytes"
	"strings"
	"testing"

	"muster/internal/directory"
	"muster/internal/importer"
	"muster/internal/importer/importertest"
	"muster/internal/password"
)

// leaks fails where a text stands in what the database keeps.
func leaks(t *testing.T, w *importertest.World, when, text string) {
	t.Helper()
	for place, content := range importertest.Kept(t, w.Database) {
		if bytes.Contains(content, []byte(text)) {
			t.Errorf("%s: %q stands in %s", when, text, place)
		}
	}
}

func hashOf(t *testing.T, w *importertest.World, address string) string {
	return query[string](t, w, `SELECT password FROM users WHERE address = $1`, address)
}

// TestSuppliedPasswords are sealed when the file is read, hashed once and gone.
func TestSuppliedPasswords(t *testing.T) {
	w := importertest.New(t)
	imp, err := w.Importer.Upload(ctx, operator, "people.csv", strings.NewReader(withPasswords), importer.Options{})
	if err != nil {
		t.Fatal(err)
	}
	leaks(t, w, "uploaded", "correct-horse-battery")
	if _, err := w.Importer.Plan(ctx, imp.Number); err != nil {
		t.Fatal(err)
	}
	leaks(t, w, "planned", "correct-horse-battery")
	if n := query[int](t, w, `SELECT count(*) FROM import_uploads`); n != 0 || secrets(t, w, importer.Supplied) != 2 {
		t.Errorf("%d parts and %d passwords are kept after planning", n, secrets(t, w, importer.Supplied))
	}
	imp = w.Apply(imp)
	leaks(t, w, "applied", "correct-horse-battery")
	if n := query[int](t, w, `SELECT count(*) FROM import_secrets`); n != 0 {
		t.Errorf("%d secrets are kept after applying", n)
	}
	if ok, _, _ := password.Verify(hashOf(t, w, "a@example.org"), "correct-horse-battery"); !ok {
		t.Error("the password does not fit")
	}
	if results := w.Results(imp, false); strings.Contains(results, "horse") {
		t.Errorf("results:\n%s", results)
	}
}

// TestPasswordsOfExistingUsers are passed over unless somebody asks for them.
func TestPasswordsOfExistingUsers(t *testing.T) {
	w := importertest.New(t)
	w.Apply(w.Plan(withPasswords, importer.Options{}))
	former := hashOf(t, w, "a@example.org")
	const file = "address,password\na@example.org,a-new-long-password\n"

	imp := w.Apply(w.Plan(file, importer.Options{}))
	wantOutcomes(w, imp, importer.Unchanged)
	if codes := codesOf(w.Rows(imp)[0]); len(codes) != 1 || codes[0] != "warning password-passed-over password" || hashOf(t, w, "a@example.org") != former {
		t.Errorf("codes %v", codes)
	}

	imp = w.Apply(w.Plan(file, importer.Options{SetPasswords: true}))
	wantOutcomes(w, imp, importer.Updated)
	if ok, _, _ := password.Verify(hashOf(t, w, "a@example.org"), "a-new-long-password"); !ok {
		t.Error("the password does not fit")
	}
	if secrets(t, w, importer.Former) != 1 {
		t.Error("the former hash is not kept for an undo")
	}
	w.Now = w.Now.AddDate(0, 0, 31)
	if err := w.Importer.Sweep(ctx); err != nil || secrets(t, w, importer.Former) != 0 {
		t.Errorf("the former hash is kept beyond the time for an undo: %v", err)
	}
}

func TestWeakPasswordsAreErrorsAndNotKept(t *testing.T) {
	w := importertest.New(t)
	imp := w.Plan("Email,Password\na@example.org,short\nb@example.org,correct-horse-battery\n", importer.Options{Org: "RX1"})
	if _, err := w.Importer.Apply(ctx, operator, imp.Number, 0); codeOf(err) != "errors-in-strict-mode" {
		t.Error(err)
	}
	for _, r := range w.Rows(imp) {
		for _, i := range r.Issues {
			if strings.Contains(i.Message+i.Suggestion, "short") && strings.Contains(i.Message, `"short"`) {
				t.Errorf("the message holds the password: %s", i.Message)
			}
		}
	}
	if secrets(t, w, importer.Supplied) != 1 {
		t.Errorf("%d passwords are kept, want that of the good row", secrets(t, w, importer.Supplied))
	}
}

const nhsmail1Passwords = "Title,First Name,Surname,Organisation Code,Department,Job Title,Telephone,Mobile,Local ID\n,Ann,Lee,RX1,,,,,L1\n"

// TestGeneratedPasswords are kept sealed for 14 days, or until a new one is set.
func TestGeneratedPasswords(t *testing.T) {
	generated := func(w *importertest.World, imp *importer.Import) string {
		lines := strings.Split(strings.TrimSpace(w.Results(imp, false)), "\r\n")
		if len(lines) == 1 {
			lines = strings.Split(lines[0], "\n")
		}
		cells := strings.Split(lines[len(lines)-1], ",")
		return cells[len(cells)-1]
	}
	t.Run("until they lapse", func(t *testing.T) {
		w := importertest.New(t)
		imp := w.Apply(w.Plan(nhsmail1Passwords, importer.Options{}))
		plain := generated(w, imp)
		if ok, _, _ := password.Verify(hashOf(t, w, "ann.lee@example.org"), plain); !ok {
			t.Fatalf("the password %q in the results does not fit", plain)
		}
		if !w.User("ann.lee@example.org").Is(directory.MustChange) {
			t.Error("the password need not be changed")
		}
		leaks(t, w, "applied", plain)
		w.Now = w.Now.AddDate(0, 0, 15)
		if got := generated(w, imp); got != "(no longer kept)" {
			t.Errorf("after 15 days the cell says %q", got)
		}
		if err := w.Importer.Sweep(ctx); err != nil || secrets(t, w, importer.Generated) != 0 {
			t.Errorf("%d are kept: %v", secrets(t, w, importer.Generated), err)
		}
		again := w.Plan(w.Results(imp, false), importer.Options{})
		if r := w.Rows(again)[0]; r.Action != directory.Unchanged {
			t.Errorf("the results file again would %s: %v", r.Action, r.Issues)
		}
	})
	t.Run("until a new password is set", func(t *testing.T) {
		w := importertest.New(t)
		imp := w.Apply(w.Plan(nhsmail1Passwords, importer.Options{}))
		r := importertest.Record("address", "ann.lee@example.org")
		r.Password = "correct-horse-battery"
		if _, _, err := w.Directory.SetUser(ctx, operator, r); err != nil {
			t.Fatal(err)
		}
		if got := generated(w, imp); got != "(no longer kept)" || secrets(t, w, importer.Generated) != 0 {
			t.Errorf("the cell says %q", got)
		}
	})
	t.Run("only for those who may, and noted", func(t *testing.T) {
		w := importertest.New(t)
		imp := w.Apply(w.Plan(nhsmail1Passwords, importer.Options{}))
		auditor := admin(w, "audit@example.org", "RX1", "Auditor")
		var b strings.Builder
		auditor.Org = directory.Master
		if err := w.Importer.Results(ctx, auditor, imp.Number, false, &b); err != nil || !strings.Contains(b.String(), "(not shown)") {
			t.Errorf("%v:\n%s", err, b.String())
		}
		const fetches = `SELECT count(*) FROM history WHERE action = 'read generated passwords'`
		if n := query[int](t, w, fetches); n != 0 {
			t.Errorf("%d fetches are noted", n)
		}
		w.Results(imp, true)
		if n := query[int](t, w, fetches); n != 0 {
			t.Errorf("%d fetches are noted where none was read", n)
		}
		w.Results(imp, false)
		if n := query[int](t, w, fetches); n != 1 {
			t.Errorf("%d fetches are noted", n)
		}
	})
	t.Run("not where the organisation hands none over", func(t *testing.T) {
		w := importertest.New(t)
		w.Settings("RX1", func(s *directory.Settings) { s.Passwords = "none" })
		imp := w.Apply(w.Plan(nhsmail1Passwords, importer.Options{}))
		if strings.Contains(w.Results(imp, false), "Password") || w.User("ann.lee@example.org").HasPassword {
			t.Error(w.Results(imp, false))
		}
	})
}
