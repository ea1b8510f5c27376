package api

import (
	"context"
	"strings"

	"muster/client"
	"muster/internal/directory"
	"muster/internal/mailaddr"
	"muster/internal/wire"
)

func (d *door) listOrganisations(ctx context.Context, a directory.Actor, in *Reading) (*client.Page[client.Organisation], error) {
	list, err := d.Directory.Organisations(ctx, a, a.Org)
	if err != nil {
		return nil, err
	}
	catalog, err := d.Directory.Catalog(ctx, a)
	if err != nil {
		return nil, err
	}
	return whole(list, func(o *directory.Organisation) *client.Organisation { return wire.Organisation(catalog, o) }), nil
}

// OfOrganisation names the organisation that an operation is about.
type OfOrganisation struct {
	Code string `path:"organisation" doc:"code, in any case"`
}

func (d *door) showOrganisation(ctx context.Context, a directory.Actor, in *struct {
	OfOrganisation
	Reading
}) (*client.Organisation, error) {
	return d.oneOrganisation(ctx, a, in.Code)
}

func (d *door) oneOrganisation(ctx context.Context, a directory.Actor, code string) (*client.Organisation, error) {
	all, err := d.listOrganisations(ctx, a, nil)
	if err != nil {
		return nil, err
	}
	for _, o := range all.Items {
		if strings.EqualFold(o.Code, code) {
			return o, nil
		}
	}
	return nil, directory.OrgUnknown.New("There is no organisation %s.", code)
}

func (d *door) addOrganisation(ctx context.Context, a directory.Actor, in *struct {
	Creating
	Body client.NewOrganisation
}) (*client.Organisation, error) {
	o := directory.Organisation{Code: strings.ToUpper(in.Body.Code), Name: in.Body.Code, Parent: orMaster(in.Body.Parent)}
	edit, err := d.edit(ctx, a, o.Parent, in.Body.OrganisationChange)
	if err != nil {
		return nil, err
	}
	edit(&o)
	if err := d.Directory.AddOrganisation(ctx, a, o); err != nil {
		return nil, err
	}
	return d.oneOrganisation(ctx, a, o.Code)
}

// edit returns what brings the wishes into an organisation. A policy of its own begins
// as the one that is in force where it is from.
func (d *door) edit(ctx context.Context, a directory.Actor, from string, c client.OrganisationChange) (func(*directory.Organisation), error) {
	if name := c.Settings.DefaultDomain; name != nil && *name != "" {
		parsed, err := mailaddr.ParseDomain(*name)
		if err != nil {
			return nil, err
		}
		c.Settings.DefaultDomain = &parsed
	}
	catalog, err := d.Directory.Catalog(ctx, a)
	if err != nil {
		return nil, err
	}
	return func(o *directory.Organisation) {
		if above, ok := catalog.Organisation(from); ok { // if not, the directory says so
			wire.ChangeOrganisation(o, c, catalog.Settings(above.Code).Policy)
		}
	}, nil
}

func (d *door) setOrganisation(ctx context.Context, a directory.Actor, in *struct {
	OfOrganisation
	Changing
	Body client.OrganisationChange
}) (*client.Organisation, error) {
	edit, err := d.edit(ctx, a, in.Code, in.Body)
	if err != nil {
		return nil, err
	}
	if err := d.Directory.SetOrganisation(ctx, a, in.Code, edit); err != nil {
		return nil, err
	}
	return d.oneOrganisation(ctx, a, in.Code)
}

func (d *door) deleteOrganisation(ctx context.Context, a directory.Actor, in *struct {
	OfOrganisation
	Changing
}) (*client.Deleted, error) {
	err := d.Directory.DeleteOrganisation(ctx, a, in.Code)
	return &client.Deleted{Deleted: "organisation", Name: strings.ToUpper(in.Code)}, err
}

func orMaster(org string) string {
	if org == "" {
		return directory.Master
	}
	return strings.ToUpper(org)
}
