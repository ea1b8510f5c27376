package access_test

import (
	"testing"
	"time"

	"muster/internal/access"
	"muster/internal/directory"
	"muster/internal/importer"
	"muster/internal/importer/importertest"
	"muster/internal/secret"
)

// TestFixation: what a client had before it signed in is never taken over.
func TestFixation(t *testing.T) {
	w := staffed(t)
	planted := "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
	_, _, err := w.Access.BySession(ctx, planted)
	raises(t, "a session that nobody made", err, "session-ended")
	before := signIn(w, "ann@example.org")
	after := signIn(w, "ann@example.org")
	if after.Plain == before.Plain || after.ID == before.ID || after.Plain.Reveal() == planted {
		t.Error("the session is the one of before")
	}
	if _, _, err := w.Access.BySession(ctx, planted); !access.SessionEnded.Is(err) {
		t.Errorf("the session that was planted: %v", err)
	}
	for _, shown := range []string{"", before.ID.String(), before.Plain.Reveal() + "A"} {
		if _, _, err := w.Access.BySession(ctx, shown); !access.SessionEnded.Is(err) {
			t.Errorf("%q: %v", shown, err)
		}
	}
}

// TestASessionIsRenewed: a new sign-in ends the session that the client is in, and no other; a
// failed one ends nothing.
func TestASessionIsRenewed(t *testing.T) {
	w := staffed(t)
	former, other := signIn(w, "ann@example.org"), signIn(w, "ann@example.org")
	again := func(plain secret.Text) error {
		_, err := w.Access.SignIn(ctx, access.Credentials{Address: "ann@example.org", Password: plain, From: desk, Former: former})
		return err
	}
	raises(t, "a wrong password", again("wrong"), "sign-in-failed")
	if !in(w, former) {
		t.Error("a failure has ended the session")
	}
	if err := again(good); err != nil || in(w, former) || !in(w, other) {
		t.Errorf("%v; in the former one %v, in the other %v", err, in(w, former), in(w, other))
	}
	if n := entries(t, w, "ann@example.org", "sign-out"); n != 1 {
		t.Errorf("%d sessions are told to have ended", n)
	}
}

// TestWhatEndsSessions: a new password, whoever sets it, a lock, disabling, deleting and
// another role; nothing else does.
func TestWhatEndsSessions(t *testing.T) {
	set := func(values ...string) func(*importertest.World) {
		return func(w *importertest.World) { w.Set("cleo@example.org", values...) }
	}
	file := func(text string) func(*importertest.World) {
		return func(w *importertest.World) { w.Apply(w.Plan(text, importer.Options{SetPasswords: true})) }
	}
	for name, c := range map[string]struct {
		change func(*importertest.World)
		ends   bool
	}{
		"nothing":                    {func(*importertest.World) {}, false},
		"another field":              {set("title", "Dr"), false},
		"an alias":                   {set("alias", "c@example.org"), false},
		"an unlock":                  {set("locked", "false"), false},
		"leaver":                     {set("status", "leaver"), false},
		"a password of another":      {func(w *importertest.World) { setPassword(w, "cleo@example.org", "copper-meadow-91") }, true},
		"a password of a file":       {file("address,password\ncleo@example.org,copper-meadow-91\n"), true},
		"a hash of a file":           {file("address,password_hash\ncleo@example.org,{SSHA512}" + ssha512(good) + "\n"), true},
		"a lock":                     {set("locked", "true"), true},
		"a lock by a file":           {file("address,locked\ncleo@example.org,TRUE\n"), true},
		"a lock that was lifted":     {func(w *importertest.World) { set("locked", "true")(w); set("locked", "false")(w) }, true},
		"disabled":                   {set("status", "disabled"), true},
		"disabled and enabled":       {func(w *importertest.World) { set("status", "disabled")(w); set("status", "active")(w) }, true},
		"deleted":                    {set("status", "deleted"), true},
		"a role":                     {set("role", "Helpdesk"), true},
		"a role by a file":           {file("address,role\ncleo@example.org,Basic\n"), true},
		"an undo of a password":      {func(w *importertest.World) { undoPassword(w) }, true},
		"a password of their own":    {func(w *importertest.World) { ownPassword(w, "cleo@example.org") }, true},
		"an hour without being used": {func(w *importertest.World) { w.Now = w.Now.Add(time.Hour) }, true},
		"a little less":              {func(w *importertest.World) { w.Now = w.Now.Add(59 * time.Minute) }, false},
	} {
		t.Run(name, func(t *testing.T) {
			w := staffed(t)
			withPassword(w, "cleo@example.org")
			if name == "an undo of a password" {
				w.Apply(w.Plan("address,password\ncleo@example.org,silver-harbour-7\n", importer.Options{SetPasswords: true}))
			}
			s, other := session(w, "cleo@example.org"), signIn(w, "ann@example.org")
			if !in(w, s) {
				t.Fatal("the session does not let in")
			}
			c.change(w)
			if in(w, s) == c.ends {
				t.Errorf("the session ends: %v", !c.ends)
			}
			if c.ends && name != "an hour without being used" && !in(w, other) {
				t.Error("so does that of another user")
			}
		})
	}
}

// session signs Cleo in, with whichever password she has.
func session(w *importertest.World, address string) *access.Session {
	w.T.Helper()
	if s, err := try(w, address, good, ""); err == nil {
		return s
	}
	s, err := try(w, address, "silver-harbour-7", "")
	if err != nil {
		w.T.Fatal(err)
	}
	return s
}

func undoPassword(w *importertest.World) {
	w.T.Helper()
	if _, err := w.Importer.Undo(ctx, importertest.Operator, 1, 0); err != nil {
		w.T.Fatal(err)
	}
}

func ownPassword(w *importertest.World, address string) *access.Session {
	w.T.Helper()
	renewed, err := w.Access.SetOwnPassword(ctx, signIn(w, address), access.Credentials{Password: good}, "copper-meadow-91")
	if err != nil {
		w.T.Fatal(err)
	}
	return renewed
}

// TestHowLongASessionLasts: used all the time it still ends, and is cleared away.
func TestHowLongASessionLasts(t *testing.T) {
	w := staffed(t)
	w.Now = w.Now.Truncate(time.Hour)
	s, began := signIn(w, "ann@example.org"), w.Now
	for w.Now.Before(began.Add(11*time.Hour + 30*time.Minute)) {
		if w.Now = w.Now.Add(30 * time.Minute); !in(w, s) {
			t.Fatalf("it ends after %s", w.Now.Sub(began))
		}
	}
	w.Now = began.Add(12 * time.Hour)
	if in(w, s) {
		t.Error("it does not end after 12 hours")
	}
	signIn(w, "ann@example.org")
	if n := len(sessions(t, w, importertest.Operator, "ann@example.org")); n != 1 {
		t.Errorf("%d sessions", n)
	}
}

// TestTheOldestSessionEnds where a user signs in again and again.
func TestTheOldestSessionEnds(t *testing.T) {
	w := staffed(t)
	first, second := signIn(w, "ann@example.org"), signIn(w, "ann@example.org")
	for range 49 {
		signIn(w, "ann@example.org")
	}
	if n := len(sessions(t, w, importertest.Operator, "ann@example.org")); n != 50 || in(w, first) || !in(w, second) {
		t.Errorf("%d sessions; the first lets in: %v, the second: %v", n, in(w, first), in(w, second))
	}
}

func TestOwnPassword(t *testing.T) {
	w := staffed(t)
	s := signIn(w, "ann@example.org")
	for _, c := range []struct{ name, old, plain, code string }{
		{"with the wrong one", "wrong", "copper-meadow-91", "password-wrong"},
		{"too short", good, "short", "password-too-short"},
		{"the same", good, good, "password-reused"},
		{"a blank in it", good, "copper meadow 91", "password-blank-inside"},
		{"a common one", good, "qwertyuiop", "password-common"},
	} {
		_, err := w.Access.SetOwnPassword(ctx, s, access.Credentials{Password: secretText(c.old)}, secretText(c.plain))
		raises(t, c.name, err, c.code)
	}
	if !in(w, s) {
		t.Fatal("what was refused ends the session")
	}
	passwords := []string{good, "copper-meadow-91", "silver-harbour-72", "amber-thicket-38", "velvet-orchard-65"}
	for i, plain := range passwords[1:] {
		renewed, err := w.Access.SetOwnPassword(ctx, s, access.Credentials{Password: secretText(passwords[i]), From: desk}, secretText(plain))
		if err != nil {
			t.Fatal(err)
		}
		if in(w, s) || !in(w, renewed) || renewed.Plain == s.Plain {
			t.Error("the session is not renewed")
		}
		s = renewed
	}
	_, err := w.Access.SetOwnPassword(ctx, s, access.Credentials{Password: "velvet-orchard-65"}, "copper-meadow-91")
	raises(t, "one of the last four", err, "password-reused")
	if _, err = w.Access.SetOwnPassword(ctx, s, access.Credentials{Password: "velvet-orchard-65"}, good); err != nil {
		t.Errorf("the fifth last: %v", err)
	}
}

// TestAnOpenSessionIsNoPlaceToGuess: whoever finds one cannot try passwords there.
func TestAnOpenSessionIsNoPlaceToGuess(t *testing.T) {
	w := staffed(t)
	s := signIn(w, "ann@example.org")
	for range 5 {
		_, err := w.Access.SetOwnPassword(ctx, s, access.Credentials{Password: "wrong"}, "copper-meadow-91")
		raises(t, "wrong", err, "password-wrong")
	}
	_, err := w.Access.SetOwnPassword(ctx, s, access.Credentials{Password: good}, "copper-meadow-91")
	raises(t, "locked out", err, "password-wrong")
	if in(w, s) {
		t.Error("the session lets in while she is locked out")
	}
}

// sessions are those of a user that an actor reads.
func sessions(t *testing.T, w *importertest.World, actor directory.Actor, user string) (list []access.Session) {
	t.Helper()
	err := w.Access.Sessions(ctx, actor, user, func(s access.Session) error {
		list = append(list, s)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestSessionsAreListedAndEnded(t *testing.T) {
	w := staffed(t)
	setPassword(w, "ben@example.org", good)
	w.Add("boss@example.org", "RX1", "role", "Super")
	setPassword(w, "boss@example.org", good)
	one, two, three := signIn(w, "ann@example.org"), signIn(w, "ann@example.org"), signIn(w, "ann@example.org")
	ann, _, err := w.Access.BySession(ctx, one.Plain.Reveal())
	if err != nil {
		t.Fatal(err)
	}
	own := sessions(t, w, ann, "")
	if len(own) != 3 || own[0].ID != three.ID || own[2].ID != one.ID || own[0].Plain != "" {
		t.Errorf("%+v", own)
	}
	ben := signIn(w, "ben@example.org")
	benActor, _, err := w.Access.BySession(ctx, ben.Plain.Reveal())
	if err != nil || len(sessions(t, w, benActor, "ben@example.org")) != 1 {
		t.Errorf("one without a role does not read their own sessions: %v", err)
	}
	boss := signIn(w, "boss@example.org")
	all := func(actor directory.Actor, user, id string) (int64, error) {
		return w.Access.EndSessions(ctx, actor, user, id)
	}
	for _, c := range []struct {
		name  string
		actor directory.Actor
		user  string
		id    string
		ended int64
		code  string
	}{
		{"one without a role", benActor, "ann@example.org", "", 0, "not-allowed"},
		{"Auditor", admin("Auditor", "RX1"), "ben@example.org", "", 0, "not-allowed"},
		{"Helpdesk, of one who outranks them", admin("Helpdesk", "RX1"), "ann@example.org", "", 0, "user-protected"},
		{"Full, of a Super", admin("Full", "RX1"), "boss@example.org", "", 0, "user-protected"},
		{"a Super of another organisation", admin("Super", "RX2"), "ann@example.org", "", 0, "user-unknown"},
		{"of another user's id", admin("Super", "RX1"), "ann@example.org", ben.ID.String(), 0, "session-unknown"},
		{"of no id", admin("Super", "RX1"), "ann@example.org", "x", 0, "session-unknown"},
		{"one of her own", ann, "", two.ID.String(), 1, ""},
		{"Super, all", admin("Super", "RX1"), "ann@example.org", "", 2, ""},
		{"Super, again", admin("Super", "RX1"), "ann@example.org", "", 0, ""},
		{"Helpdesk", admin("Helpdesk", "RX1"), "ben@example.org", "", 1, ""},
	} {
		n, err := all(c.actor, c.user, c.id)
		raises(t, c.name, err, c.code)
		if n != c.ended {
			t.Errorf("%s ends %d", c.name, n)
		}
	}
	if in(w, one) || in(w, two) || in(w, three) || in(w, ben) || !in(w, boss) {
		t.Error("other sessions ended than those that were to")
	}
	raises(t, "Helpdesk reads", w.Access.Sessions(ctx, admin("Helpdesk", "RX1"), "ben@example.org", nil), "not-allowed")
	sessions(t, w, admin("Auditor", "RX1"), "boss@example.org")
	if entries(t, w, "ann@example.org", "end sessions") != 2 {
		t.Error("the history does not tell of it")
	}
}
