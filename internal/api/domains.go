package api

import (
	"cmp"
	"context"

	"muster/client"
	"muster/internal/directory"
	"muster/internal/mailaddr"
	"muster/internal/wire"
)

// InOrganisation narrows a list down to an organisation.
type InOrganisation struct {
	Org string `query:"org" doc:"only those of this organisation and the ones below"`
	Reading
}

func (d *door) listDomains(ctx context.Context, a directory.Actor, in *InOrganisation) (*client.Page[client.Domain], error) {
	list, err := d.Directory.Domains(ctx, a, cmp.Or(in.Org, a.Org))
	if err != nil {
		return nil, err
	}
	return whole(list, wire.Domain), nil
}

// OfDomain names the domain that an operation is about.
type OfDomain struct {
	Name string `path:"domain"`
}

func (d *door) showDomain(ctx context.Context, a directory.Actor, in *struct {
	OfDomain
	Reading
}) (*client.Domain, error) {
	found, err := d.oneDomain(ctx, a, in.Name)
	if err != nil {
		return nil, err
	}
	return wire.Domain(found), nil
}

func (d *door) oneDomain(ctx context.Context, a directory.Actor, name string) (*directory.Domain, error) {
	list, err := d.Directory.Domains(ctx, a, a.Org)
	if err != nil {
		return nil, err
	}
	parsed, err := mailaddr.ParseDomain(name)
	for _, one := range list {
		if err == nil && one.Name == parsed {
			return one, nil
		}
	}
	return nil, directory.DomainNotFound.New("There is no domain %s.", name)
}

func (d *door) addDomain(ctx context.Context, a directory.Actor, in *struct {
	Creating
	Body client.NewDomain
}) (*client.Domain, error) {
	added := directory.Domain{Name: in.Body.Name, Org: orMaster(in.Body.Org), Validation: directory.Validations[0]}
	wire.ChangeDomain(&added, in.Body.DomainChange)
	if err := d.Directory.AddDomain(ctx, a, added); err != nil {
		return nil, err
	}
	name, err := mailaddr.ParseDomain(added.Name)
	added.Name = name
	return wire.Domain(&added), err
}

func (d *door) setDomain(ctx context.Context, a directory.Actor, in *struct {
	OfDomain
	Changing
	Body client.DomainChange
}) (*client.Domain, error) {
	var after directory.Domain
	err := d.Directory.SetDomain(ctx, a, in.Name, func(one *directory.Domain) {
		wire.ChangeDomain(one, in.Body)
		after = *one
	})
	return wire.Domain(&after), err
}

func (d *door) deleteDomain(ctx context.Context, a directory.Actor, in *struct {
	OfDomain
	Changing
}) (*client.Deleted, error) {
	return &client.Deleted{Deleted: "domain", Name: in.Name}, d.Directory.DeleteDomain(ctx, a, in.Name)
}
