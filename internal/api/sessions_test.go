package api_test

import (
	"net/http"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"muster/client"
	"muster/internal/api"
	"muster/internal/directory"
	passwords "muster/internal/password"
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

// RoundTrip sends a request of a client with the cookie.
func (b *browser) RoundTrip(r *http.Request) (*http.Response, error) {
	r.Header.Set("Cookie", "__Host-muster="+b.cookie)
	return checked{b.t}.RoundTrip(r)
}

// client is the client of a program that has signed in.
func (b *browser) client() *client.Client {
	c := client.New(b.server.URL, "")
	c.HTTP = &http.Client{Transport: b}
	return c
}

// signIn signs in with a password and, where it is not blank, a code.
func (b *browser) signIn(address, code, query string) (int, string, *http.Cookie) {
	b.t.Helper()
	return b.open("POST", "/session"+query, `{"address":"`+address+`","password":"`+password+`","code":"`+code+`"}`)
}

// kept is what signing in, and what is done in a session, changes.
func (w *world) kept() string {
	return w.List(`SELECT * FROM sessions`) + w.List(`SELECT * FROM second_factors`) + w.List(`SELECT * FROM recovery_codes`) +
		w.List(`SELECT * FROM users`) + w.List(`SELECT * FROM domains`) + w.List(`SELECT * FROM first_link`) + w.List(`SELECT * FROM history`)
}

// code is what an app shows that has the secret of a second factor.
func (w *world) code(secret string) string {
	w.t.Helper()
	code, err := totp.GenerateCode(secret, w.Now)
	if err != nil {
		w.t.Fatal(err)
	}
	return code
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
	if sessions != 1 {
		t.Errorf("%d sessions, where the new one takes the place of the first", sessions)
	}
	second := b.cookie
	if status, body, c := b.open("DELETE", "/session", ""); status != 200 || c.MaxAge >= 0 {
		t.Errorf("signing out: %d %s %+v", status, body, c)
	}
	b.cookie = second
	if status, body, _ := b.open("GET", "/users", ""); status != 401 || !strings.Contains(body, "session-ended") {
		t.Errorf("signed out: %d %s", status, body)
	}
	b.cookie = first
	if status, body, _ := b.open("GET", "/users", ""); status != 401 || !strings.Contains(body, "session-ended") {
		t.Errorf("in the session before the new sign-in: %d %s", status, body)
	}
	b.signIn("anna@example.org", "", "")
	ended, err := w.as("Super", "RX1").EndSessions(ctx, "anna@example.org", "")
	wants(t, "signing somebody out", err, 0, "")
	if status, _, _ := b.open("GET", "/users", ""); status != 401 || ended.Ended != 1 {
		t.Errorf("signed out by another: %d, %+v", status, ended)
	}
	if strings.Contains(w.log.String(), password) {
		t.Error("the log has the password")
	}
}

// TestFixation: who signs in with a session that somebody else has planted gets one of
// their own, and the other one stays the other's.
func TestFixation(t *testing.T) {
	w := newWorld(t)
	w.person("anna@example.org", "Super", password)
	w.person("mallory@example.org", "Basic", password)
	mallory := &browser{world: w}
	mallory.signIn("mallory@example.org", "", "")
	anna := &browser{world: w, cookie: mallory.cookie}
	if status, body, _ := anna.signIn("anna@example.org", "", ""); status != 200 || anna.cookie == mallory.cookie {
		t.Fatalf("%d %s", status, body)
	}
	for who, b := range map[string]*browser{"anna@example.org": anna, "mallory@example.org": mallory} {
		if status, body, _ := b.open("GET", "/session", ""); status != 200 || !strings.Contains(body, who) {
			t.Errorf("the session of %s: %d %s", who, status, body)
		}
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
			status, head, body := w.send("POST", client.Root+"/session", "", `{"address":"`+address+`","password":"guess"}`)
			if status == 429 && head.Get("Retry-After") == "900" {
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
	w.person("user@example.org", "", password)
	if status, body, _ := b.open("POST", "/users/user@example.org/password", `{"generate":true}`); status != 200 {
		t.Errorf("of a user without a role: %d %s", status, body)
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
	b, before := &browser{world: w}, w.kept()
	for _, c := range []struct {
		body   string
		status int
		says   string
	}{
		{body("guessed", password), 403, "first-link-invalid"},
		{body(link.Reveal(), "short"), 422, "password-too-short"},
		{body(link.Reveal(), password), 201, `"role":"Master"`},
	} {
		if status, text, _ := b.open("POST", "/first-master?dry_run=true", c.body); status != c.status || !strings.Contains(text, c.says) {
			t.Errorf("trying it: %d %s, want %d %s", status, text, c.status, c.says)
		}
	}
	if after := w.kept(); after != before {
		t.Errorf("trying has changed\n%s\nto\n%s", before, after)
	}
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

// TestTryingToSignIn: it opens no session and changes nothing, as often as it is tried; but
// whoever guesses is counted and locked out.
func TestTryingToSignIn(t *testing.T) {
	w := newWorld(t)
	w.person("anna@example.org", "Super", password)
	b, before := &browser{world: w}, w.kept()
	for range 12 { // more than may fail
		status, body, c := b.signIn("anna@example.org", "", "?dry_run=true")
		if status != 200 || c != nil || !strings.Contains(body, `"role":"Super"`) || !strings.Contains(body, `"session":""`) {
			t.Fatalf("%d %s %v", status, body, c)
		}
	}
	if after := w.kept(); after != before {
		t.Errorf("trying has changed\n%s\nto\n%s", before, after)
	}
	for range 5 {
		if status, body, _ := b.open("POST", "/session?dry_run=true", `{"address":"anna@example.org","password":"wrong"}`); status != 401 {
			t.Errorf("%d %s", status, body)
		}
	}
	if status, body, _ := b.signIn("anna@example.org", "", ""); status != 401 {
		t.Errorf("after five guesses: %d %s", status, body)
	}
	for range 6 {
		b.open("POST", "/session?dry_run=true", `{"address":"anna@example.org","password":"wrong"}`)
	}
	if n := strings.Count(w.List(`SELECT action, changes FROM history`), "sign-in failed"); n != 11 {
		t.Errorf("%d failures are in the history", n)
	}
	if entries := w.List(`SELECT changes FROM history`); !strings.Contains(entries, "too many attempts") {
		t.Errorf("that others were not looked at is not told: %s", entries)
	}
}

// TestTryingInASession: what is done in a session can be tried, and nothing is changed.
func TestTryingInASession(t *testing.T) {
	w := newWorld(t)
	w.person("anna@example.org", "Basic", password)
	b := &browser{world: w}
	b.signIn("anna@example.org", "", "")
	// try tries what is then done for all that.
	try := func(method, path, body string, wanted int, says string) {
		t.Helper()
		before := w.kept()
		status, text, c := b.open(method, path+"?dry_run=true", body)
		if status != wanted || !strings.Contains(text, says) || c != nil {
			t.Errorf("trying %s %s: %d %s %v", method, path, status, text, c)
		}
		if after := w.kept(); wanted == 200 && after != before {
			t.Errorf("trying %s %s has changed\n%s\nto\n%s", method, path, before, after)
		}
	}
	try("POST", "/session/password", `{"old":"wrong","new":"another-long-phrase"}`, 403, "password-wrong")
	try("POST", "/session/password", `{"old":"`+password+`","new":"short"}`, 422, "password-too-short")
	try("POST", "/session/password", `{"old":"`+password+`","new":"`+password+`"}`, 422, "password-reused")
	try("POST", "/session/password", `{"old":"`+password+`","new":"another-long-phrase"}`, 200, `"role":"Basic"`)
	try("POST", "/session/second-factor", `{"password":"wrong"}`, 403, "password-wrong")
	try("POST", "/session/second-factor", `{"password":"`+password+`"}`, 200, `"secret":""`)
	try("POST", "/session/second-factor/confirm", `{"code":"000000"}`, 409, "second-factor-missing")
	setup, err := b.client().BeginSecondFactor(ctx, client.Credentials{Password: password})
	wants(t, "beginning", err, 0, "")
	try("POST", "/session/second-factor/confirm", `{"code":"000000"}`, 422, "second-factor-wrong")
	try("POST", "/session/second-factor/confirm", `{"code":"`+w.code(setup.Secret)+`"}`, 200, `"codes":[]`)
	try("POST", "/session/second-factor/recovery-codes", `{"password":"`+password+`","code":"000000"}`, 409, "second-factor-missing")
	_, err = b.client().ConfirmSecondFactor(ctx, w.code(setup.Secret))
	wants(t, "a code that was only tried before", err, 0, "")
	w.Now = w.Now.Add(time.Minute)
	show := `{"password":"` + password + `","code":"` + w.code(setup.Secret) + `"}`
	try("POST", "/session/second-factor/recovery-codes", `{"password":"`+password+`","code":"000000"}`, 403, "password-wrong")
	try("POST", "/session/second-factor/recovery-codes", show, 200, `"codes":[]`)
	try("POST", "/session/second-factor/remove", `{"password":"`+password+`"}`, 403, "password-wrong")
	try("POST", "/session/second-factor/remove", show, 200, `"removed":true`)
	try("DELETE", "/session", "", 200, `"deleted":"session"`)
	if status, _, _ := b.open("GET", "/session", ""); status != 200 {
		t.Errorf("the session has ended: %d", status)
	}
	if status, body, _ := b.open("POST", "/session/second-factor/remove", show, "If-Match", `"other"`); status != 412 {
		t.Errorf("in another session than was read: %d %s", status, body)
	}
	if status, body, _ := b.open("POST", "/session/second-factor/remove", show); status != 200 {
		t.Errorf("with the code that was only tried: %d %s", status, body)
	}
}

// TestTryingANewPassword: who must set a new one is told how far they would get then.
func TestTryingANewPassword(t *testing.T) {
	w := newWorld(t)
	w.person("anna@example.org", "Basic", password)
	w.Set("anna@example.org", "must_change_password", "true")
	b := &browser{world: w}
	if status, body, _ := b.signIn("anna@example.org", "", ""); status != 200 || !strings.Contains(body, `"must_change_password":true`) {
		t.Fatalf("%d %s", status, body)
	}
	for _, query := range []string{"?dry_run=true", ""} {
		status, body, _ := b.open("POST", "/session/password"+query, `{"old":"`+password+`","new":"another-long-phrase"}`)
		if status != 200 || !strings.Contains(body, `"must_change_password":false`) || !strings.Contains(body, `"role":"Basic"`) {
			t.Errorf("%s: %d %s", query, status, body)
		}
	}
}

// TestFirstThings: whoever must set a password or a second factor first is told so by every
// operation but those that do it, and GET /session tells their role.
func TestFirstThings(t *testing.T) {
	w := newWorld(t)
	w.person("anna@example.org", "Full", password)
	w.person("ben@example.org", "Full", password)
	w.Set("anna@example.org", "must_change_password", "true")
	anna, ben := &browser{world: w}, &browser{world: w}
	anna.signIn("anna@example.org", "", "")
	ben.signIn("ben@example.org", "", "")
	if _, err := w.as("Super", "RX1").SetOrganisation(ctx, "RX1", client.OrganisationChange{Settings: client.SettingsChange{SecondFactor: to("demanded")}}); err != nil {
		t.Fatal(err)
	}
	free := []string{"sign-in", "sign-out", "show-caller", "set-own-password", "begin-second-factor", "confirm-second-factor", "list-notifications", "make-first-master"}
	for _, o := range api.Operations() {
		for code, b := range map[string]*browser{"password-must-change": anna, "second-factor-needed": ben} {
			if slices.Contains(free, o.ID) {
				continue
			}
			if status, body, _ := b.open(o.Method, placeholder.ReplaceAllString(o.Path, "1"), ""); status != 403 || !strings.Contains(body, `"code":"`+code+`"`) {
				t.Errorf("%s: %d %s", o.ID, status, body)
			}
		}
	}
	for field, b := range map[string]*browser{"must_change_password": anna, "must_set_second_factor": ben} {
		for _, path := range []string{"/session", "/notifications"} {
			status, body, _ := b.open("GET", path, "")
			if status != 200 || path == "/session" && !(strings.Contains(body, `"role":"Full"`) && strings.Contains(body, `"`+field+`":true`)) {
				t.Errorf("%s: %d %s", path, status, body)
			}
		}
	}
	if status, body, _ := anna.open("POST", "/session/password", `{"old":"`+password+`","new":"another-long-phrase"}`); status != 200 {
		t.Errorf("setting the password: %d %s", status, body)
	}
	setup, err := ben.client().BeginSecondFactor(ctx, client.Credentials{Password: password})
	wants(t, "beginning", err, 0, "")
	_, err = ben.client().ConfirmSecondFactor(ctx, w.code(setup.Secret))
	wants(t, "confirming", err, 0, "")
	if status, body, _ := ben.open("GET", "/users", ""); status != 200 {
		t.Errorf("afterwards: %d %s", status, body)
	}
	if status, body, _ := anna.open("DELETE", "/session", ""); status != 200 {
		t.Errorf("signing out: %d %s", status, body)
	}
}

// TestNewRecoveryCodes: the old ones do no more, and it takes the password and a code.
func TestNewRecoveryCodes(t *testing.T) {
	w := newWorld(t)
	w.person("anna@example.org", "Basic", password)
	b := &browser{world: w}
	b.signIn("anna@example.org", "", "")
	c := b.client()
	setup, err := c.BeginSecondFactor(ctx, client.Credentials{Password: password})
	wants(t, "beginning", err, 0, "")
	old, err := c.ConfirmSecondFactor(ctx, w.code(setup.Secret))
	wants(t, "confirming", err, 0, "")
	_, err = c.NewRecoveryCodes(ctx, client.Credentials{Password: password})
	wants(t, "without a code", err, 403, "password-wrong")
	_, err = c.NewRecoveryCodes(ctx, client.Credentials{Code: old.Codes[0]})
	wants(t, "without the password", err, 403, "password-wrong")
	keyed := client.WithIdempotencyKey(ctx, "new-codes")
	codes, err := c.NewRecoveryCodes(keyed, client.Credentials{Password: password, Code: old.Codes[0]})
	wants(t, "new ones", err, 0, "")
	again, err := c.NewRecoveryCodes(keyed, client.Credentials{Password: password, Code: old.Codes[0]})
	wants(t, "sent again", err, 0, "")
	if len(codes.Codes) != 10 || strings.Join(again.Codes, " ") != strings.Join(codes.Codes, " ") {
		t.Errorf("%v, sent again %v", codes, again)
	}
	if stored := w.List(`SELECT * FROM answers`); stored == "" || strings.Contains(stored, codes.Codes[0]) {
		t.Errorf("the answer is not kept, or not sealed: %s", stored)
	}
	for _, way := range []struct {
		code string
		want int
	}{{old.Codes[1], 401}, {codes.Codes[0], 200}, {codes.Codes[0], 401}} {
		if status, body, _ := (&browser{world: w}).signIn("anna@example.org", way.code, ""); status != way.want {
			t.Errorf("%s: %d %s", way.code, status, body)
		}
	}
	if history := w.List(`SELECT action FROM history`); !strings.Contains(history, "new recovery codes") {
		t.Errorf("the history has %s", history)
	}
}

// TestNobodyIsLetInAgain by an answer that was kept: signing in is done again, with its proof.
func TestNobodyIsLetInAgain(t *testing.T) {
	w := newWorld(t)
	w.person("anna@example.org", "Basic", password)
	b := &browser{world: w}
	body := `{"address":"anna@example.org","password":"` + password + `"}`
	shown := map[string]bool{}
	for range 3 { // the second time and the third, as somebody who is in a session
		status, text, c := b.open("POST", "/session", body, "Idempotency-Key", "in")
		if status != 200 || c == nil {
			t.Fatalf("%d %s %v", status, text, c)
		}
		shown[c.Value] = true
	}
	if stored := w.List(`SELECT * FROM answers`); len(shown) != 3 || stored != "" {
		t.Errorf("%d sessions; kept is %s", len(shown), stored)
	}
	if status, text, _ := b.open("POST", "/session", body, "Idempotency-Key", "a b"); status != 400 || !strings.Contains(text, "idempotency-key-wrong") {
		t.Errorf("a wrong key: %d %s", status, text)
	}
	status, text, c := b.open("POST", "/session/password", `{"old":"`+password+`","new":"another-long-phrase"}`, "Idempotency-Key", "new")
	if stored := w.List(`SELECT * FROM answers`); status != 200 || stored == "" || strings.Contains(stored, c.Value) || strings.Contains(stored, "phrase") {
		t.Errorf("%d %s; kept is %s", status, text, stored)
	}
}

// TestBusy: when too many sign in at once, the others are told to come again.
func TestBusy(t *testing.T) {
	gate := passwords.NewGate()
	w := newWorldWith(t, func(s *api.Services) { s.Access.Gate = gate })
	w.person("anna@example.org", "Basic", password)
	at, release := make(chan bool), make(chan bool)
	for range runtime.GOMAXPROCS(0) {
		go gate.First(ctx, func() { at <- true; <-release })
		<-at
	}
	gate.Patience = time.Millisecond
	status, head, body := w.send("POST", client.Root+"/session", "", `{"address":"anna@example.org","password":"`+password+`"}`)
	if status != 503 || head.Get("Retry-After") == "" || !strings.Contains(body, "password-busy") {
		t.Errorf("%d %v %s", status, head, body)
	}
	close(release)
	gate.Patience = time.Minute
	if status, body, _ := (&browser{world: w}).signIn("anna@example.org", "", ""); status != 200 {
		t.Errorf("afterwards: %d %s", status, body)
	}
}
