package work

import (
	"context"
	"errors"
	"time"
)

// Between two sweeps; every so many of them plans lapse and secrets expire too.
// What a process that died has left is found one tick after its lease is over.
const (
	tick   = time.Second
	rounds = 60
)

// tend sweeps until ctx ends. While the database cannot be used it tries again,
// and says so once.
func (q *Queue) tend(ctx context.Context) {
	ticks := time.NewTicker(tick)
	defer ticks.Stop()
	failing := false
	for round := 0; ctx.Err() == nil; round++ {
		err := q.sweep(ctx, round%rounds == 0)
		if err != nil && !failing && ctx.Err() == nil {
			q.log.Warn("cannot look for work; it is tried again", "reason", reason(err))
		}
		if err == nil && failing {
			q.log.Info("working again")
		}
		failing = err != nil
		select {
		case <-ctx.Done():
		case <-ticks.C:
		}
	}
}

// sweep enqueues all that waits for somebody to work on it, and lends a hand.
func (q *Queue) sweep(ctx context.Context, everything bool) error {
	var expiring error
	if everything {
		expiring = q.importer.Sweep(ctx)
	}
	waiting, err := q.store.Waiting(ctx)
	for _, imp := range waiting {
		err = errors.Join(err, q.Enqueue(ctx, imp))
	}
	return errors.Join(expiring, err, q.lend(ctx))
}
