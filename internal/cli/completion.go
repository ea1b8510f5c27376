package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

type completionCommand struct {
	Shell string `arg:"" enum:"bash,zsh,fish" help:"bash, zsh or fish."`
}

// Run writes a completion script.
func (c *completionCommand) Run(s *session) error {
	words := map[string][]string{}
	collectWords(s.parser.Model.Node, "", words)
	script := scripts[c.Shell](words)
	if s.globals.JSON {
		return s.printJSON(object{{"shell", c.Shell}, {"script", script}})
	}
	s.print("%s", strings.TrimSuffix(script, "\n"))
	return nil
}

// collectWords finds what may stand behind each command: commands and flags.
func collectWords(node *kong.Node, path string, words map[string][]string) {
	var list []string
	for _, child := range node.Children {
		list = append(list, child.Name)
		collectWords(child, strings.TrimSpace(path+" "+child.Name), words)
	}
	for _, level := range node.AllFlags(true) {
		for _, flag := range level {
			list = append(list, "--"+flag.Name)
		}
	}
	slices.Sort(list)
	words[path] = slices.Compact(list)
}

// scripts are the shells' ways to say the same: the words behind a command are
// those of the longest path that the line begins with; else names of files.
var scripts = map[string]func(map[string][]string) string{
	"bash": func(words map[string][]string) string { return shellScript(words, bashHead, bashTail) },
	"zsh":  func(words map[string][]string) string { return shellScript(words, zshHead, bashTail) },
	"fish": fishScript,
}

const (
	bashHead = "# Completion of muster for bash. To use it: source <(muster completion bash)\n"
	zshHead  = "# Completion of muster for zsh. To use it: source <(muster completion zsh)\nautoload -Uz bashcompinit && bashcompinit\n"
	bashTail = `
_muster() {
  local word current="${COMP_WORDS[COMP_CWORD]}" path="" longer
  for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    longer="${path:+$path }$word"
    [ -n "$(_muster_words "$longer")" ] && path="$longer"
  done
  COMPREPLY=($(compgen -W "$(_muster_words "$path")" -- "$current"))
}
complete -o default -F _muster muster
`
)

// shellScript writes a function of all words by path, which bash and zsh share.
func shellScript(words map[string][]string, head, tail string) string {
	var b strings.Builder
	b.WriteString(head + "_muster_words() {\n  case \"$1\" in\n")
	for _, path := range sortedPaths(words) {
		fmt.Fprintf(&b, "    %q) echo %q ;;\n", path, strings.Join(words[path], " "))
	}
	b.WriteString("  esac\n}\n" + tail)
	return b.String()
}

func fishScript(words map[string][]string) string {
	var b strings.Builder
	b.WriteString("# Completion of muster for fish. To use it: muster completion fish | source\nfunction __muster_words\n  switch \"$argv\"\n")
	for _, path := range sortedPaths(words) {
		fmt.Fprintf(&b, "    case %q\n      printf '%%s\\n' %s\n", path, strings.Join(words[path], " "))
	}
	b.WriteString(`  end
end

function __muster
  set -l path
  for word in (commandline -opc)[2..-1]
    if test -n "$(__muster_words $path $word)"
      set -a path $word
    end
  end
  __muster_words $path
end

complete -c muster -a '(__muster)'
`)
	return b.String()
}

func sortedPaths(words map[string][]string) []string {
	var paths []string
	for path := range words {
		paths = append(paths, path)
	}
	slices.Sort(paths)
	return paths
}
