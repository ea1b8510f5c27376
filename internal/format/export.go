package format

import (
	"io"
	"slices"
	"strconv"
	"strings"

	"muster/internal/directory"
	"muster/internal/issue"
	"muster/internal/mailaddr"
	"muster/internal/table"
)

// ExportChanged ends an export that could not hold what came after it had begun.
var ExportChanged = issue.NewError("export-changed", "Users came to have more aliases, delegates, groups or attributes while they were written out than there are columns.", "Run the command again.")

// Export writes users as a table of format muster: CSV in UTF-8, a workbook or JSON
// lines, by kind. It imports again with every row unchanged. Of passwords it tells
// nothing, nor of the notes of memberships. It returns how many users it wrote.
//
// each calls its argument for each user. It is called twice, so that no more than one
// user need be in memory: the first time tells how many columns there are to be.
func Export(w io.Writer, kind string, each func(func(*directory.User) error) error) (users int64, err error) {
	e := &export{out: table.NewWriter(w, table.Info{Kind: kind, Sheet: muster.Name})}
	if err := each(e.measure); err != nil {
		return 0, err
	}
	if err := e.out.Write(e.headings()); err != nil {
		return 0, err
	}
	err = each(func(u *directory.User) error {
		users++
		return e.write(u)
	})
	if err == nil {
		err = e.out.Close()
	}
	return users, err
}

// export knows how many columns a table has for what users have several of.
type export struct {
	out        table.Writer
	most       [3]int   // of each list
	attributes []string // by name
}

// exportLists are the headings of the lists.
var exportLists = [3]string{"alias", "delegate", "group"}

func (e *export) measure(u *directory.User) error {
	for i, list := range listsOf(u) {
		e.most[i] = max(e.most[i], len(list))
	}
	for _, a := range u.Attributes {
		if at, found := slices.BinarySearch(e.attributes, a.Name); !found {
			e.attributes = slices.Insert(e.attributes, at, a.Name)
		}
	}
	return nil
}

func (e *export) headings() []string {
	headings := []string{"id"}
	for _, f := range directory.Fields() {
		headings = append(headings, f.String())
	}
	for i, name := range exportLists {
		for n := range e.most[i] {
			headings = append(headings, name+strconv.Itoa(n+1))
		}
	}
	for _, name := range e.attributes {
		headings = append(headings, attributePrefix+name)
	}
	return headings
}

func (e *export) write(u *directory.User) error {
	cells := []string{u.ID.String()}
	for _, f := range directory.Fields() {
		cells = append(cells, exported(u, f))
	}
	for i, list := range listsOf(u) {
		if len(list) > e.most[i] {
			return ExportChanged.New("%s came to have more than %d of %s1 … meanwhile.", u.Get(directory.Address), e.most[i], exportLists[i])
		}
		cells = append(append(cells, list...), make([]string, e.most[i]-len(list))...)
	}
	attributes := make([]string, len(e.attributes))
	for _, a := range u.Attributes {
		at, found := slices.BinarySearch(e.attributes, a.Name)
		if !found {
			return ExportChanged.New("%s came to have the attribute %q meanwhile.", u.Get(directory.Address), a.Name)
		}
		attributes[at] = a.Value
	}
	return e.out.Write(append(cells, attributes...))
}

// exported is a value as people read it.
func exported(u *directory.User, f directory.Field) string {
	switch {
	case f == directory.Address:
		return mailaddr.Show(u.Get(f))
	case f.Spec().Kind == directory.Flag:
		return strings.ToUpper(u.Get(f))
	}
	return u.Get(f)
}

// listsOf are what a user has several of, each in its order, as in exportLists.
func listsOf(u *directory.User) (lists [3][]string) {
	for _, alias := range u.Aliases {
		lists[0] = append(lists[0], mailaddr.Show(alias))
	}
	for _, d := range u.Delegates {
		if !d.Deleted { // whom no list has
			lists[1] = append(lists[1], mailaddr.Show(d.Address))
		}
	}
	for _, m := range u.Groups {
		lists[2] = append(lists[2], m.Path)
	}
	for i := range lists {
		slices.Sort(lists[i])
	}
	return lists
}
