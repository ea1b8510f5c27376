package app

import (
	"time"

	"muster/internal/directory"
	"muster/internal/importer"
)

// What is done in the background within a minute is late after so long.
const late = 5 * time.Minute

// queue looks for imports that nobody goes on with.
func (e *examination) queue(a *App) {
	waiting, err := a.Store.Waiting(e.ctx)
	if err != nil {
		e.fail("queue", "Look at the database first.", err)
		return
	}
	var longest time.Duration
	for _, imp := range waiting {
		longest = max(longest, time.Since(since(imp)))
	}
	if longest > late {
		e.warn("queue", "Start muster serve or muster work, or go on with muster resume.", "%d imports wait for somebody to go on with them, one for %s", len(waiting), longest.Round(time.Minute))
		return
	}
	e.ok("queue", "%d imports wait", len(waiting))
}

// since is when the stage began at which an import is.
func since(imp *importer.Import) time.Time {
	switch {
	case !imp.UndoAt.IsZero():
		return imp.UndoAt
	case !imp.AppliedAt.IsZero():
		return imp.AppliedAt
	}
	return imp.CreatedAt
}

// history looks whether the history is sealed, and what is known elsewhere of it. Verifying
// it all is for muster history verify.
func (e *examination) history(a *App) {
	b, err := a.Store.NewestBlock(e.ctx)
	if err != nil {
		e.fail("history", "Look at the database first.", err)
		return
	}
	n, err := a.Store.CountAfter(e.ctx, b.Last)
	if err != nil {
		e.fail("history", "Look at the database first.", err)
		return
	}
	if err := a.History.Known(e.ctx); err != nil {
		e.fail("history", "Run: muster history verify", err)
		return
	}
	if at := e.oldest(a, b.Last); n > 0 && time.Since(at) > late {
		e.warn("history", "Run: muster history seal (muster serve and muster work do so every minute).", "%d entries are not sealed, the oldest since %s", n, at.Local().Format(time.DateTime))
		return
	}
	e.ok("history", "%d blocks are sealed, %d entries not yet", b.Number, n)
}

// oldest is when the first entry after one was made.
func (e *examination) oldest(a *App, after directory.ID) (at time.Time) {
	filter := directory.HistoryFilter{After: after, OldestFirst: true, Limit: 1}
	_ = a.Store.History(e.ctx, filter, func(entry directory.Entry) error { at = entry.At; return nil })
	return at
}
