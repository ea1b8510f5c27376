package backup

import (
	"bufio"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"hash"
	"io"
	"slices"
)

// Reader reads a backup.
type Reader struct {
	file   *bufio.Reader
	lines  *bufio.Reader // unpacked from file
	digest hash.Hash
	line   []byte
	head   Head
	counts []Count
	width  int // the columns of the table that is read
	row    []any
}

// longestHead is how long the first line of a file may be, so that a file of
// another kind is not read to its end.
const longestHead = 1 << 16

// NewReader reads the head of a backup. The error is ErrNone, ErrCutOff,
// ErrDamaged or ErrNewer where the file is at fault.
func NewReader(from io.Reader) (*Reader, error) {
	file := bufio.NewReader(from)
	packed, err := gzip.NewReader(file)
	if errors.Is(err, io.EOF) || errors.Is(err, gzip.ErrHeader) {
		return nil, ErrNone
	}
	if err != nil {
		return nil, fault(err)
	}
	packed.Multistream(false)
	r := &Reader{file: file, lines: bufio.NewReaderSize(packed, longestHead), digest: sha256.New()}
	first, err := r.lines.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) || errors.Is(err, io.EOF) {
		return nil, ErrNone
	}
	if err != nil {
		return nil, fault(err)
	}
	if err := json.Unmarshal(first, &r.head); err != nil || r.head.Format < 1 {
		return nil, ErrNone
	}
	if r.head.Format > format {
		return nil, Newer(r.head)
	}
	r.digest.Write(first)
	return r, nil
}

// Head returns what the backup is of.
func (r *Reader) Head() Head { return r.head }

// Read gives all tables and rows to a target, if there is one, and returns how many rows each table
// has. Only when it has ended without an error is it known that they are what was
// written; the error is ErrCutOff or ErrDamaged where they are not.
func (r *Reader) Read(to Target) ([]Count, error) {
	for {
		if err := r.next(); err != nil {
			return nil, err
		}
		var err error
		switch {
		case r.line[0] == '[' && to == nil:
			err = r.count()
		case r.line[0] == '[':
			err = r.rowTo(to)
		case bytes.HasPrefix(r.line, []byte(`{"end"`)):
			return r.counts, r.end()
		default:
			err = r.tableTo(to)
		}
		if err != nil {
			return nil, err
		}
		r.digest.Write(r.line)
	}
}

// Verify reads a backup to its end. It does not look into rows: where all is as it
// was written, so are they.
func (r *Reader) Verify() error {
	_, err := r.Read(nil)
	return err
}

// next reads a line.
func (r *Reader) next() error {
	r.line = r.line[:0]
	for {
		part, err := r.lines.ReadSlice('\n')
		r.line = append(r.line, part...)
		if err == nil {
			return nil
		}
		if errors.Is(err, io.EOF) {
			return ErrCutOff
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return fault(err)
		}
	}
}

func (r *Reader) tableTo(to Target) error {
	var o opening
	if json.Unmarshal(r.line, &o) != nil || o.Table == "" {
		return ErrDamaged
	}
	r.counts = append(r.counts, Count{Table: o.Table})
	r.width = len(o.Columns)
	if to == nil {
		return nil
	}
	return to.Table(o.Table, o.Columns)
}

// count counts a row to its table.
func (r *Reader) count() error {
	if len(r.counts) == 0 {
		return ErrDamaged
	}
	r.counts[len(r.counts)-1].Rows++
	return nil
}

func (r *Reader) rowTo(to Target) error {
	if err := r.count(); err != nil {
		return err
	}
	var err error
	if r.row, err = parseRow(bytes.TrimSuffix(r.line, []byte("\n")), r.row[:0]); err != nil || len(r.row) != r.width {
		return ErrDamaged
	}
	return to.Row(r.row)
}

// end compares what was read with the last line, behind which nothing may stand.
func (r *Reader) end() error {
	var e ending
	if json.Unmarshal(r.line, &e) != nil {
		return ErrDamaged
	}
	if e.SHA256 != hex.EncodeToString(r.digest.Sum(nil)) || !slices.Equal(e.End, r.counts) {
		return ErrDamaged
	}
	for _, rest := range []*bufio.Reader{r.lines, r.file} {
		if _, err := rest.ReadByte(); err == nil {
			return ErrDamaged
		} else if !errors.Is(err, io.EOF) {
			return fault(err)
		}
	}
	return nil
}

// fault tells what an error of gzip means. Others are those of the file itself.
func fault(err error) error {
	var corrupt flate.CorruptInputError
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		return ErrCutOff
	case errors.Is(err, gzip.ErrChecksum), errors.Is(err, gzip.ErrHeader), errors.As(err, &corrupt):
		return ErrDamaged
	}
	return err
}
