package importer_test

import (
	"runtime"
	"strings"
	"testing"

	"muster/internal/directory"
	"muster/internal/importer"
	"muster/internal/importer/importertest"
)

// TestTraps are what others fell into: each case is a file and what must become
// of its rows.
func TestTraps(t *testing.T) {
	created, updated, unchanged, leftOut := importer.Created, importer.Updated, importer.Unchanged, importer.LeftOut
	cases := []struct {
		name string
		file string
		want []importer.Outcome
		code string // an issue of the last row
	}{
		{"a byte order mark does not make updates into creates", "\ufeffaddress,department\nann@example.org,East\n", []importer.Outcome{updated}, ""},
		{"a NUL byte costs its row alone", "address,name\nx@example.org,X\x00\ny@example.org,Y\n", []importer.Outcome{leftOut, created}, ""},
		{"Bob@x and bob@x are one", "address,name\nx@example.org,X\nX@EXAMPLE.ORG,Y\n", []importer.Outcome{created, leftOut}, "error duplicate-in-file address"},
		{"an alias that a later row creates", "address,alias1\nx@example.org,y@example.org\ny@example.org,\n", []importer.Outcome{created, leftOut}, "error duplicate-in-file address"},
		{"an address that a later row has as alias", "address,alias1\ny@example.org,\nx@example.org,y@example.org\n", []importer.Outcome{created, leftOut}, "error duplicate-in-file alias1"},
		{"a delegate whom a later row creates", "address,delegate1\nx@example.org,y@example.org\ny@example.org,\n", []importer.Outcome{created, created}, ""},
		{"blank keeps", "address,title\nann@example.org,\n", []importer.Outcome{unchanged}, ""},
		{"(clear) clears", "address,title\nann@example.org,(clear)\n", []importer.Outcome{updated}, ""},
		{"a line break in a name makes no second user", "address,name\nx@example.org,\"X\nY\"\n", []importer.Outcome{created}, "warning line-break name"},
		{"an empty last column", "address,name,\nx@example.org,X,\n", []importer.Outcome{created}, ""},
		{"blanks round an address", "address,name\n x@example.org ,X\n", []importer.Outcome{created}, "warning address-trimmed address"},
		{"a hash of an unknown kind costs its row alone", "address,password_hash\ny@example.org,\nx@example.org,{ROT13}x\n", []importer.Outcome{created, leftOut}, "error password-hash-unknown password_hash"},
		{"an unclosed quote costs its own line", "address,name\nx@example.org,\"X\ny@example.org,Y\n", []importer.Outcome{leftOut, created}, ""},
		{"blank lines are no rows", "address,name\n\nx@example.org,X\n\n\ny@example.org,Y\n\n", []importer.Outcome{created, created}, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			w := importertest.New(t)
			w.Add("ann@example.org", "RX1", "title", "Dr")
			imp := w.Apply(w.Plan(c.file, importer.Options{Org: "RX1", Format: "muster"}))
			wantOutcomes(w, imp, c.want...)
			rows := w.Rows(imp)
			if codes := strings.Join(codesOf(rows[len(rows)-1]), ","); c.code != codes && c.code != "" {
				t.Errorf("codes %s, want %s", codes, c.code)
			}
		})
	}
}

func TestOnesOwnAccountIsNotRemovedByFile(t *testing.T) {
	w := importertest.New(t)
	me := admin(w, "me@example.org", "RX1", "Basic")
	imp := w.PlanAs(me, "address,locked,status\nme@example.org,yes,disabled\n", importer.Options{})
	if r := w.Rows(imp)[0]; r.Action != directory.Refuse || !strings.Contains(strings.Join(codesOf(r), " "), "own-account") {
		t.Errorf("%s: %v", r.Action, r.Issues)
	}
}

// TestLinesAreThoseOfATextEditor: also after a quoted line break, and not the
// ordinals of the rows.
func TestLinesAreThoseOfATextEditor(t *testing.T) {
	w := importertest.New(t)
	imp := w.Plan("address,notes\r\nx@example.org,\"a\r\nb\"\r\n\r\ny@nowhere.example,\r\n", importer.Options{Org: "RX1"})
	r := w.Rows(imp)[1]
	if r.Row != 2 || r.Line != 5 || r.Issues[0].Row != 2 || r.Issues[0].Line != 5 || r.Issues[0].Column != "address" {
		t.Errorf("%+v", r)
	}
}

// TestPlanningIsFlatInMemory: a file ten times as long takes no more.
func TestPlanningIsFlatInMemory(t *testing.T) {
	w := importertest.New(t)
	w.Importer.Batch = 200
	heap := map[int]uint64{}
	batches := 0
	w.Importer.Report = func(importer.Progress) {
		if batches++; batches == 5 || batches == 50 {
			runtime.GC()
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			heap[batches] = m.HeapAlloc
		}
	}
	w.Plan(newcomers(10_000), importer.Options{Org: "RX1"})
	if heap[5] == 0 || heap[50] > heap[5]+4<<20 {
		t.Errorf("%d KiB after 1,000 rows, %d KiB after 10,000", heap[5]>>10, heap[50]>>10)
	}
}
