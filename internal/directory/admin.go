package directory

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/nyaruka/phonenumbers"

	"muster/internal/issue"
	"muster/internal/mailaddr"
)

// The problems of changing organisations, domains and groups.
var (
	CodeInvalid    = issue.NewError("organisation-code", "The code of an organisation is 1 to 20 letters, digits, hyphens or underscores.", "Choose such a code.")
	OrgExists      = issue.NewError("organisation-exists", "There is an organisation of this code already.", "Choose another code, or change the organisation with muster org set.")
	OrgInUse       = issue.NewError("organisation-in-use", "The organisation still has organisations below it, users, domains or groups.", "Move or delete them first.")
	DomainExists   = issue.NewError("domain-exists", "The domain is in the directory already.", "Change it with muster domain set.")
	DomainInUse    = issue.NewError("domain-in-use", "Users still have addresses in the domain.", "Give them other addresses first.")
	DomainNotFound = issue.NewError("domain-not-found", "There is no such domain in the directory.", "Look it up with muster domain list.")
	GroupExists    = issue.NewError("group-exists", "There is a group of this path already.", "Choose another name.")
	GroupInUse     = issue.NewError("group-in-use", "A group with members or groups below it is not deleted.", "Take the members out, or delete the groups below first.")
	GroupName      = issue.NewError("group-name", "The name of a group is 1 to 100 characters without a slash.", "Choose such a name.")
	MemberUnknown  = issue.NewError("member-unknown", "The group has no such member.", "Look at the members with muster group show.")
	NoteTooLong    = issue.NewError("note-too-long", "A note has at most 100 characters.", "Shorten it.")
	SettingWrong   = issue.NewError("setting-wrong", "The setting cannot have this value.", "Give one of the values in the message.")
)

// MaxNote is the longest note of a membership, in characters ("Enter a Note of
// up to 100 characters").
const MaxNote = 100

var orgCode = regexp.MustCompile(`^[A-Z0-9][A-Z0-9_-]{0,19}$`)

// admin runs f in a transaction with the catalog as it then is, if the actor
// has a permission in the organisation, and notes the change in the history.
func (s *Service) admin(ctx context.Context, actor Actor, p Permission, org string, e Entry, f func(AdminTx, *Catalog) error) error {
	return s.Store.Write(ctx, func(tx AdminTx) error {
		catalog, err := tx.Catalog(ctx)
		if err != nil {
			return err
		}
		if !actor.May(p) {
			return notAllowed(actor, p)
		}
		if err := s.covers(catalog, actor, org); err != nil {
			return err
		}
		if err := f(tx, catalog); err != nil {
			return err
		}
		e.ID, e.At, e.Actor, e.Door = NewID(), s.Now(), actor.Address, actor.Door
		return tx.AddHistory(ctx, []Entry{e})
	})
}

// AddOrganisation adds an organisation below its parent.
func (s *Service) AddOrganisation(ctx context.Context, actor Actor, o Organisation) error {
	o.Code, o.Parent = strings.ToUpper(o.Code), strings.ToUpper(o.Parent)
	return s.admin(ctx, actor, OrgsEdit, o.Parent, Entry{Subject: "organisation " + o.Code, Action: "add"}, func(tx AdminTx, c *Catalog) error {
		if !orgCode.MatchString(o.Code) {
			return CodeInvalid.New("%q cannot be the code of an organisation.", o.Code).Suggest("choose 1 to 20 letters, digits, hyphens or underscores")
		}
		if _, exists := c.Organisation(o.Code); exists {
			return OrgExists.New("There is an organisation %s already.", o.Code)
		}
		if err := c.checkSettings(o.Settings, o.Parent); err != nil {
			return err
		}
		return tx.PutOrganisation(ctx, &o)
	})
}

// SetOrganisation changes what edit changes: the name or the settings.
func (s *Service) SetOrganisation(ctx context.Context, actor Actor, code string, edit func(*Organisation)) error {
	code = strings.ToUpper(code)
	return s.admin(ctx, actor, SettingsEdit, code, Entry{Subject: "organisation " + code, Action: "set"}, func(tx AdminTx, c *Catalog) error {
		o, _ := c.Organisation(code)
		changed := *o
		edit(&changed)
		changed.Code, changed.Parent = o.Code, o.Parent
		if err := c.checkSettings(changed.Settings, code); err != nil {
			return err
		}
		return tx.PutOrganisation(ctx, &changed)
	})
}

// checkSettings refuses settings that would be of no use later.
func (c *Catalog) checkSettings(s Settings, org string) error {
	if s.DefaultDomain != "" {
		d, ok := c.Domain(s.DefaultDomain)
		if !ok {
			return withNearest(DomainUnknown.New("The domain %s is not in the directory.", s.DefaultDomain), s.DefaultDomain, c.domainNames())
		}
		if !c.usable(d, org) {
			return DomainForeign.New("The domain %s belongs to organisation %s.", d.Name, d.Org)
		}
	}
	if s.AddressPattern != "" {
		if _, err := mailaddr.ParsePattern(s.AddressPattern); err != nil {
			return err
		}
	}
	if s.Passwords != "" && !slices.Contains(PasswordDeliveries, s.Passwords) {
		return SettingWrong.New("Passwords are handed over as %s, not %q.", strings.Join(PasswordDeliveries, ", "), s.Passwords)
	}
	if s.Country != "" && phonenumbers.GetCountryCodeForRegion(s.Country) == 0 {
		return SettingWrong.New("The country is two capital letters such as GB, not %q.", s.Country)
	}
	return s.checkNumbers()
}

func (s Settings) checkNumbers() error {
	for _, n := range []int{s.MailboxGB, s.MailboxMaxGB, s.AddressKeptDays, s.GeneratedDays, s.UndoDays, s.ThresholdPercent, s.ThresholdUsers} {
		if n < 0 {
			return SettingWrong.New("%d is less than nothing.", n)
		}
	}
	if p := s.Policy; p != nil && (p.MinLength < 1 || p.MaxLength < max(p.MinLength, p.MinLengthApplication) || p.Classes < 0 || p.Classes > 4 || p.Remembered < 0) {
		return SettingWrong.New("No password could keep to a policy of %d to %d characters of %d kinds.", p.MinLength, p.MaxLength, p.Classes)
	}
	return nil
}

// PasswordDeliveries are the ways in which a generated password reaches its user.
var PasswordDeliveries = []string{"results", "link", "none"}

// DeleteOrganisation deletes an organisation that has nothing left.
func (s *Service) DeleteOrganisation(ctx context.Context, actor Actor, code string) error {
	code = strings.ToUpper(code)
	return s.admin(ctx, actor, OrgsEdit, code, Entry{Subject: "organisation " + code, Action: "delete"}, func(tx AdminTx, _ *Catalog) error {
		if code == Master {
			return OrgInUse.New("%s is the root of all organisations and is not deleted.", code)
		}
		if n, err := tx.Uses(ctx, "organisation", code); err != nil || n > 0 {
			return orErr(err, OrgInUse.New("Organisation %s still has %d organisations, users, domains and groups.", code, n))
		}
		return tx.DeleteOrganisation(ctx, code)
	})
}

func orErr(err error, otherwise issue.Issue) error {
	if err != nil {
		return err
	}
	return otherwise
}

// AddDomain adds a mail domain to an organisation, with postmaster and abuse
// reserved (RFC 2142 section 4).
func (s *Service) AddDomain(ctx context.Context, actor Actor, d Domain) error {
	name, err := mailaddr.ParseDomain(d.Name)
	if err != nil {
		return err
	}
	d.Name, d.Org = name, strings.ToUpper(d.Org)
	return s.admin(ctx, actor, DomainsEdit, d.Org, Entry{Subject: "domain " + d.Name, Action: "add"}, func(tx AdminTx, c *Catalog) error {
		if other, exists := c.Domain(d.Name); exists {
			return DomainExists.New("The domain %s is there already and belongs to organisation %s.", mailaddr.DisplayDomain(d.Name), other.Org)
		}
		if err := d.check(); err != nil {
			return err
		}
		return tx.PutDomain(ctx, &d)
	})
}

// SetDomain changes what edit changes of a domain.
func (s *Service) SetDomain(ctx context.Context, actor Actor, name string, edit func(*Domain)) error {
	return s.onDomain(ctx, actor, name, "set", func(tx AdminTx, d *Domain) error {
		name, org := d.Name, d.Org
		edit(d)
		d.Name, d.Org = name, org
		if err := d.check(); err != nil {
			return err
		}
		return tx.PutDomain(ctx, d)
	})
}

func (d *Domain) check() error {
	if !slices.Contains(Validations, d.Validation) {
		return SettingWrong.New("The validation is one of %s, not %q.", strings.Join(Validations, ", "), d.Validation)
	}
	return nil
}

// DeleteDomain deletes a domain in which nobody has an address.
func (s *Service) DeleteDomain(ctx context.Context, actor Actor, name string) error {
	return s.onDomain(ctx, actor, name, "delete", func(tx AdminTx, d *Domain) error {
		if n, err := tx.Uses(ctx, "domain", d.Name); err != nil || n > 0 {
			return orErr(err, DomainInUse.New("%d addresses in %s belong to users.", n, d.Name))
		}
		return tx.DeleteDomain(ctx, d.Name)
	})
}

// onDomain runs f with a copy of a domain that the actor may change.
func (s *Service) onDomain(ctx context.Context, actor Actor, name, action string, f func(AdminTx, *Domain) error) error {
	name, err := mailaddr.ParseDomain(name)
	if err != nil {
		return err
	}
	catalog, err := s.Store.Catalog(ctx)
	if err != nil {
		return err
	}
	d, ok := catalog.Domain(name)
	if !ok || !catalog.Within(d.Org, actor.Org) {
		return withNearest(DomainNotFound.New("There is no domain %s.", name), name, catalog.domainNames())
	}
	return s.admin(ctx, actor, DomainsEdit, d.Org, Entry{Subject: "domain " + name, Action: action}, func(tx AdminTx, c *Catalog) error {
		changed := *d
		return f(tx, &changed)
	})
}

// AddGroup adds a group by its path; the groups above it must exist.
func (s *Service) AddGroup(ctx context.Context, actor Actor, org, path string) error {
	org = strings.ToUpper(org)
	return s.admin(ctx, actor, GroupsEdit, org, Entry{Subject: "group " + path, Action: "add"}, func(tx AdminTx, c *Catalog) error {
		g := Group{ID: NewID(), Org: org, Name: path, Origin: "manual"}
		if i := strings.LastIndex(path, "/"); i >= 0 {
			parent := c.byPath[groupKey{org, fold(path[:i])}]
			if parent == nil {
				return groupUnknown(c, org, path[:i])
			}
			g.Parent, g.Name = parent.ID, path[i+1:]
		}
		if err := c.checkName(&g); err != nil {
			return err
		}
		return tx.PutGroup(ctx, &g)
	})
}

// checkName brings the name of a group into its form, and refuses one that is
// none or is another group's in the same place.
func (c *Catalog) checkName(g *Group) error {
	g.Name = strings.Join(strings.Fields(g.Name), " ")
	if n := utf8.RuneCountInString(g.Name); n == 0 || n > 100 || strings.Contains(g.Name, "/") {
		return GroupName.New("%q cannot be the name of a group.", g.Name).Suggest("choose 1 to 100 characters without a slash")
	}
	path := c.groupPath(g)
	if other := c.byPath[groupKey{g.Org, fold(path)}]; other != nil && other.ID != g.ID {
		return GroupExists.New("There is a group %s already.", other.Path)
	}
	return nil
}

func groupUnknown(c *Catalog, org, path string) issue.Issue {
	return withNearest(GroupUnknown.New("There is no group %q.", path), path, c.groupPaths(org))
}

// RenameGroup gives a group another name in its place.
func (s *Service) RenameGroup(ctx context.Context, actor Actor, org, path, name string) error {
	return s.onGroup(ctx, actor, org, path, Entry{Action: "set"}, func(tx AdminTx, c *Catalog, g *Group) error {
		g.Name = name
		if err := c.checkName(g); err != nil {
			return err
		}
		return tx.PutGroup(ctx, g)
	})
}

// DeleteGroup deletes a group that has neither members nor groups below it.
func (s *Service) DeleteGroup(ctx context.Context, actor Actor, org, path string) error {
	return s.onGroup(ctx, actor, org, path, Entry{Action: "delete"}, func(tx AdminTx, _ *Catalog, g *Group) error {
		if n, err := tx.Uses(ctx, "group", g.ID.String()); err != nil || n > 0 {
			return orErr(err, GroupInUse.New("The group %s still has %d members and groups below it.", g.Path, n))
		}
		return tx.DeleteGroup(ctx, g.ID)
	})
}

// AddMember puts a user, a foreign address or a whole domain into a group, or
// gives a member another note. A user beyond the actor's rights counts as a
// foreign address.
func (s *Service) AddMember(ctx context.Context, actor Actor, org, path string, member, note string) error {
	if n := utf8.RuneCountInString(note); n > MaxNote {
		return NoteTooLong.New("The note has %d characters; at most %d are allowed.", n, MaxNote)
	}
	e := Entry{Action: "add member", Changes: []Change{{Field: ChangeMember, New: member}}}
	return s.onGroup(ctx, actor, org, path, e, func(tx AdminTx, c *Catalog, g *Group) error {
		u, err := s.find(ctx, tx, member)
		if err != nil {
			return err
		}
		if u != nil && c.Within(u.Values[Org], actor.Org) {
			return s.changeMember(ctx, tx, c, actor, u, u.joinGroup(g, note))
		}
		m, err := otherMember(member)
		if err != nil {
			return err
		}
		m.Note = note
		return tx.PutMember(ctx, g.ID, m)
	})
}

// DeleteMember takes a member out of a group.
func (s *Service) DeleteMember(ctx context.Context, actor Actor, org, path string, member string) error {
	e := Entry{Action: "delete member", Changes: []Change{{Field: ChangeMember, Old: member}}}
	return s.onGroup(ctx, actor, org, path, e, func(tx AdminTx, c *Catalog, g *Group) error {
		u, err := s.find(ctx, tx, member)
		if err != nil {
			return err
		}
		if u != nil && u.membership(g.ID.String()) >= 0 {
			return s.changeMember(ctx, tx, c, actor, u, u.LeaveGroup(g.ID.String()))
		}
		m, err := otherMember(member)
		if err != nil {
			return err
		}
		return tx.DeleteMember(ctx, g.ID, m)
	})
}

// changeMember makes the changes of a membership as a record would make them.
func (s *Service) changeMember(ctx context.Context, tx Tx, c *Catalog, actor Actor, u *User, changes []Change) error {
	if len(changes) == 0 {
		return nil
	}
	deed := &Deed{Action: Update, ID: u.ID, User: u, Changes: changes}
	return Carry(ctx, tx, Doing{Actor: actor, At: s.Now(), Catalog: c}, []*Deed{deed})
}

// otherMember tells what a text means that names no user.
func otherMember(text string) (Member, error) {
	if !strings.Contains(text, "@") {
		name, err := mailaddr.ParseDomain(text)
		return Member{Kind: "domain", Address: name}, err
	}
	a, err := mailaddr.Parse(text)
	return Member{Kind: "address", Address: a.String()}, err
}

// Members calls f for each member of a group.
func (s *Service) Members(ctx context.Context, actor Actor, org, path string, f func(Member) error) error {
	catalog, err := s.allowed(ctx, actor, GroupsRead)
	if err != nil {
		return err
	}
	if err := s.covers(catalog, actor, org); err != nil {
		return err
	}
	g, ok := catalog.Group(strings.ToUpper(org), path)
	if !ok {
		return groupUnknown(catalog, strings.ToUpper(org), path)
	}
	return s.Store.Members(ctx, g.ID, f)
}

// onGroup runs f with a copy of a group that the actor may change.
func (s *Service) onGroup(ctx context.Context, actor Actor, org, path string, e Entry, f func(AdminTx, *Catalog, *Group) error) error {
	org, e.Subject = strings.ToUpper(org), "group "+path
	return s.admin(ctx, actor, GroupsEdit, org, e, func(tx AdminTx, c *Catalog) error {
		g := c.byPath[groupKey{org, fold(path)}]
		if g == nil {
			return groupUnknown(c, org, path)
		}
		if g.Origin == "directory" {
			return GroupReadOnly.New("The group %s comes from directory synchronisation.", g.Path)
		}
		changed := *g
		return f(tx, c, &changed)
	})
}

// Catalog returns the organisations, domains and groups, if the actor may read
// them; Visible tells which of them are the actor's.
func (s *Service) Catalog(ctx context.Context, actor Actor) (*Catalog, error) {
	return s.allowed(ctx, actor, OrgsRead)
}
