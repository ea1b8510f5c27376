package table

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"testing"
)

// sample is a file of so many users, with a quoted cell and a letter beyond
// ASCII in every row.
func sample(rows int) []byte {
	var b bytes.Buffer
	b.WriteString("Email,First Name,Last Name,Job Title,Department,Telephone\r\n")
	for i := range rows {
		fmt.Fprintf(&b, "user.%06d@example.org,Zoë,Number %d,\"Nurse, night\",Ward %d,+44 20 7946 %04d\r\n", i, i, i%40, i%10000)
	}
	return b.Bytes()
}

func BenchmarkReader(b *testing.B) {
	data := sample(100_000)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		r, err := openCSV(bytes.NewReader(data), Options{})
		if err != nil {
			b.Fatal(err)
		}
		for {
			if _, err := r.Next(); err == io.EOF {
				break
			} else if err != nil {
				b.Fatal(err)
			}
		}
	}
}

func BenchmarkEncodingCSV(b *testing.B) {
	data := sample(100_000)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		r := csv.NewReader(bytes.NewReader(data))
		r.ReuseRecord = true
		for {
			if _, err := r.Read(); err == io.EOF {
				break
			} else if err != nil {
				b.Fatal(err)
			}
		}
	}
}

func BenchmarkWriter(b *testing.B) {
	data := sample(100_000)
	records, err := csv.NewReader(bytes.NewReader(data)).ReadAll()
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		w := NewWriter(io.Discard, Info{})
		for _, r := range records {
			if err := w.Write(r); err != nil {
				b.Fatal(err)
			}
		}
	}
}
