package table

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"strings"
)

// jsonWriter writes JSON lines. The first row has the headings; the columns of one
// list or object become one key again. All values are texts.
type jsonWriter struct {
	out  *bufio.Writer
	keys []*writtenKey // nil before the first row
	err  error
}

// writtenKey is a key and the columns of its values.
type writtenKey struct {
	name    string
	list    bool
	columns []int
	names   []string // within an object
}

func newJSONWriter(w io.Writer) *jsonWriter {
	return &jsonWriter{out: bufio.NewWriterSize(w, blockBytes)}
}

// Write writes one row.
func (w *jsonWriter) Write(cells []string, _ ...int) error {
	if w.err != nil {
		return w.err
	}
	if w.keys == nil {
		w.keys = writtenKeys(cells)
		return nil
	}
	line := []byte{'{'}
	for i, k := range w.keys {
		if i > 0 {
			line = append(line, ',')
		}
		line = append(appendJSON(line, k.name), ':')
		line = k.append(line, cells)
	}
	_, w.err = w.out.Write(append(line, '}', '\n'))
	return w.err
}

// Close writes what is still held.
func (w *jsonWriter) Close() error {
	if w.err == nil {
		w.err = w.out.Flush()
	}
	return w.err
}

// writtenKeys tells which columns belong to which key.
func writtenKeys(headings []string) []*writtenKey {
	keys, byName := []*writtenKey{}, map[string]*writtenKey{}
	for column, heading := range headings {
		name, within, list := keyOf(heading)
		k := byName[name]
		if k == nil {
			k = &writtenKey{name: name, list: list}
			byName[name], keys = k, append(keys, k)
		}
		k.columns, k.names = append(k.columns, column), append(k.names, within)
	}
	return keys
}

// keyOf returns the key of a heading, and its name within an object.
func keyOf(heading string) (key, within string, list bool) {
	for key, prefix := range listKeys {
		if digits, ok := strings.CutPrefix(strings.ToLower(heading), prefix); ok && digits != "" && strings.Trim(digits, "0123456789") == "" {
			return key, "", true
		}
	}
	for key, prefix := range objectKeys {
		if len(heading) > len(prefix) && strings.EqualFold(heading[:len(prefix)], prefix) {
			return key, heading[len(prefix):], false
		}
	}
	return heading, "", false
}

// append writes the values of a key; blank ones of lists and objects are not there.
func (k *writtenKey) append(line []byte, cells []string) []byte {
	_, isObject := objectKeys[k.name]
	if !k.list && !isObject {
		return appendJSON(line, cells[k.columns[0]])
	}
	ends := map[bool]string{true: "[]", false: "{}"}[k.list]
	line = append(line, ends[0])
	some := false
	for i, column := range k.columns {
		if column >= len(cells) || cells[column] == "" {
			continue
		}
		if some {
			line = append(line, ',')
		}
		some = true
		if !k.list {
			line = append(appendJSON(line, k.names[i]), ':')
		}
		line = appendJSON(line, cells[column])
	}
	return append(line, ends[1])
}

// appendJSON writes a text; < > and & stay what they are.
func appendJSON(line []byte, text string) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.Encode(text) // a text can always be written
	return append(line, bytes.TrimSuffix(b.Bytes(), []byte("\n"))...)
}
