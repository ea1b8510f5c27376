package table

import (
	"io"
	"runtime"
	"strings"
	"testing"
)

// Neither a long file nor its worst rows are ever whole in memory.
func TestMemoryStaysFlat(t *testing.T) {
	const allowed = 4 << 20
	cases := []struct {
		name string
		size int64
		line string
	}{
		{"rows", 200 << 20, "user@example.org,\"Nurse, night\",+44 20 7946 0000,Ward 7\r\n"},
		{"one cell without an end", 20 << 20, "abcdefgh"},
		{"one quoted cell without an end", 20 << 20, "\"abcdefgh\"\""},
		{"unclosed quotes", 20 << 20, "a,\"b" + strings.Repeat("\nc,d", 300) + "\n"},
		{"blank lines", 20 << 20, "\n"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			before := heap()
			in := io.LimitReader(&endless{line: []byte(c.line)}, c.size)
			r, err := openCSV(in, Options{Limits: Limits{Rows: 1 << 40}})
			if err != nil {
				t.Fatal(err)
			}
			most, rows := uint64(0), 0
			for ; err == nil; rows++ {
				if _, err = r.Next(); rows%1_000_000 == 0 {
					most = max(most, heap())
				}
			}
			if err != io.EOF || r.src.offset != c.size {
				t.Fatalf("ended at byte %d with %v", r.src.offset, err)
			}
			if most = max(most, heap()); most > before+allowed {
				t.Errorf("the heap grew by %d KiB", (most-before)>>10)
			}
			runtime.KeepAlive(r)
		})
	}
}

// heap returns the bytes in use after a collection.
func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
