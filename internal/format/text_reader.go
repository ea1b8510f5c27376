package format

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"

	"muster/internal/issue"
	"muster/internal/suggest"
)

// document is the text of a format as TOML, and what was found wrong with it.
type document struct {
	lines    map[string]int // of "limit", "column 3", "column 3.heading" …
	problems []issue.Issue
}

// section is the document itself, or one of its [[column]] and [[value]] tables.
type section struct {
	*document
	place string // "", or "column 3"
	keys  map[string]any
	asked []string
}

// readDocument reads the TOML.
func readDocument(text string) (d *document, top *section) {
	d = &document{lines: linesOf(text)}
	top = &section{document: d, keys: map[string]any{}}
	if _, err := toml.Decode(text, &top.keys); err != nil {
		line, message := 1, err.Error()
		var syntax toml.ParseError
		if errors.As(err, &syntax) {
			// Its Line is one off where a text ends after a backslash; Start, before the text at worst, is not.
			before := text[:min(max(0, syntax.Position.Start), len(text))]
			line, message = 1+strings.Count(before, "\n"), syntax.Message
		}
		d.problem(line, "", "This is no TOML: "+message+".", "see docs/formats.md for an example; a text stands in quotes")
	}
	return d, top
}

func (d *document) problem(line int, key, message, cure string) {
	i := TextWrong.New("%s", message).In(key).Suggest("%s", cure)
	i.Line = line
	d.problems = append(d.problems, i)
}

// wrong adds a problem of a key of the section.
func (s *section) wrong(key, cure, message string, args ...any) {
	line := s.lines[s.path(key)]
	if line == 0 {
		line = max(1, s.lines[s.place])
	}
	s.problem(line, key, fmt.Sprintf(message, args...), cure)
}

func (s *section) path(key string) string { return strings.TrimPrefix(s.place+"."+key, ".") }

// take returns what stands under a key; a value of another kind is a problem.
func take[T any](s *section, key, kind string) (value T) {
	s.asked = append(s.asked, key)
	found, there := s.keys[key]
	if !there {
		return value
	}
	value, ok := found.(T)
	if !ok {
		s.wrong(key, "write "+kind, "%s is %s.", key, kind)
	}
	return value
}

func (s *section) text(key string) string { return take[string](s, key, `a text, as in "abc"`) }
func (s *section) flag(key string) bool   { return take[bool](s, key, "true or false") }

// number returns a whole number within bounds.
func (s *section) number(key string, least, most int64) int {
	n := take[int64](s, key, "a whole number")
	if n < least || n > most {
		s.wrong(key, "choose a number within these bounds", "%s is a number from %d to %d, not %d.", key, least, most, n)
		return 0
	}
	return int(n)
}

// choice returns one of a few words; the first where none is given.
func (s *section) choice(key string, words ...string) string {
	text := s.text(key)
	switch {
	case text == "":
		return words[0]
	case !slices.Contains(words, text):
		s.wrong(key, "choose one of these", "%s is %s, not %q.", key, strings.Join(words, " or "), short(text))
	}
	return text
}

// texts returns a list of texts; one that is alone needs no brackets.
func (s *section) texts(key string) (list []string) {
	if one, ok := s.keys[key].(string); ok {
		s.asked = append(s.asked, key)
		return []string{one}
	}
	for _, item := range take[[]any](s, key, `a list, as in ["a", "b"]`) {
		text, ok := item.(string)
		if !ok {
			s.wrong(key, `write a list, as in ["a", "b"]`, "%s is a list of texts.", key)
			return nil
		}
		list = append(list, text)
	}
	return list
}

// pairs returns what texts stand for, the texts folded; nil where the key is not there.
func (s *section) pairs(key string) map[string]string {
	found := take[map[string]any](s, key, `pairs, as in { "a" = "b" }`)
	if found == nil {
		return nil
	}
	pairs := map[string]string{}
	for _, text := range slices.Sorted(maps.Keys(found)) {
		stands, ok := found[text].(string)
		if !ok {
			s.wrong(key, `write a text, as in "abc"`, "What %q stands for is a text.", short(text))
		}
		if _, twice := pairs[fold(text)]; twice {
			s.wrong(key, "delete one of the two", "%q is there twice; upper and lower case are the same.", short(text))
		}
		pairs[fold(text)] = stands
	}
	return pairs
}

// sections returns the tables [[name]].
func (s *section) sections(name string) (list []*section) {
	found := take[[]map[string]any](s, name, "tables, each with a line [["+name+"]] above it")
	for i, keys := range found {
		list = append(list, &section{document: s.document, place: fmt.Sprintf("%s %d", name, i+1), keys: keys})
	}
	return list
}

// finish finds the keys that nobody has asked for.
func (s *section) finish() {
	for _, key := range slices.Sorted(maps.Keys(s.keys)) {
		if slices.Contains(s.asked, key) {
			continue
		}
		cure := "the keys are " + strings.Join(s.asked, ", ")
		if near, ok := suggest.Nearest(short(key), s.asked); ok {
			cure = "did you mean " + near + "?"
		}
		s.wrong(key, cure, "There is no key %q here.", short(key))
	}
}

var (
	headLine = regexp.MustCompile(`^\s*\[(\[?)\s*([A-Za-z0-9_."' \t-]+?)\s*\]`)
	keyLine  = regexp.MustCompile(`^\s*([A-Za-z0-9_"'-]+)\s*=`)
)

// linesOf finds the lines of keys and tables, which the TOML library does not
// tell: of keys that begin their lines.
func linesOf(text string) map[string]int {
	lines, counts, place, quoted := map[string]int{}, map[string]int{}, "", false
	note := func(place string, line int) {
		if lines[place] == 0 {
			lines[place] = line
		}
	}
	for i, line := range strings.Split(text, "\n") {
		inside := quoted
		if strings.Count(line, `"""`)%2 == 1 || strings.Count(line, `'''`)%2 == 1 {
			quoted = !quoted
		}
		if inside {
			continue
		}
		if m := headLine.FindStringSubmatch(line); m != nil {
			name, below, _ := strings.Cut(m[2], ".")
			if m[1] != "" {
				counts[name]++
			}
			place = fmt.Sprintf("%s %d", name, counts[name])
			if counts[name] == 0 {
				place = name
			}
			if note(place, i+1); below != "" {
				place += "." + below
				note(place, i+1)
			}
		} else if m := keyLine.FindStringSubmatch(line); m != nil {
			note(strings.TrimPrefix(place+"."+strings.Trim(m[1], `"'`), "."), i+1)
		}
	}
	return lines
}
