package api_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/pquerna/otp/totp"

	"muster/client"
	"muster/internal/directory"
)

// person is a user of RX1 with a password, who may sign in.
func (w *world) person(address, role, password string) {
	w.t.Helper()
	w.Add(address, "RX1", "role", role)
	if _, err := w.as("Master", directory.Master).SetPassword(ctx, address, client.PasswordChange{Password: password}); err != nil {
		w.t.Fatal(err)
	}
}

// browser keeps the cookie of a session, as a browser does over TLS.
type browser struct {
	*world
	cookie string
}

// open sends a request with the cookie, and keeps the one that comes back.
func (b *browser) open(method, path, body string, headers ...string) (int, string, *http.Cookie) {
	b.t.Helper()
	if b.cookie != "" {
		headers = append(headers, "Cookie", "__Host-muster="+b.cookie)
	}
	status, head, text := b.send(method, client.Root+path, "", body, headers...)
	var given *http.Cookie
	for _, c := range (&http.Response{Header: head}).Cookies() {
		b.cookie, given = c.Value, c
	}
	return status, text, given
}

const password = "correct-battery-staple"

func TestSession(t *testing.T) {
	w := newWorld(t)
	w.person("anna@example.org", "Super", password)
	b := &browser{world: w, cookie: "chosen-by-somebody-else"}
	status, body, c := b.open("POST", "/session", `{"address":"anna@example.org","password":"`+password+`"}`)
	if status != 200 || c == nil || c.Value == "chosen-by-somebody-else" || !c.HttpOnly || !c.Secure || c.SameSite != http.SameSiteStrictMode || c.Path != "/" || c.Domain != "" {
		t.Fatalf("%d %s %+v", status, body, c)
	}
	first := b.cookie
	if status, body, _ := b.open("GET", "/users", ""); status != 200 || !strings.Contains(body, "anna@example.org") {
		t.Errorf("%d %s", status, body)
	}
	if status, body, _ := b.open("GET", "/session", ""); status != 200 || !strings.Contains(body, `"role":"Super"`) {
		t.Errorf("%d %s", status, body)
	}
	if status, body, _ := b.open("POST", "/attributes", `{"name":"Floor"}`, "Origin", "https://evil.example"); status != 403 {
		t.Errorf("from another site: %d %s", status, body)
	}
	if status, body, _ := b.open("POST", "/session", `{"address":"anna@example.org","password":"`+password+`"}`); status != 200 || b.cookie == first {
		t.Errorf("a new sign-in keeps the session: %d %s", status, body)
	}
	sessions := 0
	wants(t, "sessions", w.as("Full", "RX1").Sessions(ctx, "anna@example.org", func(s *client.Session) error { sessions++; return nil }), 0, "")
	if sessions != 2 {
		t.Errorf("%d sessions", sessions)
	}
	second := b.cookie
	if status, body, c := b.open("DELETE", "/session", ""); status != 200 || c.MaxAge >= 0 {
		t.Errorf("signing out: %d %s %+v", status, body, c)
	}
	b.cookie = second
	if status, body, _ := b.open("GET", "/users", ""); status != 401 || !strings.Contains(body, "session-ended") {
		t.Errorf("signed out: %d %s", status, body)
	}
	ended, err := w.as("Super", "RX1").EndSessions(ctx, "anna@example.org", "")
	wants(t, "signing somebody out", err, 0, "")
	b.cookie = first
	if status, _, _ := b.open("GET", "/users", ""); status != 401 || ended.Ended != 1 {
		t.Errorf("signed out by another: %d, %+v", status, ended)
	}
	if strings.Contains(w.log.String(), password) {
		t.Error("the log has the password")
	}
}

func TestOwnPassword(t *testing.T) {
	w := newWorld(t)
	w.person("anna@example.org", "Basic", password)
	b := &browser{world: w}
	b.open("POST", "/session", `{"address":"anna@example.org","password":"`+password+`"}`)
	old := b.cookie
	if status, body, _ := b.open("POST", "/session/password", `{"old":"wrong","new":"another-long-phrase"}`); status != 403 || !strings.Contains(body, "password-wrong") {
		t.Errorf("%d %s", status, body)
	}
	if status, body, _ := b.open("POST", "/session/password", `{"old":"`+password+`","new":"short"}`); status != 422 {
		t.Errorf("%d %s", status, body)
	}
	if status, body, _ := b.open("POST", "/session/password", `{"old":"`+password+`","new":"another-long-phrase"}`); status != 200 || b.cookie == old {
		t.Errorf("%d %s", status, body)
	}
	if status, _, _ := b.open("GET", "/session", ""); status != 200 {
		t.Errorf("the new session: %d", status)
	}
	b.cookie = old
	if status, _, _ := b.open("GET", "/session", ""); status != 401 {
		t.Errorf("the old session: %d", status)
	}
	if status, body := w.plain("POST", "/session/password", w.token("Super", "RX1"), `{"old":"a","new":"b"}`); status != 401 || !strings.Contains(body, "not-signed-in") {
		t.Errorf("with a token: %d %s", status, body)
	}
}

func (w *world) plain(method, path, token, body string) (int, string) {
	w.t.Helper()
	status, _, text := w.send(method, client.Root+path, token, body)
	return status, text
}

func TestOwnSecondFactor(t *testing.T) {
	w := newWorld(t)
	w.person("anna@example.org", "Basic", password)
	b := &browser{world: w}
	b.open("POST", "/session", `{"address":"anna@example.org","password":"`+password+`"}`)
	status, body, _ := b.open("POST", "/session/second-factor", `{"password":"`+password+`"}`)
	_, rest, _ := strings.Cut(body, `"secret":"`)
	secret, _, _ := strings.Cut(rest, `"`)
	if status != 200 || len(secret) < 32 {
		t.Fatalf("%d %s", status, body)
	}
	code, err := totp.GenerateCode(secret, w.Now)
	if err != nil {
		t.Fatal(err)
	}
	if status, body, _ := b.open("POST", "/session/second-factor/confirm", `{"code":"000000"}`); status != 422 || !strings.Contains(body, "second-factor-wrong") {
		t.Errorf("%d %s", status, body)
	}
	if status, body, _ := b.open("POST", "/session/second-factor/confirm", `{"code":"`+code+`"}`); status != 200 || strings.Count(body, "-") < 30 {
		t.Errorf("%d %s", status, body)
	}
	other := &browser{world: w}
	if status, body, _ := other.open("POST", "/session", `{"address":"anna@example.org","password":"`+password+`"}`); status != 401 || !strings.Contains(body, "sign-in-failed") {
		t.Errorf("without a code: %d %s", status, body)
	}
	f, err := w.as("Full", "RX1").SecondFactor(ctx, "anna@example.org")
	wants(t, "reading it", err, 0, "")
	if f.Since == nil || f.RecoveryCodes != 10 {
		t.Errorf("%+v", f)
	}
	_, err = w.as("Full", "RX1").RemoveSecondFactor(ctx, "anna@example.org")
	wants(t, "taking it away", err, 0, "")
	if status, body, _ := other.open("POST", "/session", `{"address":"anna@example.org","password":"`+password+`"}`); status != 200 {
		t.Errorf("without the second factor: %d %s", status, body)
	}
}

// TestGuessing: whoever guesses is turned away, and told the same of users whom there is not.
func TestGuessing(t *testing.T) {
	w := newWorld(t)
	w.person("anna@example.org", "Super", password)
	answers := map[string]bool{}
	turned := 0
	for _, address := range []string{"anna@example.org", "nobody@example.org"} {
		for range 12 {
			status, _, body := w.send("POST", client.Root+"/session", "", `{"address":"`+address+`","password":"guess"}`)
			if status == 429 {
				turned++
				continue
			}
			if status != 401 {
				t.Errorf("%s: %d %s", address, status, body)
			}
			before, _, _ := strings.Cut(body, `"request"`) // which differs from one to the next
			answers[before] = true
		}
	}
	if len(answers) != 1 || turned != 4 {
		t.Errorf("%d were turned away; the answers are %v", turned, answers)
	}
}

// TestHelpdeskAndSuper: nobody sets the password of one who may do more.
func TestHelpdeskAndSuper(t *testing.T) {
	w := newWorld(t)
	w.person("super@example.org", "Super", password)
	w.person("help@example.org", "Helpdesk", password)
	_, err := w.as("Helpdesk", "RX1").SetPassword(ctx, "super@example.org", client.PasswordChange{Password: "another-long-phrase"})
	wants(t, "with a token", err, 403, "user-protected")
	b := &browser{world: w}
	b.open("POST", "/session", `{"address":"help@example.org","password":"`+password+`"}`)
	for _, c := range []struct{ method, path, body string }{{"POST", "/users/super@example.org/password", `{"generate":true}`}, {"DELETE", "/users/super@example.org/sessions", ""},
		{"DELETE", "/users/super@example.org/second-factor", ""}} {
		if status, body, _ := b.open(c.method, c.path, c.body); status != 403 {
			t.Errorf("%s %s: %d %s", c.method, c.path, status, body)
		}
	}
	if status, _, _ := w.send("POST", client.Root+"/session", "", `{"address":"super@example.org","password":"`+password+`"}`); status != 200 {
		t.Errorf("the Super signs in: %d", status)
	}
}

// The link that the server prints makes one Master, who signs in, and nobody else.
func TestFirstMaster(t *testing.T) {
	w := newWorld(t)
	link, err := w.Access.FirstLink(ctx)
	if err != nil {
		t.Fatal(err)
	}
	body := func(link, password string) string {
		return `{"link":"` + link + `","address":"mary@new.example","name":"Mary","password":"` + password + `"}`
	}
	b := &browser{world: w}
	for _, c := range []struct {
		body   string
		status int
		says   string
	}{
		{body("guessed", password), 403, "first-link-invalid"},
		{body(link.Reveal(), "short"), 422, "password-too-short"},
		{body(link.Reveal(), password), 201, `"role":"Master"`},
		{body(link.Reveal(), password), 403, "first-link-invalid"},
	} {
		if status, text, _ := b.open("POST", "/first-master", c.body); status != c.status || !strings.Contains(text, c.says) {
			t.Errorf("%d %s, want %d %s", status, text, c.status, c.says)
		}
	}
	if status, text, _ := b.open("POST", "/session", `{"address":"mary@new.example","password":"`+password+`"}`); status != 200 || !strings.Contains(text, `"role":"Master"`) {
		t.Errorf("the first Master signs in: %d %s", status, text)
	}
}
