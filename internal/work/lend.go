package work

import (
	"context"

	"muster/internal/importer"
)

// lend helps, where machines share a server, to hash the passwords of a large
// import on which another process works. That is offered and not queued: whoever
// works on the import hashes all that nobody helps with. With SQLite all processes
// are on one machine, whose cores the one that works on the import has already.
func (q *Queue) lend(ctx context.Context) error {
	if q.store.Pool() == nil || !q.lending.TryLock() {
		return nil
	}
	imp, err := q.inNeed(ctx)
	if err != nil || imp == nil {
		q.lending.Unlock()
		return err
	}
	q.helping.Go(func() {
		defer q.lending.Unlock()
		n, err := q.importer.Help(ctx, imp.Number)
		log := q.log.With("import", imp.Number, "passwords", n)
		if err != nil && ctx.Err() == nil {
			log.Warn("could not go on helping", "reason", reason(err))
		} else if n > 0 {
			log.Info("helped")
		}
	})
	return nil
}

// inNeed returns an import whose passwords another process is hashing, and which
// are many; nil where there is none.
func (q *Queue) inNeed(ctx context.Context) (*importer.Import, error) {
	hashing, err := q.store.Hashing(ctx)
	for _, imp := range hashing {
		if _, mine := q.mine.Load(imp.Number); !mine && imp.NeedsHelp() {
			return imp, err
		}
	}
	return nil, err
}
