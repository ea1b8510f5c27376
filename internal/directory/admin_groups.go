package directory

import (
	"context"
	"strings"
	"unicode/utf8"

	"muster/internal/issue"
	"muster/internal/mailaddr"
)

// AddGroup adds a group by its path; the groups above it must exist, in the same organisation.
func (s *Service) AddGroup(ctx context.Context, actor Actor, org, path string) error {
	org = strings.ToUpper(org)
	return s.admin(ctx, actor, GroupsEdit, org, Entry{Action: "add"}, func(tx AdminTx, c *Catalog, e *Entry) error {
		g := Group{ID: NewID(), Org: org, Name: path, Origin: "manual"}
		if i := strings.LastIndex(path, "/"); i >= 0 {
			parent, err := c.manualGroup(actor, org, path[:i])
			if err != nil {
				return err
			}
			g.Parent, g.Name = parent.ID, path[i+1:]
		}
		if err := c.checkName(&g); err != nil {
			return err
		}
		e.Subject, e.Changes = "group "+c.groupPath(&g), []Change{{Field: "path", New: c.groupPath(&g)}}
		return tx.PutGroup(ctx, &g)
	})
}

// checkName brings the name of a group into its form, and refuses one that is
// none or is another group's in the same place.
func (c *Catalog) checkName(g *Group) (err error) {
	if g.Name, err = groupName.Clean(strings.Join(strings.Fields(g.Name), " ")); err != nil {
		return err
	}
	if n := utf8.RuneCountInString(g.Name); n == 0 || n > 100 || strings.Contains(g.Name, "/") {
		return GroupName.New("%q cannot be the name of a group.", g.Name).Suggest("choose 1 to 100 characters without a slash")
	}
	path := c.groupPath(g)
	if other := c.byPath[groupAt(g.Org, path)]; other != nil && other.ID != g.ID {
		return GroupExists.New("There is a group %s already.", other.Path)
	}
	return nil
}

// groupUnknown tells that there is no such group for an organisation, or none at or below
// root, which is all that somebody may read.
func (c *Catalog) groupUnknown(root, org, path string) issue.Issue {
	return withNearest(GroupUnknown.New("There is no group %q.", path), path, c.groupPaths(root, org))
}

// RenameGroup gives a group another name in its place.
func (s *Service) RenameGroup(ctx context.Context, actor Actor, org, path, name string) error {
	return s.onGroup(ctx, actor, org, path, Entry{Action: "set"}, func(tx AdminTx, c *Catalog, g *Group, e *Entry) error {
		g.Name = name
		return c.replaceGroup(ctx, tx, g, e)
	})
}

// MoveGroup puts a group, with all that are below it, below another group of its
// organisation, or at the top where parent is "". A group of another organisation
// cannot be the parent: its own would not be found by their paths there.
func (s *Service) MoveGroup(ctx context.Context, actor Actor, org, path, parent string) error {
	return s.onGroup(ctx, actor, org, path, Entry{Action: "set"}, func(tx AdminTx, c *Catalog, g *Group, e *Entry) error {
		g.Parent = ID{}
		if parent != "" {
			above, err := c.manualGroup(actor, g.Org, parent)
			if err != nil {
				return err
			}
			if c.below(above, g.ID) {
				return GroupLoop.New("The group %s cannot lie below %s, which is itself or below it.", g.Path, above.Path)
			}
			g.Parent = above.ID
		}
		return c.replaceGroup(ctx, tx, g, e)
	})
}

// below reports whether a group is that of an id, or lies somewhere below it.
func (c *Catalog) below(g *Group, id ID) bool {
	for ; g != nil; g = c.groups[g.Parent] {
		if g.ID == id {
			return true
		}
	}
	return false
}

// replaceGroup keeps a group with its new name or in its new place. The paths of those
// below it follow.
func (c *Catalog) replaceGroup(ctx context.Context, tx AdminTx, g *Group, e *Entry) error {
	if err := c.checkName(g); err != nil {
		return err
	}
	now := c.groupPath(g)
	if now == g.Path {
		return nil
	}
	e.Changes = []Change{{Field: "path", Old: g.Path, New: now}}
	return tx.PutGroup(ctx, g)
}

// DeleteGroup deletes a group that has neither members nor groups below it.
func (s *Service) DeleteGroup(ctx context.Context, actor Actor, org, path string) error {
	return s.onGroup(ctx, actor, org, path, Entry{Action: "delete"}, func(tx AdminTx, _ *Catalog, g *Group, e *Entry) error {
		if n, err := tx.Uses(ctx, "group", g.ID.String()); err != nil || n > 0 {
			return orErr(err, GroupInUse.New("The group %s still has members or groups below it, %d in all.", g.Path, n))
		}
		e.Changes = []Change{{Field: "path", Old: g.Path}}
		return tx.DeleteGroup(ctx, g.ID)
	})
}

// AddMember puts a user, a foreign address or a whole domain into a group, or
// gives a member another note; where that is nil, a member keeps the one they have. A
// user beyond the actor's rights counts as a foreign address.
func (s *Service) AddMember(ctx context.Context, actor Actor, org, path string, member string, note *string) error {
	if note != nil {
		kept, err := CleanNote(*note)
		if err != nil {
			return err
		}
		note = &kept
	}
	return s.onGroup(ctx, actor, org, path, Entry{Action: "add member"}, func(tx AdminTx, c *Catalog, g *Group, e *Entry) error {
		u, err := s.find(ctx, tx, member)
		if err != nil {
			return err
		}
		if u != nil && c.Within(u.Values[Org], actor.Org) {
			was := u.member(g)
			is := Member{Address: u.Values[Address], Note: was.noteOr(note)}
			e.tellMember(was, &is)
			return s.changeMember(ctx, tx, c, actor, u, u.joinGroup(g, is.Note))
		}
		m, err := otherMember(member)
		if err != nil {
			return err
		}
		was, err := findMember(ctx, tx, g, m)
		if err != nil {
			return err
		}
		m.Note = was.noteOr(note)
		e.tellMember(was, &m)
		return tx.PutMember(ctx, g.ID, m)
	})
}

// noteOr is the note that a member gets, or keeps where none is given; nil is no member
// yet.
func (m *Member) noteOr(given *string) string {
	switch {
	case given != nil:
		return *given
	case m != nil:
		return m.Note
	}
	return ""
}

// DeleteMember takes a member out of a group.
func (s *Service) DeleteMember(ctx context.Context, actor Actor, org, path string, member string) error {
	return s.onGroup(ctx, actor, org, path, Entry{Action: "delete member"}, func(tx AdminTx, c *Catalog, g *Group, e *Entry) error {
		u, err := s.find(ctx, tx, member)
		if err != nil {
			return err
		}
		if u != nil && u.membership(g.ID.String()) >= 0 {
			e.tellMember(u.member(g), nil)
			return s.changeMember(ctx, tx, c, actor, u, u.LeaveGroup(g.ID.String()))
		}
		m, err := otherMember(member)
		if err != nil {
			return err
		}
		was, err := findMember(ctx, tx, g, m)
		if err != nil {
			return err
		}
		e.tellMember(was, nil)
		return tx.DeleteMember(ctx, g.ID, m)
	})
}

// member is the user as a member of a group, or nil.
func (u *User) member(g *Group) *Member {
	i := u.membership(g.ID.String())
	if i < 0 {
		return nil
	}
	return &Member{Address: u.Values[Address], Note: u.Groups[i].Note}
}

// findMember finds a member that is no user as it stands in the group, or nil.
func findMember(ctx context.Context, tx AdminTx, g *Group, wanted Member) (found *Member, err error) {
	err = tx.Members(ctx, g.ID, func(m Member) error {
		if m.Kind == wanted.Kind && m.Address == wanted.Address {
			found = &m
		}
		return nil
	})
	return found, err
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
	if err := catalog.covers(actor, org); err != nil {
		return err
	}
	g, ok := catalog.Group(strings.ToUpper(org), path)
	if !ok || !catalog.Within(g.Org, actor.Org) {
		return catalog.groupUnknown(actor.Org, strings.ToUpper(org), path)
	}
	return s.Store.Members(ctx, g.ID, f)
}

// onGroup runs f with a copy of a group that the actor may change.
func (s *Service) onGroup(ctx context.Context, actor Actor, org, path string, e Entry, f func(AdminTx, *Catalog, *Group, *Entry) error) error {
	org = strings.ToUpper(org)
	return s.admin(ctx, actor, GroupsEdit, org, e, func(tx AdminTx, c *Catalog, e *Entry) error {
		g, err := c.manualGroup(actor, org, path)
		if err != nil {
			return err
		}
		changed := *g
		e.Subject = "group " + g.Path
		return f(tx, c, &changed, e)
	})
}

// manualGroup finds a group of an organisation that is not read-only: "Directory groups
// are read-only here."
func (c *Catalog) manualGroup(actor Actor, org, path string) (*Group, error) {
	g := c.byPath[groupAt(org, path)]
	switch {
	case g == nil:
		return nil, c.groupUnknown(actor.Org, org, path)
	case g.Origin == "directory":
		return nil, GroupReadOnly.New("The group %s comes from directory synchronisation.", g.Path)
	}
	return g, nil
}
