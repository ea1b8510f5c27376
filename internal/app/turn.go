package app

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
)

// inTurn runs f while no other process does so for the same database. The
// database engine does not wait for its turn where several processes make a
// fresh database at the same moment: it fails with "database is locked". The
// folder itself is the lock, so that nothing is left behind; where there is no
// folder there is nothing to wait for, and on a file system without locks the
// processes go on without.
func inTurn(database string, f func() error) error {
	folder, err := os.Open(filepath.Dir(database))
	if err != nil {
		return f()
	}
	defer folder.Close() // which gives the lock back
	for errors.Is(syscall.Flock(int(folder.Fd()), syscall.LOCK_EX), syscall.EINTR) {
		continue
	}
	return f()
}
