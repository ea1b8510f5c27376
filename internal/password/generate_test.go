package password

import (
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestAlphabet(t *testing.T) {
	for i, r := range alphabet {
		if strings.IndexRune(alphabet, r) != i {
			t.Errorf("%c stands twice", r)
		}
	}
	if i := strings.IndexAny(alphabet, "0Oo1IilS B Z-"); i >= 0 {
		t.Errorf("%c is ambiguous", alphabet[i])
	}
	if n := len(alphabet); n < 50 || leastGroups*groupLength*math.Log2(float64(n)) < 112 {
		t.Errorf("%d characters are too few", n)
	}
}

func TestGenerate(t *testing.T) {
	seen := map[string]bool{}
	for range 1000 {
		pw, err := Generate(DefaultPolicy())
		if err != nil || seen[pw] {
			t.Fatalf("%q, %v", pw, err)
		}
		seen[pw] = true
		groups := strings.Split(pw, "-")
		if len(groups) != 4 {
			t.Fatalf("%q has %d groups", pw, len(groups))
		}
		for _, g := range groups {
			if len(g) != 5 || strings.Trim(g, alphabet) != "" {
				t.Fatalf("%q has the group %q", pw, g)
			}
		}
	}
}

func TestGenerateWithinThePolicy(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := DefaultPolicy()
		p.MinLength = rapid.IntRange(1, 120).Draw(t, "least")
		p.MinLengthApplication = rapid.IntRange(1, 120).Draw(t, "least of applications")
		p.MaxLength = max(23, p.MinLength+5, p.MinLengthApplication+5)
		p.Classes = rapid.IntRange(0, 4).Draw(t, "classes")
		pw, err := Generate(p)
		if err != nil {
			t.Fatal(err)
		}
		if issues := p.Check(pw, Subject{Application: true}, nil); issues != nil {
			t.Fatalf("%q: %v", pw, issues)
		}
		if chars := len(strings.ReplaceAll(pw, "-", "")); chars < 20 || chars%5 != 0 {
			t.Fatalf("%q has %d characters", pw, chars)
		}
	})
}

// One password in fifteen would have four of these eight letters in a row.
func TestGenerateForKeepsNamesOut(t *testing.T) {
	const letters = "acdefghj"
	var s Subject
	for i := range 8 * 8 * 8 * 8 {
		s.Names = append(s.Names, string([]byte{letters[i/512], letters[i/64%8], letters[i/8%8], letters[i%8]}))
	}
	for range 200 {
		if pw, err := GenerateFor(DefaultPolicy(), s); err != nil || containsPart(pw, s.Names) {
			t.Fatalf("%q, %v", pw, err)
		}
	}
}

func TestGenerateSaysWhereThereIsNoRoom(t *testing.T) {
	for _, p := range []Policy{
		{MinLength: 10, MaxLength: 22},
		{MinLength: 10, MaxLength: 128, Classes: 5},
		{MinLength: 26, MaxLength: 26},
		{},
	} {
		if pw, err := Generate(p); !notGenerated.Is(err) {
			t.Errorf("%+v: %q, %v", p, pw, err)
		}
	}
}

// Each character has the share of the 2^64 numbers that is its due, but for
// one number: found by looking where one character gives way to the next.
func TestCharactersHaveEqualShares(t *testing.T) {
	n := uint64(len(alphabet))
	share := math.MaxUint64/n + 1
	for i := range n {
		first := i * share
		for first > 0 && character(first-1) == alphabet[i] {
			first--
		}
		if i*share-first > n {
			t.Errorf("%c begins %d numbers too early", alphabet[i], i*share-first)
		}
		if character(first) != alphabet[i] || i > 0 && character(first-1) != alphabet[i-1] {
			t.Errorf("%c does not follow %c", alphabet[i], alphabet[max(i, 1)-1])
		}
	}
	if character(math.MaxUint64) != alphabet[n-1] {
		t.Error("the last number is not of the last character")
	}
}

// Chi-squared with 51 degrees of freedom stays under 130 but once in 10^8 runs.
func TestEveryPlaceDrawsFromTheWholeAlphabet(t *testing.T) {
	const draws = 4000
	var counts [23][256]float64
	for range draws {
		for place, c := range []byte(draw(4)) {
			counts[place][c]++
		}
	}
	expected := draws / float64(len(alphabet))
	for place := range counts {
		if place%6 == 5 {
			continue
		}
		chi := 0.0
		for _, c := range []byte(alphabet) {
			chi += math.Pow(counts[place][c]-expected, 2) / expected
		}
		if chi > 130 {
			t.Errorf("place %d: chi-squared %.0f", place, chi)
		}
	}
}

func BenchmarkGenerate(b *testing.B) {
	for b.Loop() {
		if _, err := Generate(DefaultPolicy()); err != nil {
			b.Fatal(err)
		}
	}
}
