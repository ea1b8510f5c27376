package search

import (
	"encoding/binary"
	"slices"
	"strings"
)

// Recent packs entries that are in no segment yet. What several of it have packed may
// stand one behind the other.
type Recent struct {
	Packed  []byte
	Entries int
	labels  string // of the last entry
}

// Add adds an entry. Most keys stand at the beginning of their texts, and most labels
// are those of the entry before: neither is written again.
func (r *Recent) Add(e Entry) {
	n := shared(e.Key, e.Text)
	r.add(e.Text)
	r.Packed = binary.AppendUvarint(r.Packed, uint64(n))
	r.add(e.Key[n:])
	if r.Entries > 0 && e.Labels == r.labels {
		r.Packed = append(r.Packed, sameLabels)
	} else {
		r.Packed = append(r.Packed, ownLabels)
		r.add(e.Labels)
	}
	r.labels = e.Labels
	r.Entries++
}

// Whether the labels of an entry are those of the one before.
const (
	sameLabels = iota
	ownLabels
)

func (r *Recent) add(text string) {
	r.Packed = binary.AppendUvarint(r.Packed, uint64(len(text)))
	r.Packed = append(r.Packed, text...)
}

// shared is how long the beginning is that two texts have in common.
func shared(a, b string) (n int) {
	for n < min(len(a), len(b)) && a[n] == b[n] {
		n++
	}
	return n
}

// eachEntry calls f for each of recent entries, in the order in which they came.
func eachEntry(recent string, f func(Entry)) error {
	var e Entry
	for len(recent) > 0 {
		text, rest, ok := cut(recent)
		n, rest, ok2 := cutNumber(rest)
		key, rest, ok3 := cut(rest)
		if !ok || !ok2 || !ok3 || n > len(text) || rest == "" {
			return errDamaged
		}
		e.Text, e.Key = text, text[:n]+key
		if recent = rest[1:]; rest[0] == ownLabels {
			if e.Labels, recent, ok = cut(recent); !ok {
				return errDamaged
			}
		}
		f(e)
	}
	return nil
}

// cut takes the first text off a list of texts with their lengths before them.
func cut(list string) (first, rest string, ok bool) {
	length, list, ok := cutNumber(list)
	if !ok || length > len(list) {
		return "", "", false
	}
	return list[:length], list[length:], true
}

// cutNumber takes a number off.
func cutNumber(list string) (n int, rest string, ok bool) {
	for i := range min(len(list), 4) {
		n |= int(list[i]&0x7f) << (7 * i)
		if list[i] < 0x80 {
			return n, list[i+1:], true
		}
	}
	return 0, "", false
}

// first collects the first n keys behind another one.
type first struct {
	n     int
	after string
	most  string // no key behind this one is wanted any more; "" is none
	keys  []string
}

func (f *first) add(key string) {
	if key <= f.after || f.most != "" && key >= f.most {
		return
	}
	if f.keys = append(f.keys, key); len(f.keys) >= 4*f.n {
		f.cut()
	}
}

// cut leaves the keys that are wanted, in order and each once.
func (f *first) cut() {
	slices.Sort(f.keys)
	f.keys = slices.Compact(f.keys)
	if len(f.keys) > f.n {
		f.keys = f.keys[:f.n]
		f.most = f.keys[f.n-1]
	}
}

// inRecent returns the first n keys behind another one among recent entries that fit.
func (q *Query) inRecent(recent [][]byte, after string, n int) ([]string, error) {
	found, fits := first{n: n, after: after}, q.labels()
	for _, part := range recent {
		err := eachEntry(string(part), func(e Entry) {
			if q.Fits(e.Text) && fits(e.Labels) {
				found.add(e.Key)
			}
		})
		if err != nil {
			return nil, err
		}
	}
	found.cut()
	return found.keys, nil
}

// labels returns what reports whether the labels of an entry fit.
func (q *Query) labels() func(labels string) bool {
	lists := make([]map[string]bool, len(q.Any))
	for i, list := range q.Any {
		lists[i] = setOf(list)
	}
	none := setOf(q.None)
	return func(labels string) bool {
		for _, list := range lists {
			if !hasOne(labels, list) {
				return false
			}
		}
		return !hasOne(labels, none)
	}
}

func setOf(list []string) map[string]bool {
	set := make(map[string]bool, len(list))
	for _, label := range list {
		set[label] = true
	}
	return set
}

func hasOne(labels string, of map[string]bool) bool {
	if len(of) == 0 {
		return false
	}
	for label := range strings.SplitSeq(labels, "\n") {
		if of[label] {
			return true
		}
	}
	return false
}
