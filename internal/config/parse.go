package config

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"
)

// entry is one setting as the file has it.
type entry struct {
	name    string
	text    string
	line    int
	problem string // why its value cannot be read as a text
}

// parse reads a TOML file. Entries come in the order of their lines.
func parse(path, text string) (entries []entry, problems []Problem) {
	tree := map[string]any{}
	if _, err := toml.Decode(text, &tree); err != nil {
		return nil, []Problem{syntaxProblem(path, err)}
	}
	lines := linesOf(text)
	flatten("", tree, func(name string, value any) {
		e := entry{name: name, line: lines[name]}
		switch value.(type) {
		case string, int64:
			e.text = fmt.Sprint(value)
		default:
			e.problem = "is a text or a whole number"
		}
		entries = append(entries, e)
	})
	slices.SortFunc(entries, func(a, b entry) int { return cmp.Or(a.line-b.line, strings.Compare(a.name, b.name)) })
	return entries, nil
}

func syntaxProblem(path string, err error) Problem {
	var syntax toml.ParseError
	if errors.As(err, &syntax) {
		return Problem{Where: fmt.Sprintf("%s:%d", path, syntax.Position.Line), Message: syntax.Message}
	}
	return Problem{Where: path, Message: err.Error()}
}

func flatten(prefix string, tree map[string]any, f func(string, any)) {
	for key, value := range tree {
		if below, isTable := value.(map[string]any); isTable {
			flatten(prefix+key+".", below, f)
			continue
		}
		f(prefix+key, value)
	}
}

var (
	headLine = regexp.MustCompile(`^\s*\[\s*([^\[\]]+?)\s*\]`)
	keyLine  = regexp.MustCompile(`^\s*([A-Za-z0-9_."' \t-]+?)\s*=`)
)

// linesOf finds the line of each key of a well-formed file, which the TOML
// library does not tell: of keys that stand alone on their lines, as settings do.
func linesOf(text string) map[string]int {
	lines, table := map[string]int{}, ""
	for i, line := range strings.Split(text, "\n") {
		if m := headLine.FindStringSubmatch(line); m != nil {
			table = bare(m[1]) + "."
		} else if m := keyLine.FindStringSubmatch(line); m != nil {
			if name := table + bare(m[1]); lines[name] == 0 {
				lines[name] = i + 1
			}
		}
	}
	return lines
}

// bare takes the quotes and blanks off a dotted key.
func bare(key string) string {
	return strings.NewReplacer(`"`, "", "'", "", " ", "", "\t", "").Replace(key)
}
