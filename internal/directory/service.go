package directory

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"muster/internal/issue"
	"muster/internal/password"
	"muster/internal/secret"
)

// Store is what the service needs of the database.
type Store interface {
	Reader
	// Write runs f in one transaction that no other writer can come between.
	Write(ctx context.Context, f func(AdminTx) error) error
	// UserList calls f for each user that fits, in the order of their addresses.
	UserList(ctx context.Context, filter Filter, f func(*User) error) error
	// Attributes returns the attributes by name, each with how many users of some
	// organisations have it.
	Attributes(ctx context.Context, orgs []string) ([]AttributeUse, error)
	// Members calls f for each member of a group.
	Members(ctx context.Context, group ID, f func(Member) error) error
	// History calls f for each entry that fits, the latest first or the other way round.
	History(ctx context.Context, filter HistoryFilter, f func(Entry) error) error
	// Notices calls f for each notice for somebody that fits, the latest first.
	Notices(ctx context.Context, to ID, filter NoticeFilter, f func(Notice) error) error
	// UnreadNotices counts those for somebody that are not read.
	UnreadNotices(ctx context.Context, to ID) (int64, error)
	// FormerHashes returns a user's present and former password hashes, the latest first.
	FormerHashes(ctx context.Context, user ID, most int) ([]string, error)
	// Formats returns the formats that organisations have of their own.
	Formats(context.Context) ([]FormatText, error)
}

// AdminTx is a transaction that may change more than users.
type AdminTx interface {
	Tx
	PutOrganisation(context.Context, *Organisation) error
	DeleteOrganisation(ctx context.Context, code string, at time.Time) error
	PutDomain(context.Context, *Domain) error
	DeleteDomain(ctx context.Context, name string) error
	PutGroup(context.Context, *Group) error
	DeleteGroup(context.Context, ID) error
	Members(ctx context.Context, group ID, f func(Member) error) error
	// PutMember adds a member that is no user, or changes its note; DeleteMember
	// takes it out.
	PutMember(ctx context.Context, group ID, m Member) error
	DeleteMember(ctx context.Context, group ID, m Member) error
	// Formats returns the formats that organisations have of their own.
	Formats(context.Context) ([]FormatText, error)
	PutFormat(context.Context, FormatText) error
	DeleteFormat(ctx context.Context, org, name string) error
	// ReadNotices notes that somebody has read one of their notices, or all where there is no
	// id, and returns how many were new. HasNotice reports whether they have such a one.
	ReadNotices(ctx context.Context, to, id ID, at time.Time) (int64, error)
	HasNotice(ctx context.Context, to, id ID) (bool, error)
	// Attribute returns the name of an attribute as it is written; "" where there is
	// none. DropAttribute deletes one that no user has.
	Attribute(ctx context.Context, name string) (string, error)
	PutAttribute(ctx context.Context, name string) error
	RenameAttribute(ctx context.Context, name, to string) error
	DropAttribute(ctx context.Context, name string) error
	// Uses counts what still belongs to an organisation, domain or group, or has an
	// attribute.
	Uses(ctx context.Context, what, key string) (int, error)
}

// Service is the directory: what every door uses.
type Service struct {
	Store    Store
	Key      *secret.Key // seals the passwords of e-mail accounts
	Hashing  password.Params
	Gate     *password.Gate // whoever sets a password goes before background hashing; may be nil
	Breached password.Breaches
	Now      func() time.Time
}

// The rules of changes by hand, by what is to become of the user.
var (
	addRules = Rules{Match: []string{"address"}, OnlyNew: true, ByHand: true, Origin: "manual", Statuses: []string{"active", "disabled"}}
	setRules = Rules{Match: []string{"id", "address"}, Unmatched: RefuseRow, JoinBy: []string{"id", "address"}, Moves: true,
		LiftsLockOut: true, ByHand: true, Statuses: []string{"active", "disabled", "leaver", "deleted"}}
	joinRules = Rules{Match: []string{"id", "address"}, Unmatched: RefuseRow, JoinBy: []string{"id", "address"}, JoinBlank: true, OnlyLeavers: true, ByHand: true}
)

// AddUser makes a user by hand.
func (s *Service) AddUser(ctx context.Context, actor Actor, r *Record, o Options) (*Verdict, string, error) {
	return s.changeUser(ctx, actor, r, &addRules, o)
}

// SetUser changes a user by hand. It returns what was changed, and a password
// that was generated.
func (s *Service) SetUser(ctx context.Context, actor Actor, r *Record) (*Verdict, string, error) {
	return s.changeUser(ctx, actor, r, &setRules, Options{})
}

// Join takes a leaver back or, where the record names an organisation, over into
// that one. A user who is no leaver is refused.
func (s *Service) Join(ctx context.Context, actor Actor, r *Record) (*Verdict, error) {
	v, _, err := s.changeUser(ctx, actor, r, &joinRules, Options{})
	return v, err
}

func (s *Service) changeUser(ctx context.Context, actor Actor, r *Record, rules *Rules, o Options) (v *Verdict, generated string, err error) {
	if !actor.May(UsersRead) { // to whom there is nobody
		return nil, "", actor.Lacks(UsersRead)
	}
	o.SetPasswords, o.Breached, o.Key = true, s.Breached, s.Key
	asked := *r
	if v, err = s.judgeOne(ctx, s.Store, actor, &asked, rules, o); err != nil {
		return v, "", err
	}
	hash, generated, err := s.hash(ctx, v)
	if err != nil {
		return v, "", err
	}
	err = s.Store.Write(ctx, func(tx AdminTx) error {
		again := *r
		if v, err = s.judgeOne(ctx, tx, actor, &again, rules, o); err != nil || len(v.Changes) == 0 {
			return err
		}
		catalog, err := tx.Catalog(ctx)
		if err != nil {
			return err
		}
		deed := NewDeed(0, v, hash)
		deed.SealAccount(s.Key, r.Account)
		if generated != "" {
			deed.Lapses = s.Now().AddDate(0, 0, catalog.Settings(deed.Org()).GeneratedDays)
		}
		return Carry(ctx, tx, Doing{Actor: actor, At: s.Now(), Catalog: catalog}, []*Deed{deed})
	})
	if err != nil {
		generated = ""
	}
	return v, generated, err
}

// judgeOne judges a single record; issues that are errors come back as error.
func (s *Service) judgeOne(ctx context.Context, from Reader, actor Actor, r *Record, rules *Rules, o Options) (*Verdict, error) {
	j, err := NewJudge(ctx, from, actor, rules, o)
	if err != nil {
		return nil, err
	}
	verdicts, err := j.Judge(ctx, []*Record{r})
	if err != nil {
		return nil, err
	}
	v := verdicts[0]
	for _, item := range v.Pending {
		r.reportAt(item.Column, DelegateUnknown.New("There is no user %s.", item.Text))
	}
	v.Issues = r.Issues
	return v, Errors(v.Issues)
}

// Errors returns the issues that are errors as one error, or nil.
func Errors(issues []issue.Issue) error {
	var errs []error
	for _, i := range issues {
		if i.Severity == issue.Error {
			errs = append(errs, i)
		}
	}
	return errors.Join(errs...)
}

// hash makes the hash of a verdict's new password, outside any transaction.
func (s *Service) hash(ctx context.Context, v *Verdict) (hash, generated string, err error) {
	switch p := v.Password; {
	case p.Plain != "":
		if err := s.checkRemembered(ctx, v); err != nil {
			return "", "", err
		}
		err = s.Gate.First(ctx, func() { hash = password.Hash(p.Plain, s.Hashing) })
		return hash, "", err
	case p.Generate:
		catalog, err := s.Store.Catalog(ctx)
		if err != nil {
			return "", "", err
		}
		generated, err = password.GenerateFor(*catalog.Settings(v.OrgAfter()).Policy, NewDeed(0, v, "").Subject())
		return password.HashGenerated(generated), generated, err
	default:
		return p.Hash, "", nil
	}
}

// checkRemembered refuses a password that was one of the user's last.
func (s *Service) checkRemembered(ctx context.Context, v *Verdict) error {
	if v.User == nil {
		return nil
	}
	catalog, err := s.Store.Catalog(ctx)
	if err != nil {
		return err
	}
	hashes, err := s.Store.FormerHashes(ctx, v.ID, catalog.Settings(v.OrgAfter()).Policy.Remembered)
	if err != nil {
		return err
	}
	used := false
	err = s.Gate.First(ctx, func() {
		used = slices.ContainsFunc(hashes, func(h string) bool {
			ok, _, _ := password.Verify(h, v.Password.Plain)
			return ok
		})
	})
	if err == nil && used {
		err = PasswordReused.New("The password is one of the last that this user had.").In("password")
	}
	return err
}

// Users calls f for each user that the actor may read and the filter lets
// through, in the order of their addresses.
func (s *Service) Users(ctx context.Context, actor Actor, filter Filter, f func(*User) error) error {
	return s.users(ctx, actor, UsersRead, filter, f)
}

// ExportUsers is Users for whoever may take them away as a file.
func (s *Service) ExportUsers(ctx context.Context, actor Actor, filter Filter, f func(*User) error) error {
	return s.users(ctx, actor, UsersExport, filter, f)
}

func (s *Service) users(ctx context.Context, actor Actor, p Permission, filter Filter, f func(*User) error) error {
	catalog, err := s.allowed(ctx, actor, p)
	if err != nil {
		return err
	}
	root := actor.Org
	if len(filter.Orgs) == 1 {
		if err := catalog.covers(actor, filter.Orgs[0]); err != nil {
			return err
		}
		root = strings.ToUpper(filter.Orgs[0])
	}
	filter.Orgs = nil
	if root != Master {
		for _, o := range catalog.Organisations(root) {
			filter.Orgs = append(filter.Orgs, o.Code)
		}
	}
	return s.Store.UserList(ctx, filter, f)
}

// User finds a user by any of their addresses, or by id.
func (s *Service) User(ctx context.Context, actor Actor, name string) (*User, error) {
	catalog, err := s.allowed(ctx, actor, UsersRead)
	if err != nil {
		return nil, err
	}
	u, err := s.find(ctx, s.Store, name)
	if err != nil {
		return nil, err
	}
	if u == nil || !actor.mayIn(catalog, UsersRead, u.Values[Org]) {
		return nil, UserUnknown.New("There is no user %s.", name)
	}
	return u, nil
}

func (s *Service) find(ctx context.Context, from Reader, name string) (*User, error) {
	q := Query{}
	id, err := ParseID(name)
	if err == nil {
		q.IDs = []ID{id}
	}
	key, isAddress := addressKey(name)
	if isAddress {
		q.Keys = []string{key}
	}
	snap, err := from.Snapshot(ctx, q)
	if err != nil {
		return nil, err
	}
	if owner, ok := snap.Owners[key]; ok && isAddress {
		id = owner.UserID
	}
	return snap.Users[id], nil
}

// Actor returns a user in their role, for doors that act in somebody's name.
func (s *Service) Actor(ctx context.Context, address, door string) (Actor, error) {
	u, err := s.find(ctx, s.Store, address)
	if err != nil {
		return Actor{}, err
	}
	if u == nil || u.Values[Role] == "" {
		return Actor{}, NotAllowed.New("%s is no administrator.", address)
	}
	works := slices.Contains([]string{"active", "inactive"}, u.Values[Status]) && !u.Is(Locked) && !s.Now().Before(u.LockedUntil)
	if !works {
		return Actor{}, NotAllowed.New("The account %s is locked or not active.", address)
	}
	return Actor{ID: u.ID, Address: u.Values[Address], Role: u.Values[Role], Org: u.Values[Org], Door: door}, nil
}

// allowed returns the catalog, if the actor has a permission anywhere.
func (s *Service) allowed(ctx context.Context, actor Actor, p Permission) (*Catalog, error) {
	if !actor.May(p) {
		return nil, actor.Lacks(p)
	}
	return s.Store.Catalog(ctx)
}

// May returns no error if the actor has a permission in an organisation. One that they may
// not read is as unknown to them as one that there is not.
func (s *Service) May(ctx context.Context, actor Actor, p Permission, org string) error {
	c, err := s.allowed(ctx, actor, p)
	if err != nil {
		return err
	}
	return c.covers(actor, org)
}

// MayEverywhere returns no error if the actor has a permission in all organisations.
func (a Actor) MayEverywhere(p Permission) error {
	switch {
	case !a.May(p):
		return a.Lacks(p)
	case a.Org != Master:
		return OrgForbidden.New("This concerns all organisations, which your rights do not cover.")
	}
	return nil
}

// Lacks tells that the actor does not have a permission.
func (a Actor) Lacks(p Permission) issue.Issue {
	if a.Role == "" {
		return NotAllowed.New("Without an administrator role this is not allowed (%s).", p)
	}
	return NotAllowed.New("The role %s does not allow this (%s).", a.Role, p)
}

// covers returns no error for an organisation that the actor's rights cover. Any other is as
// unknown to them as one that there is not: nobody learns what others have by asking.
func (c *Catalog) covers(actor Actor, org string) error {
	if !c.Within(org, actor.Org) {
		return c.orgUnknown(actor.Org, org)
	}
	return nil
}
