package directory

import (
	"cmp"
	"slices"
)

// compareMade keeps a user whom the row made and of whom anything was changed
// since, or who has signed in, sent or received mail.
func (j *undoJudge) compareMade(u *Undo) {
	made, now := (&Deed{Changes: u.Made}).after(), u.User
	if !now.UsedAt.IsZero() {
		u.keep("%s has signed in, sent or received mail since", now.Values[Address])
	}
	for f := range specs {
		if !sameValue(Field(f), made.Values[f], now.Values[f]) {
			u.keep("%s is %q now; the import set it to %q", specs[f].Name, now.Values[f], made.Values[f])
		}
	}
	if now.HasPassword != setsPassword(u.Made) || now.HasPassword && !u.untouched(now) && !j.passwordHolds(u) {
		u.keep("the password was changed since")
	}
	j.compareLists(u, made)
}

// sameValue compares values as the database keeps them: no number is 0.
func sameValue(f Field, made, now string) bool {
	return made == now || specs[f].Kind == Number && cmp.Or(made, "0") == cmp.Or(now, "0")
}

func (j *undoJudge) passwordHolds(u *Undo) bool {
	t := j.traces[u.ID]
	return t.At.Equal(t.PasswordAt)
}

func (j *undoJudge) compareLists(u *Undo, made *User) {
	now := u.User
	slices.Sort(made.Aliases)
	if !slices.Equal(made.Aliases, slices.Sorted(slices.Values(now.Aliases))) {
		u.keep("the aliases were changed since")
	}
	if !slices.Equal(memberships(made), memberships(now)) {
		u.keep("the groups or their notes were changed since")
	}
	if !slices.Equal(attributes(made), attributes(now)) {
		u.keep("the attributes were changed since")
	}
	if !slices.Equal(delegates(j.stillThere(made.Delegates)), delegates(now.Delegates)) {
		u.keep("the delegates were changed since")
	}
	for _, d := range now.OpenedBy {
		if !j.opensByImport(d.ID, now.ID) {
			u.keep("%s may open the mailbox since", d.Address)
		}
	}
}

func memberships(u *User) (list []string) {
	for _, m := range u.Groups {
		list = append(list, m.Group.String()+" "+m.Note)
	}
	slices.Sort(list)
	return list
}

func attributes(u *User) (list []string) {
	for _, a := range u.Attributes {
		list = append(list, fold(a.Name)+"="+a.Value)
	}
	slices.Sort(list)
	return list
}

// stillThere leaves out the delegates who are gone: one whom the same import
// made and whom its undo has removed is no change of this user.
func (j *undoJudge) stillThere(list []Delegate) []Delegate {
	return slices.DeleteFunc(slices.Clone(list), func(d Delegate) bool { return j.snap.Users[d.ID] == nil })
}

func delegates(list []Delegate) (ids []string) {
	for _, d := range list {
		ids = append(ids, d.ID.String())
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// opensByImport reports whether a row of the import lets one user open the
// mailbox of another.
func (j *undoJudge) opensByImport(opener, mailbox ID) bool {
	return slices.ContainsFunc(j.traces[opener].Changes, func(c Change) bool {
		return c.Field == ChangeDelegate && c.New != "" && c.Ref == mailbox.String()
	})
}
