package table

import (
	"bytes"
	"io"
	"unicode/utf8"

	"muster/internal/issue"
)

// source reads a file block by block and decodes it to UTF-8. It is where the
// place of every byte in the file is known.
type source struct {
	in          io.Reader
	raw         []byte
	from, to    int   // the bytes of raw not decoded yet
	offset      int64 // place of raw[from] in the file, from 0
	last        bool  // the file has ended: nothing follows raw[:to]
	set         *charset
	unicodeOnly bool
}

const blockBytes = 64 << 10

// newSource reads the first block.
func newSource(in io.Reader) (*source, error) {
	s := &source{in: in, raw: make([]byte, blockBytes)}
	n, err := io.ReadFull(in, s.raw)
	s.to = n
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		s.last, err = true, nil
	}
	return s, err
}

func (s *source) block() []byte { return s.raw[s.from:s.to] }

// use sets the charset and steps over the byte order mark.
func (s *source) use(set *charset, bom int, unicodeOnly bool) {
	s.set, s.unicodeOnly = set, unicodeOnly
	s.step(bom)
}

func (s *source) step(n int) {
	s.from += n
	s.offset += int64(n)
}

// read decodes whole characters into text, which has room for a kibibyte or
// more. It returns at least one byte, or an error; both where a byte behind what
// was read has no meaning: then the error is an issue.Issue without a line.
func (s *source) read(text []byte) (int, error) {
	for {
		written, read, ok := s.set.decode(text, s.block(), s.last)
		s.step(read)
		switch {
		case !ok:
			return written, s.refuse()
		case written > 0:
			return written, nil
		case s.last:
			return 0, io.EOF
		}
		if err := s.refill(); err != nil {
			return 0, err
		}
	}
}

// refill reads more bytes behind those that are left.
func (s *source) refill() error {
	s.to = copy(s.raw, s.block())
	s.from = 0
	const patience = 100
	for range patience {
		n, err := s.in.Read(s.raw[s.to:])
		s.to += n
		if err == io.EOF {
			s.last, err = true, nil
		}
		if n > 0 || s.last || err != nil {
			return err
		}
	}
	return io.ErrNoProgress
}

// refuse tells of the byte at which decoding stopped.
func (s *source) refuse() issue.Issue {
	bad := s.block()[0]
	switch {
	case s.last && len(s.block()) == 1 && s.set.wide:
		return codeIncomplete.New("The file ends at offset %d in the middle of a character of %s.", s.offset, s.set.title).
			Suggest("%s", codeIncomplete.Cure)
	case s.set.name != "utf-8":
		return codeEncodingMismatch.New("The byte 0x%02X at offset %d has no meaning in %s.", bad, s.offset, s.set.title).
			Suggest("%s", codeEncodingMismatch.Cure)
	case s.unicodeOnly:
		return s.notUTF8(bad).Suggest("Save the file as CSV UTF-8.")
	case hasMultibyte(s.raw[:s.from]):
		return s.notUTF8(bad).Suggest("The text before it is UTF-8: type this character anew, and see that the file is complete.")
	}
	likely := likeliest(s.raw[:s.to])
	return s.notUTF8(bad).Suggest("Save the file as CSV UTF-8, or add --encoding %s if it is %s.", likely.name, likely.title)
}

func (s *source) notUTF8(bad byte) issue.Issue {
	char := "no character"
	if c := windows1252.char(bad); c != utf8.RuneError {
		char = `"` + string(c) + `"`
	}
	return NotUTF8.New("The file is not UTF-8. Its first bad byte is 0x%02X at offset %d, which in Windows-1252 is %s.",
		bad, s.offset, char)
}

func hasMultibyte(text []byte) bool {
	return bytes.ContainsFunc(text, func(c rune) bool { return c > utf8.RuneSelf && c != utf8.RuneError })
}
