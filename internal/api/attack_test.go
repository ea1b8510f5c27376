package api_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"strings"
	"testing"
	"time"

	"muster/client"
	"muster/internal/access"
	"muster/internal/api"
	"muster/internal/directory"
	"muster/internal/importer"
	"muster/internal/importer/importertest"
)

func TestWhoIsNobody(t *testing.T) {
	w := newWorld(t)
	lapsed, plain, err := w.Access.AddToken(ctx, importertest.Operator, access.NewToken{Name: "gone", Role: "Super", Org: "RX1"})
	if err != nil || w.Access.RevokeToken(ctx, importertest.Operator, lapsed.ID.String()) != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ what, header, code string }{
		{"no token", "", "not-signed-in"},
		{"another scheme", "Basic dXNlcjpwYXNz", "not-signed-in"},
		{"no token behind the scheme", "Bearer ", "not-signed-in"},
		{"a wrong token", "Bearer muster_AAAA", "token-invalid"},
		{"one that was revoked", "Bearer " + plain.Reveal(), "token-revoked"},
	} {
		status, head, body := w.send("GET", "/api/v1/users", "", "", "Authorization", c.header)
		if status != 401 || !strings.Contains(body, c.code) || head.Get("WWW-Authenticate") == "" || strings.Contains(body, plain.Reveal()) {
			t.Errorf("%s: %d %s", c.what, status, body)
		}
	}
}

// TestTokenInURL: it is not taken, and stands nowhere afterwards.
func TestTokenInURL(t *testing.T) {
	w := newWorld(t)
	token := w.token("Super", "RX1")
	for _, name := range []string{"token", "access_token", "api_key"} {
		status, _, body := w.send("GET", "/api/v1/users?"+name+"="+token, "", "")
		if status != 400 || !strings.Contains(body, "token-in-url") {
			t.Errorf("%s: %d %s", name, status, body)
		}
	}
	if status, _, _ := w.send("GET", "/api/v1/users?"+url.QueryEscape(token), "", ""); status != 401 {
		t.Errorf("a token as name: %d", status)
	}
	if strings.Contains(w.log.String(), token) {
		t.Error("the token is in the log")
	}
}

// TestOtherSites: a page of another site changes nothing (CSRF).
func TestOtherSites(t *testing.T) {
	w := newWorld(t)
	token := w.token("Super", "RX1")
	for _, headers := range [][]string{{"Origin", "https://evil.example"}, {"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"}, {"Origin", "null"}} {
		status, _, body := w.send("POST", "/api/v1/attributes", token, `{"name":"Floor"}`, headers...)
		if status != 403 || !strings.Contains(body, "cross-origin") {
			t.Errorf("%v: %d %s", headers, status, body)
		}
	}
	for _, headers := range [][]string{{"Origin", w.server.URL}, {"Sec-Fetch-Site", "same-origin"}} {
		if status, _, body := w.send("POST", "/api/v1/attributes", token, `{"name":"Floor`+headers[0]+`"}`, headers...); status != 200 {
			t.Errorf("%v: %d %s", headers, status, body)
		}
	}
}

// TestOtherOrganisations: no path shows or changes what is another organisation's.
func TestOtherOrganisations(t *testing.T) {
	w := newWorld(t)
	w.Org("RX2", directory.Master)
	w.Domain("example.com", "RX2")
	w.Add("olga@example.com", "RX2")
	w.Group("RX2", "Theirs")
	their, _, err := w.Access.AddToken(ctx, importertest.Operator, access.NewToken{Name: "theirs", Role: "Basic", Org: "RX2"})
	if err != nil {
		t.Fatal(err)
	}
	imp := w.Plan("address,org\nnew@example.com,RX2\n", importer.Options{Format: "muster", Org: "RX2"})
	group := ""
	wants(t, "groups", w.as("Super", "RX2").Groups(ctx, "", func(g *client.Group) error { group = g.ID; return nil }), 0, "")
	ids := map[string]string{"user": w.User("olga@example.com").ID.String(), "address": "olga@example.com", "import": fmt.Sprint(imp.Number), "row": "1", "session": their.ID.String(), "organisation": "RX2",
		"domain": "example.com", "group": group, "member": "olga@example.com", "token": their.ID.String(), "type": "email", "account": "a@b.example",
		"delegate": "olga@example.com", "format": "muster", "attribute": "Floor"}
	token := w.token("Super", "RX1")
	before := w.List(`SELECT id, version FROM users`) + w.List(`SELECT * FROM organisations`) + w.List(`SELECT * FROM domains`) + w.List(`SELECT * FROM groups`) + w.List(`SELECT id, revoked_at FROM tokens`) + w.List(`SELECT number, state FROM imports`)
	tried := 0
	for _, o := range api.Operations() {
		path, named := o.Path, false
		for name, id := range ids {
			if strings.Contains(path, "{"+name+"}") {
				path, named = strings.ReplaceAll(path, "{"+name+"}", url.PathEscape(id)), true
			}
		}
		if !named || strings.HasPrefix(path, "/attributes/") { // which are everybody's
			continue
		}
		tried++
		queries := []string{"", "?org=RX2"}
		if strings.HasPrefix(path, "/formats/") { // each organisation may have one of the same name
			queries = queries[1:]
		}
		for _, query := range queries {
			status, _, body := w.send(o.Method, client.Root+path+query, token, bodies[o.ID])
			if o.ID == "join-user" && strings.Contains(body, "user-no-leaver") { // a leaver may be taken over from anywhere
				continue
			}
			if status != 404 && status != 403 && !(query != "" && status == 422) {
				t.Errorf("%s %s%s: %d %s", o.Method, path, query, status, body)
			}
			if strings.Contains(body, "example.com\"") && o.ID != "show-address" {
				t.Errorf("%s %s tells %s", o.Method, path, body)
			}
		}
	}
	if tried < 30 {
		t.Errorf("only %d operations were tried", tried)
	}
	if after := w.List(`SELECT id, version FROM users`) + w.List(`SELECT * FROM organisations`) + w.List(`SELECT * FROM domains`) + w.List(`SELECT * FROM groups`) + w.List(`SELECT id, revoked_at FROM tokens`) + w.List(`SELECT number, state FROM imports`); after != before {
		t.Errorf("changed: %s\nto %s", before, after)
	}
}

// bodies are what operations take that need something.
var bodies = map[string]string{"set-user": `{"title":"Dr"}`, "join-user": `{"org":"RX1"}`, "transfer-user": `{"org":"RX1"}`, "set-password": `{"generate":true}`,
	"set-account": `{"display_name":"A","incoming_user":"a","outgoing_user":"a"}`, "set-organisation": `{"name":"X"}`, "set-domain": `{"closed":true}`, "set-row": `{"cells":{"address":"a@example.com"}}`, "move-group": `{"parent":""}`,
	"rename-group": `{"name":"X"}`, "add-member": `{"address":"anna@example.org"}`, "rename-attribute": `{"name":"X"}`, "put-format": `{"text":"name = \"muster\"\n[[column]]\nheading = \"E-mail\"\nto = \"address\"\n"}`}

// TestMassAssignment: what is not to be set cannot be sent along.
func TestMassAssignment(t *testing.T) {
	w := newWorld(t)
	w.Add("anna@example.org", "RX1")
	token := w.token("Super", "RX1")
	for _, c := range []struct{ method, path, body string }{
		{"PATCH", "/users/anna@example.org", `{"id":"01a21879-5e42-7690-b4a1-ed97acc36403"}`},
		{"PATCH", "/users/anna@example.org", `{"origin":"directory"}`},
		{"PATCH", "/users/anna@example.org", `{"title":"Dr","updated_at":"2020-01-01T00:00:00Z"}`},
		{"PATCH", "/users/anna@example.org", `{"Title":"Dr","has_password":true}`},
		{"POST", "/users", `{"address":"ben@example.org","org":"RX1","version":7}`},
		{"POST", "/tokens", `{"name":"x","role":"Basic","token":"muster_mine"}`},
		{"POST", "/organisations", `{"code":"RX1Z","parent":"RX1","settings":{"secret":1}}`},
		{"GET", "/users?admin=true", ``},
		{"POST", "/imports?format=muster&state=applied", `x`},
	} {
		if status, _, body := w.send(c.method, client.Root+c.path, token, c.body); status != 422 || !strings.Contains(body, "request-invalid") {
			t.Errorf("%s %s %s: %d %s", c.method, c.path, c.body, status, body)
		}
	}
}

func TestBodies(t *testing.T) {
	w := newWorld(t)
	token := w.token("Super", "RX1")
	large := `{"name":"` + strings.Repeat("x", 70<<10) + `"}`
	deep := strings.Repeat("[", 10_000) + strings.Repeat("]", 10_000)
	for _, c := range []struct {
		what, path, body string
		headers          []string
		status           int
		code             string
	}{
		{"large", "/attributes", large, nil, 413, "body-too-large"},
		{"deep", "/attributes", `{"name":` + deep + `}`, nil, 422, "body-too-deep"},
		{"no JSON", "/attributes", `{"name":`, nil, 400, "request-invalid"},
		{"two objects", "/attributes", `{"name":"a"}{"name":"b"}`, nil, 400, "request-invalid"},
		{"nothing", "/attributes", ``, nil, 400, "request-invalid"},
		{"a form", "/attributes", `name=a`, []string{"Content-Type", "application/x-www-form-urlencoded"}, 415, "request-invalid"},
		{"compressed", "/attributes", `{"name":"a"}`, []string{"Content-Encoding", "gzip"}, 415, "body-encoded"},
		{"a large file", "/imports?format=muster", strings.Repeat("address\n", 200_000), nil, 413, "body-too-large"},
	} {
		status, _, body := w.send("POST", client.Root+c.path, token, c.body, c.headers...)
		if status != c.status || !strings.Contains(body, c.code) {
			t.Errorf("%s: %d %.300s", c.what, status, body)
		}
	}
	if status, _, body := w.send("POST", client.Root+"/imports?format=muster", token, "", "Content-Type", "multipart/form-data"); status != 400 {
		t.Errorf("a form without a border: %d %s", status, body)
	}
	chunked := struct{ io.Reader }{strings.NewReader(strings.Repeat("address\n", 200_000))} // without a length
	_, err := w.as("Super", "RX1").Upload(ctx, "large.csv", chunked, client.ImportOptions{Format: "muster"})
	wants(t, "a large file without a length", err, 413, "body-too-large")
	if imps := w.List(`SELECT state FROM imports WHERE state <> 'refused'`); imps != "" {
		t.Errorf("left behind: %s", imps)
	}
}

// TestNamesOfFiles: neither paths nor what steers a header or a terminal is kept.
func TestNamesOfFiles(t *testing.T) {
	w := newWorld(t)
	c := w.as("Basic", "RX1")
	for name, want := range map[string]string{"../../etc/passwd": "passwd", `..\..\boot.ini`: "boot.ini", "/": "upload", "..": "upload", "": "upload",
		"a\r\nSet-Cookie: x=1.csv": "aSet-Cookie: x=1.csv", "nul\x00.csv": "nul.csv", "\u202Egpj.csv": "gpj.csv", "naïve \"x\"; y.csv": "naïve \"x\"; y.csv",
		strings.Repeat("x", 300): strings.Repeat("x", 200)} {
		imp, err := c.Upload(ctx, name, strings.NewReader("address\nnew@example.org\n"), client.ImportOptions{Format: "muster"})
		wants(t, name, err, 0, "")
		if imp.File != want {
			t.Errorf("%q is kept as %q, want %q", name, imp.File, want)
		}
		follow(t, c, imp.Import)
		var file bytes.Buffer
		got, err := c.Results(ctx, imp.Import, false, &file)
		wants(t, name, err, 0, "")
		if strings.ContainsAny(got, "\r\n/\\") || !strings.Contains(got, "results") {
			t.Errorf("%q comes back as %q", name, got)
		}
	}
}

// TestBomb: a workbook that unpacks to very much is refused, and quickly.
func TestBomb(t *testing.T) {
	w := newWorld(t)
	var bomb bytes.Buffer
	z := zip.NewWriter(&bomb)
	for _, name := range []string{"[Content_Types].xml", "xl/workbook.xml", "xl/worksheets/sheet1.xml"} {
		f, _ := z.Create(name)
		blank := bytes.Repeat([]byte(" "), 1<<20)
		for range map[bool]int{true: 300, false: 1}[strings.Contains(name, "sheet1")] {
			f.Write(blank)
		}
	}
	z.Close()
	c := w.as("Basic", "RX1")
	began := time.Now()
	imp, err := c.Upload(ctx, "bomb.xlsx", &bomb, client.ImportOptions{Format: "muster"})
	wants(t, "uploading", err, 0, "")
	if imp = follow(t, c, imp.Import); imp.State != "refused" || time.Since(began) > 5*time.Second {
		t.Errorf("%+v after %s", imp, time.Since(began))
	}
}

// TestHeaders: no answer can be led to bear a header of the sender's.
func TestHeaders(t *testing.T) {
	w := newWorld(t)
	token := w.token("Super", "RX1")
	for _, path := range []string{"/users/a%0d%0aX-Evil:%201", "/domains/a%0aX-Evil:%201", "/users?after=%0d%0aX-Evil:1", "/organisations/%0d%0aX-Evil:1"} {
		_, head, _ := w.send("GET", client.Root+path, token, "")
		if head.Get("X-Evil") != "" {
			t.Errorf("%s: %v", path, head)
		}
	}
	_, head, _ := w.send("POST", client.Root+"/domains", token, `{"name":"a\r\nX-Evil: 1"}`)
	if head.Get("X-Evil") != "" || head.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("%v", head)
	}
}

// TestPathsThatAreNone: what there is not is a problem, too.
func TestPathsThatAreNone(t *testing.T) {
	w := newWorld(t)
	token := w.token("Super", "RX1")
	for _, c := range []struct {
		method, path string
		status       int
		code         string
	}{
		{"GET", "/api/v1/nothing", 404, "path-unknown"}, {"DELETE", "/api/v1/users", 405, "path-unknown"}, {"GET", "/api/v1/imports/x", 422, "request-invalid"},
		{"GET", "/api/nothing.js", 404, "path-unknown"}, {"GET", "/api/.keep", 404, "path-unknown"}, {"GET", "/api/v1/users/%2e%2e%2fimports", 404, "user-unknown"},
	} {
		status, _, body := w.send(c.method, c.path, token, "")
		if status != c.status || !strings.Contains(body, `"code":"`+c.code) {
			t.Errorf("%s %s: %d %s", c.method, c.path, status, body)
		}
	}
}

// TestNoPasswordComesBack: what is wrong with a request is told without its values.
func TestNoPasswordComesBack(t *testing.T) {
	w := newWorld(t)
	w.Add("anna@example.org", "RX1")
	token := w.token("Super", "RX1")
	for _, body := range []string{`{"password":"hunter22hunter","generate":"yes"}`, `{"password":["hunter22hunter"]}`, `{"hunter22hunter":1}`, `{"password":"hunter22hunter","generate":true}`} {
		status, _, text := w.send("POST", "/api/v1/users/anna@example.org/password", token, body)
		if status < 400 || strings.Contains(strings.ReplaceAll(text, "body.hunter22hunter", ""), "hunter22") {
			t.Errorf("%s: %d %s", body, status, text)
		}
	}
	if strings.Contains(w.log.String(), "hunter22") {
		t.Error("the log has a password")
	}
}

// TestUnavailable: a database that is gone is 503, and nothing is told of it but that.
func TestUnavailable(t *testing.T) {
	w := newWorldWith(t, func(s *api.Services) {
		s.Unavailable = func(err error) string {
			if err != nil && strings.Contains(err.Error(), "closed") {
				return "its server cannot be reached"
			}
			return ""
		}
	})
	token := w.token("Super", "RX1")
	w.Store.Close()
	status, head, body := w.send("GET", "/api/v1/users", token, "")
	if status != 503 || head.Get("Retry-After") == "" || !strings.Contains(body, `"code":"unavailable"`) {
		t.Errorf("%d %s", status, body)
	}
}

// TestFault: what nobody foresaw is told in the log, and not to the caller.
func TestFault(t *testing.T) {
	var log bytes.Buffer
	w := newWorldWith(t, func(s *api.Services) {
		s.Unavailable = func(error) string { return "" }
		s.Log = slog.New(slog.NewTextHandler(&log, nil))
	})
	token := w.token("Super", "RX1")
	w.Store.Close()
	status, _, body := w.send("GET", "/api/v1/users", token, "")
	if status != 500 || !strings.Contains(body, `"code":"fault"`) || strings.Contains(body, "closed") || !strings.Contains(log.String(), "closed") {
		t.Errorf("%d %s; the log has %s", status, body, &log)
	}
}
