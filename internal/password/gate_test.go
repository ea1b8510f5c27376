package password

import (
	"context"
	"runtime"
	"testing"
	"testing/synctest"
	"time"
)

// TestPeopleGoFirst: background work begins no hash while somebody is waited for, and
// goes on as soon as nobody is.
func TestPeopleGoFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, release, hashed := NewGate(), make(chan struct{}), 0
		go g.First(t.Context(), func() { <-release })
		synctest.Wait()
		go func() {
			g.Behind()
			hashed++
		}()
		synctest.Wait()
		if hashed != 0 {
			t.Error("a background hash begins while somebody is waited for")
		}
		began := time.Now()
		close(release)
		synctest.Wait()
		if hashed != 1 || time.Since(began) > 0 {
			t.Errorf("afterwards %d background hashes begin, after %s", hashed, time.Since(began))
		}
	})
}

// TestBackgroundWorkIsNotEnded by people who keep coming.
func TestBackgroundWorkIsNotEnded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, release := NewGate(), make(chan struct{})
		defer close(release)
		go g.First(t.Context(), func() { <-release })
		synctest.Wait()
		began := time.Now()
		g.Behind()
		if waited := time.Since(began); waited != standBack {
			t.Errorf("background work waits for %s", waited)
		}
	})
}

// TestAsManyAtOnceAsCores: each hash takes its memory, however many sign in.
func TestAsManyAtOnceAsCores(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, release, at := NewGate(), make(chan struct{}), make(chan struct{}, 100)
		for range 100 {
			go g.First(t.Context(), func() { at <- struct{}{}; <-release })
		}
		synctest.Wait()
		if n := len(at); n != runtime.GOMAXPROCS(0) {
			t.Errorf("%d hashes at once", n)
		}
		gone, leave := context.WithCancel(t.Context())
		leave()
		if err := g.First(gone, func() { t.Error("it is done for one who has gone") }); err == nil {
			t.Error("one who has gone is not told")
		}
		close(release)
		synctest.Wait()
		if n := len(at); n != 100 {
			t.Errorf("%d hashes in all", n)
		}
	})
}

// TestNobodyWaitsForEver: whoever comes when too many are there is turned away in time.
func TestNobodyWaitsForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, release := NewGate(), make(chan struct{})
		for range runtime.GOMAXPROCS(0) {
			go g.First(t.Context(), func() { <-release })
		}
		synctest.Wait()
		began := time.Now()
		err := g.First(t.Context(), func() { t.Error("it is done all the same") })
		if waited := time.Since(began); !busy.Is(err) || waited != 10*time.Second {
			t.Errorf("after %s: %v", waited, err)
		}
		close(release)
		synctest.Wait()
		if err := g.First(t.Context(), func() {}); err != nil {
			t.Errorf("afterwards: %v", err)
		}
	})
}

func TestWithoutAGate(t *testing.T) {
	var g *Gate
	g.Behind()
	done := false
	if err := g.First(t.Context(), func() { done = true }); err != nil || !done {
		t.Error("without a gate nothing is done")
	}
}
