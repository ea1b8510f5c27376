package cli

import (
	"muster/client"
	"muster/internal/directory"
	"muster/internal/wire"
)

type attributeCommands struct {
	List   attributeListCommand   `cmd:"" help:"List the attributes, and how many users have each."`
	Add    attributeAddCommand    `cmd:"" help:"Add an attribute; an import adds those that it mentions."`
	Set    attributeSetCommand    `cmd:"" help:"Rename an attribute, for all who have it."`
	Delete attributeDeleteCommand `cmd:"" help:"Delete an attribute that nobody has."`
}

type attributeListCommand struct{}

// Run lists the attributes.
func (c *attributeListCommand) Run(s *session) error {
	core, actor, err := s.attach()
	if err != nil {
		return err
	}
	attributes, err := core.Directory.Attributes(s.ctx, actor)
	if err != nil {
		return err
	}
	rows := [][]string{{"ATTRIBUTE", "USERS"}}
	for _, a := range attributes {
		if s.globals.JSON {
			if err := s.printJSON(wire.Attribute(a)); err != nil {
				return err
			}
			continue
		}
		rows = append(rows, []string{a.Name, number(a.Users)})
	}
	if !s.globals.JSON {
		s.table(rows)
	}
	return nil
}

// namedAttribute is a command on one attribute.
type namedAttribute struct {
	Name string `arg:"" help:"Name of the attribute, in any case."`
}

type attributeAddCommand struct{ namedAttribute }

// Run adds an attribute.
func (c *attributeAddCommand) Run(s *session) error {
	err := s.add(func(core *Core, actor directory.Actor) error {
		return core.Directory.AddAttribute(s.ctx, actor, c.Name)
	})
	if err != nil {
		return err
	}
	return s.doneAttribute("Added", c.Name)
}

type attributeSetCommand struct {
	namedAttribute
	To string `name:"name" required:"" help:"New name." placeholder:"TEXT"`
}

// Run renames an attribute.
func (c *attributeSetCommand) Run(s *session) error {
	core, actor, err := s.attach()
	if err != nil {
		return err
	}
	if err := core.Directory.RenameAttribute(s.ctx, actor, c.Name, c.To); err != nil {
		return err
	}
	return s.doneAttribute("Renamed", c.To)
}

func (s *session) doneAttribute(what, name string) error {
	if s.globals.JSON {
		return s.printJSON(client.Name{Name: name})
	}
	s.print("%s: attribute %s.", what, clean(name))
	return nil
}

type attributeDeleteCommand struct{ namedAttribute }

// Run deletes an attribute.
func (c *attributeDeleteCommand) Run(s *session) error {
	core, actor, err := s.attach()
	if err != nil {
		return err
	}
	if err := core.Directory.DeleteAttribute(s.ctx, actor, c.Name); err != nil {
		return err
	}
	return s.deleted("attribute", c.Name)
}
