package format

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"muster/internal/directory"
	"muster/internal/issue"
)

// TextLimit is the longest text of a format, in bytes.
const TextLimit = 64 << 10

// TextWrong is a mistake in the text of a format.
var TextWrong = issue.NewError("format-wrong", "The text of a format has a mistake in the line that the message names.",
	"Mend the line; muster formats check tells whether all is right then.")

// Parse reads the text of a format: TOML, whose keys docs/formats.md explains.
// Where there are problems, each has the line where it stands and the key as its
// column, they come in the order of their lines, and there is no format.
func Parse(text string) (*Format, []issue.Issue) {
	if len(text) > TextLimit {
		i := TextWrong.New("The text has %d bytes; at most %d are read.", len(text), TextLimit).Suggest("check that this is the text of a format")
		i.Line = 1
		return nil, []issue.Issue{i}
	}
	d, top := readDocument(text)
	var f *Format
	if len(d.problems) == 0 {
		f = readFormat(top)
		f.Text = text
	}
	if len(d.problems) == 0 {
		return f, nil
	}
	slices.SortStableFunc(d.problems, func(a, b issue.Issue) int { return a.Line - b.Line })
	return nil, d.problems
}

func readFormat(s *section) *Format {
	f := &Format{Name: s.text("name"), Title: s.text("title"), Help: strings.TrimSpace(s.text("help")),
		Strict: s.choice("mode", "partial", "strict") == "strict", Limit: s.number("limit", 0, 100_000_000), Exact: s.flag("exact")}
	f.Title = cmp.Or(f.Title, f.Name)
	f.Rules = readRules(s)
	columns, values := s.sections("column"), s.sections("value")
	for _, c := range columns {
		f.Columns = append(f.Columns, readColumn(c))
	}
	for _, v := range values {
		f.Values = append(f.Values, readValue(v))
	}
	s.finish()
	c := checker{f, s, columns, values}
	c.check()
	f.oneOf = f.tellsWho()
	return f
}

var unmatched = map[string]directory.Unmatched{"create": directory.CreateUser, "discard": directory.DiscardRow, "error": directory.RefuseRow}

// readRules reads what a format says of how its rows are judged. What it does
// not say is as in format muster.
func readRules(s *section) directory.Rules {
	r := muster.Rules
	if r.Match = s.texts("match"); len(r.Match) == 0 {
		r.Match = []string{"address"}
	}
	r.Unmatched = unmatched[s.choice("unmatched", "create", "discard", "error")]
	r.GenerateAddress, r.GeneratePasswords = s.flag("generate_addresses"), s.flag("generate_passwords")
	r.Statuses = []string{"active", "disabled", "leaver", "deleted"}
	r.JoinBy = slices.DeleteFunc(slices.Clone(r.Match), func(name string) bool { return name == "local_id" })
	return r
}

func readColumn(s *section) Column {
	c := Column{Heading: s.text("heading"), Also: s.texts("also"), Name: canonical(s.text("to")),
		Required: s.flag("required"), Optional: s.flag("optional"), Sample: s.text("sample")}
	if shape := readShape(s); shape.Split != "" || shape.Values != nil || shape.Default != "" {
		c.Shape = &shape
	}
	s.finish()
	return c
}

func readValue(s *section) Value {
	v := Value{Name: canonical(s.text("to")), From: s.texts("from"), With: take[string](s, "with", "a text"), Required: s.flag("required")}
	if _, said := s.keys["with"]; !said {
		v.With = " "
	}
	constant := s.text("constant")
	v.Shape = readShape(s)
	switch {
	case constant != "" && len(v.From) > 0:
		s.wrong("constant", "delete one of the two", "A value is constant or made from columns, not both.")
	case constant != "" && v.Shape.Default != "":
		s.wrong("default", "delete one of the two", "A constant needs no default.")
	case constant == "" && len(v.From) == 0:
		s.wrong("from", "write from = [\"Heading\"], or constant = \"text\"", "The value says neither from which columns it is made nor that it is constant.")
	case constant != "":
		v.Shape.Default = constant
	}
	s.finish()
	return v
}

// canonical is a name as it is written in format muster; the name of an attribute
// keeps its case.
func canonical(name string) string {
	if attribute, ok := attributeSlot(name); ok {
		return attribute.name
	}
	return fold(name)
}

func readShape(s *section) Shape {
	shape := Shape{Split: s.text("split"), Part: s.number("part", -100, 100), Values: s.pairs("values"),
		Others: Others(s.choice("others", string(KeepOthers), string(RefuseOthers), string(DefaultOthers))), Default: s.text("default")}
	if (shape.Split == "") != (shape.Part == 0) {
		key := "split"
		if shape.Split == "" {
			key = "part"
		}
		s.wrong(key, `write both, as in split = " " and part = 1; the last part is -1`, "split and part go together.")
	}
	if _, said := s.keys["others"]; said && shape.Values == nil {
		s.wrong("others", "give the values, or delete the line", "others is of use only beside values.")
	}
	return shape
}

var formatName = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,39}$`)

// tellsWho returns the headings of which a file must have one, because they tell
// whose row it is; none where a value that needs no column tells it.
func (f *Format) tellsWho() (headings []string) {
	for _, name := range f.Rules.Match {
		if slices.ContainsFunc(f.Values, func(v Value) bool { return v.Name == name }) {
			return nil
		}
		for _, c := range f.Columns {
			if c.Name == name {
				headings = append(headings, c.Heading)
			}
		}
	}
	return headings
}
