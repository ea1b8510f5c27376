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

// alone takes the lease of an import and returns it as it then is; while somebody
// else works on it, it waits. The caller gives the lease back by release.
func (s *Service) alone(ctx context.Context, number int64) (imp *Import, release func(), err error) {
	for {
		lease, err := s.Store.Lease(ctx, number)
		if err == nil {
			imp, err = s.Store.Import(ctx, number)
		}
		switch {
		case lease != 0:
			return imp, s.keepLease(ctx, number, lease), err
		case err == nil:
			err = s.follow(ctx, imp)
		}
		if err != nil {
			return imp, func() {}, err
		}
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

// keepLease says again and again that the work goes on.
func (s *Service) keepLease(ctx context.Context, number, lease int64) (release func()) {
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
