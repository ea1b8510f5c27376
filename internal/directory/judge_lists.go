package directory

import (
	"cmp"
	"slices"

	"muster/internal/issue"
	"muster/internal/mailaddr"
	"muster/internal/suggest"
	"muster/internal/table"
)

// compareAddress settles the primary address: given, generated or changed.
func (c *judgement) compareAddress() {
	switch {
	case !c.creating:
		c.compareRename()
	case c.rename.Local != "":
		c.r.report("rename_to", UserUnknown.New("There is no user whose address could be changed to %s.", c.rename.Display()))
	case c.address.Local != "":
		if c.mayHave(c.address, "address") {
			c.v.Address = c.address.String()
			c.set(Address, c.v.Address)
		}
	case c.rules.GenerateAddress:
		c.generate()
	case c.r.Values[Address] == "" && !c.r.told(specs[Address].Name):
		c.r.report("address", AddressMissing.New("No user fits the row, and a new one needs an address."))
	}
}

// generate finds the stem of the new user's address; its number is settled when
// the other rows are known.
func (c *judgement) generate() {
	from, err := c.source(c.org.Code)
	if err != nil {
		c.r.report("", asIssue(err))
		return
	}
	local, err := from.pattern.Local(c.r.Values[First], c.r.Values[Last])
	if err != nil {
		if !c.r.told(specs[First].Name, specs[Last].Name) {
			c.r.report(specs[Last].Name, asIssue(err))
		}
		return
	}
	c.v.Stem = mailaddr.Address{Local: local, Domain: from.domain}.String()
}

// source is what the addresses of an organisation are generated from.
type source struct {
	domain  string
	pattern mailaddr.Pattern
}

func (j *Judge) source(org string) (s source, err error) {
	if s, known := j.sources[org]; known {
		return s, nil
	}
	s.domain = cmp.Or(j.options.Domain, j.catalog.generationDomain(org))
	d, ok := j.catalog.Domain(s.domain)
	switch usable := ok && j.catalog.usable(d, org); {
	case !usable && s.domain == "":
		return s, DomainNotChosen.New("It is not settled in which domain organisation %s makes addresses.", org).
			Suggest("name it with --domain, or give the organisation one with muster org set %s --default-domain NAME", org)
	case !usable:
		return s, DomainNotChosen.New("Users of organisation %s cannot have addresses in %s.", org, mailaddr.DisplayDomain(s.domain))
	}
	if s.pattern, err = mailaddr.ParsePattern(j.catalog.Settings(org).AddressPattern); err == nil {
		j.sources[org] = s
	}
	return s, err
}

// compareRename changes the primary address and keeps the former one as alias.
func (c *judgement) compareRename() {
	if c.rename.Local == "" || c.rename.String() == c.u.Values[Address] {
		return
	}
	if !c.guard("rename_to") || !c.mayHave(c.rename, "rename_to") {
		return
	}
	owner, taken := c.snap.Owners[c.rename.Key()]
	if taken && owner.UserID != c.u.ID {
		c.r.report("rename_to", takenBy(c.rename.Display(), owner))
		return
	}
	former := c.u.Values[Address]
	formerKey, _ := addressKey(former)
	respelt := formerKey == c.rename.Key()
	if taken && !respelt {
		c.change(Change{Field: ChangeAlias, Old: c.alias(c.rename.Key())})
	}
	c.set(Address, c.rename.String())
	if !respelt {
		c.change(Change{Field: ChangeAlias, New: former})
	}
	c.v.Address = c.u.Values[Address]
}

// mayHave reports an address that is new to the user and whose domain they cannot
// have; it warns of one that is not what it looks like.
func (c *judgement) mayHave(a mailaddr.Address, column string) bool {
	return c.mayHaveAt(a, c.r.heading(column))
}

func (c *judgement) mayHaveAt(a mailaddr.Address, column string) bool {
	d, ok := c.catalog.Domain(a.Domain)
	if !ok || !c.known(d) {
		i := DomainUnknown.New("The domain %s is not in the directory.", mailaddr.DisplayDomain(a.Domain))
		c.r.reportAt(column, c.nearestDomain(i, a.Domain))
		return false
	}
	if !c.catalog.usable(d, c.u.Values[Org]) {
		i := DomainForeign.New("The domain %s belongs to organisation %s; users of %s cannot have addresses in it.",
			mailaddr.DisplayDomain(a.Domain), d.Org, c.u.Values[Org])
		if c.creating && c.r.Values[Org] == "" {
			i = i.Suggest("name the user's organisation with --org, or in a column org")
		}
		c.r.reportAt(column, i)
		return false
	}
	c.warnOfLetters(a, column)
	return true
}

func (c *judgement) nearestDomain(i issue.Issue, domain string) issue.Issue {
	shown := mailaddr.DisplayDomain(domain)
	if plain := mailaddr.Plain(shown); plain != shown {
		return i.Suggest("%s holds letters of another alphabet that look like Latin ones: %s?", shown, plain)
	}
	if near, ok := suggest.Nearest(shown, c.catalog.domainNames(c.known)); ok {
		return i.Suggest("%s → %s?", shown, near)
	}
	return i
}

// known reports whether a domain may be named to whoever wants the changes.
func (c *judgement) known(d *Domain) bool {
	return !c.rules.ByHand || c.catalog.KnowsDomain(c.actor, d.Name, c.u.Values[Org])
}

// compareAliases adds the record's aliases, or makes them the only ones. An
// address by which the row finds its user stays one, or the row would not find
// them again.
func (c *judgement) compareAliases() {
	wanted := map[string]bool{}
	if c.rename.Local != "" {
		wanted[c.address.String()] = true
	}
	for _, item := range c.r.Aliases.Items {
		if alias, ok := c.compareAlias(item); ok {
			wanted[alias] = true
		}
	}
	c.withoutAliases()
	if !c.r.Aliases.Only {
		return
	}
	for _, alias := range slices.Clone(c.u.Aliases) {
		if !wanted[alias] && c.guard("alias1") {
			c.change(Change{Field: ChangeAlias, Old: alias})
		}
	}
}

// withoutAliases takes aliases away by name.
func (c *judgement) withoutAliases() {
	for _, item := range c.r.Aliases.Without {
		key, _ := addressKey(item.Text)
		switch alias := c.alias(key); {
		case alias == "":
			c.r.reportAt(item.Column, NotInList.New("%s is no alias of %s.", item.Text, c.u.Values[Address]))
		case c.guardAt(item.Column):
			c.change(Change{Field: ChangeAlias, Old: alias})
		}
	}
}

// compareAlias returns the alias as it is kept, if the user may have it.
func (c *judgement) compareAlias(item Item) (string, bool) {
	a, err := mailaddr.Parse(item.Text)
	if err != nil {
		c.r.reportAt(item.Column, asIssue(err))
		return "", false
	}
	owner, taken := c.snap.Owners[a.Key()]
	if has := c.alias(a.Key()); has != "" {
		return has, true
	}
	switch key, _ := addressKey(c.u.Values[Address]); {
	case key == a.Key():
		c.r.reportAt(item.Column, AliasSelf.New("%s is the user's primary address.", a.Display()))
		return "", false
	case taken && (c.creating || owner.UserID != c.v.ID):
		c.r.reportAt(item.Column, takenBy(a.Display(), owner))
		return "", false
	case !c.mayHaveAt(a, item.Column) || !c.guardAt(item.Column):
		return "", false
	}
	c.change(Change{Field: ChangeAlias, New: a.String()})
	return a.String(), true
}

// alias returns the user's alias that compares equal to an address, or "".
func (c *judgement) alias(key string) string {
	for _, alias := range c.u.Aliases {
		if k, _ := addressKey(alias); k == key {
			return alias
		}
	}
	return ""
}

// compareGroups adds memberships, or makes the record's the only ones.
func (c *judgement) compareGroups() {
	wanted := map[ID]bool{}
	if g := c.optionGroup(); g != nil {
		wanted[g.ID] = true
	}
	for _, item := range c.r.Groups.Items {
		if g, ok := c.findGroup(item); ok {
			wanted[g.ID] = true
			c.joinGroup(g, c.noteOf(g))
		}
	}
	for _, item := range c.r.Groups.Without {
		c.withoutGroup(item)
	}
	if c.r.Groups.Only {
		for _, m := range slices.Clone(c.u.Groups) {
			if g := c.catalog.groups[m.Group]; !wanted[m.Group] && g != nil && c.mayGroup(g, c.r.heading("group1")) {
				c.leaveGroup(m)
			}
		}
	}
	c.joinOptionGroup()
}

// withoutGroup takes the user out of a group by its path.
func (c *judgement) withoutGroup(item Item) {
	g, ok := c.findGroup(item)
	if !ok {
		return
	}
	at := c.u.membership(g.ID.String())
	switch {
	case at < 0:
		c.r.reportAt(item.Column, NotInList.New("%s is no member of the group %s.", c.u.Values[Address], g.Path))
	case c.mayGroup(g, item.Column):
		c.leaveGroup(c.u.Groups[at])
	}
}

// noteOf is the note of the import where a row names the import's own group.
func (c *judgement) noteOf(g *Group) string {
	if g.ID.String() == c.options.Group {
		return c.options.Note
	}
	return ""
}

// findGroup finds the group of a path: "looked up in the user's organisation, then in
// each above it". One that the user is in already is found wherever it is; in what may be
// an export it is meant even where another of that path is nearer.
func (c *judgement) findGroup(item Item) (*Group, bool) {
	g, ok := c.catalog.Group(c.u.Values[Org], item.Text)
	ok = ok && !c.hides(g.Org)
	if ok && c.u.membership(g.ID.String()) >= 0 {
		return g, true
	}
	own := c.ownGroup(item.Text)
	switch {
	case own != nil && !ok:
		return own, true
	case own != nil && c.rules.Exports:
		c.r.reportAt(item.Column, GroupNamesake.New("%s is in the group %s of organisation %s, so that of %s is not joined.", c.u.Values[Address], own.Path, own.Org, g.Org).
			Suggest("if that is meant: muster group member add %q %s --org %s", g.Path, c.u.Values[Address], g.Org))
		return own, true
	case !ok:
		i := GroupUnknown.New("There is no group %q.", item.Text)
		c.r.reportAt(item.Column, withNearest(i, item.Text, c.catalog.groupPaths(c.horizon(), c.u.Values[Org])))
		return nil, false
	}
	return g, c.mayGroup(g, item.Column)
}

// ownGroup is the group of a path that the user is in, or nil.
func (c *judgement) ownGroup(path string) *Group {
	for _, m := range c.u.Groups {
		if g := c.catalog.groups[m.Group]; g != nil && fold(g.Path) == fold(path) {
			return g
		}
	}
	return nil
}

func (c *judgement) mayGroup(g *Group, column string) bool {
	if g.Origin == "directory" {
		c.r.reportAt(column, GroupReadOnly.New("The group %s comes from directory synchronisation.", g.Path))
		return false
	}
	if !c.may(GroupsEdit, g.Org) && !c.may(UsersEdit, g.Org) {
		c.r.reportAt(column, OrgForbidden.New("The group %s belongs to organisation %s, which your rights do not cover.", g.Path, g.Org))
		return false
	}
	return true
}

func (c *judgement) joinGroup(g *Group, note string) {
	if c.u.membership(g.ID.String()) < 0 {
		c.changeAll(c.u.joinGroup(g, note))
	}
}

func (c *judgement) leaveGroup(m Membership) { c.changeAll(c.u.LeaveGroup(m.Group.String())) }

func (c *judgement) changeAll(changes []Change) {
	for _, ch := range changes {
		c.change(ch)
	}
}

// optionGroup is the group that was chosen for the whole import, or nil.
func (c *judgement) optionGroup() *Group {
	if c.options.Group == "" {
		return nil
	}
	id, _ := ParseID(c.options.Group)
	return c.catalog.groups[id]
}

// joinOptionGroup puts the user into the group that was chosen for the whole
// import. A membership that is replaced takes the import's note.
func (c *judgement) joinOptionGroup() {
	g := c.optionGroup()
	if g == nil {
		return
	}
	member := c.u.membership(c.options.Group) >= 0
	if member && c.options.ReplaceGroup || !member && c.mayGroup(g, "") {
		c.changeAll(c.u.joinGroup(g, c.options.Note))
	}
}

const maxAttributeName = 100

// compareAttributes sets the record's attributes; the first mention makes one.
func (c *judgement) compareAttributes() {
	for _, a := range c.r.Attributes {
		if table.Trim(a.Value) == "" {
			continue
		}
		if _, err := attributeName(a.Name); err != nil {
			c.r.report(attributeMark+a.Name, asIssue(err))
			continue
		}
		value, ok := c.cleanText(Spec{Name: attributeMark + a.Name, Kind: Text, Max: 2000}, a.Value)
		if !ok {
			continue
		}
		if isClear(value) {
			value = ""
		}
		old, has := c.u.attribute(a.Name)
		if !has {
			old.Name = a.Name
		}
		c.replace(attributeMark+old.Name, old.Value, value)
	}
}

// compareDelegates adds the mailboxes that the user may open.
func (c *judgement) compareDelegates() {
	wanted := map[ID]bool{}
	for _, item := range c.r.Delegates.Items {
		if id, ok := c.compareDelegate(item); ok {
			wanted[id] = true
		}
	}
	c.withoutDelegates()
	if !c.r.Delegates.Only {
		return
	}
	for _, d := range slices.Clone(c.u.Delegates) {
		if !wanted[d.ID] && c.guard("delegate1") {
			c.change(Change{Field: ChangeDelegate, Old: d.Address, Ref: d.ID.String()})
		}
	}
}

// withoutDelegates closes mailboxes to the user by name.
func (c *judgement) withoutDelegates() {
	for _, item := range c.r.Delegates.Without {
		key, _ := addressKey(item.Text)
		id := c.snap.Owners[key].UserID
		at := slices.IndexFunc(c.u.Delegates, func(d Delegate) bool { return d.ID == id })
		switch {
		case at < 0:
			c.r.reportAt(item.Column, NotInList.New("%s does not open the mailbox of %s.", c.u.Values[Address], item.Text))
		case c.guardAt(item.Column):
			d := c.u.Delegates[at]
			c.change(Change{Field: ChangeDelegate, Old: d.Address, Ref: d.ID.String()})
		}
	}
}

func (c *judgement) compareDelegate(item Item) (ID, bool) {
	key, ok := addressKey(item.Text)
	if !ok {
		_, err := mailaddr.Parse(item.Text)
		c.r.reportAt(item.Column, asIssue(err))
		return ID{}, false
	}
	owner, known := c.snap.Owners[key]
	switch {
	case known && owner.UserID == c.v.ID || key == c.key:
		c.r.reportAt(item.Column, DelegateSelf.New("%s is this user's own address.", item.Text))
	case known && !owner.UserID.IsZero() && !c.hides(owner.Org):
		return owner.UserID, c.addDelegate(owner, item)
	default:
		c.v.Pending = append(c.v.Pending, Item{Text: key, Column: item.Column})
	}
	return ID{}, false
}

// addDelegate lets the user open another's mailbox: a right over that mailbox,
// so it takes the right to change its user.
func (c *judgement) addDelegate(owner Owner, item Item) bool {
	ref := owner.UserID.String()
	if slices.ContainsFunc(c.u.Delegates, func(d Delegate) bool { return d.ID == owner.UserID }) {
		return true
	}
	if !c.may(UsersEdit, owner.Org) {
		c.r.reportAt(item.Column, OrgForbidden.New("%s belongs to organisation %s, which your rights do not cover.", owner.Primary, owner.Org))
		return false
	}
	if !c.actor.Outranks(owner.Role) {
		c.r.reportAt(item.Column, Protected.New("%s has the role %s, which may do what the role %s may not.", owner.Primary, owner.Role, c.actor.Role))
		return false
	}
	if !c.guardAt(item.Column) {
		return false
	}
	c.change(Change{Field: ChangeDelegate, New: owner.Primary, Ref: ref})
	return true
}
