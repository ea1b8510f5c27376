package cli

import (
	"bytes"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"muster/internal/directory"
	"muster/internal/format"
)

func testParser(t *testing.T) *kong.Kong {
	t.Helper()
	parser, err := newParser(newGrammar(), io.Discard, io.Discard, func(int) {})
	if err != nil {
		t.Fatal(err)
	}
	return parser
}

func commands(t *testing.T) []string {
	t.Helper()
	names, err := Commands()
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func TestTheCommands(t *testing.T) {
	want := strings.Split(`apply
attribute add
attribute delete
attribute list
attribute set
backup
cancel
completion
config check
config dump
doctor
domain add
domain delete
domain list
domain set
formats add
formats check
formats delete
formats list
formats map
formats show
group add
group delete
group list
group member add
group member delete
group set
group show
history export
history list
history seal
history verify
import
imports
key change
migrate status
migrate up
notification list
notification read
org add
org delete
org list
org set
plan
report mailbox
restore
results
resume
row leave-out
row set
row take-in
sample
serve
show
token add
token list
token revoke
undo
user account delete
user account list
user account set
user add
user delete
user history
user join
user leaver
user list
user lock
user password
user second-factor
user sessions
user set
user show
user sign-out
user transfer
user unlock
version
work`, "\n")
	got := commands(t)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}

// ofTheMachine are the commands that do not run against a Muster elsewhere: what they look at
// or change is the machine's own, as are its settings, its secret key, with which the
// history is sealed and verified, and its processes.
var ofTheMachine = strings.Split(`backup
completion
config check
config dump
doctor
history seal
history verify
key change
migrate status
migrate up
restore
serve
version
work`, "\n")

// TestWhatRunsElsewhere: every other command runs also with --server.
func TestWhatRunsElsewhere(t *testing.T) {
	var not []string
	for _, leaf := range testParser(t).Model.Leaves(true) {
		if _, ok := leaf.Target.Addr().Interface().(remotely); !ok {
			not = append(not, commandName(leaf))
		}
	}
	slices.Sort(not)
	if !slices.Equal(not, ofTheMachine) {
		t.Errorf("these do not run with --server: %q", not)
	}
}

var word = regexp.MustCompile(`"[^"]*"|\S+`)

// words splits an example as a shell would; what follows > is the shell's.
func words(example string) (args []string) {
	example, _, _ = strings.Cut(example, " > ")
	for _, w := range word.FindAllString(example, -1)[1:] {
		args = append(args, strings.Trim(w, `"`))
	}
	return args
}

func TestEveryExampleParses(t *testing.T) {
	for name, list := range examples {
		for _, example := range list {
			parsed, err := testParser(t).Parse(words(example))
			if err != nil {
				t.Errorf("%s: %v", example, err)
				continue
			}
			if got := commandName(parsed.Selected()); got != name {
				t.Errorf("%s is an example of %q, not %q", example, got, name)
			}
		}
	}
}

func TestEveryCommandHasHelp(t *testing.T) {
	known := commands(t)
	for name := range examples {
		if !slices.Contains(known, name) {
			t.Errorf("an example of no command: %s", name)
		}
	}
	for _, name := range known {
		var out bytes.Buffer
		parser, err := newParser(newGrammar(), &out, io.Discard, func(int) {})
		if err != nil {
			t.Fatal(err)
		}
		parser.Parse(append(strings.Fields(name), "--help"))
		for _, part := range []string{"Usage: muster " + name, "Examples:", "--as=ADDRESS", "--json"} {
			if !strings.Contains(out.String(), part) {
				t.Errorf("the help of %s does not have %q", name, part)
			}
		}
		for line := range strings.Lines(out.String()) {
			if n := len([]rune(line)); n > 90 && !strings.Contains(line, "muster ") {
				t.Errorf("%s: %d characters in %q", name, n, line)
			}
		}
	}
}

// What format muster can say of a user, user add and user set can say too.
func TestEveryFieldHasItsFlag(t *testing.T) {
	parser := testParser(t)
	f, err := format.Named("muster")
	if err != nil {
		t.Fatal(err)
	}
	other := map[string]string{"password": "--password-stdin", "password_hash": "--password-hash-file", "rename_to": "--rename-to"}
	for _, command := range []string{"add", "set"} {
		flags := flagsOf(parser.Model.Node, "user", command)
		for _, c := range f.Columns {
			flag := "--" + flagName(c.Name)
			if name := other[c.Name]; name != "" {
				flag = name
			}
			named := slices.Contains([]string{"", "id", "address"}, c.Name) || command == "add" && c.Name == "rename_to"
			if !named && !slices.Contains(flags, flag) {
				t.Errorf("user %s has no flag %s", command, flag)
			}
		}
		for _, flag := range []string{"--alias", "--group", "--delegate", "--attribute"} {
			if !slices.Contains(flags, flag) {
				t.Errorf("user %s has no flag %s", command, flag)
			}
		}
	}
}

func flagsOf(node *kong.Node, path ...string) (flags []string) {
	for _, name := range path {
		node = node.Children[slices.IndexFunc(node.Children, func(n *kong.Node) bool { return n.Name == name })]
	}
	for _, level := range node.AllFlags(true) {
		for _, flag := range level {
			flags = append(flags, "--"+flag.Name)
		}
	}
	return flags
}

// A secret in the arguments would be seen by everybody on the machine.
func TestNoFlagTakesASecret(t *testing.T) {
	var visit func(*kong.Node)
	visit = func(node *kong.Node) {
		for _, flag := range node.Flags {
			secret := strings.Contains(flag.Name, "password") || strings.Contains(flag.Name, "hash")
			if secret && flag.Target.Kind().String() == "string" && !strings.HasSuffix(flag.Name, "-file") {
				t.Errorf("%s takes --%s", node.FullPath(), flag.Name)
			}
		}
		for _, child := range node.Children {
			visit(child)
		}
	}
	visit(testParser(t).Model.Node)
}

func TestFlagsBecomeARecord(t *testing.T) {
	g := newGrammar()
	parser, err := newParser(g, io.Discard, io.Discard, func(int) {})
	if err != nil {
		t.Fatal(err)
	}
	_, err = parser.Parse([]string{"user", "set", "a@example.org", "--job-title", " Cook ", "--no-pop", "--submit", "--title", "(CLEAR)",
		"--clear", "fax,alias", "--alias", "b,c@example.org", "--alias", "d@example.org", "--attribute", "A=1=2", "--attribute", "B="})
	if err != nil {
		t.Fatal(err)
	}
	r, err := g.User.Set.record(nil)
	if err != nil {
		t.Fatal(err)
	}
	for f, want := range map[directory.Field]string{directory.JobTitle: "Cook", directory.Pop: "false", directory.Submit: "true",
		directory.Title: "", directory.Locked: "", directory.Name: ""} {
		if got := r.Values[f]; got != want {
			t.Errorf("%s: %q, want %q", f, got, want)
		}
	}
	if !r.Cleared[directory.Title] || !r.Cleared[directory.Fax] || r.Cleared[directory.Name] {
		t.Errorf("cleared: %v", r.Cleared)
	}
	if len(r.Aliases.Items) != 2 || r.Aliases.Items[0].Text != "b,c@example.org" || !r.Aliases.Only || r.Groups.Only {
		t.Errorf("aliases: %+v", r.Aliases)
	}
	if want := []directory.Attribute{{Name: "A", Value: "1=2"}, {Name: "B", Value: directory.Clear}}; !slices.Equal(r.Attributes, want) {
		t.Errorf("attributes: %+v", r.Attributes)
	}
}

func TestFlagsThatMakeNoRecord(t *testing.T) {
	for _, args := range [][]string{
		{"--clear", "colour"}, {"--clear", "address"}, {"--clear", "title", "--title", "Dr"}, {"--attribute", "A"}, {"--attribute", "=1"},
		{"--password-file", "no such file"},
	} {
		g := newGrammar()
		parser, err := newParser(g, io.Discard, io.Discard, func(int) {})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := parser.Parse(append([]string{"user", "set", "a@example.org"}, args...)); err != nil {
			t.Fatal(err)
		}
		_, err = g.User.Set.record(&session{})
		if f, ok := err.(failure); !ok || f.status != statusUsage {
			t.Errorf("%v: %v", args, err)
		}
	}
}

func TestObjectsKeepTheirOrder(t *testing.T) {
	got, err := compact(object{{"b", 1}, {"a", "<&>"}, {"c", object{}}, {"d", []string{}}})
	if want := `{"b":1,"a":"<&>","c":{},"d":[]}`; err != nil || string(got) != want {
		t.Errorf("%s, %v; want %s", got, err, want)
	}
}
