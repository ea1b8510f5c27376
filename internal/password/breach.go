package password

import (
	"bytes"
	"crypto/sha1"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
)

// BreachFile is a sorted list of SHA-1 digests, a line each, as Have I Been
// Pwned offers it: 40 hexadecimal digits, and optionally a colon and how often
// the password was seen. It is searched where it lies, about 35 reads for the
// whole list of 40 GB, and may be used by several goroutines.
type BreachFile struct {
	file *os.File
	size int64
}

const (
	digestLength = 2 * sha1.Size
	longestLine  = 64 // 40 digits, a colon, a count of 20 digits at most, CR, LF
	probes       = 64 // lines that OpenBreachFile looks at
)

// OpenBreachFile opens the list at path. It refuses a file of another form and
// one that is not sorted by digest, as far as samples show.
func OpenBreachFile(path string) (*BreachFile, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("opening the list of breached passwords: %w", err)
	}
	b := &BreachFile{file: file}
	if err := b.probe(); err != nil {
		return nil, errors.Join(fmt.Errorf("the list of breached passwords %s: %w", path, err), file.Close())
	}
	return b, nil
}

func (b *BreachFile) probe() error {
	info, err := b.file.Stat()
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return errors.New("is not a file")
	}
	b.size = info.Size()
	var before []byte
	for i := range int64(probes) {
		if b.size == 0 {
			return nil
		}
		line, err := b.lineAt(b.size / probes * i)
		if err != nil {
			return err
		}
		if bytes.Compare(before, line.digest) > 0 {
			return errors.New("is not sorted by digest; take the list that is ordered by hash")
		}
		before = line.digest
	}
	return nil
}

// Contains reports whether pw is in the list.
func (b *BreachFile) Contains(pw string) (bool, error) {
	sum := sha1.Sum([]byte(pw))
	want := bytes.ToUpper([]byte(hex.EncodeToString(sum[:])))
	low, high := int64(0), b.size // the line, if there is one, begins within
	for low < high {
		line, err := b.lineAt(low + (high-low)/2)
		if err != nil {
			return false, fmt.Errorf("reading the list of breached passwords: %w", err)
		}
		switch bytes.Compare(want, line.digest) {
		case 0:
			return true, nil
		case -1:
			high = line.start
		default:
			low = line.end
		}
	}
	return false, nil
}

type breachLine struct {
	start, end int64 // end is where the next line begins
	digest     []byte
}

var errForm = errors.New("is not a list of SHA-1 digests in hexadecimal digits, one a line")

// lineAt returns the line to which the byte at offset belongs.
func (b *BreachFile) lineAt(offset int64) (breachLine, error) {
	start := max(0, offset-longestLine)
	window := make([]byte, 2*longestLine)
	n, err := b.file.ReadAt(window, start)
	if err != nil && err != io.EOF {
		return breachLine{}, err
	}
	window = window[:n]
	at := int(offset - start)
	if at >= n {
		return breachLine{}, io.ErrUnexpectedEOF // the file was cut short since it was opened
	}
	first := bytes.LastIndexByte(window[:at], '\n') + 1
	length := bytes.IndexByte(window[at:], '\n') + 1
	if length == 0 && start+int64(n) >= b.size { // the last line
		length = n - at
	}
	line := window[first : at+length]
	if length == 0 || !isDigest(line) {
		return breachLine{}, errForm
	}
	return breachLine{start + int64(first), start + int64(at+length), bytes.ToUpper(line[:digestLength])}, nil
}

func isDigest(line []byte) bool {
	if len(line) < digestLength || len(line) > digestLength && !bytes.ContainsRune([]byte(":\r\n"), rune(line[digestLength])) {
		return false
	}
	_, err := hex.Decode(make([]byte, sha1.Size), line[:digestLength])
	return err == nil
}

// Close closes the file.
func (b *BreachFile) Close() error { return b.file.Close() }
