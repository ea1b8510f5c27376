package api

import (
	"context"

	"muster/client"
	"muster/internal/access"
	"muster/internal/directory"
	"muster/internal/wire"
)

func (d *door) listTokens(ctx context.Context, a directory.Actor, in *Reading) (*client.Page[client.Token], error) {
	p := &client.Page[client.Token]{Items: []*client.Token{}}
	err := d.Access.Tokens(ctx, a, func(t access.Token) error {
		p.Items = append(p.Items, wire.Token(t))
		return nil
	})
	return p, err
}

func (d *door) addToken(ctx context.Context, a directory.Actor, in *struct {
	Creating
	Body client.NewToken
}) (*client.AddedToken, error) {
	wanted := access.NewToken{Name: in.Body.Name, Role: in.Body.Role, Org: in.Body.Org, Forever: in.Body.Forever}
	if in.Body.Expires != nil {
		wanted.Expires = *in.Body.Expires
	}
	t, plain, err := d.Access.AddToken(ctx, a, wanted)
	if isDry(ctx) {
		plain = "" // there is none
	}
	return wire.AddedToken(t, plain.Reveal()), err
}

func (d *door) revokeToken(ctx context.Context, a directory.Actor, in *struct {
	Token string `path:"token" doc:"id"`
	Changing
}) (*client.RevokedToken, error) {
	return &client.RevokedToken{Revoked: in.Token}, d.Access.RevokeToken(ctx, a, in.Token)
}
