package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"

	"muster/client"
	"muster/internal/access"
	"muster/internal/api"
	"muster/internal/directory"
	"muster/internal/importer"
	"muster/internal/importer/importertest"
	"muster/internal/server"
	"muster/internal/store"
)

var update = flag.Bool("update", false, "write docs/openapi.yaml anew")

var ctx = context.Background()

// world is a Muster with its API on a port of this machine.
type world struct {
	*importertest.World
	t      *testing.T
	server *httptest.Server
	log    *bytes.Buffer
	tokens map[string]string
	work   sync.WaitGroup
}

func newWorld(t *testing.T) *world { return newWorldWith(t, nil) }

// newWorldWith lets a test change what the API is made of.
func newWorldWith(t *testing.T, change func(*api.Services)) *world {
	w := &world{World: importertest.New(t), t: t, log: &bytes.Buffer{}, tokens: map[string]string{}}
	s := api.Services{Directory: w.Directory, Importer: w.Importer, Access: w.Access, Answers: w.Store, Key: w.Importer.Key,
		Enqueue: w.enqueue, Unavailable: store.Reason, Log: slog.New(slog.NewTextHandler(w.log, nil)), Now: time.Now,
		Limits: api.Limits{Upload: 1 << 20, JSON: 64 << 10, Follow: 200}}
	if change != nil {
		change(&s)
	}
	doors, err := server.New(server.Config{Log: s.Log})
	if err != nil {
		t.Fatal(err)
	}
	doors.Handle("/api/", api.New(s))
	w.server = httptest.NewServer(doors.Handler())
	t.Cleanup(func() {
		w.server.Close()
		w.work.Wait()
		if strings.Contains(w.log.String(), "level=ERROR") {
			t.Errorf("the log has %s", w.log)
		}
	})
	return w
}

// enqueue works in the background, as the queue would.
func (w *world) enqueue(_ context.Context, imp *importer.Import) error {
	w.work.Go(func() {
		for {
			after, err := w.Importer.Work(ctx, imp.Number)
			if errors.Is(err, importer.ErrWaits) || importer.TakenOver.Is(err) {
				time.Sleep(5 * time.Millisecond)
				continue
			}
			if err != nil || after == nil || !after.Waits() {
				return
			}
		}
	})
	return nil
}

// token makes a token of a role in an organisation.
func (w *world) token(role, org string) string {
	w.t.Helper()
	name := role + " of " + org
	if w.tokens[name] == "" {
		_, plain, err := w.Access.AddToken(ctx, importertest.Operator, access.NewToken{Name: name, Role: role, Org: org})
		if err != nil {
			w.t.Fatal(err)
		}
		w.tokens[name] = plain.Reveal()
	}
	return w.tokens[name]
}

// as calls the API with a token of a role in an organisation. Every answer is compared
// with the description of the API.
func (w *world) as(role, org string) *client.Client {
	w.t.Helper()
	return w.with(w.token(role, org))
}

func (w *world) with(token string) *client.Client {
	c := client.New(w.server.URL, token)
	c.HTTP = &http.Client{Transport: checked{w.t}}
	return c
}

// send sends a request as no client would.
func (w *world) send(method, path, token, body string, headers ...string) (int, http.Header, string) {
	w.t.Helper()
	r, err := http.NewRequest(method, w.server.URL+path, strings.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	response, err := (&http.Client{Transport: checked{w.t}}).Do(r)
	if err != nil {
		w.t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	if response.StatusCode >= 400 {
		w.isProblem(method+" "+path, response, text)
	}
	return response.StatusCode, response.Header, string(text)
}

// isProblem reports whether an answer is a problem of the one shape, with all that it has.
func (w *world) isProblem(what string, response *http.Response, text []byte) {
	w.t.Helper()
	p := client.Problem{}
	err := json.Unmarshal(text, &p)
	if err != nil || p.Type != "about:blank" || p.Title != http.StatusText(p.Status) || p.Status != response.StatusCode || p.Code == "" || p.Suggestion == "" || len(p.Errors) == 0 ||
		!strings.Contains(p.Detail, p.Errors[0].Message) || response.Header.Get("Content-Type") != "application/problem+json" {
		w.t.Errorf("%s: %d is no problem as all are: %s (%v)", what, response.StatusCode, text, err)
		return
	}
	if again := response.Header.Get("Idempotency-Replayed"); again == "" && p.Request != response.Header.Get("X-Request-Id") {
		w.t.Errorf("%s: the request is %s: %s", what, response.Header.Get("X-Request-Id"), text)
	}
	if after := response.Header.Get("Retry-After"); (p.Status == 429 || p.Status == 503) != (after != "") {
		w.t.Errorf("%s: %d with Retry-After %q", what, p.Status, after)
	}
	for _, i := range p.Errors {
		if i.Suggestion == "" || i.Code == "" || i.Severity != "error" {
			w.t.Errorf("%s: %+v", what, i)
		}
	}
}

// checked compares every answer with the description of the API.
type checked struct{ t *testing.T }

var description = sync.OnceValues(func() (*openapi3.T, error) {
	text, err := api.Specification()
	if err != nil {
		return nil, err
	}
	doc, err := openapi3.NewLoader().LoadFromData(text)
	if err != nil {
		return nil, err
	}
	return doc, doc.Validate(ctx)
})

// operationOf finds the operation of a request in the description.
func operationOf(r *http.Request) *routers.Route {
	doc, err := description()
	if err != nil {
		panic(err)
	}
	mux, routes := http.NewServeMux(), map[string]*routers.Route{}
	for path, item := range doc.Paths.Map() {
		for method, o := range item.Operations() {
			mux.Handle(method+" "+path, http.NotFoundHandler())
			routes[method+" "+path] = &routers.Route{Spec: doc, Path: path, PathItem: item, Method: method, Operation: o}
		}
	}
	_, pattern := mux.Handler(r)
	return routes[pattern]
}

// streams are the kinds of answers that are read while they come.
var streams = []string{"text/event-stream", "application/jsonl"}

func (c checked) RoundTrip(r *http.Request) (*http.Response, error) {
	response, err := http.DefaultTransport.RoundTrip(r)
	route := operationOf(r)
	if err == nil && route != nil {
		c.etag(r, route, response)
	}
	if err != nil || route == nil || response.StatusCode == http.StatusNotModified || slices.Contains(streams, response.Header.Get("Content-Type")) {
		return response, err
	}
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, err
	}
	response.Body.Close()
	response.Body = io.NopCloser(bytes.NewReader(body))
	if strings.Contains(response.Header.Get("Content-Type"), "json") || response.StatusCode >= 300 {
		c.check(r, route, response, body)
	}
	return response, nil
}

func (c checked) check(r *http.Request, route *routers.Route, response *http.Response, body []byte) {
	err := openapi3filter.ValidateResponse(ctx, &openapi3filter.ResponseValidationInput{Status: response.StatusCode, Header: response.Header,
		Body:                   io.NopCloser(bytes.NewReader(body)),
		Options:                &openapi3filter.Options{IncludeResponseStatus: true},
		RequestValidationInput: &openapi3filter.RequestValidationInput{Request: r, Route: route}})
	if err != nil {
		c.t.Errorf("%s %s: %d is not as the description has it: %v\n%s", r.Method, r.URL.Path, response.StatusCode, err, body)
	}
}

// etag reports whether a success has the ETag that the description promises.
func (c checked) etag(r *http.Request, route *routers.Route, response *http.Response) {
	promised := route.Operation.Responses.Status(response.StatusCode)
	if promised != nil && promised.Value.Headers["ETag"] != nil && response.Header.Get("ETag") == "" {
		c.t.Errorf("%s %s: the answer has no ETag", r.Method, r.URL.Path)
	}
}

// wants reports whether an error is a problem of a status and code; 0 is no error.
func wants(t *testing.T, what string, err error, status int, code string) {
	t.Helper()
	var p *client.Problem
	errors.As(err, &p)
	switch {
	case status == 0 && err != nil:
		t.Errorf("%s: %v", what, err)
	case status == 0:
	case p == nil || p.Status != status || p.Code != code:
		t.Errorf("%s: %v (%+v), want %d %s", what, err, p, status, code)
	}
}

var _ = directory.Master
