package directory

import (
	"cmp"
	"context"
	"regexp"
	"slices"
	"strings"

	"github.com/nyaruka/phonenumbers"

	"muster/internal/issue"
	"muster/internal/mailaddr"
)

// The problems of changing organisations, domains and groups.
var (
	CodeInvalid    = issue.NewError("organisation-code", "The code of an organisation is 1 to 20 letters, digits, hyphens or underscores.", "Choose such a code.")
	OrgExists      = issue.NewError("organisation-exists", "There is an organisation of this code already.", "Choose another code, or change the organisation with muster org set.")
	OrgInUse       = issue.NewError("organisation-in-use", "The organisation still has organisations below it, users, domains, groups or formats.", "Move or delete them first.")
	DomainExists   = issue.NewError("domain-exists", "The domain is in the directory already.", "Change it with muster domain set.")
	DomainInUse    = issue.NewError("domain-in-use", "Users still have addresses in the domain.", "Give them other addresses first.")
	DomainNotFound = issue.NewError("domain-not-found", "There is no such domain in the directory.", "Look it up with muster domain list.")
	GroupExists    = issue.NewError("group-exists", "There is a group of this path already.", "Choose another name.")
	GroupInUse     = issue.NewError("group-in-use", "A group with members or groups below it is not deleted.", "Take the members out, or delete the groups below first.")
	GroupLoop      = issue.NewError("group-loop", "A group cannot lie below itself, or below a group that lies below it.", "Choose another parent, or move that group out first.")
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
// has a permission in the organisation. What f says that it changed stands in
// the history.
func (s *Service) admin(ctx context.Context, actor Actor, p Permission, org string, e Entry, f func(AdminTx, *Catalog, *Entry) error) error {
	return s.Store.Write(ctx, func(tx AdminTx) error {
		catalog, err := tx.Catalog(ctx)
		if err != nil {
			return err
		}
		if !actor.May(p) {
			return actor.Lacks(p)
		}
		if err := catalog.covers(actor, org); err != nil {
			return err
		}
		e := e // the transaction may be run again
		if err := f(tx, catalog, &e); err != nil || len(e.Changes) == 0 {
			return err
		}
		e.ID, e.At, e.Actor, e.Door, e.Org = NewID(), s.Now(), actor.Address, actor.Door, cmp.Or(e.Org, org)
		return tx.AddHistory(ctx, []Entry{e})
	})
}

// AddOrganisation adds an organisation below its parent.
func (s *Service) AddOrganisation(ctx context.Context, actor Actor, o Organisation) error {
	o.Code, o.Parent = strings.ToUpper(o.Code), strings.ToUpper(o.Parent)
	return s.admin(ctx, actor, OrgsEdit, o.Parent, Entry{Subject: "organisation " + o.Code, Action: "add"}, func(tx AdminTx, c *Catalog, e *Entry) error {
		if !orgCode.MatchString(o.Code) {
			return CodeInvalid.New("%q cannot be the code of an organisation.", o.Code).Suggest("choose 1 to 20 letters, digits, hyphens or underscores")
		}
		if _, exists := c.Organisation(o.Code); exists {
			return OrgExists.New("There is an organisation %s already.", o.Code)
		}
		if err := c.check(actor, &o, o.Parent); err != nil {
			return err
		}
		e.Changes = differences(nil, o.values())
		return tx.PutOrganisation(ctx, &o)
	})
}

// SetOrganisation changes what edit changes: the name or the settings.
func (s *Service) SetOrganisation(ctx context.Context, actor Actor, code string, edit func(*Organisation)) error {
	code = strings.ToUpper(code)
	return s.admin(ctx, actor, SettingsEdit, code, Entry{Subject: "organisation " + code, Action: "set"}, func(tx AdminTx, c *Catalog, e *Entry) error {
		o, _ := c.Organisation(code)
		changed := *o
		edit(&changed)
		changed.Code, changed.Parent = o.Code, o.Parent
		if err := c.check(actor, &changed, code); err != nil {
			return err
		}
		e.Changes = differences(o.values(), changed.values())
		return tx.PutOrganisation(ctx, &changed)
	})
}

// check brings the name of an organisation into its form, and refuses one that is none, and
// settings that an organisation at this place cannot have.
func (c *Catalog) check(actor Actor, o *Organisation, at string) (err error) {
	if o.Name, err = orgName.Clean(o.Name); err != nil {
		return err
	}
	return c.checkSettings(actor, o.Settings, at)
}

// checkSettings refuses settings that would be of no use later.
func (c *Catalog) checkSettings(actor Actor, s Settings, org string) error {
	if s.DefaultDomain != "" {
		d, ok := c.Domain(s.DefaultDomain)
		if !ok || !c.KnowsDomain(actor, d.Name, org) {
			i := DomainUnknown.New("The domain %s is not in the directory.", mailaddr.DisplayDomain(s.DefaultDomain))
			return withNearest(i, mailaddr.DisplayDomain(s.DefaultDomain), c.domainNames(func(d *Domain) bool { return c.KnowsDomain(actor, d.Name, org) }))
		}
		if !c.usable(d, org) {
			return DomainForeign.New("The domain %s belongs to organisation %s.", mailaddr.DisplayDomain(d.Name), d.Org)
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
	if s.SecondFactor != "" && !slices.Contains(SecondFactors, s.SecondFactor) {
		return SettingWrong.New("A second factor is %s, not %q.", strings.Join(SecondFactors, " or "), s.SecondFactor)
	}
	if s.Country != "" && phonenumbers.GetCountryCodeForRegion(s.Country) == 0 {
		return SettingWrong.New("%q is not the code of a country (ISO 3166), such as GB.", s.Country)
	}
	if s.MailboxMaxGB > 0 && s.MailboxGB > s.MailboxMaxGB {
		return SettingWrong.New("A new mailbox of %d GB would be larger than the %d GB that the organisation may use.", s.MailboxGB, s.MailboxMaxGB)
	}
	return s.checkNumbers()
}

func (s Settings) checkNumbers() error {
	for _, n := range []int{s.MailboxGB, s.MailboxMaxGB, s.AddressKeptDays, s.GeneratedDays, s.UndoDays, s.ThresholdPercent, s.ThresholdUsers,
		s.LockoutFailures, s.LockoutMinutes, s.PasswordDays} {
		if n < 0 {
			return SettingWrong.New("A setting is 0 or more, not %d.", n)
		}
	}
	if p := s.Policy; p != nil && (p.MinLength < 1 || p.MaxLength < max(p.MinLength, p.MinLengthApplication) || p.Classes < 0 || p.Classes > 4 || p.Remembered < 0) {
		return SettingWrong.New("No password could keep to a policy of %d to %d characters of %d kinds.", p.MinLength, p.MaxLength, p.Classes)
	}
	return nil
}

// PasswordDeliveries are the ways in which a generated password reaches its user.
var PasswordDeliveries = []string{"results", "link", "none"}

// SecondFactors are what an organisation may ask of its users at a sign-in.
var SecondFactors = []string{SecondFactorDemanded, "optional"}

// SecondFactorDemanded is the setting by which nobody does without a second factor.
const SecondFactorDemanded = "demanded"

// DeleteOrganisation deletes an organisation that has nothing left.
func (s *Service) DeleteOrganisation(ctx context.Context, actor Actor, code string) error {
	code = strings.ToUpper(code)
	return s.admin(ctx, actor, OrgsEdit, code, Entry{Subject: "organisation " + code, Action: "delete"}, func(tx AdminTx, c *Catalog, e *Entry) error {
		if code == Master {
			return OrgInUse.New("%s is the root of all organisations and is not deleted.", code)
		}
		if n, err := tx.Uses(ctx, "organisation", code); err != nil || n > 0 {
			return orErr(err, OrgInUse.New("Organisation %s still has %d organisations, users, domains, groups and formats.", code, n))
		}
		o, _ := c.Organisation(code)
		e.Changes, e.Org = differences(o.values(), nil), o.Parent
		return tx.DeleteOrganisation(ctx, code, s.Now())
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
	return s.admin(ctx, actor, DomainsEdit, d.Org, Entry{Subject: "domain " + d.Name, Action: "add"}, func(tx AdminTx, c *Catalog, e *Entry) error {
		if other, exists := c.Domain(d.Name); exists {
			return DomainExists.New("The domain %s is there already and belongs to organisation %s.", mailaddr.DisplayDomain(d.Name), other.Org)
		}
		if err := d.check(); err != nil {
			return err
		}
		e.Changes = differences(nil, d.values())
		return tx.PutDomain(ctx, &d)
	})
}

// SetDomain changes what edit changes of a domain.
func (s *Service) SetDomain(ctx context.Context, actor Actor, name string, edit func(*Domain)) error {
	return s.onDomain(ctx, actor, name, "set", func(tx AdminTx, d *Domain, e *Entry) error {
		changed := *d
		edit(&changed)
		changed.Name, changed.Org = d.Name, d.Org
		if err := changed.check(); err != nil {
			return err
		}
		e.Changes = differences(d.values(), changed.values())
		return tx.PutDomain(ctx, &changed)
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
	return s.onDomain(ctx, actor, name, "delete", func(tx AdminTx, d *Domain, e *Entry) error {
		if n, err := tx.Uses(ctx, "domain", d.Name); err != nil || n > 0 {
			return orErr(err, DomainInUse.New("%d addresses in %s belong to users.", n, mailaddr.DisplayDomain(d.Name)))
		}
		e.Changes = differences(d.values(), nil)
		return tx.DeleteDomain(ctx, d.Name)
	})
}

// onDomain runs f with a domain that the actor may change.
func (s *Service) onDomain(ctx context.Context, actor Actor, name, action string, f func(AdminTx, *Domain, *Entry) error) error {
	name, err := mailaddr.ParseDomain(name)
	if err != nil {
		return err
	}
	catalog, err := s.Store.Catalog(ctx)
	if err != nil {
		return err
	}
	d, err := catalog.domainWithin(name, actor.Org)
	if err != nil {
		return err
	}
	return s.admin(ctx, actor, DomainsEdit, d.Org, Entry{Subject: "domain " + name, Action: action}, func(tx AdminTx, c *Catalog, e *Entry) error {
		if d, err = c.domainWithin(name, actor.Org); err != nil { // deleted meanwhile
			return err
		}
		return f(tx, d, e)
	})
}

// domainWithin finds a domain of an organisation at or below root.
func (c *Catalog) domainWithin(name, root string) (*Domain, error) {
	d, ok := c.Domain(name)
	if !ok || !c.Within(d.Org, root) {
		return nil, withNearest(DomainNotFound.New("There is no domain %s.", mailaddr.DisplayDomain(name)), mailaddr.DisplayDomain(name), c.domainNames(func(d *Domain) bool { return c.Within(d.Org, root) }))
	}
	return d, nil
}

// Organisations returns the organisations at and below root, by code, if the
// actor may read them.
func (s *Service) Organisations(ctx context.Context, actor Actor, root string) ([]*Organisation, error) {
	return listed(ctx, s, actor, OrgsRead, root, (*Catalog).Organisations)
}

// Domains returns the domains of the organisations at and below root, by name,
// if the actor may read them.
func (s *Service) Domains(ctx context.Context, actor Actor, root string) ([]*Domain, error) {
	return listed(ctx, s, actor, DomainsRead, root, (*Catalog).Domains)
}

// Groups returns the groups of the organisations at and below root, by
// organisation and path, if the actor may read them.
func (s *Service) Groups(ctx context.Context, actor Actor, root string) ([]*Group, error) {
	return listed(ctx, s, actor, GroupsRead, root, (*Catalog).Groups)
}

func listed[T any](ctx context.Context, s *Service, actor Actor, p Permission, root string, list func(*Catalog, string) []T) ([]T, error) {
	catalog, err := s.allowed(ctx, actor, p)
	if err != nil {
		return nil, err
	}
	if err := catalog.covers(actor, root); err != nil {
		return nil, err
	}
	return list(catalog, root), nil
}

// Catalog returns what everything is looked up in, if the actor has a role. It
// has all organisations, domains and groups; Organisations, Domains and Groups
// tell what the actor may read of them.
func (s *Service) Catalog(ctx context.Context, actor Actor) (*Catalog, error) {
	return s.allowed(ctx, actor, OrgsRead)
}
