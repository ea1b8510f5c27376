package cli

import (
	"cmp"
	"errors"
	"strings"

	"muster/internal/directory"
	"muster/internal/wire"
)

type groupCommands struct {
	List   groupListCommand    `cmd:"" help:"List the groups."`
	Show   groupShowCommand    `cmd:"" aliases:"members" help:"Show the members of a group."`
	Add    groupAddCommand     `cmd:"" help:"Add a group below one that is there."`
	Set    groupSetCommand     `cmd:"" help:"Rename a group, or move it in the tree with all that are below it."`
	Delete groupDeleteCommand  `cmd:"" help:"Delete a group without members and groups below it."`
	Member groupMemberCommands `cmd:"" help:"Put members into a group, and take them out."`
}

type groupListCommand struct {
	Org string `help:"Only those of this organisation and the ones below." placeholder:"CODE"`
}

// Run lists the groups that the actor may see.
func (c *groupListCommand) Run(s *session) error {
	core, actor, err := s.attach()
	if err != nil {
		return err
	}
	groups, err := core.Directory.Groups(s.ctx, actor, cmp.Or(c.Org, actor.Org))
	if err != nil {
		return err
	}
	rows := [][]string{{"ORG", "GROUP", "ORIGIN"}}
	for _, g := range groups {
		if s.globals.JSON {
			if err := s.printJSON(wire.Group(g)); err != nil {
				return err
			}
			continue
		}
		rows = append(rows, []string{g.Org, g.Path, g.Origin})
	}
	if !s.globals.JSON {
		s.table(rows)
	}
	return nil
}

// named is a command on one group.
type namedGroup struct {
	Path string `arg:"" help:"Names of the group and of those above it, divided by slashes."`
	Org  string `default:"MASTER" help:"Organisation of the group." placeholder:"CODE"`
}

func (g *namedGroup) org() string { return strings.ToUpper(g.Org) }

type groupShowCommand struct{ namedGroup }

// Run lists the members of a group.
func (c *groupShowCommand) Run(s *session) error {
	core, actor, err := s.attach()
	if err != nil {
		return err
	}
	rows := [][]string{{"MEMBER", "KIND", "NOTE"}}
	err = core.Directory.Members(s.ctx, actor, c.org(), c.Path, func(m directory.Member) error {
		if s.globals.JSON {
			return s.printJSON(wire.Member(m))
		}
		rows = append(rows, []string{m.Address, m.Kind, m.Note})
		return nil
	})
	if err == nil && !s.globals.JSON {
		s.table(rows)
	}
	return err
}

type groupAddCommand struct{ namedGroup }

// Run adds a group.
func (c *groupAddCommand) Run(s *session) error {
	err := s.add(func(core *Core, actor directory.Actor) error {
		return core.Directory.AddGroup(s.ctx, actor, c.org(), c.Path)
	})
	if err != nil {
		return err
	}
	return s.doneGroup("Added", c.org(), c.Path)
}

func (s *session) doneGroup(what, org, path string) error {
	if s.globals.JSON {
		return s.printJSON(object{{"path", path}, {"org", org}})
	}
	s.print("%s: group %s of organisation %s.", what, clean(path), org)
	return nil
}

type groupSetCommand struct {
	namedGroup
	Name   string `required:"" xor:"what" help:"New name, in its place in the tree." placeholder:"TEXT"`
	Parent string `required:"" xor:"what" help:"Group of the same organisation below which it is to lie." placeholder:"PATH"`
	Root   bool   `required:"" xor:"what" help:"Move it to the top."`
}

// Run renames or moves a group.
func (c *groupSetCommand) Run(s *session) error {
	core, actor, err := s.attach()
	if err != nil {
		return err
	}
	if c.Name != "" {
		if err := core.Directory.RenameGroup(s.ctx, actor, c.org(), c.Path, c.Name); err != nil {
			return err
		}
		return s.doneGroup("Renamed", c.org(), below(c.Path[:max(0, strings.LastIndex(c.Path, "/"))], c.Name))
	}
	if err := core.Directory.MoveGroup(s.ctx, actor, c.org(), c.Path, c.Parent); err != nil {
		return err
	}
	return s.doneGroup("Moved", c.org(), below(c.Parent, c.Path[strings.LastIndex(c.Path, "/")+1:]))
}

// below is the path of a group below another, or at the top.
func below(parent, name string) string { return strings.TrimPrefix(parent+"/"+name, "/") }

type groupDeleteCommand struct{ namedGroup }

// Run deletes a group.
func (c *groupDeleteCommand) Run(s *session) error {
	core, actor, err := s.attach()
	if err != nil {
		return err
	}
	if err := core.Directory.DeleteGroup(s.ctx, actor, c.org(), c.Path); err != nil {
		return err
	}
	return s.deleted("group", c.Path)
}

type groupMemberCommands struct {
	Add    memberAddCommand    `cmd:"" help:"Put users, foreign addresses or whole domains into a group."`
	Delete memberDeleteCommand `cmd:"" help:"Take members out of a group."`
}

// namedMembers is a command on members of one group.
type namedMembers struct {
	namedGroup
	Members []string `arg:"" name:"member" help:"Address of a user, a foreign address, or a domain."`
}

// each calls f for each member, and tells of all that failed.
func (c *namedMembers) each(s *session, what string, f func(*Core, directory.Actor, string) error) error {
	core, actor, err := s.attach()
	if err != nil {
		return err
	}
	return c.all(s, what, func(member string) error { return f(core, actor, member) })
}

func (c *namedMembers) all(s *session, what string, f func(string) error) error {
	var failed []error
	var err error
	for _, m := range c.Members {
		if err := f(m); err != nil {
			failed = append(failed, err)
			continue
		}
		if s.globals.JSON {
			err = errors.Join(err, s.printJSON(object{{"path", c.Path}, {"org", c.org()}, {"address", m}}))
		} else {
			s.print("%s: %s, group %s.", what, clean(m), clean(c.Path))
		}
	}
	return errors.Join(append(failed, err)...)
}

type memberAddCommand struct {
	namedMembers
	Note *string `help:"Note of at most 100 characters on the membership. Without it, a member who is in already keeps theirs; a blank one takes it away." placeholder:"TEXT"`
}

// Run puts members into a group.
func (c *memberAddCommand) Run(s *session) error {
	if c.Note != nil {
		if err := checkNote(*c.Note); err != nil {
			return err
		}
	}
	return c.each(s, "Added", func(core *Core, actor directory.Actor, member string) error {
		return core.Directory.AddMember(s.ctx, actor, c.org(), c.Path, member, c.Note)
	})
}

type memberDeleteCommand struct{ namedMembers }

// Run takes members out of a group.
func (c *memberDeleteCommand) Run(s *session) error {
	return c.each(s, "Taken out", func(core *Core, actor directory.Actor, member string) error {
		return core.Directory.DeleteMember(s.ctx, actor, c.org(), c.Path, member)
	})
}
