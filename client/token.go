package client

import (
	"context"
	"net/http"
	"net/url"
	"time"
)

// Token is what lets a program in.
type Token struct {
	ID        string     `json:"id"`
	Name      string     `json:"name" doc:"which program has it"`
	Role      string     `json:"role"`
	Org       string     `json:"org"`
	CreatedBy string     `json:"created_by"`
	CreatedAt *time.Time `json:"created_at"`
	Expires   *time.Time `json:"expires" doc:"null: never"`
	LastUsed  *time.Time `json:"last_used"`
	Revoked   *time.Time `json:"revoked"`
}

// NewToken is what is wanted of a token.
type NewToken struct {
	Name    string     `json:"name"`
	Role    string     `json:"role" doc:"what it may do, as a user of this role"`
	Org     string     `json:"org,omitempty" doc:"yours if not given"`
	Expires *time.Time `json:"expires,omitempty" doc:"after 365 days if not given, but no later than the token that makes it"`
	Forever bool       `json:"never_expires,omitempty" doc:"it does not expire; expires is not given then"`
}

// AddedToken is a token that was made. The plain one is told here and nowhere else.
type AddedToken struct {
	ID      string     `json:"id"`
	Token   string     `json:"token"`
	Role    string     `json:"role"`
	Org     string     `json:"org"`
	Expires *time.Time `json:"expires"`
}

// RevokedToken tells which token lets in no more.
type RevokedToken struct {
	Revoked string `json:"revoked" doc:"id"`
}

// Tokens calls f for each token that may be read, by name.
func (c *Client) Tokens(ctx context.Context, f func(*Token) error) error {
	return pages(ctx, c, "/tokens", nil, f)
}

// AddToken makes a token.
func (c *Client) AddToken(ctx context.Context, t NewToken) (*AddedToken, error) {
	return send[AddedToken](ctx, c, http.MethodPost, "/tokens", t)
}

// RevokeToken lets a token in no more.
func (c *Client) RevokeToken(ctx context.Context, id string) (*RevokedToken, error) {
	return send[RevokedToken](ctx, c, http.MethodDelete, "/tokens/"+url.PathEscape(id), nil)
}
