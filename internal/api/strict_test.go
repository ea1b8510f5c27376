package api_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"muster/client"
	"muster/internal/api"
	"muster/internal/directory"
	"muster/internal/importer"
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

// TestBodiesOfMoreThanOneReading: a field has one name and comes once, and nothing is taken
// that does nothing, or that cannot be kept.
func TestBodiesOfMoreThanOneReading(t *testing.T) {
	w := newWorld(t)
	w.Add("anna@example.org", "RX1")
	token, before := w.token("Super", "RX1"), w.everything()
	for _, c := range []struct{ method, path, body, place string }{
		{"POST", "/attributes", `{"Name":"a"}`, "body.Name"},
		{"POST", "/attributes", `{"name":"a","Name":"b"}`, "body.Name"},
		{"POST", "/attributes", `{"name":"a","name":"b"}`, "body.name"},
		{"POST", "/attributes", `{"name":"a","n\u0061me":"b"}`, "body.name"},
		{"POST", "/attributes", `{"name":null}`, "body.name"},
		{"POST", "/attributes", `null`, "body"},
		{"PATCH", "/users/anna@example.org", `{"title":null}`, "body.title"},
		{"PATCH", "/users/anna@example.org", `{"aliases":["a@example.org",null]}`, "body.aliases[1]"},
		{"PATCH", "/users/anna@example.org", `{"attributes":{"Floor":"1","Floor":"2"}}`, "body.attributes.Floor"},
		{"PATCH", "/users/anna@example.org", `{"attributes":{"Floor":null}}`, "body.attributes.Floor"},
		{"PATCH", "/users/anna@example.org", `{"attributes":{"Fl\u0000oor":"1"}}`, "body.attributes"},
		{"PATCH", "/users/anna@example.org", `{"mailbox_gb":1e400}`, "body.mailbox_gb"},
		{"PATCH", "/users/anna@example.org", `{"mailbox_gb":1e30}`, "body.mailbox_gb"},
		{"PATCH", "/users/anna@example.org", `{"mailbox_gb":1.5}`, "body.mailbox_gb"},
		{"PATCH", "/organisations/RX1", `{"settings":{"default_domain":"a","default_domain":"b"}}`, "body.settings.default_domain"},
		{"POST", "/imports/1/apply", `{"confirm":1,"confirm":2}`, "body.confirm"},
		{"POST", "/imports/1/apply", `null`, "body"},
	} {
		status, body := w.plain(c.method, c.path, token, c.body)
		refused(t, c.method+" "+c.path+" "+c.body, status, body, c.place)
		status, _, body = w.send(c.method, client.Root+c.path, token, c.body, "Content-Type", "+;")
		refused(t, "of an odd kind: "+c.method+" "+c.path+" "+c.body, status, body, c.place)
	}
	if after := w.everything(); after != before {
		t.Errorf("changed: %s\nto %s", before, after)
	}
}

// everyField calls f with each text of each body, and a body that has it with a value.
func everyField(t *testing.T, f func(method, path, field string, with func(value string) string)) {
	t.Helper()
	doc, err := description()
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for path, item := range doc.Paths.Map() {
		for method, o := range item.Operations() {
			if o.RequestBody == nil || o.RequestBody.Value.Content["application/json"] == nil {
				continue
			}
			for name, s := range o.RequestBody.Value.Content["application/json"].Schema.Value.Properties {
				around := map[string][2]string{"string": {"", ""}, "array": {"[", "]"}, "object": {`{"a":`, "}"}}
				parts, ok := around[s.Value.Type.Slice()[0]]
				if !ok || len(s.Value.Properties) > 0 {
					continue
				}
				n++
				f(method, strings.TrimPrefix(path, client.Root), "body."+name+map[string]string{"[": "[0]", `{"a":`: ".a"}[parts[0]], func(value string) string {
					return `{"` + name + `":` + parts[0] + `"` + value + `"` + parts[1] + `}`
				})
			}
		}
	}
	if n < 80 {
		t.Errorf("only %d fields", n)
	}
}

// TestTextsThatCannotBeKept tries them in each field, on either engine, with a token and
// without one.
func TestTextsThatCannotBeKept(t *testing.T) {
	w := newWorld(t)
	token, before := w.token("Master", directory.Master), w.everything()
	everyField(t, func(method, path, field string, with func(string) string) {
		path = placeholder.ReplaceAllString(path, "1")
		for _, value := range []string{`a\u0000b`, "a\x00b", "\xff", "a\xc3"} {
			for _, token := range []string{token, ""} {
				status, body := w.plain(method, path, token, with(value))
				place := field
				if value == "a\x00b" { // which is no JSON
					place = "body"
				}
				refused(t, method+" "+path+" "+with(value), status, body, place)
			}
		}
	})
	if after := w.everything(); after != before {
		t.Errorf("changed: %s\nto %s", before, after)
	}
}

// TestPlainWords: what is wrong with a request is said so that people understand it, and
// everything in its place.
func TestPlainWords(t *testing.T) {
	w := newWorld(t)
	w.Add("anna@example.org", "RX1")
	token := w.token("Super", "RX1")
	for _, c := range []struct{ method, path, body, place, said string }{
		{"GET", "/history?since=yesterday", ``, "query.since", "This is no moment, such as 2026-03-02T09:00:00Z."},
		{"GET", "/users?limit=x", ``, "query.limit", "This is no whole number."},
		{"GET", "/users?limit=1001", ``, "query.limit", "This is more than 1000."},
		{"GET", "/users?limit=0", ``, "query.limit", "This is less than 1."},
		{"GET", "/imports/1/rows?after=2000000000", ``, "query.after", "This is more than 1000000000."},
		{"GET", "/users?surprise=1", ``, "query.surprise", "There is no such parameter."},
		{"POST", "/formats/guess", `a`, "query.name", "This is missing."},
		{"POST", "/imports?apply=yes", `a`, "query.apply", "This is neither true nor false."},
		{"POST", "/imports?group_mode=x", `a`, "query.group_mode", `This is not one of "add, replace".`},
		{"POST", "/imports?note=" + strings.Repeat("x", 101), `a`, "query.note", "This has more than 100 characters."},
		{"POST", "/attributes", ``, "body", "The request has no body."},
		{"POST", "/attributes", `{`, "body", "The body is no JSON from octet 2 on."},
		{"POST", "/attributes", `{}`, "body", "The field name is missing."},
		{"POST", "/attributes", `{"surprise":1}`, "body.surprise", "There is no such field."},
		{"POST", "/attributes", `{"name":1}`, "body.name", "This is no text."},
		{"POST", "/attributes", `{"name":1e400}`, "body.name", "This is no number that is taken: whole ones are digits alone, at most 9223372036854775807."},
		{"PATCH", "/users/anna@example.org", `{"locked":"yes"}`, "body.locked", "This is neither true nor false."},
		{"PATCH", "/users/anna@example.org", `{"mailbox_gb":"x"}`, "body.mailbox_gb", "This is no whole number."},
		{"PATCH", "/organisations/RX1", `{"settings":{"undo_days":1000001}}`, "body.settings.undo_days", "This is more than 1000000."},
		{"PATCH", "/users/anna@example.org", `{"aliases":1}`, "body.aliases", "This is no list."},
		{"PATCH", "/users/anna@example.org", `[]`, "body", "This is no object."},
		{"POST", "/tokens", `{"name":"x","role":"Basic","expires":"soon"}`, "body.expires", "This is no moment, such as 2026-03-02T09:00:00Z."},
	} {
		status, body := w.plain(c.method, c.path, token, c.body)
		refused(t, c.method+" "+c.path+" "+c.body, status, body, c.place)
		p := client.Problem{}
		if err := json.Unmarshal([]byte(body), &p); err != nil || !slices.ContainsFunc(p.Errors, func(i client.Issue) bool { return i.Column == c.place && i.Message == c.said }) ||
			!strings.Contains(p.Detail, p.Errors[0].Message) {
			t.Errorf("%s %s %s: %s, want %s", c.method, c.path, c.body, body, c.said)
		}
	}
}

// TestFollowsTooOften: whoever follows too much is told when to ask again.
func TestFollowsTooOften(t *testing.T) {
	w := newWorldWith(t, func(s *api.Services) { s.Limits.Follow = 0 })
	imp := w.Plan("address,org\nanna@example.org,RX1\n", importer.Options{Format: "muster", Org: "RX1"})
	status, head, body := w.send("GET", fmt.Sprintf("%s/imports/%d/progress", client.Root, imp.Number), w.token("Basic", "RX1"), "")
	if status != 429 || head.Get("Retry-After") == "" || !strings.Contains(body, "follows-too-often") {
		t.Errorf("%d %v %s", status, head, body)
	}
}

// TestPlaces: a rule that says no to a field names it.
func TestPlaces(t *testing.T) {
	w := newWorld(t)
	w.Group("RX1", "Staff")
	super, master := w.token("Super", "RX1"), w.token("Master", directory.Master)
	link, err := w.Access.FirstLink(ctx)
	if err != nil {
		t.Fatal(err)
	}
	group := ""
	wants(t, "groups", w.as("Super", "RX1").Groups(ctx, "", func(g *client.Group) error { group = g.ID; return nil }), 0, "")
	for _, c := range []struct{ method, path, token, body, code, place string }{
		{"POST", "/domains", super, `{"name":"no domain"}`, "domain-invalid", "body.name"},
		{"POST", "/domains", master, `{"name":"new.example","validation":"x"}`, "setting-wrong", "body.validation"},
		{"PATCH", "/domains/example.org", master, `{"validation":"x"}`, "setting-wrong", "body.validation"},
		{"POST", "/organisations", master, `{"code":"no code"}`, "organisation-code", "body.code"},
		{"POST", "/organisations", master, `{"code":"RX9","settings":{"default_domain":"no domain"}}`, "domain-invalid", "body.settings.default_domain"},
		{"PATCH", "/organisations/RX1", master, `{"settings":{"default_domain":"no domain"}}`, "domain-invalid", "body.settings.default_domain"},
		{"POST", "/organisations", master, `{"code":"RX9","settings":{"country":"x"}}`, "setting-wrong", "body.settings"},
		{"PATCH", "/organisations/RX1", master, `{"settings":{"country":"x"}}`, "setting-wrong", "body.settings"},
		{"POST", "/attributes", super, `{"name":""}`, "attribute-name", "body.name"},
		{"PATCH", "/attributes/Floor", super, `{"name":""}`, "attribute-name", "body.name"},
		{"POST", "/groups/" + group + "/members", super, `{"address":"no domain"}`, "domain-invalid", "body.address"},
		{"POST", "/groups/" + group + "/members", super, `{"address":"no body@example.org"}`, "address-invalid", "body.address"},
		{"POST", "/first-master", "", `{"link":"` + link.Reveal() + `","address":"nobody","name":"Mary","password":"` + password + `"}`, "address-invalid", "body.address"},
		{"POST", "/tokens", super, `{"name":"","role":"Basic"}`, "token-name", "body.name"},
		{"POST", "/tokens", super, `{"name":"a","role":"Basic","expires":"2020-01-01T00:00:00Z"}`, "token-expiry", "body.expires"},
		{"POST", "/imports?domain=no+domain", super, "address\n", "domain-invalid", "query.domain"},
	} {
		status, text := w.plain(c.method, c.path, c.token, c.body)
		p := client.Problem{}
		if err := json.Unmarshal([]byte(text), &p); err != nil || status != 422 || p.Code != c.code || p.Errors[0].Column != c.place {
			t.Errorf("%s %s %s: %d %s, want %s at %s (%v)", c.method, c.path, c.body, status, text, c.code, c.place, err)
		}
	}
}
