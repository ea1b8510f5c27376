package format

import (
	"slices"
	"strings"
	"unicode/utf8"

	"muster/internal/directory"
	"muster/internal/suggest"
	"muster/internal/table"
)

// checker finds what is wrong with a format that was read well.
type checker struct {
	f               *Format
	top             *section
	columns, values []*section
}

func (c checker) check() {
	if !formatName.MatchString(c.f.Name) {
		c.top.wrong("name", `write a name, as in name = "staff-list"`,
			"The name of a format is 1 to 40 small letters, digits and hyphens, not %q.", short(c.f.Name))
	}
	if len(c.columns) == 0 {
		c.top.wrong("column", "add a table [[column]] with a heading for each column of the file", "The format has no columns.")
	}
	c.checkHeadings()
	targets := map[string]string{}
	for i, s := range c.columns {
		c.target(s, c.f.Columns[i].Name, targets, false)
		c.checkSecret(s, c.f.Columns[i])
		c.checkShape(s, c.f.Columns[i].Name, c.f.Columns[i].Shape)
	}
	for i, s := range c.values {
		c.target(s, c.f.Values[i].Name, targets, true)
		c.checkFrom(s, c.f.Values[i])
		c.checkShape(s, c.f.Values[i].Name, &c.f.Values[i].Shape)
	}
	c.checkMatch(targets)
	if targets["password_function"] != "" && targets["password"] == "" {
		c.top.wrong("column", `add to = "password" to its column`, "A column tells how passwords are hashed, and none has them.")
	}
}

// checkHeadings sees to it that a heading means one column.
func (c checker) checkHeadings() {
	seen := map[string]bool{}
	for i, s := range c.columns {
		column := c.f.Columns[i]
		for n, heading := range append([]string{column.Heading}, column.Also...) {
			key := "heading"
			if n > 0 {
				key = "also"
			}
			switch folded := fold(heading); {
			case heading == "":
				s.wrong(key, `write it as in the file, as in heading = "E-mail"`, "The column has no heading.")
			case utf8.RuneCountInString(heading) > 200 || table.Trim(heading) != heading:
				s.wrong(key, "write it without blanks round it", "A heading is at most 200 characters without blanks round them.")
			case folded == "result":
				s.wrong(key, "rename the column in the file", "The heading Result is that of Muster's own results.")
			case seen[folded]:
				s.wrong(key, "delete one of the two", "The heading %q is there twice; upper and lower case are the same.", short(heading))
			default:
				seen[folded] = true
			}
		}
	}
}

// target checks where a column or value goes, and that nothing else goes there.
func (c checker) target(s *section, name string, targets map[string]string, needed bool) {
	slot := slotNamed(name)
	switch {
	case name == "" && needed:
		s.wrong("to", `write to = "department", say`, "The value does not say what it is.")
	case name == "":
	case slot.kind == passedOver, slices.Contains(exportOnly, name):
		cure := "take a name of format muster, alias1, delegate1, group1 or attr.NAME"
		if near, ok := suggest.Nearest(short(name), names()); ok {
			cure = "did you mean " + near + "?"
		}
		s.wrong("to", cure, "There is nothing called %q that a user has.", short(name))
	case targets[fold(name)] != "":
		s.wrong("to", "join the two columns in a [[value]], or delete one", "%s is given already, by %s.", name, targets[fold(name)])
	default:
		targets[fold(name)] = s.place
	}
}

// names returns what a column of a text format may go to, but for the attributes
// and the higher numbers of lists.
func names() (names []string) {
	for _, c := range musterColumns() {
		if c.Name != "" {
			names = append(names, c.Name)
		}
	}
	names = append(names, "password_function")
	for _, l := range lists {
		names = append(names, l.prefix+"1")
	}
	return names
}

// checkSecret keeps passwords out of the text of a format, and of attributes.
func (c checker) checkSecret(s *section, column Column) {
	if c.f.slotOf(column).kind == attribute && synonyms[plain(column.Heading)] == "password" {
		s.wrong("to", `write to = "password", or leave the line out`, "An attribute that is a password would be shown to everybody.")
	}
	if column.Shape == nil || !c.f.slotOf(column).secret() {
		return
	}
	for _, stands := range column.Shape.Values {
		if stands != "" {
			s.wrong("values", `write only what counts as blank, as in { "****" = "" }`, "A format holds no passwords.")
			return
		}
	}
	if column.Shape.Default != "" || column.Shape.Split != "" || column.Shape.Others != KeepOthers {
		s.wrong("to", "delete default, split, part and others", "A password is taken as it is, or is blank.")
	}
}

// checkFrom looks for the columns that a value is made of. A password would be
// kept where it is not known for one.
func (c checker) checkFrom(s *section, v Value) {
	if k := slotNamed(v.Name); k.secret() || k.kind == hashFunction {
		s.wrong("to", "give the passwords a [[column]]", "A password has a column of its own.")
	}
	for _, heading := range v.From {
		column, ok := c.f.column(heading)
		switch {
		case !ok:
			cure := "add a [[column]] with this heading"
			if near, found := suggest.Nearest(short(heading), c.f.known()); found {
				cure = "did you mean " + near + "?"
			}
			s.wrong("from", cure, "There is no column %q in this format.", short(heading))
		case c.f.slotOf(column).secret():
			s.wrong("from", "take another column", "Nothing is made of a password.")
		}
	}
}

// checkShape finds words that the field would never take.
func (c checker) checkShape(s *section, name string, shape *Shape) {
	field, ok := directory.FieldNamed(name)
	if !ok || shape == nil || field.Spec().Kind != directory.Choice {
		return
	}
	words := field.Spec().Choices
	if field == directory.Status {
		words = c.f.Rules.Statuses
	}
	given := []string{shape.Default}
	for _, stands := range shape.Values {
		given = append(given, stands)
	}
	slices.Sort(given)
	for _, text := range given {
		if text != "" && !slices.ContainsFunc(words, func(w string) bool { return strings.EqualFold(w, text) }) {
			s.wrong("to", "choose one of these", "%s is %s, not %q.", name, strings.Join(words, ", "), short(text))
		}
	}
}

// checkMatch sees to it that each row says whose it is.
func (c checker) checkMatch(targets map[string]string) {
	known := []string{"id", "address", "local_id"}
	some := false
	for _, name := range c.f.Rules.Match {
		if !slices.Contains(known, name) {
			c.top.wrong("match", "choose some of these", "A user is found by %s, not by %q.", strings.Join(known, ", "), short(name))
		}
		some = some || targets[name] != ""
	}
	if !some {
		c.top.wrong("match", `add to = "`+c.f.Rules.Match[0]+`" to the column that tells it, or change match`,
			"No column tells whose row it is: the format finds users by %s.", strings.Join(c.f.Rules.Match, ", "))
	}
}
