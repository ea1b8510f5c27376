package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/term"
)

// printJSON prints a value as one line.
func (s *session) printJSON(v any) error {
	text, err := compact(v)
	if err != nil {
		return err
	}
	_, err = s.out.Write(append(text, '\n'))
	return err
}

// compact is a value in JSON without the escapes that only web pages need.
func compact(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

// print prints a line for people.
func (s *session) print(format string, args ...any) {
	fmt.Fprintf(s.out, format+"\n", args...)
}

// object is a JSON object whose keys keep their order.
type object []member

type member struct {
	name  string
	value any
}

// MarshalJSON writes the members in their order.
func (o object) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, m := range o {
		name, err := compact(m.name)
		if err != nil {
			return nil, err
		}
		value, err := compact(m.value)
		if err != nil {
			return nil, err
		}
		if i > 0 {
			b.WriteByte(',')
		}
		b.Write(name)
		b.WriteByte(':')
		b.Write(value)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// texts is a list that is never null in JSON.

// isTerminal reports whether a person sits at a file.
func isTerminal(f *os.File) bool { return term.IsTerminal(int(f.Fd())) }

// style colours texts, where a person sees colours and wants them.
type style struct{ on bool }

func newStyle(p *Process) style {
	plain := slices.ContainsFunc(p.Env, func(v string) bool {
		return strings.HasPrefix(v, "NO_COLOR=") && v != "NO_COLOR=" || v == "TERM=dumb"
	})
	return style{!plain && isTerminal(p.Stdout)}
}

func (s style) paint(code, text string) string {
	if !s.on {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

func (s style) red(text string) string    { return s.paint("31", text) }
func (s style) yellow(text string) string { return s.paint("33", text) }
func (s style) green(text string) string  { return s.paint("32", text) }
func (s style) bold(text string) string   { return s.paint("1", text) }

// clean takes out what would steer a terminal.
func clean(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, text)
}

// table prints rows in columns, under headings. The last column is not padded.
func (s *session) table(rows [][]string) {
	widths := []int{}
	for _, row := range rows {
		for i, cell := range row {
			row[i] = clean(cell)
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], utf8.RuneCountInString(row[i]))
		}
	}
	for n, row := range rows {
		var line strings.Builder
		for i, cell := range row {
			fmt.Fprintf(&line, "%-*s  ", widths[i], cell)
		}
		text := strings.TrimRight(line.String(), " ")
		if n == 0 {
			text = s.style.bold(text)
		}
		s.print("%s", text)
	}
}

// width is how wide texts for people are, in characters.
const width = 80

// wrap prints a text in lines of at most 80 characters behind an indent.
func (s *session) wrap(indent int, text string) {
	line, length := strings.Repeat(" ", indent), indent
	for i, word := range strings.Fields(clean(text)) {
		n := utf8.RuneCountInString(word)
		if i > 0 && length+1+n > width {
			s.print("%s", strings.TrimRight(line, " "))
			line, length, i = strings.Repeat(" ", indent), indent, 0
		}
		if i > 0 {
			line, length = line+" ", length+1
		}
		line, length = line+word, length+n
	}
	s.print("%s", line)
}
