package format

import (
	"fmt"
	"slices"
	"strings"

	"muster/internal/issue"
	"muster/internal/suggest"
	"muster/internal/table"
)

// check finds what refuses a file for its headings. Formats that are Exact show
// the expected headings beside the found ones, whatever is wrong.
func (f *Format) check(headings []string) (issue.Issue, bool) {
	if f.Exact && f.matches(headings) {
		return issue.Issue{}, false
	}
	if f.Checkpoint {
		return firstWrong(headings, f.misplaced, f.twice)
	}
	if f.headless(headings) {
		return HeaderMissing.New("The first row does not hold the headings of format %s.", f.Name).
			Suggest("put the headings into the first row; muster sample %s prints them", f.Name), true
	}
	if i, wrong := firstWrong(headings, f.unknown, f.twice, f.missing); wrong {
		i.Message += f.beside(headings)
		return i, true
	}
	if !f.Exact {
		return issue.Issue{}, false
	}
	return HeaderOrder.New("The headings do not stand in the order of format %s.%s", f.Name, f.beside(headings)).
		Suggest("%s", HeaderOrder.Cure), true
}

// firstWrong is the first problem that is found.
func firstWrong(headings []string, find ...func([]string) (issue.Issue, bool)) (i issue.Issue, wrong bool) {
	for n := 0; n < len(find) && !wrong; n++ {
		i, wrong = find[n](headings)
	}
	return i, wrong
}

// headless reports whether the first row is no headings: it holds an address, or
// nothing that is a heading or nearly one. It is then not quoted, because the
// third cell of a first user may be a password.
func (f *Format) headless(headings []string) bool {
	none := true
	for _, heading := range headings {
		switch {
		case f.knows(heading), f.advice(heading) != "":
			none = false
		case strings.Contains(heading, "@"):
			return true
		}
	}
	return none
}

// matches reports whether the headings are the columns in their order.
func (f *Format) matches(headings []string) bool {
	n := 0
	for _, c := range f.Columns {
		switch {
		case n < len(headings) && c.is(fold(headings[n])):
			n++
		case !c.Optional:
			return false
		}
	}
	return n == len(headings)
}

func (f *Format) unknown(headings []string) (issue.Issue, bool) {
	var strange []int
	for i, heading := range headings {
		if !f.knows(heading) {
			strange = append(strange, i)
		}
	}
	if len(strange) == 0 {
		return issue.Issue{}, false
	}
	i := HeaderUnknown.New("Format %s does not know %s.", f.Name, listed(headings, strange)).In(short(label(headings, strange[0])))
	return i.Suggest("%s", f.advise(headings, strange)), true
}

// listed names the first few of some headings within a message.
func listed(headings []string, which []int) string {
	const most = 5
	var names []string
	for _, i := range which[:min(most, len(which))] {
		names = append(names, quoted(headings, i))
	}
	if more := len(which) - most; more > 0 {
		names = append(names, fmt.Sprintf("and %d more", more))
	}
	return strings.Join(names, ", ")
}

// advise says of each strange heading what was probably meant.
func (f *Format) advise(headings []string, strange []int) string {
	var all []string
	for _, i := range strange {
		advice := f.advice(headings[i])
		if len(strange) == 1 && advice != "" {
			return advice
		}
		if advice != "" {
			all = append(all, quoted(headings, i)+": "+advice)
		}
	}
	if len(all) == 0 {
		return HeaderUnknown.Cure
	}
	return strings.Join(all, "; ")
}

func (f *Format) knows(heading string) bool {
	_, ok := f.slot(heading)
	return ok
}

// quoted names a heading within a message.
func quoted(headings []string, i int) string {
	if headings[i] == "" {
		return fmt.Sprintf("column %s, which has no heading", table.Letter(i))
	}
	return fmt.Sprintf("%q", short(headings[i]))
}

// longest is the length of the longest heading worth showing, in characters.
const longest = 48

// short cuts what is too long for a message.
func short(heading string) string {
	if letters := []rune(heading); len(letters) > longest {
		return string(letters[:longest]) + "…"
	}
	return heading
}

// advice tells what to do about a heading that the format does not know.
func (f *Format) advice(heading string) string {
	if f.elsewhere != nil {
		if text := f.elsewhere(heading); text != "" {
			return text
		}
	}
	if near, ok := suggest.Nearest(short(heading), f.known()); ok {
		return "did you mean " + near + "?"
	}
	if before, name, dotted := strings.Cut(short(heading), "."); dotted && f.Attributes && name != "" {
		if _, ok := suggest.Nearest(before+".", []string{attributePrefix}); ok {
			return "did you mean " + attributePrefix + name + "?"
		}
	}
	return ""
}

// known returns the headings that may be suggested.
func (f *Format) known() []string {
	var known []string
	for _, c := range f.Columns {
		known = append(known, c.Heading)
	}
	for _, l := range lists {
		if _, ok := f.listColumn(l.prefix + "1"); ok {
			known = append(known, l.prefix+"1")
		}
	}
	return known
}

func (f *Format) twice(headings []string) (issue.Issue, bool) {
	seen := map[string]int{}
	for i, heading := range headings {
		s, known := f.slot(heading)
		key := fold(s.name)
		switch {
		case !known && heading == "":
			continue
		case !known:
			key = attributePrefix + fold(heading)
		case s.kind == passedOver:
			key = f.key(heading)
		}
		if before, twice := seen[key]; twice {
			return HeaderTwice.New("The heading %q stands in column %s and again in column %s.",
				short(heading), table.Letter(before), table.Letter(i)).In(heading).Suggest("%s", HeaderTwice.Cure), true
		}
		seen[key] = i
	}
	return issue.Issue{}, false
}

func stands(heading string, headings []string) bool {
	return slices.ContainsFunc(headings, func(h string) bool { return fold(h) == fold(heading) })
}

// missing looks for what every file of the format has.
func (f *Format) missing(headings []string) (issue.Issue, bool) {
	has := func(heading string) bool {
		c, _ := f.column(heading)
		return slices.ContainsFunc(headings, func(h string) bool { return c.is(fold(h)) })
	}
	var missing []string
	for _, c := range f.Columns {
		if (c.Required || f.Exact && !c.Optional) && !has(c.Heading) {
			missing = append(missing, fmt.Sprintf("%q", c.Heading))
		}
	}
	switch {
	case len(missing) > 0:
		return HeaderMissing.New("Format %s needs the heading %s, which is not there.", f.Name, strings.Join(missing, ", ")).
			Suggest("%s", HeaderMissing.Cure), true
	case len(f.oneOf) > 0 && !slices.ContainsFunc(f.oneOf, has):
		return HeaderMissing.New("Format %s needs one of the headings %s.", f.Name, strings.Join(f.oneOf, ", ")).
			Suggest("%s", HeaderMissing.Cure), true
	}
	return issue.Issue{}, false
}

// beside shows where expected and found headings differ, column by column.
func (f *Format) beside(headings []string) string {
	if !f.Exact {
		return ""
	}
	var expected []string
	for _, c := range f.Columns {
		if !c.Optional || stands(c.Heading, headings) {
			expected = append(expected, c.Heading)
		}
	}
	var pairs []string
	for i := range max(len(expected), len(headings)) {
		want, got := at(expected, i), at(headings, i)
		if fold(want) != fold(got) {
			pairs = append(pairs, fmt.Sprintf("%s: %s | %s", table.Letter(i), want, got))
		}
	}
	return " Expected | found: " + strings.Join(pairs, "; ") + "."
}

func at(headings []string, i int) string {
	if i < len(headings) && headings[i] != "" {
		return short(headings[i])
	}
	return "(nothing)"
}
