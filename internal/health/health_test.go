package health_test

import (
	"context"
	"errors"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"muster/internal/health"
)

func TestAnswers(t *testing.T) {
	var reason error
	h := health.Handler(func(context.Context) error { return reason })
	for _, c := range []struct {
		method, path string
		ready        error
		status       int
		body         string
	}{
		{"GET", "/healthz", nil, 200, `{"alive":true}`},
		{"GET", "/healthz", errors.New("no database"), 200, `{"alive":true}`},
		{"HEAD", "/readyz", nil, 200, ``},
		{"GET", "/readyz", nil, 200, `{"ready":true}`},
		{"GET", "/readyz", errors.New("no database"), 503, `{"ready":false,"reason":"no database"}`},
		{"POST", "/readyz", nil, 405, `Method Not Allowed`},
		{"GET", "/", nil, 404, `404 page not found`},
	} {
		reason = c.ready
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(c.method, c.path, nil))
		if got := strings.TrimSpace(w.Body.String()); w.Code != c.status || c.method != "HEAD" && got != c.body {
			t.Errorf("%s %s, %v: %d %s", c.method, c.path, c.ready, w.Code, got)
		}
	}
}

// TestADatabaseThatDoesNotAnswer is told of before whoever asks gives up.
func TestADatabaseThatDoesNotAnswer(t *testing.T) {
	h := health.Handler(func(ctx context.Context) error { <-ctx.Done(); return errors.New("the database does not answer") })
	w, began := httptest.NewRecorder(), time.Now()
	h.ServeHTTP(w, httptest.NewRequest("GET", "/readyz", nil))
	if took := time.Since(began); w.Code != 503 || took > 5*time.Second {
		t.Errorf("%d after %v", w.Code, took)
	}
}
