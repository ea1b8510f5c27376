package health_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
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

// TestServedUntilTheEnd: a question that was asked before the end is answered.
func TestServedUntilTheEnd(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	asked, ctx := make(chan struct{}), context.Background()
	ctx, stop := context.WithCancel(ctx)
	h := health.Handler(func(context.Context) error { close(asked); stop(); <-ctx.Done(); return nil })
	ended := make(chan error, 1)
	go func() { ended <- health.Serve(ctx, l, h) }()
	answer, err := http.Get("http://" + l.Addr().String() + "/readyz")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	<-asked
	if body, err := io.ReadAll(answer.Body); err != nil || answer.StatusCode != 200 {
		t.Errorf("%d %s, %v", answer.StatusCode, body, err)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
