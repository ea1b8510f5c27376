package store

import (
	"io"
	"os"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"
)

// locks are the presence of those who can all see one file. The holder of
// lease N locks byte N of a file that has nothing in it; the lock belongs to the
// open file (Linux, "open file description locks") and ends with its process.
type locks struct {
	file  *os.File
	never error // why there is no file
	mu    sync.Mutex
	mine  map[int64]bool // a lock does not tell those of its own file
}

func newPresence(database string) (presence, error) {
	file, err := os.OpenFile(database+"-work", os.O_CREATE|os.O_RDWR, 0o600)
	if unwritable(err) {
		return &locks{never: unavailable{err}}, nil // nobody works on a database that cannot be written
	}
	return &locks{file: file, mine: map[int64]bool{}}, err
}

func (p *locks) begin(lease int64) error {
	if p.never != nil {
		return p.never
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.mine[lease] = true
	return p.lock(unix.F_OFD_SETLK, lease, &syscall.Flock_t{Type: syscall.F_WRLCK})
}

func (p *locks) end(lease int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.mine, lease)
	p.lock(unix.F_OFD_SETLK, lease, &syscall.Flock_t{Type: syscall.F_UNLCK})
}

// here reports whether the holder of a lease lives, if that can be known.
func (p *locks) here(lease int64) (here, known bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.file == nil || p.mine[lease] {
		return p.mine[lease], true
	}
	lock := syscall.Flock_t{Type: syscall.F_WRLCK}
	err := p.lock(unix.F_OFD_GETLK, lease, &lock)
	return lock.Type != syscall.F_UNLCK, err == nil
}

func (p *locks) lock(how int, lease int64, lock *syscall.Flock_t) error {
	lock.Whence, lock.Start, lock.Len = io.SeekStart, lease, 1
	return syscall.FcntlFlock(p.file.Fd(), how, lock)
}

func (p *locks) close() error {
	if p.file == nil {
		return nil
	}
	return p.file.Close()
}
