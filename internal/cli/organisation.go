package cli

import (
	"context"
	"strings"

	"muster/client"
	"muster/internal/directory"
	"muster/internal/mailaddr"
	"muster/internal/wire"
)

type orgCommands struct {
	List   orgListCommand   `cmd:"" help:"List the organisations."`
	Add    orgAddCommand    `cmd:"" help:"Add an organisation."`
	Set    orgSetCommand    `cmd:"" help:"Change the name or the settings of an organisation."`
	Delete orgDeleteCommand `cmd:"" help:"Delete an organisation that has nothing left."`
}

type orgListCommand struct{}

// Run lists the organisations that the actor may see.
func (c *orgListCommand) Run(s *session) error {
	core, actor, err := s.attach()
	if err != nil {
		return err
	}
	organisations, err := core.Directory.Organisations(s.ctx, actor, actor.Org)
	if err != nil {
		return err
	}
	catalog, err := core.Directory.Catalog(s.ctx, actor)
	if err != nil {
		return err
	}
	rows := [][]string{{"CODE", "PARENT", "NAME", "DEFAULT DOMAIN"}}
	for _, o := range organisations {
		if s.globals.JSON {
			if err := s.printJSON(wire.Organisation(catalog, o)); err != nil {
				return err
			}
			continue
		}
		rows = append(rows, []string{o.Code, dash(o.Parent), o.Name, dash(mailaddr.DisplayDomain(catalog.Settings(o.Code).DefaultDomain))})
	}
	if !s.globals.JSON {
		s.table(rows)
	}
	return nil
}

// orgSettings are the flags that change an organisation. One that is not given
// keeps what there is.
type orgSettings struct {
	Name               *string `help:"Name." placeholder:"TEXT"`
	DefaultDomain      *string `help:"Domain of generated addresses; blank: inherited." placeholder:"NAME"`
	AddressPattern     *string `help:"How addresses are generated, such as {first}.{last}; blank: inherited." placeholder:"PATTERN"`
	MailboxDefault     *int    `help:"Size of a new user's mailbox in GB; 0: inherited." placeholder:"GB"`
	MailboxMax         *int    `help:"Largest mailbox in GB; 0: inherited." placeholder:"GB"`
	Passwords          *string `help:"How generated passwords reach their users: results, link or none." placeholder:"WAY"`
	Country            *string `help:"Country of telephone numbers, as two letters; blank: inherited." placeholder:"CODE"`
	PasswordMin        *int    `help:"Least length of a password." placeholder:"N"`
	PasswordMinProgram *int    `name:"password-min-application" help:"Least length where a program uses the mailbox." placeholder:"N"`
	PasswordMax        *int    `help:"Greatest length of a password." placeholder:"N"`
	PasswordClasses    *int    `help:"Kinds of characters that a password must have, 0 to 4." placeholder:"N"`
	PasswordRemembered *int    `help:"Former passwords that are not taken again." placeholder:"N"`
	AddressKeptDays    *int    `help:"Days for which the address of a deleted user is not given out again; 0: inherited." placeholder:"N"`
	GeneratedDays      *int    `help:"Days after which an unused generated password lapses; 0: inherited." placeholder:"N"`
	UndoDays           *int    `help:"Days for which what an undo needs is kept; 0: inherited." placeholder:"N"`
	ThresholdPercent   *int    `help:"Part of the existing users that an import may change unconfirmed; 0: inherited." placeholder:"N"`
	ThresholdUsers     *int    `help:"Number of existing users that an import may always change; 0: inherited." placeholder:"N"`
	SecondFactor       *string `help:"Whether users who sign in must have a second factor: demanded or optional; blank: inherited." placeholder:"WHETHER"`
	PasswordDays       *int    `help:"Days after which a password expires; 0: inherited." placeholder:"N"`
	LockoutFailures    *int    `help:"Failed sign-ins that lock a user out; 0: inherited." placeholder:"N"`
	LockoutMinutes     *int    `help:"Minutes for which they do; 0: inherited." placeholder:"N"`
}

// check refuses what no organisation could have, and brings names into the
// form in which they are kept.
func (f *orgSettings) check() error {
	for name, n := range map[string]*int{"--mailbox-default": f.MailboxDefault, "--mailbox-max": f.MailboxMax, "--password-min": f.PasswordMin,
		"--password-min-application": f.PasswordMinProgram, "--password-max": f.PasswordMax, "--password-remembered": f.PasswordRemembered,
		"--address-kept-days": f.AddressKeptDays, "--generated-days": f.GeneratedDays, "--undo-days": f.UndoDays,
		"--threshold-percent": f.ThresholdPercent, "--threshold-users": f.ThresholdUsers,
		"--password-days": f.PasswordDays, "--lockout-failures": f.LockoutFailures, "--lockout-minutes": f.LockoutMinutes} {
		if n != nil && (*n < 0 || *n > 1_000_000) {
			return usage("%s is a number from 0 to 1000000, not %d", name, *n)
		}
	}
	if n := f.PasswordClasses; n != nil && (*n < 0 || *n > 4) {
		return usage("--password-classes is a number from 0 to 4, not %d", *n)
	}
	if f.Country != nil && *f.Country != "" && len(*f.Country) != 2 {
		return usage("--country is a code of two letters such as GB, not %q", *f.Country)
	}
	if f.DefaultDomain == nil || *f.DefaultDomain == "" {
		return nil
	}
	name, err := mailaddr.ParseDomain(*f.DefaultDomain)
	if err != nil {
		return usage("--default-domain: %w", err)
	}
	*f.DefaultDomain = name
	return nil
}

// wanted is what the flags want of an organisation.
func (f *orgSettings) wanted() client.OrganisationChange {
	return client.OrganisationChange{Name: f.Name, Settings: client.SettingsChange{DefaultDomain: f.DefaultDomain, MailboxGB: f.MailboxDefault,
		MailboxMaxGB: f.MailboxMax, AddressPattern: f.AddressPattern, Passwords: f.Passwords, Country: f.Country,
		AddressKeptDays: f.AddressKeptDays, GeneratedDays: f.GeneratedDays, UndoDays: f.UndoDays,
		ThresholdPercent: f.ThresholdPercent, ThresholdUsers: f.ThresholdUsers, SecondFactor: f.SecondFactor,
		PasswordDays: f.PasswordDays, LockoutFailures: f.LockoutFailures, LockoutMinutes: f.LockoutMinutes,
		Policy: client.PolicyChange{MinLength: f.PasswordMin, MinLengthApplication: f.PasswordMinProgram, MaxLength: f.PasswordMax,
			Classes: f.PasswordClasses, Remembered: f.PasswordRemembered}}}
}

type orgAddCommand struct {
	Code   string `arg:"" help:"Code of the new organisation."`
	Parent string `default:"MASTER" help:"Organisation above it." placeholder:"CODE"`
	orgSettings
}

// Run adds an organisation.
func (c *orgAddCommand) Run(s *session) error {
	if err := c.check(); err != nil {
		return err
	}
	var by directory.Actor
	err := s.add(func(core *Core, actor directory.Actor) error {
		by = actor
		return c.addTo(s.ctx, core, actor)
	})
	if err != nil {
		return err
	}
	return s.doneOrg(by, c.Code, "Added")
}

func (c *orgAddCommand) addTo(ctx context.Context, core *Core, actor directory.Actor) error {
	catalog, err := core.Directory.Catalog(ctx, actor)
	if err != nil {
		return err
	}
	o := directory.Organisation{Code: strings.ToUpper(c.Code), Name: c.Code, Parent: c.Parent}
	if above, ok := catalog.Organisation(c.Parent); ok {
		wire.ChangeOrganisation(&o, c.wanted(), catalog.Settings(above.Code).Policy)
	}
	return core.Directory.AddOrganisation(ctx, actor, o)
}

type orgSetCommand struct {
	Code string `arg:"" help:"Code of the organisation."`
	orgSettings
}

// Run changes an organisation.
func (c *orgSetCommand) Run(s *session) error {
	if err := c.check(); err != nil {
		return err
	}
	core, actor, err := s.attach()
	if err != nil {
		return err
	}
	catalog, err := core.Directory.Catalog(s.ctx, actor)
	if err != nil {
		return err
	}
	err = core.Directory.SetOrganisation(s.ctx, actor, c.Code, func(o *directory.Organisation) {
		wire.ChangeOrganisation(o, c.wanted(), catalog.Settings(o.Code).Policy)
	})
	if err != nil {
		return err
	}
	return s.doneOrg(actor, c.Code, "Changed")
}

// doneOrg shows an organisation that was added or changed.
func (s *session) doneOrg(actor directory.Actor, code, what string) error {
	if !s.globals.JSON {
		s.print("%s: organisation %s.", what, strings.ToUpper(code))
		return nil
	}
	catalog, err := s.core.Directory.Catalog(s.ctx, actor)
	if err != nil {
		return err
	}
	o, ok := catalog.Organisation(code)
	if !ok {
		return refused("The organisation %s was deleted meanwhile.", code)
	}
	return s.printJSON(wire.Organisation(catalog, o))
}

type orgDeleteCommand struct {
	Code string `arg:"" help:"Code of the organisation."`
}

// Run deletes an organisation.
func (c *orgDeleteCommand) Run(s *session) error {
	core, actor, err := s.attach()
	if err != nil {
		return err
	}
	if err := core.Directory.DeleteOrganisation(s.ctx, actor, c.Code); err != nil {
		return err
	}
	return s.deleted("organisation", strings.ToUpper(c.Code))
}

// deleted tells of something that is gone.
func (s *session) deleted(what, name string) error {
	if s.globals.JSON {
		return s.printJSON(client.Deleted{Deleted: what, Name: name})
	}
	s.print("Deleted: %s %s.", what, clean(name))
	return nil
}
