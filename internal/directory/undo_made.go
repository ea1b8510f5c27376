package directory

import (
	"cmp"
	"context"
	"fmt"
	"slices"
)

// compareMade keeps a user whom the row made and of whom anything was changed
// since, or who has signed in, sent or received mail.
func (j *undoJudge) compareMade(ctx context.Context, u *Undo) error {
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
	return j.compareLists(ctx, u, made)
}

// sameValue compares values as the database keeps them: no number is 0.
func sameValue(f Field, made, now string) bool {
	return made == now || specs[f].Kind == Number && cmp.Or(made, "0") == cmp.Or(now, "0")
}

func (j *undoJudge) passwordHolds(u *Undo) bool {
	t := j.traces[u.ID]
	return t.At.Equal(t.PasswordAt)
}

func (j *undoJudge) compareLists(ctx context.Context, u *Undo, made *User) error {
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
	if !slices.Equal(accounts(made), accounts(now)) {
		u.keep("the e-mail accounts were changed since")
	}
	there, err := j.stillThere(ctx, made, now)
	if !slices.Equal(delegates(there), delegates(now.Delegates)) {
		u.keep("the delegates were changed since")
	}
	for _, d := range now.OpenedBy {
		if !j.opensByImport(d.ID, now.ID) {
			u.keep("%s may open the mailbox since", d.Address)
		}
	}
	return err
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

func accounts(u *User) (list []string) {
	for _, a := range u.Accounts {
		list = append(list, fmt.Sprintf("%s %q", a.AccountKey, a.Values))
	}
	return list
}

// stillThere leaves out the delegates who are gone: one whom the same import
// made and whom its undo has removed, or will have removed, is no change of this user.
func (j *undoJudge) stillThere(ctx context.Context, made, now *User) (list []Delegate, err error) {
	for _, d := range made.Delegates {
		has := slices.ContainsFunc(now.Delegates, func(other Delegate) bool { return other.ID == d.ID })
		if t := (Trace{}); !has {
			t, err = j.trace(ctx, d.ID)
			has = j.snap.Users[d.ID] != nil && !(t.Action == Create && j.foreseen.leaves(t.Row))
		}
		if has {
			list = append(list, d)
		}
	}
	return list, err
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
