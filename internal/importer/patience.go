package importer

import (
	"context"
	"errors"
	"time"
)

// A database may be gone for a while in the middle of an import: its server is
// started again, another takes its place, or the network fails. Nothing is lost by
// that, for every stage goes on from where the database says it is, and a
// transaction of which nobody heard the end has happened or has not. So the work
// waits until the database is back and begins again. It gives up when the database
// has been gone for too long, or has been gone again and again at the same place:
// then the work itself may be the cause.

const (
	firstPause  = 10 * time.Millisecond // before the first try; each one after it waits twice as long
	longPause   = time.Second           // but no longer
	mostInVain  = 10                    // how often the database may be lost before the work gets any further
	planningNow = "planning"
)

// patiently does work on an import, and begins it again where the database was
// gone for now. It keeps the lease of the import meanwhile.
func (s *Service) patiently(ctx context.Context, number int64, do func(*work) (*Import, error)) (*Import, error) {
	p := &patience{Service: s}
	heard := *s
	heard.Report = p.hear
	w := &work{Service: &heard, number: number}
	defer w.release()
	var known *Import // as it was when the database was last there
	for {
		imp, err := do(w)
		if imp == nil {
			imp = known
		}
		known = imp
		if !s.Store.Passing(err) && !errors.Is(err, errShort) || !p.pause(ctx) {
			return imp, err
		}
		if err := ctx.Err(); err != nil {
			return imp, err
		}
	}
}

// patience is how long somebody has been waiting for the database.
type patience struct {
	*Service
	gone    time.Time // since when the database has not been heard of; zero: it is there
	next    time.Duration
	inVain  int
	planned int64 // how far planning has been
}

// hear learns from what is reported that the database is there, and that the work
// gets on: whatever is reported lasts, but a plan, which is made from its beginning.
func (p *patience) hear(at Progress) {
	p.gone = time.Time{}
	if at.Stage != planningNow || at.Done > p.planned {
		p.inVain = 0
	}
	if at.Stage == planningNow {
		p.planned = max(p.planned, at.Done)
	}
	p.report(at.Stage, at.Done, at.Total)
}

// pause waits before the work begins again. It is false where that is of no more use.
func (p *patience) pause(ctx context.Context) bool {
	if p.gone.IsZero() {
		p.gone, p.next = time.Now(), firstPause
		p.inVain++
	}
	if p.inVain > mostInVain || time.Since(p.gone) >= p.Wait {
		return false
	}
	p.report("waiting for the database", 0, 0)
	select {
	case <-ctx.Done():
	case <-time.After(p.next):
	}
	p.next = min(2*p.next, longPause)
	return true
}
