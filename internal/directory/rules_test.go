package directory_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"muster/internal/directory"
	"muster/internal/format"
	"muster/internal/importer/importertest"
	"muster/internal/issue"
	"muster/internal/secret"
)

// sentence is a rule in words, a directory in which it can be seen, and the
// cases that show it.
type sentence struct {
	rule  string
	given func(*importertest.World)
	cases []example
}

// example is one record and what the rules make of it.
type example struct {
	name    string
	by      string // "add", "set" and "join": by hand; else the format whose rules hold; "muster" if blank
	as      func(*importertest.World) directory.Actor
	options directory.Options
	record  []string // pairs of name and value
	action  directory.Action
	changes []string // all of them; nil: not looked at
	has     []string // some of them
	issues  []string // code@column, all of them
	says    string   // what an issue says or suggests
}

// proves runs the cases of sentences.
func proves(t *testing.T, sentences []sentence) {
	t.Helper()
	for _, s := range sentences {
		t.Run(s.rule, func(t *testing.T) {
			w := world(t, s.given)
			for _, e := range s.cases {
				e.options.Org = or(e.options.Org, "RX1")
				t.Run(e.name, func(t *testing.T) {
					if slices.Contains(doors, e.by) {
						e.check(t, byHand(world(t, s.given), e))
						return
					}
					e.check(t, judged(t, w, e))
				})
			}
		})
	}
}

func world(t testing.TB, given func(*importertest.World)) *importertest.World {
	w := importertest.New(t)
	if given != nil {
		given(w)
	}
	return w
}

func (e *example) actor(w *importertest.World) directory.Actor {
	if e.as == nil {
		return importertest.Operator
	}
	return e.as(w)
}

// judged plans a record, as an import would, and changes nothing.
func judged(t *testing.T, w *importertest.World, e example) *directory.Verdict {
	t.Helper()
	f, err := format.Named(or(e.by, "muster"))
	if err != nil {
		t.Fatal(err)
	}
	return judgedBy(t, w, e, &f.Rules)
}

func judgedBy(t *testing.T, w *importertest.World, e example, rules *directory.Rules) *directory.Verdict {
	t.Helper()
	o := e.options
	o.Planning = true
	verdicts := judgeAll(t, w, e.actor(w), rules, o, record(e.record...))
	return verdicts[0]
}

func judgeAll(t testing.TB, w *importertest.World, actor directory.Actor, rules *directory.Rules, o directory.Options, records ...*directory.Record) []*directory.Verdict {
	t.Helper()
	j, err := directory.NewJudge(t.Context(), w.Store, actor, rules, o)
	if err != nil {
		t.Fatal(err)
	}
	verdicts, err := j.Judge(t.Context(), records)
	if err != nil {
		t.Fatal(err)
	}
	if err := directory.NewNumberer(w.Store.Taken).Number(t.Context(), verdicts); err != nil {
		t.Fatal(err)
	}
	return verdicts
}

// doors are the ways to change a user by hand.
var doors = []string{"add", "set", "join"}

// byHand really adds or changes a user.
func byHand(w *importertest.World, e example) *directory.Verdict {
	var v *directory.Verdict
	var err error
	switch ctx, r := context.Background(), record(e.record...); e.by {
	case "add":
		v, _, err = w.Directory.AddUser(ctx, e.actor(w), r, e.options)
	case "set":
		v, _, err = w.Directory.SetUser(ctx, e.actor(w), r)
	default:
		v, err = w.Directory.Join(ctx, e.actor(w), r)
	}
	if v == nil {
		v = &directory.Verdict{}
	}
	if err != nil {
		v.Action = directory.Refuse
	}
	var one issue.Issue
	if errors.As(err, &one) && !slices.Contains(v.Issues, one) {
		v.Issues = append(v.Issues, one)
	}
	return v
}

// record makes a record of pairs, with passwords and "(clear)" understood as a
// format would.
func record(pairs ...string) *directory.Record {
	var plain []string
	r := &directory.Record{}
	cleared := map[string]bool{}
	for i := 0; i+1 < len(pairs); i += 2 {
		switch name, value := pairs[i], pairs[i+1]; {
		case name == "password":
			r.Password = secret.Text(value)
		case name == "password_hash":
			r.PasswordHash = secret.Text(value)
		case name == "generate":
			r.Generate = true
		case value == directory.Clear && !strings.HasPrefix(name, "attr.") && !strings.HasPrefix(name, "account."):
			cleared[name] = true
		default:
			plain = append(plain, name, value)
		}
	}
	full := importertest.Record(plain...)
	full.Password, full.PasswordHash, full.Generate = r.Password, r.PasswordHash, r.Generate
	full.Aliases.Only, full.Groups.Only, full.Delegates.Only = cleared["alias"], cleared["group"], cleared["delegate"]
	for name := range cleared {
		if f, ok := directory.FieldNamed(name); ok {
			full.Cleared[f] = true
		}
	}
	return full
}

func (e *example) check(t *testing.T, v *directory.Verdict) {
	t.Helper()
	if v.Action != e.action {
		t.Errorf("action %q, want %q", v.Action, e.action)
	}
	changes := changesOf(v)
	if e.changes != nil && !slices.Equal(changes, e.changes) {
		t.Errorf("changes\n  %s\nwant\n  %s", strings.Join(changes, "\n  "), strings.Join(e.changes, "\n  "))
	}
	for _, want := range e.has {
		if !slices.Contains(changes, want) {
			t.Errorf("no change %q among\n  %s", want, strings.Join(changes, "\n  "))
		}
	}
	if issues := issuesOf(v.Issues); !slices.Equal(issues, e.issues) {
		t.Errorf("issues %q, want %q\n%s", issues, e.issues, texts(v.Issues))
	}
	if e.says != "" && !strings.Contains(texts(v.Issues), e.says) {
		t.Errorf("the issues say\n%sand not %q", texts(v.Issues), e.says)
	}
}

func changesOf(v *directory.Verdict) (list []string) {
	for _, c := range v.Changes {
		list = append(list, fmt.Sprintf("%s: %s → %s", c.Field, or(c.Old, "-"), or(c.New, "-")))
	}
	return list
}

func issuesOf(issues []issue.Issue) (list []string) {
	for _, i := range issues {
		list = append(list, i.Code+"@"+i.Column)
	}
	return list
}

func texts(issues []issue.Issue) string {
	var b strings.Builder
	for _, i := range issues {
		fmt.Fprintf(&b, "  %s\n", i.Error())
	}
	return b.String()
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

// as is an administrator of a role in an organisation.
func as(role, org string) func(*importertest.World) directory.Actor {
	return func(*importertest.World) directory.Actor {
		return directory.Actor{ID: directory.NewID(), Address: strings.ToLower(role) + "@example.org", Role: role, Org: org, Door: "test"}
	}
}

// themselves is the administrator of an address.
func themselves(address string) func(*importertest.World) directory.Actor {
	return func(w *importertest.World) directory.Actor {
		a, err := w.Directory.Actor(context.Background(), address, "test")
		if err != nil {
			w.T.Fatal(err)
		}
		return a
	}
}

// write changes the database behind the rules' back.
func write(w *importertest.World, text string, args ...any) {
	w.T.Helper()
	w.Exec(text, args...)
}

// column reads one value from the database.
func column(w *importertest.World, text string, args ...any) string {
	w.T.Helper()
	return importertest.Ask[string](w, text, args...)
}
