package directory

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"muster/internal/issue"
)

// compareStatus judges the user's way through the statuses: leaver, joiner,
// disabled, deleted and back.
func (c *judgement) compareStatus() {
	wanted := c.r.Values[Status]
	switch {
	case c.creating:
		c.statusOfNew(wanted)
	case c.u.Values[Status] == "leaver" && c.joins():
		c.join()
	case wanted == "" || wanted == c.u.Values[Status]:
	case wanted == "leaver":
		c.markLeaver()
	case wanted == "deleted":
		c.delete()
	case wanted == "inactive":
		c.r.report(specs[Status].Name, notInactive())
	case wanted == "active" && c.u.Values[Status] == "leaver":
		c.r.report(specs[Status].Name, c.joinsByID(StatusWrong))
	default:
		c.enable(wanted)
	}
}

// notInactive refuses what only the passing of time makes of a user.
func notInactive() issue.Issue {
	return StatusWrong.New(`The status "inactive" cannot be set: it comes by itself when a mailbox is not used.`).
		Suggest("leave the cell blank, or write disabled")
}

// enable makes a user active or disabled. For an administrator the one is a
// lock and the other lifts it.
func (c *judgement) enable(wanted string) {
	if c.guard(specs[Status].Name) {
		c.denySelf(wanted == "disabled", Status)
		c.set(Status, wanted)
	}
}

func (c *judgement) statusOfNew(wanted string) {
	switch {
	case wanted == "deleted", wanted == "leaver" && !c.exported():
		c.r.report(specs[Status].Name, UserUnknown.New("No user fits the row who could become %s.", wanted))
	case wanted == "inactive" && !c.exported():
		c.r.report(specs[Status].Name, notInactive())
	default:
		c.setGiven(Status)
	}
}

// exported reports whether the new user comes from another Muster, which has given them
// an id. A leaver without one is rather somebody here whose address is mistyped.
func (c *judgement) exported() bool { return c.rules.Exports && c.creating && !c.id.IsZero() }

// joins reports whether the record takes a leaver back or over. A blank status
// that would, but for the want of an ID, is worth a warning.
func (c *judgement) joins() bool {
	wanted := c.r.Values[Status]
	if wanted != "active" && (wanted != "" || !c.rules.JoinBlank) {
		return false
	}
	for _, by := range c.rules.JoinBy {
		if by == "id" && c.id == c.u.ID || by == "address" && c.key != "" {
			return true
		}
	}
	if wanted == "" {
		c.r.report(specs[LocalID].Name, c.joinsByID(JoinerByID))
	}
	return false
}

func (c *judgement) joinsByID(code *issue.Code) issue.Issue {
	return code.New("%s is a leaver, and the Local ID alone does not take a leaver back.", c.u.Values[Address]).
		Suggest("to take the user back, give the ID %s", c.u.ID)
}

// receiving is the organisation that takes a joiner over.
func (c *judgement) receiving() string {
	if c.r.Values[Org] != "" {
		return c.r.Values[Org]
	}
	return c.u.Values[Org]
}

// join moves a leaver to the organisation of the row: with address and mail,
// without the old organisation's groups, delegates and local id.
func (c *judgement) join() {
	if c.rules.SameLastName && fold(c.r.Values[Last]) != fold(c.u.Values[Last]) {
		c.r.report(specs[Last].Name, JoinerName.New("%s is a leaver by the name of %q, not %q.",
			c.u.Values[Address], c.u.Values[Last], c.r.Values[Last]))
	}
	c.reportJoin()
	c.set(Status, "active")
	c.moveTo(c.receiving())
	if c.r.Values[MailboxGB] == "" {
		c.set(MailboxGB, strconv.Itoa(c.catalog.Settings(c.receiving()).MailboxGB))
	}
}

// reportJoin says what the row does: "User already exists in Leaver state and
// will be moved to given Organisation."
func (c *judgement) reportJoin() {
	i := Joins.New("User already exists in Leaver state and will be moved to given Organisation: %s from %s to %s.",
		c.u.Values[Address], c.u.Values[Org], c.receiving())
	if c.u.Values[Org] == c.receiving() {
		i = Joins.New("User already exists in Leaver state and will be taken back: %s of %s.", c.u.Values[Address], c.u.Values[Org])
	}
	c.r.report(specs[Status].Name, i)
}

// moveTo changes the user's organisation and takes away what was the old one's.
func (c *judgement) moveTo(org string) {
	old := c.u.Values[Org]
	if org == old {
		return
	}
	c.set(Org, org)
	c.set(LocalID, "")
	for _, m := range slices.Clone(c.u.Groups) {
		if g := c.catalog.groups[m.Group]; g == nil || !c.catalog.Within(org, g.Org) {
			c.leaveGroup(m)
		}
	}
	for _, d := range slices.Clone(c.u.Delegates) {
		c.change(Change{Field: ChangeDelegate, Old: d.Address, Ref: d.ID.String()})
	}
	for _, d := range slices.Clone(c.u.OpenedBy) {
		c.change(Change{Field: ChangeOpener, Old: d.Address, Ref: d.ID.String()})
	}
}

func (c *judgement) markLeaver() {
	c.denySelf(true, Status)
	c.set(Status, "leaver")
	if c.u.Values[Role] != "" {
		c.guard(specs[Role].Name)
		c.set(Role, "")
	}
}

func (c *judgement) delete() {
	c.denySelf(true, Status)
	if role := c.u.Values[Role]; role != "" {
		c.r.report(specs[Status].Name, DeleteRole.New("%s has the role %s and is not deleted.", c.u.Values[Address], role))
	}
	if c.u.Values[Origin] == "directory" {
		c.r.report(specs[Status].Name, DeleteSource.New("%s comes from directory synchronisation and is not deleted here.", c.u.Values[Address]))
	}
	c.set(Status, "deleted")
}

// compareOrg moves a user, or says why not. Joiners have moved already.
func (c *judgement) compareOrg() {
	if c.creating {
		c.set(Org, c.org.Code)
		return
	}
	wanted := c.r.Values[Org]
	if wanted == "" || wanted == c.u.Values[Org] {
		return
	}
	if !c.rules.Moves {
		c.r.report(specs[Org].Name, OrgOther.New("%s belongs to organisation %s, not %s, and is no leaver there.",
			c.u.Values[Address], c.u.Values[Org], wanted))
		return
	}
	if c.mayMove(wanted) && c.guard(specs[Org].Name) {
		c.denySelf(true, Org)
		c.moveTo(wanted)
	}
}

// mayMove reports whether the actor may move users from the one organisation
// and to the other, and says so where not.
func (c *judgement) mayMove(to string) bool {
	if !c.actor.May(UsersMove) {
		c.r.report(specs[Org].Name, NotAllowed.New("%s belongs to organisation %s, and the role %s does not move users between organisations.",
			c.u.Values[Address], c.u.Values[Org], c.actor.Role))
		return false
	}
	for _, org := range []string{c.u.Values[Org], to} {
		if !c.may(UsersMove, org) {
			c.r.report(specs[Org].Name, OrgForbidden.New("Your rights do not cover organisation %s.", org))
			return false
		}
	}
	return true
}

// may reports whether the actor may do something in an organisation. Whoever
// may plan imports may plan changes that only others may then apply.
func (c *judgement) may(p Permission, org string) bool {
	return c.actor.mayIn(c.catalog, p, org) || c.options.Planning && c.actor.mayIn(c.catalog, ImportsPlan, org) && p == UsersEdit
}

// mayTouch reports whether the actor may change this user at all, and says so
// where not.
func (c *judgement) mayTouch() bool {
	org := c.touchedOrg()
	if c.may(c.needed(), org) {
		return c.needed() != UsersEdit || c.mayTouchProtected()
	}
	if !c.actor.May(c.needed()) && !c.options.Planning {
		c.r.report("", c.actor.Lacks(c.needed()))
	} else {
		c.r.report(specs[Org].Name, OrgForbidden.New("Your rights do not cover organisation %s.", org))
	}
	return false
}

// mayTouchProtected keeps administrators without a protected role from changing
// anything of one who has such a role.
func (c *judgement) mayTouchProtected() bool {
	if c.creating || !isProtected(c.u.Values[Role]) || isProtected(c.actor.Role) {
		return true
	}
	c.r.report(c.namedBy(), Protected.New("%s has the protected role %s, and the role %s does not change such administrators.",
		c.u.Values[Address], c.u.Values[Role], c.actor.Role))
	return false
}

// touchedOrg is the organisation in which the right to make the change counts.
func (c *judgement) touchedOrg() string {
	switch {
	case c.creating:
		return c.org.Code
	case c.u.Values[Status] == "leaver" && c.r.Values[Status] != "leaver" && c.joinsQuietly(c.u):
		return c.receiving()
	}
	return c.u.Values[Org]
}

// joinsQuietly is joins, of a user, without a word.
func (c *judgement) joinsQuietly(u *User) bool {
	quiet, r := *c, *c.r
	quiet.r, quiet.u = &r, u
	return quiet.joins()
}

// needed is the permission that the record as a whole takes: a record that only
// sets a password or lifts a lock takes less than one that changes a user.
func (c *judgement) needed() Permission {
	if c.creating {
		return UsersEdit
	}
	rest := *c.r
	password := rest.Password != "" || rest.Generate
	rest.Values[Address], rest.Values[Org] = "", ""
	if password {
		rest.Values[MustChange] = ""
	}
	unlock := rest.Values[Locked] == "false"
	if unlock {
		rest.Values[Locked] = ""
	}
	switch {
	case rest.wantsMore():
		return UsersEdit
	case password:
		return UsersPassword
	case unlock:
		return UsersUnlock
	}
	return UsersEdit
}

// wantsMore reports whether the record sets any field or list.
func (r *Record) wantsMore() bool {
	lists := len(r.Attributes)
	for _, l := range []List{r.Aliases, r.Delegates, r.Groups} {
		lists += len(l.Items) + len(l.Without)
	}
	return r.Values != [numFields]string{} || r.Cleared != [numFields]bool{} || r.RenameTo != "" || r.Account != nil || lists > 0
}

// guard refuses to change what protects an administrator who may do what the
// actor may not: password, lock, role, aliases, delegates.
func (c *judgement) guard(name string) bool { return c.guardAt(c.r.heading(name)) }

func (c *judgement) guardAt(column string) bool {
	if c.creating || c.actor.Outranks(c.v.User.Values[Role]) {
		return true
	}
	c.r.reportAt(column, Protected.New("%s has the role %s, which may do what the role %s may not.",
		c.u.Values[Address], c.v.User.Values[Role], c.actor.Role))
	return false
}

// denySelf refuses what an administrator must not do to their own account.
func (c *judgement) denySelf(denied bool, f Field) {
	if denied && !c.creating && !c.actor.ID.IsZero() && c.actor.ID == c.u.ID {
		c.r.report(specs[f].Name, OwnAccount.New("%s is your own account, which you can neither lock, delete, move nor demote.", c.u.Values[Address]))
	}
}

// compareAccess judges the flags and the role.
func (c *judgement) compareAccess() {
	if (c.changes(Locked) || c.liftsLockOut()) && c.guard(specs[Locked].Name) {
		c.denySelf(c.r.Values[Locked] == "true", Locked)
		c.setGiven(Locked)
		if c.liftsLockOut() {
			c.change(Change{Field: ChangeLockOut, Old: c.u.LockedUntil.Format(time.RFC3339)})
		}
	}
	c.setGiven(Pop)
	c.setGiven(Submit)
	if c.changes(NeverExpires) && c.guard(specs[NeverExpires].Name) {
		c.setGiven(NeverExpires)
	}
	if c.changes(Role) {
		c.compareRole(c.r.Values[Role])
	}
}

// liftsLockOut reports whether the record lets somebody in who is locked out for a
// time. A file does not: it tells what is to be, and a lock-out passes.
func (c *judgement) liftsLockOut() bool {
	return c.rules.LiftsLockOut && c.r.Values[Locked] == "false" && !c.u.LockedUntil.IsZero()
}

// changes reports whether the record would change a field.
func (c *judgement) changes(f Field) bool {
	return c.r.Given(f) && c.r.Values[f] != c.u.Values[f]
}

func (c *judgement) compareRole(wanted string) {
	name := specs[Role].Name
	if !c.guard(name) {
		return
	}
	c.denySelf(true, Role)
	switch {
	case c.u.Values[Status] == "leaver":
		c.r.report(name, RoleOfLeaver.New("A leaver cannot have the role %s.", wanted))
	case c.rules.RolesByFile && !c.actor.May(RolesByFile):
		c.r.report(name, RoleByFile.New("The role %s does not change roles by file; only a Master administrator does.", c.actor.Role))
	case c.rules.RolesByFile && wanted != "" && !slices.Contains(rolesOfFiles, wanted) && c.exported():
		c.r.report(name, RoleLeftOut.New("The role %s is left out: a file gives %s only.", wanted, strings.Join(rolesOfFiles, ", ")))
	case c.rules.RolesByFile && wanted != "" && !slices.Contains(rolesOfFiles, wanted):
		c.r.report(name, RoleByFile.New("A file does not give the role %s; it gives %s only.", wanted, strings.Join(rolesOfFiles, ", ")))
	case !c.actor.May(RolesGive) || !c.actor.Outranks(wanted):
		c.r.report(name, NotAllowed.New("The role %s does not give the role %s.", c.actor.Role, wanted))
	default:
		c.setGiven(Role)
	}
}
