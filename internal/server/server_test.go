package server_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"

	"muster/client"
	"muster/internal/server"
)

// log is what a server has written, line by line.
type log struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *log) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// lines are the lines of a message.
func (l *log) lines(t *testing.T, message string) (found []map[string]any) {
	t.Helper()
	for line := range strings.Lines(l.String()) {
		one := map[string]any{}
		if err := json.Unmarshal([]byte(line), &one); err != nil {
			t.Fatalf("the log has %q: %v", line, err)
		}
		if one["msg"] == message {
			found = append(found, one)
		}
	}
	return found
}

// made is a server of some settings, with a few doors, and its log.
func made(t *testing.T, c server.Config) (*server.Server, *log) {
	t.Helper()
	l := &log{}
	c.Log = slog.New(slog.NewJSONHandler(l, nil))
	s, err := server.New(c)
	if err != nil {
		t.Fatal(err)
	}
	s.Handle("/hello/{name}", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		server.SetActor(r.Context(), "anna@example.org")
		fmt.Fprintf(w, "%s %v", server.Client(r.Context()), server.Secure(r.Context()))
	}))
	s.Handle("POST /size", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n, err := io.Copy(io.Discard, r.Body)
		fmt.Fprint(w, n, err)
	}))
	s.Handle("POST /upload", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n, err := io.Copy(io.Discard, server.Upload(w, r, 3<<20))
		fmt.Fprint(w, n, err)
	}))
	s.Handle("POST /own", server.OwnLimits(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n, err := io.Copy(io.Discard, r.Body)
		fmt.Fprint(w, n, err)
	})))
	s.Handle("GET /panic", http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("password=Quartz-9") }))
	s.Handle("GET /half", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, "half")
		panic(errors.New("password=Quartz-9"))
	}))
	s.Handle("GET /index", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		list := []int{}
		fmt.Fprint(w, list[len(r.URL.Path)])
	}))
	return s, l
}

// ask asks as from an address.
func ask(s *server.Server, from, method, target string, head ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, nil)
	r.RemoteAddr = from + ":4711"
	if strings.Contains(from, ":") {
		r.RemoteAddr = "[" + from + "]:4711"
	}
	for i := 0; i < len(head); i += 2 {
		r.Header.Add(head[i], head[i+1])
	}
	w := httptest.NewRecorder()
	s.Handler().ServeHTTP(w, r)
	return w
}

// Who asks is told by proxies that are trusted, and by nobody else.
func TestWhoAsks(t *testing.T) {
	const proxy, other = "10.0.0.7", "192.0.2.9"
	trusted := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("2001:db8::/32")}
	for _, c := range []struct {
		header, from string
		head         []string
		want         string
	}{
		{server.ForwardedFor, other, []string{"X-Forwarded-For", "198.51.100.1"}, other},
		{server.ForwardedFor, proxy, []string{"X-Forwarded-For", "198.51.100.1"}, "198.51.100.1"},
		{server.ForwardedFor, proxy, []string{"X-Forwarded-For", "127.0.0.1, 198.51.100.1"}, "198.51.100.1"}, // the first is the client's own invention
		{server.ForwardedFor, proxy, []string{"X-Forwarded-For", "198.51.100.1, 10.1.1.1"}, "198.51.100.1"},
		{server.ForwardedFor, proxy, []string{"X-Forwarded-For", "198.51.100.1", "X-Forwarded-For", "10.1.1.1"}, "198.51.100.1"},
		{server.ForwardedFor, proxy, []string{"X-Forwarded-For", "10.2.2.2"}, "10.2.2.2"},
		{server.ForwardedFor, proxy, []string{"X-Forwarded-For", "nonsense"}, proxy},
		{server.ForwardedFor, proxy, []string{"X-Forwarded-For", "198.51.100.1, nonsense, 10.1.1.1"}, "10.1.1.1"},
		{server.ForwardedFor, proxy, nil, proxy},
		{server.ForwardedFor, proxy, []string{"Forwarded", "for=198.51.100.1"}, proxy},
		{server.ForwardedFor, proxy, []string{"X-Forwarded-For", "198.51.100.1:80"}, "198.51.100.1"},
		{server.ForwardedFor, proxy, []string{"X-Forwarded-For", "[2001:db9::1]:80"}, "2001:db9::1"},
		{server.ForwardedFor, proxy, []string{"X-Forwarded-For", "::ffff:198.51.100.1"}, "198.51.100.1"},
		{server.ForwardedFor, "::ffff:10.0.0.7", []string{"X-Forwarded-For", "198.51.100.1"}, "198.51.100.1"},
		{server.ForwardedFor, "2001:db8::1", []string{"X-Forwarded-For", "2001:db9::1"}, "2001:db9::1"},
		{server.Forwarded, proxy, []string{"Forwarded", `for=198.51.100.1;proto=https, For="[2001:db8::2]:4711"`}, "198.51.100.1"},
		{server.Forwarded, proxy, []string{"Forwarded", "for=_hidden"}, proxy},
		{server.Forwarded, proxy, []string{"Forwarded", "proto=https"}, proxy},
		{server.Forwarded, proxy, []string{"X-Forwarded-For", "198.51.100.1"}, proxy},
	} {
		s, l := made(t, server.Config{Proxies: trusted, ProxyHeader: c.header})
		if got := ask(s, c.from, "GET", "/hello/x", c.head...).Body.String(); got != c.want+" false" {
			t.Errorf("%s from %s with %q is %q, want %s", c.header, c.from, c.head, got, c.want)
		}
		if client := l.lines(t, "request")[0]["client"]; client != c.want {
			t.Errorf("the log says %v, want %s", client, c.want)
		}
	}
}

// The id of a request is a trusted proxy's where it has the form of one, else our own.
func TestTheIDOfARequest(t *testing.T) {
	s, l := made(t, server.Config{Proxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.7/32")}, ProxyHeader: server.ForwardedFor})
	for _, c := range []struct {
		from, id string
		taken    bool
	}{
		{"10.0.0.7", "abcd-1234.x_y", true}, {"192.0.2.9", "abcd-1234.x_y", false},
		{"10.0.0.7", "short", false}, {"10.0.0.7", strings.Repeat("x", 65), false}, {"10.0.0.7", "abcd\r\nSet-Cookie: a=b", false}, {"10.0.0.7", "", false},
	} {
		w := ask(s, c.from, "GET", "/hello/x", "X-Request-Id", c.id)
		got := w.Header().Get("X-Request-Id")
		lines := l.lines(t, "request")
		if (got == c.id) != c.taken || len(got) < 8 || lines[len(lines)-1]["request"] != got || w.Header().Get("Set-Cookie") != "" {
			t.Errorf("%q from %s became %q", c.id, c.from, got)
		}
	}
}

// A line of the log tells of a request what is no secret.
func TestTheLogHasNoSecrets(t *testing.T) {
	s, l := made(t, server.Config{})
	ask(s, "192.0.2.9", "GET", "/hello/token-Quartz-9?token=Quartz-9", "Authorization", "Bearer Quartz-9", "Cookie", "session=Quartz-9", "Referer", "https://example.org/?Quartz-9", "User-Agent", "Quartz-9")
	ask(s, "192.0.2.9", "GET", "/nothing/Quartz-9")
	ask(s, "192.0.2.9", "Quartz-9", "/hello/x")
	ask(s, "192.0.2.9", "GET", "/panic")
	ask(s, "192.0.2.9", "GET", "/index")
	if strings.Contains(l.String(), "Quartz-9") {
		t.Errorf("the log tells a secret:\n%s", l)
	}
	var got []string
	for _, line := range l.lines(t, "request") {
		got = append(got, fmt.Sprint(line["method"], " ", line["route"], " ", line["status"], " ", line["actor"]))
		if line["seconds"] == nil || line["bytes"] == nil || line["time"] == nil {
			t.Errorf("a line lacks something: %v", line)
		}
	}
	want := []string{"GET /hello/{name} 200 anna@example.org", "GET none 404 ", "other /hello/{name} 200 anna@example.org", "GET /panic 500 ", "GET /index 500 "}
	if !slices.Equal(got, want) {
		t.Errorf("the log has %q, want %q", got, want)
	}
}

// A door that panics is a 500 with the id under which the log tells more.
func TestPanics(t *testing.T) {
	s, l := made(t, server.Config{})
	w := ask(s, "192.0.2.9", "GET", "/panic")
	var problem struct {
		Status        int
		Code, Request string
	}
	if err := json.Unmarshal(w.Body.Bytes(), &problem); err != nil || w.Code != 500 || problem.Code != "fault" || problem.Request != w.Header().Get("X-Request-Id") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	faults := l.lines(t, "a fault of Muster itself")
	if len(faults) != 1 || faults[0]["request"] != problem.Request || faults[0]["fault"] != "string" || !strings.Contains(fmt.Sprint(faults[0]["at"]), "server_test.made") {
		t.Errorf("the log tells %v", faults)
	}
	ask(s, "192.0.2.9", "GET", "/index")
	if faults = l.lines(t, "a fault of Muster itself"); !strings.Contains(fmt.Sprint(faults[1]["fault"]), "index out of range") {
		t.Errorf("the log tells %v", faults[1])
	}
	at := serving(t, s)
	answer, err := http.Get("http://" + at + "/half")
	if err == nil {
		_, err = io.ReadAll(answer.Body)
		answer.Body.Close()
	}
	if err == nil {
		t.Error("half an answer was taken for a whole one")
	}
}

// Every answer bears the headers, also one of no door.
func TestHeaders(t *testing.T) {
	for public, secure := range map[string]bool{"": false, "http://muster.example.org": false, "https://muster.example.org": true} {
		s, _ := made(t, server.Config{PublicURL: public})
		for _, path := range []string{"/hello/x", "/nothing", "/panic"} {
			h := ask(s, "192.0.2.9", "GET", path).Header()
			if !strings.Contains(h.Get("Content-Security-Policy"), "frame-ancestors 'none'") || h.Get("X-Content-Type-Options") != "nosniff" ||
				h.Get("Referrer-Policy") != "same-origin" || (h.Get("Strict-Transport-Security") != "") != secure {
				t.Errorf("%s at %q has %v", path, public, h)
			}
		}
	}
}

// What a page of another origin sends changes nothing; what comes from our own, from the
// public URL or from a program does.
func TestPagesOfOthers(t *testing.T) {
	s, _ := made(t, server.Config{PublicURL: "https://muster.example.org/console"})
	for _, c := range []struct {
		method string
		head   []string
		want   int
	}{
		{"POST", []string{"Sec-Fetch-Site", "cross-site"}, 403},
		{"POST", []string{"Sec-Fetch-Site", "same-site"}, 403},
		{"POST", []string{"Origin", "https://evil.example"}, 403},
		{"POST", []string{"Origin", "null"}, 403},
		{"DELETE", []string{"Origin", "https://evil.example"}, 403},
		{"GET", []string{"Origin", "https://evil.example", "Sec-Fetch-Site", "cross-site"}, 200},
		{"POST", []string{"Origin", "https://muster.example.org", "Sec-Fetch-Site", "cross-site"}, 200},
		{"POST", []string{"Sec-Fetch-Site", "same-origin"}, 200},
		{"POST", nil, 200},
	} {
		if got := ask(s, "192.0.2.9", c.method, "/hello/x", c.head...); got.Code != c.want {
			t.Errorf("%s with %q: %d, want %d", c.method, c.head, got.Code, c.want)
		}
	}
	for _, public := range []string{"https://", "https:///x", "ftp//x"} {
		if _, err := server.New(server.Config{PublicURL: public}); err == nil || !strings.Contains(err.Error(), "public_url") {
			t.Errorf("%q is taken as public URL: %v", public, err)
		}
	}
}

// serving serves on a port of its own until the test ends.
func serving(t *testing.T, s *server.Server) (at string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(ctx, l) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return l.Addr().String()
}

// What is larger than it may be is not read to its end.
func TestTooLarge(t *testing.T) {
	s, _ := made(t, server.Config{})
	at := serving(t, s)
	for _, c := range []struct {
		path string
		size int
		want string
	}{
		{"/size", 1 << 20, "1048576 <nil>"}, {"/size", 1<<20 + 1, "1048576 http: request body too large"},
		{"/own", 4 << 20, "4194304 <nil>"},
		{"/upload", 3 << 20, "3145728 <nil>"}, {"/upload", 3<<20 + 1, "3145728 http: request body too large"},
	} {
		answer, err := http.Post("http://"+at+c.path, "text/plain", bytes.NewReader(make([]byte, c.size)))
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(answer.Body)
		answer.Body.Close()
		if err != nil || string(got) != c.want {
			t.Errorf("%s with %d: %s, want %s (%v)", c.path, c.size, got, c.want, err)
		}
	}
	large, err := http.NewRequest("GET", "http://"+at+"/hello/x", nil)
	if err != nil {
		t.Fatal(err)
	}
	large.Header.Set("X-Large", strings.Repeat("x", 30<<10))
	answer, err := http.DefaultClient.Do(large)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if answer.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
		t.Errorf("large headers: %d", answer.StatusCode)
	}
}

// TestProblems: what no door answers, and what the server itself refuses, is told as a door would.
func TestProblems(t *testing.T) {
	s, _ := made(t, server.Config{})
	s.Handle("GET /numbers", server.OnlyHere("https://muster.example.org", http.NotFoundHandler()))
	for _, c := range []struct {
		method, path string
		head         []string
		status       int
		code         string
	}{
		{"GET", "/", nil, 404, "path-unknown"}, {"GET", "/nothing", nil, 404, "path-unknown"}, {"HEAD", "/nothing", nil, 404, "path-unknown"}, {"PUT", "/size", nil, 405, "path-unknown"},
		{"GET", "//hello/x", nil, 404, "path-unknown"}, {"GET", "/hello//x", nil, 404, "path-unknown"}, {"GET", "/hello/../hello/x", nil, 404, "path-unknown"},
		{"POST", "/hello/x", []string{"Origin", "https://evil.example"}, 403, "cross-origin"},
		{"GET", "/panic", nil, 500, "fault"}, {"GET", "/numbers", nil, 403, "not-here"},
	} {
		w := ask(s, "192.0.2.9", c.method, c.path, c.head...)
		p := client.Problem{}
		if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil || w.Code != c.status || w.Header().Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s %s: %d %s (%v)", c.method, c.path, w.Code, w.Body, err)
			continue
		}
		if p.Type != "about:blank" || p.Title != http.StatusText(c.status) || p.Status != c.status || p.Code != c.code || p.Detail == "" || p.Suggestion == "" || p.Request != w.Header().Get("X-Request-Id") ||
			len(p.Errors) != 1 || p.Errors[0].Code != c.code || p.Errors[0].Suggestion != p.Suggestion || (c.status == 405) != (w.Header().Get("Allow") != "") {
			t.Errorf("%s %s: %+v", c.method, c.path, p)
		}
	}
	for _, path := range []string{"/hello/x", "/hello/a%2f%2fb", "/hello/a..b"} {
		if w := ask(s, "192.0.2.9", "GET", path); w.Code != 200 {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
}
