package importer

import (
	"context"
	"errors"
	"time"
)

// One process at a time works on an import: the one that has its lease. Others
// who want to do the same follow its work to the end, or take it over when its
// process has died. Imports that are about the same people are applied one after
// the other, so that what comes out is what some order of them would give.

// How often a holder says that it is there, and others look whether it still is.
const (
	beat = 5 * time.Second
	look = 100 * time.Millisecond
)

// errTakenOver tells that somebody else works on the import now.
var errTakenOver = errors.New("the work was taken over")

// work is what one process does on an import. It has the import's lease from the
// first time that it asks for it until it is released.
type work struct {
	*Service
	number int64
	lease  int64 // 0: none
	stop   func()
}

// alone returns the import as it is now, when the work has its lease. While somebody
// else works on it, it waits, but not in the background.
func (w *work) alone(ctx context.Context) (*Import, error) {
	for {
		imp, err := w.Store.Import(ctx, w.number)
		if err != nil || w.lease != 0 && imp.Lease == w.lease {
			return imp, err
		}
		w.release() // of a lease that somebody else has now
		lease, err := w.Store.Lease(ctx, w.number)
		switch {
		case lease != 0:
			w.lease, w.stop = lease, w.keepLease(ctx, w.number, lease)
		case err == nil && w.background:
			err = errTakenOver
		case err == nil:
			err = w.follow(ctx, imp)
		}
		if err != nil {
			return imp, err
		}
	}
}

// release gives the lease back, or it ends with the process.
func (w *work) release() {
	if w.lease != 0 {
		w.stop()
		w.lease = 0
	}
}

// elsewhere tells of an import on which somebody else works now.
func (s *Service) elsewhere(ctx context.Context, number int64) (*Import, error) {
	imp, err := s.Store.Import(ctx, number)
	if err == nil && !imp.Finished() {
		err = TakenOver.New("Import %d is being worked on by another process.", number)
	}
	return imp, err
}

// keepLease says again and again that the work goes on, until the lease is given back.
func (s *Service) keepLease(ctx context.Context, number, lease int64) (giveBack func()) {
	ctx = context.WithoutCancel(ctx)
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for tick := time.NewTicker(beat); ; {
			select {
			case <-tick.C:
				s.Store.KeepLease(ctx, number, lease) // who cannot say so is taken for dead
			case <-stop:
				tick.Stop()
				return
			}
		}
	}()
	return func() {
		close(stop)
		<-stopped
		s.Store.EndLease(ctx, number, lease) // or it ends with the process
	}
}

// follow tells for a moment how far the work of somebody else is.
func (s *Service) follow(ctx context.Context, imp *Import) error {
	switch imp.State {
	case Hashing:
		s.report("hashing", imp.Hashed, imp.Secrets)
	case Applying:
		s.report("applying", imp.Next-1, imp.Rows)
	case Undoing:
		s.report("undoing", imp.Next-1-imp.UndoNext, imp.Next-1)
	}
	return pause(ctx)
}

// pause waits a moment.
func pause(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(look):
		return nil
	}
}
