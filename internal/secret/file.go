package secret

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// Create makes a new key and writes it to path, with mode 0600, and its folder
// where that is missing, with mode 0700. A file that exists is left alone, and
// the error is an fs.ErrExist. The file appears whole or not at all, so that
// another process that starts at the same moment never reads half a key.
func Create(path string) (*Key, error) {
	key := newKey(newRoot())
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("making the folder of the secret key: %w", err)
	}
	if err := place(path, key.file()); err != nil {
		return nil, fmt.Errorf("making the secret key: %w", err)
	}
	return key, nil
}

func newRoot() []byte {
	root := make([]byte, keySize)
	rand.Read(root) // never fails: it ends the program instead
	return root
}

// place writes a file beside path and links it there, which fails where path
// exists.
func place(path, text string) error {
	draft := path + "." + rand.Text()
	defer os.Remove(draft)
	if err := write(draft, text); err != nil {
		return err
	}
	if err := os.Link(draft, path); err != nil {
		return err
	}
	return syncFolder(path)
}

// syncFolder brings the names of a folder to the disk.
func syncFolder(path string) error {
	f, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

func write(path, text string) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	return errors.Join(err, f.Sync(), f.Close())
}

// Load reads the key that Create wrote. A key that others than its owner could
// read is refused; where there is none, the error is an fs.ErrNotExist.
func Load(path string) (*Key, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("reading the secret key: %w", err)
	}
	defer f.Close()
	if err := guarded(f); err != nil {
		return nil, err
	}
	text, err := io.ReadAll(io.LimitReader(f, 1024))
	if err != nil {
		return nil, fmt.Errorf("reading the secret key: %w", err)
	}
	roots := readRoots(string(text))
	if len(roots) == 0 || len(roots) > 2 {
		return nil, fmt.Errorf("the file %s does not hold a secret key of Muster; put the right file back from your backup", path)
	}
	return newKey(roots...), nil
}

// readRoots reads a root from each line; none where a line holds none.
func readRoots(text string) (roots [][]byte) {
	for _, line := range strings.Fields(text) {
		root, err := base64.StdEncoding.DecodeString(line)
		if err != nil || len(root) != keySize {
			return nil
		}
		roots = append(roots, root)
	}
	return roots
}

func guarded(f *os.File) error {
	info, err := f.Stat()
	switch {
	case err != nil:
		return fmt.Errorf("reading the secret key: %w", err)
	case !info.Mode().IsRegular():
		return fmt.Errorf("the secret key %s is not a file", f.Name())
	case info.Mode().Perm()&0o077 != 0:
		return fmt.Errorf("the secret key %s may be read by others than its owner (mode %04o); run: chmod 600 %s",
			f.Name(), info.Mode().Perm(), f.Name())
	}
	return nil
}
