package importer_test

import (
	"fmt"
	"strings"
	"testing"

	"muster/internal/importer"
	"muster/internal/importer/importertest"
)

// BenchmarkImport plans and applies files of new people, without passwords and
// with generated ones, and tells the rows a second of each stage.
func BenchmarkImport(b *testing.B) {
	for _, n := range []int{10_000, 100_000} {
		for _, generate := range []bool{false, true} {
			file := newcomers(n)
			b.Run(fmt.Sprintf("rows=%d/generate=%v", n, generate), func(b *testing.B) {
				for b.Loop() {
					b.StopTimer()
					w := importertest.New(b)
					b.StartTimer()
					start := b.Elapsed()
					imp := w.Plan(file, importer.Options{Org: "RX1", GeneratePasswords: generate})
					planned := b.Elapsed()
					imp = w.Apply(imp)
					b.ReportMetric(float64(n)/(planned-start).Seconds(), "planned/s")
					b.ReportMetric(float64(n)/(b.Elapsed()-planned).Seconds(), "applied/s")
					if imp.OutcomeCounts()[importer.Created] != int64(n) {
						b.Fatal(imp.OutcomeCounts())
					}
				}
			})
		}
	}
}

// newcomers makes a file of format muster with n new people.
func newcomers(n int) string {
	var b strings.Builder
	b.WriteString("address,first,last,department,telephone,local_id,alias1\n")
	for i := range n {
		fmt.Fprintf(&b, "first%d.last@example.org,First%d,Last%d,Department %d,01632 96%04d,S%d,f%d@example.org\n", i, i, i%977, i%31, i%10_000, i, i)
	}
	return b.String()
}
