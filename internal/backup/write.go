package backup

import (
	"bufio"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"hash"
	"io"
)

// Writer writes a backup: tables, each followed by its rows, and then Close.
type Writer struct {
	packed *gzip.Writer
	lines  *bufio.Writer // to packed
	digest hash.Hash
	line   []byte
	counts []Count
}

// NewWriter begins a backup with its head.
func NewWriter(to io.Writer, h Head) (*Writer, error) {
	h.Format = format
	packed, err := gzip.NewWriterLevel(to, gzip.BestSpeed)
	if err != nil {
		return nil, err
	}
	w := &Writer{packed: packed, lines: bufio.NewWriterSize(packed, 1<<16), digest: sha256.New()}
	return w, w.object(h)
}

// Table begins a table.
func (w *Writer) Table(name string, columns []string) error {
	w.counts = append(w.counts, Count{Table: name})
	return w.object(opening{name, columns})
}

// Row adds a row to the table that was begun last.
func (w *Writer) Row(values []any) error {
	w.counts[len(w.counts)-1].Rows++
	var err error
	if w.line, err = appendRow(w.line[:0], values); err != nil {
		return err
	}
	return w.end()
}

// Close ends the backup with its last line; without that it is taken for one that
// was cut off. What it was written to is not closed. It returns the rows of each table.
func (w *Writer) Close() ([]Count, error) {
	if err := w.object(ending{w.counts, hex.EncodeToString(w.digest.Sum(nil))}); err != nil {
		return nil, err
	}
	if err := w.lines.Flush(); err != nil {
		return nil, err
	}
	return w.counts, w.packed.Close()
}

func (w *Writer) object(v any) (err error) {
	if w.line, err = json.Marshal(v); err != nil {
		return err
	}
	return w.end()
}

// end writes the line.
func (w *Writer) end() error {
	w.line = append(w.line, '\n')
	w.digest.Write(w.line)
	_, err := w.lines.Write(w.line)
	return err
}
