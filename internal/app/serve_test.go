package app

import (
	"context"
	"log/slog"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"muster/internal/access"
	"muster/internal/importer/importertest"
	"muster/internal/secret"
)

// Attempts to sign in are counted by how they ended.
func TestSignInsAreCounted(t *testing.T) {
	c, _ := settings(t, "MUSTER_LISTEN=127.0.0.1:0", "MUSTER_HASHING_MEMORY_MIB=1")
	a, ctx := open(t, c, true), context.Background()
	w := &importertest.World{T: t, Directory: a.Directory}
	w.Domain("example.org", "MASTER")
	w.Add("ann@example.org", "MASTER")
	ann := importertest.Record("address", "ann@example.org")
	ann.Password = annsPassword
	if _, _, err := a.Directory.SetUser(ctx, operator, ann); err != nil {
		t.Fatal(err)
	}
	s, err := a.newServing(slog.New(slog.DiscardHandler), a.served)
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	for _, password := range []string{annsPassword, "wrong-quartz-43", "wrong-quartz-44"} {
		_, _ = a.Access.SignIn(ctx, access.Credentials{Address: "ann@example.org", Password: secret.Text(password), From: netip.MustParseAddr("192.0.2.1")})
	}
	r, answer := httptest.NewRequest("GET", "/metrics", nil), httptest.NewRecorder()
	r.RemoteAddr = "127.0.0.1:4711"
	s.open[0].server.Handler().ServeHTTP(answer, r)
	for _, want := range []string{`muster_sign_ins_total{outcome="done"} 1`, `muster_sign_ins_total{outcome="refused"} 2`} {
		if !strings.Contains(answer.Body.String(), want) {
			t.Errorf("there is no %s in\n%s", want, answer.Body)
		}
	}
}
