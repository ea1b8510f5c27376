package cli

import (
	"fmt"
	"strings"

	"muster/client"
	"muster/internal/directory"
	"muster/internal/wire"
)

// Remote lists the organisations.
func (c *orgListCommand) Remote(s *session, to *client.Client) error {
	return listRemotely(s, []string{"CODE", "PARENT", "NAME", "DEFAULT DOMAIN"}, func(f func(*client.Organisation) error) error { return to.Organisations(s.ctx, f) },
		func(o *client.Organisation) []string {
			return []string{o.Code, dash(o.Parent), o.Name, dash(o.Settings.DefaultDomain)}
		})
}

// Remote adds an organisation.
func (c *orgAddCommand) Remote(s *session, to *client.Client) error {
	if err := c.check(); err != nil {
		return err
	}
	o, err := to.AddOrganisation(s.ctx, client.NewOrganisation{Code: c.Code, Parent: c.Parent, OrganisationChange: c.wanted()})
	return s.doneRemotely("Added", "organisation "+strings.ToUpper(c.Code), o, err)
}

// doneRemotely tells what was done, or prints the answer as JSON.
func (s *session) doneRemotely(what, to string, answer any, err error) error {
	switch {
	case err != nil:
		return err
	case s.globals.JSON:
		return s.printJSON(answer)
	}
	s.print("%s: %s.", what, clean(to))
	return nil
}

// Remote changes an organisation.
func (c *orgSetCommand) Remote(s *session, to *client.Client) error {
	if err := c.check(); err != nil {
		return err
	}
	o, err := to.SetOrganisation(s.ctx, c.Code, c.wanted())
	return s.doneRemotely("Changed", "organisation "+strings.ToUpper(c.Code), o, err)
}

// Remote deletes an organisation.
func (c *orgDeleteCommand) Remote(s *session, to *client.Client) error {
	gone, err := to.DeleteOrganisation(s.ctx, c.Code)
	return s.doneRemotely("Deleted", "organisation "+strings.ToUpper(c.Code), gone, err)
}

// Remote lists the domains.
func (c *domainListCommand) Remote(s *session, to *client.Client) error {
	return listRemotely(s, []string{"DOMAIN", "ORG", "VALIDATION", "AUTO-CREATE", "CLOSED"}, func(f func(*client.Domain) error) error { return to.Domains(s.ctx, c.Org, f) },
		func(d *client.Domain) []string {
			return []string{d.Name, d.Org, d.Validation, yes(d.AutoCreate), yes(d.Closed)}
		})
}

func (f *domainSettings) wanted() client.DomainChange {
	return client.DomainChange{Validation: f.Validation, AutoCreate: f.AutoCreate, Closed: f.Closed}
}

// Remote adds a domain.
func (c *domainAddCommand) Remote(s *session, to *client.Client) error {
	d, err := to.AddDomain(s.ctx, client.NewDomain{Name: c.Name, Org: c.Org, DomainChange: c.wanted()})
	return s.doneRemotely("Added", "domain "+c.Name, d, err)
}

// Remote changes a domain.
func (c *domainSetCommand) Remote(s *session, to *client.Client) error {
	d, err := to.SetDomain(s.ctx, c.Name, c.wanted())
	return s.doneRemotely("Changed", "domain "+c.Name, d, err)
}

// Remote deletes a domain.
func (c *domainDeleteCommand) Remote(s *session, to *client.Client) error {
	gone, err := to.DeleteDomain(s.ctx, c.Name)
	return s.doneRemotely("Deleted", "domain "+c.Name, gone, err)
}

// Remote lists the groups.
func (c *groupListCommand) Remote(s *session, to *client.Client) error {
	return listRemotely(s, []string{"ORG", "GROUP", "ORIGIN"}, func(f func(*client.Group) error) error { return to.Groups(s.ctx, c.Org, f) },
		func(g *client.Group) []string { return []string{g.Org, g.Path, g.Origin} })
}

// id finds the group by its path: a server knows groups by their ids.
func (g *namedGroup) id(s *session, to *client.Client) (id string, err error) {
	err = to.Groups(s.ctx, g.org(), func(one *client.Group) error {
		if one.Org == g.org() && strings.EqualFold(one.Path, g.Path) {
			id = one.ID
		}
		return nil
	})
	if err == nil && id == "" {
		err = directory.GroupUnknown.New("There is no group %q.", g.Path)
	}
	return id, err
}

// Remote lists the members of a group.
func (c *groupShowCommand) Remote(s *session, to *client.Client) error {
	id, err := c.id(s, to)
	if err != nil {
		return err
	}
	return listRemotely(s, []string{"MEMBER", "KIND", "NOTE"}, func(f func(*client.Member) error) error { return to.Members(s.ctx, id, f) },
		func(m *client.Member) []string { return []string{m.Address, m.Kind, m.Note} })
}

// Remote adds a group.
func (c *groupAddCommand) Remote(s *session, to *client.Client) error {
	if _, err := to.AddGroup(s.ctx, client.NewGroup{Path: c.Path, Org: c.Org}); err != nil {
		return err
	}
	return s.doneGroup("Added", c.org(), c.Path)
}

// Remote renames or moves a group.
func (c *groupSetCommand) Remote(s *session, to *client.Client) error {
	id, err := c.id(s, to)
	if err != nil {
		return err
	}
	var g *client.Group
	if c.Name != "" {
		g, err = to.RenameGroup(s.ctx, id, c.Name)
	} else {
		g, err = to.MoveGroup(s.ctx, id, c.Parent)
	}
	if err != nil {
		return err
	}
	return s.doneGroup(map[bool]string{true: "Renamed", false: "Moved"}[c.Name != ""], g.Org, g.Path)
}

// Remote deletes a group.
func (c *groupDeleteCommand) Remote(s *session, to *client.Client) error {
	id, err := c.id(s, to)
	if err != nil {
		return err
	}
	if _, err := to.DeleteGroup(s.ctx, id); err != nil {
		return err
	}
	return s.deleted("group", c.Path)
}

// eachRemotely calls f for each member, and tells of all that failed.
func (c *namedMembers) eachRemotely(s *session, to *client.Client, what string, f func(id, member string) error) error {
	id, err := c.id(s, to)
	if err != nil {
		return err
	}
	return c.all(s, what, func(member string) error { return f(id, member) })
}

// Remote puts members into a group.
func (c *memberAddCommand) Remote(s *session, to *client.Client) error {
	return c.eachRemotely(s, to, "Added", func(id, member string) error {
		_, err := to.AddMember(s.ctx, id, client.NewMember{Address: member, Note: c.Note})
		return err
	})
}

// Remote takes members out of a group.
func (c *memberDeleteCommand) Remote(s *session, to *client.Client) error {
	return c.eachRemotely(s, to, "Taken out", func(id, member string) error {
		_, err := to.DeleteMember(s.ctx, id, member)
		return err
	})
}

// Remote lists the attributes.
func (c *attributeListCommand) Remote(s *session, to *client.Client) error {
	return listRemotely(s, []string{"ATTRIBUTE", "USERS"}, func(f func(*client.Attribute) error) error { return to.Attributes(s.ctx, f) },
		func(a *client.Attribute) []string { return []string{a.Name, number(a.Users)} })
}

// Remote adds an attribute.
func (c *attributeAddCommand) Remote(s *session, to *client.Client) error {
	added, err := to.AddAttribute(s.ctx, c.Name)
	return s.doneRemotely("Added", "attribute "+c.Name, added, err)
}

// Remote renames an attribute.
func (c *attributeSetCommand) Remote(s *session, to *client.Client) error {
	renamed, err := to.RenameAttribute(s.ctx, c.Name, c.To)
	return s.doneRemotely("Renamed", "attribute "+c.To, renamed, err)
}

// Remote deletes an attribute.
func (c *attributeDeleteCommand) Remote(s *session, to *client.Client) error {
	gone, err := to.DeleteAttribute(s.ctx, c.Name)
	return s.doneRemotely("Deleted", "attribute "+c.Name, gone, err)
}

// Remote lists the formats.
func (c *formatListCommand) Remote(s *session, to *client.Client) error {
	return listRemotely(s, []string{"FORMAT", "MODE", "ROWS", "TITLE", "ORG"}, func(f func(*client.Format) error) error { return to.Formats(s.ctx, c.Org, f) },
		func(f *client.Format) []string {
			return []string{f.Format, f.Mode, fmt.Sprint(f.Limit), f.Title, dash(f.Org)}
		})
}

// Remote prints the text of a format.
func (c *formatShowCommand) Remote(s *session, to *client.Client) error {
	f, err := to.Format(s.ctx, c.Format, c.Org)
	if err == nil && !s.globals.JSON {
		_, err = s.out.WriteString(f.Text)
		return err
	}
	return s.shown(f, err)
}

// Remote adds a format to an organisation.
func (c *formatAddCommand) Remote(s *session, to *client.Client) error {
	f, problems, err := c.read(s)
	if err != nil {
		return err
	}
	if len(problems) > 0 {
		return s.printProblems(c.File, problems)
	}
	stored, err := to.PutFormat(s.ctx, f.Name, c.Org, f.Text)
	return s.doneRemotely("Added", "format "+f.Name, stored, err)
}

// Remote deletes a format of an organisation.
func (c *formatDeleteCommand) Remote(s *session, to *client.Client) error {
	gone, err := to.DeleteFormat(s.ctx, c.Format, c.Org)
	return s.doneRemotely("Deleted", "format "+c.Format, gone, err)
}

// Remote lists the tokens.
func (c *tokenListCommand) Remote(s *session, to *client.Client) error {
	return listRemotely(s, []string{"ID", "NAME", "ROLE", "ORG", "LAST USED", "EXPIRES", "REVOKED"}, func(f func(*client.Token) error) error { return to.Tokens(s.ctx, f) },
		func(t *client.Token) []string {
			return []string{t.ID, t.Name, t.Role, t.Org, shownTime(t.LastUsed), shownTime(t.Expires), shownTime(t.Revoked)}
		})
}

// Remote makes a token. It is printed here and nowhere else.
func (c *tokenAddCommand) Remote(s *session, to *client.Client) error {
	expires, forever, err := c.expiry()
	if err != nil {
		return err
	}
	t, err := to.AddToken(s.ctx, client.NewToken{Name: c.Name, Role: c.Role, Org: c.Org, Expires: wire.Moment(expires), Forever: forever})
	return s.shown(t, err)
}

// Remote revokes a token.
func (c *tokenRevokeCommand) Remote(s *session, to *client.Client) error {
	revoked, err := to.RevokeToken(s.ctx, c.ID)
	return s.doneRemotely("Revoked", "token "+c.ID, revoked, err)
}
