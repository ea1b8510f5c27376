package cli

import (
	"fmt"
	"io"
	"strings"

	"github.com/alecthomas/kong"
)

// Commands returns the names of all commands that do something, in the order of
// the help.
func Commands() ([]string, error) {
	parser, err := newParser(newGrammar(), io.Discard, io.Discard, func(int) {})
	if err != nil {
		return nil, err
	}
	var names []string
	for _, leaf := range leaves(parser.Model.Node) {
		names = append(names, commandName(leaf))
	}
	return names, nil
}

func leaves(node *kong.Node) (list []*kong.Node) {
	if len(node.Children) == 0 {
		return []*kong.Node{node}
	}
	for _, child := range node.Children {
		list = append(list, leaves(child)...)
	}
	return list
}

// Manual writes the commands, with their arguments, flags and examples, as
// chapters in Markdown.
func Manual(w io.Writer) error {
	parser, err := newParser(newGrammar(), io.Discard, io.Discard, func(int) {})
	if err != nil {
		return err
	}
	m := &manual{Writer: w}
	for _, child := range parser.Model.Children {
		if child.Group != nil && child.Group.Title != m.group {
			m.group = child.Group.Title
			m.print("## %s\n\n", strings.TrimSuffix(m.group, ":"))
		}
		for _, leaf := range leaves(child) {
			m.command(leaf)
		}
	}
	return m.err
}

// manual writes Markdown, and keeps the first error.
type manual struct {
	io.Writer
	group string
	err   error
}

func (m *manual) print(format string, args ...any) {
	if m.err == nil {
		_, m.err = fmt.Fprintf(m, format, args...)
	}
}

func (m *manual) command(node *kong.Node) {
	name := commandName(node)
	m.print("### muster %s\n\n%s\n\n", name, node.Help)
	m.print("    muster %s%s\n\n", name, synopsis(node))
	if len(node.Positional)+len(node.Flags) > 0 {
		m.print("| | |\n| --- | --- |\n")
	}
	for _, p := range node.Positional {
		m.print("| `%s` | %s |\n", placeOf(p), cell(p.Help))
	}
	for _, f := range node.Flags {
		if !f.Hidden && f.Name != "help" {
			m.print("| `%s` | %s |\n", cell(flagText(f)), cell(meaningOf(f)))
		}
	}
	if len(node.Positional)+len(node.Flags) > 0 {
		m.print("\n")
	}
	m.print("For example:\n\n    %s\n\n", strings.Join(examples[name], "\n    "))
}

// synopsis is what stands behind the name of a command.
func synopsis(node *kong.Node) string {
	text := ""
	for _, p := range node.Positional {
		text += " " + placeOf(p)
	}
	optional := false
	for _, f := range node.Flags {
		if f.Required && len(f.Xor) == 0 {
			text += " " + flagText(f)
		} else {
			optional = true
		}
	}
	if optional {
		text += " [flags]"
	}
	return text
}

// placeOf is the name of an argument.
func placeOf(p *kong.Positional) string {
	name := strings.ToUpper(p.Name)
	if p.IsSlice() {
		name += " …"
	}
	return name
}

// flagText is a flag as it is typed.
func flagText(f *kong.Flag) string {
	text := "--" + f.Name
	if f.Tag.Negatable != "" {
		text = "--[no-]" + f.Name
	}
	if f.Short != 0 {
		text = fmt.Sprintf("-%c, %s", f.Short, text)
	}
	if !f.IsBool() {
		text += " " + f.FormatPlaceHolder()
	}
	return text
}

// meaningOf is the help of a flag, with the value that it has by itself.
func meaningOf(f *kong.Flag) string {
	if f.HasDefault && f.Default != "" {
		return fmt.Sprintf("%s By itself: %s.", f.Help, f.Default)
	}
	return f.Help
}

// cell is a text as it stands in a table of Markdown.
func cell(text string) string { return strings.ReplaceAll(text, "|", `\|`) }
