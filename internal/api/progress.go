package api

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"sync"
	"time"

	"muster/internal/directory"
	"muster/internal/importer"
	"muster/internal/server"
	"muster/internal/wire"
)

const (
	// lookEvery is how often it is looked how far an import is that anybody follows.
	lookEvery = 500 * time.Millisecond
	// followFor is how long one stream lasts: whoever follows on connects again, and is
	// asked again who they are.
	followFor = 5 * time.Minute
	// quietFor is how long nothing is sent, so that proxies do not think it dead.
	quietFor = 15 * time.Second
)

// followers are all who follow imports. However many they are, each import is looked at
// once at a time, and what is sent to them is written once.
type followers struct {
	find  func(context.Context, int64) (*importer.Import, error)
	most  int // of one caller at once: each holds a connection
	mutex sync.Mutex
	feeds map[int64]*feed
	of    map[directory.ID]int // how many each caller has
}

// feed is one import that is followed.
type feed struct {
	stop      context.CancelFunc
	followers int
	mutex     sync.Mutex
	changed   chan struct{} // closed when there is something new
	latest    []byte        // the last event; nil at first
	ended     bool
}

// unseen looks at an import for those of whom it is known that they may see it.
func (d *door) unseen(ctx context.Context, number int64) (*importer.Import, error) {
	return d.Importer.Import(ctx, directory.Operator("api"), number)
}

// join returns the feed of an import for a caller, and what to call when nobody waits for
// it here any more. The error is FollowsTooOften.
func (f *followers) join(number int64, caller directory.ID) (*feed, func(), error) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	if f.feeds == nil {
		f.feeds, f.of = map[int64]*feed{}, map[directory.ID]int{}
	}
	if f.of[caller] >= f.most {
		return nil, nil, FollowsTooOften.New("Imports are followed %d times by the same caller already.", f.most)
	}
	f.of[caller]++
	one := f.feeds[number]
	if one == nil || one.over() { // it may have been begun anew
		ctx, stop := context.WithCancel(context.Background())
		one = &feed{stop: stop, changed: make(chan struct{})}
		f.feeds[number] = one
		go one.look(ctx, number, f.find)
	}
	one.followers++
	return one, func() { f.leave(number, caller, one) }, nil
}

func (f *followers) leave(number int64, caller directory.ID, one *feed) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	if f.of[caller]--; f.of[caller] == 0 {
		delete(f.of, caller)
	}
	if one.followers--; one.followers > 0 {
		return
	}
	one.stop()
	if f.feeds[number] == one {
		delete(f.feeds, number)
	}
}

func (f *feed) over() bool {
	_, ended, _ := f.news()
	return ended
}

// look looks how far an import is, until nothing more happens or nobody waits for it.
// While the database is gone nothing is told.
func (f *feed) look(ctx context.Context, number int64, find func(context.Context, int64) (*importer.Import, error)) {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		imp, err := find(ctx, number)
		if err == nil {
			f.tell(imp)
		}
		if f.over() {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// tell keeps the news, if there are any, and wakes all who wait for them.
func (f *feed) tell(imp *importer.Import) {
	p := wire.Progress(imp)
	text, _ := json.Marshal(p) // of texts and numbers, which cannot fail
	event := append(append([]byte("event: progress\ndata: "), text...), "\n\n"...)
	f.mutex.Lock()
	defer f.mutex.Unlock()
	if bytes.Equal(event, f.latest) {
		return
	}
	f.latest, f.ended = event, p.Ended
	close(f.changed)
	f.changed = make(chan struct{})
}

// news returns the last event, whether it is the last of all, and what tells of the next.
func (f *feed) news() ([]byte, bool, <-chan struct{}) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	return f.latest, f.ended, f.changed
}

func (d *door) progress(ctx context.Context, a directory.Actor, in *struct {
	OfImport
	Reading
}, w http.ResponseWriter) error {
	if _, err := d.Importer.Import(ctx, a, in.Import); err != nil {
		return err
	}
	one, leave, err := d.followers.join(in.Import, a.ID)
	if err != nil {
		return err
	}
	defer leave()
	ctx, stop := context.WithTimeout(ctx, followFor)
	defer stop()
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Accel-Buffering", "no") // for a proxy that would hold events back
	w.WriteHeader(http.StatusOK)
	d.follow(ctx, one, w)
	return nil
}

// follow sends the events of a feed until the last one, until ctx ends or the server stops.
func (d *door) follow(ctx context.Context, one *feed, w http.ResponseWriter) {
	to, quiet := server.Stream(w), time.NewTicker(quietFor)
	defer quiet.Stop()
	var sent []byte
	for {
		event, ended, changed := one.news()
		if event != nil && !bytes.Equal(event, sent) {
			sent = event
			if _, err := to.Write(event); err != nil || ended {
				return
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-d.Stopping:
			return
		case <-changed:
		case <-quiet.C:
			if _, err := io.WriteString(to, ": \n\n"); err != nil {
				return
			}
		}
	}
}
