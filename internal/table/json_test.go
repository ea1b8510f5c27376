package table

import (
	"bytes"
	"io"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func jsonRows(t testing.TB, file string, o Options) []string {
	t.Helper()
	r := firstTable(t, strings.NewReader(file), o)
	if r.Info().Kind != JSONL {
		t.Fatalf("read as %s", r.Info().Kind)
	}
	return shown(readAll(t, r))
}

func TestJSONLines(t *testing.T) {
	cases := []struct {
		name, file string
		want       []string
	}{
		{"texts, numbers and flags", `{"address":"ann@example.org","mailbox_gb":4,"pop":true,"submit":false,"notes":null}`,
			[]string{"1 address|mailbox_gb|pop|submit|notes", "1 ann@example.org|4|TRUE|FALSE|"}},
		{"keys in any order, some missing", `{"a":"1","b":"2"}` + "\n\n" + ` {"c":"3","a":"4"} ` + "\r\n",
			[]string{"1 a|b|c", "1 1|2|", "3 4||3"}},
		{"lists have columns of their own", `{"aliases":["a"],"name":"x"}` + "\n" + `{"aliases":["b","c"],"groups":[],"delegates":null}`,
			[]string{"1 alias1|alias2|name", "1 a||x", "2 b|c|"}},
		{"a blank list keeps its place", `{"aliases":[],"Result":"x"}` + "\n" + `{"aliases":["a"]}`,
			[]string{"1 alias1|Result", "1 |x", "2 a|"}},
		{"objects too", `{"attributes":{"Building":"East"},"name":"x"}` + "\n" + `{"attributes":{"Floor":2,"Building":"West"}}`,
			[]string{"1 attr.Building|attr.Floor|name", "1 East||x", "2 West|2|"}},
		{"a byte order mark", "\ufeff" + `{"a":"1"}`, []string{"1 a", "1 1"}},
		{"line breaks and escapes", `{"a":"x\r\ny\t\u00e9\ud83d\ude00\"\\"}`, []string{"1 a", "1 x\r\ny\té😀\"\\"}},
		{"large numbers stay as they are", `{"a":12345678901234567890,"b":1.50}`, []string{"1 a|b", "1 12345678901234567890|1.50"}},
		{"objects without a value", "{}\n{\"a\":\"\"}\n{\"a\":\"1\"}", []string{"1 a", "3 1"}},
		{"objects without a key", "{}\n{}", []string{}},
		{"a blank key", `{"":"1"}`, []string{"1 ", "1 1"}},
		{"a line that is none", `{"a":"1"}` + "\n" + `{"a":` + "\n" + `a,b` + "\n" + `{"a":"2"} {}` + "\n" + `{"a":"3"}`,
			[]string{"1 a", "1 1", "2  :json-wrong", "3  :json-wrong", "4  :json-wrong", "5 3"}},
		{"a list of what cannot be one", `{"a":["1",["2"]],"b":{"c":[{}]},"aliases":"x","groups":[["g"]]}`,
			[]string{"1 a|b|group1", "1 || :json-wrong"}},
		{"a value without a name", `{"a":"1","attributes":{"":"x"}}`, []string{"1 a", "1 1 :json-wrong"}},
		{"a key twice", `{"a":"1","a":"2"}`, []string{"1 a", "1 2 :json-wrong"}},
		{"half a character", `{"a":"\ud83d"}`, []string{"1 a", "1 \ufffd :json-wrong"}},
		{"a control character", `{"a":"x\u0001y"}`, []string{"1 a", "1 xy A:control-character"}},
	}
	for _, c := range cases {
		if got := jsonRows(t, c.file, Options{}); !slices.Equal(got, c.want) {
			t.Errorf("%s\n got %q\nwant %q", c.name, got, c.want)
		}
	}
}

func TestJSONThatIsRefused(t *testing.T) {
	deep := `{"a":` + strings.Repeat("[", 100_000)
	cases := []struct{ name, file, code string }{
		{"a list", `[{"a":"1"},{"a":"2"}]`, "json-form"},
		{"an object over several lines", "{\n  \"a\": \"1\"\n}\n", "json-form"},
		{"what only begins like one", `{"a` + "\n", "json-form"},
		{"deep", deep, "json-form"},
		{"a line without end", `{"a":"` + strings.Repeat("x", 5<<20), "json-form"},
		{"not UTF-8", `{"a":"` + "\xff" + `"}`, "not-utf8"},
		{"many keys", `{"a":"1","b":"2","c":"3","d":"4"}`, "columns-limit"},
		{"many values", `{"aliases":["1","2","3","4"]}`, "columns-limit"},
		{"many rows", strings.Repeat(`{"a":"1"}`+"\n", 4), "rows-limit"},
	}
	for _, c := range cases {
		if i := refusedBy(t, strings.NewReader(c.file), Options{Limits: Limits{Columns: 3, Rows: 3}}); i.Code != c.code || i.Suggestion == "" {
			t.Errorf("%s: %v", c.name, i)
		}
	}
}

// Headings may begin as JSON does.
func TestCSVThatLooksLikeJSON(t *testing.T) {
	for _, file := range []string{"{a},b\n", "[email],name\n", "{,b\n", "[\"a\"],b\n"} {
		if kind := firstTable(t, strings.NewReader(file), Options{}).Info().Kind; kind != CSV {
			t.Errorf("%q is %s", file, kind)
		}
	}
}

// Whatever is written is read again: by its headings, and the same values.
func TestJSONIsReadAgain(t *testing.T) {
	text := rapid.OneOf(rapid.StringOf(rapid.RuneFrom([]rune("aé <>&\"\\'=+\n\t,;{}[]😀"))), rapid.Just(""))
	headings := []string{"address", "Alias1", "alias2", "attr.Building", "name", "alias3", "attr.Floor", "group1", "Result"}
	rapid.Check(t, func(t *rapid.T) {
		rows := rapid.SliceOfN(rapid.SliceOfN(text, len(headings), len(headings)), 1, 5).Draw(t, "rows")
		for _, row := range rows {
			row[0] = "x" // a row that is blank would not come back
		}
		file := written(t, Info{Kind: JSONL}, append([][]string{headings}, rows...)...)
		tables, err := Open(strings.NewReader(file), Options{})
		if err != nil {
			t.Fatal(err)
		}
		got := readAll(t, tables[0])
		for i, row := range rows {
			if a, b := values(got[0], got[i+1]), wanted(headings, row); a != b {
				t.Fatalf("%s\n got %q\nwant %q", file, a, b)
			}
		}
	})
}

// values are the texts of a row that are not blank, with their headings; those of
// a list without their numbers, because blank ones close up.
func values(headings, row Row) string {
	var names, texts []string
	for i, c := range row.Cells {
		names, texts = append(names, headings.Cells[i].Text), append(texts, c.Text)
	}
	return wanted(names, texts)
}

func wanted(headings, row []string) string {
	var all []string
	for i, text := range row {
		if key, within, list := keyOf(headings[i]); text != "" && list {
			all = append(all, key+"="+text)
		} else if text != "" {
			all = append(all, key+"."+within+"="+text)
		}
	}
	slices.SortStableFunc(all, func(a, b string) int { return strings.Compare(a[:strings.Index(a, "=")], b[:strings.Index(b, "=")]) })
	return strings.Join(all, "|")
}

// FuzzJSON reads any bytes behind the beginning of an object.
func FuzzJSON(f *testing.F) {
	f.Add([]byte(`"a":1,"aliases":["x",null],"attributes":{"b":true}}` + "\n{}\n[]\n{\"a\":{}}"))
	limits := Limits{Columns: 20, CellBytes: 64, Rows: 100}
	f.Fuzz(func(t *testing.T, file []byte) {
		tables, err := Open(bytes.NewReader(append([]byte(`{"`), file...)), Options{Limits: limits})
		if err != nil {
			mustBeRefusal(t, err)
			return
		}
		last := 0
		for {
			row, err := tables[0].Next()
			if err == io.EOF {
				return
			}
			if err != nil {
				mustBeRefusal(t, err)
				return
			}
			if row.Line < last || len(row.Cells) > limits.Columns {
				t.Fatalf("line %d behind %d with %d cells", row.Line, last, len(row.Cells))
			}
			last = row.Line
			for _, c := range row.Cells {
				if len(c.Text) > limits.CellBytes || strings.ContainsFunc(c.Text, isControl) {
					t.Fatalf("cell %q", c.Text)
				}
			}
		}
	})
}
