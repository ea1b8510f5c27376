package work

import "sync"

// share divides the workers of each lane among the organisations.
type share struct {
	mu   sync.Mutex
	most int // workers of one organisation in one lane
	held map[place]int
}

// place is a lane and an organisation that is at work in it.
type place struct{ lane, org string }

func newShare(most int) *share { return &share{most: most, held: map[place]int{}} }

// take reports whether a place may have one worker more.
func (s *share) take(p place) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.held[p] == s.most {
		return false
	}
	s.held[p]++
	return true
}

func (s *share) give(p place) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.held[p]--; s.held[p] == 0 {
		delete(s.held, p)
	}
}
