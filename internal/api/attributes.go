package api

import (
	"context"

	"muster/client"
	"muster/internal/directory"
	"muster/internal/wire"
)

func (d *door) listAttributes(ctx context.Context, a directory.Actor, in *Reading) (*client.Page[client.Attribute], error) {
	list, err := d.Directory.Attributes(ctx, a)
	if err != nil {
		return nil, err
	}
	return whole(list, wire.Attribute), nil
}

// OfAttribute names the attribute that an operation is about.
type OfAttribute struct {
	Name string `path:"attribute" doc:"name, in any case"`
	Changing
}

func (d *door) addAttribute(ctx context.Context, a directory.Actor, in *struct {
	Creating
	Body client.Name
}) (*client.Name, error) {
	return &in.Body, d.Directory.AddAttribute(ctx, a, in.Body.Name)
}

func (d *door) renameAttribute(ctx context.Context, a directory.Actor, in *struct {
	OfAttribute
	Body client.Name
}) (*client.Name, error) {
	return &in.Body, d.Directory.RenameAttribute(ctx, a, in.Name, in.Body.Name)
}

func (d *door) deleteAttribute(ctx context.Context, a directory.Actor, in *OfAttribute) (*client.Deleted, error) {
	return &client.Deleted{Deleted: "attribute", Name: in.Name}, d.Directory.DeleteAttribute(ctx, a, in.Name)
}

func (d *door) listRoles(ctx context.Context, a directory.Actor, in *Reading) (*client.Page[client.Role], error) {
	if _, err := d.Directory.Catalog(ctx, a); err != nil { // who has no role gives none
		return nil, err
	}
	return whole(directory.RoleNames(), wire.Role), nil
}
