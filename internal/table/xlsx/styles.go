package xlsx

import (
	"encoding/xml"
	"strconv"

	"muster/internal/table/numfmt"
)

const (
	mostStyles  = 1 << 16 // Excel has 65,490
	mostFormats = 1000    // of its own; Excel has 250
)

// styles tell in which number format the cells of a style are shown.
type styles struct {
	ids   []int // of the format, by style
	codes map[int]string
	read  map[int]*numfmt.Format
}

// readStyles reads the formats that the workbook has of its own, and which style
// has which. A workbook may have none.
func (b *Workbook) readStyles() error {
	b.styles = styles{codes: map[int]string{}, read: map[int]*numfmt.Format{}}
	name := b.partOf("styles")
	if name == "" {
		return nil
	}
	p, err := b.openPart(name)
	if err != nil {
		return err
	}
	defer p.body.Close()
	inCells := false
	return p.each(func(e xml.StartElement) error {
		switch e.Name.Local {
		case "numFmt":
			b.styles.addFormat(e)
		case "cellXfs":
			inCells = true
		case "xf":
			if inCells && len(b.styles.ids) < mostStyles {
				b.styles.ids = append(b.styles.ids, number(attribute(e, "numFmtId")))
			}
		}
		return nil
	}, func(name string) error {
		inCells = inCells && name != "cellXfs"
		return nil
	})
}

func (s *styles) addFormat(e xml.StartElement) {
	if len(s.codes) < mostFormats {
		s.codes[number(attribute(e, "numFmtId"))] = attribute(e, "formatCode")
	}
}

// format returns the number format of a style; of one that there is not, General.
func (s *styles) format(style int) *numfmt.Format {
	id := 0
	if style >= 0 && style < len(s.ids) {
		id = s.ids[style]
	}
	if s.read[id] == nil {
		s.read[id] = numfmt.Parse(numfmt.Code(id, s.codes[id]))
	}
	return s.read[id]
}

// number reads a number of at least 0; -1 is anything else.
func number(text string) int {
	n, err := strconv.ParseUint(text, 10, 31)
	if err != nil {
		return -1
	}
	return int(n)
}
