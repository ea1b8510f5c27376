package manual

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"muster/internal/access"
	"muster/internal/api"
	"muster/internal/app"
	"muster/internal/config"
	"muster/internal/directory"
)

// cutRequest takes a request of the table apart.
func cutRequest(request string) (method, path, body string) {
	parts := strings.SplitN(request, " ", 3)
	return parts[0], parts[1], strings.Join(parts[2:], "")
}

// server is the API over the database of a desk, and what everybody shows to it: a token
// or a session. "nobody" shows none, "expired" a token that has expired.
type server struct {
	*httptest.Server
	shows map[string]func(*http.Request)
	ids   *strings.Replacer
}

// serve serves the database of a desk. Administrators come with tokens; users of RX1
// sign in, and then the account of one of them is locked.
func serve(t *testing.T, d desk) *server {
	t.Helper()
	c, _, err := config.Load(d.env())
	if err != nil {
		t.Fatal(err)
	}
	a, err := app.New(context.Background(), c, false)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close() })
	doors, err := a.Handler(slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	s := &server{httptest.NewServer(doors), map[string]func(*http.Request){"nobody": func(*http.Request) {}}, nil}
	t.Cleanup(s.Close)
	d.must("user unlock locked@example.org")
	s.ids = idsOf(t, a, d, signedIn(t, a, "leo").ID.String())
	for _, role := range directory.RoleNames() {
		s.shows[role] = token(t, a.Access, role, "RX1", role, time.Time{})
	}
	s.shows["other"] = token(t, a.Access, "Super", "RX2", "other", time.Time{})
	past := *a.Access
	past.Now = func() time.Time { return time.Now().Add(-48 * time.Hour) }
	s.shows["expired"] = token(t, &past, "Super", "RX1", "expired", time.Now().Add(-time.Hour))
	for _, who := range []string{"user", "locked", "former"} {
		session := signedIn(t, a, who)
		s.shows[who] = func(r *http.Request) { r.AddCookie(&http.Cookie{Name: "__Host-muster", Value: session.Plain.Reveal()}) }
	}
	d.must("user lock locked@example.org")
	return s
}

func token(t *testing.T, a *access.Service, role, org, name string, expires time.Time) func(*http.Request) {
	t.Helper()
	_, plain, err := a.AddToken(context.Background(), directory.Operator("test"), access.NewToken{Name: name, Role: role, Org: org, Expires: expires})
	if err != nil {
		t.Fatal(err)
	}
	return func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+plain.Reveal()) }
}

// signedIn gives a user a password, with which they sign in.
func signedIn(t *testing.T, a *app.App, who string) *access.Session {
	t.Helper()
	const password = "correct-battery-staple"
	wish := &directory.Record{Password: password}
	wish.Values[directory.Address] = actorOf(who)
	if _, _, err := a.Directory.SetUser(context.Background(), directory.Operator("test"), wish); err != nil {
		t.Fatal(err)
	}
	session, err := a.Access.SignIn(context.Background(), access.Credentials{Address: actorOf(who), Password: password})
	if err != nil {
		t.Fatal(who, err)
	}
	return session
}

// idsOf puts ids in place of the words of the table.
func idsOf(t *testing.T, a *app.App, d desk, session string) *strings.Replacer {
	t.Helper()
	groups, err := a.Directory.Groups(context.Background(), directory.Operator("test"), "RX1")
	if err != nil {
		t.Fatal(err)
	}
	pairs := []string{"TOKEN", tokenOf(d), "SESSION", session}
	for _, g := range groups {
		pairs = append(pairs, strings.ToUpper(g.Path), g.ID.String())
	}
	return strings.NewReplacer(pairs...)
}

// ask sends a request, in somebody's name, and returns its status and answer. What
// would change something is only tried.
func (s *server) ask(t *testing.T, request, who string) (int, string) {
	t.Helper()
	method, path, body := cutRequest(request)
	path = s.ids.Replace(path)
	kind := "application/json"
	if strings.HasSuffix(body, ".csv") {
		content, err := os.ReadFile(body)
		if err != nil {
			t.Fatal(err)
		}
		body, kind = string(content), "application/octet-stream"
	}
	if method != http.MethodGet {
		path += map[bool]string{true: "&", false: "?"}[strings.Contains(path, "?")] + "dry_run=true"
	}
	r, err := http.NewRequest(method, s.URL+"/api/v1"+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", kind)
	s.shows[who](r)
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(answer)
}

func TestEveryRoleAgainstEveryOperation(t *testing.T) {
	d := prepared(t)
	secret := passwordOf(d)
	s := serve(t, d)
	before := everything(d)
	for _, o := range operations(t) {
		for _, request := range o.requests {
			for _, who := range []string{"nobody", "expired"} {
				if status, answer := s.ask(t, request, who); status != http.StatusUnauthorized {
					t.Errorf("%s by %s: %d %s", request, who, status, answer)
				}
			}
			for who, may := range o.may {
				t.Run(request+" by "+who, func(t *testing.T) {
					status, answer := s.ask(t, request, who)
					done := status < 300
					if o.prints != "" {
						done = done && strings.Contains(answer, strings.Replace(o.prints, generated, secret, 1))
					}
					if done != may {
						t.Errorf("done: %v, want %v; status %d, %s", done, may, status, answer)
					}
					if status >= 300 && status != 401 && status != 403 && status != 404 && !refusal(answer) {
						t.Errorf("refused for another reason: %d %s", status, answer)
					}
				})
			}
		}
	}
	if after := everything(d); after != before {
		t.Errorf("requests that were only tried have changed\n%s\nto\n%s", before, after)
	}
}

// everything is what requests that are only tried might change.
func everything(d desk) (all string) {
	for _, line := range []string{"user list", "group list", "org list", "domain list", "attribute list", "formats list", "imports", "show 2 --rows"} {
		all += d.must(line + " --json")
	}
	return all
}

var parameter = regexp.MustCompile(`\{[a-z]+\}`)

// forOneself is what everybody does for themselves alone, once they have shown who they
// are; internal/api/sessions_test.go and notifications_test.go try it.
var forOneself = []string{"sign-in", "sign-out", "set-own-password", "begin-second-factor", "confirm-second-factor", "new-recovery-codes", "remove-own-second-factor", "make-first-master", "read-notification"}

func TestEveryOperationHasARow(t *testing.T) {
	for _, o := range api.Operations() {
		if slices.Contains(forOneself, o.ID) {
			continue
		}
		fits := regexp.MustCompile("^" + parameter.ReplaceAllString(o.Path, `[^/?]+`) + `(\?.*)?$`)
		has := slices.ContainsFunc(operations(t), func(row operation) bool {
			return slices.ContainsFunc(row.requests, func(request string) bool {
				method, path, _ := cutRequest(request)
				return method == o.Method && fits.MatchString(path)
			})
		})
		if !has {
			t.Errorf("%s %s has no row in the table", o.Method, o.Path)
		}
	}
}
