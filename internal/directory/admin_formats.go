package directory

import (
	"context"
	"strings"

	"muster/internal/issue"
)

// FormatNotOwn tells that an organisation has no such format of its own.
var FormatNotOwn = issue.NewError("format-not-own", "The organisation has no format of this name of its own.",
	"Look it up with muster formats; those that Muster has by itself cannot be deleted.")

// FormatText is a format that an administrator has added, as its text. It holds
// for files of its organisation and of those below, and goes before one of the
// same name of an organisation above, or of Muster itself. What the text says is
// the business of package format.
type FormatText struct {
	Org, Name, Text string
}

// FormatsOf returns those of the formats that hold for an organisation, the
// nearest last.
func (c *Catalog) FormatsOf(org string, all []FormatText) (list []FormatText) {
	for o := range c.Lineage(org) {
		var own []FormatText
		for _, f := range all {
			if f.Org == o.Code {
				own = append(own, f)
			}
		}
		list = append(own, list...)
	}
	return list
}

// Formats returns the formats that administrators have added and that hold for an
// organisation, the nearest last.
func (s *Service) Formats(ctx context.Context, actor Actor, org string) ([]FormatText, error) {
	c, err := s.allowed(ctx, actor, ImportsRead)
	if err != nil {
		return nil, err
	}
	if err := c.covers(actor, strings.ToUpper(org)); err != nil {
		return nil, err
	}
	all, err := s.Store.Formats(ctx)
	return c.FormatsOf(org, all), err
}

// PutFormat adds a format, whose text package format has read, to an organisation,
// or gives it another text. It tells whether there was none.
func (s *Service) PutFormat(ctx context.Context, actor Actor, f FormatText) (added bool, err error) {
	f.Org = strings.ToUpper(f.Org)
	err = s.onFormat(ctx, actor, f.Org, f.Name, func(tx AdminTx, was *FormatText, e *Entry) error {
		added, e.Action = was == nil, "set"
		var old map[string]string
		if added {
			e.Action = "add"
		} else {
			old = map[string]string{"text": was.Text}
		}
		e.Changes = differences(old, map[string]string{"text": f.Text})
		return tx.PutFormat(ctx, f)
	})
	return added, err
}

// DeleteFormat deletes a format of an organisation. Imports that were planned with
// it keep it.
func (s *Service) DeleteFormat(ctx context.Context, actor Actor, org, name string) error {
	org = strings.ToUpper(org)
	return s.onFormat(ctx, actor, org, name, func(tx AdminTx, was *FormatText, e *Entry) error {
		if was == nil {
			return FormatNotOwn.New("Organisation %s has no format %s of its own.", org, name)
		}
		e.Action, e.Changes = "delete", differences(map[string]string{"text": was.Text}, nil)
		return tx.DeleteFormat(ctx, org, was.Name)
	})
}

// onFormat runs f with the format of a name, in any case, that the organisation
// has; nil where there is none.
func (s *Service) onFormat(ctx context.Context, actor Actor, org, name string, f func(AdminTx, *FormatText, *Entry) error) error {
	e := Entry{Subject: "format " + strings.ToLower(name) + " of organisation " + org}
	return s.admin(ctx, actor, SettingsEdit, org, e, func(tx AdminTx, _ *Catalog, e *Entry) error {
		all, err := tx.Formats(ctx)
		if err != nil {
			return err
		}
		var was *FormatText
		for i := range all {
			if all[i].Org == org && strings.EqualFold(all[i].Name, name) {
				was = &all[i]
			}
		}
		return f(tx, was, e)
	})
}
