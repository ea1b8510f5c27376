package importer

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"

	"muster/internal/directory"
)

// Replacing a group's membership takes out the members whom no row of the file
// names; the others stay, so that nobody is out of the group for a moment who
// is to be in it. The plan counts them and remembers, by a digest, who they
// are: apply takes out those and nobody else.

// countRemovals counts the members whom replacing the group will take out;
// those who are users count as touched. With n = -1 they count no longer.
func (p *planner) countRemovals(ctx context.Context, n int64) error {
	if !p.imp.Directory.ReplaceGroup || p.imp.Directory.Group == "" {
		return nil
	}
	return p.step(ctx, func(tx Tx) error {
		leaving, err := leavingMembers(ctx, tx, p.imp)
		if err != nil || len(leaving) == 0 {
			return err
		}
		p.imp.Removed, p.imp.Leaving = p.imp.Removed+n*int64(len(leaving)), digest(leaving)
		for part := range slices.Chunk(leaving, membersAtOnce) {
			snap, err := tx.Snapshot(ctx, directory.Query{IDs: userIDs(part)})
			if err != nil {
				return err
			}
			for _, u := range snap.Users {
				p.imp.Touched[u.Get(directory.Org)] += n
			}
		}
		return nil
	})
}

const membersAtOnce = 500

func userIDs(members []directory.Member) (ids []directory.ID) {
	for _, m := range members {
		if !m.UserID.IsZero() {
			ids = append(ids, m.UserID)
		}
	}
	return ids
}

func digest(leaving []directory.Member) string {
	h := sha256.New()
	for _, m := range leaving {
		fmt.Fprintf(h, "%s %s\n", m.UserID, m.Address)
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// leavingMembers returns the members of the import's group whom no row of its
// file names: users, and with them foreign addresses and whole domains, which
// no row can name.
func leavingMembers(ctx context.Context, tx Tx, imp *Import) (leaving []directory.Member, err error) {
	group, err := directory.ParseID(imp.Directory.Group)
	if err != nil {
		return nil, err
	}
	var members []directory.Member
	collect := func(m directory.Member) error { members = append(members, m); return nil }
	if err := tx.Members(ctx, group, collect); err != nil {
		return nil, err
	}
	for part := range slices.Chunk(members, membersAtOnce) {
		claims := make([]string, len(part))
		for i, m := range part {
			claims[i] = "user:" + m.UserID.String()
		}
		claimed, err := tx.Claimed(ctx, imp.Number, claims)
		if err != nil {
			return nil, err
		}
		for i, m := range part {
			if _, named := claimed[claims[i]]; !named {
				leaving = append(leaving, m)
			}
		}
	}
	return leaving, nil
}

// removeMembers takes the leaving members out of the group.
func (s *Service) removeMembers(ctx context.Context, tx Tx, imp *Import, catalog *directory.Catalog) error {
	if imp.Removed == 0 {
		return nil
	}
	leaving, err := leavingMembers(ctx, tx, imp)
	if err != nil {
		return err
	}
	if digest(leaving) != imp.Leaving {
		return MembersChanged.New("The members of the group %s have changed since the plan; nothing was done.", imp.Options.Group)
	}
	doing := directory.Doing{Actor: imp.Applier, At: s.Now(), Import: imp.Number, Catalog: catalog}
	for part := range slices.Chunk(leaving, membersAtOnce) {
		if err := removePart(ctx, tx, imp, doing, part); err != nil {
			return err
		}
	}
	return nil
}

func removePart(ctx context.Context, tx Tx, imp *Import, doing directory.Doing, part []directory.Member) error {
	group, err := directory.ParseID(imp.Directory.Group)
	if err != nil {
		return err
	}
	var entries []directory.Entry
	for _, m := range part {
		if m.UserID.IsZero() {
			if err := tx.DeleteMember(ctx, group, m); err != nil {
				return err
			}
			entries = append(entries, memberEntry(imp, doing, m, true))
		}
	}
	if err := tx.AddHistory(ctx, entries); err != nil {
		return err
	}
	ids := userIDs(part)
	snap, err := tx.Snapshot(ctx, directory.Query{IDs: ids})
	if err != nil {
		return err
	}
	var deeds []*directory.Deed
	for _, id := range ids {
		if u := snap.Users[id]; u != nil {
			deeds = append(deeds, &directory.Deed{Action: directory.Update, ID: id, User: u, Changes: u.LeaveGroup(imp.Directory.Group)})
		}
	}
	return directory.Carry(ctx, tx, doing, deeds)
}

// memberEntry is the entry of the history of a member who is no user and goes
// or, undone, comes again.
func memberEntry(imp *Import, d directory.Doing, m directory.Member, goes bool) directory.Entry {
	e := directory.Entry{ID: directory.NewID(), At: d.At, Actor: d.Actor.Address, Door: d.Actor.Door, Import: imp.Number, Org: imp.Directory.Org,
		Subject: "group " + imp.Options.Group, Action: "delete member",
		Changes: []directory.Change{{Field: directory.ChangeMember, Old: m.Address}, {Field: directory.ChangeNote, Old: m.Note, Ref: m.Address}}}
	if g, ok := d.Catalog.Group(imp.Directory.Org, imp.Options.Group); ok {
		e.Org = g.Org // which may be above that of the file
	}
	if !goes {
		e.Action = "undo delete member"
		for i, c := range e.Changes {
			e.Changes[i] = c.Reverse()
		}
	}
	return e
}

// mayChangeGroup tells why an actor may not let an import change its group.
func mayChangeGroup(catalog *directory.Catalog, actor directory.Actor, imp *Import) error {
	if imp.Options.Group == "" {
		return nil
	}
	g, ok := catalog.Group(imp.Directory.Org, imp.Options.Group)
	switch {
	case !ok || g.ID.String() != imp.Directory.Group || !catalog.Within(g.Org, actor.Org):
		return GroupNotFound.New("There is no group %q in organisation %s or above it.", imp.Options.Group, imp.Directory.Org)
	case g.Origin == "directory":
		return directory.GroupReadOnly.New("The group %s comes from directory synchronisation.", g.Path)
	}
	return nil
}
