package search

import (
	"container/heap"
	"context"
	"maps"
	"slices"
	"sort"
)

// Index is what a database keeps, as of one moment.
type Index interface {
	// Recent returns the recent entries, in one or more parts.
	Recent(context.Context) ([][]byte, error)
	// Segments returns how many entries each segment has, by its number.
	Segments(context.Context) (map[int64]int, error)
	// Postings returns those of the grams that a segment has.
	Postings(ctx context.Context, segment int64, grams []string) (map[string][]byte, error)
	// Firsts returns the first keys of a segment's pages, Pages some of these pages.
	Firsts(ctx context.Context, segment int64) ([]byte, error)
	Pages(ctx context.Context, segment int64, pages []int) (map[int][]byte, error)
}

// Find returns the first n keys behind another one of entries that may fit, in
// their order and each once. Among them are all that do fit; fewer than n are all
// that there are.
func (q *Query) Find(ctx context.Context, in Index, after string, n int) ([]string, error) {
	recent, err := in.Recent(ctx)
	if err != nil {
		return nil, err
	}
	keys, err := q.inRecent(recent, after, n)
	if err != nil {
		return nil, err
	}
	segments, err := in.Segments(ctx)
	if err != nil {
		return nil, err
	}
	all, l := streams{{keys: keys}}, q.lookup()
	for _, number := range slices.Sorted(maps.Keys(segments)) {
		s, err := l.open(ctx, in, number, segments[number], after)
		if err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	return all.first(n)
}

// stream are the keys of a segment that may fit, in order. It reads pages when
// it comes to them, a few at a time.
type stream struct {
	keys  []string // that were read, and come next
	slots slots
	next  int // the first slot that was not read
	after string
	read  func(pages []int) (map[int][]byte, error)
}

// open looks the query up in a segment.
func (l *lookup) open(ctx context.Context, in Index, number int64, entries int, after string) (*stream, error) {
	has, err := in.Postings(ctx, number, l.names())
	if err != nil {
		return nil, err
	}
	s := &stream{after: after, read: func(pages []int) (map[int][]byte, error) { return in.Pages(ctx, number, pages) }}
	if s.slots, err = l.slots(entries, has); err != nil {
		return nil, err
	}
	if l.learn(has); after == "" || s.slots.from(0) < 0 {
		return s, nil
	}
	packed, err := in.Firsts(ctx, number)
	if err != nil {
		return nil, err
	}
	firsts, err := unpackKeys(packed)
	page := sort.Search(len(firsts), func(i int) bool { return firsts[i] > after }) - 1
	s.next = max(0, page) * pageKeys
	return s, err
}

// ahead is how many pages are read at a time.
const ahead = 4

// fill reads on where no key is left. At the end there still is none.
func (s *stream) fill() error {
	for len(s.keys) == 0 && s.slots.from(s.next) >= 0 {
		var pages []int
		for slot := s.slots.from(s.next); slot >= 0 && len(pages) < ahead; slot = s.slots.from(pages[len(pages)-1]*pageKeys + pageKeys) {
			pages = append(pages, slot/pageKeys)
		}
		packed, err := s.read(pages)
		if err != nil {
			return err
		}
		for _, page := range pages {
			if err := s.take(page, packed[page]); err != nil {
				return err
			}
		}
	}
	return nil
}

// take takes from a page the keys that may fit.
func (s *stream) take(page int, packed []byte) error {
	keys, err := unpackKeys(packed)
	if err != nil {
		return err
	}
	end := (page + 1) * pageKeys
	for slot := s.slots.from(max(s.next, page*pageKeys)); slot >= 0 && slot < end; slot = s.slots.from(slot + 1) {
		if slot%pageKeys >= len(keys) {
			return errDamaged
		}
		if key := keys[slot%pageKeys]; key > s.after {
			s.keys = append(s.keys, key)
		}
	}
	s.next = end
	return nil
}

// streams is a heap by the key that comes next.
type streams []*stream

func (s streams) Len() int           { return len(s) }
func (s streams) Less(i, j int) bool { return s[i].keys[0] < s[j].keys[0] }
func (s streams) Swap(i, j int)      { s[i], s[j] = s[j], s[i] }
func (s *streams) Push(any)          {}
func (s *streams) Pop() any          { last := (*s)[len(*s)-1]; *s = (*s)[:len(*s)-1]; return last }

// first takes the first n keys of all streams, each once.
func (s streams) first(n int) (keys []string, err error) {
	for _, one := range s {
		if err := one.fill(); err != nil {
			return nil, err
		}
	}
	s = slices.DeleteFunc(s, func(one *stream) bool { return len(one.keys) == 0 })
	heap.Init(&s)
	for len(s) > 0 && len(keys) < n {
		next := s[0]
		if key := next.keys[0]; len(keys) == 0 || keys[len(keys)-1] != key {
			keys = append(keys, key)
		}
		next.keys = next.keys[1:]
		if err := next.fill(); err != nil {
			return nil, err
		}
		if len(next.keys) == 0 {
			heap.Pop(&s)
		} else {
			heap.Fix(&s, 0)
		}
	}
	return keys, nil
}
