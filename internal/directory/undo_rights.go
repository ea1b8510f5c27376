package directory

import "slices"

// An undo takes the same rights over a user as an import does.

// mayRemove bars an undo that would remove a user over whom the actor may not.
func (j *undoJudge) mayRemove(u *Undo) {
	j.mayTouch(u)
	if !j.actor.Outranks(u.User.Values[Role]) {
		u.bar("%s has the role %s, which may do what the role %s may not", u.User.Values[Address], u.User.Values[Role], j.actor.Role)
	}
	if j.isSelf(u) {
		u.bar("it is your own account")
	}
}

func (j *undoJudge) isSelf(u *Undo) bool { return !j.actor.ID.IsZero() && j.actor.ID == u.ID }

func (j *undoJudge) mayTouch(u *Undo) {
	user := u.User
	if !j.actor.mayIn(j.catalog, UsersEdit, user.Values[Org]) {
		u.bar("your rights do not cover organisation %s", user.Values[Org])
	}
	if isProtected(user.Values[Role]) && !isProtected(j.actor.Role) {
		u.bar("%s has the protected role %s, and the role %s does not change such administrators", user.Values[Address], user.Values[Role], j.actor.Role)
	}
}

// guarded are the changes that protect an administrator who may do what the
// actor may not.
var guarded = []string{ChangePassword, ChangeAlias, ChangeDelegate, ChangeOpener, specs[Locked].Name, specs[Role].Name,
	specs[Status].Name, specs[Address].Name, specs[Org].Name, specs[NeverExpires].Name}

// ownAccount are the changes by which administrators could shut themselves out.
var ownAccount = []string{specs[Locked].Name, specs[Status].Name, specs[Role].Name, specs[Org].Name}

func (j *undoJudge) mayReverse(u *Undo) {
	if len(u.Changes) == 0 {
		return
	}
	j.mayTouch(u)
	role := u.User.Values[Role]
	for _, c := range u.Changes {
		if slices.Contains(guarded, c.Field) && !j.actor.Outranks(role) {
			u.bar("%s has the role %s, which may do what the role %s may not", u.User.Values[Address], role, j.actor.Role)
		}
		if slices.Contains(ownAccount, c.Field) && j.isSelf(u) {
			u.bar("it is your own account, which you can neither lock, delete, move nor demote")
		}
		j.mayChange(u, c)
	}
}

// mayChange bars a change that takes a right of its own.
func (j *undoJudge) mayChange(u *Undo, c Change) {
	switch c.Field {
	case specs[Role].Name:
		if !j.actor.Outranks(c.New) {
			u.bar("the role %s does not give the role %s", j.actor.Role, c.New)
		}
	case specs[Org].Name:
		if u.Action != Join && !(j.actor.mayIn(j.catalog, UsersMove, c.Old) && j.actor.mayIn(j.catalog, UsersMove, c.New)) {
			u.bar("the role %s does not move users between organisations %s and %s", j.actor.Role, c.Old, c.New)
		}
	case ChangeGroup, ChangeNote:
		j.mayGroup(u, c)
	case ChangeDelegate, ChangeOpener:
		other := j.other(c)
		if c.New != "" && other != nil && !(j.actor.mayIn(j.catalog, UsersEdit, other.Values[Org]) && j.actor.Outranks(other.Values[Role])) {
			u.bar("your rights do not cover %s", other.Values[Address])
		}
	}
}

func (j *undoJudge) mayGroup(u *Undo, c Change) {
	g := j.group(c)
	switch {
	case g == nil:
	case g.Origin == "directory":
		u.bar("the group %s comes from directory synchronisation", g.Path)
	case u.Action != Join && !j.actor.mayIn(j.catalog, GroupsEdit, g.Org) && !j.actor.mayIn(j.catalog, UsersEdit, g.Org):
		u.bar("the group %s belongs to organisation %s, which your rights do not cover", g.Path, g.Org)
	}
}
