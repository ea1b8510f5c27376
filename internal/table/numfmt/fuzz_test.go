package numfmt

import (
	"testing"
	"unicode/utf8"
)

// FuzzNumber shows any number in any code. Whatever they are, something short
// comes out, and the same each time.
func FuzzNumber(f *testing.F) {
	for _, code := range builtIn {
		f.Add(code, 1234.5)
	}
	for _, code := range []string{"[h]:mm:ss.000;@", `[>=100]"A"0,.00E+0;[Red]-0%`, "# ???/???", `[$€-2] #,##0_)* \x`, "yyyy-mm-dd AM/PM"} {
		f.Add(code, -45000.75)
	}
	f.Fuzz(func(t *testing.T, code string, v float64) {
		format := Parse(code)
		shown := format.Number(v, false)
		if again := format.Number(v, false); again != shown {
			t.Fatalf("%v in %q: %+v, then %+v", v, code, shown, again)
		}
		if shown.Date && shown.Exponent || len(shown.Text) > 1000+400*len(code) || utf8.ValidString(code) && !utf8.ValidString(shown.Text) {
			t.Fatalf("%v in %q: %+v", v, code, shown)
		}
		if text := format.Text("x"); len(text) > 2*len(code)+1 {
			t.Fatalf("a text in %q: %q", code, text)
		}
	})
}
