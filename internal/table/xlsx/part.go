package xlsx

import (
	"bufio"
	"encoding/xml"
	"errors"
	"io"

	"muster/internal/table/sheet"
)

const (
	mostBytes  = 1 << 30  // of a part
	freeBytes  = 32 << 20 // of a part, however small it is when packed
	mostFold   = 100      // times its packed size is a part over freeBytes; sheets have about 15
	mostToken  = 1 << 20  // bytes of a text, or of an element with its attributes
	mostIdle   = 6 << 20  // tokens that say nothing, one after the other
	blockBytes = 64 << 10
)

// part is one part of a workbook, read from its beginning to its end.
type part struct {
	name  string
	book  *Workbook
	body  io.ReadCloser
	xml   *xml.Decoder
	since int // bytes read since the last token
	idle  int // tokens since the last that said something
}

// openPart opens a part, if its size is within reason.
func (b *Workbook) openPart(name string) (*part, error) {
	f := b.parts[partName(name)]
	if f == nil {
		return nil, b.damaged("its part %s is missing", name)
	}
	if f.Flags&1 != 0 {
		return nil, &sheet.Error{Fault: sheet.Encrypted, What: "is encrypted"}
	}
	packed := min(f.CompressedSize64, uint64(b.file.size))
	if n := f.UncompressedSize64; n > mostBytes || n > freeBytes && n/mostFold > packed {
		return nil, tooLarge("its part %s holds %d MB when unpacked", name, n>>20)
	}
	body, err := f.Open()
	if err != nil {
		return nil, b.damaged("its part %s cannot be unpacked", name)
	}
	p := &part{name: name, book: b, body: body}
	p.xml = xml.NewDecoder(bufio.NewReaderSize(p, blockBytes))
	return p, nil
}

var errLongToken = errors.New("token too long")

// Read gives the XML decoder what it asks for, up to the limit of one token.
func (p *part) Read(b []byte) (int, error) {
	if p.since > mostToken {
		return 0, errLongToken
	}
	n, err := p.body.Read(b)
	p.since += n
	return n, err
}

// token returns the next token; io.EOF at the end of the part. It does not look
// whether what begins ends: its callers know what they wait for.
func (p *part) token() (xml.Token, error) {
	p.since = 0
	if p.idle++; p.idle > mostIdle {
		return nil, tooLarge("its part %s holds too much that says nothing, such as blank cells", p.name)
	}
	t, err := p.xml.RawToken()
	switch {
	case err == nil || err == io.EOF:
		return t, err
	case errors.Is(err, errLongToken):
		return nil, tooLarge("its part %s has a text of more than %d KB", p.name, mostToken>>10)
	}
	return nil, p.damaged("cannot be read")
}

func (p *part) damaged(what string) error { return p.book.damaged("its part %s %s", p.name, what) }

// finish reads a part to its end, where its checksum is compared.
func (p *part) finish() error {
	defer p.body.Close()
	if _, err := io.Copy(io.Discard, p.body); err != nil {
		return p.damaged("is not as it was saved")
	}
	return nil
}

// each calls f for the beginning of each element, and at for its end.
func (p *part) each(begin func(xml.StartElement) error, end func(name string) error) error {
	for {
		token, err := p.token()
		if err == io.EOF {
			return p.finish()
		}
		if err == nil {
			switch t := token.(type) {
			case xml.StartElement:
				err = begin(t)
			case xml.EndElement:
				err = end(t.Name.Local)
			}
		}
		if err != nil {
			return err
		}
	}
}

// content is what an element holds.
type content struct {
	text    []byte
	value   bool // it has a v or t, if only a blank one
	formula bool
}

// content reads to the end of an element: the texts in v and t, one after the
// other, but not those of phonetic runs, which say how a text is pronounced.
func (p *part) content(element string, c *content) error {
	*c = content{text: c.text[:0]}
	reading, phonetic := false, false
	for {
		token, err := p.token()
		if err == io.EOF {
			return p.damaged("ends in the middle")
		}
		if err != nil {
			return err
		}
		switch t := token.(type) {
		case xml.StartElement:
			switch t.Name.Local {
			case "v", "t":
				reading = !phonetic
				c.value = c.value || reading
			case "f":
				c.formula = true
			case "rPh":
				phonetic = true
			}
		case xml.EndElement:
			switch t.Name.Local {
			case element:
				return nil
			case "rPh":
				phonetic = false
			}
			reading = false
		case xml.CharData:
			if reading && len(c.text) < mostToken {
				c.text = append(c.text, t...)
			}
		}
	}
}

// attribute returns the value of an attribute, whatever its namespace, or "".
func attribute(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// isTrue reads an XML boolean.
func isTrue(text string) bool { return text == "1" || text == "true" }
