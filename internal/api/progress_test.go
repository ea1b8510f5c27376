package api

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"muster/internal/directory"
	"muster/internal/importer"
)

// TestOneLooksForAll: an import that many follow is looked at as often as one that one
// does, each hears of its end, and nobody looks when nobody follows. One caller does not
// hold all connections.
func TestOneLooksForAll(t *testing.T) {
	var looks atomic.Int64
	var state atomic.Value
	state.Store(importer.Applying)
	anna, bert := directory.NewID(), directory.NewID()
	f := &followers{most: 200, find: func(_ context.Context, number int64) (*importer.Import, error) {
		return &importer.Import{Number: number, State: state.Load().(importer.State), Rows: 100, Next: looks.Add(1)}, nil
	}}
	var all sync.WaitGroup
	begun := make(chan struct{}, 200)
	for range 200 {
		all.Go(func() {
			one, leave, err := f.join(7, anna)
			if err != nil {
				t.Error(err)
				begun <- struct{}{}
				return
			}
			defer leave()
			told := false
			for {
				event, ended, changed := one.news()
				if event != nil && !told {
					told = true
					begun <- struct{}{}
				}
				if ended {
					return
				}
				<-changed
			}
		})
	}
	for range 200 {
		<-begun
	}
	if _, _, err := f.join(8, anna); !FollowsTooOften.Is(err) {
		t.Errorf("one more of the same caller: %v, want follows-too-often", err)
	}
	if _, leave, err := f.join(7, bert); err != nil {
		t.Errorf("another caller: %v", err)
	} else {
		leave()
	}
	first := looks.Load()
	state.Store(importer.Applied)
	began := time.Now()
	all.Wait()
	if most := first + int64(time.Since(began)/lookEvery) + 2; looks.Load() > most {
		t.Errorf("it was looked at %d times, at most %d were to be", looks.Load(), most)
	}
	if len(f.feeds) != 0 || len(f.of) != 0 {
		t.Errorf("%d feeds are left, and %d callers", len(f.feeds), len(f.of))
	}
	one, leave, _ := f.join(7, anna)
	for ended := false; !ended; {
		var changed <-chan struct{}
		if _, ended, changed = one.news(); !ended {
			<-changed
		}
	}
	state.Store(importer.Undoing)
	again, leaveAgain, _ := f.join(7, anna)
	if again == one {
		t.Error("who comes after the end of one stage is told of that end")
	}
	leave()
	leaveAgain()
	if len(f.feeds) != 0 {
		t.Errorf("%d feeds are left at last", len(f.feeds))
	}
}
