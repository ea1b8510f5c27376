package cli

import (
	"cmp"
	"slices"

	"muster/client"
	"muster/internal/directory"
	"muster/internal/mailaddr"
	"muster/internal/wire"
)

type domainCommands struct {
	List   domainListCommand   `cmd:"" help:"List the mail domains."`
	Add    domainAddCommand    `cmd:"" help:"Add a mail domain."`
	Set    domainSetCommand    `cmd:"" help:"Change a mail domain."`
	Delete domainDeleteCommand `cmd:"" help:"Delete a mail domain in which nobody has an address."`
}

type domainListCommand struct {
	Org string `help:"Only those of this organisation and the ones below." placeholder:"CODE"`
}

// Run lists the domains that the actor may see.
func (c *domainListCommand) Run(s *session) error {
	core, actor, err := s.attach()
	if err != nil {
		return err
	}
	domains, err := core.Directory.Domains(s.ctx, actor, cmp.Or(c.Org, actor.Org))
	if err != nil {
		return err
	}
	rows := [][]string{{"DOMAIN", "ORG", "VALIDATION", "AUTO-CREATE", "CLOSED"}}
	for _, d := range domains {
		if s.globals.JSON {
			if err := s.printJSON(wire.Domain(d)); err != nil {
				return err
			}
			continue
		}
		rows = append(rows, []string{mailaddr.DisplayDomain(d.Name), d.Org, d.Validation, yes(d.AutoCreate), yes(d.Closed)})
	}
	if !s.globals.JSON {
		s.table(rows)
	}
	return nil
}

func yes(flag bool) string {
	if flag {
		return "yes"
	}
	return "no"
}

// domainSettings are the flags that change a domain.
type domainSettings struct {
	Validation string `help:"Recipients that are accepted: known, directory or any." enum:",known,directory,any" default:"" placeholder:"MODE"`
	AutoCreate *bool  `help:"The first outbound message of a new address makes a user." negatable:""`
	Closed     *bool  `help:"Organisations below have no addresses in it." negatable:""`
}

func (f *domainSettings) change(d *directory.Domain) {
	wire.ChangeDomain(d, client.DomainChange{Validation: f.Validation, AutoCreate: f.AutoCreate, Closed: f.Closed})
}

type domainAddCommand struct {
	Name string `arg:"" help:"Name of the domain."`
	Org  string `default:"MASTER" help:"Organisation that it belongs to." placeholder:"CODE"`
	domainSettings
}

// Run adds a domain.
func (c *domainAddCommand) Run(s *session) error {
	if _, err := mailaddr.ParseDomain(c.Name); err != nil {
		return usage("%w", err)
	}
	d := directory.Domain{Name: c.Name, Org: c.Org, Validation: directory.Validations[0]}
	c.change(&d)
	var by directory.Actor
	err := s.add(func(core *Core, actor directory.Actor) error {
		by = actor
		return core.Directory.AddDomain(s.ctx, actor, d)
	})
	if err != nil {
		return err
	}
	return s.doneDomain(by, c.Name, "Added")
}

type domainSetCommand struct {
	Name string `arg:"" help:"Name of the domain."`
	domainSettings
}

// Run changes a domain.
func (c *domainSetCommand) Run(s *session) error {
	core, actor, err := s.attach()
	if err != nil {
		return err
	}
	if err := core.Directory.SetDomain(s.ctx, actor, c.Name, c.change); err != nil {
		return err
	}
	return s.doneDomain(actor, c.Name, "Changed")
}

func (s *session) doneDomain(actor directory.Actor, name, what string) error {
	name, err := mailaddr.ParseDomain(name)
	if err != nil {
		return err
	}
	if !s.globals.JSON {
		s.print("%s: domain %s.", what, mailaddr.DisplayDomain(name))
		return nil
	}
	catalog, err := s.core.Directory.Catalog(s.ctx, actor)
	if err != nil {
		return err
	}
	list := catalog.Domains(actor.Org)
	if i := slices.IndexFunc(list, func(d *directory.Domain) bool { return d.Name == name }); i >= 0 {
		return s.printJSON(wire.Domain(list[i]))
	}
	return directory.DomainNotFound.New("There is no domain %s any more.", name)
}

type domainDeleteCommand struct {
	Name string `arg:"" help:"Name of the domain."`
}

// Run deletes a domain.
func (c *domainDeleteCommand) Run(s *session) error {
	core, actor, err := s.attach()
	if err != nil {
		return err
	}
	if err := core.Directory.DeleteDomain(s.ctx, actor, c.Name); err != nil {
		return err
	}
	return s.deleted("domain", c.Name)
}
