package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"muster/client"
	"muster/internal/directory"
	"muster/internal/importer"
)

// follow waits until nothing more happens to an import.
func follow(t *testing.T, c *client.Client, number int64) *client.Import {
	t.Helper()
	limit, stop := context.WithTimeout(ctx, 30*time.Second)
	defer stop()
	wants(t, "following", c.Follow(limit, number, func(client.Progress) {}), 0, "")
	imp, err := c.Import(ctx, number)
	wants(t, "reading an import", err, 0, "")
	return imp
}

// TestImport goes the whole way of a file.
func TestImport(t *testing.T) {
	w := newWorld(t)
	c := w.as("Basic", "RX1")
	imp, err := c.Upload(ctx, "people.csv", strings.NewReader("address,name\nanna@example.org,Anna\nben@exmaple.org,Ben\n"), client.ImportOptions{Format: "muster", GeneratePasswords: true})
	wants(t, "uploading", err, 0, "")
	if imp.State != "planning" || imp.Import == 0 || imp.File != "people.csv" {
		t.Errorf("%+v", imp)
	}
	imp = follow(t, c, imp.Import)
	if imp.State != "planned" || imp.Rows != 2 || imp.Counts.Create != 1 || imp.Counts.Error != 1 || imp.IssuesTotal != 1 || imp.Issues[0].Code != "domain-unknown" || *imp.Issues[0].Line != 3 {
		t.Errorf("%+v", imp)
	}
	var rows []*client.Row
	keep := func(r *client.Row) error { rows = append(rows, r); return nil }
	wants(t, "rows in error", c.Rows(ctx, imp.Import, client.RowFilter{Only: []string{"error"}}, keep), 0, "")
	if len(rows) != 1 || rows[0].Row != 2 || rows[0].Address != "ben@exmaple.org" {
		t.Errorf("%+v", rows)
	}
	wants(t, "a word that is none", c.Rows(ctx, imp.Import, client.RowFilter{Only: []string{"bad"}}, keep), 422, "row-word-unknown")
	_, err = c.Apply(ctx, imp.Import, 0)
	wants(t, "applying", err, 0, "")
	imp = follow(t, c, imp.Import)
	if imp.State != "applied" || imp.Outcomes.Created != 1 || imp.Outcomes.LeftOut != 1 || !w.Has("anna@example.org") {
		t.Errorf("%+v", imp)
	}
	var file bytes.Buffer
	name, err := c.Results(ctx, imp.Import, false, &file)
	wants(t, "results", err, 0, "")
	if name != "people-results.csv" || !strings.Contains(file.String(), "Created") || strings.Count(file.String(), "\n") != 3 {
		t.Errorf("%s: %s", name, &file)
	}
	file.Reset()
	name, err = c.Results(ctx, imp.Import, true, &file)
	wants(t, "failed rows", err, 0, "")
	if name != "people-failed.csv" || strings.Contains(file.String(), "anna") || !strings.Contains(file.String(), "ben@exmaple.org") {
		t.Errorf("%s: %s", name, &file)
	}
	plan, err := c.UndoPlan(ctx, imp.Import)
	wants(t, "the plan of an undo", err, 0, "")
	if *plan.Outcomes.Reversed != 1 || plan.State != "applied" {
		t.Errorf("%+v", plan)
	}
	_, err = c.Undo(ctx, imp.Import, 0)
	wants(t, "undoing", err, 0, "")
	if imp = follow(t, c, imp.Import); imp.State != "undone" || w.Has("anna@example.org") {
		t.Errorf("%+v", imp)
	}
	_, err = c.Cancel(ctx, imp.Import)
	wants(t, "cancelling what is over", err, 409, "not-cancellable")
	_, err = c.Import(ctx, 99)
	wants(t, "none", err, 404, "import-unknown")
}

// TestUploadsOfEveryKind: as raw body and as a form, and applied at once.
func TestUploadsOfEveryKind(t *testing.T) {
	w := newWorld(t)
	token := w.token("Basic", "RX1")
	const file = "address\n%s@example.org\n"
	form := "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"form.csv\"\r\n\r\n" + fmt.Sprintf(file, "anna") + "\r\n--x--\r\n"
	status, head, text := w.send("POST", "/api/v1/imports?format=muster&apply=true", token, form, "Content-Type", "multipart/form-data; boundary=x")
	if status != 202 || head.Get("Location") != "/api/v1/imports/1" || !strings.Contains(text, `"file":"form.csv"`) {
		t.Fatalf("%d %v %s", status, head, text)
	}
	if imp := follow(t, w.as("Basic", "RX1"), 1); imp.State != "applied" || !w.Has("anna@example.org") {
		t.Errorf("%+v", imp)
	}
	if status, _, text := w.send("POST", "/api/v1/imports", token, "--x--\r\n", "Content-Type", "multipart/form-data; boundary=x"); status != 400 || !strings.Contains(text, "file-missing") {
		t.Errorf("%d %s", status, text)
	}
}

// field is one of a form.
func field(name, more, content string) string {
	return "--x\r\nContent-Disposition: form-data; name=\"" + name + "\"" + more + "\r\n\r\n" + content + "\r\n"
}

// TestFormsThatAreNotWhole: of a form that was cut off, or has what is not taken, nothing is left
// to be applied; whoever sends it whole with the same key has it taken.
func TestFormsThatAreNotWhole(t *testing.T) {
	const content = "address\nanna@example.org\n"
	file, end := field("file", "; filename=\"people.csv\"", content), "--x--\r\n"
	for _, c := range []struct {
		what, form  string
		status      int
		code, place string
		again       int // the status of the whole form with the same key
	}{
		{"no border at the end", strings.TrimSuffix(file, "\r\n"), 408, "upload-incomplete", "", 202},
		{"no last border", file + "--x\r\n", 408, "upload-incomplete", "", 202},
		{"cut behind the head of a field", file + "--x\r\nContent-Disposition: form-data", 408, "upload-incomplete", "", 202},
		{"cut in a large file", field("file", "", content+strings.Repeat("\n", 900<<10)), 408, "upload-incomplete", "", 202},
		{"a field behind the file", file + field("org", "", "RX1") + end, 400, "request-invalid", "form.org", 422},
		{"a field before it", field("format", "", "muster") + file + end, 400, "request-invalid", "form.format", 422},
		{"an unknown field", file + field("colour", "", "red") + end, 400, "request-invalid", "form.colour", 422},
		{"a second file", file + file + end, 400, "request-invalid", "form.file", 422},
		{"a last border without the end of its line", file + "--x--", 202, "", "", 422},
		{"no form", file + "nonsense\r\n" + strings.Repeat("\r\nnonsense", 3), 408, "upload-incomplete", "", 202},
		{"a head that is none", "--x\r\nnonsense\r\n\r\n1\r\n" + end, 400, "request-invalid", "body", 422},
	} {
		w := newWorld(t)
		token := w.token("Basic", "RX1")
		headers := []string{"Content-Type", "multipart/form-data; boundary=x", "Idempotency-Key", "key"}
		for _, path := range []string{"/imports?format=muster", "/imports?format=muster&apply=true", "/imports?dry_run=true", "/formats/guess?name=own"} {
			if c.code == "" {
				continue
			}
			status, _, body := w.send("POST", client.Root+path, token, c.form, headers[:2]...)
			p := client.Problem{}
			if err := json.Unmarshal([]byte(body), &p); err != nil || status != c.status || p.Code != c.code || p.Suggestion == "" || c.place != p.Errors[0].Column {
				t.Errorf("%s to %s: %d %s (%v)", c.what, path, status, body, err)
			}
		}
		w.work.Wait()
		if left := w.List(`SELECT number FROM imports WHERE state <> 'cancelled'`); left != "" {
			t.Errorf("%s: left behind: %s", c.what, left)
		}
		w.send("POST", client.Root+"/imports?format=muster", token, c.form, headers...)
		if status, _, body := w.send("POST", client.Root+"/imports?format=muster", token, file+end, headers...); status != c.again {
			t.Errorf("%s, and whole with the same key: %d %s", c.what, status, body)
		}
	}
}

// TestSuggestionsForPrograms: what is suggested can be done by who calls the API.
func TestSuggestionsForPrograms(t *testing.T) {
	w := newWorld(t)
	w.Settings("RX1", func(s *directory.Settings) { s.ThresholdUsers = 5 })
	file := "address,title\n"
	for i := range 30 {
		address := fmt.Sprintf("user%d@example.org", i)
		w.Add(address, "RX1")
		file += address + ",Dr\n"
	}
	token := w.token("Super", "RX1")
	w.Plan(file, importer.Options{Format: "muster", Org: "RX1"})
	w.Plan("address,org\nnew@example.org,RX1\nnone,RX1\n", importer.Options{Format: "muster", Org: "RX1", Mode: "strict"})
	for _, c := range []struct{ path, body, says string }{
		{"/imports/1/apply", ``, `API: {\"confirm\":30}`},
		{"/imports/2/apply", ``, "mode=partial"},
		{"/imports/1/apply", `{"confirm":30}`, `"state":"hashing"`},
	} {
		if _, _, text := w.send("POST", client.Root+c.path, token, c.body); !strings.Contains(text, c.says) {
			t.Errorf("%s is answered %s", c.path, text)
		}
	}
	follow(t, w.as("Super", "RX1"), 1)
	if _, _, text := w.send("POST", client.Root+"/imports/1/undo", token, ""); !strings.Contains(text, `API: {\"confirm\":30}`) {
		t.Errorf("an undo is answered %s", text)
	}
}

func TestListOfImports(t *testing.T) {
	w := newWorld(t)
	for i := range 5 {
		w.Plan(fmt.Sprintf("address,org\nuser%d@example.org,RX1\n", i), importer.Options{Format: "muster", Org: "RX1"})
	}
	c := w.as("Auditor", "RX1")
	c.PerPage = 2
	var got []int64
	wants(t, "imports", c.Imports(ctx, func(imp *client.ListedImport) error { got = append(got, imp.Import); return nil }), 0, "")
	if fmt.Sprint(got) != "[5 4 3 2 1]" {
		t.Error(got)
	}
	for _, size := range []int{1, 3} {
		c.PerPage = size
		n := 0
		wants(t, "rows", c.Rows(ctx, 1, client.RowFilter{}, func(*client.Row) error { n++; return nil }), 0, "")
		if n != 1 {
			t.Errorf("%d rows", n)
		}
	}
}

// TestManyFollow: however many follow an import, all hear of its end, and it is looked
// at by one.
func TestManyFollow(t *testing.T) {
	w := newWorld(t)
	imp := w.Plan("address,org\nanna@example.org,RX1\n", importer.Options{Format: "muster", Org: "RX1"})
	c := w.as("Basic", "RX1")
	_, err := c.Apply(client.WithDryRun(ctx), imp.Number, 0)
	wants(t, "trying", err, 0, "")
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			last := client.Progress{}
			if err := c.Follow(ctx, imp.Number, func(p client.Progress) { last = p }); err != nil || !last.Ended {
				t.Errorf("%v: %+v", err, last)
			}
		})
	}
	all.Wait()
}

// TestTryingAFile: a dry run of an upload reads the file whole, keeps nothing of it, and
// tells what planning will tell of it as a whole.
func TestTryingAFile(t *testing.T) {
	w := newWorld(t)
	t.Setenv("TMPDIR", t.TempDir())
	c := w.as("Basic", "RX1")
	kept := func() string {
		return w.List(`SELECT * FROM imports`) + w.List(`SELECT * FROM import_uploads`) + w.List(`SELECT * FROM history`)
	}
	long := "Email,Name,Password,Force Change Password\n" + strings.Repeat("anna@example.org,Anna,,\n", 501) // one more than the format takes
	for _, f := range []struct {
		name, content, state, format, kind, code string
		rows                                     int64
	}{
		{"people.csv", "address,name\nanna@example.org,Anna\nnobody,Ben\n", "planning", "muster", "csv", "", 2},
		{"people.xlsx", "address,name\nanna@example.org,Anna\n", "planning", "muster", "csv", "kind-misnamed", 1},
		{"empty.csv", "", "refused", "", "", "file-empty", 0},
		{"headings.csv", "address,name\n", "refused", "muster", "csv", "no-rows", 0},
		{"unknown.csv", "colour,size\nred,7\n", "refused", "", "", "format-unclear", 0},
		{"picture.csv", "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "refused", "", "", "file-not-table", 0},
		{"broken.xlsx", "PK\x03\x04\x14\x00", "refused", "", "", "file-not-table", 0},
		{"long.csv", long, "refused", "mimecast-connect", "csv", "too-many-rows", 0},
	} {
		before := kept()
		tried, err := c.Upload(client.WithDryRun(ctx), f.name, strings.NewReader(f.content), client.ImportOptions{})
		wants(t, f.name, err, 0, "")
		code := ""
		if len(tried.Issues) > 0 {
			code = tried.Issues[0].Code
		}
		if tried.Import != 0 || tried.State != f.state || tried.Format != f.format || tried.Kind != f.kind || tried.Rows != f.rows || tried.File != f.name || code != f.code {
			t.Errorf("%s: %+v", f.name, tried)
		}
		if after := kept(); after != before {
			t.Errorf("%s is kept: %s", f.name, after)
		}
		if left, err := os.ReadDir(os.Getenv("TMPDIR")); err != nil || len(left) > 0 {
			t.Errorf("%s leaves %v (%v)", f.name, left, err)
		}
		imp, err := c.Upload(ctx, f.name, strings.NewReader(f.content), client.ImportOptions{})
		wants(t, f.name, err, 0, "")
		if imp = follow(t, c, imp.Import); imp.State == "refused" || tried.State == "refused" {
			tried.Import, tried.Outcomes = imp.Import, imp.Outcomes
			if !reflect.DeepEqual(tried, imp) {
				t.Errorf("%s: tried, it is %+v, and sent %+v", f.name, tried, imp)
			}
		}
	}
	_, err := c.Upload(client.WithDryRun(ctx), "large.csv", struct{ io.Reader }{strings.NewReader(strings.Repeat("address\n", 200_000))}, client.ImportOptions{})
	wants(t, "a file that is too large", err, 413, "body-too-large")
}

// TestClientGone: that a client drops what it sends is no failure of Muster's, which newWorld
// would find in the log.
func TestClientGone(t *testing.T) {
	w := newWorld(t)
	token := w.token("Basic", "RX1")
	for _, c := range []struct{ path, kind string }{{"/imports?format=muster", "text/csv"}, {"/imports?format=muster&dry_run=true", "text/csv"}, {"/attributes", "application/json"}} {
		conn, err := net.Dial("tcp", w.server.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(conn, "POST %s%s HTTP/1.1\r\nHost: muster\r\nAuthorization: Bearer %s\r\nContent-Type: %s\r\nContent-Length: 9000\r\nExpect: 100-continue\r\n\r\n",
			client.Root, c.path, token, c.kind)
		if _, err := conn.Read(make([]byte, 1)); err != nil { // it reads the body now
			t.Fatal(err)
		}
		fmt.Fprint(conn, "address\n")
		conn.(*net.TCPConn).SetLinger(0) // to end with a reset
		conn.Close()
	}
	w.server.Close() // which waits for all
	if log := w.log.String(); strings.Count(log, "status=408") != 3 {
		t.Errorf("the log has %s", log)
	}
}
