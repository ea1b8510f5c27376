package api_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"

	"muster/client"
	"muster/internal/access"
	"muster/internal/api"
	"muster/internal/directory"
	"muster/internal/importer"
	"muster/internal/importer/importertest"
	"muster/internal/table"
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
	if status, _, _ := w.send("GET", "/api/v1/users?search=anna", token, ""); status != 200 {
		t.Errorf("a token in its header: %d", status)
	}
	if log := w.log.String(); strings.Contains(log, token) || !strings.Contains(log, "route=/api/v1/users status=200") {
		t.Errorf("the token is in the log, or the requests are not: %s", log)
	}
}

// TestOtherSites: no operation does anything for a page of another site (CSRF), and each
// does for one of this site.
func TestOtherSites(t *testing.T) {
	w := newWorld(t)
	w.person("anna@example.org", "Super", password)
	b := &browser{world: w}
	b.signIn("anna@example.org", "", "")
	before := w.everything()
	for _, o := range api.Operations() {
		path := placeholder.ReplaceAllString(o.Path, "1")
		for _, headers := range [][]string{{"Origin", "https://evil.example"}, {"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"}, {"Origin", "null"}} {
			if o.Method == "GET" { // which changes nothing
				continue
			}
			if status, body, _ := b.open(o.Method, path, "", headers...); status != 403 || !strings.Contains(body, "cross-origin") {
				t.Errorf("%s %s of %v: %d %s", o.Method, path, headers, status, body)
			}
		}
	}
	if after := w.everything(); after != before {
		t.Errorf("changed: %s\nto %s", before, after)
	}
	for i, headers := range [][]string{{"Origin", w.server.URL}, {"Sec-Fetch-Site", "same-origin"}, {"Sec-Fetch-Site", "none"}} {
		if status, body, _ := b.open("POST", "/attributes", fmt.Sprintf(`{"name":"Floor %d"}`, i), headers...); status != 200 {
			t.Errorf("%v: %d %s", headers, status, body)
		}
	}
}

// everything is what requests might change.
func (w *world) everything() (all string) {
	for _, query := range []string{`SELECT id, version FROM users`, `SELECT * FROM organisations`, `SELECT * FROM domains`, `SELECT * FROM groups`,
		`SELECT id, revoked_at FROM tokens`, `SELECT number, state FROM imports`, `SELECT * FROM attributes`, `SELECT * FROM formats`, `SELECT id FROM sessions`} {
		all += w.List(query) + "\n"
	}
	return all
}

var placeholder = regexp.MustCompile(`\{([a-z]+)\}`)

// shared are the operations with an id of what belongs to all organisations.
var shared = []string{"rename-attribute", "delete-attribute"}

// TestOtherOrganisations: no path shows or changes what is another organisation's; for an
// administrator of that one it does. An operation with an id that is unknown here fails.
func TestOtherOrganisations(t *testing.T) {
	w := newWorld(t)
	ids := w.theirs()
	ours, theirs := w.token("Super", "RX1"), w.token("Super", "RX2")
	before := w.everything()
	for _, o := range api.Operations() {
		path := placeholder.ReplaceAllStringFunc(o.Path, func(name string) string {
			if ids[name] == "" {
				t.Errorf("%s: nobody has said what %s is of another organisation", o.ID, name)
			}
			return url.PathEscape(ids[name])
		})
		if path == o.Path || slices.Contains(shared, o.ID) {
			continue
		}
		queries := []string{"", "?org=RX2"}
		if strings.HasPrefix(path, "/formats/") { // each organisation may have one of the same name
			queries = queries[1:]
		}
		for _, query := range queries {
			status, _, body := w.send(o.Method, client.Root+path+query, ours, bodies[o.ID])
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
		query := map[bool]string{true: "?dry_run=true"}[o.Method != "GET"]
		if strings.HasPrefix(path, "/formats/") {
			query += map[bool]string{true: "&", false: "?"}[query != ""] + "org=RX2"
		}
		if status, _, body := w.send(o.Method, client.Root+path+query, theirs, bodies[o.ID]); (status == 404 || status == 403) && !slices.Contains(notTheirs, o.ID) {
			t.Errorf("%s %s by their own administrator: %d %s", o.Method, path, status, body)
		}
	}
	if after := w.everything(); after != before {
		t.Errorf("changed: %s\nto %s", before, after)
	}
}

// notTheirs are what even an administrator of the organisation does not do: it is about two.
var notTheirs = []string{"transfer-user", "join-user"}

// theirs makes an organisation RX2 with one of everything, and tells by which id each stands
// in a path.
func (w *world) theirs() map[string]string {
	w.Org("RX2", directory.Master)
	w.Domain("example.com", "RX2")
	w.Add("olga@example.com", "RX2")
	if _, err := w.as("Super", "RX2").SetPassword(ctx, "olga@example.com", client.PasswordChange{Password: password}); err != nil {
		w.t.Fatal(err)
	}
	w.Group("RX2", "Theirs")
	other, _, err := w.Access.AddToken(ctx, importertest.Operator, access.NewToken{Name: "theirs", Role: "Basic", Org: "RX2"})
	if err != nil {
		w.t.Fatal(err)
	}
	token, err := w.Access.ByToken(ctx, w.token("Super", "RX2"))
	if err != nil {
		w.t.Fatal(err)
	}
	imp := w.PlanAs(token, "address,org\nnew@example.com,RX2\n", importer.Options{Format: "muster", Org: "RX2"})
	notice := ""
	wants(w.t, "notices", w.as("Super", "RX2").Notifications(ctx, client.NotificationFilter{}, func(n *client.Notification) error { notice = n.ID; return nil }), 0, "")
	session, err := w.Access.SignIn(ctx, access.Credentials{Address: "olga@example.com", Password: password})
	if err != nil {
		w.t.Fatal(err)
	}
	group := ""
	wants(w.t, "groups", w.as("Super", "RX2").Groups(ctx, "", func(g *client.Group) error { group = g.ID; return nil }), 0, "")
	for _, c := range []struct{ method, path, body string }{
		{"PUT", "/users/olga@example.com/accounts/email/a@b.example", bodies["set-account"]},
		{"POST", "/groups/" + group + "/members", `{"address":"olga@example.com"}`},
		{"PUT", "/formats/muster?org=RX2", bodies["put-format"]},
	} {
		if status, body := w.plain(c.method, c.path, w.token("Super", "RX2"), c.body); status >= 300 {
			w.t.Fatalf("%s %s: %d %s", c.method, c.path, status, body)
		}
	}
	return map[string]string{"{user}": w.User("olga@example.com").ID.String(), "{address}": "olga@example.com", "{import}": fmt.Sprint(imp.Number), "{row}": "1",
		"{session}": session.ID.String(), "{organisation}": "RX2", "{domain}": "example.com", "{group}": group, "{member}": "olga@example.com",
		"{token}": other.ID.String(), "{type}": "email", "{account}": "a@b.example", "{delegate}": "olga@example.com", "{format}": "muster", "{attribute}": "Floor",
		"{notification}": notice}
}

// TestIntoOtherOrganisations: nothing is made in, or listed of, another organisation that is
// named in a body or a query.
func TestIntoOtherOrganisations(t *testing.T) {
	w := newWorld(t)
	w.theirs()
	ours, theirs := w.token("Super", "RX1"), w.token("Super", "RX2")
	for id, body := range into {
		for _, o := range api.Operations() {
			if o.ID != id {
				continue
			}
			path := client.Root + o.Path + "?dry_run=true"
			if status, _, text := w.send(o.Method, path, ours, body); status != 403 && status != 404 {
				t.Errorf("%s: %d %s", id, status, text)
			}
			if status, _, text := w.send(o.Method, path, theirs, body); status >= 300 {
				t.Errorf("%s by their own administrator: %d %s", id, status, text)
			}
		}
	}
	doc, err := description()
	if err != nil {
		t.Fatal(err)
	}
	for path, item := range doc.Paths.Map() {
		for method, o := range item.Operations() {
			if placeholder.MatchString(path) {
				continue
			}
			if into[o.OperationID] == "" && namesOrganisation(o) {
				t.Errorf("%s: nobody has said what it is given of another organisation", o.OperationID)
			}
			if o.Parameters.GetByInAndName("query", "org") == nil {
				continue
			}
			status, _, body := w.send(method, path+"?org=RX2", ours, "address\n")
			if status != 403 && status != 404 && !strings.Contains(body, `"items":[]`) {
				t.Errorf("%s %s?org=RX2: %d %s", method, path, status, body)
			}
		}
	}
}

// namesOrganisation reports whether the body of an operation may name one.
func namesOrganisation(o *openapi3.Operation) bool {
	if o.RequestBody == nil || o.RequestBody.Value.Content["application/json"] == nil {
		return false
	}
	fields := o.RequestBody.Value.Content["application/json"].Schema.Value.Properties
	return fields["org"] != nil || fields["parent"] != nil
}

// into are bodies that name another organisation, of operations without an id in their path.
var into = map[string]string{"add-user": `{"address":"new@example.com","org":"RX2"}`, "add-domain": `{"name":"new.example","org":"RX2"}`,
	"add-group": `{"path":"Night","org":"RX2"}`, "add-token": `{"name":"sync","role":"Basic","org":"RX2"}`, "add-organisation": `{"code":"RX2B","parent":"RX2"}`}

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
	if status, _, body := w.send("PATCH", client.Root+"/users/anna@example.org", token, `{"title":"Dr"}`); status != 200 {
		t.Errorf("what may be set: %d %s", status, body)
	}
}

// TestWhatIsNotKnown: no operation takes a field or a parameter that it does not know.
func TestWhatIsNotKnown(t *testing.T) {
	w := newWorld(t)
	token := w.token("Master", directory.Master)
	doc, err := description()
	if err != nil {
		t.Fatal(err)
	}
	bodies := 0
	for path, item := range doc.Paths.Map() {
		for method, o := range item.Operations() {
			path := client.Root + strings.TrimPrefix(placeholder.ReplaceAllString(path, "1"), client.Root)
			status, _, text := w.send(method, path+"?surprise=1", token, "")
			if status != 422 && status != 400 || !strings.Contains(text, "surprise") && method == "GET" {
				t.Errorf("%s %s with a parameter: %d %s", method, path, status, text)
			}
			if o.RequestBody == nil || o.RequestBody.Value.Content["application/json"] == nil {
				continue
			}
			bodies++
			if status, _, text := w.send(method, path, token, `{"surprise":1}`); status != 422 || !strings.Contains(text, "surprise") {
				t.Errorf("%s %s with a field: %d %s", method, path, status, text)
			}
		}
	}
	if bodies < 25 {
		t.Errorf("only %d operations have a body", bodies)
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
		{"a little too deep", "/attributes", `{"name":` + strings.Repeat("[", 32) + strings.Repeat("]", 32) + `}`, nil, 422, "body-too-deep"},
		{"deep, and no name", "/attributes", `{"name":` + strings.Repeat("[", 31) + strings.Repeat("]", 31) + `}`, nil, 422, "request-invalid"},
		{"as it should be", "/attributes", `{"name":"a"}`, nil, 200, `"name":"a"`},
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
		"a\r\nSet-Cookie: x=1.csv": "aSet-Cookie: x=1.csv", "lat\xefn.csv": "lat\uFFFDn.csv", "\u202Egpj.csv": "gpj.csv", "naïve \"x\"; y.csv": "naïve \"x\"; y.csv",
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

// TestBomb: a workbook that unpacks to very much is refused for that, and quickly; the
// same without it is planned.
func TestBomb(t *testing.T) {
	w := newWorld(t)
	c := w.as("Basic", "RX1")
	for _, b := range []struct {
		blanks      int
		state, code string
	}{{1 << 10, "planned", ""}, {40 << 20, "refused", "workbook-too-large"}} {
		file, began := workbook(t, b.blanks), time.Now()
		imp, err := c.Upload(ctx, "bomb.xlsx", file, client.ImportOptions{Format: "muster"})
		wants(t, "uploading", err, 0, "")
		imp = follow(t, c, imp.Import)
		if imp.State != b.state || b.code != "" && (imp.IssuesTotal != 1 || imp.Issues[0].Code != b.code) || time.Since(began) > 5*time.Second {
			t.Errorf("%d blanks: %+v after %s", b.blanks, imp, time.Since(began))
		}
	}
}

// workbook is one of a row, with so many blanks in its sheet.
func workbook(t *testing.T, blanks int) io.Reader {
	t.Helper()
	var plain, blown bytes.Buffer
	rows := table.NewWriter(&plain, table.Info{Kind: table.XLSX})
	if err := errors.Join(rows.Write([]string{"address", "name"}), rows.Write([]string{"anna@example.org", "Anna"}), rows.Close()); err != nil {
		t.Fatal(err)
	}
	from, err := zip.NewReader(bytes.NewReader(plain.Bytes()), int64(plain.Len()))
	if err != nil {
		t.Fatal(err)
	}
	to := zip.NewWriter(&blown)
	for _, f := range from.File {
		part, err := fs.ReadFile(from, f.Name)
		if err != nil {
			t.Fatal(err)
		}
		out, _ := to.Create(f.Name)
		before, after, _ := bytes.Cut(part, []byte("</sheetData>"))
		out.Write(before)
		if len(after) > 0 {
			for range blanks >> 10 {
				out.Write(bytes.Repeat([]byte(" "), 1<<10))
			}
			io.WriteString(out, "</sheetData>")
		}
		out.Write(after)
	}
	if err := to.Close(); err != nil {
		t.Fatal(err)
	}
	return &blown
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
		{"GET", "/", 404, "path-unknown"}, {"GET", "/nothing", 404, "path-unknown"}, {"GET", "//api/v1/users", 404, "path-unknown"}, {"GET", "/api/v1//users", 404, "path-unknown"},
		{"GET", "/api/v1/users/../users", 404, "path-unknown"}, {"POST", "/api/v1/users/", 404, "path-unknown"}, {"OPTIONS", "/api/v1/users", 405, "path-unknown"},
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
