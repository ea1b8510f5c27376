package server

import (
	"context"
	"crypto/rand"
	"io"
	"net/http"
	"net/netip"
	"regexp"
	"time"
)

// request is what the server knows of a request beside what net/http does.
type request struct {
	id     string
	client netip.Addr
	secure bool
	began  time.Time
	body   io.ReadCloser // without the limits of the usual one

	route string // where a door knows it better than the server
	actor string
}

type requestKey struct{}

// of returns the request that a context belongs to. Outside of any it is one of which
// nothing is known.
func of(ctx context.Context) *request {
	if r, ok := ctx.Value(requestKey{}).(*request); ok {
		return r
	}
	return &request{}
}

// ID is the id of the request in all logs, which the answer bears as X-Request-Id.
func ID(ctx context.Context) string { return of(ctx).id }

// Client is the address of whoever asks, behind the proxies that are trusted.
func Client(ctx context.Context) netip.Addr { return of(ctx).client }

// Secure reports whether whoever asks does so by https, so that cookies may be for that only.
func Secure(ctx context.Context) bool { return of(ctx).secure }

// SetActor tells the log in whose name the request is: an address, never a token.
func SetActor(ctx context.Context, actor string) { of(ctx).actor = actor }

// SetRoute tells log and numbers the pattern that a door has found for the request, where
// the door has a mux of its own.
func SetRoute(ctx context.Context, pattern string) { of(ctx).route = pattern }

// requestID is the form of an id that a proxy may give.
var requestID = regexp.MustCompile(`^[A-Za-z0-9._-]{8,64}$`)

// received finds out who asks.
func (s *Server) received(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		peer, trusted := s.proxies.peer(r)
		q := &request{id: rand.Text(), client: peer, secure: s.secure, began: time.Now(), body: r.Body}
		if id := r.Header.Get("X-Request-Id"); trusted && requestID.MatchString(id) {
			q.id = id
		}
		if trusted {
			q.client = s.proxies.client(r, peer)
		}
		w.Header().Set("X-Request-Id", q.id)
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), requestKey{}, q)))
	})
}
