package search

import (
	"encoding/binary"
	"maps"
	"slices"
	"strings"
)

// pageKeys are the keys of one page.
const pageKeys = 64

// Segment is an index of entries that are there. Each has a slot, by the order of
// their keys.
type Segment struct {
	Entries  int
	Firsts   []byte   // the first key of each page
	Pages    [][]byte // the keys, so many a page
	Grams    []string // grams and labels, in order
	postings map[string]*postings
}

// NewSegment makes a segment of recent entries. Of several with the same key, only
// the last is in it.
func NewSegment(recent [][]byte) (*Segment, error) {
	var entries []Entry
	for _, part := range recent {
		if err := eachEntry(string(part), func(e Entry) { entries = append(entries, e) }); err != nil {
			return nil, err
		}
	}
	entries = lastOfEach(entries)
	s := &Segment{Entries: len(entries), postings: map[string]*postings{}}
	s.addKeys(entries)
	s.addPostings(entries)
	s.Grams = slices.Sorted(maps.Keys(s.postings))
	return s, nil
}

// lastOfEach sorts entries by key, and leaves the last of each.
func lastOfEach(entries []Entry) []Entry {
	order := make([]int, len(entries))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		if by := strings.Compare(entries[a].Key, entries[b].Key); by != 0 {
			return by
		}
		return a - b
	})
	last := make([]Entry, 0, len(entries))
	for i, n := range order {
		if i+1 == len(order) || entries[order[i+1]].Key != entries[n].Key {
			last = append(last, entries[n])
		}
	}
	return last
}

// addPostings collects the slots of each gram and label.
func (s *Segment) addPostings(entries []Entry) {
	found, slot := map[gram]*postings{}, 0
	add := func(g gram) {
		p := found[g]
		if p == nil {
			p = &postings{}
			found[g] = p
		}
		p.add(slot)
	}
	for i, e := range entries {
		slot = i
		grams(e.Text, add)
		for label := range strings.SplitSeq(e.Labels, "\n") {
			if s.postings[label] == nil {
				s.postings[label] = &postings{}
			}
			s.postings[label].add(slot)
		}
	}
	for g, p := range found {
		s.postings[g.name()] = p
	}
}

func (s *Segment) addKeys(entries []Entry) {
	var firsts []string
	for page := range slices.Chunk(entries, pageKeys) {
		keys := make([]string, len(page))
		for i, e := range page {
			keys[i] = e.Key
		}
		firsts = append(firsts, keys[0])
		s.Pages = append(s.Pages, packKeys(keys))
	}
	s.Firsts = packKeys(firsts)
}

// Postings are what is kept of a gram or label.
func (s *Segment) Postings(name string) []byte { return s.postings[name].packed(s.Entries) }

// packKeys writes keys that are in order: of each how much of the one before it
// begins with, and the rest.
func packKeys(keys []string) (packed []byte) {
	before := ""
	for _, key := range keys {
		n := shared(key, before)
		packed = binary.AppendUvarint(packed, uint64(n))
		packed = binary.AppendUvarint(packed, uint64(len(key)-n))
		packed = append(packed, key[n:]...)
		before = key
	}
	return packed
}

func unpackKeys(packed []byte) (keys []string, err error) {
	before, rest := "", string(packed)
	for len(rest) > 0 {
		n, tail, ok := cutNumber(rest)
		key, tail, complete := cut(tail)
		if !ok || !complete || n > len(before) {
			return nil, errDamaged
		}
		before, rest = before[:n]+key, tail
		keys = append(keys, before)
	}
	return keys, nil
}
