package wire

import (
	"muster/client"
	"muster/internal/access"
)

// Token is a token of a program, without itself.
func Token(t access.Token) *client.Token {
	return &client.Token{ID: t.ID.String(), Name: t.Name, Role: t.Role, Org: t.Org, CreatedBy: t.CreatedBy, CreatedAt: Moment(t.CreatedAt),
		Expires: Moment(t.Expires), LastUsed: Moment(t.LastUsed), Revoked: Moment(t.Revoked)}
}

// AddedToken is a token that was made, with itself.
func AddedToken(t access.Token, plain string) *client.AddedToken {
	return &client.AddedToken{ID: t.ID.String(), Token: plain, Role: t.Role, Org: t.Org, Expires: Moment(t.Expires)}
}
