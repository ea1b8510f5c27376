package api

import (
	"context"
	"net/http"
	"strings"

	"muster/client"
	"muster/internal/access"
	"muster/internal/directory"
	"muster/internal/server"
)

type contextKey int

const (
	actorKey contextKey = iota
	sessionKey
	matchKey
	dryKey
	versionKey
)

func actorOf(ctx context.Context) directory.Actor {
	actor, _ := ctx.Value(actorKey).(directory.Actor)
	return actor
}

// authenticated finds out who sends a request. A token in the URL is never taken.
func (d *door) authenticated(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		for _, name := range []string{"token", "access_token", "authorization", "api_key"} {
			if q.Has(name) {
				d.refuse(w, r, TokenInURL.New("A token in a URL is not taken."))
				return
			}
		}
		ctx, err := d.who(r)
		_, pattern := d.mux.Handler(r)
		if session, ok := ctx.Value(sessionKey).(*access.Session); ok && !isFirst[pattern] {
			err = session.First()
		}
		if err != nil && !isOpen[pattern] {
			d.refuse(w, r, err)
			return
		}
		server.SetActor(ctx, actorOf(ctx).Address)
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

// isFirst are the operations of those who must set a password or a second factor before
// anything else: what does that, and what tells them where they are.
var isFirst = map[string]bool{
	"GET " + client.Root + "/session": true, "DELETE " + client.Root + "/session": true, "GET " + client.Root + "/notifications": true,
	"POST " + client.Root + "/session/password": true, "POST " + client.Root + "/session/second-factor": true,
	"POST " + client.Root + "/session/second-factor/confirm": true,
}

// who finds out who sends a request: a program with a token, or a user in a session.
func (d *door) who(r *http.Request) (context.Context, error) {
	ctx := r.Context()
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if strings.EqualFold(scheme, "Bearer") && token != "" {
		actor, err := d.Access.ByToken(ctx, strings.TrimSpace(token))
		return context.WithValue(ctx, actorKey, actor), err
	}
	shown, err := r.Cookie(sessionCookie)
	if err != nil {
		return ctx, NotSignedIn.New("The request does not say who sends it.")
	}
	actor, session, err := d.Access.BySession(ctx, shown.Value)
	if err != nil {
		return ctx, err
	}
	return context.WithValue(context.WithValue(ctx, actorKey, actor), sessionKey, session), nil
}
