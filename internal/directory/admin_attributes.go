package directory

import (
	"context"
	"strings"
	"unicode/utf8"

	"muster/internal/issue"
)

// The problems of changing attributes.
var (
	AttributeExists  = issue.NewError("attribute-exists", "There is an attribute of this name already.", "Choose another name.")
	AttributeUnknown = issue.NewError("attribute-unknown", "There is no attribute of this name.", "Look it up with muster attribute list.")
	AttributeInUse   = issue.NewError("attribute-in-use", "Users still have a value of the attribute.", "Take it from them first: by a file with (clear) in the column attr.NAME, or with muster user set --attribute NAME=.")
)

// AttributeUse is an attribute and how many users have a value of it.
type AttributeUse struct {
	Name  string
	Users int64
}

// Attributes returns the attributes by name, each with how many users have it in
// the organisations that the actor's rights cover.
func (s *Service) Attributes(ctx context.Context, actor Actor) ([]AttributeUse, error) {
	c, err := s.allowed(ctx, actor, UsersRead)
	if err != nil {
		return nil, err
	}
	var orgs []string
	for _, o := range c.Organisations(actor.Org) {
		orgs = append(orgs, o.Code)
	}
	return s.Store.Attributes(ctx, orgs)
}

// AddAttribute makes an attribute before anybody has it, as an import does that
// first mentions one.
func (s *Service) AddAttribute(ctx context.Context, actor Actor, name string) error {
	name, err := attributeName(name)
	if err != nil {
		return err
	}
	return s.admin(ctx, actor, UsersEdit, actor.Org, Entry{Subject: "attribute " + name, Action: "add"}, func(tx AdminTx, _ *Catalog, e *Entry) error {
		if there, err := tx.Attribute(ctx, name); err != nil || there != "" {
			return orErr(err, AttributeExists.New("There is an attribute %s already.", there))
		}
		e.Changes = []Change{{Field: "name", New: name}}
		return tx.PutAttribute(ctx, name)
	})
}

// RenameAttribute gives an attribute another name, with all values that users have
// of it. Attributes are everybody's, so that takes rights over all organisations.
func (s *Service) RenameAttribute(ctx context.Context, actor Actor, name, to string) error {
	to, err := attributeName(to)
	if err != nil {
		return err
	}
	return s.onAttribute(ctx, actor, name, "set", func(tx AdminTx, name string, e *Entry) error {
		if there, err := tx.Attribute(ctx, to); err != nil || there != "" && fold(there) != fold(name) {
			return orErr(err, AttributeExists.New("There is an attribute %s already.", there))
		}
		if to != name {
			e.Changes = []Change{{Field: "name", Old: name, New: to}}
		}
		return tx.RenameAttribute(ctx, name, to)
	})
}

// DeleteAttribute deletes an attribute that no user has.
func (s *Service) DeleteAttribute(ctx context.Context, actor Actor, name string) error {
	return s.onAttribute(ctx, actor, name, "delete", func(tx AdminTx, name string, e *Entry) error {
		if n, err := tx.Uses(ctx, "attribute", name); err != nil || n > 0 {
			return orErr(err, AttributeInUse.New("Users still have a value of the attribute %s: %d.", name, n))
		}
		e.Changes = []Change{{Field: "name", Old: name}}
		return tx.DropAttribute(ctx, name)
	})
}

func (s *Service) onAttribute(ctx context.Context, actor Actor, name, action string, f func(AdminTx, string, *Entry) error) error {
	if err := actor.MayEverywhere(SettingsEdit); err != nil {
		return err
	}
	if _, err := attributeName(name); err != nil {
		return AttributeUnknown.New("There is no attribute %q.", name)
	}
	return s.admin(ctx, actor, SettingsEdit, Master, Entry{Action: action}, func(tx AdminTx, _ *Catalog, e *Entry) error {
		there, err := tx.Attribute(ctx, name)
		if err != nil || there == "" {
			return orErr(err, AttributeUnknown.New("There is no attribute %q.", name))
		}
		e.Subject = "attribute " + there
		return f(tx, there, e)
	})
}

func attributeName(name string) (string, error) {
	name, err := attribute.Clean(strings.Join(strings.Fields(name), " "))
	if err != nil {
		return "", err
	}
	if n := utf8.RuneCountInString(name); n == 0 || n > maxAttributeName {
		return "", AttributeName.New("%q has %d characters; the name of an attribute has 1 to %d.", name, n, maxAttributeName)
	}
	return name, nil
}
