package api_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"muster/client"
	"muster/internal/api"
	"muster/internal/importer"
)

// etag reads the ETag of a path of the API.
func (w *world) etag(token, path string) string {
	w.t.Helper()
	status, head, body := w.send("GET", client.Root+path, token, "")
	if status != 200 {
		w.t.Fatalf("GET %s: %d %s", path, status, body)
	}
	return head.Get("ETag")
}

// matched sends a change that is made only where an ETag is right.
func (w *world) matched(method, path, token, body, etag string) (int, string) {
	w.t.Helper()
	status, head, text := w.send(method, client.Root+path, token, body, "If-Match", etag)
	if status != 200 && status != 201 && status != 412 {
		w.t.Errorf("%s %s: %d %s", method, path, status, text)
	}
	return status, head.Get("ETag")
}

// threeRows plans a file that makes three users.
func (w *world) threeRows() string {
	imp := w.Plan("address,org,name\na@example.org,RX1,A\nb@example.org,RX1,B\nc@example.org,RX1,C\n", importer.Options{Format: "muster", Org: "RX1"})
	return fmt.Sprintf("/imports/%d", imp.Number)
}

// TestWhatIsMatched: a change takes the ETag of what can be read whole at its path or
// above it, and no other. Then it answers with the ETag that is read next, where it
// answers with an import or a user.
func TestWhatIsMatched(t *testing.T) {
	w := newWorld(t)
	for _, name := range []string{"anna", "ben", "cleo"} {
		w.Add(name+"@example.org", "RX1")
	}
	token, imp, anna := w.token("Super", "RX1"), w.threeRows(), "/users/anna@example.org"
	if status, _, text := w.send("PUT", client.Root+"/formats/muster?org=RX1", token, bodies["put-format"]); status != 200 {
		t.Fatalf("a format of an organisation: %d %s", status, text)
	}
	account := bodies["set-account"]
	for _, c := range []struct{ method, path, body, read, answers string }{
		{"PATCH", imp + "/rows/2", `{"cells":{"name":"Bea"}}`, imp, imp},
		{"POST", imp + "/rows/3/leave-out", ``, imp, imp},
		{"POST", imp + "/rows/3/take-in", ``, imp, imp},
		{"POST", imp + "/apply", ``, imp, ""},
		{"POST", imp + "/undo", ``, imp, ""},
		{"PUT", anna + "/delegates/ben@example.org", ``, anna, anna},
		{"PUT", anna + "/delegates/cleo@example.org", ``, anna + "/delegates", anna},
		{"DELETE", anna + "/delegates/cleo@example.org", ``, anna, anna},
		{"PUT", anna + "/accounts/email/a@b.example", account, anna, anna},
		{"PUT", anna + "/accounts/email/b@b.example", account, anna + "/accounts", anna},
		{"DELETE", anna + "/accounts/email/a@b.example", ``, anna, anna},
		{"DELETE", anna + "/sessions", ``, anna, ""},
		{"DELETE", anna + "/sessions", ``, anna + "/sessions", ""},
		{"POST", anna + "/lock", ``, anna, anna},
		{"PUT", "/formats/muster?org=RX1", strings.Replace(bodies["put-format"], "E-mail", "Mail", 1), "/formats/muster?org=RX1", ""},
		{"DELETE", anna, ``, anna, anna},
	} {
		if status, _ := w.matched(c.method, c.path, token, c.body, `"other"`); status != 412 {
			t.Errorf("%s %s with another ETag: %d", c.method, c.path, status)
		}
		status, answered := w.matched(c.method, c.path, token, c.body, w.etag(token, c.read))
		if status != 200 {
			t.Errorf("%s %s with the ETag of %s: %d", c.method, c.path, c.read, status)
		}
		if c.answers != "" && answered != w.etag(token, c.answers) {
			t.Errorf("%s %s answers with the ETag %s, and %s has %s", c.method, c.path, answered, c.answers, w.etag(token, c.answers))
		}
		if strings.HasSuffix(c.path, "/apply") || strings.HasSuffix(c.path, "/undo") {
			follow(t, w.as("Super", "RX1"), 1)
		}
	}
}

// TestPagesAreNotMatched: a page of a list says nothing of what stands on the others.
func TestPagesAreNotMatched(t *testing.T) {
	w := newWorld(t)
	w.Add("anna@example.org", "RX1")
	token, imp := w.token("Super", "RX1"), w.threeRows()
	for _, c := range []struct{ method, path, body, read string }{
		{"PATCH", imp + "/rows/2", `{"cells":{"name":"Bea"}}`, imp + "/rows"},
		{"PATCH", imp + "/rows/2", `{"cells":{"name":"Bea"}}`, "/imports"},
		{"POST", "/users/anna@example.org/lock", ``, "/users"},
		{"POST", "/users/anna@example.org/lock", ``, "/users/anna@example.org/history"},
	} {
		if status, _ := w.matched(c.method, c.path, token, c.body, w.etag(token, c.read)); status != 412 {
			t.Errorf("%s %s with the ETag of %s: %d", c.method, c.path, c.read, status)
		}
	}
}

// TestAMendIsSeen: whoever has read a plan before somebody mended it does not apply it.
func TestAMendIsSeen(t *testing.T) {
	w := newWorld(t)
	token, imp := w.token("Super", "RX1"), w.threeRows()
	if status, _ := w.matched("PATCH", imp+"/rows/2", token, `{"cells":{"name":"Bess"}}`, "*"); status != 200 { // the row bears a warning of it
		t.Errorf("mending: %d", status)
	}
	read := w.etag(token, imp)
	if status, _ := w.matched("PATCH", imp+"/rows/2", token, `{"cells":{"name":"Bea"}}`, read); status != 200 {
		t.Errorf("mending as it was read: %d", status)
	}
	for _, c := range [][2]string{{"PATCH", "/rows/3"}, {"PATCH", "/rows/2"}, {"POST", "/apply"}} {
		if status, _ := w.matched(c[0], imp+c[1], token, map[string]string{"PATCH": `{"cells":{"name":"Bo"}}`}[c[0]], read); status != 412 {
			t.Errorf("%s after the mend: %d", c[1], status)
		}
	}
}

// TestOneOfTwoWins: of those who change at once what all have read, one does, also where
// all want the same, or where the answer does not show what is changed.
func TestOneOfTwoWins(t *testing.T) {
	w := newWorld(t)
	for _, name := range []string{"anna", "ben", "cleo"} {
		w.Add(name+"@example.org", "RX1")
	}
	token, imp, anna := w.token("Super", "RX1"), w.threeRows(), "/users/anna@example.org"
	if status, _, text := w.send("PUT", client.Root+anna+"/accounts/email/c@b.example", token, bodies["set-account"]); status != 200 {
		t.Fatalf("an account: %d %s", status, text)
	}
	for _, c := range []struct{ method, read, path, body, other, body2 string }{
		{"PATCH", imp, imp + "/rows/2", `{"cells":{"name":"Bea"}}`, imp + "/rows/2", `{"cells":{"name":"Bo"}}`},
		{"PATCH", imp, imp + "/rows/2", `{"cells":{"name":"Bob"}}`, imp + "/rows/3", `{"cells":{"name":"Cy"}}`},
		{"POST", imp, imp + "/rows/1/leave-out", ``, imp + "/rows/2/leave-out", ``},
		{"POST", imp, imp + "/apply", ``, imp + "/apply", ``},
		{"POST", imp, imp + "/undo", ``, imp + "/undo", ``},
		{"PUT", anna, anna + "/delegates/ben@example.org", ``, anna + "/delegates/cleo@example.org", ``},
		{"PUT", anna, anna + "/accounts/email/a@b.example", bodies["set-account"], anna + "/accounts/email/b@b.example", bodies["set-account"]},
		{"PUT", anna + "/accounts", anna + "/accounts/email/c@b.example", `{"incoming_password":"one"}`, anna + "/accounts/email/c@b.example", `{"incoming_password":"two"}`},
		{"POST", anna, anna + "/password", `{"generate":true}`, anna + "/password", `{"generate":true}`},
		{"POST", anna, anna + "/lock", ``, anna + "/lock", ``},
	} {
		read, won := w.etag(token, c.read), make(chan int, 8)
		var both sync.WaitGroup
		for i := range 8 {
			both.Go(func() {
				path, body := c.path, c.body
				if i%2 == 1 {
					path, body = c.other, c.body2
				}
				status, _ := w.matched(c.method, path, token, body, read)
				won <- status
			})
		}
		both.Wait()
		close(won)
		n := map[int]int{}
		for status := range won {
			n[status]++
		}
		if n[200] != 1 || n[412] != 7 {
			t.Errorf("%s %s: %v", c.method, c.path, n)
		}
		follow(t, w.as("Super", "RX1"), 1)
	}
}

// between is the store of an importer of which an operation asks something between its
// condition and its change.
type between struct {
	importer.Store
	meanwhile func()
}

func (b *between) Planned(ctx context.Context, f func(*importer.Import) error) error {
	if does := b.meanwhile; does != nil {
		b.meanwhile = nil
		does()
	}
	return b.Store.Planned(ctx, f)
}

// TestDoneMeanwhile: whoever finds nothing to do any more, since another one has done
// it, is told so.
func TestDoneMeanwhile(t *testing.T) {
	b := &between{}
	w := newWorldWith(t, func(s *api.Services) {
		theirs := *s.Importer
		b.Store, theirs.Store = theirs.Store, b
		s.Importer = &theirs
	})
	token, imp := w.token("Super", "RX1"), w.threeRows()
	for _, path := range []string{"/apply", "/undo"} {
		read := w.etag(token, imp)
		b.meanwhile = func() {
			if status, _ := w.matched("POST", imp+path, token, "", read); status != 200 {
				t.Errorf("the first %s: %d", path, status)
			}
		}
		if status, _ := w.matched("POST", imp+path, token, "", read); status != 412 {
			t.Errorf("%s, which another one did meanwhile: %d", path, status)
		}
		follow(t, w.as("Super", "RX1"), 1)
	}
}
