package biff

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"flag"
	"math/rand/v2"
	"muster/internal/table/sheet"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

var biffSeed = flag.Uint64("biff.seed", 0, "seed of the bits that are flipped; 0: another each time")

const (
	allowedTime  = 2 * time.Second
	allowedBytes = 200 << 20
)

// within reads all sheets of a file, in bounded time and memory. What is
// allocated in all is counted, which is no less than what is in use at a time.
func within(t *testing.T, file []byte) (shown []string, err error) {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	start := time.Now()
	w, err := openBytes(file)
	for i := 0; err == nil && i < len(w.Sheets()); i++ {
		var more []string
		more, err = rows(w, i)
		shown = append(shown, more...)
	}
	took := time.Since(start)
	runtime.ReadMemStats(&after)
	if took > allowedTime {
		t.Errorf("took %v", took)
	}
	if bytes := after.TotalAlloc - before.TotalAlloc; bytes > allowedBytes {
		t.Errorf("took %d MiB", bytes>>20)
	}
	if faultOf(err) < 0 {
		t.Errorf("an error that is none of the workbook: %v", err)
	}
	return shown, err
}

var workbooks = []string{"people-libreoffice.xls", "people-gnumeric.xls", "people-xlwt.xls", "sheets.xls", "strings.xls", "1904.xls"}

// A file that is cut off is read as a whole, where only padding is gone, or
// refused.
func TestCutOff(t *testing.T) {
	refused := 0
	for _, name := range workbooks {
		file := fixture(t, name)
		whole, err := within(t, file)
		if err != nil {
			t.Fatal(err)
		}
		for percent := 0; percent < 100; percent += 5 {
			got, err := within(t, file[:len(file)*percent/100])
			switch {
			case err == nil && !slices.Equal(got, whole):
				t.Errorf("%s, %d %%: another reading", name, percent)
			case err != nil && percent > 0 && faultOf(err) != sheet.Damaged:
				t.Errorf("%s, %d %%: %v", name, percent, err)
			case err != nil:
				refused++
			}
		}
	}
	if refused < 20*len(workbooks)/2 {
		t.Errorf("only %d copies were refused", refused)
	}
}

// Flipped bits are seen, or change what is read; they do no more.
func TestFlippedBits(t *testing.T) {
	seed := cmp.Or(*biffSeed, uint64(time.Now().UnixNano()))
	t.Logf("-biff.seed=%d", seed)
	random := rand.New(rand.NewPCG(seed, 1))
	refused := 0
	for range 500 {
		file := fixture(t, workbooks[random.IntN(len(workbooks))])
		for range 1 + random.IntN(16) {
			file[random.IntN(len(file))] ^= 1 << random.IntN(8)
		}
		if _, err := within(t, file); err != nil {
			refused++
		}
	}
	if refused == 0 || refused == 500 {
		t.Errorf("%d of 500 copies were refused", refused)
	}
}

// set changes a number of 32 bits of a file.
func set(file []byte, at int, value uint32) []byte {
	binary.LittleEndian.PutUint32(file[at:], value)
	return file
}

// What a file may say of itself to keep a reader busy, or to fill its memory.
func TestHostileFiles(t *testing.T) {
	const sector = 512
	plain := func() []byte { return container("Workbook", book(nil, bytes.Repeat(label(0, 0, "x"), 2000)), sector) }
	b := func(parts ...any) []byte { return rec(0, parts...)[headerBytes:] }
	twoGB := uint32(1<<31 - 1)
	table := func(i int) int { return sector + 4*i } // of the sector i
	size := func(i int) int { return 2*sector + 128*i + 120 }
	cases := []struct {
		name string
		file []byte
		want sheet.Fault
		says string
	}{
		{"a table of 2 GB of strings", container("Workbook", book(sst(twoGB, b(uint16(1), uint8(0), "a")), label(0, 0, "x")), sector), 0, ""},
		{"a text of 2 GB", container("Workbook", book(sst(1, b(uint16(1), uint8(4), twoGB, "a"))), sector), sheet.Damaged, "cut off"},
		{"a table of strings that is too long", container("Workbook", book(emptyStrings(8<<20)), 4096), sheet.TooLarge, "MiB"},
		{"a stream of 2 GB", set(plain(), size(1), twoGB), sheet.Damaged, "cut off"},
		{"the stream runs in a circle", set(plain(), table(50), 40), sheet.Damaged, "circle"},
		{"a sector follows itself", set(plain(), table(50), 50), sheet.Damaged, "circle"},
		{"the stream leads into the directory", set(plain(), table(50), 1), sheet.Damaged, ""},
		{"the stream leads out of the file", set(plain(), table(50), 1<<20), sheet.Damaged, "cut off"},
		{"the stream ends early", set(plain(), table(50), endOfChain), sheet.Damaged, "cut off"},
		{"the directory runs in a circle", set(plain(), table(1), 1), sheet.Damaged, "cut off"},
		{"a table of more sectors than 32 bits hold", set(plain(), 72, 33818640), sheet.Damaged, "cut off"}, // a panic in mscfb
		{"sectors of tables in a circle", set(set(set(plain(), 72, 1000), 44, 200000), 68, 3), sheet.Damaged, "cut off"},
		{"a deep directory", deepDirectory(10_000), sheet.TooLarge, "2,048 streams"},
		{"10,000 columns", container("Workbook", book(nil, manyColumns()), sector), sheet.TooLarge, "columns"},
		{"cells in no order", container("Workbook", book(nil, backwards(mostUnordered+1)), 4096), sheet.TooLarge, "not in order"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := within(t, c.file)
			if faultOf(err) != c.want || err != nil && !strings.Contains(err.Error(), c.says) {
				t.Errorf("got %v", err)
			}
		})
	}
}

// emptyStrings writes a table of so many empty strings, of three bytes each.
func emptyStrings(n int) []byte {
	const each = 2700
	var parts [][]byte
	for range n / each {
		parts = append(parts, make([]byte, 3*each))
	}
	return sst(uint32(n), parts...)
}

// deepDirectory writes a container whose streams stand in each other.
func deepDirectory(depth int) []byte {
	stream := make([]byte, 128*depth)
	for i := range depth {
		putEntry(stream[128*i:], "d", 1, uint32(i+1), endOfChain, 0)
	}
	file := container("Workbook", stream, 512)
	sectors := int(binary.LittleEndian.Uint32(file[44:]))
	return set(file, 48, uint32(sectors+1)) // the stream is the directory
}

func manyColumns() (all []byte) {
	for column := range 10_000 {
		all = append(all, number(0, uint16(column), 1)...)
	}
	return all
}

// backwards writes numbers from the last row to the first.
func backwards(n int) []byte {
	all := make([]byte, 0, 18*n)
	for i := range n {
		all = append(all, number(uint16(65535-i%65536), uint16(i>>16), 1)...)
	}
	return all
}
