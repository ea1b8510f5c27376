package backup_test

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"muster/internal/backup"
)

var head = backup.Head{Program: "1.2.3", Schema: 4, Made: time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC), Key: "ab12", Rows: 3}

// content is what is in a backup: tables, each a list of its columns and its rows.
type content struct {
	names []string
	rows  [][][]any // the first of each is its columns
}

func (c *content) Table(name string, columns []string) error {
	first := []any{}
	for _, column := range columns {
		first = append(first, column)
	}
	c.names = append(c.names, name)
	c.rows = append(c.rows, [][]any{first})
	return nil
}

func (c *content) Row(values []any) error {
	c.rows[len(c.rows)-1] = append(c.rows[len(c.rows)-1], slices.Clone(values))
	return nil
}

func written(t interface{ Fatal(...any) }, c *content) []byte {
	var file bytes.Buffer
	w, err := backup.NewWriter(&file, head)
	for i, name := range c.names {
		columns := []string{}
		for _, column := range c.rows[i][0] {
			columns = append(columns, column.(string))
		}
		err = errors.Join(err, w.Table(name, columns))
		for _, row := range c.rows[i][1:] {
			err = errors.Join(err, w.Row(row))
		}
	}
	_, closing := w.Close()
	if err := errors.Join(err, closing); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

func read(file []byte) (*content, error) {
	r, err := backup.NewReader(bytes.NewReader(file))
	if err != nil {
		return nil, err
	}
	c := &content{}
	_, err = r.Read(c)
	return c, err
}

// example has each kind of value.
var example = &content{names: []string{"domains", "users", "empty"}, rows: [][][]any{
	{{"name", "closed"}, {"example.org", true}, {`odd "name"` + "\n\x00\u2028é<>&", false}},
	{{"id", "name", "n", "parent"},
		{[]byte{1, 2, 0xff}, "no \xff UTF-8", int64(math.MaxInt64), nil},
		{[]byte{}, "", int64(math.MinInt64), []byte("parent")}},
	{{"a"}},
}}

func TestWhatIsWrittenIsRead(t *testing.T) {
	long := &content{names: []string{"t"}, rows: [][][]any{{{"a"}, {strings.Repeat("longer than any buffer", 50_000)}}}}
	for _, c := range []*content{example, long} {
		if got, err := read(written(t, c)); err != nil || !reflect.DeepEqual(got, c) {
			t.Errorf("%v, %v", got, err)
		}
	}
	r, err := backup.NewReader(bytes.NewReader(written(t, example)))
	if want := head; err != nil || r.Head().Format != 1 {
		t.Errorf("%+v, %v", r.Head(), err)
	} else if want.Format = 1; r.Head() != want {
		t.Errorf("%+v, want %+v", r.Head(), want)
	}
	counts, err := r.Read(&content{})
	if want := []backup.Count{{Table: "domains", Rows: 2}, {Table: "users", Rows: 2}, {Table: "empty"}}; err != nil || !slices.Equal(counts, want) {
		t.Errorf("%v, %v", counts, err)
	}
}

func TestAnyValueIsReadAsItWasWritten(t *testing.T) {
	values := rapid.OneOf(
		rapid.Map(rapid.String(), func(s string) any { return s }),
		rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) any { return append([]byte{}, b...) }),
		rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) any { return string(b) }),
		rapid.Map(rapid.Int64(), func(n int64) any { return n }),
		rapid.Map(rapid.Bool(), func(b bool) any { return b }),
		rapid.Just[any](nil))
	rapid.Check(t, func(t *rapid.T) {
		width := rapid.IntRange(1, 5).Draw(t, "columns")
		c := &content{names: []string{"t"}, rows: [][][]any{{make([]any, width)}}}
		for i := range width {
			c.rows[0][0][i] = "c"
		}
		c.rows[0] = append(c.rows[0], rapid.SliceOf(rapid.SliceOfN(values, width, width)).Draw(t, "rows")...)
		got, err := read(written(t, c))
		if err != nil || !reflect.DeepEqual(got, c) {
			t.Fatalf("%v, %v; want %v", got, err, c)
		}
	})
}

// TestCutOffAnywhere: a backup without its end is never taken for one.
func TestCutOffAnywhere(t *testing.T) {
	file := written(t, example)
	for n := range file {
		if _, err := read(file[:n]); !errors.Is(err, backup.ErrCutOff) && (n > 0 || !errors.Is(err, backup.ErrNone)) {
			t.Errorf("the first %d bytes of %d: %v", n, len(file), err)
		}
	}
}

// TestChangedAnywhere: a bit that is turned is found out, or changes nothing of
// what is in the backup, as those of gzip's own time do.
func TestChangedAnywhere(t *testing.T) {
	file, harmless := written(t, example), 0
	for i := range len(file) * 8 {
		changed := slices.Clone(file)
		changed[i/8] ^= 1 << (i % 8)
		got, err := read(changed)
		if err == nil && !reflect.DeepEqual(got, example) {
			t.Fatalf("bit %d of %d makes another backup", i, len(file)*8)
		}
		if err == nil {
			harmless++
		}
		if err != nil && !slices.ContainsFunc([]error{backup.ErrNone, backup.ErrCutOff, backup.ErrDamaged, backup.ErrNewer}, func(known error) bool { return errors.Is(err, known) }) {
			t.Errorf("bit %d: %v", i, err)
		}
	}
	if harmless > 100 {
		t.Errorf("%d bits change nothing", harmless)
	}
}

// packed is a file of lines. $ in the last one stands for the digest of the others.
func packed(lines ...string) []byte {
	text := strings.Join(lines, "\n") + "\n"
	if at := strings.LastIndex(text, `{"end"`); at >= 0 {
		digest := sha256.Sum256([]byte(text[:at]))
		text = strings.Replace(text, "$", hex.EncodeToString(digest[:]), 1)
	}
	var file bytes.Buffer
	w := gzip.NewWriter(&file)
	io.WriteString(w, text)
	w.Close()
	return file.Bytes()
}

func TestWhatIsNoBackup(t *testing.T) {
	const (
		first = `{"muster_backup":1,"schema":4}`
		table = `{"table":"t","columns":["a","b"]}`
		row   = `["x",1]`
		end   = `{"end":[{"table":"t","rows":1}],"sha256":"$"}`
	)
	whole := packed(first, table, row, end)
	for _, c := range []struct {
		name string
		file []byte
		want error
	}{
		{"a whole one", whole, nil},
		{"nothing", nil, backup.ErrNone},
		{"a letter", []byte("Dear Anna, this is no backup."), backup.ErrNone},
		{"another file that is packed", packed("name,address", "Anna,anna@example.org"), backup.ErrNone},
		{"a packed file without a line", packed(strings.Repeat("a", 1<<17)), backup.ErrNone},
		{"other JSON", packed(`{"rows":1}`), backup.ErrNone},
		{"a newer layout", packed(`{"muster_backup":2,"program":"9.0.0"}`, "what nobody knows yet"), backup.ErrNewer},
		{"the head alone", packed(first), backup.ErrCutOff},
		{"no end", packed(first, table, row), backup.ErrCutOff},
		{"a row that was left out", packed(first, table, end), backup.ErrDamaged},
		{"a row that was put in", packed(first, table, row, row, end), backup.ErrDamaged},
		{"a row without a table", packed(first, row, end), backup.ErrDamaged},
		{"a row that is too short", packed(first, table, `["x"]`, end), backup.ErrDamaged},
		{"a row that is too long", packed(first, table, `["x",1,2]`, end), backup.ErrDamaged},
		{"a broken number", packed(first, table, `["x",1.5]`, end), backup.ErrDamaged},
		{"bytes that are none", packed(first, table, `["x",["?"]]`, end), backup.ErrDamaged},
		{"two bytes in one", packed(first, table, `["x",["",""]]`, end), backup.ErrDamaged},
		{"an empty line", packed(first, table, "", row, end), backup.ErrDamaged},
		{"a table without a name", packed(first, `{"columns":[]}`, end), backup.ErrDamaged},
		{"another digest", packed(first, table, row, `{"end":[{"table":"t","rows":1}],"sha256":"00"}`), backup.ErrDamaged},
		{"a broken end", packed(first, table, row, `{"end"`), backup.ErrDamaged},
		{"something behind the end", packed(first, table, row, end, row), backup.ErrDamaged},
		{"a second backup behind it", slices.Concat(whole, whole), backup.ErrDamaged},
		{"rubbish behind it", slices.Concat(whole, []byte("rubbish that is no gzip")), backup.ErrDamaged},
	} {
		if _, err := read(c.file); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
}

func TestWhatCannotBeWrittenOrReadIsTold(t *testing.T) {
	w, err := backup.NewWriter(io.Discard, head)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(w.Table("t", []string{"a"}), w.Row([]any{1.5})); err == nil {
		t.Error("a value of another type was written")
	}
	full, odd := errors.New("the disk is full"), errors.New("the disk is odd")
	w, err = backup.NewWriter(failing{full}, head)
	if err == nil {
		_, err = w.Close()
	}
	if !errors.Is(err, full) {
		t.Errorf("writing: %v", err)
	}
	file := written(t, example)
	r, err := backup.NewReader(io.MultiReader(bytes.NewReader(file[:len(file)/2]), failing{odd}))
	if err == nil {
		err = r.Verify()
	}
	if !errors.Is(err, odd) {
		t.Errorf("reading: %v", err)
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error)  { return 0, f.err }
func (f failing) Write([]byte) (int, error) { return 0, f.err }

// FuzzLines: whatever lines a file has, it is read to its end or refused, and what
// is read and written again has the same in it.
func FuzzLines(f *testing.F) {
	f.Add("{\"muster_backup\":1,\"schema\":4}\n{\"table\":\"t\",\"columns\":[\"a\",\"b\"]}\n[\"x\",1]\n[null,[\"AQ==\"]]\n[true,{\"text\":\"/w==\"}]\n{\"end\":[{\"table\":\"t\",\"rows\":3}],\"sha256\":\"$\"}")
	f.Fuzz(func(t *testing.T, text string) {
		got, err := read(packed(strings.Split(text, "\n")...))
		if err != nil {
			return
		}
		again, err := read(written(t, got))
		if err != nil || !reflect.DeepEqual(again, got) {
			t.Errorf("%v, %v; want %v", again, err, got)
		}
	})
}
