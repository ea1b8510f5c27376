// Package client is how a Go program uses Muster over the network: the operations of
// the REST API as methods, and its JSON as types. The server answers with the very
// same types.
//
//	c := client.New("https://muster.example.org", token)
//	imp, err := c.Upload(ctx, "people.csv", file, client.ImportOptions{Format: "nhsmail"})
//
// An answer that is no success is returned as *Problem (RFC 9457), whose Code is
// stable. Lists are read page by page while their function is called for each.
// Whatever changes something takes what WithDryRun, WithIdempotencyKey and IfMatch
// put into the context.
package client

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"reflect"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// Root is the path under which the API stands.
const Root = "/api/v1"

// Client calls one Muster in one name. It is safe for use by several goroutines.
type Client struct {
	server  string
	token   atomic.Value // string
	HTTP    *http.Client // http.DefaultClient where it is nil; with a jar of cookies it keeps a session
	PerPage int          // most items of a list in one answer; 0: as the server likes
}

// New makes a client of the server at a URL such as https://muster.example.org. The
// token is sent with each request; "" is none.
func New(server, token string) *Client {
	c := &Client{server: strings.TrimRight(server, "/")}
	c.token.Store(token)
	return c
}

// SetToken changes the token of requests that begin from now on.
func (c *Client) SetToken(token string) { c.token.Store(token) }

type option int

const (
	dryRun option = iota
	idempotencyKey
	ifMatch
)

// WithDryRun lets what is called with the context change nothing, and answer what it
// would do.
func WithDryRun(ctx context.Context) context.Context { return context.WithValue(ctx, dryRun, "true") }

// WithIdempotencyKey lets a POST that is sent again with the same key, for a day, be
// answered as before instead of being done again. A key is 1 to 255 visible characters.
func WithIdempotencyKey(ctx context.Context, key string) context.Context {
	return context.WithValue(ctx, idempotencyKey, key)
}

// IfMatch lets a change be made only where the ETag of what is changed is still this one.
func IfMatch(ctx context.Context, etag string) context.Context {
	return context.WithValue(ctx, ifMatch, etag)
}

// Page is a part of a list.
type Page[T any] struct {
	Items []*T   `json:"items"`
	Next  string `json:"next,omitempty" doc:"after of the following page; none: this is the last"`
}

// pages reads a list page by page.
func pages[T any](ctx context.Context, c *Client, path string, q url.Values, f func(*T) error) error {
	if q == nil {
		q = url.Values{}
	}
	if c.PerPage > 0 {
		q.Set("limit", strconv.Itoa(c.PerPage))
	}
	for {
		p, err := get[Page[T]](ctx, c, path, q)
		if err != nil {
			return err
		}
		for _, item := range p.Items {
			if err := f(item); err != nil {
				return err
			}
		}
		if p.Next == "" {
			return nil
		}
		q.Set("after", p.Next)
	}
}

func get[T any](ctx context.Context, c *Client, path string, q url.Values) (*T, error) {
	r, err := c.request(ctx, http.MethodGet, path, q, nil)
	if err != nil {
		return nil, err
	}
	return answer[T](c, r)
}

func send[T any](ctx context.Context, c *Client, method, path string, body any) (*T, error) {
	return sendTo[T](ctx, c, method, path, nil, body)
}

func sendTo[T any](ctx context.Context, c *Client, method, path string, q url.Values, body any) (*T, error) {
	var content io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return nil, err
		}
		content = bytes.NewReader(text)
	}
	r, err := c.request(ctx, method, path, q, content)
	if err != nil {
		return nil, err
	}
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	return answer[T](c, r)
}

// request makes a request with what every one has.
func (c *Client) request(ctx context.Context, method, path string, q url.Values, body io.Reader) (*http.Request, error) {
	if method != http.MethodGet && ctx.Value(dryRun) != nil {
		if q == nil {
			q = url.Values{}
		}
		q.Set("dry_run", "true")
	}
	address := c.server + Root + path
	if len(q) > 0 {
		address += "?" + q.Encode()
	}
	r, err := http.NewRequestWithContext(ctx, method, address, body)
	if err != nil {
		return nil, err
	}
	if token := c.token.Load().(string); token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	if key, ok := ctx.Value(idempotencyKey).(string); ok && method == http.MethodPost {
		r.Header.Set("Idempotency-Key", key)
	}
	if etag, ok := ctx.Value(ifMatch).(string); ok && method != http.MethodGet {
		r.Header.Set("If-Match", etag)
	}
	return r, nil
}

// do sends a request, and makes an error of an answer that is no success.
func (c *Client) do(r *http.Request) (*http.Response, error) {
	response, err := cmp.Or(c.HTTP, http.DefaultClient).Do(r)
	if err != nil {
		return nil, err
	}
	if response.StatusCode < 300 {
		return response, nil
	}
	defer response.Body.Close()
	p := &Problem{}
	text, err := io.ReadAll(io.LimitReader(response.Body, 1<<20))
	if err != nil || json.Unmarshal(text, p) != nil || p.Status == 0 {
		p = &Problem{Status: response.StatusCode, Title: http.StatusText(response.StatusCode), Detail: "The server answered " + response.Status + "."}
	}
	return nil, p
}

func answer[T any](c *Client, r *http.Request) (*T, error) {
	response, err := c.do(r)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	v := new(T)
	if response.StatusCode == http.StatusNoContent {
		return v, nil
	}
	if err := json.NewDecoder(response.Body).Decode(v); err != nil {
		return nil, fmt.Errorf("the answer of %s cannot be read: %w", c.server, err)
	}
	return v, nil
}

// download copies a file, and returns what the answer says of it.
func (c *Client) download(ctx context.Context, path string, q url.Values, to io.Writer) (http.Header, error) {
	r, err := c.request(ctx, http.MethodGet, path, q, nil)
	if err != nil {
		return nil, err
	}
	response, err := c.do(r)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	_, err = io.Copy(to, response.Body)
	return response.Header, err
}

// fileOf is the name of the file that an answer is.
func fileOf(head http.Header) string {
	_, named, _ := mime.ParseMediaType(head.Get("Content-Disposition"))
	return named["filename"]
}

// queryOf writes the fields of a struct that bear a name of the query; those that are
// blank are left out.
func queryOf(v any) url.Values {
	q := url.Values{}
	value := reflect.ValueOf(v)
	for i := range value.NumField() {
		name, field := value.Type().Field(i).Tag.Get("query"), value.Field(i)
		switch {
		case name == "" || field.IsZero():
		case field.Kind() == reflect.Slice:
			q.Set(name, strings.Join(field.Interface().([]string), ","))
		case field.Type() == reflect.TypeFor[time.Time]():
			q.Set(name, field.Interface().(time.Time).Format(time.RFC3339))
		default:
			q.Set(name, fmt.Sprint(field.Interface()))
		}
	}
	return q
}
