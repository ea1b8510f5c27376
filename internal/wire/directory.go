package wire

import (
	"cmp"
	"strings"

	"muster/client"
	"muster/internal/directory"
	"muster/internal/format"
	"muster/internal/issue"
	"muster/internal/password"
)

// Organisation is an organisation with the settings that are in force for it.
func Organisation(c *directory.Catalog, o *directory.Organisation) *client.Organisation {
	return &client.Organisation{Code: o.Code, Name: o.Name, Parent: o.Parent, Settings: Settings(c.Settings(o.Code))}
}

// Settings are settings of an organisation.
func Settings(s directory.Settings) client.Settings {
	w := client.Settings{DefaultDomain: s.DefaultDomain, MailboxGB: s.MailboxGB, MailboxMaxGB: s.MailboxMaxGB, AddressPattern: s.AddressPattern,
		Passwords: s.Passwords, Country: s.Country, AddressKeptDays: s.AddressKeptDays, GeneratedDays: s.GeneratedDays,
		UndoDays: s.UndoDays, ThresholdPercent: s.ThresholdPercent, ThresholdUsers: s.ThresholdUsers,
		LockoutFailures: s.LockoutFailures, LockoutMinutes: s.LockoutMinutes, PasswordDays: s.PasswordDays, SecondFactor: s.SecondFactor}
	if s.Policy != nil {
		p := client.Policy(*s.Policy)
		w.Policy = &p
	}
	return w
}

// ChangeOrganisation brings what is wanted into an organisation. The policy in force
// is the start of one of its own.
func ChangeOrganisation(o *directory.Organisation, w client.OrganisationChange, inForce *password.Policy) {
	s, c := &o.Settings, w.Settings
	assign(&o.Name, w.Name)
	assign(&s.DefaultDomain, c.DefaultDomain)
	assign(&s.AddressPattern, c.AddressPattern)
	assign(&s.MailboxGB, c.MailboxGB)
	assign(&s.MailboxMaxGB, c.MailboxMaxGB)
	assign(&s.Passwords, c.Passwords)
	assign(&s.Country, c.Country)
	s.Country = strings.ToUpper(s.Country)
	assign(&s.AddressKeptDays, c.AddressKeptDays)
	assign(&s.GeneratedDays, c.GeneratedDays)
	assign(&s.UndoDays, c.UndoDays)
	assign(&s.ThresholdPercent, c.ThresholdPercent)
	assign(&s.ThresholdUsers, c.ThresholdUsers)
	assign(&s.SecondFactor, c.SecondFactor)
	assign(&s.PasswordDays, c.PasswordDays)
	assign(&s.LockoutFailures, c.LockoutFailures)
	assign(&s.LockoutMinutes, c.LockoutMinutes)
	changePolicy(s, c.Policy, inForce)
}

func changePolicy(s *directory.Settings, c client.PolicyChange, inForce *password.Policy) {
	policy := *inForce
	assign(&policy.MinLength, c.MinLength)
	assign(&policy.MinLengthApplication, c.MinLengthApplication)
	assign(&policy.MaxLength, c.MaxLength)
	assign(&policy.Classes, c.Classes)
	assign(&policy.Remembered, c.Remembered)
	if policy != *inForce {
		s.Policy = &policy
	}
}

// Domain is a mail domain.
func Domain(d *directory.Domain) *client.Domain {
	return &client.Domain{Name: d.Name, Org: d.Org, Validation: d.Validation, AutoCreate: d.AutoCreate, Closed: d.Closed}
}

// ChangeDomain brings what is wanted into a domain.
func ChangeDomain(d *directory.Domain, c client.DomainChange) {
	d.Validation = cmp.Or(c.Validation, d.Validation)
	assign(&d.AutoCreate, c.AutoCreate)
	assign(&d.Closed, c.Closed)
}

// Group is a group.
func Group(g *directory.Group) *client.Group {
	return &client.Group{ID: g.ID.String(), Path: g.Path, Org: g.Org, Origin: g.Origin}
}

// Member is a member of a group.
func Member(m directory.Member) *client.Member {
	return &client.Member{Kind: m.Kind, Address: m.Address, Note: m.Note}
}

// Attribute is an attribute, and how many users have it.
func Attribute(a directory.AttributeUse) *client.Attribute {
	return &client.Attribute{Name: a.Name, Users: a.Users}
}

// Role is a role with what it may do.
func Role(name string) *client.Role {
	w := &client.Role{Name: name, Permissions: []string{}}
	for _, p := range directory.Permissions(name) {
		w.Permissions = append(w.Permissions, string(p))
	}
	return w
}

// FormatProblems are what is wrong with the text of a format.
func FormatProblems(problems []issue.Issue) []client.FormatProblem {
	list := make([]client.FormatProblem, len(problems))
	for i, p := range problems {
		list[i] = client.FormatProblem{Line: p.Line, Key: p.Column, Message: p.Message, Suggestion: p.Suggestion}
	}
	return list
}

// Format is a format with the most rows that a file of it may have; org is the
// organisation that has added it.
func Format(f *format.Format, limit int, org string) *client.Format {
	w := &client.Format{Format: f.Name, Title: f.Title, Mode: "partial", Limit: limit, Help: f.Help, Org: org}
	if f.Strict {
		w.Mode = "strict"
	}
	return w
}
