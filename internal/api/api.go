// Package api is the REST API: a thin door over the directory and the importer for
// other programs. Nothing is judged here; an operation reads what it is given, calls
// one service and answers in the shapes of package client, which package wire makes.
//
// A request passes through layers, each in a file of its own, before it comes to its
// operation:
//
//   - limit.go: it is not too large, and its JSON (json.go) neither too deep nor open to
//     more than one reading; that it is not too slow and comes from no page of another site
//     is the business of package server, behind which the API stands
//   - authenticate.go: who sends it
//   - query.go: its path and query are understood, all of them
//   - idempotency.go: a POST that is sent again with its key is answered as before
//   - condition.go: ETag, If-None-Match, If-Match and dry runs
//
// routes.go has all operations. What is wrong is answered as a problem (RFC 9457,
// problem.go); which status a code of an issue has stands in one table there, and words.go
// says what huma finds.
//
// That something is to be changed only if it is as the caller knows it, and that a
// dry run changes nothing, is seen to within the transaction of the change itself
// (guard.go): nobody comes between.
package api

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"muster/client"
	"muster/internal/access"
	"muster/internal/directory"
	"muster/internal/importer"
	"muster/internal/secret"
	"muster/internal/server"
)

// Services are what the API is a door to.
type Services struct {
	Directory *directory.Service
	Importer  *importer.Service
	Access    *access.Service
	Answers   Answers
	Key       *secret.Key // seals what POSTs were answered
	// Enqueue tells those who work in the background of an import.
	Enqueue func(context.Context, *importer.Import) error
	// Unavailable says why the database cannot be used; "" where an error means
	// anything else.
	Unavailable func(error) string
	Log         *slog.Logger
	Limits      Limits
	Now         func() time.Time
	Stopping    <-chan struct{} // closed when the server stops: answers without end, end then
}

// door is the API at work.
type door struct {
	Services
	mux        *http.ServeMux
	api        huma.API
	operations map[string]*huma.Operation // by their patterns in mux
	followers  followers
}

// New makes the API: /api/v1, /api/openapi.yaml and the page /api/.
func New(s Services) http.Handler {
	d := &door{Services: s, mux: http.NewServeMux()}
	d.guard()
	d.followers.find, d.followers.most = d.unseen, d.Limits.Follow
	d.api = newHuma(d.mux)
	d.routes()
	d.operations = byPattern(d.api)
	v1 := d.limited(d.authenticated(d.understood(d.idempotent(d.conditional(server.Known(d.mux))))))
	outer := http.NewServeMux()
	outer.Handle(client.Root+"/", v1)
	outer.Handle("/api/openapi.yaml", d.specification())
	outer.Handle("/api/", page(ownFiles()))
	outer.Handle("GET "+FirstMasterPage, firstPage())
	return outer
}
