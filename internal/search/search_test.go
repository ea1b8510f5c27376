package search

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestFits(t *testing.T) {
	const text = "amina.jones@example.org\namina o'neil-jones\nmüller 東京太郎\nq-007"
	cases := []struct {
		search string
		want   bool
	}{
		{"", true},
		{"a", true}, {"am", true}, {"ami", true}, {"amina.jones@example.org", true},
		{"j", true}, {"jo", true}, {"on", false}, {"one", true}, {"nes@ex", true},
		{"o", true}, {"o'", true}, {"o'n", true}, {"n", true}, {"ne", true}, {"il-", true}, {"eil-jo", true},
		{"ex", true}, {"x", false}, {"xam", true}, {"org", true}, {"or", true}, {"rg", false},
		{"jones amina", true}, {"jones bell", false}, {"amina & jones", true}, {"& -", true},
		{"mü", true}, {"ül", false}, {"üll", true}, {"東", true}, {"東京", true}, {"京", false}, {"京太", false}, {"京太郎", true},
		{"0", true}, {"07", false}, {"007", true}, {"q-", true}, {"q-007", true}, {"-0", false},
		{"orgamina", false}, {"org amina", true},
	}
	for _, c := range cases {
		q := Query{Words: Words(c.search)}
		if got := q.Fits(text); got != c.want {
			t.Errorf("%q fits: %v", c.search, got)
		}
	}
}

// TestGramsOf: what is looked up is all that must be there, and nothing that may not be.
func TestGramsOf(t *testing.T) {
	for word, want := range map[string]string{
		"j": "^j", "jo": "^jo", "jon": "jon", "jone": "jon one", "jones": "jon one nes",
		"a.jones": "jon one nes", ".a": "^a", "jone@e": "jon one ^e", "jone@ex": "jon one ^ex", "o'neil": "nei eil", "o'": "^o", "'ne": "^ne", "京都": "^京都",
		"a-b": "^b", "---": "", "q-007": "007",
	} {
		if got := strings.Join(gramsOf(word), " "); got != want {
			t.Errorf("%s has %q, want %q", word, got, want)
		}
	}
}

// kept is an index in memory.
type kept struct {
	recent   [][]byte
	now      Recent // of the last of them
	segments []*Segment
	reads    int // pages
}

func (k *kept) Recent(context.Context) ([][]byte, error) { return k.recent, nil }

func (k *kept) Segments(context.Context) (map[int64]int, error) {
	all := map[int64]int{}
	for i, s := range k.segments {
		all[int64(i)] = s.Entries
	}
	return all, nil
}

func (k *kept) Postings(_ context.Context, segment int64, grams []string) (map[string][]byte, error) {
	found := map[string][]byte{}
	for _, gram := range grams {
		if s := k.segments[segment]; slices.Contains(s.Grams, gram) {
			found[gram] = s.Postings(gram)
		}
	}
	return found, nil
}

func (k *kept) Firsts(_ context.Context, segment int64) ([]byte, error) {
	return k.segments[segment].Firsts, nil
}

func (k *kept) Pages(_ context.Context, segment int64, pages []int) (map[int][]byte, error) {
	found := map[int][]byte{}
	for _, page := range pages {
		found[page] = k.segments[segment].Pages[page]
		k.reads++
	}
	return found, nil
}

// add appends an entry to the last part of the recent ones.
func (k *kept) add(e Entry) {
	if len(k.recent) == 0 {
		k.recent = append(k.recent, nil)
	}
	k.now.Packed = nil
	k.now.Add(e)
	last := len(k.recent) - 1
	k.recent[last] = append(k.recent[last], k.now.Packed...)
}

func (k *kept) freeze(t rapid.TB) {
	t.Helper()
	s, err := NewSegment(k.recent)
	if err != nil {
		t.Fatal(err)
	}
	k.segments, k.recent, k.now = append(k.segments, s), nil, Recent{}
}

// someText draws texts of few letters, so that they often have something in common.
func someText(most int) *rapid.Generator[string] {
	return rapid.StringOfN(rapid.SampledFrom([]rune("aabbcé東0. @\n'")), 0, most, -1)
}

// TestFind: whatever is searched for, whenever segments are made of the entries, all
// that fit are found, in order and from any key on, and few others.
func TestFind(t *testing.T) {
	label := rapid.SampledFrom([]string{"org=1", "org=2", "org=3", "kind=x"})
	rapid.Check(t, func(t *rapid.T) {
		k, latest := &kept{}, map[string]Entry{}
		for range rapid.IntRange(0, 300).Draw(t, "entries") {
			e := Entry{Key: fmt.Sprintf("k%03d", rapid.IntRange(0, 400).Draw(t, "key")), Text: someText(12).Draw(t, "text"),
				Labels: strings.Join(rapid.SliceOfN(label, 0, 2).Draw(t, "labels"), "\n")}
			latest[e.Key] = e
			switch rapid.IntRange(0, 40).Draw(t, "then") {
			case 0:
				k.freeze(t)
			case 1, 2, 3:
				k.recent, k.now = append(k.recent, nil), Recent{}
			case 4, 5, 6:
				k.now = Recent{}
			}
			k.add(e)
		}
		q := Query{Words: Words(someText(8).Draw(t, "search"))}
		if rapid.Bool().Draw(t, "narrowed") {
			q.Any = [][]string{rapid.SliceOfN(label, 1, 3).Draw(t, "any")}
			q.None = rapid.SliceOfN(label, 0, 1).Draw(t, "none")
		}
		after := fmt.Sprintf("k%03d", rapid.IntRange(0, 400).Draw(t, "after"))
		if rapid.Bool().Draw(t, "from the first") {
			after = ""
		}
		n := rapid.IntRange(1, 30).Draw(t, "n")
		found, err := q.Find(context.Background(), k, after, n)
		if err != nil {
			t.Fatal(err)
		}
		check(t, &q, latest, found, after, n)
	})
}

func check(t *rapid.T, q *Query, latest map[string]Entry, found []string, after string, n int) {
	if !slices.IsSorted(found) || len(found) > n || len(slices.Compact(slices.Clone(found))) != len(found) {
		t.Fatalf("found %v, of at most %d", found, n)
	}
	end := "~"
	if len(found) == n {
		end = found[n-1]
	}
	fits := q.labels()
	for _, key := range slices.Sorted(maps.Keys(latest)) {
		e := latest[key]
		if key > after && key <= end && q.Fits(e.Text) && fits(e.Labels) && !slices.Contains(found, key) {
			t.Fatalf("%+v is missed by %+v: %v", e, q, found)
		}
	}
	if len(found) > 0 && found[0] <= after {
		t.Fatalf("%s is not behind %s", found[0], after)
	}
}

// TestFindReadsLittle: of many entries only the pages are read that are needed.
func TestFindReadsLittle(t *testing.T) {
	k := &kept{}
	for i := range 20_000 {
		e := Entry{Key: fmt.Sprintf("person%05d@example.org", i*7919%20_011), Text: fmt.Sprintf("person%05d@example.org\nq%07d", i*7919%20_011, i), Labels: "org=RX1"}
		k.add(e)
		if i%5000 == 4999 {
			k.freeze(t)
		}
	}
	cases := []struct {
		search, after      string
		least, most, reads int
	}{
		{"", "", 100, 100, 16}, {"", "person19500", 100, 100, 16}, {"person", "person09000@example.org", 100, 100, 16},
		{"q0001234", "", 1, 25, 25}, {"12345", "", 2, 2, 8}, {"zebra", "", 0, 0, 0}, {"pe", "", 100, 100, 16}, {"er", "", 0, 0, 0},
		{"person00123@example.org", "", 1, 10, 25},
	}
	for _, c := range cases {
		k.reads = 0
		q := Query{Words: Words(c.search), Any: [][]string{{"org=RX1"}}}
		found, err := q.Find(context.Background(), k, c.after, 100)
		if err != nil || len(found) < c.least || len(found) > c.most || k.reads > c.reads {
			t.Errorf("%q after %q: %d found, %d pages read, %v; want %d to %d, and at most %d", c.search, c.after, len(found), k.reads, err, c.least, c.most, c.reads)
		}
	}
}

// TestDamaged: an index that is not as it was written is an error and no panic.
func TestDamaged(t *testing.T) {
	var whole Recent
	whole.Add(Entry{"k", strings.Repeat("text ", 40), "org=1"})
	for n := 1; n < len(whole.Packed); n++ {
		if _, err := NewSegment([][]byte{whole.Packed[:n]}); err == nil {
			t.Errorf("an entry that is cut off after %d octets was read", n)
		}
	}
	keys := packKeys([]string{"anna", "annabell", "bob"})
	for n := 1; n < len(keys); n++ {
		if got, err := unpackKeys(keys[:n]); err == nil && len(got) == 3 {
			t.Errorf("cut off after %d octets, the keys are %v", n, got)
		}
	}
	for _, packed := range [][]byte{{asSteps, 200}, {asSteps, 70}, {asBits, 1, 2, 3, 4, 5, 6, 7, 8, 9}, {7}} {
		if err := noSlots(64).add(packed); err == nil {
			t.Errorf("%v was read", packed)
		}
	}
}
