package directory_test

import (
	"context"
	"fmt"
	"testing"

	"muster/internal/directory"
	"muster/internal/format"
	"muster/internal/importer/importertest"
)

// frozen answers from memory, so that what is measured is the rules alone.
type frozen struct {
	catalog *directory.Catalog
	snap    *directory.Snapshot
}

func (f frozen) Catalog(context.Context) (*directory.Catalog, error) { return f.catalog, nil }

func (f frozen) Snapshot(context.Context, directory.Query) (*directory.Snapshot, error) {
	return f.snap, nil
}

func (f frozen) Taken(context.Context, []string) (map[string]bool, error) { return nil, nil }

// BenchmarkJudge judges batches of 500 new users with names; ns/record is the
// time of one of them besides the database.
func BenchmarkJudge(b *testing.B) {
	w := importertest.New(b)
	ctx := context.Background()
	catalog, err := w.Store.Catalog(ctx)
	if err != nil {
		b.Fatal(err)
	}
	reader := frozen{catalog, &directory.Snapshot{}}
	for _, name := range []string{"muster", "nhsmail"} {
		b.Run(name, func(b *testing.B) {
			f, err := format.Named(name)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				b.StopTimer()
				records := newcomers(500, name == "muster")
				b.StartTimer()
				j, err := directory.NewJudge(ctx, reader, importertest.Operator, &f.Rules, directory.Options{Org: "RX1"})
				if err != nil {
					b.Fatal(err)
				}
				verdicts, err := j.Judge(ctx, records)
				if err != nil || verdicts[0].Action != directory.Create {
					b.Fatal(err, verdicts[0].Issues)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/500, "ns/record")
		})
	}
}

func newcomers(n int, addressed bool) []*directory.Record {
	records := make([]*directory.Record, n)
	for i := range records {
		r := &directory.Record{Row: i + 1, Line: i + 2}
		r.Values[directory.First], r.Values[directory.Last] = "Anna", fmt.Sprintf("Berg%d", i)
		r.Values[directory.Department], r.Values[directory.LocalID] = "Cardiology", fmt.Sprintf("S%d", i)
		if addressed {
			r.Values[directory.Address] = fmt.Sprintf("anna.berg%d@example.org", i)
		}
		records[i] = r
	}
	return records
}
