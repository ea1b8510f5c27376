package table

import (
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"

	"muster/internal/issue"
)

// read returns the rows of a file with their texts copied, and what ended it.
func read(t *testing.T, in io.Reader, o Options) ([]Row, Info, error) {
	t.Helper()
	r, err := openCSV(in, o)
	if err != nil {
		return nil, Info{}, err
	}
	var rows []Row
	for {
		row, err := r.Next()
		if err == io.EOF {
			return rows, r.Info(), nil
		}
		if err != nil {
			return rows, r.Info(), err
		}
		row.Cells = slices.Clone(row.Cells)
		rows = append(rows, row)
	}
}

// show writes a row as its line, its cells and its issues: `3 a|b C:quote-stray`.
// A cell that begins in another line than its row shows that line.
func show(row Row) string {
	var b strings.Builder
	b.WriteString(number(row.Line) + " ")
	for i, c := range row.Cells {
		if i > 0 {
			b.WriteString("|")
		}
		if c.Line != row.Line {
			b.WriteString("(" + number(c.Line) + ")")
		}
		b.WriteString(c.Text)
	}
	for _, i := range row.Issues {
		b.WriteString(" " + i.Column + ":" + i.Code)
		if i.Line != row.Line {
			b.WriteString("@" + number(i.Line))
		}
	}
	return b.String()
}

func number(n int) string { return strconv.Itoa(n) }

func jsonText(v any) string {
	b, _ := json.Marshal(v)
	return string(b)
}

func shown(rows []Row) []string {
	out := []string{}
	for _, r := range rows {
		out = append(out, show(r))
	}
	return out
}

func TestRows(t *testing.T) {
	cases := []struct {
		name, file string
		want       []string
	}{
		{"LF", "a,b\nc,d\n", []string{"1 a|b", "2 c|d"}},
		{"CR LF", "a,b\r\nc,d\r\n", []string{"1 a|b", "2 c|d"}},
		{"CR alone", "a,b\rc,d\r", []string{"1 a|b", "2 c|d"}},
		{"mixed line ends", "a\r\nb\nc\rd\n\re", []string{"1 a", "2 b", "3 c", "4 d", "6 e"}},
		{"no line end at the end", "a,b\nc,d", []string{"1 a|b", "2 c|d"}},
		{"delimiter at the very end", "a,b\nc,", []string{"1 a|b", "2 c|"}},
		{"blank lines are lines, not rows", "\n\na,b\n\n , \n\u00a0,\u200b\nc,d\n\n", []string{"3 a|b", "7 c|d"}},
		{"only blank lines", "\n\r\n,,\n", []string{}},
		{"trailing delimiters are blank cells", "a,b,,\nc,d,,\n", []string{"1 a|b||", "2 c|d||"}},
		{"short and long rows are left to the format", "a,b\nc\nd,e,f\n", []string{"1 a|b", "2 c", "3 d|e|f"}},
		{"quoted delimiter", "a,\"b,c\"\n", []string{"1 a|b,c"}},
		{"doubled quotes", "a,\"b \"\"c\"\"\",\"\"\"\"\n", []string{"1 a|b \"c\"|\""}},
		{"quoted blank", "a,\"\",b\n", []string{"1 a||b"}},
		{"quoted line breaks of all kinds count once each",
			"a,\"1\n2\r\n3\r4\",b\nc\n", []string{"1 a|1\n2\r\n3\r4|(4)b", "5 c"}},
		{"a quoted cell ends at CR alone", "\"a\"\r\"b\"\r\n\"c\"", []string{"1 a", "2 b", "3 c"}},
		{"nothing is trimmed", " a ,\u00a0b\n", []string{"1  a |\u00a0b"}},
		{"sep= line", "sep=;\r\na;b\r\n", []string{"2 a|b"}},
		{"sep= line in capitals", "SEP=|\na|b,c,d\n", []string{"2 a|b,c,d"}},
		{"sep= without a delimiter is data", "sep=x\na\n", []string{"1 sep=x", "2 a"}},
		{"one column", "email\na@example.org\n", []string{"1 email", "2 a@example.org"}},
		{"guarded formulas lose one apostrophe", "'=1,''=1,'+44,'-,'@a,\"'\tx\",'a,'\n",
			[]string{"1 =1|'=1|+44|-|@a|\tx|'a|'"}},

		{"stray quote", "a,b \"c\" d,e\nf,g,h\n", []string{"1 a|b \"c\" d|e B:quote-stray", "2 f|g|h"}},
		{"blank before a quote", "a, \"b\"\n", []string{"1 a| \"b\" B:quote-stray"}},
		{"text behind the closing quote", "a,\"b\" c,d\ne,f,g\n", []string{"1 a|\"b\" c|d B:quote-stray", "2 e|f|g"}},
		{"two cells in error", "\"a\"x,y\"\nz,z\n", []string{"1 \"a\"x|y\" A:quote-stray B:quote-stray", "2 z|z"}},
		{"unclosed quote at the end", "a,b\nc,\"d\n", []string{"1 a|b", "2 c|\"d B:quote-unclosed"}},
		{"unclosed quote costs its own line",
			"a,\"b,c\nd,e,f\ng,h,i\n", []string{"1 a|\"b|c B:quote-unclosed", "2 d|e|f", "3 g|h|i"}},
		{"unclosed quote before a quoted cell",
			"a,\"b\nc,\"d\"\ne,f\n", []string{"1 a|\"b B:quote-unclosed", "2 c|d", "3 e|f"}},
		{"unclosed quotes in every line", "\"a\n\"b\n\"c", []string{
			"1 \"a A:quote-unclosed", "2 \"b A:quote-unclosed", "3 \"c A:quote-unclosed"}},
		{"unclosed quote behind a quoted line break", "\"a\nb\",\"c\nd,e\n", []string{
			"1 a\nb|(2)\"c B:quote-unclosed@2", "3 d|e"}},
		{"a quote alone at the end", "a,b\n\"", []string{"1 a|b", "2 \" A:quote-unclosed"}},

		{"NUL and other control characters", "a,b\nc\x00d,e\nf,g\x1b\x07\x7f\n", []string{
			"1 a|b", "2 cd|e A:control-character", "3 f|g B:control-character"}},
		{"control character beyond ASCII", "a,b\u0085c,\u00a3\n", []string{"1 a|bc|\u00a3 B:control-character"}},
		{"control character in quotes", "a,\"b\x01c\"\nd,e\n", []string{"1 a|bc B:control-character", "2 d|e"}},
		{"control character in an unclosed cell is told once", "a,\"b\x01c\nd,e\n", []string{
			"1 a|\"bc B:quote-unclosed B:control-character", "2 d|e"}},
		{"tab in a cell", "a,b\tc\nd,e\n", []string{"1 a|b\tc", "2 d|e"}},
		{"form feed in a blank line is told", "a,b\n\f\nc,d\n", []string{"1 a|b", "2  A:control-character", "3 c|d"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			o := Options{Delimiter: ','}
			if strings.HasPrefix(strings.ToLower(c.file), "sep=") {
				o.Delimiter = 0
			}
			for _, in := range []io.Reader{strings.NewReader(c.file), iotest.OneByteReader(strings.NewReader(c.file))} {
				rows, _, err := read(t, in, o)
				if err != nil {
					t.Fatal(err)
				}
				if got := shown(rows); !slices.Equal(got, c.want) {
					t.Errorf("got  %q\nwant %q", got, c.want)
				}
			}
		})
	}
}

func TestLimits(t *testing.T) {
	o := Options{Delimiter: ',', Limits: Limits{Columns: 3, CellBytes: 8, QuotedLines: 3, Rows: 2}}
	cases := []struct {
		name, file string
		want       []string
		refused    string
	}{
		{"cell at the limit", "12345678,\"12345678\"\n", []string{"1 12345678|12345678"}, ""},
		{"cell over the limit", "123456789,b\nc,d\n", []string{"1 12345678|b A:cell-too-long", "2 c|d"}, ""},
		{"cut at a whole character", "1234567é,b\n", []string{"1 1234567|b A:cell-too-long"}, ""},
		{"quoted cell over the limit", "\"1234,5678,9,,\",b\nc\n", []string{"1 1234,567|b A:cell-too-long", "2 c"}, ""},
		{"quoted cell over the limit, not closed", "\"1234,5678,9\nc\n",
			[]string{"1 1234,567 A:cell-too-long A:quote-unclosed", "2 c"}, ""},
		{"quoted lines at the limit", "\"1\n2\n3\",b\n", []string{"1 1\n2\n3|(3)b"}, ""},
		{"quoted lines over the limit", "\"1\n2\n3\n\"\n",
			[]string{"1 \"1 A:quote-unclosed", "2 2", "3 3"}, "line 4: rows-limit"},
		{"quoted lines over the size", "\"1234\n5678\",b\n",
			[]string{"1 \"1234 A:quote-unclosed", "2 5678\"|b A:quote-stray"}, ""},
		{"columns at the limit", "1,2,3\n", []string{"1 1|2|3"}, ""},
		{"columns over the limit", "a\n1,2,3,4\n", []string{"1 a"}, "line 2: columns-limit"},
		{"rows over the limit", "h\n1\n\n2\n3\n", []string{"1 h", "2 1", "4 2"}, "line 5: rows-limit"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			rows, _, err := read(t, strings.NewReader(c.file), o)
			if got := shown(rows); !slices.Equal(got, c.want) {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
			if got := refusal(err); got != c.refused {
				t.Errorf("refused with %q, want %q", got, c.refused)
			}
		})
	}
}

// refusal shows an error that refuses a file as `line 3: code`.
func refusal(err error) string {
	var i issue.Issue
	switch {
	case err == nil:
		return ""
	case !errors.As(err, &i):
		return "not an issue: " + err.Error()
	case i.Line == 0:
		return i.Code
	}
	return "line " + number(i.Line) + ": " + i.Code
}

// An unclosed quote in the midst of a file costs its own line, whatever the
// default limits let follow.
func TestUnclosedQuoteInLongFile(t *testing.T) {
	file := "a,b\n" + "c,\"d\n" + strings.Repeat("e,f\n", 50_000)
	rows, _, err := read(t, strings.NewReader(file), Options{})
	if err != nil || len(rows) != 50_002 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	if got := show(rows[1]); got != "2 c|\"d B:quote-unclosed" {
		t.Error(got)
	}
	if got := show(rows[50_001]); got != "50002 e|f" {
		t.Error(got)
	}
}

// A quoted cell at the limit may take twice as many bytes in the file.
func TestLargestQuotedCell(t *testing.T) {
	cell := strings.Repeat(`"`, DefaultLimits().CellBytes)
	rows, _, err := read(t, strings.NewReader("a,\""+strings.Repeat(`""`, len(cell))+"\",b\n"), Options{Delimiter: ','})
	if err != nil || len(rows) != 1 || show(rows[0]) != "1 a|"+cell+"|b" {
		t.Errorf("%d rows, %v", len(rows), err)
	}
}

func TestReaderStaysFailed(t *testing.T) {
	r, err := openCSV(strings.NewReader("a\nb,c\n"), Options{Delimiter: ',', Limits: Limits{Columns: 1}})
	if err != nil {
		t.Fatal(err)
	}
	_, _ = r.Next()
	_, first := r.Next()
	if _, again := r.Next(); !codeColumns.Is(first) || again != first {
		t.Errorf("first %v, then %v", first, again)
	}
}

func TestErrorOfTheFileIsPassedOn(t *testing.T) {
	broken := errors.New("the disk is gone")
	if _, _, err := read(t, iotest.ErrReader(broken), Options{}); !errors.Is(err, broken) {
		t.Error("at once:", err)
	}
	in := io.MultiReader(strings.NewReader(strings.Repeat("a,b\n", 100_000)), iotest.ErrReader(broken))
	if _, _, err := read(t, in, Options{}); !errors.Is(err, broken) {
		t.Error("late:", err)
	}
}

func TestLetter(t *testing.T) {
	for column, want := range map[int]string{0: "A", 25: "Z", 26: "AA", 51: "AZ", 52: "BA", 255: "IV", 701: "ZZ", 702: "AAA"} {
		if got := Letter(column); got != want {
			t.Errorf("Letter(%d) = %s, want %s", column, got, want)
		}
	}
}

func TestTrim(t *testing.T) {
	for in, want := range map[string]string{
		" a b\t": "a b", "\u00a0a\u202f": "a", "\ufeffa": "a", "\u200ba\u2060": "a", "\u3000": "", "a\u00a0b": "a\u00a0b",
	} {
		if got := Trim(in); got != want {
			t.Errorf("Trim(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestInfoAsJSON(t *testing.T) {
	info := Info{Kind: "csv", Charset: "utf-16le", Delimiter: '\t', LineEnd: "\r\n", SepLine: true, BOM: true}
	const want = `{"kind":"csv","charset":"utf-16le","delimiter":"\t","line_end":"\r\n","sep_line":true,"bom":true}`
	if got := jsonText(info); got != want {
		t.Errorf("got %s", got)
	}
	var back Info
	if err := json.Unmarshal([]byte(want), &back); err != nil || back != info {
		t.Errorf("back: %+v, %v", back, err)
	}
}
