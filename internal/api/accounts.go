package api

import (
	"context"

	"muster/client"
	"muster/internal/directory"
	"muster/internal/wire"
)

func (d *door) listAccounts(ctx context.Context, a directory.Actor, in *struct {
	OfUser
	Reading
}) (*client.Page[client.Account], error) {
	u, err := d.oneUser(ctx, a, in.User)
	if err != nil {
		return nil, err
	}
	return whole(u.Accounts, wire.Account), nil
}

// OfAccount names an e-mail account of a user.
type OfAccount struct {
	OfUser
	Type    string `path:"type" enum:"email,exchange"`
	Account string `path:"account" doc:"address of the e-mail account"`
	Changing
}

func (d *door) setAccount(ctx context.Context, a directory.Actor, in *struct {
	OfAccount
	Body client.AccountChange
}) (*client.ChangedUser, error) {
	wish, err := wire.WantAccount(in.Type, in.Account, in.Body)
	if err != nil {
		return nil, err
	}
	return d.changeAccount(ctx, a, in.User, wish)
}

func (d *door) deleteAccount(ctx context.Context, a directory.Actor, in *OfAccount) (*client.ChangedUser, error) {
	return d.changeAccount(ctx, a, in.User, &directory.AccountWish{Type: in.Type, Address: in.Account, Delete: true})
}

func (d *door) changeAccount(ctx context.Context, a directory.Actor, name string, wish *directory.AccountWish) (*client.ChangedUser, error) {
	r := wire.Who(name)
	r.Account = wish
	v, _, err := d.Directory.SetUser(ctx, a, r)
	return d.changed(ctx, v, "", err)
}

func (d *door) listDelegates(ctx context.Context, a directory.Actor, in *struct {
	OfUser
	Reading
}) (*client.Page[client.Delegate], error) {
	u, err := d.oneUser(ctx, a, in.User)
	if err != nil {
		return nil, err
	}
	return whole(u.Delegates, wire.Delegate), nil
}

// OfDelegate names a user whose mailbox another one may open.
type OfDelegate struct {
	OfUser
	Delegate string `path:"delegate" doc:"primary address of the user whose mailbox is opened"`
	Changing
}

func (d *door) addDelegate(ctx context.Context, a directory.Actor, in *OfDelegate) (*client.ChangedUser, error) {
	return d.change(ctx, a, in.User, client.UserChange{Delegates: []string{in.Delegate}})
}

func (d *door) deleteDelegate(ctx context.Context, a directory.Actor, in *OfDelegate) (*client.ChangedUser, error) {
	return d.change(ctx, a, in.User, client.UserChange{RemoveDelegates: []string{in.Delegate}})
}
