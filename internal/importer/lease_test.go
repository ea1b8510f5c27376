package importer_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"muster/internal/importer"
	"muster/internal/importer/importertest"
)

// soon is a context that ends before a test would be thought to hang.
func soon(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	t.Cleanup(cancel)
	return ctx
}

// half plans a file and applies its first batch, as somebody who lives: the
// lease is given back by the returned function.
func half(t *testing.T, w *importertest.World, file string) (imp *importer.Import, release func()) {
	imp = w.Plan(file, importer.Options{})
	service := *w.Importer
	service.Store = &dying{w.Store, 4, false} // begin, enter and one batch
	if _, err := service.Apply(ctx, operator, imp.Number, 0); err == nil {
		t.Fatal("the import was not cut off")
	}
	lease, err := w.Store.Lease(ctx, imp.Number)
	if err != nil || lease == 0 {
		t.Fatal(lease, err)
	}
	return imp, func() { w.Store.EndLease(ctx, imp.Number, lease) }
}

// reports lets a service tell its stages to a channel.
func reports(s *importer.Service) <-chan string {
	stages := make(chan string, 10_000)
	s.Report = func(p importer.Progress) { stages <- p.Stage }
	return stages
}

const twoPeople = "address,org\na@example.org,RX1\nb@example.org,RX1\n"

// An import waits for another that is about one of its users, and then applies
// what is left to do.
func TestRivalsTakeTurns(t *testing.T) {
	w := importertest.New(t)
	w.Importer.Batch = 1
	first, release := half(t, w, twoPeople)
	second := w.Plan("address,org\nb@example.org,RX1\nc@example.org,RX1\n", importer.Options{})
	service := w.Another()
	stages, done := reports(service), make(chan error, 1)
	go func() { _, err := service.Apply(soon(t), operator, second.Number, 0); done <- err }()
	if stage := <-stages; stage != fmt.Sprintf("waiting for import %d", first.Number) {
		t.Fatalf("the second import is at %q", stage)
	}
	if w.Has("c@example.org") {
		t.Error("the second import did not wait")
	}
	release()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	wantOutcomes(w, second, importer.Created, importer.Created)
}

// Imports about other people wait for nobody.
func TestStrangersDoNotWait(t *testing.T) {
	w := importertest.New(t)
	w.Importer.Batch = 1
	_, release := half(t, w, twoPeople)
	defer release()
	w.Apply(w.Plan("address,org\nc@example.org,RX1\n", importer.Options{}))
}

// Whoever replaces the members of a group waits for all who may add some.
func TestReplacingAGroupWaitsForAll(t *testing.T) {
	w := importertest.New(t)
	w.Importer.Batch = 1
	w.Group("RX1", "Wards")
	w.Add("old@example.org", "RX1", "group", "Wards")
	first, release := half(t, w, twoPeople)
	second := w.Plan("address,org\nc@example.org,RX1\n", importer.Options{Org: "RX1", Group: "Wards", GroupMode: "replace"})
	service := w.Another()
	stages, done := reports(service), make(chan error, 1)
	go func() {
		_, err := service.Apply(soon(t), operator, second.Number, second.ConfirmCount())
		done <- err
	}()
	if stage := <-stages; stage != fmt.Sprintf("waiting for import %d", first.Number) {
		t.Fatalf("the second import is at %q", stage)
	}
	release()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
}

// An import that was left in the middle, and on which nobody works, holds no
// other up.
func TestNobodyWaitsForTheDead(t *testing.T) {
	w := importertest.New(t)
	w.Importer.Batch = 1
	_, release := half(t, w, twoPeople)
	release()
	w.Apply(w.Plan("address,org\nb@example.org,RX1\nc@example.org,RX1\n", importer.Options{}))
}

// A second process that is to do the same waits, and finds it done.
func TestFollowedToTheEnd(t *testing.T) {
	w := importertest.New(t)
	w.Importer.Batch = 1
	imp, release := half(t, w, twoPeople)
	service := w.Another()
	stages, done := reports(service), make(chan error, 1)
	go func() { _, err := service.Apply(soon(t), operator, imp.Number, 0); done <- err }()
	if stage := <-stages; stage != "applying" {
		t.Fatalf("told of %q", stage)
	}
	if w.Has("b@example.org") {
		t.Error("two work on one import")
	}
	release()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	wantOutcomes(w, imp, importer.Created, importer.Created)
}

// One whose lease was taken by another meanwhile does nothing more.
func TestTakenOver(t *testing.T) {
	w := importertest.New(t)
	w.Importer.Batch = 1
	imp := w.Plan(twoPeople, importer.Options{})
	service := w.Another()
	service.Report = func(p importer.Progress) {
		if p.Stage == "applying" && p.Done == 1 {
			query[int](t, w, fmt.Sprintf(`UPDATE imports SET lease = 99 WHERE number = %d RETURNING 1`, imp.Number))
		}
	}
	_, err := service.Apply(soon(t), operator, imp.Number, 0)
	wantCode(t, err, "taken-over")
	wantOutcomes(w, imp, importer.Created, importer.Pending)
}

// A plan tells which of its rows another import is about, that is planned or
// being applied; but not what is unchanged, or in one that is finished.
func TestAlsoInImport(t *testing.T) {
	w := importertest.New(t)
	w.Importer.Batch = 2
	w.Add("same@example.org", "RX1", "title", "Dr")
	first := w.Plan("address,org,local_id\na@example.org,RX1,\nb@example.org,RX1,L1\n", importer.Options{})
	file := "address,title,org,local_id\nc@example.org,Mr,RX1,\nsame@example.org,Dr,,\nA@Example.org,Ms,RX1,\nd@example.org,Ms,RX1,l1\n"
	second := w.Plan(file, importer.Options{})
	want := map[int]string{3: "address", 4: "local_id"}
	for _, r := range w.Rows(second) {
		column := ""
		for _, i := range r.Issues {
			if i.Code == "also-in-import" {
				column = i.Column
				if !strings.Contains(i.Message, fmt.Sprintf("import %d", first.Number)) || i.Line != r.Line {
					t.Errorf("%+v", i)
				}
			}
		}
		if column != want[r.Row] {
			t.Errorf("row %d is warned of in column %q, want %q", r.Row, column, want[r.Row])
		}
	}
	w.Apply(first)
	if third := w.Plan("address,title\nb@example.org,Prof\n", importer.Options{}); third.Warnings != 0 {
		t.Errorf("%d warnings, though the first import is finished", third.Warnings)
	}
}

// The very same file, planned and not applied, is told once, not row by row.
func TestTheSameFilePlannedTwice(t *testing.T) {
	w := importertest.New(t)
	w.Plan(twoPeople, importer.Options{})
	second := w.Plan(twoPeople, importer.Options{})
	if len(second.FileIssues) != 1 || second.FileIssues[0].Code != "same-file" || second.Warnings != 0 {
		t.Errorf("%d warnings, %+v", second.Warnings, second.FileIssues)
	}
}

// The estimate before hashing grows with the passwords, and takes no time where
// there are none.
func TestHashingTime(t *testing.T) {
	w := importertest.New(t)
	if d := w.Importer.HashingTime(w.Plan(twoPeople, importer.Options{})); d != 0 {
		t.Errorf("%s for no passwords", d)
	}
	imp := w.Plan("address,org,password\nc@example.org,RX1,correct-horse-battery\n", importer.Options{})
	imp.Secrets = 1_000_000
	if d := w.Importer.HashingTime(imp); d < time.Second {
		t.Errorf("%s for a million passwords", d)
	}
}
