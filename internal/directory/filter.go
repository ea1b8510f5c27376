package directory

import (
	"slices"
	"strings"

	"muster/internal/mailaddr"
	"muster/internal/search"
)

// Filter says which users a list has, and which part of it is wanted. Blank fields
// do not filter.
type Filter struct {
	Search string   // words; see User.Searched
	Orgs   []string // codes; the caller adds those below
	Domain string   // of the primary address
	Origin string
	Status string // deleted users are listed only where this is "deleted"

	After string // only users behind this address: the last one of the page before
	Limit int    // at most so many users; 0 is all
}

// Fits reports whether a user with all their aliases is one that the filter lets
// through, wherever in the list.
func (f *Filter) Fits(u *User) bool {
	is := func(want, value string) bool { return want == "" || want == value }
	return is(f.Origin, u.Values[Origin]) && is(f.Status, u.Values[Status]) && is(f.Domain, u.Domain()) &&
		(len(f.Orgs) == 0 || slices.Contains(f.Orgs, u.Values[Org])) &&
		(f.Status != "" || u.Values[Status] != deleted) &&
		f.Query().Fits(u.Searched())
}

// deleted is the status of users who are listed only where they are asked for.
const deleted = "deleted"

// Query is the filter as the index knows it.
func (f *Filter) Query() *search.Query {
	q := &search.Query{Words: search.Words(fold(f.Search))}
	if len(f.Orgs) > 0 {
		q.Any = append(q.Any, labels("org", f.Orgs...))
	}
	narrow := func(name, value string) {
		if value != "" {
			q.Any = append(q.Any, labels(name, value))
		}
	}
	narrow("domain", f.Domain)
	narrow("origin", f.Origin)
	narrow("status", f.Status)
	if f.Status == "" {
		q.None = labels("status", deleted)
	}
	return q
}

func labels(name string, values ...string) []string {
	list := make([]string, len(values))
	for i, v := range values {
		list[i] = name + "=" + v
	}
	return list
}

// Entry is the user in the index, with all their aliases.
func (u *User) Entry() search.Entry {
	key, _ := addressKey(u.Values[Address])
	return search.Entry{Key: key, Text: u.Searched(), Labels: "org=" + u.Values[Org] + "\ndomain=" + u.Domain() +
		"\norigin=" + u.Values[Origin] + "\nstatus=" + u.Values[Status]}
}

// searched are the fields in which users are looked for, beside their addresses.
var searched = []Field{Name, DisplayName, First, Last, LocalID}

// Searched is the text in which a user is looked for: addresses as people read
// them, names and the local id, folded, each on a line of its own. What stands in
// it already, at the beginning of a word, is not repeated.
func (u *User) Searched() string {
	var text strings.Builder
	text.Grow(128)
	add := func(value string) {
		if value = fold(value); value != "" && !search.Begins(text.String(), value) {
			text.WriteString(value)
			text.WriteByte('\n')
		}
	}
	add(shown(u.Values[Address]))
	for _, alias := range u.Aliases {
		add(shown(alias))
	}
	for _, f := range searched {
		add(u.Values[f])
	}
	return text.String()
}

// shown is an address as people read it.
func shown(address string) string {
	local, domain, _ := strings.Cut(address, "@")
	if name := mailaddr.DisplayDomain(domain); name != domain {
		return local + "@" + name
	}
	return address
}
