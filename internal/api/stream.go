package api

import (
	"context"
	"io"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"muster/internal/directory"
	"muster/internal/server"
)

// streaming writes an answer that is not held in memory. The error is one that came
// before anything was written.
type streaming[I any] func(context.Context, directory.Actor, *I, http.ResponseWriter) error

// stream adds a GET whose answer is a file or goes on for as long as its reader wants.
func stream[I any](d *door, path, id, summary, kind string, f streaming[I]) {
	o := operation(http.MethodGet, path, id, summary)
	o.Responses = map[string]*huma.Response{"200": {Description: "OK", Content: map[string]*huma.MediaType{kind: {Schema: &huma.Schema{Type: huma.TypeString}}}}}
	o = described(o)
	huma.Register(d.api, o, func(_ context.Context, in *I) (*huma.StreamResponse, error) {
		return &huma.StreamResponse{Body: func(hc huma.Context) {
			r, w := humago.Unwrap(hc)
			if err := f(r.Context(), actorOf(r.Context()), in, w); err != nil {
				d.refuse(w, r, err)
			}
		}}, nil
	})
}

// file answers with a file. What goes wrong before its first bytes is returned.
func (d *door) file(w http.ResponseWriter, head func(http.Header), write func(io.Writer) error) error {
	to := &lazily{to: w, head: head}
	err := write(to)
	if err != nil && to.begun != nil {
		panic(http.ErrAbortHandler) // half a file must not look like a whole one
	}
	if err == nil && to.begun == nil {
		_, err = to.Write(nil) // a blank file has its head, too
	}
	return err
}

// lazily writes the head of a file before its first bytes: until then, what goes wrong
// is answered as a problem.
type lazily struct {
	to    http.ResponseWriter
	head  func(http.Header)
	begun io.Writer // nil: not yet
}

// Write writes on.
func (l *lazily) Write(b []byte) (int, error) {
	if l.begun == nil {
		l.to.Header().Set("Cache-Control", "private, no-cache")
		l.head(l.to.Header())
		l.to.WriteHeader(http.StatusOK)
		l.begun = server.Stream(l.to)
	}
	return l.begun.Write(b)
}
