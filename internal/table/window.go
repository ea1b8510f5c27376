package table

import (
	"bytes"
	"io"

	"muster/internal/issue"
)

// text returns the window that has not been read yet.
func (r *csvReader) text() []byte { return r.buf[r.pos:r.end] }

// peek returns the byte that stands ahead by so many bytes.
func (r *csvReader) peek(ahead int) (byte, bool) {
	for r.pos+ahead >= r.end {
		if !r.more() {
			return 0, false
		}
	}
	return r.buf[r.pos+ahead], true
}

// more reads more text into the window. What lies before pos, or before an
// opening quote, is let go.
func (r *csvReader) more() bool {
	if r.err != nil {
		return false
	}
	r.slide()
	n, err := r.src.read(r.buf[r.end:])
	r.end += n
	if i, ok := err.(issue.Issue); ok {
		i.Line = r.line + countLineEnds(r.text())
		err = i
	}
	r.err = err
	return n > 0
}

// slide moves the window to the front of the buffer, which grows where little
// room is left: a quoted cell can be as long as the limits allow.
func (r *csvReader) slide() {
	from := r.pos
	if r.keep >= 0 {
		from = r.keep
		r.keep = 0
	}
	r.end = copy(r.buf, r.buf[from:r.end])
	r.pos -= from
	if len(r.buf)-r.end < leastRoom {
		r.buf = append(r.buf, make([]byte, len(r.buf))...)
	}
}

// failed tells whether the text ended by anything but its end.
func (r *csvReader) failed() bool { return r.err != nil && r.err != io.EOF }

// countLineEnds counts CR LF, LF and CR, each as one.
func countLineEnds(text []byte) int {
	return bytes.Count(text, []byte("\n")) + bytes.Count(text, []byte("\r")) - bytes.Count(text, []byte("\r\n"))
}
