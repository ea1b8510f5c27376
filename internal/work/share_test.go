package work

import "testing"

// An organisation has its share of a lane, whatever others have, and gets back
// what it gives back.
func TestShare(t *testing.T) {
	s := newShare(2)
	small, large, other := place{smallLane, "RX1"}, place{largeLane, "RX1"}, place{largeLane, "RX2"}
	for i, step := range []struct {
		take bool
		at   place
		want bool
	}{
		{true, large, true}, {true, large, true}, {true, large, false},
		{true, small, true}, {true, other, true},
		{false, large, false}, {true, large, true}, {true, large, false},
	} {
		if !step.take {
			s.give(step.at)
		} else if got := s.take(step.at); got != step.want {
			t.Errorf("step %d: %v", i, got)
		}
	}
}
