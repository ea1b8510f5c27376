package password

import (
	"context"
	"runtime"
	"sync"
	"time"
)

// Gate lets the hashing that somebody waits for, at a sign-in, go before that which
// nobody waits for, of an import. A process has one.
//
// Whoever is waited for begins at once, but for as many others as there are cores:
// each hash takes its memory. Background work asks before each of its hashes, and
// stands back while anybody is waited for; so a sign-in shares the cores with hashes
// that were begun before it, for some hundredths of a second, and with no others. Background
// work stands back for a second at most each time: people who keep coming make it
// slow, and do not end it.
type Gate struct {
	Patience time.Duration // how long people wait for a core; they give up soon after

	lanes  chan struct{}
	mu     sync.Mutex
	people int
	free   chan struct{} // closed when nobody is waited for any more
}

// NewGate returns a gate at which nobody stands.
func NewGate() *Gate {
	return &Gate{Patience: 10 * time.Second, lanes: make(chan struct{}, runtime.GOMAXPROCS(0))}
}

// standBack is how long background work lets people go first.
const standBack = time.Second

// First runs hashing that somebody waits for. The error is an issue of code password-busy
// where there is no core for it in time, or that of ctx, where it ends before; f is
// not run then. Without a gate f is just run.
func (g *Gate) First(ctx context.Context, f func()) error {
	if g == nil {
		f()
		return nil
	}
	g.come()
	defer g.leave()
	ctx, stop := context.WithTimeoutCause(ctx, g.Patience, busy.New("Too many others sign in or set passwords just now."))
	defer stop()
	select {
	case g.lanes <- struct{}{}:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	defer func() { <-g.lanes }()
	f()
	return nil
}

func (g *Gate) come() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.people++; g.people == 1 {
		g.free = make(chan struct{})
	}
}

func (g *Gate) leave() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.people--; g.people == 0 {
		close(g.free)
		g.free = nil
	}
}

// Behind waits, before a hash that nobody waits for, while anybody is waited for. It
// returns after a second in any case, and at once without a gate.
func (g *Gate) Behind() {
	if g == nil {
		return
	}
	g.mu.Lock()
	free := g.free
	g.mu.Unlock()
	if free == nil {
		return
	}
	timeout := time.NewTimer(standBack)
	defer timeout.Stop()
	select {
	case <-free:
	case <-timeout.C:
	}
}
