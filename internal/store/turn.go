package store

import (
	"context"
	"errors"
	"os"
	"sync"
	"syscall"
	"time"
)

// errTurn tells that other writers kept the database for too long.
var errTurn = errors.New("another process keeps the database locked")

// turn lets writers of several processes at the database one after the other,
// and fairly. SQLite alone does not: a process that writes batch after batch
// takes the lock back before another, which sleeps between its tries, has seen
// it free; cancelling an import would wait for its end.
//
// Whoever wants to write takes the lock of the queue, then that of the desk,
// and leaves the queue. Who comes from the desk has to queue again, and finds
// the next one there. Both are locks of files that have nothing in them (flock),
// so a process that dies holds nothing up. Where files
// cannot be written nobody has a turn, and nobody needs one to read.
type turn struct {
	mu    sync.Mutex // one of this process at a time
	queue *os.File
	desk  *os.File
	wait  time.Duration
	never error // why there is no turn to be had
}

func newTurn(database string, wait time.Duration) (*turn, error) {
	queue, err := os.OpenFile(database+"-queue", os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return noTurn(err)
	}
	desk, err := os.OpenFile(database+"-desk", os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		queue.Close()
		return noTurn(err)
	}
	return &turn{queue: queue, desk: desk, wait: wait}, nil
}

// noTurn is for a process that may not write here, and can perhaps read.
func noTurn(err error) (*turn, error) {
	if unwritable(err) {
		return &turn{never: unavailable{err}}, nil
	}
	return nil, err
}

// take waits for the turn; the caller gives it back with give.
func (t *turn) take(ctx context.Context) error {
	if t.never != nil {
		return t.never
	}
	t.mu.Lock()
	taken := make(chan error, 1)
	go func() { taken <- t.lock() }()
	timeout := time.NewTimer(t.wait)
	defer timeout.Stop()
	select {
	case err := <-taken:
		if err != nil {
			t.mu.Unlock()
		}
		return err
	case <-ctx.Done():
		go t.giveWhen(taken)
		return ctx.Err()
	case <-timeout.C:
		go t.giveWhen(taken)
		return unavailable{errTurn}
	}
}

func (t *turn) lock() error {
	if err := flock(t.queue, syscall.LOCK_EX); err != nil {
		return err
	}
	return errors.Join(flock(t.desk, syscall.LOCK_EX), flock(t.queue, syscall.LOCK_UN))
}

// giveWhen gives back a turn that came after nobody waited for it any more.
func (t *turn) giveWhen(taken <-chan error) {
	if err := <-taken; err != nil {
		t.mu.Unlock()
		return
	}
	t.give()
}

func (t *turn) give() {
	flock(t.desk, syscall.LOCK_UN)
	t.mu.Unlock()
}

func (t *turn) close() error {
	if t.never != nil {
		return nil
	}
	return errors.Join(t.queue.Close(), t.desk.Close())
}

// flock is repeated where a signal came between. A file that is closed while
// somebody still waits for its lock stays open until they have it, and goes then.
func flock(f *os.File, how int) error {
	c, err := f.SyscallConn()
	if err != nil {
		return err
	}
	for {
		var failed error
		if err := c.Control(func(fd uintptr) { failed = syscall.Flock(int(fd), how) }); err != nil {
			return err
		}
		if !errors.Is(failed, syscall.EINTR) {
			return failed
		}
	}
}
