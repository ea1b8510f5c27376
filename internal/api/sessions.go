package api

import (
	"context"
	"net/http"
	"net/netip"

	"github.com/danielgtaylor/huma/v2"

	"muster/client"
	"muster/internal/access"
	"muster/internal/directory"
	"muster/internal/secret"
	"muster/internal/server"
	"muster/internal/wire"
)

// sessionCookie is the cookie that bears a session. With this beginning browsers take it
// from this very host only, over TLS (RFC 6265bis section 4.1.3.2).
const sessionCookie = "__Host-muster"

// Place is where a request comes from.
type Place struct {
	from  netip.Addr
	agent string
}

// Resolve notes where a request comes from.
func (p *Place) Resolve(ctx huma.Context) []error {
	p.from, p.agent = server.Client(ctx.Context()), ctx.Header("User-Agent")
	return nil
}

func (p *Place) credentials(c client.Credentials) access.Credentials {
	return access.Credentials{Address: c.Address, Password: secret.Text(c.Password), Code: c.Code, From: p.from, Agent: p.agent}
}

// welcome is an answer that begins a session, or ends one.
type welcome[T any] struct {
	SetCookie string `header:"Set-Cookie"` // none of a dry run, which begins and ends no session
	Body      *T
}

// inSession adds an operation on the caller's own session.
func inSession[I, O any](d *door, method, path, id, summary string, f func(context.Context, *access.Session, *I) (*welcome[O], error)) {
	o := described(operation(method, path, id, summary))
	if isOpen[method+" "+o.Path] {
		o.Security = []map[string][]string{{}}
	}
	huma.Register(d.api, o, func(ctx context.Context, in *I) (*welcome[O], error) {
		session, ok := ctx.Value(sessionKey).(*access.Session)
		if !ok && o.Security == nil {
			return nil, d.problemOf(ctx, NotSignedIn.New("Only a user who has signed in does this, and no token."))
		}
		w, err := f(ctx, session, in)
		if err != nil {
			return nil, d.problemOf(ctx, placed(o.OperationID, err))
		}
		return w, nil
	})
}

// isOpen are the operations that nobody has to be signed in for.
var isOpen = map[string]bool{"POST " + client.Root + "/session": true, "POST " + client.Root + "/first-master": true}

// begun is the answer that begins a session.
func begun(ctx context.Context, s *access.Session) *welcome[client.Caller] {
	who := wire.Caller(s.Actor, s)
	if isDry(ctx) {
		who.Session = ""
	}
	return &welcome[client.Caller]{cookie(ctx, s.Plain.Reveal(), 0), who}
}

// cookie bears a session; one that ends it has a negative age. It goes with the browser.
func cookie(ctx context.Context, plain string, age int) string {
	if isDry(ctx) {
		return ""
	}
	c := http.Cookie{Name: sessionCookie, Value: plain, Path: "/", MaxAge: age, HttpOnly: true, Secure: true, SameSite: http.SameSiteStrictMode}
	return c.String()
}

func (d *door) signIn(ctx context.Context, former *access.Session, in *struct {
	Place
	Opening
	Body client.Credentials
}) (*welcome[client.Caller], error) {
	shown := in.credentials(in.Body)
	shown.Former = former
	s, err := d.Access.SignIn(ctx, shown)
	if err != nil {
		return nil, err
	}
	return begun(ctx, s), nil
}

func (d *door) signOut(ctx context.Context, s *access.Session, in *Changing) (*welcome[client.Deleted], error) {
	return &welcome[client.Deleted]{cookie(ctx, "", -1), &client.Deleted{Deleted: "session", Name: s.ID.String()}}, d.Access.SignOut(ctx, s)
}

func (d *door) setOwnPassword(ctx context.Context, s *access.Session, in *struct {
	Place
	Creating
	Body client.OwnPassword
}) (*welcome[client.Caller], error) {
	renewed, err := d.Access.SetOwnPassword(ctx, s, in.credentials(client.Credentials{Password: in.Body.Old}), secret.Text(in.Body.New))
	if err != nil {
		return nil, err
	}
	return begun(ctx, renewed), nil
}

// proving is an operation before which the user of the session proves once more who
// they are.
type proving struct {
	Place
	Creating
	Body client.Credentials
}

func (d *door) beginSecondFactor(ctx context.Context, s *access.Session, in *proving) (*client.SecondFactorSetup, error) {
	setup, err := d.Access.BeginSecondFactor(ctx, s, in.credentials(in.Body))
	if err != nil {
		return nil, err
	}
	if isDry(ctx) { // what is of no use is not given out
		return &client.SecondFactorSetup{}, nil
	}
	return &client.SecondFactorSetup{Secret: setup.Secret.Reveal(), URI: setup.URI.Reveal()}, nil
}

func (d *door) confirmSecondFactor(ctx context.Context, s *access.Session, in *struct {
	Creating
	Body client.Code
}) (*client.RecoveryCodes, error) {
	codes, err := d.Access.ConfirmSecondFactor(ctx, s, in.Body.Code)
	return given(ctx, codes), err
}

func (d *door) newRecoveryCodes(ctx context.Context, s *access.Session, in *proving) (*client.RecoveryCodes, error) {
	codes, err := d.Access.NewRecoveryCodes(ctx, s, in.credentials(in.Body))
	return given(ctx, codes), err
}

// given are recovery codes that were made; of a dry run, none.
func given(ctx context.Context, codes []secret.Text) *client.RecoveryCodes {
	w := &client.RecoveryCodes{Codes: []string{}}
	for _, code := range codes {
		if !isDry(ctx) {
			w.Codes = append(w.Codes, code.Reveal())
		}
	}
	return w
}

func (d *door) removeOwnSecondFactor(ctx context.Context, s *access.Session, in *proving) (*client.RemovedFactor, error) {
	return &client.RemovedFactor{Address: actorOf(ctx).Address, Removed: true}, d.Access.RemoveOwnSecondFactor(ctx, s, in.credentials(in.Body))
}

// own makes an operation of one that does something for the user of the session.
func own[I, O any](f func(context.Context, *access.Session, *I) (*O, error)) does[I, O] {
	return func(ctx context.Context, _ directory.Actor, in *I) (*O, error) {
		session, ok := ctx.Value(sessionKey).(*access.Session)
		if !ok {
			return nil, NotSignedIn.New("Only a user who has signed in does this, and no token.")
		}
		return f(ctx, session, in)
	}
}

func (d *door) caller(ctx context.Context, a directory.Actor, in *Reading) (*client.Caller, error) {
	session, _ := ctx.Value(sessionKey).(*access.Session)
	return wire.Caller(a, session), nil
}

func (d *door) listSessions(ctx context.Context, a directory.Actor, in *struct {
	OfUser
	Reading
}) (*client.Page[client.Session], error) {
	p := &client.Page[client.Session]{Items: []*client.Session{}}
	err := d.Access.Sessions(ctx, a, in.User, func(s access.Session) error {
		p.Items = append(p.Items, wire.Session(s))
		return nil
	})
	return p, err
}

func (d *door) endSessions(ctx context.Context, a directory.Actor, in *struct {
	OfUser
	Changing
}) (*client.EndedSessions, error) {
	n, err := d.Access.EndSessions(ctx, a, in.User, "")
	return &client.EndedSessions{Address: in.User, Ended: n}, err
}

func (d *door) endSession(ctx context.Context, a directory.Actor, in *struct {
	OfUser
	Session string `path:"session" doc:"id"`
	Changing
}) (*client.EndedSessions, error) {
	n, err := d.Access.EndSessions(ctx, a, in.User, in.Session)
	return &client.EndedSessions{Address: in.User, Ended: n}, err
}

func (d *door) secondFactor(ctx context.Context, a directory.Actor, in *struct {
	OfUser
	Reading
}) (*client.SecondFactor, error) {
	since, codes, err := d.Access.SecondFactor(ctx, a, in.User)
	return wire.SecondFactor(in.User, since, codes), err
}

func (d *door) removeSecondFactor(ctx context.Context, a directory.Actor, in *struct {
	OfUser
	Changing
}) (*client.RemovedFactor, error) {
	return &client.RemovedFactor{Address: in.User, Removed: true}, d.Access.RemoveSecondFactor(ctx, a, in.User)
}
