package api

import (
	"cmp"
	"context"

	"muster/client"
	"muster/internal/directory"
	"muster/internal/wire"
)

func (d *door) listGroups(ctx context.Context, a directory.Actor, in *InOrganisation) (*client.Page[client.Group], error) {
	list, err := d.Directory.Groups(ctx, a, cmp.Or(in.Org, a.Org))
	if err != nil {
		return nil, err
	}
	return whole(list, wire.Group), nil
}

// OfGroup names the group that an operation is about.
type OfGroup struct {
	ID string `path:"group" doc:"id"`
}

// oneGroup finds a group that the actor may read.
func (d *door) oneGroup(ctx context.Context, a directory.Actor, id string) (*directory.Group, error) {
	list, err := d.Directory.Groups(ctx, a, a.Org)
	if err != nil {
		return nil, err
	}
	wanted, bad := directory.ParseID(id)
	for _, g := range list {
		if bad == nil && g.ID == wanted {
			return g, nil
		}
	}
	return nil, directory.GroupUnknown.New("There is no group %s.", id)
}

func (d *door) showGroup(ctx context.Context, a directory.Actor, in *struct {
	OfGroup
	Reading
}) (*client.Group, error) {
	g, err := d.oneGroup(ctx, a, in.ID)
	if err != nil {
		return nil, err
	}
	return wire.Group(g), nil
}

func (d *door) addGroup(ctx context.Context, a directory.Actor, in *struct {
	Creating
	Body client.NewGroup
}) (*client.Group, error) {
	org := orMaster(in.Body.Org)
	if err := d.Directory.AddGroup(ctx, a, org, in.Body.Path); err != nil {
		return nil, err
	}
	catalog, err := d.Directory.Catalog(ctx, a)
	if err != nil {
		return nil, err
	}
	g, ok := catalog.Group(org, in.Body.Path)
	if !ok {
		return nil, directory.GroupUnknown.New("The group %s was deleted meanwhile.", in.Body.Path)
	}
	return wire.Group(g), nil
}

func (d *door) renameGroup(ctx context.Context, a directory.Actor, in *struct {
	OfGroup
	Changing
	Body client.Name
}) (*client.Group, error) {
	g, err := d.oneGroup(ctx, a, in.ID)
	if err == nil {
		err = d.Directory.RenameGroup(ctx, a, g.Org, g.Path, in.Body.Name)
	}
	if err == nil {
		g, err = d.oneGroup(ctx, a, in.ID)
	}
	if err != nil {
		return nil, err
	}
	return wire.Group(g), nil
}

func (d *door) moveGroup(ctx context.Context, a directory.Actor, in *struct {
	OfGroup
	Creating
	Body client.Parent
}) (*client.Group, error) {
	g, err := d.oneGroup(ctx, a, in.ID)
	if err == nil {
		err = d.Directory.MoveGroup(ctx, a, g.Org, g.Path, in.Body.Parent)
	}
	if err == nil {
		g, err = d.oneGroup(ctx, a, in.ID)
	}
	if err != nil {
		return nil, err
	}
	return wire.Group(g), nil
}

func (d *door) deleteGroup(ctx context.Context, a directory.Actor, in *struct {
	OfGroup
	Changing
}) (*client.Deleted, error) {
	g, err := d.oneGroup(ctx, a, in.ID)
	if err != nil {
		return nil, err
	}
	return &client.Deleted{Deleted: "group", Name: g.Path}, d.Directory.DeleteGroup(ctx, a, g.Org, g.Path)
}

func (d *door) listMembers(ctx context.Context, a directory.Actor, in *struct {
	OfGroup
	Reading
}) (*client.Page[client.Member], error) {
	g, err := d.oneGroup(ctx, a, in.ID)
	if err != nil {
		return nil, err
	}
	p := &client.Page[client.Member]{Items: []*client.Member{}}
	err = d.Directory.Members(ctx, a, g.Org, g.Path, func(m directory.Member) error {
		p.Items = append(p.Items, wire.Member(m))
		return nil
	})
	return p, err
}

func (d *door) addMember(ctx context.Context, a directory.Actor, in *struct {
	OfGroup
	Creating
	Body client.NewMember
}) (*client.NewMember, error) {
	g, err := d.oneGroup(ctx, a, in.ID)
	if err != nil {
		return nil, err
	}
	return &in.Body, d.Directory.AddMember(ctx, a, g.Org, g.Path, in.Body.Address, in.Body.Note)
}

func (d *door) deleteMember(ctx context.Context, a directory.Actor, in *struct {
	OfGroup
	Member string `path:"member" doc:"address or domain"`
	Changing
}) (*client.Deleted, error) {
	g, err := d.oneGroup(ctx, a, in.ID)
	if err != nil {
		return nil, err
	}
	return &client.Deleted{Deleted: "member", Name: in.Member}, d.Directory.DeleteMember(ctx, a, g.Org, g.Path, in.Member)
}
