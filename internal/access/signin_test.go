package access_test

import (
	"context"
	"net/netip"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"muster/internal/access"
	"muster/internal/directory"
	"muster/internal/importer"
	"muster/internal/importer/importertest"
	"muster/internal/password"
	"muster/internal/secret"
)

const good = "quartz-lantern-42"

var desk = netip.MustParseAddr("192.0.2.7")

// staffed is a Muster with Ann, who has the password good, and Ben without one.
func staffed(t *testing.T) *importertest.World {
	w := wards(t)
	withPassword(w, "ann@example.org", "role", "Full", "alias", "a.lee@example.org")
	w.Add("ben@example.org", "RX1")
	return w
}

// withPassword adds a user of RX1 who has the password good.
func withPassword(w *importertest.World, address string, values ...string) {
	w.T.Helper()
	w.Add(address, "RX1", values...)
	setPassword(w, address, good)
}

func setPassword(w *importertest.World, address string, plain secret.Text) {
	w.T.Helper()
	r := importertest.Record("address", address)
	r.Password = plain
	if _, _, err := w.Directory.SetUser(ctx, importertest.Operator, r); err != nil {
		w.T.Fatal(err)
	}
}

// hashed gives a user a ready hash.
func hashed(w *importertest.World, address, hash string) {
	w.T.Helper()
	r := importertest.Record("address", address)
	r.PasswordHash = secret.Text(hash)
	if _, _, err := w.Directory.SetUser(ctx, importertest.Operator, r); err != nil {
		w.T.Fatal(err)
	}
}

// try signs in.
func try(w *importertest.World, address string, plain secret.Text, code string) (*access.Session, error) {
	return w.Access.SignIn(ctx, access.Credentials{Address: address, Password: plain, Code: code, From: desk, Agent: "Firefox"})
}

// signIn signs in, which must succeed.
func signIn(w *importertest.World, address string) *access.Session {
	w.T.Helper()
	s, err := try(w, address, good, "")
	if err != nil {
		w.T.Fatalf("%s cannot sign in: %v", address, err)
	}
	return s
}

// in reports whether a session still lets in.
func in(w *importertest.World, s *access.Session) bool {
	_, _, err := w.Access.BySession(ctx, s.Plain.Reveal())
	return err == nil
}

func TestSigningIn(t *testing.T) {
	w := staffed(t)
	for _, address := range []string{"ann@example.org", "ANN@Example.org", " ann@example.org ", "a.lee@example.org"} {
		s, err := try(w, address, good, "")
		if err != nil {
			t.Errorf("%q: %v", address, err)
			continue
		}
		actor, again, err := w.Access.BySession(ctx, s.Plain.Reveal())
		want := directory.Actor{ID: w.User("ann@example.org").ID, Address: "ann@example.org", Role: "Full", Org: "RX1", Door: "console"}
		if err != nil || actor != want {
			t.Errorf("%q: %+v, %v", address, actor, err)
		}
		if again.ID != s.ID || again.Plain != "" || again.Client != "192.0.2.7" || again.Agent != "Firefox" || again.MustChange || again.MustSecondFactor {
			t.Errorf("%q: %+v", address, again)
		}
	}
	if w.User("ann@example.org").UsedAt.IsZero() {
		t.Error("that she was here is not noted")
	}
}

// TestWhoMaySignIn: "Who may do what, by status" (rules.md), each with the right password.
func TestWhoMaySignIn(t *testing.T) {
	for name, c := range map[string]struct {
		prepare  func(*importertest.World)
		open     bool
		mustOnly bool // set a new password
	}{
		"active":      {func(w *importertest.World) {}, true, false},
		"leaver":      {func(w *importertest.World) { w.Set("cleo@example.org", "status", "leaver") }, true, false},
		"must change": {func(w *importertest.World) { w.Set("cleo@example.org", "must_change_password", "true") }, true, true},
		"expired":     {func(w *importertest.World) { w.Now = w.Now.AddDate(0, 0, 365) }, true, true},
		"nearly":      {func(w *importertest.World) { w.Now = w.Now.AddDate(0, 0, 364) }, true, false},
		"expires earlier in the organisation": {func(w *importertest.World) {
			w.Settings("RX1", func(s *directory.Settings) { s.PasswordDays = 30 })
			w.Now = w.Now.AddDate(0, 0, 31)
		}, true, true},
		"never expires": {func(w *importertest.World) {
			w.Set("cleo@example.org", "password_never_expires", "true")
			w.Now = w.Now.AddDate(2, 0, 0)
		}, true, false},
		"locked":   {func(w *importertest.World) { w.Set("cleo@example.org", "locked", "true") }, false, false},
		"disabled": {func(w *importertest.World) { w.Set("cleo@example.org", "status", "disabled") }, false, false},
		"deleted":  {func(w *importertest.World) { w.Set("cleo@example.org", "status", "deleted") }, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			w := staffed(t)
			withPassword(w, "cleo@example.org")
			c.prepare(w)
			s, err := try(w, "cleo@example.org", good, "")
			if !c.open {
				raises(t, name, err, "sign-in-failed")
				return
			}
			if err != nil || s.MustChange != c.mustOnly {
				t.Errorf("%+v, %v", s, err)
			}
		})
	}
}

// TestWhyASignInFailed: the history tells apart why not even the right password lets in; who
// tries learns nothing of it.
func TestWhyASignInFailed(t *testing.T) {
	for name, c := range map[string]struct {
		prepare func(*importertest.World)
		why     string
	}{
		"wrong":      {func(w *importertest.World) { hashed(w, "cleo@example.org", bcryptOf(w.T.(*testing.T), "another")) }, "wrong password"},
		"locked":     {func(w *importertest.World) { w.Set("cleo@example.org", "locked", "true") }, "account closed"},
		"disabled":   {func(w *importertest.World) { w.Set("cleo@example.org", "status", "disabled") }, "account closed"},
		"locked out": {func(w *importertest.World) { lockOut(w, "cleo@example.org") }, "locked out"},
		"locked out and disabled": {func(w *importertest.World) {
			lockOut(w, "cleo@example.org")
			w.Set("cleo@example.org", "status", "disabled")
		}, "account closed"},
		"no password": {func(w *importertest.World) {
			w.Set("cleo@example.org", "rename_to", "cleo.may@example.org", "without alias", "cleo@example.org")
			w.Add("cleo@example.org", "RX1")
		}, "no password"},
	} {
		t.Run(name, func(t *testing.T) {
			w := staffed(t)
			withPassword(w, "cleo@example.org")
			c.prepare(w)
			_, err := try(w, "cleo@example.org", good, "")
			raises(t, name, err, "sign-in-failed")
			if got := lastReason(t, w, "cleo@example.org"); got != c.why {
				t.Errorf("the history says %q, want %q", got, c.why)
			}
		})
	}
}

// lockOut lets wrong passwords lock a user out.
func lockOut(w *importertest.World, address string) {
	for range 5 {
		try(w, address, "wrong", "")
	}
}

// lastReason is why the last sign-in of a user failed, as the history says.
func lastReason(t *testing.T, w *importertest.World, address string) (why string) {
	t.Helper()
	err := w.Directory.History(ctx, importertest.Operator, address, func(e directory.Entry) error {
		if i := slices.IndexFunc(e.Changes, func(c directory.Change) bool { return c.Field == "reason" }); i >= 0 && why == "" {
			why = e.Changes[i].New
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return why
}

// TestMustChange: whoever must set a new password may do nothing else until then.
func TestMustChange(t *testing.T) {
	w := staffed(t)
	w.Set("ann@example.org", "must_change_password", "true")
	s := signIn(w, "ann@example.org")
	actor, again, err := w.Access.BySession(ctx, s.Plain.Reveal())
	if err != nil || !again.MustChange || actor.Role != "" || len(directory.Permissions(actor.Role)) > 0 {
		t.Fatalf("%+v, %+v, %v", actor, again, err)
	}
	renewed, err := w.Access.SetOwnPassword(ctx, again, access.Credentials{Password: good}, "copper-meadow-91")
	if err != nil {
		t.Fatal(err)
	}
	actor, again, err = w.Access.BySession(ctx, renewed.Plain.Reveal())
	if err != nil || again.MustChange || actor.Role != "Full" {
		t.Errorf("afterwards: %+v, %+v, %v", actor, again, err)
	}
}

// TestGeneratedPassword: it "must be changed at first sign-in and lapse[s] if unused for 14
// days" (rules.md); once used it does not lapse, and nobody reads it any more.
func TestGeneratedPassword(t *testing.T) {
	generate := func(w *importertest.World) secret.Text {
		imp := w.Apply(w.Plan("address,org\nnew@example.org,RX1\n", importer.Options{GeneratePasswords: true}))
		results := strings.Split(strings.TrimSpace(w.Results(imp, false)), ",")
		return secret.Text(results[len(results)-1])
	}
	w := staffed(t)
	plain := generate(w)
	w.Now = w.Now.AddDate(0, 0, 14)
	_, err := try(w, "new@example.org", plain, "")
	raises(t, "lapsed", err, "sign-in-failed")

	w = staffed(t)
	plain = generate(w)
	w.Now = w.Now.AddDate(0, 0, 13)
	s, err := try(w, "new@example.org", plain, "")
	if err != nil || !s.MustChange {
		t.Fatalf("%+v, %v", s, err)
	}
	if text := w.Results(&importer.Import{Number: 1}, false); strings.Contains(text, plain.Reveal()) {
		t.Error("it can be read after it was used")
	}
	w.Now = w.Now.AddDate(0, 0, 13)
	if s, err = try(w, "new@example.org", plain, ""); err != nil || !s.MustChange {
		t.Errorf("used, it lapses: %+v, %v", s, err)
	}
}

// TestOldHashesAreRenewed: "Ready hashes are … re-hashed at the next sign-in" (rules.md).
func TestOldHashesAreRenewed(t *testing.T) {
	for name, hash := range map[string]string{
		"SSHA512": password.HashGenerated(good),
		"bcrypt":  "{BLF-CRYPT}" + bcryptOf(t, good),
		"weaker":  password.Hash(good, password.Params{MemoryKiB: 32, Time: 1, Threads: 1}),
	} {
		w := staffed(t)
		hashed(w, "ben@example.org", hash)
		before, err := w.Store.FormerHashes(ctx, w.User("ben@example.org").ID, 4)
		if err != nil || len(before) != 1 {
			t.Fatal(before, err)
		}
		_, err = try(w, "ben@example.org", "quartz-lantern-43", "")
		raises(t, name+", wrong", err, "sign-in-failed")
		if same, _ := w.Store.FormerHashes(ctx, w.User("ben@example.org").ID, 4); same[0] != before[0] {
			t.Errorf("%s: a wrong password renews the hash", name)
		}
		signIn(w, "ben@example.org")
		after, err := w.Store.FormerHashes(ctx, w.User("ben@example.org").ID, 4)
		if err != nil || len(after) != 1 || w.Directory.Hashing.Outdated(after[0]) {
			t.Errorf("%s: afterwards %v, %v", name, after, err)
		}
		signIn(w, "ben@example.org")
	}
}

// TestTheSameAnswer: nobody learns from outside what is wrong, by the answer or by the
// work that it takes.
func TestTheSameAnswer(t *testing.T) {
	w := staffed(t)
	for _, name := range []string{"locked", "disabled", "gone", "older"} {
		withPassword(w, name+"@example.org")
	}
	hashed(w, "older@example.org", password.HashGenerated(good))
	w.Set("locked@example.org", "locked", "true")
	w.Set("disabled@example.org", "status", "disabled")
	w.Set("gone@example.org", "status", "deleted")
	setUpFactor(t, w, "cleo@example.org")
	hashes := access.CountHashes(t)
	answers := map[string]bool{}
	for _, c := range []struct {
		address string
		plain   secret.Text
		code    string
	}{
		{"ann@example.org", "quartz-lantern-43", ""},
		{"ann@example.org", "", ""},
		{"ann@example.org", secret.Text(strings.Repeat("x", 10_000)), ""},
		{"older@example.org", "quartz-lantern-43", ""},
		{"nobody@example.org", good, ""},
		{"nobody@example.org", secret.Text(strings.Repeat("x", 10_000)), ""},
		{"no address", good, ""},
		{"", "", ""},
		{"postmaster@example.org", good, ""},
		{"ben@example.org", good, ""},
		{"ben@example.org", "", ""},
		{"locked@example.org", good, ""},
		{"disabled@example.org", good, ""},
		{"gone@example.org", good, ""},
		{"cleo@example.org", good, ""},
		{"cleo@example.org", good, "000000"},
		{"cleo@example.org", good, "ABCDE-FGHJK-LMNPQ-RTUVW"},
		{"cleo@example.org", "quartz-lantern-43", "000000"},
	} {
		*hashes = 0
		s, err := try(w, c.address, c.plain, c.code)
		if s != nil || err == nil {
			t.Fatalf("%s is let in", c.address)
		}
		answers[err.Error()] = true
		if *hashes != 1 {
			t.Errorf("%s with a password of %d octets: %d hashes", c.address, len(c.plain), *hashes)
		}
	}
	if len(answers) != 1 {
		t.Errorf("%d answers: %v", len(answers), answers)
	}
	*hashes = 0
	signIn(w, "ann@example.org")
	if *hashes != 1 {
		t.Errorf("a good sign-in takes %d hashes", *hashes)
	}
}

// noting is a store that notes what is done in its transactions.
type noting struct {
	access.Store
	calls []string
}

func (n *noting) WriteAttempt(ctx context.Context, f func(access.Tx) (bool, error)) error {
	return n.Store.WriteAttempt(ctx, func(tx access.Tx) (bool, error) { return f(&notingTx{tx, n}) })
}

type notingTx struct {
	access.Tx
	to *noting
}

func (n *notingTx) Account(ctx context.Context, id directory.ID) (*access.Account, error) {
	n.to.calls = append(n.to.calls, "Account")
	return n.Tx.Account(ctx, id)
}

func (n *notingTx) NoteFailure(ctx context.Context, id directory.ID, failures int, until time.Time) error {
	n.to.calls = append(n.to.calls, "NoteFailure")
	return n.Tx.NoteFailure(ctx, id, failures, until)
}

func (n *notingTx) KeepAttempt(ctx context.Context, key []byte) error {
	n.to.calls = append(n.to.calls, "KeepAttempt")
	return n.Tx.KeepAttempt(ctx, key)
}

// TestEveryFailureIsWritten: a transaction that writes nothing need not wait for the disk, and
// would tell by the clock that there is no such user.
func TestEveryFailureIsWritten(t *testing.T) {
	w := staffed(t)
	n := &noting{Store: w.Store}
	w.Access.Store = n
	for _, address := range []string{"ann@example.org", "ben@example.org", "nobody@example.org", "no address"} {
		n.calls = nil
		try(w, address, "wrong", "")
		if got := strings.Join(n.calls, " "); got != "Account NoteFailure KeepAttempt" {
			t.Errorf("%s: %s", address, got)
		}
	}
}

// TestLockOut: "lock-out after 5 failures for 15 minutes, lifting by itself" (rules.md).
func TestLockOut(t *testing.T) {
	w := staffed(t)
	fail := func(times int) {
		t.Helper()
		for range times {
			_, err := try(w, "ann@example.org", "wrong", "")
			raises(t, "a wrong password", err, "sign-in-failed")
		}
	}
	fail(4)
	signIn(w, "ann@example.org") // which begins the count anew
	fail(5)
	until := w.User("ann@example.org").LockedUntil
	if left := until.Sub(w.Now); left < 14*time.Minute || left > 15*time.Minute {
		t.Errorf("locked out for %s", left)
	}
	_, err := try(w, "ann@example.org", good, "")
	raises(t, "locked out", err, "sign-in-failed")
	w.Now = until.Add(-time.Second)
	_, err = try(w, "ann@example.org", good, "")
	raises(t, "a second before it lifts", err, "sign-in-failed")
	if again := w.User("ann@example.org").LockedUntil; !again.Equal(until) {
		t.Errorf("a sign-in while locked out moves the end from %s to %s", until, again)
	}
	w.Now = until.Add(time.Minute)
	signIn(w, "ann@example.org")
	if !w.User("ann@example.org").LockedUntil.IsZero() {
		t.Error("it still says when it lifts")
	}
}

// TestAChangeMeanwhile: what was so when the password was read has to be so still when the
// session is made.
func TestAChangeMeanwhile(t *testing.T) {
	for name, change := range map[string]func(*importertest.World){
		"another password": func(w *importertest.World) { setPassword(w, "ann@example.org", "copper-meadow-91") },
		"a lock":           func(w *importertest.World) { w.Set("ann@example.org", "locked", "true") },
	} {
		w := staffed(t)
		access.WhileComparing(t, func() { change(w) })
		_, err := try(w, "ann@example.org", good, "")
		raises(t, name, err, "sign-in-failed")
	}
}

// TestAliasesGiveNoMoreAttempts than their user has.
func TestAliasesGiveNoMoreAttempts(t *testing.T) {
	w := staffed(t)
	for i := range access.DefaultLimits.Account {
		_, err := try(w, []string{"ann@example.org", "a.lee@example.org"}[i%2], "wrong", "")
		raises(t, "wrong", err, "sign-in-failed")
	}
	for _, address := range []string{"ann@example.org", "a.lee@example.org"} {
		_, err := try(w, address, "wrong", "")
		raises(t, address, err, "sign-in-too-often")
	}
}

func TestLockOutByThePolicyOfTheOrganisation(t *testing.T) {
	w := staffed(t)
	w.Settings("RX1", func(s *directory.Settings) { s.LockoutFailures, s.LockoutMinutes = 2, 60 })
	for range 2 {
		try(w, "ann@example.org", "wrong", "")
	}
	if left := w.User("ann@example.org").LockedUntil.Sub(w.Now); left < 59*time.Minute {
		t.Errorf("locked out for %s", left)
	}
}

// TestALockOutIsLifted by whoever may unlock, or by a new password.
func TestALockOutIsLifted(t *testing.T) {
	helpdesk := admin("Helpdesk", "RX1")
	lockedOut := func(address string) *importertest.World {
		w := staffed(t)
		setPassword(w, "ben@example.org", good)
		for range 5 {
			try(w, address, "wrong", "")
		}
		return w
	}
	unlock := func(w *importertest.World, actor directory.Actor, address string) error {
		_, _, err := w.Directory.SetUser(ctx, actor, importertest.Record("address", address, "locked", "false"))
		return err
	}
	w := lockedOut("ben@example.org")
	raises(t, "Auditor", unlock(w, admin("Auditor", "RX1"), "ben@example.org"), "not-allowed")
	raises(t, "Helpdesk", unlock(w, helpdesk, "ben@example.org"), "")
	signIn(w, "ben@example.org")

	w = lockedOut("ben@example.org")
	setPassword(w, "ben@example.org", "copper-meadow-91")
	if _, err := try(w, "ben@example.org", "copper-meadow-91", ""); err != nil {
		t.Errorf("after a new password: %v", err)
	}
	w = lockedOut("ann@example.org")
	raises(t, "Helpdesk unlocks an administrator who outranks them", unlock(w, helpdesk, "ann@example.org"), "user-protected")
	w.Apply(w.Plan("address,locked\nann@example.org,FALSE\n", importer.Options{}))
	_, err := try(w, "ann@example.org", good, "")
	raises(t, "after a file that says that she is not locked", err, "sign-in-failed")
}

// TestTenThousandWrongPasswords: the work for them is bounded, whether or not there is such
// a user, and wherever they come from.
func TestTenThousandWrongPasswords(t *testing.T) {
	for _, address := range []string{"ann@example.org", "nobody@example.org"} {
		w := staffed(t)
		hashes := access.CountHashes(t)
		for i := range 10_000 {
			c := access.Credentials{Address: address, Password: "wrong", From: netip.AddrFrom4([4]byte{198, 51, byte(i >> 8), byte(i)})}
			if _, err := w.Access.SignIn(ctx, c); !access.SignInFailed.Is(err) && !access.SignInTooOften.Is(err) {
				t.Fatal(err)
			}
		}
		if *hashes != access.DefaultLimits.Account {
			t.Errorf("%s: %d hashes", address, *hashes)
		}
		_, err := try(w, address, good, "")
		raises(t, "the right one, afterwards", err, "sign-in-too-often")
		if n := entries(t, w, "ann@example.org", "sign-in failed"); n > access.DefaultLimits.Account+1 {
			t.Errorf("%s: %d entries in the history", address, n)
		}
		w.Now = w.Now.Add(16 * time.Minute)
		if address == "ann@example.org" {
			signIn(w, address)
		}
	}
}

// entries counts those of an action in the history of a user.
func entries(t *testing.T, w *importertest.World, address, action string) (n int) {
	t.Helper()
	err := w.Directory.History(ctx, importertest.Operator, address, func(e directory.Entry) error {
		if e.Action == action {
			n++
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestManyUsersFromOnePlace: whoever tries one password on everybody is stopped too, in
// another process as well.
func TestManyUsersFromOnePlace(t *testing.T) {
	w := staffed(t)
	w.Access.Limits.Client = 5
	other := *w.Access
	other.Store = w.Another().Store.(access.Store)
	from := func(s *access.Service, address, client string) error {
		_, err := s.SignIn(ctx, access.Credentials{Address: address, Password: good, From: netip.MustParseAddr(client)})
		return err
	}
	for range 20 { // good ones do not count
		if err := from(w.Access, "ann@example.org", "2001:db8:1:2::1"); err != nil {
			t.Fatal(err)
		}
	}
	for i, s := range []*access.Service{w.Access, &other, w.Access, &other, w.Access} {
		raises(t, "wrong", from(s, "nobody"+string(rune('a'+i))+"@example.org", "2001:db8:1:2::"+string(rune('1'+i))), "sign-in-failed")
	}
	raises(t, "from the same place", from(&other, "ann@example.org", "2001:db8:1:2:ffff::9"), "sign-in-too-often")
	raises(t, "from another", from(&other, "ann@example.org", "2001:db8:1:3::9"), "")
	raises(t, "from an unknown one", signInFromNowhere(w), "")
}

func signInFromNowhere(w *importertest.World) error {
	_, err := w.Access.SignIn(ctx, access.Credentials{Address: "ann@example.org", Password: good})
	return err
}

// TestAttemptsAtTheSameMoment are counted before the work is done, so no more are
// hashed than one after the other.
func TestAttemptsAtTheSameMoment(t *testing.T) {
	w := staffed(t)
	refused := make(chan bool)
	for range 50 {
		go func() {
			_, err := try(w, "nobody@example.org", "wrong", "")
			refused <- access.SignInTooOften.Is(err)
		}()
	}
	n := 0
	for range 50 {
		if <-refused {
			n++
		}
	}
	if n != 50-access.DefaultLimits.Account {
		t.Errorf("%d of 50 are turned away", n)
	}
}

// TestManyAtOnce: a hash takes 19 MiB, so however many sign in, no more are made at the same
// moment than there are cores; and a user who comes in over and over has 50 sessions.
func TestManyAtOnce(t *testing.T) {
	w := staffed(t)
	withPassword(w, "cleo@example.org")
	w.Access.Gate, w.Access.Limits = password.NewGate(), access.Limits{Account: 1000, Client: 1000}
	w.Access.Gate.Patience = time.Hour
	most := access.CountAtOnce(t)
	var all sync.WaitGroup
	var in atomic.Int64
	for i := range 200 {
		address, plain := "ann@example.org", secret.Text(good)
		if i%4 == 3 {
			address, plain = "cleo@example.org", "wrong"
		}
		all.Go(func() {
			if _, err := try(w, address, plain, ""); err == nil {
				in.Add(1)
			}
		})
	}
	all.Wait()
	if n, cores := most(), runtime.GOMAXPROCS(0); n < 1 || n > cores {
		t.Errorf("%d at the same moment, on %d cores", n, cores)
	}
	if n := len(sessions(t, w, importertest.Operator, "ann@example.org")); in.Load() != 150 || n != 50 {
		t.Errorf("%d are let in, and %d sessions are there", in.Load(), n)
	}
}

// TestBusy: whoever was turned away because others were before them has not failed.
func TestBusy(t *testing.T) {
	w := staffed(t)
	w.Access.Gate = password.NewGate()
	full, release := make(chan struct{}), make(chan struct{})
	var all sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		all.Go(func() { w.Access.Gate.First(ctx, func() { full <- struct{}{}; <-release }) })
		<-full
	}
	w.Access.Gate.Patience = time.Nanosecond
	for range 2 * access.DefaultLimits.Account {
		_, err := try(w, "ann@example.org", good, "")
		raises(t, "while all cores are taken", err, "password-busy")
	}
	close(release)
	all.Wait()
	w.Access.Gate.Patience = time.Minute
	signIn(w, "ann@example.org")
}

// TestWhatIsTypedIsNotKept: what people type as their address may be their password.
func TestWhatIsTypedIsNotKept(t *testing.T) {
	w := staffed(t)
	const typed = "zebra-crossing-77@example.org"
	s := signIn(w, "ann@example.org")
	try(w, typed, "walrus-moustache-5", "912873")
	try(w, "ann@example.org", "walrus-moustache-5", "912873")
	for place, content := range importertest.Kept(t, w.Database) {
		for _, text := range []string{typed, "walrus-moustache", "912873", good, s.Plain.Reveal()} {
			if strings.Contains(strings.ToLower(string(content)), strings.ToLower(text)) {
				t.Errorf("%q is in %s", text, place)
			}
		}
	}
}

func TestHistoryOfSigningIn(t *testing.T) {
	w := staffed(t)
	try(w, "ann@example.org", "wrong", "")
	s := signIn(w, "ann@example.org")
	if err := w.Access.SignOut(ctx, s); err != nil {
		t.Fatal(err)
	}
	var got []string
	err := w.Directory.History(ctx, importertest.Operator, "ann@example.org", func(e directory.Entry) error {
		text := e.Action + " by " + e.Actor + " " + e.Door
		for _, c := range e.Changes {
			text += " " + c.Field + "=" + c.New
		}
		got = append(got, text)
		return nil
	})
	want := []string{"sign-out by ann@example.org console", "sign-in by ann@example.org console client=192.0.2.7",
		"sign-in failed by ann@example.org console reason=wrong password client=192.0.2.7"}
	if err != nil || strings.Join(got[:3], "\n") != strings.Join(want, "\n") {
		t.Errorf("%v, %q", err, got)
	}
}
