package directory

import (
	"cmp"
	"slices"

	"muster/internal/issue"
	"muster/internal/suggest"
)

// match finds the record's user in the order of the rules. It is settled where
// no user may be made or changed because of what was found; the reason is then
// reported.
func (c *judgement) match() (u *User, settled bool) {
	by := ""
	for _, name := range c.rules.Match {
		found := c.candidate(name)
		if found == nil {
			continue
		}
		if u != nil && found.ID != u.ID {
			c.reportAmbiguous(by, u, name, found)
			return nil, true
		}
		if u == nil {
			u, by = found, name
		}
	}
	if u == nil && c.rules.GenerateAddress {
		u = cmp.Or(c.twin(), c.madeBefore())
	}
	if u == nil || c.hidesUser(u) {
		return nil, u == nil && c.blocked()
	}
	return u, !c.agrees(u)
}

// hidesUser reports whether the user whom the record names is beyond what the actor may read.
// A leaver may be taken over from anywhere, into an organisation that is named; a clash of
// addresses tells who has it.
func (c *judgement) hidesUser(u *User) bool {
	if c.rules.OnlyNew || !c.hides(u.Values[Org]) {
		return false
	}
	return u.Values[Status] != "leaver" || c.r.Values[Org] == "" || !c.joinsQuietly(u)
}

// candidate is the user whom one of the record's values names.
func (c *judgement) candidate(by string) *User {
	switch by {
	case "id":
		return c.byID()
	case "address":
		return c.byAddress()
	}
	return c.byLocalID()
}

func (c *judgement) byID() *User {
	if c.r.ID == "" {
		return nil
	}
	u := c.snap.Users[c.id]
	if u == nil {
		code := IDNotFound
		if slices.Contains(c.rules.Match, "address") {
			code = IDUnknown
		}
		i := code.New("There is no user with the ID %q.", c.r.ID)
		if code == IDUnknown {
			i = code.New("There is no user with the ID %q, so the ID is passed over.", c.r.ID)
		}
		c.r.report("id", i)
	}
	return u
}

func (c *judgement) byAddress() *User {
	owner, ok := c.snap.Owners[c.key]
	if !ok || c.key == "" || owner.Kind != KindPrimary && !c.renamed(owner) {
		return nil
	}
	return c.snap.Users[owner.UserID]
}

// renamed reports whether the row's change of address has been made already, so
// that the address that it gives is now an alias.
func (c *judgement) renamed(owner Owner) bool {
	now, ok := c.snap.Owners[c.rename.Key()]
	return ok && c.r.RenameTo != "" && owner.Kind == KindAlias && now.Kind == KindPrimary && now.UserID == owner.UserID
}

// twin is the user that an earlier import of the very same file made of this
// row: what knows a row again that bears no identity of its own.
func (c *judgement) twin() *User {
	u := c.snap.Users[c.r.Twin]
	if u == nil || u.Values[Status] == "deleted" {
		return nil
	}
	return u
}

// madeBefore is the user whom a results file says that its row made: a results
// file that is mended and sent again makes nobody twice.
func (c *judgement) madeBefore() *User {
	key, ok := addressKey(c.r.MadeAddress)
	if !ok || c.r.ID != "" {
		return nil
	}
	u := c.snap.Users[c.snap.Owners[key].UserID]
	same := u != nil && c.org != nil && u.Values[Org] == c.org.Code && u.Values[Status] != "deleted" &&
		fold(u.Values[Last]) == fold(c.r.Values[Last])
	if !same {
		return nil
	}
	return u
}

func (c *judgement) byLocalID() *User {
	if c.r.Values[LocalID] == "" || c.org == nil {
		return nil
	}
	id, ok := c.snap.Locals[LocalKey{c.org.Code, fold(c.r.Values[LocalID])}]
	if !ok {
		return nil
	}
	return c.snap.Users[id]
}

func (c *judgement) reportAmbiguous(by string, u *User, otherBy string, other *User) {
	c.r.report(otherBy, UserAmbiguous.New("The row names two users: its %s is that of %s, its %s that of %s.",
		c.r.heading(by), u.Values[Address], c.r.heading(otherBy), other.Values[Address]))
}

// namedBy is the value by which the record names its user.
func (c *judgement) namedBy() string {
	switch {
	case c.key != "":
		return specs[Address].Name
	case c.r.ID != "":
		return "id"
	}
	return specs[LocalID].Name
}

// told reports whether an error of one of the values has been told already.
func (r *Record) told(names ...string) bool {
	return slices.ContainsFunc(r.Issues, func(i issue.Issue) bool {
		return i.Severity == issue.Error && slices.ContainsFunc(names, func(name string) bool { return r.heading(name) == i.Column })
	})
}

func (r *Record) heading(name string) string {
	if r.Column == nil {
		return name
	}
	return r.Column(name)
}

// blocked reports what keeps a new user from being made for a row that fits
// nobody: an address that is not free.
func (c *judgement) blocked() bool {
	owner, taken := c.snap.Owners[c.key]
	if !taken || c.key == "" || c.rules.Unmatched == DiscardRow && owner.Kind != KindAlias {
		return false
	}
	if !c.rules.OnlyNew && c.hides(owner.Org) {
		return false
	}
	if owner.Kind == KindAlias {
		c.r.report("address", c.ofAlias(owner))
	} else {
		c.r.report("address", takenBy(c.address.Display(), owner))
	}
	return true
}

// agrees checks that the user found is the one that the whole row means.
func (c *judgement) agrees(u *User) bool {
	wanted := c.r.Values[Status]
	restores := wanted == "active" || wanted == "disabled"
	if u.Values[Status] == "deleted" && wanted != "deleted" && (!restores || c.rules.OnlyNew) {
		c.r.report(c.namedBy(), UserDeleted.New("%s was deleted on %s.", u.Values[Address], u.StatusAt.Format("2006-01-02")).
			Suggest("to restore the user, set the status to active with muster user set or with format muster"))
		return false
	}
	if c.key != "" && c.byAddress() == nil {
		c.reportDifferent(u)
		return false
	}
	return true
}

// reportDifferent explains an address that is not that of the user found.
func (c *judgement) reportDifferent(u *User) {
	owner, taken := c.snap.Owners[c.key]
	if taken && owner.Kind == KindAlias {
		c.r.report("address", c.ofAlias(owner))
		return
	}
	c.r.report("address", AddressDiffers.New("The row finds %s, whose address is not %s.", u.Values[Address], c.address.Display()).
		Suggest("to change the address, put %s into the column rename_to", c.address.Display()))
}

func (c *judgement) ofAlias(owner Owner) issue.Issue {
	return AddressOfAlias.New("%s is an alias of %s.", c.address.Display(), owner.Primary).
		Suggest("to mean that user, write %s", owner.Primary)
}

func takenBy(address string, o Owner) issue.Issue {
	switch o.Kind {
	case KindReserved:
		return AddressTaken.New("%s is reserved for the administrators of %s.", address, o.Org)
	case KindFormer:
		return AddressFormer.New("%s belonged to a deleted user and is kept until %s.", address, o.Until.Format("2006-01-02"))
	case KindAlias:
		return AddressTaken.New("%s is an alias of %s.", address, o.Primary)
	}
	return AddressTaken.New("%s is the primary address of a user of organisation %s.", address, o.Org)
}

func withNearest(i issue.Issue, word string, known []string) issue.Issue {
	if near, ok := suggest.Nearest(word, known); ok {
		return i.Suggest("did you mean %s?", near)
	}
	return i
}
