package api

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"muster/internal/password"
)

// TestPage: with what it is made of it can be read, without that it says how to bring it;
// in neither case does it load anything from elsewhere.
func TestPage(t *testing.T) {
	whole := fstest.MapFS{}
	for _, name := range append(parts, "package.json") {
		whole[name] = &fstest.MapFile{Data: []byte("content of " + name)}
	}
	for _, c := range []struct {
		path   string
		files  fstest.MapFS
		status int
		body   string
	}{
		{"/api/", whole, 200, "content of index.html"},
		{"/api/start.js", whole, 200, "content of start.js"},
		{"/api/swagger-ui.css", whole, 200, "content of swagger-ui.css"},
		{"/api/package.json", whole, 404, "path-unknown"},
		{"/api/../api.go", whole, 404, "path-unknown"},
		{"/api/", fstest.MapFS{}, 200, "make assets"},
		{"/api/swagger-ui.css", fstest.MapFS{}, 404, "path-unknown"},
	} {
		w := httptest.NewRecorder()
		page(c.files).ServeHTTP(w, httptest.NewRequest("GET", c.path, nil))
		if w.Code != c.status || !strings.Contains(w.Body.String(), c.body) {
			t.Errorf("%s: %d %s", c.path, w.Code, w.Body)
		}
		if csp := w.Header().Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") || strings.Contains(csp, "http") || strings.Contains(csp, "unsafe") {
			t.Errorf("%s: %s", c.path, csp)
		}
	}
}

// The page of the link loads nothing but its own program.
func TestFirstMasterPage(t *testing.T) {
	w := httptest.NewRecorder()
	firstPage().ServeHTTP(w, httptest.NewRequest("GET", FirstMasterPage, nil))
	if w.Code != 200 || w.Header().Get("Content-Security-Policy") != policy || strings.Count(w.Body.String(), "<script") != 1 ||
		!strings.Contains(w.Body.String(), `<script src="/api/first-master.js">`) {
		t.Errorf("%d %v %s", w.Code, w.Header(), w.Body)
	}
	if rule := fmt.Sprintf("At least %d characters without blanks", password.DefaultPolicy().MinLength); !strings.Contains(w.Body.String(), rule) {
		t.Errorf("the page does not say %q", rule)
	}
}
