package importer_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"muster/internal/importer"
	"muster/internal/importer/importertest"
	"muster/internal/password"
)

// peopleWithPasswords is a plan of so many people, each with a password of their own.
func peopleWithPasswords(w *importertest.World, people int) *importer.Import {
	var b strings.Builder
	b.WriteString("address,org,password\n")
	for i := range people {
		fmt.Fprintf(&b, "p%d@example.org,RX1,correct-horse-%d\n", i, i)
	}
	return w.Plan(b.String(), importer.Options{})
}

func wantPasswords(t *testing.T, w *importertest.World, people int) {
	t.Helper()
	for i := range people {
		if ok, _, _ := password.Verify(hashOf(t, w, fmt.Sprintf("p%d@example.org", i)), fmt.Sprintf("correct-horse-%d", i)); !ok {
			t.Fatalf("p%d has another password", i)
		}
	}
	if n := secrets(t, w, importer.Supplied) + secrets(t, w, importer.Hashed); n > 0 {
		t.Errorf("%d secrets are left", n)
	}
}

// TestHashingIsSharedOut: whoever helps takes passwords that nobody else hashes.
func TestHashingIsSharedOut(t *testing.T) {
	const people = 700
	w := importertest.New(t)
	imp := peopleWithPasswords(w, people)
	helper := w.Another()
	hashed, helped := 0, make(chan int, 1)
	var once sync.Once
	w.Importer.Report = func(p importer.Progress) {
		if p.Stage != "hashing" {
			return
		}
		hashed++
		if p.Total != people || p.Done > p.Total {
			t.Errorf("%d of %d are hashed", p.Done, p.Total)
		}
		once.Do(func() {
			now, err := w.Importer.Import(ctx, operator, imp.Number)
			if err != nil || !now.NeedsHelp() {
				t.Errorf("%+v, %v: nobody would help", now, err)
			}
			go func() {
				n, err := helper.Help(ctx, imp.Number)
				if err != nil {
					t.Error(err)
				}
				helped <- n
			}()
		})
	}
	done := w.Apply(imp)
	if n := <-helped; n == 0 || done.Hashed != people || n > people-64 {
		t.Errorf("%d of %d passwords were hashed, %d by whoever helped", done.Hashed, people, n)
	} else if most := (people-n)/64 + 1; hashed > most {
		t.Errorf("%d batches were hashed beside the %d passwords of whoever helped", hashed, n)
	}
	wantPasswords(t, w, people)
}

// TestHelpersDie: what somebody took who has died is hashed all the same.
func TestHelpersDie(t *testing.T) {
	const people = 200
	w := importertest.New(t)
	imp := peopleWithPasswords(w, people)
	if _, err := w.Importer.ApplyLater(ctx, operator, imp.Number, 0); err != nil {
		t.Fatal(err)
	}
	helper := w.Another()
	helper.Store = &dying{w.Store, 1, true} // takes some and dies before it has hashed them
	if _, err := helper.Help(ctx, imp.Number); !errors.Is(err, errDied) {
		t.Fatal(err)
	}
	var once sync.Once
	w.Importer.Report = func(p importer.Progress) {
		once.Do(func() {
			helper.Store = &dying{w.Store, 1, true}
			if _, err := helper.Help(ctx, imp.Number); !errors.Is(err, errDied) {
				t.Error(err)
			}
		})
	}
	w.Apply(imp)
	wantPasswords(t, w, people)
}

// TestNobodyHelpsWhereNothingIsToBeHashed: an import that is planned, or done, is
// left alone.
func TestNobodyHelpsWhereNothingIsToBeHashed(t *testing.T) {
	w := importertest.New(t)
	imp := peopleWithPasswords(w, 3)
	if n, err := w.Importer.Help(ctx, imp.Number); n != 0 || err != nil || secrets(t, w, importer.Supplied) != 3 {
		t.Errorf("%d of a plan, %v", n, err)
	}
	w.Apply(imp)
	if n, err := w.Importer.Help(ctx, imp.Number); n != 0 || err != nil {
		t.Errorf("%d of what is done, %v", n, err)
	}
	wantPasswords(t, w, 3)
}

// TestHashingStandsBehindPeople: while somebody waits for a hash, each of an import's is put
// off; it is done all the same.
func TestHashingStandsBehindPeople(t *testing.T) {
	w := importertest.New(t)
	imp := peopleWithPasswords(w, 1)
	w.Importer.Gate = password.NewGate()
	comes, leaves := make(chan struct{}), make(chan struct{})
	defer close(leaves)
	go w.Importer.Gate.First(ctx, func() { close(comes); <-leaves })
	<-comes
	began := time.Now()
	w.Apply(imp)
	if took := time.Since(began); took < time.Second {
		t.Errorf("it is not put off: it takes %s", took)
	}
	wantPasswords(t, w, 1)
}
