package api_test

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"muster/client"
	"muster/internal/access"
	"muster/internal/api"
	"muster/internal/directory"
	"muster/internal/importer"
	"muster/internal/importer/importertest"
)

// step is one operation that is tried, and then done.
type step struct {
	id, path, body string
	but            []string // fields that only come to be when it is done
	status         int      // 0: 200
}

// steps are all operations that change something, in an order in which each can be done.
var steps = []step{
	{id: "add-user", path: "/users", body: `{"address":"new@example.org","name":"New","org":"RX1","generate_password":true,"groups":["Wards"],"attributes":{"Floor":"2"}}`, but: []string{"password"}, status: 201},
	{id: "set-user", path: "/users/anna@example.org", body: `{"title":"Dr","first":"Anna","aliases":["a.b@example.org"],"groups":["Wards"],"delegates":["ben@example.org"],"attributes":{"Floor":"3"},"mailbox_gb":2,"pop":true}`},
	{id: "set-user", path: "/users/anna@example.org", body: `{"rename_to":"anne@example.org","clear":["title"],"remove_groups":["Wards"]}`},
	{id: "set-user", path: "/users/anne@example.org", body: `{"rename_to":"anna@example.org"}`},
	{id: "set-user", path: "/users/anna@example.org", body: `{"first":"Anna"}`}, // which is so already
	{id: "lock-user", path: "/users/anna@example.org/lock"},
	{id: "unlock-user", path: "/users/anna@example.org/unlock"},
	{id: "set-password", path: "/users/anna@example.org/password", body: `{"generate":true}`, but: []string{"password"}},
	{id: "add-delegate", path: "/users/anna@example.org/delegates/cleo@example.org"},
	{id: "delete-delegate", path: "/users/anna@example.org/delegates/cleo@example.org"},
	{id: "set-account", path: "/users/anna@example.org/accounts/email/a@b.example", body: bodies["set-account"]},
	{id: "delete-account", path: "/users/anna@example.org/accounts/email/a@b.example"},
	{id: "end-session", path: "/users/ben@example.org/sessions/{session}"},
	{id: "end-sessions", path: "/users/ben@example.org/sessions"},
	signingIn,
	{id: "mark-leaver", path: "/users/anna@example.org/leaver"},
	{id: "join-user", path: "/users/anna@example.org/join", body: `{}`},
	{id: "transfer-user", path: "/users/anna@example.org/transfer", body: `{"org":"RX1A"}`},
	{id: "delete-user", path: "/users/anna@example.org"},

	{id: "add-organisation", path: "/organisations", body: `{"code":"rx1b","parent":"RX1","settings":{"threshold_users":7}}`, status: 201},
	{id: "set-organisation", path: "/organisations/rx1b", body: `{"name":"Brook","settings":{"mailbox_max_gb":9,"policy":{"min_length":14}}}`},
	{id: "add-domain", path: "/domains", body: `{"name":"New.example","org":"RX1"}`, status: 201},
	{id: "set-domain", path: "/domains/new.example", body: `{"closed":true}`},
	{id: "delete-domain", path: "/domains/new.example"},
	{id: "delete-organisation", path: "/organisations/rx1b"},

	{id: "add-group", path: "/groups", body: `{"path":"wards/ Night  shift","org":"rx1"}`, status: 201},
	{id: "rename-group", path: "/groups/{Wards/Night shift}", body: `{"name":"Late"}`},
	{id: "move-group", path: "/groups/{Wards/Late}/move", body: `{"parent":""}`},
	{id: "add-member", path: "/groups/{Late}/members", body: `{"address":"Ben@example.org","note":"lead"}`},
	{id: "delete-member", path: "/groups/{Late}/members/Ben@example.org"},
	{id: "delete-group", path: "/groups/{Late}"},

	{id: "add-attribute", path: "/attributes", body: `{"name":"Shoe  size"}`},
	{id: "rename-attribute", path: "/attributes/shoe%20size", body: `{"name":"Size"}`},
	{id: "delete-attribute", path: "/attributes/size"},
	{id: "check-format", path: "/formats/check", body: `{"text":"name = \"own\""}`},
	{id: "guess-format", path: "/formats/guess?name=own", body: "E-mail\nx@example.org\n"},
	{id: "put-format", path: "/formats/muster?org=RX1", body: bodies["put-format"]},
	{id: "delete-format", path: "/formats/muster?org=RX1"},

	{id: "upload", path: "/imports?format=muster", body: "address,name\nx@example.org,X\nx@example.org,Y\n", but: []string{"import", "format", "kind", "rows"}, status: 202},
	{id: "set-row", path: "/imports/1/rows/2", body: `{"cells":{"address":"y@example.org"}}`},
	{id: "set-row", path: "/imports/1/rows/3", body: `{"cells":{"address":"none"}}`},
	{id: "leave-row-out", path: "/imports/1/rows/2/leave-out"},
	{id: "take-row-in", path: "/imports/1/rows/2/take-in"},
	{id: "apply", path: "/imports/1/apply"},
	{id: "resume", path: "/imports/2/resume"},
	{id: "undo", path: "/imports/1/undo"},
	{id: "cancel", path: "/imports/3/cancel"},

	{id: "read-notification", path: "/notifications/{notice}/read"},
	{id: "read-notifications", path: "/notifications/read"},
	{id: "add-token", path: "/tokens", body: `{"name":"other","role":"Basic","org":"RX1"}`, but: []string{"token"}, status: 201},
	{id: "revoke-token", path: "/tokens/{token}"},
	{id: "make-first-master", path: "/first-master", body: `{"link":"{link}","address":"first@first.example","name":"First","password":"` + password + `"}`, status: 201},
	{id: "begin-second-factor", path: "/session/second-factor", body: proof, but: []string{"secret", "uri"}},
	{id: "confirm-second-factor", path: "/session/second-factor/confirm", body: `{"code":"{code}"}`, but: []string{"codes"}},
	{id: "new-recovery-codes", path: "/session/second-factor/recovery-codes", body: proof, but: []string{"codes"}},
	{id: "remove-own-second-factor", path: "/session/second-factor/remove", body: proof},
	{id: "begin-second-factor", path: "/session/second-factor", body: proof, but: []string{"secret", "uri"}},
	{id: "confirm-second-factor", path: "/session/second-factor/confirm", body: `{"code":"{code}"}`, but: []string{"codes"}},
	{id: "remove-second-factor", path: "/users/ben@example.org/second-factor"},
	signingIn,
	{id: "set-own-password", path: "/session/password", body: `{"old":"` + password + `","new":"another-` + password + `"}`, but: []string{"session"}},
	{id: "sign-out", path: "/session"},
}

var signingIn = step{id: "sign-in", path: "/session", body: `{"address":"ben@example.org","password":"` + password + `"}`, but: []string{"session"}}

const proof = `{"password":"` + password + `","code":"{code}"}`

var (
	anID   = regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`)
	aTime  = regexp.MustCompile(`"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z"`)
	aValue = `":(\[[^\]]*\]|"[^"]*"|\d+)`
)

// bare is an answer without ids, times, and fields that only come to be when something is
// done.
func bare(answer string, but []string) string {
	for _, field := range but {
		answer = regexp.MustCompile(`"`+field+aValue+`,?`).ReplaceAllString(answer, "")
	}
	answer = strings.Replace(answer, `"updated_at":null`, `"updated_at":"TIME"`, 1) // of who is not yet
	return strings.ReplaceAll(aTime.ReplaceAllString(anID.ReplaceAllString(answer, "ID"), `"TIME"`), ",}", "}")
}

// TestADryRunAnswersWhatWouldBe: an operation that is tried answers what it then answers
// when it is done, and an operation that is not among the steps fails.
func TestADryRunAnswersWhatWouldBe(t *testing.T) {
	w := newWorld(t)
	w.Org("RX1A", "RX1")
	w.Group("RX1", "Wards")
	for _, name := range []string{"anna", "cleo"} {
		w.Add(name+"@example.org", "RX1")
	}
	link, err := w.Access.FirstLink(ctx)
	if err != nil {
		t.Fatal(err)
	}
	w.person("sam@example.org", "Super", password)
	w.person("ben@example.org", "Basic", password)
	sam, ben := &browser{world: w}, &browser{world: w}
	sam.signIn("sam@example.org", "", "")
	ben.signIn("ben@example.org", "", "")
	planner, err := w.Directory.Actor(ctx, "sam@example.org", access.TokenDoor)
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{"address,name\np@example.org,P\np@example.org,Q\nr@example,R\n", "address\ns@example.org\n", "address\nu@example.org\n"} {
		w.PlanAs(planner, file, importer.Options{Format: "muster", Org: "RX1"})
	}
	token, _, err := w.Access.AddToken(ctx, importertest.Operator, access.NewToken{Name: "old", Role: "Basic", Org: "RX1"})
	if err != nil {
		t.Fatal(err)
	}
	secret := ""
	for _, s := range steps {
		b := map[string]*browser{"/session": ben, "/notifications": sam}["/"+strings.SplitN(s.path, "/", 3)[1]]
		if strings.HasSuffix(s.path, "/undo") {
			follow(t, w.as("Super", "RX1"), 1)
		}
		w.Now = w.Now.Add(time.Minute) // a code counts once
		known := w.known(sam, "{token}", token.ID.String(), "{link}", link.Reveal())
		if strings.Contains(s.body, "{code}") {
			known = append(known, "{code}", map[bool]string{true: w.code(secret)}[secret != ""])
		}
		fill := strings.NewReplacer(known...).Replace
		tried, dry := w.do(b, s, fill, "dry_run=true")
		status, done := w.do(b, s, fill, "")
		if want := cmp.Or(s.status, 200); status != want || tried != want {
			t.Errorf("%s: tried %d %s, done %d %s", s.id, tried, dry, status, done)
		}
		if dry, done := bare(dry, s.but), bare(done, s.but); dry != done {
			t.Errorf("%s is tried as\n%s\nand done as\n%s", s.id, dry, done)
		}
		if _, rest, found := strings.Cut(done, `"secret":"`); found {
			secret, _, _ = strings.Cut(rest, `"`)
		}
	}
	for _, o := range api.Operations() {
		if o.Method != "GET" && !slices.ContainsFunc(steps, func(s step) bool { return s.id == o.ID }) {
			t.Errorf("%s is not tried", o.ID)
		}
	}
}

// do sends the request of a step, in a session or with the token of a Master.
func (w *world) do(b *browser, s step, fill func(string) string, query string) (int, string) {
	w.t.Helper()
	all := api.Operations()
	method := all[slices.IndexFunc(all, func(o api.Operation) bool { return o.ID == s.id })].Method
	path := fill(s.path) + map[bool]string{true: "&", false: "?"}[strings.Contains(s.path, "?")] + query
	kind := map[bool]string{true: "application/json", false: "text/csv"}[strings.HasPrefix(s.body, "{")]
	if b == nil {
		status, _, text := w.send(method, client.Root+path, w.token("Master", directory.Master), fill(s.body), "Content-Type", kind)
		return status, text
	}
	status, text, _ := b.open(method, path, fill(s.body), "Content-Type", kind)
	return status, text
}

// known are ids of what there is now, beside others, as pairs for the replacer.
func (w *world) known(b *browser, others ...string) []string {
	w.t.Helper()
	wants(w.t, "groups", b.client().Groups(ctx, "RX1", func(g *client.Group) error { others = append(others, "{"+g.Path+"}", g.ID); return nil }), 0, "")
	wants(w.t, "sessions", b.client().Sessions(ctx, "ben@example.org", func(s *client.Session) error { others = append(others, "{session}", s.ID); return nil }), 0, "")
	wants(w.t, "notices", b.client().Notifications(ctx, client.NotificationFilter{}, func(n *client.Notification) error { others = append(others, "{notice}", n.ID); return nil }), 0, "")
	return others
}
