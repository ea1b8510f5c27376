package directory

import (
	"slices"
	"strings"
	"time"
)

// User is a person or a shared thing that has a mailbox.
type User struct {
	ID         ID
	Values     [numFields]string
	Aliases    []string     // sorted
	Groups     []Membership // sorted by path
	Attributes []Attribute  // sorted by name
	Delegates  []Delegate   // whose mailboxes this user may open, sorted by address
	OpenedBy   []Delegate   // who may open this user's mailbox, sorted by address
	Accounts   []Account    // e-mail accounts, sorted by type and address

	HasPassword bool
	E164        [4]string // telephone, mobile, pager and fax in the form of ITU-T E.164; only while the user is written
	Version     int64     // goes up with every change
	CreatedAt   time.Time
	UpdatedAt   time.Time
	StatusAt    time.Time // since when Status is what it is
	LockedUntil time.Time // a lock that lifts by itself; zero: none
	UsedAt      time.Time // last sign-in, or last mail sent or received; zero: never
}

// Membership is a user's place in a group.
type Membership struct {
	Group ID
	Path  string
	Org   string
	Note  string
}

// Attribute is a named extra value of a user.
type Attribute struct{ Name, Value string }

// Delegate is a user whose mailbox another user may open.
type Delegate struct {
	ID      ID
	Address string
	Deleted bool // the user is, and may be restored
}

// Get returns the text of a field; flags are "true" or "false".
func (u *User) Get(f Field) string { return u.Values[f] }

// Is reports whether a flag is set.
func (u *User) Is(f Field) bool { return u.Values[f] == "true" }

// Domain returns the domain of the user's primary address.
func (u *User) Domain() string {
	_, domain, _ := strings.Cut(u.Values[Address], "@")
	return domain
}

func localPart(address string) string {
	local, _, _ := strings.Cut(address, "@")
	return local
}

// clone returns a user whose lists may be changed without changing u's.
func (u *User) clone() *User {
	c := *u
	c.Aliases, c.Groups, c.Attributes = slices.Clone(u.Aliases), slices.Clone(u.Groups), slices.Clone(u.Attributes)
	c.Delegates, c.OpenedBy, c.Accounts = slices.Clone(u.Delegates), slices.Clone(u.OpenedBy), slices.Clone(u.Accounts)
	return &c
}

// newUser returns a user as it is before any change: the state against which a
// creation is a difference.
func newUser() *User { return &User{Values: newValues} }

var newValues = func() (values [numFields]string) {
	for f, s := range specs {
		switch {
		case s.Kind == Flag:
			values[f] = "false"
		case Field(f) == Type || Field(f) == Status:
			values[f] = s.Choices[0]
		}
	}
	return values
}()

// Names of what a Change may concern beside the fields.
const (
	ChangeAlias    = "alias"        // one alias came (New) or went (Old)
	ChangeGroup    = "group"        // one membership, by the path of the group
	ChangeNote     = "note"         // the note of a membership; Ref tells the group
	ChangeDelegate = "delegate"     // one delegate, by address
	ChangeOpener   = "opened_by"    // one user who may open this one's mailbox, by address
	ChangeAccount  = "account"      // one e-mail account, by type and address; "account TYPE ADDRESS: NAME" is a value of it
	ChangePassword = "password"     // New is "(set)" or "(generated)"; never the password
	ChangeLockOut  = "locked_until" // a lock that lifts by itself; New is blank where somebody lifts it
	ChangeMember   = "member"       // one member of a group; only in the history of groups
	attributeMark  = "attr."        // attr.NAME: an attribute
)

// Change is the difference that a plan shows, apply makes and undo takes back:
// one value of a user, from what to what. A thing of which a user has many
// comes with an empty Old and goes with an empty New. Ref is the id of the
// group or delegate that the text names, so that a later change of that name
// misleads nobody; with a status it is since when the user had the old one.
type Change struct {
	Field string `json:"field"`
	Old   string `json:"old"`
	New   string `json:"new"`
	Ref   string `json:"ref,omitempty"`
}

// Reverse returns the change that takes c back.
func (c Change) Reverse() Change {
	c.Old, c.New = c.New, c.Old
	return c
}

// IsAttribute reports whether a change concerns an attribute, and which.
func (c Change) IsAttribute() (name string, ok bool) {
	return strings.CutPrefix(c.Field, attributeMark)
}

// make brings a change into the user's values. It judges nothing.
func (u *User) make(c Change) {
	if f, ok := fieldByName[c.Field]; ok {
		u.Values[f] = c.New
		return
	}
	if key, f, ok := AccountOf(c.Field); ok {
		u.makeAccountValue(key, f, c.New)
		return
	}
	switch {
	case c.Field == ChangeAlias:
		u.Aliases = exchange(u.Aliases, c.Old, c.New)
	case c.Field == ChangeGroup:
		u.makeMembership(c)
	case c.Field == ChangeNote:
		if i := u.membership(c.Ref); i >= 0 {
			u.Groups[i].Note = c.New
		}
	case c.Field == ChangeDelegate:
		u.Delegates = exchangeDelegate(u.Delegates, c)
	case c.Field == ChangeAccount:
		u.makeAccount(c)
	case c.Field == ChangeOpener:
		u.OpenedBy = exchangeDelegate(u.OpenedBy, c)
	case strings.HasPrefix(c.Field, attributeMark):
		u.makeAttribute(c.Field[len(attributeMark):], c.New)
	}
}

func exchange(list []string, old, new string) []string {
	if old != "" {
		list = slices.DeleteFunc(slices.Clone(list), func(s string) bool { return s == old })
	}
	if new != "" {
		list = append(list, new)
	}
	slices.Sort(list)
	return list
}

func (u *User) membership(ref string) int {
	return slices.IndexFunc(u.Groups, func(m Membership) bool { return m.Group.String() == ref })
}

func (u *User) makeMembership(c Change) {
	if i := u.membership(c.Ref); i >= 0 && c.New == "" {
		u.Groups = slices.Delete(u.Groups, i, i+1)
	}
	if c.New != "" {
		id, _ := ParseID(c.Ref)
		u.Groups = append(u.Groups, Membership{Group: id, Path: c.New})
	}
}

func exchangeDelegate(list []Delegate, c Change) []Delegate {
	if c.Old != "" {
		list = slices.DeleteFunc(list, func(d Delegate) bool { return d.ID.String() == c.Ref })
	}
	if c.New != "" {
		id, _ := ParseID(c.Ref)
		list = append(list, Delegate{ID: id, Address: c.New})
	}
	return list
}

func (u *User) makeAttribute(name, value string) {
	u.Attributes = slices.DeleteFunc(u.Attributes, func(a Attribute) bool { return fold(a.Name) == fold(name) })
	if value != "" {
		u.Attributes = append(u.Attributes, Attribute{name, value})
	}
}

// attribute returns the value of an attribute, and whether there is one.
func (u *User) attribute(name string) (Attribute, bool) {
	for _, a := range u.Attributes {
		if fold(a.Name) == fold(name) {
			return a, true
		}
	}
	return Attribute{}, false
}

// joinGroup returns the changes by which the user becomes a member of a group
// with a note.
func (u *User) joinGroup(g *Group, note string) (changes []Change) {
	ref, old := g.ID.String(), ""
	if i := u.membership(ref); i >= 0 {
		old = u.Groups[i].Note
	} else {
		changes = append(changes, Change{Field: ChangeGroup, New: g.Path, Ref: ref})
	}
	if old != note {
		changes = append(changes, Change{Field: ChangeNote, Old: old, New: note, Ref: ref})
	}
	return changes
}

// LeaveGroup returns the changes by which the user leaves a group.
func (u *User) LeaveGroup(group string) (changes []Change) {
	i := u.membership(group)
	if i < 0 {
		return nil
	}
	if note := u.Groups[i].Note; note != "" {
		changes = append(changes, Change{Field: ChangeNote, Old: note, Ref: group})
	}
	return append(changes, Change{Field: ChangeGroup, Old: u.Groups[i].Path, Ref: group})
}
