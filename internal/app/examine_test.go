package app

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"muster/internal/directory"
	"muster/internal/importer"
	"muster/internal/importer/importertest"
)

// certified writes a certificate for muster.example.org and its key into a folder.
func certified(t *testing.T, folder string, from, until time.Time) (file, key string) {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{"muster.example.org"}, NotBefore: from, NotAfter: until}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &k.PublicKey, k)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(k)
	if err != nil {
		t.Fatal(err)
	}
	file, key = filepath.Join(folder, "tls.crt"), filepath.Join(folder, "tls.key")
	for path, block := range map[string]*pem.Block{file: {Type: "CERTIFICATE", Bytes: der}, key: {Type: "PRIVATE KEY", Bytes: secret}} {
		if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return file, key
}

// examined is what doctor finds about one thing.
func examined(t *testing.T, what string, env ...string) (all []string) {
	t.Helper()
	c, _ := settings(t, env...)
	for _, f := range Examine(context.Background(), c) {
		if f.What == what {
			all = append(all, f.Level+" "+f.Text)
		}
	}
	return all
}

// openFiles lets the process have so many files open, until the test ends.
func openFiles(t *testing.T, most uint64) {
	t.Helper()
	var before syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &before); err != nil {
		t.Fatal(err)
	}
	now := before
	now.Cur = most
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &now); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = syscall.Setrlimit(syscall.RLIMIT_NOFILE, &before) })
}

func TestExamineTheServer(t *testing.T) {
	now, day := time.Now(), 24*time.Hour
	certificate := func(t *testing.T, from, until time.Time) []string {
		file, key := certified(t, t.TempDir(), from, until)
		return []string{"MUSTER_TLS_CERTIFICATE=" + file, "MUSTER_TLS_KEY=" + key}
	}
	other := httptest.NewServer(http.NotFoundHandler())
	defer other.Close()
	mine := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, `{"alive":true}`) }))
	defer mine.Close()
	gone, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	gone.Close()
	openFiles(t, 1998)
	good := certificate(t, now.Add(-day), now.Add(90*day))
	open := certificate(t, now.Add(-day), now.Add(90*day))
	if err := os.Chmod(strings.TrimPrefix(open[1], "MUSTER_TLS_KEY="), 0o644); err != nil {
		t.Fatal(err)
	}
	const public = "MUSTER_PUBLIC_URL=https://muster.example.org"
	for _, c := range []struct {
		what string
		env  []string
		want string // how a finding begins; "" is none
	}{
		{"tls", nil, ""},
		{"tls", append(good, public), "ok the certificate is good until"},
		{"tls", append(good, "MUSTER_PUBLIC_URL=https://other.example.org"), "warn the certificate is not for other.example.org"},
		{"tls", certificate(t, now.Add(-90*day), now.Add(-day)), "fail the certificate has ended"},
		{"tls", certificate(t, now.Add(day), now.Add(90*day)), "fail the certificate begins only"},
		{"tls", certificate(t, now.Add(-80*day), now.Add(10*day)), "warn the certificate ends at"},
		{"tls", append(certificate(t, now.Add(-80*day), now.Add(10*day)), "MUSTER_PUBLIC_URL=https://other.example.org"), "warn the certificate is not for other.example.org; warn the certificate ends at"},
		{"tls", open, "warn everybody on this machine may read the key"},
		{"tls", good[:1], "fail tls_certificate and tls_key belong together"},
		{"tls", []string{good[0], "MUSTER_TLS_KEY=/nowhere/tls.key"}, "fail the certificate"},
		{"listen", []string{"MUSTER_LISTEN=127.0.0.1:0"}, "ok any port"},
		{"listen", []string{"MUSTER_LISTEN=" + gone.Addr().String()}, "ok nobody listens"},
		{"listen", []string{"MUSTER_LISTEN=" + mine.Listener.Addr().String()}, "ok Muster listens"},
		{"listen", []string{"MUSTER_LISTEN=" + other.Listener.Addr().String()}, "fail another program listens"},
		{"listen", []string{"MUSTER_LISTEN=192.0.2.1:80"}, "fail 192.0.2.1 is no address of this machine"},
		{"listen", []string{"MUSTER_LISTEN=8420"}, "fail "},
		{"listen", []string{"MUSTER_LISTEN=0.0.0.0:0"}, "warn others reach 0.0.0.0:0, without TLS"},
		{"connections", []string{"MUSTER_CONNECTIONS=1699"}, "warn 1699 connections are let in, and a process may have 1998 files open"},
		{"connections", []string{"MUSTER_CONNECTIONS=1698"}, ""},
		{"metrics_listen", []string{"MUSTER_METRICS_LISTEN=" + gone.Addr().String()}, "ok nobody listens"},
		{"metrics_listen", []string{"MUSTER_METRICS_LISTEN=" + mine.Listener.Addr().String()}, "ok Muster listens"},
		{"metrics_listen", []string{"MUSTER_METRICS_LISTEN=" + other.Listener.Addr().String()}, "fail another program listens"},
		{"metrics_listen", []string{"MUSTER_METRICS_LISTEN=0.0.0.0:0"}, "warn the numbers at 0.0.0.0:0 are for everybody who reaches it"},
		{"metrics_listen", []string{"MUSTER_METRICS_LISTEN=localhost:0"}, "ok any port"},
		{"public_url", nil, ""},
		{"public_url", []string{public}, "ok https://muster.example.org"},
		{"public_url", []string{"MUSTER_PUBLIC_URL=http://muster.example.org"}, "warn people reach Muster by http://"},
		{"public_url", append(good, "MUSTER_LISTEN=0.0.0.0:0"), "warn it is not set"},
		{"trusted_proxies", nil, ""},
		{"trusted_proxies", []string{public}, "warn no proxy is believed"},
		{"trusted_proxies", append(good, public), ""},
		{"trusted_proxies", []string{public, "MUSTER_TRUSTED_PROXIES=10.0.0.7"}, "ok 10.0.0.7, by the header X-Forwarded-For"},
		{"trusted_proxies", []string{"MUSTER_TRUSTED_PROXIES=0.0.0.0/0"}, "warn everybody is believed"},
	} {
		got := strings.Join(examined(t, c.what, c.env...), "; ")
		if !strings.Contains(got, c.want) || c.want == "" && got != "" {
			t.Errorf("%s with %v: %q, want %q", c.what, c.env, got, c.want)
		}
	}
}

// Where Muster cannot listen, others cannot reach it.
func TestExamineAnAddressThatIsNone(t *testing.T) {
	for _, env := range []string{"MUSTER_LISTEN=foo", "MUSTER_METRICS_LISTEN=foo"} {
		what := map[bool]string{true: "metrics_listen", false: "listen"}[strings.Contains(env, "METRICS")]
		if got := examined(t, what, env); len(got) != 1 || !strings.HasPrefix(got[0], "fail ") {
			t.Errorf("%s: %q", env, got)
		}
	}
}

// What is not done in the background is found: imports that wait, and a history that is
// not sealed, or was sealed otherwise.
func TestExamineTheWork(t *testing.T) {
	c, _ := settings(t)
	a := open(t, c, true)
	level := func(what string) string {
		for _, f := range Examine(context.Background(), c) {
			if f.What == what {
				return f.Level + " " + f.Text
			}
		}
		return ""
	}
	ctx, operator := context.Background(), directory.Operator("test")
	for _, what := range []string{"queue", "history"} {
		if got := level(what); !strings.HasPrefix(got, "ok") {
			t.Errorf("%s at the beginning: %s", what, got)
		}
	}
	before := time.Now().Add(-time.Hour)
	a.Directory.Now, a.Importer.Now = func() time.Time { return before }, func() time.Time { return before }
	if err := a.Directory.AddDomain(ctx, operator, directory.Domain{Name: "example.org", Org: directory.Master, Validation: "known"}); err != nil {
		t.Fatal(err)
	}
	if got := level("history"); !strings.HasPrefix(got, "warn 1 entries are not sealed") {
		t.Errorf("unsealed: %s", got)
	}
	if _, err := a.History.Seal(ctx); err != nil {
		t.Fatal(err)
	}
	if got := level("history"); !strings.HasPrefix(got, "ok 1 blocks are sealed") {
		t.Errorf("sealed: %s", got)
	}
	if err := os.WriteFile(string(a.History.Witness), []byte("2 00\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := level("history"); !strings.HasPrefix(got, "fail blocks that were sealed here are gone") {
		t.Errorf("cut off: %s", got)
	}
	later := time.Now().Add(time.Hour)
	a.Directory.Now = func() time.Time { return later }
	if err := a.Directory.AddDomain(ctx, operator, directory.Domain{Name: "example.net", Org: directory.Master, Validation: "known"}); err != nil {
		t.Fatal(err)
	}
	if got := level("clock"); !strings.HasPrefix(got, "warn ") {
		t.Errorf("an entry of the future: %s", got)
	}
	imp, err := a.Importer.Upload(ctx, operator, "people.csv", strings.NewReader("address\nanna@example.org\n"), importer.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if got := level("queue"); !strings.HasPrefix(got, fmt.Sprintf("warn %d imports wait", imp.Number)) {
		t.Errorf("an import that waits: %s", got)
	}
}

// A schema that is not up to date is told, and left as it is.
func TestExamineTheSchema(t *testing.T) {
	c, _ := settings(t)
	a := open(t, c, true)
	_, needs, err := a.Store.Schema(context.Background())
	if err != nil || a.Close() != nil {
		t.Fatal(err)
	}
	if _, err := importertest.Raw(t, c.Text("database")).Exec(`DELETE FROM goose_db_version WHERE version_id = $1`, needs); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		found := ""
		for _, f := range Examine(context.Background(), c) {
			if f.What == "schema" {
				found = f.Level + " " + f.Text
			}
		}
		if want := fmt.Sprintf("and this program needs %d", needs); !strings.HasPrefix(found, "warn ") || !strings.Contains(found, want) {
			t.Errorf("found %q", found)
		}
	}
}
