package biff

import (
	"bytes"
	"fmt"
	"io"
	"muster/internal/table/sheet"
	"runtime"
	"testing"
)

// people is a workbook of so many rows of 8 cells, as a program writes it: texts
// in the table of strings, among them one that no other row has, numbers, dates.
func people(rows int) []byte {
	var table, stream, part bytes.Buffer
	var parts [][]byte
	count := uint32(0)
	add := func(text string) uint32 {
		if part.Len() > 8000 {
			parts = append(parts, bytes.Clone(part.Bytes()))
			part.Reset()
		}
		part.Write(rec(0, uint16(len(text)), uint8(0), text)[headerBytes:])
		count++
		return count - 1
	}
	wards, jobs := [40]uint32{}, [8]uint32{}
	for i := range wards {
		wards[i] = add(fmt.Sprintf("Ward %d", i))
	}
	for i := range jobs {
		jobs[i] = add(fmt.Sprintf("Nurse, grade %d", i))
	}
	for i := range rows {
		line := uint16(i)
		for column, index := range []uint32{add(fmt.Sprintf("user.%06d@example.org", i)), add(fmt.Sprintf("Zo\xeb Number %d", i)), jobs[i%8], wards[i%40]} {
			stream.Write(rec(idLabelSST, place(line, uint16(column)), index))
		}
		stream.Write(number(line, 4, 447911000000+float64(i), 1))
		stream.Write(rec(idMulRK, line, uint16(5), uint16(0), uint32(i)<<2|2, uint16(2), uint32(i%7777)<<2|2, uint16(6)))
		stream.Write(number(line, 7, 36526+float64(i%9000), 3))
	}
	parts = append(parts, part.Bytes())
	table.Write(rec(idFormat, uint16(164), uint16(10), uint8(0), "yyyy-mm-dd"))
	table.Write(rec(idFormat, uint16(165), uint16(5), uint8(0), "00000"))
	for _, format := range []uint16{0, 1, 165, 164} {
		table.Write(rec(idXF, uint16(0), format))
	}
	table.Write(sst(count, parts...))
	return container("Workbook", book(table.Bytes(), stream.Bytes()), 4096)
}

func BenchmarkRows(b *testing.B) {
	const lines = 65_000
	file := people(lines)
	b.SetBytes(int64(len(file)))
	b.ReportAllocs()
	for b.Loop() {
		if n := readAll(b, file, func(sheet.Row) {}); n != lines {
			b.Fatalf("%d rows", n)
		}
	}
	b.ReportMetric(float64(b.N*lines)/b.Elapsed().Seconds(), "rows/s")
}

// readAll reads the first sheet and returns the number of its rows.
func readAll(t testing.TB, file []byte, f func(sheet.Row)) (n int) {
	w, err := openBytes(file)
	if err != nil {
		t.Fatal(err)
	}
	r, err := w.Rows(0)
	for ; err == nil; n++ {
		var row sheet.Row
		if row, err = r.Next(); err == nil {
			f(row)
		}
	}
	if err != io.EOF {
		t.Fatal(err)
	}
	return n - 1
}

// Only the table of strings is in memory.
func TestMemory(t *testing.T) {
	const lines, allowed = 65_000, 16 << 20
	file := people(lines)
	before, most, cells := heap(), uint64(0), 0
	n := readAll(t, file, func(row sheet.Row) {
		if cells += len(row.Cells); row.Line%8192 == 0 {
			most = max(most, heap())
		}
		if row.Line == 1235 {
			want := "1235 A=user.001234@example.org B=Zoë Number 1234 C=Nurse, grade 2 D=Ward 34 E=447911001234 F=1234 G=01234 H=2003-05-19"
			if got := show(row); got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		}
	})
	if n != lines || cells != 8*lines {
		t.Errorf("%d rows, %d cells", n, cells)
	}
	if most > before+allowed {
		t.Errorf("the heap grew by %d KiB", (most-before)>>10)
	}
	runtime.KeepAlive(file)
}

// heap returns the bytes in use after a collection.
func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
