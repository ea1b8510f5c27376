package secret

import (
	"fmt"
	"os"
)

// A key is changed in three steps, of which each leaves something that can be gone on
// with: the new one is written beside the file of the old one, under the name of its
// fingerprint; the database takes its fingerprint, with all that it seals, in one
// transaction; it takes the place of the old one. Whoever finds a database whose
// fingerprint is not that of the file looks beside it.

// Beside is where a key of a fingerprint waits to take the place of the one at path.
func Beside(path, fingerprint string) string { return path + "." + fingerprint }

// Renew makes a key that seals anew and makes the MACs that old makes, and writes it
// beside the file of old, with mode 0600.
func Renew(path string, old *Key) (*Key, error) {
	roots := readRoots(old.file())
	key := newKey(newRoot(), roots[len(roots)-1])
	if err := place(Beside(path, key.Fingerprint()), key.file()); err != nil {
		return nil, fmt.Errorf("making the secret key: %w", err)
	}
	return key, nil
}

// Discard removes a key that waits beside path, and of which nothing came.
func Discard(path, fingerprint string) error { return os.Remove(Beside(path, fingerprint)) }

// Replace lets a key that waits beside path take its place, at once: there is always
// one of the two.
func Replace(path, fingerprint string) error {
	if err := os.Rename(Beside(path, fingerprint), path); err != nil {
		return fmt.Errorf("replacing the secret key: %w", err)
	}
	return syncFolder(path)
}
