package api_test

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"muster/client"
	"muster/internal/api"
	"muster/internal/directory"
)

// TestETags: what is unchanged is not sent again, and what has changed meanwhile is not
// changed.
func TestETags(t *testing.T) {
	w := newWorld(t)
	w.Add("anna@example.org", "RX1")
	token, path := w.token("Full", "RX1"), "/api/v1/users/anna@example.org"
	_, head, _ := w.send("GET", path, token, "")
	etag := head.Get("ETag")
	if status, _, body := w.send("GET", path, token, "", "If-None-Match", `"other", W/`+etag); status != 304 || body != "" {
		t.Errorf("unchanged: %d %s", status, body)
	}
	status, head, _ := w.send("PATCH", path, token, `{"title":"Dr"}`, "If-Match", etag)
	if status != 200 || head.Get("ETag") == etag {
		t.Errorf("changing as it was: %d %v", status, head)
	}
	changed := head.Get("ETag")
	if _, head, _ := w.send("GET", path, token, ""); head.Get("ETag") != changed {
		t.Errorf("the ETag of a change is %s, then %s", changed, head.Get("ETag"))
	}
	for _, c := range []struct {
		method, path, etag, body string
		status                   int
	}{
		{"PATCH", path, etag, `{"title":"Prof"}`, 412},
		{"POST", path + "/lock", etag, ``, 412},
		{"DELETE", path, etag, ``, 412},
		{"DELETE", "/api/v1/users/nobody@example.org", "*", ``, 412},
		{"PATCH", "/api/v1/organisations/RX1", `"x"`, `{"name":"X"}`, 412},
		{"POST", path + "/lock", changed, ``, 200},
		{"POST", path + "/unlock", "*", ``, 200},
	} {
		if status, _, body := w.send(c.method, c.path, token, c.body, "If-Match", c.etag); status != c.status || status == 412 && !strings.Contains(body, "changed-meanwhile") {
			t.Errorf("%s %s: %d %s", c.method, c.path, status, body)
		}
	}
	if u := w.User("anna@example.org"); u.Get(directory.Title) != "Dr" || u.Get(directory.Status) != "active" {
		t.Errorf("%+v", u.Values)
	}
}

// TestOneOfManyWins: of many who change the same with the same ETag, one does.
func TestOneOfManyWins(t *testing.T) {
	w := newWorld(t)
	w.Add("anna@example.org", "RX1")
	token, path := w.token("Full", "RX1"), "/api/v1/users/anna@example.org"
	_, head, _ := w.send("GET", path, token, "")
	var all sync.WaitGroup
	var mutex sync.Mutex
	won := map[int]int{}
	for i := range 16 {
		all.Go(func() {
			status, _, _ := w.send("PATCH", path, token, `{"title":"T`+string(rune('a'+i))+`"}`, "If-Match", head.Get("ETag"))
			mutex.Lock()
			defer mutex.Unlock()
			won[status]++
		})
	}
	all.Wait()
	if won[200] != 1 || won[412] != 15 {
		t.Errorf("%v", won)
	}
}

// TestDryRuns: whatever changes something can be tried, and nothing is changed.
func TestDryRuns(t *testing.T) {
	w := newWorld(t)
	w.Add("anna@example.org", "RX1")
	w.Group("RX1", "Wards")
	c, dry := w.as("Super", "RX1"), client.WithDryRun(ctx)
	before := w.List(`SELECT * FROM users`) + w.List(`SELECT * FROM groups`) + w.List(`SELECT * FROM history`) + w.List(`SELECT * FROM organisations`) + w.List(`SELECT id, name FROM tokens`) + w.List(`SELECT number FROM imports`)
	u, err := c.SetUser(dry, "anna@example.org", client.UserChange{Title: to("Dr")})
	wants(t, "changing a user", err, 0, "")
	if u.Title != "Dr" || len(u.Changes) != 1 {
		t.Errorf("%+v", u)
	}
	u, err = c.AddUser(dry, client.NewUser{Address: "ben@example.org", UserChange: client.UserChange{Org: to("RX1"), GeneratePassword: true}})
	wants(t, "adding a user", err, 0, "")
	if u.Address != "ben@example.org" || u.Password != "" {
		t.Errorf("%+v", u)
	}
	_, err = c.DeleteUser(dry, "anna@example.org")
	wants(t, "deleting a user", err, 0, "")
	o, err := c.SetOrganisation(dry, "RX1", client.OrganisationChange{Name: to("Riverside")})
	wants(t, "changing an organisation", err, 0, "")
	if o.Name != "Riverside" {
		t.Errorf("%+v", o)
	}
	_, err = c.AddOrganisation(dry, client.NewOrganisation{Code: "RX1B", Parent: "RX1"})
	wants(t, "adding an organisation", err, 0, "")
	_, err = c.AddGroup(dry, client.NewGroup{Path: "Wards/Night", Org: "RX1"})
	wants(t, "adding a group", err, 0, "")
	added, err := c.AddToken(dry, client.NewToken{Name: "sync", Role: "Basic"})
	wants(t, "adding a token", err, 0, "")
	if added.Token != "" {
		t.Error("a dry run gives a token")
	}
	_, err = c.Upload(dry, "people.csv", strings.NewReader("address\n"), client.ImportOptions{Format: "mustr"})
	wants(t, "a format that is none", err, 404, "format-unknown")
	_, err = c.SetUser(dry, "anna@example.org", client.UserChange{Role: to("Master")})
	wants(t, "what is not allowed", err, 403, "not-allowed")
	after := w.List(`SELECT * FROM users`) + w.List(`SELECT * FROM groups`) + w.List(`SELECT * FROM history`) + w.List(`SELECT * FROM organisations`) + w.List(`SELECT id, name FROM tokens`) + w.List(`SELECT number FROM imports`)
	if before != after {
		t.Errorf("a dry run has changed\n%s\nto\n%s", before, after)
	}
}

// TestIdempotency: a POST that is sent again with its key is done once.
func TestIdempotency(t *testing.T) {
	now := time.Now()
	w := newWorldWith(t, func(s *api.Services) { s.Now = func() time.Time { return now } })
	token, other := w.token("Super", "RX1"), w.token("Full", "RX1")
	add := func(token, key, body string) (int, http.Header, string) {
		return w.send("POST", "/api/v1/users", token, body, "Idempotency-Key", key)
	}
	const anna = `{"address":"anna@example.org","org":"RX1","generate_password":true}`
	status, head, first := add(token, "k1", anna)
	if status != 201 || head.Get("Location") == "" {
		t.Fatalf("%d %s", status, first)
	}
	status, again, body := add(token, "k1", anna)
	if status != 201 || body != first || again.Get("Location") != head.Get("Location") || again.Get("ETag") != head.Get("ETag") || again.Get("Idempotency-Replayed") != "true" {
		t.Errorf("again: %d %v %s", status, again, body)
	}
	if status, _, body := add(token, "k1", strings.Replace(anna, "anna", "ben", 1)); status != 422 || !strings.Contains(body, "idempotency-key-used") {
		t.Errorf("with another body: %d %s", status, body)
	}
	if status, _, body := add(other, "k1", anna); status != 409 || !strings.Contains(body, "user-exists") {
		t.Errorf("of somebody else: %d %s", status, body)
	}
	if status, _, body := add(token, "a b", anna); status != 400 || !strings.Contains(body, "idempotency-key-wrong") {
		t.Errorf("a wrong key: %d %s", status, body)
	}
	for name, content := range map[string]string{"answers": w.List(`SELECT * FROM answers`)} {
		if strings.Contains(content, "anna") {
			t.Errorf("%s has what was answered: %s", name, content)
		}
	}
	now = now.Add(25 * time.Hour)
	if status, _, body := add(token, "k1", anna); status != 409 || !strings.Contains(body, "user-exists") {
		t.Errorf("a day later: %d %s", status, body)
	}
}

// TestTheSameUploadAtOnce: while the first is being answered, the second is told so.
func TestTheSameUploadAtOnce(t *testing.T) {
	w := newWorld(t)
	token := w.token("Basic", "RX1")
	read, write := io.Pipe()
	r, _ := http.NewRequest("POST", w.server.URL+"/api/v1/imports?format=muster", read)
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Idempotency-Key", "up")
	first := make(chan string)
	go func() {
		response, err := http.DefaultClient.Do(r)
		if err != nil {
			first <- err.Error()
			return
		}
		defer response.Body.Close()
		text, _ := io.ReadAll(response.Body)
		first <- response.Status + string(text)
	}()
	if _, err := write.Write([]byte("address\n")); err != nil {
		t.Fatal(err)
	}
	for begun := time.Now(); w.List(`SELECT key FROM answers`) == ""; time.Sleep(time.Millisecond) { // until the first is being answered
		if time.Since(begun) > 10*time.Second {
			t.Fatal("the first request does not begin")
		}
	}
	again := func() (int, string) {
		status, _, body := w.send("POST", "/api/v1/imports?format=muster", token, "address\nanna@example.org\n", "Idempotency-Key", "up")
		return status, body
	}
	if status, body := again(); status != 409 || !strings.Contains(body, "idempotency-key-busy") {
		t.Errorf("%d %s", status, body)
	}
	if _, err := write.Write([]byte("anna@example.org\n")); err != nil {
		t.Fatal(err)
	}
	write.Close()
	text := <-first
	if status, body := again(); status != 202 || !strings.HasSuffix(strings.TrimSpace(text), strings.TrimSpace(body)) || !bytes.Contains([]byte(text), []byte(`"import":1`)) {
		t.Errorf("%s, then %d %s", text, status, body)
	}
}
