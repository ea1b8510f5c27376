package table

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strconv"

	"muster/internal/issue"
)

// isJSON tells by the first block whether a file is JSON: an object, or a list of
// them. A heading may begin so, but not go on so.
func isJSON(head []byte) bool {
	text := bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\ufeff")), " \t\r\n")
	if len(text) == 0 || text[0] != '{' && text[0] != '[' {
		return false
	}
	after := bytes.TrimLeft(text[1:], " \t\r\n")
	if text[0] == '[' {
		return bytes.HasPrefix(after, []byte("{"))
	}
	return bytes.HasPrefix(after, []byte(`"`)) || bytes.HasPrefix(after, []byte("}"))
}

// jsonReader reads JSON lines: one object a line, as muster user list --json prints
// them. Their headings are the keys, in the order in which they first come; the
// file is read twice, for the keys and for the rows.
type jsonReader struct {
	lines  *lineReader
	limits Limits
	header []string
	places map[string]int // of the columns, by heading
	begun  bool           // the headings have been given
	count  int            // of the rows below them
	cells  []Cell
	err    error
}

func openJSON(file File, o Options) (*jsonReader, error) {
	r := &jsonReader{lines: newLineReader(file), limits: o.Limits.orDefault(), places: map[string]int{}}
	keys, err := r.survey()
	if err != nil {
		return nil, err
	}
	for _, k := range keys {
		for _, heading := range k.headings() {
			r.places[heading] = len(r.header)
			r.header = append(r.header, heading)
		}
	}
	if r.lines = newLineReader(file); len(r.header) == 0 {
		r.err = io.EOF // objects without a key
	}
	return r, nil
}

// jsonKey is a key of the objects.
type jsonKey struct {
	name  string
	most  int      // values of the longest list
	names []string // of the values of objects
}

// headings returns the headings of the columns that a key has.
func (k *jsonKey) headings() (list []string) {
	prefix, isList := listKeys[k.name]
	objects, isObject := objectKeys[k.name]
	switch {
	case isList:
		for n := range k.most {
			list = append(list, prefix+strconv.Itoa(n+1))
		}
	case isObject:
		for _, name := range k.names {
			list = append(list, objects+name)
		}
	default:
		list = []string{k.name}
	}
	return list
}

// survey returns the keys of all objects. The first line tells whether the file is
// lines of them at all.
func (r *jsonReader) survey() (keys []*jsonKey, err error) {
	byName, columns := map[string]*jsonKey{}, map[string]bool{}
	for {
		line, err := r.lines.next()
		if err == io.EOF {
			return keys, nil
		}
		if err != nil {
			return nil, err
		}
		values, wrong := parseObject(line)
		if wrong == notObject && len(keys) == 0 {
			return nil, codeJSONForm.New("The file is JSON, but not one object a line.").Suggest("%s", codeJSONForm.Cure)
		}
		for _, v := range values {
			k := byName[v.key]
			if k == nil {
				k = &jsonKey{name: v.key}
				byName[v.key], keys = k, append(keys, k)
			}
			k.most = max(k.most, v.number)
			if v.name != "" && !columns[v.heading()] {
				k.names = append(k.names, v.name)
			}
			columns[v.heading()] = true
		}
		if len(columns) > r.limits.Columns {
			i := codeColumns.New("The objects up to here have more than %d different values.", r.limits.Columns)
			i.Line = r.lines.line
			return nil, i.Suggest("%s", codeColumns.Cure)
		}
	}
}

func (r *jsonReader) Info() Info { return Info{Kind: JSONL} }

// Next returns the next row, as Reader tells. The first has the headings.
func (r *jsonReader) Next() (row Row, err error) {
	if r.err == nil && !r.begun {
		r.begun = true
		return r.headings(), nil
	}
	for r.err == nil {
		if row, r.err = r.read(); r.err == nil && (len(row.Issues) > 0 || hasText(row.Cells)) {
			return row, nil
		}
	}
	return Row{}, r.err
}

func (r *jsonReader) headings() Row {
	row := r.blank(1)
	for i, heading := range r.header {
		row.Cells[i].Text = r.limits.keep(&row, i, heading)
	}
	return row
}

func hasText(cells []Cell) bool {
	for _, c := range cells {
		if Trim(c.Text) != "" {
			return true
		}
	}
	return false
}

func (r *jsonReader) read() (Row, error) {
	line, err := r.lines.next()
	if err != nil {
		return Row{}, err
	}
	if r.count++; r.count > r.limits.Rows {
		return Row{}, r.limits.tooManyRows(r.lines.line)
	}
	row := r.blank(r.lines.line)
	values, wrong := parseObject(line)
	for _, v := range values {
		if place, ok := r.places[v.heading()]; ok {
			row.Cells[place].Text = r.limits.keep(&row, place, v.text)
		}
	}
	if wrong != "" {
		i := codeJSON.New("The line %s.", wrong).Suggest("%s", codeJSON.Cure)
		i.Line = row.Line
		row.Issues = append(row.Issues, i)
	}
	return row, nil
}

// blank returns a row whose cells hold nothing.
func (r *jsonReader) blank(line int) Row {
	r.cells = r.cells[:0]
	for range r.header {
		r.cells = append(r.cells, Cell{Line: line})
	}
	return Row{Line: line, Cells: r.cells}
}

// lineReader reads the lines of a text in UTF-8.
type lineReader struct {
	in   *bufio.Reader
	at   int64 // place of the next line in the file
	line int   // that was read last
	text []byte
}

func newLineReader(file File) *lineReader {
	l := &lineReader{in: bufio.NewReaderSize(io.NewSectionReader(file, 0, file.Size()), blockBytes)}
	if mark, _ := l.in.Peek(3); string(mark) == "\ufeff" {
		l.at, _ = io.CopyN(io.Discard, l.in, 3)
	}
	return l
}

// longestLine is the longest line that is read, in bytes.
const longestLine = 4 << 20

// next returns the next line that is not blank; it is valid until the next call.
func (l *lineReader) next() ([]byte, error) {
	for {
		if err := l.read(); err != nil {
			return nil, err
		}
		if text := bytes.TrimSpace(l.text); len(text) > 0 {
			return text, nil
		}
	}
}

func (l *lineReader) read() error {
	l.text, l.line = l.text[:0], l.line+1
	for {
		part, err := l.in.ReadSlice('\n')
		l.text = append(l.text, part...)
		switch {
		case len(l.text) > longestLine:
			return l.refuse(codeJSONForm, "The line is longer than "+strconv.Itoa(longestLine>>20)+" MB.")
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case err != nil && (err != io.EOF || len(l.text) == 0):
			return err
		}
		break
	}
	if bad := validPrefix(l.text); bad < len(l.text) {
		return l.refuse(NotUTF8, "The file is not UTF-8. Its first bad byte is at offset "+strconv.FormatInt(l.at+int64(bad), 10)+".")
	}
	l.at += int64(len(l.text))
	return nil
}

func (l *lineReader) refuse(code *issue.Code, message string) error {
	i := code.New("%s", message).Suggest("%s", code.Cure)
	i.Line = l.line
	return i
}
