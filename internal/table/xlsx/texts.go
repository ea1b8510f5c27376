package xlsx

import (
	"bytes"
	"encoding/xml"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// texts are those that cells share, by their number. They stand in blocks: one
// string holds all texts of a block, so that a million of them are not a
// million pieces of memory.
type texts struct {
	blocks [][]string
	size   int64
	buffer []byte
	ends   []int
}

const (
	blockTexts = 1024
	perText    = 16 // bytes beside those of the text itself

	// Texts take at most so much memory, and so many times the size of the file.
	freeTexts = 48 << 20
	mostTexts = 4
)

// readTexts reads the texts that cells share, if there are any.
func (b *Workbook) readTexts() error {
	if b.texts != nil {
		return nil
	}
	t := &texts{}
	if name := b.partOf("sharedStrings"); name != "" {
		if err := t.read(b, name); err != nil {
			return err
		}
	}
	b.texts = t
	return nil
}

func (t *texts) read(b *Workbook, name string) error {
	p, err := b.openPart(name)
	if err != nil {
		return err
	}
	defer p.body.Close()
	var c content
	ended := false
	err = p.each(func(e xml.StartElement) error {
		if e.Name.Local != "si" {
			return nil
		}
		if err := p.content("si", &c); err != nil {
			return err
		}
		p.idle = 0
		if t.size += int64(len(c.text)) + perText; t.size > freeTexts+mostTexts*b.file.size {
			return tooLarge("its texts take more than %d MB", t.size>>20)
		}
		t.add(unescape(c.text))
		return nil
	}, func(name string) error {
		ended = ended || name == "sst"
		return nil
	})
	if err == nil && !ended {
		err = p.damaged("ends in the middle")
	}
	t.flush()
	return err
}

func (t *texts) add(text []byte) {
	t.buffer = append(t.buffer, text...)
	if t.ends = append(t.ends, len(t.buffer)); len(t.ends) == blockTexts {
		t.flush()
	}
}

// flush makes a block of the texts at hand.
func (t *texts) flush() {
	all, block, from := string(t.buffer), make([]string, len(t.ends)), 0
	for i, end := range t.ends {
		block[i], from = all[from:end], end
	}
	t.blocks = append(t.blocks, block)
	t.buffer, t.ends = t.buffer[:0], t.ends[:0]
}

// text returns the text of a number.
func (t *texts) text(n int) (string, bool) {
	if n < 0 || n/blockTexts >= len(t.blocks) || n%blockTexts >= len(t.blocks[n/blockTexts]) {
		return "", false
	}
	return t.blocks[n/blockTexts][n%blockTexts], true
}

// unescape reads characters that XML cannot hold, which stand as _x000D_ (ECMA-376
// part 1, 22.9.2.19, ST_Xstring).
func unescape(text []byte) []byte {
	if !bytes.Contains(text, []byte("_x")) {
		return text
	}
	var to []byte
	for i := 0; i < len(text); {
		unit, ok := escaped(text[i:])
		if !ok {
			to = append(to, text[i])
			i++
			continue
		}
		char, size := rune(unit), 7
		if utf16.IsSurrogate(char) {
			low, _ := escaped(text[i+7:])
			if char, size = utf16.DecodeRune(char, rune(low)), 14; char == utf8.RuneError {
				to = append(to, text[i]) // half a character: left as it stands
				i++
				continue
			}
		}
		to = utf8.AppendRune(to, char)
		i += size
	}
	return to
}

// escaped reads one such character.
func escaped(text []byte) (unit uint64, ok bool) {
	if len(text) < 7 || text[0] != '_' || text[1] != 'x' || text[6] != '_' {
		return 0, false
	}
	unit, err := strconv.ParseUint(string(text[2:6]), 16, 16)
	return unit, err == nil
}
