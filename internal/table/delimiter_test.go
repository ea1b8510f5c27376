package table

import (
	"slices"
	"strings"
	"testing"
)

func TestDelimiterIsFound(t *testing.T) {
	cases := []struct {
		name, file string
		want       rune
	}{
		{"comma", "a,b,c\n1,2,3\n", ','},
		{"semicolon", "a;b;c\n1;2;3\n", ';'},
		{"tab", "a\tb\n1\t2\n", '\t'},
		{"pipe", "a|b\n1|2\n", '|'},
		{"one column is comma", "email\na@example.org\n", ','},
		{"only blank lines", "\n\n", ','},
		{"decimal commas", "name;size\na;1,5\nb;2,5\nc;4\n", ';'},
		{"lists in cells", "name,aliases\na,x;y\nb,x\nc,x;y;z\n", ','},
		{"commas in quotes", "name;note\na;\"x,y\"\nb;\"x,y\"\n", ';'},
		{"all in quotes, with commas", "\"a,b\";\"c,d\"\n\"1,2\";\"3,4\"\n", ';'},
		{"names with commas", "Smith, John;a@example.org\nJones, Ann;b@example.org\nCher;c@example.org\n", ';'},
		{"more cells where all fits alike", "a,b;c;d\na,b;c;d\n", ';'},
		{"text above the table", "Our users\n\na;b;c\n1;2;3\n", ';'},
		{"a line with an unclosed quote", "a;b\n\"c;d,e,f\ng;h\n", ';'},
		{"short rows", "a;b;c\n1\n2\n3;4;5\n", ';'},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, info, err := read(t, strings.NewReader(c.file), Options{})
			if err != nil || info.Delimiter != c.want {
				t.Errorf("got %q, %v", info.Delimiter, err)
			}
		})
	}
}

func TestDelimiterIsChosen(t *testing.T) {
	rows, info, err := read(t, strings.NewReader("sep=,\na;b,c\n"), Options{Delimiter: ';'})
	if got := shown(rows); err != nil || !slices.Equal(got, []string{"2 a|b,c"}) || info.Delimiter != ';' || !info.SepLine {
		t.Errorf("%q %+v %v", got, info, err)
	}
	if _, err := openCSV(strings.NewReader("a\n"), Options{Delimiter: 'x'}); !codeDelimiter.Is(err) {
		t.Error("x as delimiter:", err)
	}
}

func TestDelimiterNames(t *testing.T) {
	for name, want := range map[string]rune{"comma": ',', "semicolon": ';', "tab": '\t', "pipe": '|'} {
		if got, err := DelimiterByName(name); err != nil || got != want {
			t.Errorf("%s: %q, %v", name, got, err)
		}
		if got := DelimiterName(want); got != name {
			t.Errorf("%q: %s", want, got)
		}
	}
	if _, err := DelimiterByName("colon"); !codeDelimiter.Is(err) {
		t.Error("colon:", err)
	}
}

func TestLineEndIsFound(t *testing.T) {
	for file, want := range map[string]string{
		"a\r\nb\r\n": "\r\n", "a\nb\r\n": "\n", "a\rb\r": "\r", "a": "\r\n", "\"a\nb\"\r\nc\n": "\r\n", "sep=;\na;b\r\n": "\n", "sep=;": "\r\n",
	} {
		if _, info, err := read(t, strings.NewReader(file), Options{}); err != nil || info.LineEnd != want {
			t.Errorf("%q: %q, %v", file, info.LineEnd, err)
		}
	}
}
