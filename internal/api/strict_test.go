package api_test

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"muster/client"
	"muster/internal/directory"
)

// refused reports whether an answer is the problem request-invalid, at a place.
func refused(t *testing.T, what string, status int, body, place string) {
	t.Helper()
	p := client.Problem{}
	if err := json.Unmarshal([]byte(body), &p); err != nil || status != 400 && status != 422 || p.Code != "request-invalid" {
		t.Errorf("%s: %d %s (%v)", what, status, body, err)
		return
	}
	if !slices.ContainsFunc(p.Errors, func(i client.Issue) bool { return i.Column == place }) {
		t.Errorf("%s: the place is not %s: %s", what, place, body)
	}
}

// TestQueriesThatAreNotUnderstood: what is not understood does not count as not given.
func TestQueriesThatAreNotUnderstood(t *testing.T) {
	w := newWorld(t)
	w.Add("anna@example.org", "RX1")
	token, before := w.token("Super", "RX1"), w.everything()
	for _, c := range []struct{ method, path, body, place string }{
		{"POST", "/attributes?dry_run", `{"name":"a"}`, "query.dry_run"},
		{"POST", "/attributes?dry_run=", `{"name":"a"}`, "query.dry_run"},
		{"POST", "/attributes?dry_run=tru%zz", `{"name":"a"}`, "query.dry_run"},
		{"POST", "/attributes?dry_run=false&dry_run=true", `{"name":"a"}`, "query.dry_run"},
		{"POST", "/attributes?dry_run=true;a", `{"name":"a"}`, "query.dry_run"},
		{"POST", "/attributes?dry%5frun=true&dry_run=false", `{"name":"a"}`, "query.dry_run"},
		{"POST", "/users/anna@example.org/lock?dry_run=", ``, "query.dry_run"},
		{"DELETE", "/users/anna@example.org?dry_run=x", ``, "query.dry_run"},
		{"GET", "/users?search=%zz", ``, "query.search"},
		{"GET", "/users?%zz=1", ``, "query"},
		{"GET", "/users?limit=", ``, "query.limit"},
		{"GET", "/users?limit=1&limit=2", ``, "query.limit"},
		{"GET", "/users?a;b", ``, "query.a;b"},
		{"GET", "/users?after=junk", ``, "query.after"},
		{"GET", "/history?import=0", ``, "query.import"},
		{"GET", "/history?import=-5", ``, "query.import"},
		{"GET", "/history?since=", ``, "query.since"},
		{"GET", "/history?after=junk", ``, "query.after"},
		{"GET", "/imports?after=0", ``, "query.after"},
		{"GET", "/imports?after=-1", ``, "query.after"},
		{"GET", "/imports/1/rows?after=9223372036854775807", ``, "query.after"},
		{"GET", "/imports/1/rows?after=-1", ``, "query.after"},
		{"GET", "/imports/1/rows?only=error&only=create", ``, "query.only"},
		{"POST", "/imports?confirm=-1", "address\n", "query.confirm"},
	} {
		status, body := w.plain(c.method, c.path, token, c.body)
		refused(t, c.method+" "+c.path, status, body, c.place)
	}
	if after := w.everything(); after != before {
		t.Errorf("changed: %s\nto %s", before, after)
	}
	for _, path := range []string{"/users?search=", "/users?", "/users?&limit=1&", "/users?search=anna%20b&limit=1", "/users?after=anna@example.org", "/history?import=1"} {
		if status, body := w.plain("GET", path, token, ""); status != 200 {
			t.Errorf("%s: %d %s", path, status, body)
		}
	}
	if status, body := w.plain("POST", "/formats/guess?name=own&set=a%3Daddress&set=b%3Dname", token, "a,b\n1,2\n"); status != 200 {
		t.Errorf("a list: %d %s", status, body)
	}
}

// everyParameter calls f with each parameter of each operation in a path or a query.
func everyParameter(t *testing.T, f func(method, path string, o *openapi3.Operation, p *openapi3.Parameter)) {
	t.Helper()
	doc, err := description()
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for path, item := range doc.Paths.Map() {
		for method, o := range item.Operations() {
			for _, p := range o.Parameters {
				if p.Value.In == "query" || p.Value.In == "path" {
					n++
					f(method, strings.TrimPrefix(path, client.Root), o, p.Value)
				}
			}
		}
	}
	if n < 150 {
		t.Errorf("only %d parameters", n)
	}
}

// TestEveryParameterIsUnderstood tries with each what cannot be read, on either engine.
func TestEveryParameterIsUnderstood(t *testing.T) {
	w := newWorld(t)
	token, before := w.token("Master", directory.Master), w.everything()
	everyParameter(t, func(method, path string, o *openapi3.Operation, p *openapi3.Parameter) {
		values := []string{"%00", "%ff", "a%00b"}
		if p.In == "query" {
			values = append(values, "%zz", "%")
		}
		for _, value := range values {
			at := strings.ReplaceAll(path, "{"+p.Name+"}", value)
			at = placeholder.ReplaceAllString(at, "1")
			if p.In == "query" {
				at += "?" + url.QueryEscape(p.Name) + "=" + value
			}
			status, body := w.plain(method, at, token, "")
			refused(t, method+" "+at, status, body, p.In+"."+p.Name)
		}
		text := p.Schema.Value.Type.Is("string") && p.Schema.Value.Format == "" && p.Schema.Value.Enum == nil
		if at := placeholder.ReplaceAllString(path, "1") + "?" + p.Name + "="; p.In == "query" && !text {
			status, body := w.plain(method, at, token, "")
			refused(t, method+" "+at, status, body, "query."+p.Name)
		}
	})
	if after := w.everything(); after != before {
		t.Errorf("changed: %s\nto %s", before, after)
	}
}
