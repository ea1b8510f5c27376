package cli

import (
	"context"
	"io"
)

// interruptible is a reader that stops waiting when the command is interrupted:
// a pipe or a terminal may have nothing to read for ever.
type interruptible struct {
	io.ReadCloser
	ctx context.Context
}

func (i interruptible) Read(p []byte) (int, error) {
	type answer struct {
		n   int
		err error
	}
	// The read may end after this call has, so it has a buffer of its own.
	buffer, answers := make([]byte, len(p)), make(chan answer, 1)
	go func() {
		n, err := i.ReadCloser.Read(buffer)
		answers <- answer{n, err}
	}()
	select {
	case a := <-answers:
		return copy(p, buffer[:a.n]), a.err
	case <-i.ctx.Done():
		return 0, i.ctx.Err()
	}
}
