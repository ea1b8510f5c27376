package history_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"muster/internal/directory"
	"muster/internal/history"
	"muster/internal/importer"
	"muster/internal/importer/importertest"
	"muster/internal/secret"
	"muster/internal/store"
)

// world is a Muster whose history has an import and its undo in it, all sealed but for
// what comes afterwards.
func world(t *testing.T) (*importertest.World, *history.Sealer) {
	t.Helper()
	w := importertest.New(t)
	s := &history.Sealer{Store: w.Store, Key: w.Importer.Key, Witness: history.WitnessOf(filepath.Join(t.TempDir(), "secret.key")), Now: time.Now}
	w.Add("anna@example.org", "RX1")
	sealing(t, s)
	imp := w.Apply(w.Plan(people(50), importer.Options{Format: "muster", Org: "RX1"}))
	sealing(t, s)
	if _, err := w.Importer.Undo(t.Context(), importertest.Operator, imp.Number, 0); err != nil {
		t.Fatal(err)
	}
	w.Set("anna@example.org", "title", "Dr")
	sealing(t, s)
	return w, s
}

func people(n int) string {
	var b strings.Builder
	b.WriteString("address,name,delegate1\n")
	for i := range n {
		fmt.Fprintf(&b, "user%d@example.org,User %d,user%d@example.org\n", i, i, (i+1)%n) // who comes later
	}
	return b.String()
}

func sealing(t *testing.T, s *history.Sealer) {
	t.Helper()
	if _, err := s.Seal(context.Background()); err != nil {
		t.Fatal(err)
	}
}

// verified is what Verify finds, each as "kind block id".
func verified(t *testing.T, s *history.Sealer) (found []string, r *history.Report) {
	t.Helper()
	r, err := s.Verify(context.Background(), func(done, total int64) {
		if done > total {
			t.Errorf("%d of %d are done", done, total)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range r.Findings {
		found = append(found, strings.TrimSpace(fmt.Sprintf("%s %d %s", f.Kind, f.Block, f.Entry)))
	}
	return found, r
}

func TestWhatNobodyTouchedIsWhole(t *testing.T) {
	w, s := world(t)
	if found, r := verified(t, s); len(found) > 0 || r.Blocks != 3 || r.Sealed < 100 || r.Unsealed != 0 {
		t.Errorf("found %v in %+v", found, r)
	}
	w.Set("anna@example.org", "title", "Prof")
	if found, r := verified(t, s); len(found) > 0 || r.Unsealed != 1 {
		t.Errorf("with one entry that is not sealed: found %v in %+v", found, r)
	}
}

// entry returns the id of an entry of a block that a condition names, in hexadecimal.
func entry(w *importertest.World, condition string) directory.ID {
	w.T.Helper()
	return directory.ID(importertest.Ask[[]byte](w, `SELECT id FROM history WHERE `+condition+` ORDER BY id LIMIT 1`))
}

// TestWhatWasChangedIsFound changes the database behind Muster's back, in each way that
// there is.
func TestWhatWasChangedIsFound(t *testing.T) {
	const second = `import = 1 AND row = 7 AND action = 'create'` // in block 2
	for _, c := range []struct {
		name string
		do   func(w *importertest.World, id directory.ID)
		want string // %s is the id of the entry
	}{
		{"actor", func(w *importertest.World, id directory.ID) {
			w.Exec(`UPDATE history SET actor = 'nobody@example.org' WHERE id = $1`, id)
		}, "altered 2 %s"},
		{"time", func(w *importertest.World, id directory.ID) {
			w.Exec(`UPDATE history SET at = at - 1 WHERE id = $1`, id)
		}, "altered 2 %s"},
		{"organisation", func(w *importertest.World, id directory.ID) {
			w.Exec(`UPDATE history SET org = 'MASTER' WHERE id = $1`, id)
		}, "altered 2 %s"},
		{"the row's changes", func(w *importertest.World, id directory.ID) {
			w.Exec(`UPDATE import_rows SET changes = replace(changes, 'User 6', 'User 8') WHERE import = 1 AND row = 7`)
		}, "altered 2 %s, altered 3 undo"}, // which took the same changes back
		{"changes that cannot be read", func(w *importertest.World, id directory.ID) {
			w.Exec(`UPDATE history SET changes = '[[' WHERE id = $1`, id)
		}, "altered 2 %s"},
		{"another's texts", func(w *importertest.World, id directory.ID) {
			w.Exec(`UPDATE history SET actor = actor || door, door = '' WHERE id = $1`, id)
		}, "altered 2 %s"},
		{"removed", func(w *importertest.World, id directory.ID) { w.Exec(`DELETE FROM history WHERE id = $1`, id) }, "removed 2 %s"},
		{"inserted", func(w *importertest.World, id directory.ID) {
			id[15] ^= 1
			w.Exec(`INSERT INTO history (id, at, actor, door, import, row, user_id, subject, action, changes)
				SELECT $1, at, actor, door, import, row, user_id, subject, action, changes FROM history WHERE `+second, id)
		}, "inserted 2 ~%s"},
		{"a block's seal", func(w *importertest.World, id directory.ID) {
			w.Exec(`UPDATE history_seals SET seal = entries WHERE number = 2`)
		}, "block-altered 2"},
		{"a block's time", func(w *importertest.World, id directory.ID) {
			w.Exec(`UPDATE history_seals SET at = at + 1 WHERE number = 2`)
		}, "block-altered 2"},
		{"a block", func(w *importertest.World, id directory.ID) { w.Exec(`DELETE FROM history_seals WHERE number = 2`) }, "block-missing 2"},
		{"the first block", func(w *importertest.World, id directory.ID) { w.Exec(`DELETE FROM history_seals WHERE number = 1`) }, "block-missing 1"},
		{"the newest block", func(w *importertest.World, id directory.ID) {
			w.Exec(`DELETE FROM history_seals WHERE number = 3`)
		}, "cut-off 3"},
		{"the newest block with its entries", func(w *importertest.World, id directory.ID) {
			w.Exec(`DELETE FROM history WHERE id > (SELECT last FROM history_seals WHERE number = 2)`)
			w.Exec(`DELETE FROM history_seals WHERE number = 3`)
		}, "cut-off 3"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w, s := world(t)
			id := entry(w, second)
			undo := entry(w, `import = 1 AND row = 7 AND action = 'undo create'`)
			c.do(w, id)
			other := id
			other[15] ^= 1
			want := strings.NewReplacer("~%s", other.String(), "%s", id.String(), "undo", undo.String()).Replace(c.want)
			if found, _ := verified(t, s); strings.Join(found, ", ") != want {
				t.Errorf("found %q, want %q", found, want)
			}
		})
	}
}

// A database from which the end was cut off, and whose history went on: the new block is
// not the one that was sealed under its number.
func TestAnotherEnd(t *testing.T) {
	w, s := world(t)
	w.Exec(`DELETE FROM history WHERE id > (SELECT last FROM history_seals WHERE number = 2)`)
	w.Exec(`DELETE FROM history_seals WHERE number = 3`)
	w.Set("anna@example.org", "title", "Prof")
	for range 2 { // also whoever goes on sealing here keeps what proves it
		if n, err := s.Seal(t.Context()); !errors.Is(err, history.ErrCutOff) {
			t.Errorf("%d entries were sealed: %v", n, err)
		}
	}
	elsewhere := *s
	elsewhere.Witness = ""
	if found, _ := verified(t, s); !slices.Equal(found, []string{"cut-off 3"}) {
		t.Errorf("found %q", found)
	}
	if found, _ := verified(t, &elsewhere); len(found) > 0 { // which nobody can know without the witness
		t.Errorf("without the witness it found %q", found)
	}
	if err := s.Witness.Forget(); err != nil {
		t.Fatal(err)
	}
	w.Set("anna@example.org", "title", "Dr")
	sealing(t, s)
	if found, _ := verified(t, s); len(found) > 0 {
		t.Errorf("with a witness begun anew it found %q", found)
	}
}

// With another key every seal is wrong; after the key was changed, none is.
func TestTheKey(t *testing.T) {
	_, s := world(t)
	path := filepath.Join(t.TempDir(), "secret.key")
	stranger, err := secret.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	mine := s.Key
	s.Key = stranger
	if found, _ := verified(t, s); !slices.Equal(found, []string{"block-altered 1", "block-altered 2", "block-altered 3"}) {
		t.Errorf("with another key it found %q", found)
	}
	if s.Key, err = secret.Renew(path, mine); err != nil {
		t.Fatal(err)
	}
	if found, _ := verified(t, s); len(found) > 0 {
		t.Errorf("with the new key it found %q", found)
	}
}

// TestWritersBesideSealers: whoever writes and whoever seals at the same time, every entry
// comes into one block, also those of machines whose clocks are behind.
func TestWritersBesideSealers(t *testing.T) {
	w := importertest.New(t)
	var writers, sealers sync.WaitGroup
	done := make(chan struct{})
	const each = 40
	for n := range 3 {
		another := w.Another().Store.(*store.Store)
		sealer := &history.Sealer{Store: another, Key: w.Importer.Key, Now: time.Now}
		writers.Go(func() {
			for i := range each {
				e := directory.Entry{ID: directory.NewID(), At: time.Now(), Actor: fmt.Sprint(n, " ", i), Org: "RX1"}
				if n > 0 { // an hour or two behind
					e.ID[3] -= byte(rand.IntN(200))
				}
				if err := another.Write(t.Context(), func(tx directory.AdminTx) error { return tx.AddHistory(t.Context(), []directory.Entry{e}) }); err != nil {
					t.Error(err)
				}
			}
		})
		sealers.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				if _, err := sealer.Seal(t.Context()); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	writers.Wait()
	close(done)
	sealers.Wait()
	s := &history.Sealer{Store: w.Store, Key: w.Importer.Key, Now: time.Now}
	sealing(t, s)
	found, r := verified(t, s)
	if all := importertest.Ask[int64](w, `SELECT count(*) FROM history`); len(found) > 0 || r.Sealed != all || r.Unsealed != 0 || r.Blocks < 2 {
		t.Errorf("%d entries; found %q in %+v", all, found, r)
	}
	if n := importertest.Ask[int](w, `SELECT count(*) FROM history WHERE subject = '' AND actor LIKE '% %'`); n != 3*each {
		t.Errorf("%d entries were written, want %d", n, 3*each)
	}
}

// More entries than a block has are several blocks.
func TestManyBlocks(t *testing.T) {
	w := importertest.New(t)
	for range 3 {
		entries := make([]directory.Entry, 4000)
		for i := range entries {
			entries[i] = directory.Entry{ID: directory.NewID(), At: time.Now(), Actor: "x", Org: "RX1", Action: "test"}
		}
		if err := w.Store.Write(t.Context(), func(tx directory.AdminTx) error { return tx.AddHistory(t.Context(), entries) }); err != nil {
			t.Fatal(err)
		}
	}
	s := &history.Sealer{Store: w.Store, Key: w.Importer.Key, Now: time.Now}
	sealing(t, s)
	if found, r := verified(t, s); len(found) > 0 || r.Blocks != 3 || r.Sealed < 12_000 {
		t.Errorf("found %q in %+v", found, r)
	}
	id := directory.ID(importertest.Ask[[]byte](w, `SELECT id FROM history ORDER BY id LIMIT 1 OFFSET 7777`))
	w.Exec(`DELETE FROM history WHERE id = $1`, id)
	if found, _ := verified(t, s); !slices.Equal(found, []string{"removed 2 " + id.String()}) {
		t.Errorf("found %q", found)
	}
}

// A witness that cannot be read is no reason to say that all is well.
func TestADamagedWitness(t *testing.T) {
	_, s := world(t)
	if err := os.WriteFile(string(s.Witness), []byte("nothing\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Verify(t.Context(), func(int64, int64) {}); err == nil || !strings.Contains(err.Error(), "is damaged") {
		t.Errorf("it says %v", err)
	}
}

// The internal id of a delegate may come later than the entry of the row that names them,
// and is no part of what is sealed; whose name it is, is.
func TestTheIDOfADelegate(t *testing.T) {
	w, s := world(t)
	changes := importertest.Ask[string](w, `SELECT changes FROM import_rows WHERE import = 1 AND row = 7`)
	ref := regexp.MustCompile(`"delegate","","user7@example.org","([^"]+)"`).FindStringSubmatch(changes)
	if ref == nil {
		t.Fatalf("row 7 has no delegate: %s", changes)
	}
	set := func(old, now string) {
		w.Exec(`UPDATE import_rows SET changes = $1 WHERE import = 1 AND row = 7`, strings.Replace(changes, old, now, 1))
	}
	set(ref[1], directory.NewID().String())
	if found, _ := verified(t, s); len(found) > 0 {
		t.Errorf("another id is found: %q", found)
	}
	set(`"user7@example.org"`, `"user8@example.org"`)
	if found, _ := verified(t, s); len(found) != 2 { // the row's entry, and that of its undo
		t.Errorf("another delegate: %q", found)
	}
}

// Blocks hang together: one that was sealed rightly, but in another course of things, does
// not fit those behind it.
func TestABlockOfAnotherCourse(t *testing.T) {
	w, s := world(t)
	s.Witness = ""
	at := importertest.Ask[int64](w, `SELECT at FROM history_seals WHERE number = 3`)
	seal := importertest.Ask[[]byte](w, `SELECT seal FROM history_seals WHERE number = 3`)
	w.Exec(`DELETE FROM history_seals WHERE number = 3`)
	sealing(t, s)
	w.Set("anna@example.org", "title", "Prof")
	sealing(t, s)
	if found, _ := verified(t, s); len(found) > 0 {
		t.Fatalf("found %q before", found)
	}
	w.Exec(`UPDATE history_seals SET at = $1, seal = $2 WHERE number = 3`, at, seal)
	if found, _ := verified(t, s); !slices.Equal(found, []string{"block-altered 4"}) {
		t.Errorf("found %q", found)
	}
}

// An entry is of two organisations only where a user moves.
func TestOnlyAMoveIsOfTwoOrganisations(t *testing.T) {
	w, _ := world(t)
	if n := importertest.Ask[int](w, `SELECT count(*) FROM history WHERE former_org <> '' OR org = ''`); n > 0 {
		t.Errorf("%d entries are of two organisations, or of none", n)
	}
}
