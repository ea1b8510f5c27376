package search

import (
	"encoding/binary"
	"errors"
	"math/bits"
)

// errDamaged tells that the index is not as it was written.
var errDamaged = errors.New("the search index is damaged")

// postings are the slots of a segment whose entries have a gram, packed: the way
// from one to the next, of which most take an octet.
type postings struct {
	steps []byte
	next  int // the slot behind the last
}

// add adds a slot that is not before the last one.
func (p *postings) add(slot int) {
	if slot >= p.next {
		p.steps = binary.AppendUvarint(p.steps, uint64(slot-p.next))
		p.next = slot + 1
	}
}

// How postings are packed, their first octet.
const (
	asSteps = iota
	asBits  // one for each slot of the segment: shorter where many have the gram
)

// packed is what is kept of the postings of a segment that has so many entries.
func (p *postings) packed(entries int) []byte {
	set := noSlots(entries)
	if len(p.steps) <= 8*len(set) {
		packed := make([]byte, 1, 1+len(p.steps))
		packed[0] = asSteps
		return append(packed, p.steps...)
	}
	eachStep(p.steps, set.addSlot)
	packed := append(make([]byte, 0, 1+8*len(set)), asBits)
	for _, word := range set {
		packed = binary.LittleEndian.AppendUint64(packed, word)
	}
	return packed
}

// isCommon reports whether many of a segment's entries have a gram.
func isCommon(packed []byte) bool { return len(packed) > 0 && packed[0] == asBits }

// eachStep calls f for each slot, and reports whether all is as it was written.
func eachStep(steps []byte, f func(slot int) bool) bool {
	for slot := 0; len(steps) > 0; slot++ {
		step, n := binary.Uvarint(steps)
		if n <= 0 || step > 1<<32 {
			return false
		}
		steps, slot = steps[n:], slot+int(step)
		if !f(slot) {
			return false
		}
	}
	return true
}

// slots is a set of slots of a segment, a bit each.
type slots []uint64

func noSlots(entries int) slots { return make(slots, (entries+63)/64) }

func allSlots(entries int) slots {
	s := noSlots(entries)
	for i := range s {
		s[i] = ^uint64(0)
	}
	if rest := entries % 64; rest > 0 {
		s[len(s)-1] = 1<<rest - 1
	}
	return s
}

// addSlot reports whether there is such a slot.
func (s slots) addSlot(slot int) bool {
	if slot/64 >= len(s) {
		return false
	}
	s[slot/64] |= 1 << (slot % 64)
	return true
}

// add adds the slots of packed postings; none are none.
func (s slots) add(packed []byte) error {
	whole := true
	switch {
	case len(packed) == 0:
	case packed[0] == asSteps:
		whole = eachStep(packed[1:], s.addSlot)
	case packed[0] == asBits && len(packed) == 1+8*len(s):
		for i := range s {
			s[i] |= binary.LittleEndian.Uint64(packed[1+8*i:])
		}
	default:
		whole = false
	}
	if !whole {
		return errDamaged
	}
	return nil
}

// keep takes out the slots that none of the names has.
func (s slots) keep(has map[string][]byte, names ...string) error {
	some := make(slots, len(s))
	for _, name := range names {
		if err := some.add(has[name]); err != nil {
			return err
		}
	}
	for i := range s {
		s[i] &= some[i]
	}
	return nil
}

// drop takes out the slots that others have.
func (s slots) drop(others slots) {
	for i := range s {
		s[i] &^= others[i]
	}
}

// from returns the first slot that is not before another; -1 where there is none.
func (s slots) from(slot int) int {
	for i := slot / 64; i < len(s); i++ {
		word := s[i]
		if i == slot/64 {
			word &= ^uint64(0) << (slot % 64)
		}
		if word != 0 {
			return i*64 + bits.TrailingZeros64(word)
		}
	}
	return -1
}
