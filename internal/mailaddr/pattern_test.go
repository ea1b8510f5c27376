package mailaddr

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestLocal(t *testing.T) {
	long := strings.Repeat("abcdefghij", 7)
	for _, c := range []struct{ pattern, first, last, want string }{
		{"{first}.{last}", "John", "Smith", "john.smith"},
		{"{f}{last}", "John", "Smith", "jsmith"},
		{"{first}{l}", "John", "Smith", "johns"},
		{"{last}_{f}-x1", "John", "Smith", "smith_j-x1"},
		{"{first}.{last}", "Zoë", "Müller-Lüdenscheidt", "zoe.muller-ludenscheidt"},
		{"{first}.{last}", "Søren", "Strauß", "soren.strauss"},
		{"{first}.{last}", "Seán", "O'Brien", "sean.obrien"},
		{"{first}.{last}", "Seán", "O’Brien", "sean.obrien"},
		{"{first}.{last}", "Mary Ann", "van der Berg", "maryann.vanderberg"},
		{"{first}.{last}", "J. R.", "Smith", "j.r.smith"},
		{"{first}.{last}", "Лев", "Щукин", "lev.shchukin"},
		{"{f}{last}", "Жанна", "Ли", "zli"},
		{"{first}.{last}", "小明", "王", "xiaoming.wang"},
		{"{first}.{last}", "Ｊｏｈｎ", "Ｓｍｉｔｈ", "john.smith"},
		{"{first}.{last}", "Zoe\u0308", "Smith–Jones", "zoe.smith-jones"},
		{"{first}.{last}", "𝐉ohn", "Smith", "john.smith"},
		{"{first}.{last}", "か\u3099く", "Smith", "gaku.smith"},
		{"{first}.{last}", "", "Smith", "smith"},
		{"{first}_{last}", "John", "?!", "john"},
		{"{first}.{last}", "-.John.-", "(Smith)", "john.smith"},
		{"{first}.{last}", long, "Smith", long[:64]},
		{"{first}.{last}", long[:63], "Smith", long[:63]},
	} {
		p, err := ParsePattern(c.pattern)
		if err != nil || p.String() != c.pattern {
			t.Fatal(err)
		}
		if got, err := p.Local(c.first, c.last); err != nil || got != c.want {
			t.Errorf("%s of %q %q = %q, %v; want %q", c.pattern, c.first, c.last, got, err, c.want)
		}
	}
}

func TestLocalNeedsAName(t *testing.T) {
	p, _ := ParsePattern("user-{first}.{last}")
	for _, names := range [][2]string{{"", ""}, {"'", "  "}, {"☃", "…!"}, {"", "-"}} {
		if got, err := p.Local(names[0], names[1]); !addressNotGenerated.Is(err) {
			t.Errorf("%q: %q, %v", names, got, err)
		}
	}
}

func TestParsePatternRefuses(t *testing.T) {
	for _, in := range []string{
		"", "info", "{first}.{middle}", "{first", "{FIRST}", "{first}@{last}", "{first} {last}", "{first}é",
		".{first}", "{first}-", "{first}..{last}", "{first}" + strings.Repeat("x", 64),
	} {
		if _, err := ParsePattern(in); !patternInvalid.Is(err) {
			t.Errorf("ParsePattern(%q): %v", in, err)
		}
	}
}

func TestNumbered(t *testing.T) {
	long := strings.Repeat("a", 64)
	for _, c := range []struct {
		local string
		n     int
		want  string
	}{
		{"john.smith", 2, "john.smith2"},
		{"john.smith", 12, "john.smith12"},
		{long, 2, long[:63] + "2"},
		{long, 100, long[:61] + "100"},
		{strings.Repeat("ä", 32), 2, strings.Repeat("ä", 31) + "2"},
	} {
		if got := Numbered(c.local, c.n); got != c.want {
			t.Errorf("Numbered(%q, %d) = %q", c.local, c.n, got)
		}
	}
}

func TestGeneratedAddressesAreAddresses(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, err := ParsePattern(rapid.SampledFrom([]string{"{first}.{last}", "{f}{last}", "{first}_{l}", "{l}.{f}"}).Draw(t, "pattern"))
		if err != nil {
			t.Fatal(err)
		}
		local, err := p.Local(rapid.String().Draw(t, "first"), rapid.String().Draw(t, "last"))
		if err != nil {
			return
		}
		for _, l := range []string{local, Numbered(local, rapid.IntRange(2, 1e6).Draw(t, "n"))} {
			if a, err := Parse(l + "@example.org"); err != nil || a.Local != l {
				t.Fatalf("%q: %v", l, err)
			}
		}
	})
}
