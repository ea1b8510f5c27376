package api

import (
	"context"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"muster/client"
	"muster/internal/directory"
)

// The types below are parts of what operations take. They are exported because huma
// reads no others.

// Reading is what every operation takes that changes nothing.
type Reading struct {
	IfNoneMatch string `header:"If-None-Match" doc:"ETag of an earlier answer; where it is still right, the answer is 304"`
}

// Changing is what every operation takes that changes something.
type Changing struct {
	DryRun  bool   `query:"dry_run" doc:"change nothing, and answer what would be done"`
	IfMatch string `header:"If-Match" doc:"ETag of what is to be changed, or of what it belongs to: of whatever is read whole at this path or above it. Where it is another by now, the answer is 412. The ETag of a page of a list is none of these"`
}

// Creating is what every POST takes.
type Creating struct {
	Changing
	IdempotencyKey string `header:"Idempotency-Key" doc:"1 to 255 visible characters; sent again with the same key within a day, the request is answered as before"`
}

// Opening is what a POST takes for which nobody has to be signed in.
type Opening struct {
	DryRun         bool   `query:"dry_run" doc:"prove that it would be done, and change nothing; what fails counts as ever"`
	IdempotencyKey string `header:"Idempotency-Key" doc:"taken as of every POST, and the request is done again: nobody is known yet for whom an answer could be kept, and none is kept that lets somebody in"`
}

// Asking is what a POST takes that only asks something.
type Asking struct {
	DryRun         bool   `query:"dry_run" doc:"nothing is changed in any case"`
	IdempotencyKey string `header:"Idempotency-Key" doc:"as of every POST; asked again, it is answered as before"`
}

// Paging is which part of a list is wanted.
type Paging struct {
	Reading
	After string `query:"after" doc:"next of the page before"`
	Limit int    `query:"limit" minimum:"1" maximum:"1000" default:"100" doc:"most items of the page"`
}

// answer is what an operation returns.
type answer[T any] struct {
	Location        string `header:"Location"`
	ContentLocation string `header:"Content-Location"`
	Body            *T
}

// newHuma makes what reads and describes requests.
func newHuma(mux *http.ServeMux) huma.API {
	spec := &huma.OpenAPI{OpenAPI: "3.1.0", Info: &huma.Info{Title: "Muster", Version: "1", Description: description},
		Servers:    []*huma.Server{{URL: "/"}},
		Components: &huma.Components{Schemas: huma.NewMapRegistry("#/components/schemas/", huma.DefaultSchemaNamer), SecuritySchemes: security},
		Security:   []map[string][]string{{"token": {}}, {"session": {}}}}
	return humago.New(mux, huma.Config{OpenAPI: spec, Formats: map[string]huma.Format{"application/json": huma.DefaultJSONFormat, "json": huma.DefaultJSONFormat},
		DefaultFormat: "application/json", RejectUnknownQueryParameters: true})
}

const description = `What the command muster does, for other programs. Errors are problems as RFC 9457 has them, with a stable code.
Lists come in pages: "next" of one page is "after" of the following one.`

var security = map[string]*huma.SecurityScheme{
	"token":   {Type: "http", Scheme: "bearer", Description: "a token of muster token add"},
	"session": {Type: "apiKey", In: "cookie", Name: sessionCookie},
}

// does is the handler of an operation.
type does[I, O any] func(context.Context, directory.Actor, *I) (*O, error)

// handle adds an operation.
func handle[I, O any](d *door, o huma.Operation, f does[I, O], where func(*O) string) {
	huma.Register(d.api, described(o), func(ctx context.Context, in *I) (*answer[O], error) {
		body, err := f(ctx, actorOf(ctx), in)
		if err != nil {
			return nil, d.problemOf(ctx, placed(o.OperationID, err))
		}
		a := &answer[O]{Body: body}
		if o.Method != http.MethodGet {
			a.ContentLocation = placeOf(body)
		}
		if where != nil {
			a.Location = client.Root + where(body)
		}
		return a, nil
	})
}

// placeOf is where the import or user of an answer can be read; "" where the answer is
// about what its own path is, or that above it (RFC 9110 section 8.7).
func placeOf(body any) string {
	switch b := body.(type) {
	case *client.Import:
		return client.Root + importPlace(b)
	case *client.ChangedUser:
		return client.Root + userPlace(b)
	}
	return ""
}

// described adds what all operations have.
func described(o huma.Operation) huma.Operation {
	o.Path, o.Tags = client.Root+o.Path, []string{strings.Split(o.Path, "/")[1]}
	o.MaxBodyBytes = -1 // see limit.go
	return o
}

func operation(method, path, id, summary string) huma.Operation {
	return huma.Operation{Method: method, Path: path, OperationID: id, Summary: summary, DefaultStatus: http.StatusOK}
}

// The kinds of operation: get reads, post does, create makes something and tells where
// that is, patch and put change, remove deletes.
func get[I, O any](d *door, path, id, summary string, f does[I, O]) {
	handle(d, operation(http.MethodGet, path, id, summary), f, nil)
}

func post[I, O any](d *door, path, id, summary string, f does[I, O]) {
	handle(d, operation(http.MethodPost, path, id, summary), f, nil)
}

func create[I, O any](d *door, path, id, summary string, f does[I, O], where func(*O) string) {
	o := operation(http.MethodPost, path, id, summary)
	o.DefaultStatus = http.StatusCreated
	handle(d, o, f, where)
}

func patch[I, O any](d *door, path, id, summary string, f does[I, O]) {
	handle(d, operation(http.MethodPatch, path, id, summary), f, nil)
}

func put[I, O any](d *door, path, id, summary string, f does[I, O]) {
	handle(d, operation(http.MethodPut, path, id, summary), f, nil)
}

func remove[I, O any](d *door, path, id, summary string, f does[I, O]) {
	handle(d, operation(http.MethodDelete, path, id, summary), f, nil)
}

// whole is a list that has all its items in one page.
func whole[T, W any](list []T, shape func(T) *W) *client.Page[W] {
	p := &client.Page[W]{Items: []*W{}}
	for _, item := range list {
		p.Items = append(p.Items, shape(item))
	}
	return p
}

// pageAfter reads the place from which on a page is wanted, as what it is.
func pageAfter[K any](after string, read func(string) (K, error)) (K, error) {
	key, err := read(after)
	if after != "" && err != nil {
		return key, RequestInvalid.New("This is the next of no page.").In("query.after")
	}
	return key, nil
}

// nextAfter notes where a page goes on, if it is full.
func nextAfter[T any](p *client.Page[T], limit int, key func(*T) string) *client.Page[T] {
	if n := len(p.Items); n == limit {
		p.Next = key(p.Items[n-1])
	}
	return p
}
