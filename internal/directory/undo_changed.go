package directory

import (
	"cmp"
	"slices"
	"strings"

	"muster/internal/mailaddr"
)

// compareChanged finds what of the row's changes is still to be taken back, in
// reverse order.
func (j *undoJudge) compareChanged(u *Undo) {
	for _, c := range slices.Backward(net(u.Made)) {
		if c.Field == ChangePassword {
			j.comparePassword(u, c)
			continue
		}
		if j.compareAccount(u, c) {
			continue
		}
		switch now := j.value(u.User, c); {
		case now == c.New:
			u.Changes = append(u.Changes, c.Reverse())
		case now == c.Old:
		default:
			u.keep("%s is %q now; the import set it to %q", c.Field, now, c.New)
		}
	}
	j.comparePrimary(u)
}

// net joins changes of one thing into one, from the first value to the last.
func net(changes []Change) (list []Change) {
	at := map[string]int{}
	for _, c := range changes {
		key := c.Field + " " + c.Ref
		if c.Field == ChangeAlias || c.Field == ChangeAccount {
			key += c.Old + c.New
		}
		if i, known := at[key]; known {
			list[i].New = c.New
			continue
		}
		at[key] = len(list)
		list = append(list, c)
	}
	return slices.DeleteFunc(list, func(c Change) bool {
		_, _, password := c.setsAccountPassword()
		return c.Old == c.New && c.Field != ChangePassword && !password
	})
}

// comparePassword tells by the time at which a password was set whether it is
// still the import's.
func (j *undoJudge) comparePassword(u *Undo, c Change) {
	switch {
	case !j.passwordHolds(u):
		u.keep("the password was changed since")
	case u.Former == nil:
		u.bar("the former password is no longer kept")
	case u.Former.Hash == "":
		u.Changes = append(u.Changes, Change{Field: ChangePassword, Old: c.New})
	default:
		u.Changes = append(u.Changes, Change{Field: ChangePassword, Old: c.New, New: "(former)"})
	}
}

// value is what a user has of the thing that a change concerns.
func (j *undoJudge) value(u *User, c Change) string {
	if f, ok := fieldByName[c.Field]; ok {
		return u.Values[f]
	}
	if name, ok := c.IsAttribute(); ok {
		a, _ := u.attribute(name)
		return a.Value
	}
	if key, f, ok := AccountOf(c.Field); ok {
		a, _ := u.Account(key)
		return a.Values[f]
	}
	has := false
	isRef := func(d Delegate) bool { return d.ID.String() == c.Ref }
	switch c.Field {
	case ChangeAlias:
		has = slices.Contains(u.Aliases, cmp.Or(c.New, c.Old))
	case ChangeGroup:
		has = u.membership(c.Ref) >= 0
	case ChangeNote:
		if i := u.membership(c.Ref); i >= 0 {
			return u.Groups[i].Note
		}
	case ChangeDelegate:
		has = slices.ContainsFunc(u.Delegates, isRef)
	case ChangeAccount:
		has = u.account(AccountNamed(cmp.Or(c.New, c.Old))) != nil
	case ChangeOpener:
		has = slices.ContainsFunc(u.OpenedBy, isRef)
	}
	if has {
		return cmp.Or(c.New, c.Old)
	}
	return ""
}

// comparePrimary keeps a row where an alias that it gave or took has become the
// primary address since.
func (j *undoJudge) comparePrimary(u *Undo) {
	before, after := "", ""
	for _, c := range u.Made {
		if c.Field == specs[Address].Name {
			before, after = c.Old, c.New
		}
	}
	primary := u.User.Values[Address]
	for _, c := range u.Made {
		given, taken := c.New == primary && primary != before, c.Old == primary && primary != after
		if c.Field == ChangeAlias && (given || taken) {
			u.keep("%s is the primary address now", primary)
		}
	}
}

// possible bars an undo that would need what is gone or somebody else's.
func (j *undoJudge) possible(u *Undo) {
	for _, c := range u.Changes {
		if c.New == "" {
			continue
		}
		switch c.Field {
		case specs[Address].Name, ChangeAlias:
			j.addressFree(u, c.New)
		case specs[Org].Name:
			if _, ok := j.catalog.Organisation(c.New); !ok {
				u.bar("organisation %s is no longer there", c.New)
			}
		case ChangeGroup:
			if j.group(c) == nil {
				u.bar("the group %s is no longer there", c.New)
			}
		case ChangeDelegate, ChangeOpener:
			if j.other(c) == nil {
				u.bar("%s is no longer there", c.New)
			}
		}
	}
}

func (j *undoJudge) group(c Change) *Group {
	id, _ := ParseID(c.Ref)
	return j.catalog.groups[id]
}

func (j *undoJudge) other(c Change) *User {
	id, _ := ParseID(c.Ref)
	return j.snap.Users[id]
}

func (j *undoJudge) addressFree(u *Undo, address string) {
	a, err := mailaddr.Parse(address)
	if err != nil {
		u.bar("%s is no address any more", address)
		return
	}
	if _, ok := j.catalog.Domain(a.Domain); !ok {
		u.bar("the domain %s is no longer in the directory", mailaddr.DisplayDomain(a.Domain))
		return
	}
	if owner, taken := j.snap.Owners[a.Key()]; taken && owner.UserID != u.ID {
		u.bar("%s", strings.TrimSuffix(takenBy(a.Display(), owner).Message, "."))
	}
}
