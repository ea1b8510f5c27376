package access_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"
	"golang.org/x/crypto/bcrypt"

	"muster/internal/access"
	"muster/internal/directory"
	"muster/internal/importer/importertest"
	"muster/internal/password"
	"muster/internal/secret"
)

func secretText(s string) secret.Text { return secret.Text(s) }

func bcryptOf(t *testing.T, plain string) string {
	t.Helper()
	hash, err := bcrypt.GenerateFromPassword([]byte(plain), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	return string(hash)
}

func ssha512(plain string) string {
	return strings.TrimPrefix(password.HashGenerated(plain), "{SSHA512}")
}

// telephone is an app that has somebody's second factor.
type telephone struct {
	*importertest.World
	secret   string
	recovery []secret.Text
}

// code is what the app shows so many steps from now.
func (p *telephone) code(steps int) string {
	p.T.Helper()
	code, err := totp.GenerateCode(p.secret, p.Now.Add(time.Duration(steps)*30*time.Second))
	if err != nil {
		p.T.Fatal(err)
	}
	return code
}

// setUpFactor adds a user who has the password good and a second factor.
func setUpFactor(t *testing.T, w *importertest.World, address string) *telephone {
	t.Helper()
	withPassword(w, address)
	return takeFactor(t, w, signIn(w, address))
}

func takeFactor(t *testing.T, w *importertest.World, s *access.Session) *telephone {
	t.Helper()
	setup, err := w.Access.BeginSecondFactor(ctx, s, access.Credentials{Password: good})
	if err != nil {
		t.Fatal(err)
	}
	p := &telephone{World: w, secret: setup.Secret.Reveal()}
	if p.recovery, err = w.Access.ConfirmSecondFactor(ctx, s, p.code(0)); err != nil {
		t.Fatal(err)
	}
	return p
}

func TestSecondFactor(t *testing.T) {
	w := staffed(t)
	w.Now = w.Now.Truncate(time.Hour).Add(10 * time.Second)
	withPassword(w, "cleo@example.org")
	other, s := signIn(w, "cleo@example.org"), signIn(w, "cleo@example.org")
	setup, err := w.Access.BeginSecondFactor(ctx, s, access.Credentials{Password: good})
	if err != nil {
		t.Fatal(err)
	}
	link, err := url.Parse(setup.URI.Reveal())
	if err != nil || link.Scheme != "otpauth" || link.Host != "totp" || link.Path != "/Muster:cleo@example.org" ||
		link.Query().Get("secret") != setup.Secret.Reveal() || link.Query().Get("issuer") != "Muster" {
		t.Errorf("%v, %v", link, err)
	}
	signIn(w, "cleo@example.org") // it does not count before it is confirmed
	p := &telephone{World: w, secret: setup.Secret.Reveal()}
	_, err = w.Access.ConfirmSecondFactor(ctx, s, "000000")
	raises(t, "a wrong code", err, "second-factor-wrong")
	if p.recovery, err = w.Access.ConfirmSecondFactor(ctx, s, p.code(0)); err != nil || len(p.recovery) != 10 {
		t.Fatalf("%d recovery codes, %v", len(p.recovery), err)
	}
	if in(w, other) || !in(w, s) {
		t.Error("sessions that were made without it do not end, or this one does")
	}
	for _, c := range []struct {
		name, code string
		wait       time.Duration
		ok         bool
	}{
		{"none", "", 0, false},
		{"the one that confirmed it", p.code(0), 0, false},
		{"one of before", p.code(-1), 0, false},
		{"the next one, early", p.code(1), 0, true},
		{"that one again", p.code(1), 0, false},
		{"that one again, in its time", p.code(1), 30 * time.Second, false},
		{"one too early", p.code(4), 0, false},
		{"the last one, late, with a blank", p.code(2)[:3] + " " + p.code(2)[3:], 59 * time.Second, true},
		{"too late", p.code(3), 15 * time.Minute, false},
	} {
		w.Now = w.Now.Add(c.wait)
		_, err := try(w, "cleo@example.org", good, c.code)
		if (err == nil) != c.ok {
			t.Errorf("%s: %v", c.name, err)
		}
		w.Set("cleo@example.org", "locked", "false") // lifts a lock-out
	}
}

func TestRecoveryCodes(t *testing.T) {
	w := staffed(t)
	p := setUpFactor(t, w, "cleo@example.org")
	left := func() int {
		_, n, err := w.Access.SecondFactor(ctx, importertest.Operator, "cleo@example.org")
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	for i, code := range p.recovery[:3] {
		if _, err := try(w, "cleo@example.org", good, code.Reveal()); err != nil {
			t.Errorf("code %d: %v", i, err)
		}
		if _, err := try(w, "cleo@example.org", good, code.Reveal()); !access.SignInFailed.Is(err) {
			t.Errorf("code %d does twice: %v", i, err)
		}
	}
	if left() != 7 {
		t.Errorf("%d are left", left())
	}
	if _, err := try(w, "cleo@example.org", "wrong", p.recovery[5].Reveal()); err == nil || left() != 7 {
		t.Errorf("beside a wrong password one is used up: %v", err)
	}
	for place, content := range importertest.Kept(t, w.Database) {
		for _, text := range append(p.recovery, secret.Text(p.secret)) {
			if strings.Contains(string(content), text.Reveal()) {
				t.Errorf("%q is in %s", text.Reveal(), place)
			}
		}
	}
}

// TestAWrongCodeCountsAsAFailure: six digits are soon guessed otherwise.
func TestAWrongCodeCountsAsAFailure(t *testing.T) {
	w := staffed(t)
	p := setUpFactor(t, w, "cleo@example.org")
	for range 5 {
		try(w, "cleo@example.org", good, "000000")
	}
	_, err := try(w, "cleo@example.org", good, p.code(1))
	raises(t, "the right one, after five wrong ones", err, "sign-in-failed")
}

// TestASecondFactorIsDemanded: until they have one, users may do nothing but set it up.
func TestASecondFactorIsDemanded(t *testing.T) {
	w := staffed(t)
	early := signIn(w, "ann@example.org")
	w.Settings("RX1", func(s *directory.Settings) { s.SecondFactor = "demanded" })
	for name, s := range map[string]*access.Session{"who comes later": signIn(w, "ann@example.org"), "who was in": early} {
		actor, again, err := w.Access.BySession(ctx, s.Plain.Reveal())
		if err != nil || !again.MustSecondFactor || actor.Role != "" {
			t.Errorf("%s: %+v, %+v, %v", name, actor, again, err)
		}
	}
	s := signIn(w, "ann@example.org")
	p := takeFactor(t, w, s)
	actor, again, err := w.Access.BySession(ctx, s.Plain.Reveal())
	if err != nil || again.MustSecondFactor || actor.Role != "Full" {
		t.Errorf("afterwards: %+v, %+v, %v", actor, again, err)
	}
	if s, err = try(w, "ann@example.org", good, p.code(1)); err != nil || s.MustSecondFactor {
		t.Errorf("%+v, %v", s, err)
	}
	w.Settings("RX1A", func(s *directory.Settings) { s.SecondFactor = "optional" })
	w.Add("dan@example.org", "RX1A")
	setPassword(w, "dan@example.org", good)
	if s := signIn(w, "dan@example.org"); s.MustSecondFactor {
		t.Error("an organisation below does not decide for itself")
	}
}

func TestASecondFactorIsSetUpOnce(t *testing.T) {
	w := staffed(t)
	s := signIn(w, "ann@example.org")
	_, err := w.Access.ConfirmSecondFactor(ctx, s, "000000")
	raises(t, "none begun", err, "second-factor-missing")
	_, err = w.Access.BeginSecondFactor(ctx, s, access.Credentials{Password: "wrong"})
	raises(t, "with a wrong password", err, "password-wrong")
	p := takeFactor(t, w, s)
	_, err = w.Access.BeginSecondFactor(ctx, s, access.Credentials{Password: good})
	raises(t, "a second time", err, "second-factor-exists")
	_, err = w.Access.ConfirmSecondFactor(ctx, s, p.code(1))
	raises(t, "confirmed a second time", err, "second-factor-missing")

	raises(t, "removed without a code", w.Access.RemoveOwnSecondFactor(ctx, s, access.Credentials{Password: good}), "password-wrong")
	raises(t, "removed", w.Access.RemoveOwnSecondFactor(ctx, s, access.Credentials{Password: good, Code: p.code(1)}), "")
	raises(t, "removed again", w.Access.RemoveOwnSecondFactor(ctx, s, access.Credentials{Password: good}), "second-factor-missing")
	signIn(w, "ann@example.org")
}

// TestWhoRemovesASecondFactor: "Nobody changes the … second factor … of a user who holds a
// permission that they lack" (rules.md).
func TestWhoRemovesASecondFactor(t *testing.T) {
	w := staffed(t)
	for _, role := range []string{"Super", "Basic"} {
		w.Add(strings.ToLower(role)+"@example.org", "RX1", "role", role)
		setPassword(w, strings.ToLower(role)+"@example.org", good)
		takeFactor(t, w, signIn(w, strings.ToLower(role)+"@example.org"))
	}
	p := setUpFactor(t, w, "cleo@example.org")
	s, err := try(w, "cleo@example.org", good, p.code(1))
	if err != nil {
		t.Fatal(err)
	}
	cleo, _, err := w.Access.BySession(ctx, s.Plain.Reveal())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name  string
		actor directory.Actor
		user  string
		code  string
	}{
		{"Helpdesk, of the Super", admin("Helpdesk", "RX1"), "super@example.org", "user-protected"},
		{"Full, of the Super", admin("Full", "RX1"), "super@example.org", "user-protected"},
		{"Helpdesk, of a Basic", admin("Helpdesk", "RX1"), "basic@example.org", "user-protected"},
		{"Auditor", admin("Auditor", "RX1"), "cleo@example.org", "not-allowed"},
		{"Gateway", admin("Gateway", "RX1"), "cleo@example.org", "not-allowed"},
		{"her own", cleo, "cleo@example.org", "own-account"},
		{"another organisation", admin("Super", "RX2"), "cleo@example.org", "user-unknown"},
		{"of one who has none", admin("Super", "RX1"), "ben@example.org", "second-factor-missing"},
		{"Full, of a Basic", admin("Full", "RX1"), "basic@example.org", ""},
		{"Helpdesk", admin("Helpdesk", "RX1"), "cleo@example.org", ""},
		{"again", admin("Helpdesk", "RX1"), "cleo@example.org", "second-factor-missing"},
	} {
		raises(t, c.name, w.Access.RemoveSecondFactor(ctx, c.actor, c.user), c.code)
	}
	if in(w, s) {
		t.Error("the sessions do not end with it")
	}
	signIn(w, "cleo@example.org")
	if entries(t, w, "cleo@example.org", "remove second factor") != 1 || entries(t, w, "cleo@example.org", "set second factor") != 1 {
		t.Error("the history does not tell of it")
	}
	told := 0
	err = w.Directory.Notices(ctx, cleo, directory.NoticeFilter{}, func(n directory.Notice) error {
		if n.Kind == directory.NoticeSecondFactorRemoved {
			told++
		}
		return nil
	})
	if told != 1 || err != nil {
		t.Errorf("she was told %d times, %v", told, err)
	}
	if since, _, err := w.Access.SecondFactor(ctx, admin("Auditor", "RX1"), "super@example.org"); err != nil || since.IsZero() {
		t.Errorf("since %s, %v", since, err)
	}
}

// TestHelpdeskDoesNotTakeTheSuperOver by any of the ways into an account.
func TestHelpdeskDoesNotTakeTheSuperOver(t *testing.T) {
	w := staffed(t)
	withPassword(w, "super@example.org", "role", "Super")
	helpdesk := admin("Helpdesk", "RX1")
	set := func(values ...string) error {
		_, _, err := w.Directory.SetUser(ctx, helpdesk, importertest.Record(append([]string{"address", "super@example.org"}, values...)...))
		return err
	}
	r := importertest.Record("address", "super@example.org")
	r.Password = "copper-meadow-91"
	_, _, err := w.Directory.SetUser(ctx, helpdesk, r)
	raises(t, "a password", err, "user-protected")
	r = importertest.Record("address", "super@example.org")
	r.Generate = true
	_, _, err = w.Directory.SetUser(ctx, helpdesk, r)
	raises(t, "a generated password", err, "user-protected")
	raises(t, "an alias", set("alias", "s@example.org"), "not-allowed")
	raises(t, "the second factor", w.Access.RemoveSecondFactor(ctx, helpdesk, "super@example.org"), "user-protected")
	_, err = w.Access.EndSessions(ctx, helpdesk, "super@example.org", "")
	raises(t, "the sessions", err, "user-protected")
	_, _, err = w.Access.AddToken(ctx, helpdesk, access.NewToken{Name: "mine", Role: "Super"})
	raises(t, "a token", err, "not-allowed")
	signIn(w, "super@example.org")
}
