package format

import (
	"testing"

	"muster/internal/directory"
)

var sink *directory.Record

// BenchmarkRecord reads a row of five columns; the floor is 2 µs.
func BenchmarkRecord(b *testing.B) {
	binding, err := muster.Bind(rowOf("address", "first", "last", "department", "alias1"))
	if err != nil {
		b.Fatal(err)
	}
	row := rowOf("amina.khan@example.org", "Amina", "Khan", "Cardiology", "a.khan@example.org")
	b.ReportAllocs()
	for n := 1; b.Loop(); n++ {
		sink = binding.Record(n, row)
	}
}
