package mailaddr

import (
	"errors"
	"strings"
	"testing"
	"unicode"

	"pgregory.net/rapid"

	"muster/internal/issue"
)

func TestParse(t *testing.T) {
	local64, label63 := strings.Repeat("a", 64), strings.Repeat("d", 63)
	domain255 := strings.Join([]string{label63, label63, label63, label63}, ".")
	for in, want := range map[string]string{
		"anna@example.org":             "anna@example.org",
		"Anna.SMITH@Example.ORG":       "anna.smith@example.org",
		"o'brien@example.org":          "o'brien@example.org",
		"!#$%&'*+-/=?^_`{|}~@example":  "!#$%&'*+-/=?^_`{|}~@example",
		"1@1.example":                  "1@1.example",
		"a@a--b.example":               "a@a--b.example",
		"ÄNNE@bücher.example":          "änne@xn--bcher-kva.example",
		"A\u0308nne@example.org":       "änne@example.org",
		"J\u030Can@example.org":        "ǰan@example.org",
		"anna@BÜCHER.example":          "anna@xn--bcher-kva.example",
		"anna@XN--BCHER-KVA.example":   "anna@xn--bcher-kva.example",
		"anna@straße.example":          "anna@xn--strae-oqa.example",
		"anna@ｅｘａｍｐｌｅ.org":             "anna@example.org",
		"anna@例え.example":              "anna@xn--r8jz45g.example",
		"花子@例え.example":                "花子@xn--r8jz45g.example",
		"anna@l·l.example":             "anna@xn--ll-0ea.example",
		local64 + "@example.org":       local64 + "@example.org",
		"a@" + domain255:               "a@" + domain255,
		strings.Repeat("ä", 32) + "@x": strings.Repeat("ä", 32) + "@x",
	} {
		a, err := Parse(in)
		if err != nil || a.String() != want {
			t.Errorf("Parse(%q) = %q, %v; want %q", in, a, err, want)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	label64 := strings.Repeat("d", 64)
	for _, c := range []struct{ in, message, suggestion string }{
		{"", "is blank", ""},
		{"anna", "has no @", ""},
		{"@x", "nothing before the @", ""},
		{"a@", "nothing after the @", ""},
		{"a@b@c", "more than one @", ""},
		{"\"a b\"@x", "blank", ""},
		{"\"anna\"@example.org", "quotes round its local part", "anna@example.org"},
		{"'anna'@example.org", "quotes round its local part", "anna@example.org"},
		{"'anna@example.org'", "domain that holds \"'\"", "anna@example.org"},
		{"“anna@example.org”", "domain", "anna@example.org"},
		{"anna smith@example.org", "blank", ""},
		{" anna@example.org", "blank", "anna@example.org"},
		{"anna@example.org\r\n", "blank", "anna@example.org"},
		{"an\vna@example.org", "blank", "anna@example.org"},
		{"anna\u00A0@example.org", "blank", "anna@example.org"},
		{"anna\u200B@example.org", "cannot be seen", "anna@example.org"},
		{"an\x00na@example.org", "may not stand before", "anna@example.org"},
		{"anna\xff@example.org", "bytes that are not text", "anna@example.org"},
		{"a..b@x", "two full stops in a row", "a.b@x"},
		{".a@x", "begins with a full stop", "a@x"},
		{"a.@x", "right before the @", "a@x"},
		{"a@x.", "ends with a full stop", "a@x"},
		{"a@.x", "begins with a full stop", "a@x"},
		{"a@b..x", "two full stops in a row", "a@b.x"},
		{"anna@example,org", "holds \",\"", "anna@example.org"},
		{"anna@example.org;", "holds \";\"", "anna@example.org"},
		{"Anna Smith <anna@example.org>", "blank", "anna@example.org"},
		{"mailto:anna@example.org", "holds \":\"", "anna@example.org"},
		{"a(b)@x", "holds \"(\"", ""},
		{"a;b@x", "holds \";\"", ""},
		{"a\u037Eb@x", "holds \";\"", ""},
		{strings.Repeat("a", 65) + "@x", "more than 64 octets before", ""},
		{strings.Repeat("ä", 33) + "@x", "more than 64 octets before", ""},
		{"a@" + label64, "more than 63 octets", ""},
		{"a@" + strings.Repeat("d.", 127) + "dd", "longer than 255 octets", ""},
		{"a@" + strings.Repeat("ä", 3000), "longer than 255 octets", ""},
		{"a@-x", "hyphen at the start or end", ""},
		{"a@x-.org", "hyphen at the start or end", ""},
		{"a@b_c.org", "holds \"_\"", ""},
		{"a@[127.0.0.1]", "number in brackets", ""},
		{"a@127.0.0.1", "number instead of a name", ""},
		{"a@xn--a.org", "no domain may have", ""},
		{"a@ab--c.org", "no domain may have", ""},
		{"a@♥.example", "no domain may have", ""},
		{"a@a·b.example", "no domain may have", ""},
		{"a@xn--g6h.example", "no domain may have", ""},
	} {
		_, err := Parse(c.in)
		var i issue.Issue
		if !errors.As(err, &i) || i.Code != "address-invalid" || !strings.Contains(i.Message, c.message) {
			t.Errorf("Parse(%q): %v; want %q", c.in, err, c.message)
		}
		if want := c.suggestion; want != "" && i.Suggestion != "Did you mean "+want+"?" || want == "" && i.Suggestion != "" {
			t.Errorf("Parse(%q) suggests %q, want %q", c.in, i.Suggestion, want)
		}
		if len(i.Message) > 500 {
			t.Errorf("message of %d octets", len(i.Message))
		}
	}
}

func TestDomain(t *testing.T) {
	for _, c := range []struct{ in, stored, shown string }{
		{"Example.ORG", "example.org", "example.org"},
		{"bücher.example", "xn--bcher-kva.example", "bücher.example"},
		{"xn--bcher-kva.example", "xn--bcher-kva.example", "bücher.example"},
	} {
		got, err := ParseDomain(c.in)
		if err != nil || got != c.stored || DisplayDomain(got) != c.shown {
			t.Errorf("ParseDomain(%q) = %q, %v, shown %q", c.in, got, err, DisplayDomain(got))
		}
	}
	for in, suggestion := range map[string]string{
		"": "", "a b": "", "example,org": "Did you mean example.org?",
		"@example.org": "Did you mean example.org?", "a\xff": "Did you mean a?", "-": "",
	} {
		_, err := ParseDomain(in)
		var i issue.Issue
		if !errors.As(err, &i) || i.Code != "domain-invalid" || i.Suggestion != suggestion {
			t.Errorf("ParseDomain(%q): %#v", in, err)
		}
	}
	if got := DisplayDomain("xn--a.example"); got != "xn--a.example" {
		t.Errorf("a domain that cannot be shown became %q", got)
	}
}

func TestDisplay(t *testing.T) {
	a, err := Parse("Anna@xn--bcher-kva.example")
	if err != nil || a.Display() != "anna@bücher.example" {
		t.Errorf("%q, %v", a.Display(), err)
	}
}

func TestKeysTellTheSame(t *testing.T) {
	for _, c := range []struct {
		a, b string
		same bool
	}{
		{"Anna@Example.org", "anna@example.ORG", true},
		{"strauß@x", "STRAUSS@x", true},
		{"Σίσυφος@x", "ΣΊΣΥΦΟΣ@x", true},
		{"Ꭰ@x", "ꭰ@x", true},
		{"e\u0301@x", "É@x", true},
		{"anna@bücher.x", "anna@XN--BCHER-KVA.x", true},
		{"anna@x", "ana@x", false},
		{"anna@x", "ånna@x", false},
	} {
		if got := key(t, c.a) == key(t, c.b); got != c.same {
			t.Errorf("%q and %q the same: %v", c.a, c.b, got)
		}
	}
}

func key(t *testing.T, s string) string {
	t.Helper()
	a, err := Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return a.Key()
}

func TestKeyPassesOverCase(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		runes := rapid.SliceOfN(rapid.RuneFrom(nil, unicode.Letter), 1, 8).Draw(t, "local")
		other := make([]rune, len(runes))
		for i, r := range runes {
			other[i] = unicode.SimpleFold(r)
		}
		a, errA := Parse(string(runes) + "@x")
		b, errB := Parse(string(other) + "@x")
		if errA == nil && errB == nil && a.Key() != b.Key() {
			t.Fatalf("%q and %q: %q, %q", a, b, a.Key(), b.Key())
		}
	})
}

func FuzzParse(f *testing.F) {
	f.Add("Anna@Example.org")
	f.Fuzz(func(t *testing.T, s string) {
		a, err := Parse(s)
		if err != nil {
			if !addressInvalid.Is(err) {
				t.Fatalf("error without code: %v", err)
			}
			return
		}
		if again, err := Parse(a.String()); err != nil || again != a {
			t.Fatalf("%q parsed again: %q, %v", a, again, err)
		}
		if shown, err := Parse(a.Display()); err != nil || shown != a {
			t.Fatalf("%q shown as %q parsed again: %q, %v", a, a.Display(), shown, err)
		}
		if once := fold(a.Local); fold(once) != once || (Address{once, a.Domain}).Key() != a.Key() {
			t.Fatalf("key of %q is not stable", a)
		}
		if len(a.Local) > MaxLocal || len(a.Domain) > MaxDomain {
			t.Fatalf("%q is too long", a)
		}
	})
}

func BenchmarkParse(b *testing.B) {
	for _, in := range []string{"anna.smith@example.org", "Anna.Smith@Example.org", "änne@bücher.example"} {
		b.Run(in, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Parse(in); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkKey(b *testing.B) {
	a := Address{"anna.smith", "example.org"}
	b.ReportAllocs()
	for b.Loop() {
		a.Key()
	}
}
