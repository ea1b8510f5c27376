package suggest

import (
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestNearest(t *testing.T) {
	known := []string{"example.org", "example.com", "riverside.example", "password", "Wards/Night", "alias1", "id"}
	for word, want := range map[string]string{
		"exmaple.org":        "example.org",
		"examlpe.ogr":        "example.org",
		"exampel.com":        "example.com",
		"EXAMPLE.ORG":        "example.org",
		"riverside.exampl":   "riverside.example",
		"rivrside.exmple":    "riverside.example",
		"passwort":           "password",
		"Pass Word":          "password",
		"wards / nigth":      "Wards/Night",
		"Alias1":             "alias1",
		"":                   "",
		"i":                  "",
		"ib":                 "",
		"ID":                 "id",
		"exm.ogr":            "",
		"riversd.exmple":     "",
		"postcode":           "",
		"pas":                "",
		"exa\u0301mple.org":  "example.org",
		"xexample.org.":      "example.org",
		"an entirely unlike": "",
	} {
		got, ok := Nearest(word, known)
		if got != want || ok != (want != "") {
			t.Errorf("Nearest(%q) = %q, %v; want %q", word, got, ok, want)
		}
	}
}

func TestNearestOfEquals(t *testing.T) {
	known := map[string]bool{"alias3": true, "alias1": true, "alias2": true}
	for range 20 {
		if got, _ := Nearest("alias", maps.Keys(known)); got != "alias1" {
			t.Fatalf("got %q", got)
		}
	}
	if got, _ := Nearest("alias2", maps.Keys(known)); got != "alias2" {
		t.Errorf("got %q", got)
	}
}

func TestOneSlipIsForgiven(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.SliceOfN(rapid.RuneFrom([]rune("abcdefgh")), 3, 12).Draw(t, "word")
		at := rapid.IntRange(0, len(word)-2).Draw(t, "at")
		slip := slices.Clone(word)
		switch rapid.SampledFrom([]string{"left out", "put in", "replaced", "swapped"}).Draw(t, "slip") {
		case "left out":
			slip = slices.Delete(slip, at, at+1)
		case "put in":
			slip = slices.Insert(slip, at, 'x')
		case "replaced":
			slip[at] = 'x'
		case "swapped":
			slip[at], slip[at+1] = slip[at+1], slip[at]
		}
		got, ok := Nearest(string(slip), []string{string(word)})
		if wanted := len(slip) > 2; ok != wanted || ok && got != string(word) {
			t.Fatalf("%q for %q: %v", got, string(slip), ok)
		}
	})
}

func BenchmarkNearest(b *testing.B) {
	known := slices.Repeat([]string{"example.org", "riverside.example", "harbour.example"}, 100)
	b.ReportAllocs()
	for b.Loop() {
		Nearest("exmaple.org", known)
	}
}
