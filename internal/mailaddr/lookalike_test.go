package mailaddr

import "testing"

func TestPlain(t *testing.T) {
	for _, c := range []struct{ what, text, want string }{
		{"plain already", "o'malley", "o'malley"},
		{"an apostrophe of a word processor", "o’malley", "o'malley"},
		{"quotes of a word processor", "“ann”", "ann"},
		{"a dash", "ann–lee", "ann-lee"},
		{"a Cyrillic letter among Latin ones", "аnn", "ann"},
		{"a Cyrillic letter in a domain", "ехample.org", "example.org"},
		{"a Greek letter", "jοhn", "john"},
		{"a word in Cyrillic is that", "анна", "анна"},
		{"a word of letters that all look Latin is Cyrillic", "сара", "сара"},
		{"accents are no look-alikes", "rené", "rené"},
		{"nor is a letter beside an accent", "rеné", "rеné"},
	} {
		if got := Plain(c.text); got != c.want {
			t.Errorf("%s: %q, want %q", c.what, got, c.want)
		}
	}
}
