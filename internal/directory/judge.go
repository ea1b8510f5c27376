package directory

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"muster/internal/issue"
	"muster/internal/mailaddr"
	"muster/internal/password"
	"muster/internal/secret"
)

// Action is what a plan will do with a row.
type Action string

// The actions.
const (
	Create    Action = "create"
	Update    Action = "update"
	Unchanged Action = "unchanged"
	MarkLeft  Action = "leaver"
	Join      Action = "joiner"
	Discard   Action = "discard"
	Refuse    Action = "error"
)

// Options are what whoever asks for the changes has chosen for all of them.
type Options struct {
	Org               string            `json:"org,omitempty"`    // of records that name none; the root
	Domain            string            `json:"domain,omitempty"` // of generated addresses
	SetPasswords      bool              `json:"set_passwords,omitempty"`
	GeneratePasswords bool              `json:"generate_passwords,omitempty"`
	Group             string            `json:"group,omitempty"` // id of a group that every user joins
	Note              string            `json:"note,omitempty"`  // kept with that membership
	ReplaceGroup      bool              `json:"replace_group,omitempty"`
	Breached          password.Breaches `json:"-"`
	Key               *secret.Key       `json:"-"` // opens the passwords of e-mail accounts

	// Planning is set where the changes are only planned, perhaps for somebody
	// else to apply: the right to plan then does for the right to change.
	Planning bool `json:"-"`
}

// Verdict is what the rules make of a record: what will be done, and why.
type Verdict struct {
	Action   Action
	User     *User // as found; nil for a new one
	ID       ID    // of the user, also of one yet to be made
	Address  string
	Changes  []Change
	Stem     string      // local part of an address that is still to be numbered
	Pending  []Item      // delegates who may be users of the same file
	Password NewPassword // what the password will be
	Issues   []issue.Issue
}

// After returns the user as the verdict would leave them.
func (v *Verdict) After() *User {
	u := newUser()
	if v.User != nil {
		u = v.User.clone()
	}
	u.ID = v.ID
	for _, c := range v.Changes {
		u.make(c)
		switch c.Field {
		case ChangePassword:
			u.HasPassword = true
		case ChangeLockOut:
			u.LockedUntil = time.Time{}
		}
	}
	return u
}

// NewPassword tells where a user's new password comes from. Either is secret.
type NewPassword struct {
	Plain    string
	Hash     string
	Generate bool
}

// Judge compares records with the directory. It reads what it needs for all of
// them at once and changes nothing.
type Judge struct {
	reader  Reader
	catalog *Catalog
	actor   Actor
	rules   *Rules
	options Options
	snap    *Snapshot

	sources map[string]source // of generated addresses, by organisation
}

// NewJudge returns a judge for records of one source.
func NewJudge(ctx context.Context, r Reader, actor Actor, rules *Rules, o Options) (*Judge, error) {
	catalog, err := r.Catalog(ctx)
	if err != nil {
		return nil, err
	}
	if o.Org == "" {
		o.Org = Master
	}
	return &Judge{reader: r, catalog: catalog, actor: actor, rules: rules, options: o, sources: map[string]source{}}, nil
}

// Another returns a judge of the same mind, who may work beside this one.
func (j *Judge) Another() *Judge {
	another := *j
	another.sources = map[string]source{}
	return &another
}

// Catalog returns what the judge looks organisations, domains and groups up in.
func (j *Judge) Catalog() *Catalog { return j.catalog }

// Judge returns a verdict for each record, in their order. Records of one batch
// do not see each other: what they would do to one another is told by their
// claims.
func (j *Judge) Judge(ctx context.Context, records []*Record) ([]*Verdict, error) {
	cases := make([]*judgement, len(records))
	query := Query{}
	for i, r := range records {
		cases[i] = &judgement{Judge: j, r: r, v: &Verdict{}}
		cases[i].prepare(&query)
	}
	snap, err := j.reader.Snapshot(ctx, query)
	if err != nil {
		return nil, err
	}
	if err := j.lookUpLocals(ctx, snap, cases); err != nil {
		return nil, err
	}
	j.snap = snap
	verdicts := make([]*Verdict, len(records))
	for i, c := range cases {
		c.decide()
		verdicts[i] = c.v
	}
	return verdicts, nil
}

// lookUpLocals looks up the local ids of records that leave out the organisation
// of their user: only the user tells where such an id must be free.
func (j *Judge) lookUpLocals(ctx context.Context, snap *Snapshot, cases []*judgement) error {
	more := Query{}
	for _, c := range cases {
		local := fold(c.r.Values[LocalID])
		for _, u := range []*User{snap.Users[c.id], snap.Users[snap.Owners[c.key].UserID]} {
			if local != "" && u != nil && u.Values[Org] != c.localOrg() {
				more.LocalIDs = append(more.LocalIDs, LocalKey{u.Values[Org], local})
			}
		}
	}
	if len(more.LocalIDs) == 0 {
		return nil
	}
	found, err := j.reader.Snapshot(ctx, more)
	if err != nil {
		return err
	}
	maps.Copy(snap.Locals, found.Locals)
	for id, u := range found.Users {
		if snap.Users[id] == nil {
			snap.Users[id] = u
		}
	}
	return nil
}

// judgement is the work on one record.
type judgement struct {
	*Judge
	r *Record
	v *Verdict

	org      *Organisation    // the row's; nil where its code is unknown
	address  mailaddr.Address // the row's address; zero where there is none
	key      string           // its comparison key
	rename   mailaddr.Address
	id       ID
	u        *User // as it will be: the found user, or a new one, with the changes so far
	creating bool
}

// prepare reads what needs no directory and adds to the query what does.
func (c *judgement) prepare(q *Query) {
	c.cleanValues()
	c.org = c.rowOrg()
	c.prepareID(q)
	c.address, c.key = c.parseAddress(c.r.Values[Address], "address", q)
	c.rename, _ = c.parseAddress(c.r.RenameTo, "rename_to", q)
	for _, list := range []List{c.r.Aliases, c.r.Delegates} {
		for _, item := range slices.Concat(list.Items, list.Without) {
			if key, ok := addressKey(item.Text); ok {
				q.Keys = append(q.Keys, key)
			}
		}
	}
	c.prepareLocalID(q)
	if !c.r.Twin.IsZero() {
		q.IDs = append(q.IDs, c.r.Twin)
	}
	if key, ok := addressKey(c.r.MadeAddress); ok {
		q.Keys = append(q.Keys, key)
	}
	if c.rules.WarnNamesake && c.r.Values[LocalID] == "" && c.org != nil {
		q.Persons = append(q.Persons, c.personKey())
	}
}

func (c *judgement) prepareID(q *Query) {
	if c.r.ID == "" {
		return
	}
	id, err := ParseID(c.r.ID)
	if err != nil {
		return
	}
	c.id = id
	q.IDs = append(q.IDs, id)
}

func (c *judgement) prepareLocalID(q *Query) {
	local := fold(c.r.Values[LocalID])
	if local == "" {
		return
	}
	q.LocalIDs = append(q.LocalIDs, LocalKey{c.localOrg(), local})
	if slices.Contains(c.rules.JoinBy, "id") && c.id.IsZero() {
		q.Leavers = append(q.Leavers, local)
	}
}

// localOrg is the organisation in which the row's local id is looked up.
func (c *judgement) localOrg() string {
	if c.org != nil {
		return c.org.Code
	}
	return ""
}

func (c *judgement) personKey() PersonKey {
	return PersonKey{c.localOrg(), person(c.r.Values[First], c.r.Values[Last])}
}

// rowOrg finds the organisation that the row names, or else the plan's.
func (c *judgement) rowOrg() *Organisation {
	code := c.r.Values[Org]
	if code == "" {
		code = c.options.Org
	}
	o, ok := c.catalog.Organisation(code)
	if !ok || c.r.Values[Org] != "" && c.hides(code) {
		c.r.report("org", c.catalog.orgUnknown(c.horizon(), code))
		c.r.Values[Org] = ""
		return nil
	}
	if c.r.Values[Org] != "" {
		c.r.Values[Org] = o.Code
		c.mayNameOrg()
	}
	return o
}

// mayNameOrg refuses an organisation in a file that takes one only from "the Master
// Administrator and the Migration Administrator roles on a Master … account".
func (c *judgement) mayNameOrg() {
	if c.rules.OrgByMaster && !c.actor.mayIn(c.catalog, UsersMove, Master) {
		c.r.report(specs[Org].Name, NotAllowed.New("Only a Master or Migration administrator of %s names organisations in this file.", Master))
	}
}

// horizon is the organisation at and below which things are known to whoever wants the changes.
// Rows of a file tell what is in their way wherever that is.
func (c *judgement) horizon() string {
	if c.rules.ByHand {
		return c.actor.Org
	}
	return Master
}

// hides reports whether what an organisation has, or had, is to the actor what there is not.
func (c *judgement) hides(org string) bool {
	return c.horizon() != Master && !c.catalog.Within(org, c.horizon())
}

func (c *judgement) parseAddress(text, column string, q *Query) (mailaddr.Address, string) {
	if text == "" {
		return mailaddr.Address{}, ""
	}
	a, err := mailaddr.Parse(text)
	if err != nil {
		c.r.report(column, asIssue(err))
		return mailaddr.Address{}, ""
	}
	key := a.Key()
	q.Keys = append(q.Keys, key)
	return a, key
}

// decide finds the user, compares and settles the action.
func (c *judgement) decide() {
	found, settled := c.match()
	if !settled {
		c.compareFor(found)
	}
	c.v.Issues = c.r.Issues
	if c.r.Failed() {
		c.v.Action = Refuse
	}
}

// compareFor settles what is to become of the user found, or of a new one.
func (c *judgement) compareFor(found *User) {
	switch {
	case found != nil && c.rules.OnlyNew:
		c.r.report("address", UserExists.New("%s exists already, in organisation %s.", found.Values[Address], found.Values[Org]))
	case found != nil && c.rules.OnlyLeavers && found.Values[Status] != "leaver":
		c.r.report(c.namedBy(), UserNoLeaver.New("%s is %s, and only a leaver joins.", found.Values[Address], found.Values[Status]))
	case found != nil:
		c.v.User, c.v.ID, c.v.Address = found, found.ID, found.Values[Address]
		c.u = found.clone()
		c.compare()
		c.dateStatus()
		c.v.Action = c.actionOnFound()
	case c.rules.Unmatched != CreateUser:
		c.unmatched()
	default:
		c.v.Action, c.v.ID, c.creating = Create, NewID(), true
		c.u = newUser()
		c.compare()
	}
}

// dateStatus notes with a change of status since when the user had the former
// one: the clock of a leaver goes on where it was when a joiner is undone.
func (c *judgement) dateStatus() {
	for i := range c.v.Changes {
		if c.v.Changes[i].Field == specs[Status].Name {
			c.v.Changes[i].Ref = c.v.User.StatusAt.UTC().Format(time.RFC3339Nano)
		}
	}
}

// unmatched discards or refuses a record that fits nobody; one whose address
// cannot be read has been told so.
func (c *judgement) unmatched() {
	c.v.Action = Discard
	if c.r.Failed() {
		c.accountAddress()
		return
	}
	named, column := c.r.ID, "id"
	if c.address.Local != "" {
		named, column = c.address.Display(), "address"
	}
	if c.rules.Unmatched == DiscardRow {
		c.r.report(column, UserDiscarded.New("There is no user %s, so the line is discarded.", named))
		return
	}
	c.r.report(column, UserUnknown.New("There is no user %s.", named))
}

func (c *judgement) actionOnFound() Action {
	switch {
	case len(c.v.Changes) == 0:
		return Unchanged
	case c.was(Status, "leaver") && c.u.Values[Status] == "active":
		return Join
	case !c.was(Status, "leaver") && c.u.Values[Status] == "leaver":
		return MarkLeft
	}
	return Update
}

// was reports whether a field of the found user has a value before the changes.
func (c *judgement) was(f Field, value string) bool {
	return c.v.User != nil && c.v.User.Values[f] == value
}

// changesOfNew is how many changes make a usual new user.
const changesOfNew = 16

// change notes a change and brings it into the user as it will be.
func (c *judgement) change(ch Change) {
	if c.v.Changes == nil {
		c.v.Changes = make([]Change, 0, changesOfNew)
	}
	c.v.Changes = append(c.v.Changes, ch)
	c.u.make(ch)
}

// set changes a field, unless it has that value already.
func (c *judgement) set(f Field, value string) { c.replace(specs[f].Name, c.u.Values[f], value) }

// replace changes one value for another. What is changed twice shows only from
// what to what it changes in the end.
func (c *judgement) replace(field, old, value string) {
	if old == value {
		return
	}
	i := slices.IndexFunc(c.v.Changes, func(ch Change) bool { return ch.Field == field })
	if i < 0 {
		c.change(Change{Field: field, Old: old, New: value})
		return
	}
	c.u.make(Change{Field: field, Old: old, New: value})
	c.v.Changes[i].New = value
	if c.v.Changes[i].Old == value {
		c.v.Changes = slices.Delete(c.v.Changes, i, i+1)
	}
}

// compare goes through everything that a record can want. Each step reports
// all that is wrong with it, so that one run tells every problem of a row.
func (c *judgement) compare() {
	if c.creating && c.org == nil {
		c.compareAnywhere()
		return
	}
	if !c.mayTouch() {
		return
	}
	c.compareStatus()
	c.compareOrg()
	c.compareAddress()
	c.compareFields()
	c.compareAccess()
	c.compareAliases()
	c.compareGroups()
	c.compareAttributes()
	c.compareDelegates()
	c.compareAccount()
	c.comparePassword()
	c.takeOver()
}

// takeOver makes a user of directory synchronisation whom the record changes one of
// this directory. "If the domain on which they reside uses the Valid Directory Users
// Only method of recipient validation, their messages will be rejected until
// re-synchronized."
func (c *judgement) takeOver() {
	changed := len(c.v.Changes)+len(c.v.Pending) > 0
	if !c.rules.TakesOver || c.creating || !changed || c.u.Values[Origin] != "directory" {
		return
	}
	c.set(Origin, c.rules.Origin)
	i := TakenOver.New("%s comes from directory synchronisation, and counts as imported from now on.", c.u.Values[Address])
	if domain := c.u.Domain(); c.catalog.DirectoryOnly(domain) {
		i.Message += fmt.Sprintf(" The domain %s takes mail only for users of the synchronisation, so mail to this user is refused until the next one.",
			mailaddr.DisplayDomain(domain))
	}
	c.r.report(specs[Address].Name, i.Suggest("%s", TakenOver.Cure))
}

// compareAnywhere tells what would be wrong with a new user in any organisation,
// where that of the row is unknown. A password is held to the root's policy.
func (c *judgement) compareAnywhere() {
	c.compareMobile()
	c.compareTelephone()
	c.compareAccess()
	c.compareAttributes()
	c.compareDelegates()
	if c.r.Password != "" {
		c.supplied(c.r.Password)
	}
}

func asIssue(err error) issue.Issue {
	if i, ok := err.(issue.Issue); ok {
		return i
	}
	return ValueWrong.New("%s", err)
}

// orgUnknown tells that there is no such organisation, or none at or below root, which is all
// that somebody may read.
func (c *Catalog) orgUnknown(root, code string) issue.Issue {
	i := OrgUnknown.New("There is no organisation %q.", code)
	return withNearest(i, code, c.orgCodes(root))
}
