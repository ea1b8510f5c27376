package biff

import "strings"

const (
	pageStrings = 4096     // strings in a page
	blockBytes  = 64 << 10 // text in a block
	headBytes   = 16       // what a string takes besides its text
)

// stringTable holds the texts that cells share. It grows in pages and blocks, so
// that nothing is moved while it grows.
type stringTable struct {
	pages [][]string
	count int
	bytes int
	block strings.Builder
}

func (t *stringTable) add(text []byte) {
	if t.count%pageStrings == 0 {
		t.pages = append(t.pages, make([]string, 0, pageStrings))
	}
	if t.block.Cap()-t.block.Len() < len(text) {
		t.block = strings.Builder{}
		t.block.Grow(max(blockBytes, len(text)))
	}
	from := t.block.Len()
	t.block.Write(text)
	page := &t.pages[len(t.pages)-1]
	*page = append(*page, t.block.String()[from:])
	t.count++
	t.bytes += headBytes + len(text)
}

func (t *stringTable) get(i uint32) (text string, ok bool) {
	if int64(i) >= int64(t.count) {
		return "", false
	}
	return t.pages[i/pageStrings][i%pageStrings], true
}

// readStrings reads the table of strings (SST, [MS-XLS] section 2.4.265). How
// many there are is not believed: some programs write a wrong number.
func (w *Workbook) readStrings(r record) error {
	if err := r.need(8); err != nil {
		return err
	}
	declared := r.u32(4)
	var t textReader
	t.open(w.records, r, 8)
	var text []byte
	for uint32(w.strings.count) < declared {
		if done, err := t.done(); done || err != nil {
			return err
		}
		var err error
		if text, err = t.text(text[:0], 2); err != nil {
			return err
		}
		if w.strings.add(text); w.strings.bytes > w.limits.StringBytes {
			return tooLarge("its texts take more than %d MiB", w.limits.StringBytes>>20)
		}
	}
	return nil
}
