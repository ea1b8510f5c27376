package access_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"muster/internal/access"
	"muster/internal/directory"
	"muster/internal/importer/importertest"
	"muster/internal/issue"
)

var ctx = context.Background()

// raises reports whether an error is of a code; "" is no error.
func raises(t *testing.T, what string, err error, code string) {
	t.Helper()
	var i issue.Issue
	if errors.As(err, &i); i.Code != code || code == "" && err != nil {
		t.Errorf("%s: %v, want %q", what, err, code)
	}
}

// wards is a Muster with two organisations below RX1, and one beside it.
func wards(t *testing.T) *importertest.World {
	w := importertest.New(t)
	w.Org("RX1A", "RX1")
	w.Org("RX2", directory.Master)
	return w
}

func admin(role, org string) directory.Actor {
	return directory.Actor{Address: strings.ToLower(role) + "@example.org", Role: role, Org: org, Door: "test"}
}

// add makes a token, which must be allowed.
func add(t *testing.T, w *importertest.World, actor directory.Actor, n access.NewToken) (access.Token, string) {
	t.Helper()
	token, plain, err := w.Access.AddToken(ctx, actor, n)
	if err != nil {
		t.Fatal(err)
	}
	return token, plain.Reveal()
}

func TestATokenLetsIn(t *testing.T) {
	w := wards(t)
	token, plain := add(t, w, admin("Full", "RX1"), access.NewToken{Name: " Staff sync ", Role: "bASIC", Org: "rx1a"})
	actor, err := w.Access.ByToken(ctx, plain)
	want := directory.Actor{ID: token.ID, Address: "token Staff sync", Role: "Basic", Org: "RX1A", Door: "api"}
	if err != nil || actor != want {
		t.Fatalf("%+v, %v; want %+v", actor, err, want)
	}
	if err := w.Directory.May(ctx, actor, directory.UsersEdit, "RX1A"); err != nil {
		t.Error(err)
	}
	raises(t, "above its organisation", w.Directory.May(ctx, actor, directory.UsersEdit, "RX1"), "organisation-unknown")
	raises(t, "above its role", w.Directory.May(ctx, actor, directory.SettingsEdit, "RX1A"), "not-allowed")
}

func TestWhatIsNoToken(t *testing.T) {
	w := wards(t)
	_, plain := add(t, w, importertest.Operator, access.NewToken{Name: "sync", Role: "Full", Org: "RX1", Expires: w.Now.Add(time.Hour)})
	gone, lost := add(t, w, importertest.Operator, access.NewToken{Name: "gone", Role: "Full", Org: "RX1"})
	raises(t, "revoking", w.Access.RevokeToken(ctx, importertest.Operator, gone.ID.String()), "")
	for what, shown := range map[string]string{"nothing": "", "blank": " ", "cut off": plain[:len(plain)-1], "longer": plain + "A",
		"in another case": strings.ToUpper(plain), "without its beginning": strings.TrimPrefix(plain, "muster_"), "its id": gone.ID.String(),
		"something else": "muster_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "no text": "\xff\x00'"} {
		_, err := w.Access.ByToken(ctx, shown)
		raises(t, what, err, "token-invalid")
		if shown != "" && shown != " " && strings.Contains(err.Error(), shown) {
			t.Errorf("%s: %v shows it", what, err)
		}
	}
	_, err := w.Access.ByToken(ctx, lost)
	raises(t, "revoked", err, "token-revoked")
	_, err = w.Access.ByToken(ctx, plain)
	raises(t, "before it expires", err, "")
	w.Now = w.Now.Add(time.Hour)
	_, err = w.Access.ByToken(ctx, plain)
	raises(t, "expired", err, "token-expired")
}

// TestNobodyGivesATokenAboveThemselves: "nor gives a role or token above their own, by
// any door" (rules.md).
func TestNobodyGivesATokenAboveThemselves(t *testing.T) {
	w := wards(t)
	add(t, w, importertest.Operator, access.NewToken{Name: "taken", Role: "Basic", Org: "RX1"})
	for _, c := range []struct {
		role, org string
		want      access.NewToken
		code      string
	}{
		{"Full", "RX1", access.NewToken{Name: "a", Role: "Full", Org: "RX1"}, ""},
		{"Full", "RX1", access.NewToken{Name: "b", Role: "Auditor", Org: "RX1A"}, ""},
		{"Super", "RX1", access.NewToken{Name: "c", Role: "super"}, ""},
		{"Full", "RX1", access.NewToken{Name: "d", Role: "Super"}, "not-allowed"},
		{"Full", "RX1", access.NewToken{Name: "d", Role: "Migration"}, "not-allowed"},
		{"Migration", "RX1", access.NewToken{Name: "d", Role: "Super"}, "not-allowed"},
		{"Super", "RX1", access.NewToken{Name: "d", Role: "Master"}, "not-allowed"},
		{"Basic", "RX1", access.NewToken{Name: "d", Role: "Basic"}, "not-allowed"},
		{"Helpdesk", "RX1", access.NewToken{Name: "d", Role: "Helpdesk"}, "not-allowed"},
		{"", "RX1", access.NewToken{Name: "d", Role: "Auditor"}, "not-allowed"},
		{"Master", "RX1", access.NewToken{Name: "d", Role: "Master", Org: directory.Master}, "organisation-unknown"},
		{"Super", "RX1", access.NewToken{Name: "d", Role: "Basic", Org: "RX2"}, "organisation-unknown"},
		{"Master", directory.Master, access.NewToken{Name: "d", Role: "Basic", Org: "RX9"}, "organisation-unknown"},
		{"Master", directory.Master, access.NewToken{Name: "d", Role: "Chief"}, "value-wrong"},
		{"Master", directory.Master, access.NewToken{Name: "d"}, "value-wrong"},
		{"Full", "RX1", access.NewToken{Name: " ", Role: "Basic"}, "token-name"},
		{"Full", "RX1", access.NewToken{Name: strings.Repeat("n", 101), Role: "Basic"}, "token-name"},
		{"Full", "RX1", access.NewToken{Name: "a\x1bb", Role: "Basic"}, "token-name"},
		{"Full", "RX1", access.NewToken{Name: "TAKEN", Role: "Basic"}, "token-exists"},
		{"Full", "RX1", access.NewToken{Name: "taken", Role: "Basic", Org: "RX1A"}, ""},
		{"Full", "RX1", access.NewToken{Name: "d", Role: "Basic", Expires: w.Now.Add(-time.Hour)}, "token-expiry"},
	} {
		_, plain, err := w.Access.AddToken(ctx, admin(c.role, c.org), c.want)
		raises(t, c.role+" gives "+c.want.Name+" "+c.want.Role+" "+c.want.Org, err, c.code)
		if (plain != "") != (c.code == "") {
			t.Errorf("%s gives %s: a token is given out: %v", c.role, c.want.Role, plain != "")
		}
	}
}

// TestATokenMakesNoneThatOutlivesIt: its rights were given until it expires.
func TestATokenMakesNoneThatOutlivesIt(t *testing.T) {
	w := wards(t)
	until := w.Now.AddDate(0, 0, 30)
	_, plain := add(t, w, importertest.Operator, access.NewToken{Name: "maker", Role: "Full", Org: "RX1", Expires: until})
	maker, err := w.Access.ByToken(ctx, plain)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range []access.NewToken{{Name: "never", Forever: true}, {Name: "later", Expires: until.Add(time.Second)}} {
		n.Role = "Basic"
		_, _, err := w.Access.AddToken(ctx, maker, n)
		raises(t, "one that expires "+n.Name, err, "token-expiry")
	}
	if made, _ := add(t, w, maker, access.NewToken{Name: "not said", Role: "Basic"}); !made.Expires.Equal(until) {
		t.Errorf("where nothing is said of it, it expires %s, and not with its maker", made.Expires)
	}
	if made, _ := add(t, w, maker, access.NewToken{Name: "as long", Role: "Basic", Expires: until}); made.CreatedBy != "token maker" || made.Org != "RX1" {
		t.Errorf("%+v", made)
	}
}

// TestHowLongATokenLasts: 365 days, unless something else is asked for.
func TestHowLongATokenLasts(t *testing.T) {
	w := wards(t)
	for _, c := range []struct {
		want    access.NewToken
		expires time.Time
	}{
		{access.NewToken{Name: "a"}, w.Now.AddDate(0, 0, 365)},
		{access.NewToken{Name: "b", Forever: true}, time.Time{}},
		{access.NewToken{Name: "c", Expires: w.Now.AddDate(2, 0, 0)}, w.Now.AddDate(2, 0, 0)},
	} {
		c.want.Role = "Basic"
		if made, _ := add(t, w, importertest.Operator, c.want); !made.Expires.Truncate(time.Second).Equal(c.expires.Truncate(time.Second)) {
			t.Errorf("%+v expires %s, want %s", c.want, made.Expires, c.expires)
		}
	}
	_, _, err := w.Access.AddToken(ctx, importertest.Operator, access.NewToken{Name: "d", Role: "Basic", Forever: true, Expires: w.Now.AddDate(1, 0, 0)})
	raises(t, "both", err, "token-expiry")
}

func TestRevoking(t *testing.T) {
	w := wards(t)
	full, fullText := add(t, w, importertest.Operator, access.NewToken{Name: "full", Role: "Full", Org: "RX1"})
	super, _ := add(t, w, importertest.Operator, access.NewToken{Name: "super", Role: "Super", Org: "RX1"})
	other, _ := add(t, w, importertest.Operator, access.NewToken{Name: "other", Role: "Basic", Org: "RX2"})
	itself, err := w.Access.ByToken(ctx, fullText)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		actor directory.Actor
		id    string
		code  string
	}{
		{admin("Full", "RX1"), super.ID.String(), "user-protected"},
		{admin("Basic", "RX1"), full.ID.String(), "not-allowed"},
		{admin("Auditor", "RX1"), full.ID.String(), "not-allowed"},
		{admin("Super", "RX1"), other.ID.String(), "token-unknown"},
		{admin("Super", "RX1"), directory.NewID().String(), "token-unknown"},
		{admin("Super", "RX1"), "full", "token-unknown"},
		{itself, full.ID.String(), "token-own"},
		{admin("Full", "RX1"), full.ID.String(), ""},
		{admin("Full", "RX1"), full.ID.String(), ""},
		{admin("Super", "RX1"), super.ID.String(), ""},
	} {
		raises(t, c.actor.Role+" revokes "+c.id, w.Access.RevokeToken(ctx, c.actor, c.id), c.code)
	}
	if again, _ := add(t, w, importertest.Operator, access.NewToken{Name: "full", Role: "Full", Org: "RX1"}); again.ID == full.ID {
		t.Error("a token is the one that was revoked")
	}
}

// listed are the tokens that an actor may read, by name.
func listed(t *testing.T, w *importertest.World, actor directory.Actor) (names []string, last map[string]access.Token) {
	t.Helper()
	last = map[string]access.Token{}
	err := w.Access.Tokens(ctx, actor, func(token access.Token) error {
		names, last[token.Name] = append(names, token.Name), token
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return names, last
}

func TestListOfTokens(t *testing.T) {
	w := wards(t)
	for _, name := range []string{"Beta", "alpha", "gamma"} {
		add(t, w, importertest.Operator, access.NewToken{Name: name, Role: "Basic", Org: map[bool]string{true: "RX2", false: "RX1A"}[name == "gamma"]})
	}
	for _, c := range []struct{ role, org, want string }{
		{"Master", directory.Master, "alpha Beta gamma"}, {"Full", "RX1", "alpha Beta"}, {"Auditor", "RX1", "alpha Beta"}, {"Super", "RX2", "gamma"},
	} {
		if got, _ := listed(t, w, admin(c.role, c.org)); strings.Join(got, " ") != c.want {
			t.Errorf("%s of %s reads %v, want %s", c.role, c.org, got, c.want)
		}
	}
	raises(t, "Basic", w.Access.Tokens(ctx, admin("Basic", "RX1"), nil), "not-allowed")
}

// TestLastUse: it is noted, and a token that is used all the time is not written each
// time.
func TestLastUse(t *testing.T) {
	w := wards(t)
	_, plain := add(t, w, importertest.Operator, access.NewToken{Name: "sync", Role: "Basic", Org: "RX1"})
	used := func() time.Time {
		if _, err := w.Access.ByToken(ctx, plain); err != nil {
			t.Fatal(err)
		}
		_, tokens := listed(t, w, importertest.Operator)
		return tokens["sync"].LastUsed
	}
	first := used()
	if first.IsZero() {
		t.Fatal("the first use is not noted")
	}
	w.Now = first.Add(50 * time.Second)
	if again := used(); !again.Equal(first) {
		t.Errorf("within the minute it is noted again: %s, then %s", first, again)
	}
	w.Now = first.Add(time.Minute)
	if later := used(); later.Sub(first) < time.Minute {
		t.Errorf("after a minute it is not noted: %s, then %s", first, later)
	}
}

// TestATokenGoesWithItsOrganisation: one of the same code, made later, is not its own.
func TestATokenGoesWithItsOrganisation(t *testing.T) {
	w := wards(t)
	_, plain := add(t, w, importertest.Operator, access.NewToken{Name: "sync", Role: "Basic", Org: "RX2"})
	if err := w.Directory.DeleteOrganisation(ctx, importertest.Operator, "RX2"); err != nil {
		t.Fatal(err)
	}
	w.Org("RX2", directory.Master)
	_, err := w.Access.ByToken(ctx, plain)
	raises(t, "a token of an organisation that is gone", err, "token-invalid")
}

func TestHistoryOfTokens(t *testing.T) {
	w := wards(t)
	token, plain := add(t, w, admin("Full", "RX1"), access.NewToken{Name: "sync", Role: "Basic", Expires: w.Now.AddDate(0, 0, 1)})
	raises(t, "revoking", w.Access.RevokeToken(ctx, admin("Super", "RX1"), token.ID.String()), "")
	raises(t, "revoking again", w.Access.RevokeToken(ctx, admin("Super", "RX1"), token.ID.String()), "")
	kept := importertest.Kept(t, w.Database)
	for _, want := range []string{`full@example.org`, `token sync`, `["role","","Basic"]`, `["org","","RX1"]`, `["expires","","2026-03-03T09`,
		`super@example.org`, `["role","Basic",""]`} {
		found := false
		for _, content := range kept {
			found = found || strings.Contains(string(content), want)
		}
		if !found {
			t.Errorf("nothing tells %s", want)
		}
	}
	for place, content := range kept {
		if strings.Contains(string(content), plain) || strings.Contains(string(content), strings.TrimPrefix(plain, "muster_")) {
			t.Errorf("the token is in %s", place)
		}
	}
}
