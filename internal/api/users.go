package api

import (
	"context"

	"muster/client"
	"muster/internal/access"
	"muster/internal/directory"
	"muster/internal/mailaddr"
	"muster/internal/secret"
	"muster/internal/wire"
)

type usersWanted struct {
	client.UserFilter
	Paging
}

func (d *door) listUsers(ctx context.Context, a directory.Actor, in *usersWanted) (*client.Page[client.User], error) {
	filter, err := wire.UserFilter(in.UserFilter)
	if err != nil {
		return nil, err
	}
	if _, err := pageAfter(in.After, mailaddr.Parse); err != nil {
		return nil, err
	}
	filter.After, filter.Limit = in.After, in.Limit
	p := &client.Page[client.User]{Items: []*client.User{}}
	err = d.Directory.Users(ctx, a, filter, func(u *directory.User) error {
		p.Items = append(p.Items, wire.User(u, d.Now()))
		return nil
	})
	return nextAfter(p, in.Limit, func(u *client.User) string { return u.Address }), err
}

// OfUser names the user that an operation is about.
type OfUser struct {
	User string `path:"user" doc:"primary address or id; to read, any address of the user"`
}

func (d *door) showUser(ctx context.Context, a directory.Actor, in *struct {
	OfUser
	Reading
}) (*client.User, error) {
	u, err := d.oneUser(ctx, a, in.User)
	if err != nil {
		return nil, err
	}
	return wire.User(u, d.Now()), nil
}

// oneUser finds a user that is to be shown, or a part of them.
func (d *door) oneUser(ctx context.Context, a directory.Actor, name string) (*directory.User, error) {
	u, err := d.Directory.User(ctx, a, name)
	if err == nil {
		alsoVersion(ctx, u.Version)
	}
	return u, err
}

func (d *door) addUser(ctx context.Context, a directory.Actor, in *struct {
	Creating
	Body client.NewUser
}) (*client.ChangedUser, error) {
	r := wire.Who("")
	r.Values[directory.Address] = in.Body.Address
	if err := wire.Want(r, in.Body.UserChange); err != nil {
		return nil, err
	}
	v, generated, err := d.Directory.AddUser(ctx, a, r, directory.Options{})
	return d.changed(ctx, v, generated, err)
}

func (d *door) setUser(ctx context.Context, a directory.Actor, in *struct {
	OfUser
	Changing
	Body client.UserChange
}) (*client.ChangedUser, error) {
	return d.change(ctx, a, in.User, in.Body)
}

// change makes what is wanted of a user.
func (d *door) change(ctx context.Context, a directory.Actor, name string, c client.UserChange) (*client.ChangedUser, error) {
	r := wire.Who(name)
	if err := wire.Want(r, c); err != nil {
		return nil, err
	}
	v, generated, err := d.Directory.SetUser(ctx, a, r)
	return d.changed(ctx, v, generated, err)
}

// changed answers with a user after a change. Whoever has moved one out of their own
// reach still hears what became of them.
func (d *door) changed(ctx context.Context, v *directory.Verdict, generated string, err error) (*client.ChangedUser, error) {
	switch {
	case err != nil:
		return nil, err
	case isDry(ctx):
		return wire.ChangedUser(v.After(), v, "", d.Now()), nil
	}
	u, err := d.Directory.User(ctx, directory.Operator(access.TokenDoor), v.ID.String())
	if err != nil {
		return nil, err
	}
	return wire.ChangedUser(u, v, generated, d.Now()), nil
}

// userOnly is an operation that takes nothing but its user.
type userOnly struct {
	OfUser
	Creating
}

func (d *door) deleteUser(ctx context.Context, a directory.Actor, in *struct {
	OfUser
	Changing
}) (*client.ChangedUser, error) {
	return d.change(ctx, a, in.User, client.UserChange{Status: to("deleted")})
}

func (d *door) lockUser(ctx context.Context, a directory.Actor, in *userOnly) (*client.ChangedUser, error) {
	return d.change(ctx, a, in.User, client.UserChange{Locked: to(true)})
}

func (d *door) unlockUser(ctx context.Context, a directory.Actor, in *userOnly) (*client.ChangedUser, error) {
	return d.change(ctx, a, in.User, client.UserChange{Locked: to(false)})
}

func (d *door) markLeaver(ctx context.Context, a directory.Actor, in *userOnly) (*client.ChangedUser, error) {
	return d.change(ctx, a, in.User, client.UserChange{Status: to("leaver")})
}

func to[T any](v T) *T { return &v }

type target struct {
	OfUser
	Creating
	Body client.Target
}

func (d *door) joinUser(ctx context.Context, a directory.Actor, in *target) (*client.ChangedUser, error) {
	r := wire.Who(in.User)
	r.Values[directory.Org] = in.Body.Org
	v, err := d.Directory.Join(ctx, a, r)
	return d.changed(ctx, v, "", err)
}

func (d *door) transferUser(ctx context.Context, a directory.Actor, in *target) (*client.ChangedUser, error) {
	if in.Body.Org == "" {
		return nil, RequestInvalid.New("The organisation that the user moves to is missing.").In("body.org")
	}
	return d.change(ctx, a, in.User, client.UserChange{Org: &in.Body.Org})
}

func (d *door) setPassword(ctx context.Context, a directory.Actor, in *struct {
	OfUser
	Creating
	Body client.PasswordChange
}) (*client.ChangedUser, error) {
	if (in.Body.Password == "") != in.Body.Generate {
		return nil, RequestInvalid.New("A password is either given or generated.").In("body.password")
	}
	r := wire.Who(in.User)
	r.Password, r.Generate = secret.Text(in.Body.Password), in.Body.Generate
	if in.Body.MustChangePassword {
		r.Values[directory.MustChange] = "true"
	}
	v, generated, err := d.Directory.SetUser(ctx, a, r)
	return d.changed(ctx, v, generated, err)
}

func (d *door) userHistory(ctx context.Context, a directory.Actor, in *struct {
	OfUser
	Reading
}) (*client.Page[client.Entry], error) {
	p := &client.Page[client.Entry]{Items: []*client.Entry{}}
	err := d.Directory.History(ctx, a, in.User, func(e directory.Entry) error {
		p.Items = append(p.Items, wire.Entry(e))
		return nil
	})
	return p, err
}

func (d *door) showAddress(ctx context.Context, a directory.Actor, in *struct {
	Address string `path:"address"`
	Reading
}) (*client.Owner, error) {
	u, err := d.Directory.User(ctx, a, in.Address)
	if err != nil {
		return nil, err
	}
	return wire.Owner(u, in.Address), nil
}
