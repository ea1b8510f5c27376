// Package server tells what muster serve and muster work do as servers: it drives the real
// program, over the wire.
package server

import (
	"bufio"
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"muster/test/desk"
)

func TestMain(m *testing.M) { desk.Main(m) }

// get asks for a path, and returns the status and the body.
func get(t *testing.T, c *http.Client, url string, head ...string) (int, string, http.Header) {
	t.Helper()
	r, err := http.NewRequest("GET", url, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(head); i += 2 {
		r.Header.Set(head[i], head[i+1])
	}
	answer, err := c.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(body), answer.Header
}

func furnished(t *testing.T) *desk.Desk {
	t.Helper()
	d := desk.New(t)
	d.Run("domain", "add", "example.org")
	return d
}

// authority signs certificates.
type authority struct {
	t    *testing.T
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	pool *x509.CertPool
}

func newAuthority(t *testing.T) *authority {
	a := &authority{t: t, pool: x509.NewCertPool()}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Test"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	key, der := a.sign(template, template, nil)
	a.key = key
	a.cert, _ = x509.ParseCertificate(der)
	a.pool.AddCert(a.cert)
	return a
}

func (a *authority) sign(template, parent *x509.Certificate, by *ecdsa.PrivateKey) (*ecdsa.PrivateKey, []byte) {
	a.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		a.t.Fatal(err)
	}
	if by == nil {
		by = key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, by)
	if err != nil {
		a.t.Fatal(err)
	}
	return key, der
}

// issue writes a certificate of a number and its key into the folder of a desk, each at once.
func (a *authority) issue(d *desk.Desk, number int64, valid time.Duration) {
	a.t.Helper()
	key, der := a.sign(&x509.Certificate{SerialNumber: big.NewInt(number), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(valid)}, a.cert, a.key)
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		a.t.Fatal(err)
	}
	for name, block := range map[string]*pem.Block{"tls.crt": {Type: "CERTIFICATE", Bytes: der}, "tls.key": {Type: "PRIVATE KEY", Bytes: secret}} {
		d.File(name+".new", string(pem.EncodeToMemory(block)))
		if err := os.Rename(filepath.Join(d.Folder, name+".new"), filepath.Join(d.Folder, name)); err != nil {
			a.t.Fatal(err)
		}
	}
}

// TestFirstLink: what is printed works on the machine itself, wherever Muster listens, or is where
// people reach it.
func TestFirstLink(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ listen, public, host string }{
		{"0.0.0.0:0", "", "localhost"}, {":0", "", "localhost"}, {"localhost:0", "", "localhost"}, {"127.0.0.1:0", "", "127.0.0.1"},
		{"0.0.0.0:0", "https://muster.example.org/", ""},
	} {
		s := furnished(t).Working("serve", "MUSTER_LISTEN="+c.listen, "MUSTER_PUBLIC_URL="+c.public)
		_, port, _ := net.SplitHostPort(s.At[desk.ForPeople])
		want := "http://" + c.host + ":" + port
		if c.public != "" {
			want = "https://muster.example.org"
		}
		if !strings.Contains(s.Log(), " "+want+"/first-master#") || strings.Contains(s.Log(), "works on this machine") != (c.host == "localhost" && c.listen != "localhost:0") {
			t.Errorf("%s, %s:\n%s", c.listen, c.public, s.Log())
		}
		if c.public != "" {
			continue
		}
		if status, _, _ := get(t, http.DefaultClient, want+"/first-master"); status != 200 {
			t.Errorf("%s answers %d", want, status)
		}
		s.Process.Process.Kill()
	}
}

// TestTLS: the certificate is served, and a renewed one without a new start; TLS 1.1 and
// plain text are refused.
func TestTLS(t *testing.T) {
	t.Parallel()
	d, a := furnished(t), newAuthority(t)
	a.issue(d, 101, time.Hour)
	s := d.Working("serve", "MUSTER_TLS_CERTIFICATE=tls.crt", "MUSTER_TLS_KEY=tls.key")
	if !strings.Contains(s.Log(), " https://"+s.At[desk.ForPeople]+"/first-master#") {
		t.Errorf("the link to the first Master is none to a server with TLS:\n%s", s.Log())
	}
	number := func(most uint16) (int64, error) {
		c, err := tls.Dial("tcp", s.At[desk.ForPeople], &tls.Config{RootCAs: a.pool, MinVersion: tls.VersionTLS10, MaxVersion: most})
		if err != nil {
			return 0, err
		}
		defer c.Close()
		return c.ConnectionState().PeerCertificates[0].SerialNumber.Int64(), nil
	}
	if n, err := number(tls.VersionTLS13); n != 101 || err != nil {
		t.Fatalf("the certificate is %d: %v", n, err)
	}
	if n, err := number(tls.VersionTLS12); n != 101 || err != nil {
		t.Errorf("by TLS 1.2 the certificate is %d: %v", n, err)
	}
	if _, err := number(tls.VersionTLS11); err == nil {
		t.Error("TLS 1.1 is spoken")
	}
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: a.pool}, ForceAttemptHTTP2: true}}
	status, _, head := get(t, client, "https://"+s.At[desk.ForPeople]+"/healthz")
	if status != 200 || head.Get("Strict-Transport-Security") == "" {
		t.Errorf("%d, %v", status, head)
	}
	if status, _, _ := get(t, http.DefaultClient, s.URL()+"/healthz"); status != 400 {
		t.Errorf("plain text is answered with %d", status)
	}
	d.File("tls.crt", "no certificate") // half of a renewal
	renewed := func(want int64) bool {
		n, err := number(tls.VersionTLS13)
		if err != nil {
			t.Fatal(err)
		}
		return n == want
	}
	for end := time.Now().Add(time.Minute); !strings.Contains(s.Log(), "the last one is kept") && time.Now().Before(end); {
		if !renewed(101) {
			t.Fatal("the last good certificate is not kept")
		}
	}
	a.issue(d, 102, time.Hour)
	for end := time.Now().Add(time.Minute); !renewed(102); {
		if time.Now().After(end) {
			t.Fatalf("the new certificate is not served:\n%s", s.Log())
		}
	}
	s.Stopped(syscall.SIGTERM, 30*time.Second)
}

// TestWithoutACertificate: one that cannot be read ends the server, and says which.
func TestWithoutACertificate(t *testing.T) {
	t.Parallel()
	d := furnished(t)
	d.File("tls.crt", "no certificate")
	for _, c := range []struct {
		env  []string
		want string
	}{
		{[]string{"MUSTER_TLS_CERTIFICATE=tls.crt", "MUSTER_TLS_KEY=missing.key"}, "missing.key"},
		{[]string{"MUSTER_TLS_CERTIFICATE=tls.crt"}, "tls_key"},
		{[]string{"MUSTER_TRUSTED_PROXIES=10.0.0.0/8,proxy.example.org"}, "proxy.example.org"},
		{[]string{"MUSTER_PUBLIC_URL=https:///nowhere"}, "public_url"},
	} {
		p := d.Command("serve")
		p.Env = append(append(p.Env, "MUSTER_LISTEN=127.0.0.1:0"), c.env...)
		said, err := p.CombinedOutput()
		if err == nil || !strings.Contains(string(said), c.want) {
			t.Errorf("%v: %v, %s", c.env, err, said)
		}
	}
}

// TestStoppedDuringAnImport: the server ends in time, at a border of a batch, and the
// next one finishes what it has begun.
func TestStoppedDuringAnImport(t *testing.T) {
	t.Parallel()
	d := furnished(t)
	d.Env = append(d.Env, "MUSTER_BATCH=50")
	d.File("people.csv", desk.People(20_000))
	d.Run("plan", "people.csv")
	s := d.Working("serve")
	d.Run("apply", "1", "--detach")
	d.Until("1", "created", 100)
	s.Stopped(syscall.SIGTERM, 30*time.Second)
	half := d.Show("1")
	if half.State != "applying" || half.Outcomes["created"] == 20_000 || half.Outcomes["created"]%50 != 0 {
		t.Fatalf("it was left as %+v, which is no test", half)
	}
	next := d.Working("serve")
	d.Until("1", "created", 20_000)
	next.Until(`"msg":"history sealed"`, time.Minute)
	next.Stopped(syscall.SIGTERM, 30*time.Second)
	d.Run("history", "seal")
	d.Run("history", "verify")
}

// TestSlowloris: who sends headers without end is cut off, while others are served.
func TestSlowloris(t *testing.T) {
	t.Parallel()
	s := furnished(t).Working("serve")
	var clients sync.WaitGroup
	for range 50 {
		clients.Go(func() {
			c, err := net.Dial("tcp", s.At[desk.ForPeople])
			if err != nil {
				t.Error(err)
				return
			}
			defer c.Close()
			if _, err := io.WriteString(c, "GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: "); err != nil {
				t.Error(err)
			}
			began := time.Now()
			c.SetReadDeadline(began.Add(30 * time.Second))
			if _, err := io.Copy(io.Discard, c); errors.Is(err, os.ErrDeadlineExceeded) {
				t.Errorf("after %v it is still connected", time.Since(began))
			}
		})
	}
	if status, _, _ := get(t, http.DefaultClient, s.URL()+"/readyz"); status != 200 {
		t.Errorf("beside slow clients it answers with %d", status)
	}
	clients.Wait()
}

// TestWhatIsLogged: a request is a line of JSON, in which no token is, wherever it came
// from; what a client writes into headers makes no line or header of its own.
func TestWhatIsLogged(t *testing.T) {
	t.Parallel()
	s := furnished(t).Working("serve")
	c, err := net.Dial("tcp", s.At[desk.ForPeople])
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	const secret = "mst_Quartz77Zephyr"
	const request = "GET /link/" + secret + "?token=" + secret + " HTTP/1.1\r\nHost: " + secret + "\r\nX-Request-Id: abcdefgh%0d%0aSet-Cookie:a=b\r\n" +
		"X-Forwarded-For: 198.51.100.77\r\nAuthorization: Bearer " + secret + "\r\nCookie: session=" + secret + "\r\nConnection: close\r\n\r\n"
	if _, err := io.WriteString(c, request); err != nil {
		t.Fatal(err)
	}
	answer, err := io.ReadAll(c)
	if err != nil || !bytes.HasPrefix(answer, []byte("HTTP/1.1 404")) || bytes.Contains(answer, []byte("Set-Cookie")) || bytes.Contains(answer, []byte(secret)) {
		t.Errorf("it answers %s (%v)", answer, err)
	}
	s.Until(`"msg":"request"`, time.Minute)
	s.Stopped(syscall.SIGTERM, 30*time.Second)
	if log := s.Log(); strings.Contains(log, "Quartz77") || strings.Contains(log, "198.51.100.77") || !strings.Contains(log, `"client":"127.0.0.1"`) || !strings.Contains(log, `"route":"none"`) {
		t.Errorf("the log is\n%s", log)
	}
}

// TestMetrics: the numbers are there for whoever asks on the machine itself, or at an
// address of their own, and nowhere else.
func TestMetrics(t *testing.T) {
	t.Parallel()
	d := furnished(t)
	d.File("people.csv", desk.People(100))
	d.Run("import", "people.csv", "--yes")
	s := d.Working("serve")
	s.Until(`"msg":"history sealed"`, time.Minute)
	at := s.URL() + "/metrics"
	get(t, http.DefaultClient, s.URL()+"/nothing/mst_Quartz77")
	status, text, _ := get(t, http.DefaultClient, at)
	if status != 200 || strings.Contains(text, "Quartz77") {
		t.Fatalf("%d %s", status, text)
	}
	for _, want := range []string{`muster_imports{state="applied"} 1`, "muster_import_rows_applied_total 100", "muster_queue_length 0", "muster_passwords_to_hash 0",
		"muster_database_up 1", `muster_http_requests_total{method="GET",route="none",status="404"} 1`, `muster_http_request_seconds_count{method="GET",route="none"} 1`, "muster_history_blocks 1", "muster_history_unsealed_entries 0", "muster_build_info", "go_goroutines", "process_resident_memory_bytes"} {
		if !strings.Contains(text, want) {
			t.Errorf("there is no %s in\n%s", want, text)
		}
	}
	for _, head := range []string{"X-Forwarded-For", "Forwarded", "Via", "X-Real-Ip"} {
		if status, _, _ := get(t, http.DefaultClient, at, head, "127.0.0.1"); status != 403 {
			t.Errorf("through a proxy, with %s: %d", head, status)
		}
	}
	public := d.Working("serve", "MUSTER_PUBLIC_URL=https://muster.example.org", "MUSTER_METRICS_LISTEN=127.0.0.1:0")
	if status, _, _ := get(t, http.DefaultClient, public.URL()+"/metrics"); status != 404 {
		t.Errorf("with an address of its own, it is answered elsewhere too: %d", status)
	}
	if status, text, _ := get(t, http.DefaultClient, "http://"+public.At["metrics"]+"/metrics"); status != 200 || !strings.Contains(text, "muster_imports") {
		t.Errorf("at its own address: %d %s", status, text)
	}
	for path, want := range map[string]int{"/healthz": 200, "/readyz": 200, "/api/openapi.yaml": 404, "/": 404} {
		if status, _, _ := get(t, http.DefaultClient, "http://"+public.At["metrics"]+path); status != want {
			t.Errorf("at the address of the numbers, %s: %d, want %d", path, status, want)
		}
	}
	open := d.Working("serve", "MUSTER_PUBLIC_URL=https://muster.example.org")
	if status, _, _ := get(t, http.DefaultClient, open.URL()+"/metrics"); status != 403 {
		t.Errorf("of a public server: %d", status)
	}
	public.Stopped(syscall.SIGTERM, 30*time.Second)
}

// TestWorkIsWatched: muster work tells how it is where a setting says, and answers nothing
// else, nowhere else; it ends as well as ever, and a second one needs an address of its own.
func TestWorkIsWatched(t *testing.T) {
	t.Parallel()
	d := furnished(t)
	d.File("people.csv", desk.People(100))
	d.Run("import", "people.csv", "--yes")
	s := d.Working("work", "MUSTER_METRICS_LISTEN=127.0.0.1:0")
	if len(s.At) != 1 || s.At["metrics"] == "" {
		t.Fatalf("it listens at %v", s.At)
	}
	at := "http://" + s.At["metrics"]
	for path, want := range map[string]string{"/healthz": `{"alive":true}`, "/readyz": `{"ready":true}`} {
		if status, text, _ := get(t, http.DefaultClient, at+path); status != 200 || !strings.Contains(text, want) {
			t.Errorf("%s: %d %s", path, status, text)
		}
	}
	status, text, _ := get(t, http.DefaultClient, at+"/metrics")
	for _, want := range []string{"muster_import_rows_applied_total 100", "muster_database_up 1", "muster_queue_length 0", "muster_build_info", "go_goroutines"} {
		if status != 200 || !strings.Contains(text, want) {
			t.Errorf("%d: there is no %s in\n%s", status, want, text)
		}
	}
	if status, _, _ := get(t, http.DefaultClient, at+"/api/openapi.yaml"); status != 404 {
		t.Errorf("a door is open: %d", status)
	}
	second := d.Command("work")
	second.Env = append(second.Env, "MUSTER_METRICS_LISTEN="+s.At["metrics"])
	if said, err := second.CombinedOutput(); err == nil || !strings.Contains(string(said), "MUSTER_METRICS_LISTEN") {
		t.Errorf("a second one at the same address: %v, %s", err, said)
	}
	s.Stopped(syscall.SIGTERM, 30*time.Second)
	quiet := d.Working("work")
	if len(quiet.At) != 0 {
		t.Errorf("without the setting it listens at %v", quiet.At)
	}
	quiet.Stopped(syscall.SIGTERM, 30*time.Second)
}

// asked sends a request over a connection, and reads the status line of its answer.
func asked(c net.Conn, within time.Duration) (string, error) {
	if _, err := io.WriteString(c, "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
		return "", err
	}
	return answered(c, within)
}

func answered(c net.Conn, within time.Duration) (string, error) {
	c.SetReadDeadline(time.Now().Add(within))
	line, err := bufio.NewReader(c).ReadString('\n')
	return strings.TrimSpace(line), err
}

// TestConnectionsAreBounded: when all are taken the next one waits, and is served as soon as
// one of them ends. Whoever watches the server is answered meanwhile.
func TestConnectionsAreBounded(t *testing.T) {
	t.Parallel()
	const most, ok = 10, "HTTP/1.1 200 OK"
	s := furnished(t).Working("serve", "MUSTER_CONNECTIONS=10", "MUSTER_METRICS_LISTEN=127.0.0.1:0")
	open := make([]net.Conn, most+1)
	for i := range open {
		c, err := net.Dial("tcp", s.At[desk.ForPeople])
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		open[i] = c
		if i == most {
			break
		}
		if line, err := asked(c, time.Minute); line != ok {
			t.Fatalf("connection %d: %q, %v", i+1, line, err)
		}
	}
	if line, err := asked(open[most], time.Second); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("one more is let in: %q, %v", line, err)
	}
	for _, path := range []string{"/healthz", "/readyz", "/metrics"} {
		if status, _, _ := get(t, http.DefaultClient, "http://"+s.At["metrics"]+path); status != 200 {
			t.Errorf("%s while all are taken: %d", path, status)
		}
	}
	open[3].Close()
	if line, err := answered(open[most], time.Minute); line != ok {
		t.Errorf("after one has gone: %q, %v", line, err)
	}
	s.Stopped(syscall.SIGTERM, 30*time.Second)
}
