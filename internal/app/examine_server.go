package app

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"slices"
	"strings"
	"syscall"
	"time"

	"muster/internal/config"
	"muster/internal/server"
)

// server looks at all that muster serve needs.
func (e *examination) server(c *config.Config) {
	e.address(c, "listen", c.Text("tls_certificate") != "")
	if at := c.Text("metrics_listen"); at != "" {
		e.address(c, "metrics_listen", false)
		if reached(at) {
			e.warn("metrics_listen", "Have it listen at 127.0.0.1, or at an address that only those reach who watch Muster.", "the numbers at %s are for everybody who reaches it", at)
		}
	}
	e.connections(c)
	e.tls(c)
	e.public(c)
	e.proxies(c)
}

// address looks whether a server could listen where a setting says, or does so already. It
// does not try to: another one may be starting just now.
func (e *examination) address(c *config.Config, setting string, secure bool) {
	at, cure := c.Text(setting), "Choose another place with MUSTER_"+strings.ToUpper(setting)+", or end the program that has it."
	host, port, err := net.SplitHostPort(at)
	if err != nil {
		e.fail(setting, cure, err)
		return
	}
	if port == "0" {
		e.ok(setting, "any port that is free")
		return
	}
	if err := ours(host); err != nil {
		e.fail(setting, cure, err)
		return
	}
	ctx, stop := context.WithTimeout(e.ctx, 3*time.Second)
	defer stop()
	switch free, alive := taken(ctx, nearest(host), port, secure); {
	case free:
		e.ok(setting, "nobody listens at %s yet", at)
	case alive:
		e.ok(setting, "Muster listens at %s", at)
	default:
		e.fail(setting, cure, fmt.Errorf("another program listens at %s", at))
	}
}

// otherFiles are the most files that a process has open beside the connections of clients:
// those of its database, of whoever watches it, and of what it reads.
const otherFiles = 300

// connections looks whether a process may have so many open; each is a file.
func (e *examination) connections(c *config.Config) {
	var files syscall.Rlimit
	if want := uint64(c.Number("connections") + otherFiles); syscall.Getrlimit(syscall.RLIMIT_NOFILE, &files) == nil && uint64(files.Cur) < want {
		e.warn("connections", fmt.Sprintf("Lower MUSTER_CONNECTIONS, or let Muster have %d files open (ulimit -n, or LimitNOFILE of the unit).", want),
			"%d connections are let in, and a process may have %d files open", c.Number("connections"), files.Cur)
	}
}

// ours returns no error where an address is one of this machine's.
func ours(host string) error {
	a, err := netip.ParseAddr(host)
	if err != nil || a.IsUnspecified() || a.IsLoopback() {
		return nil // a name is looked up when it is needed
	}
	list, err := net.InterfaceAddrs()
	if err != nil {
		return err
	}
	mine := slices.ContainsFunc(list, func(n net.Addr) bool {
		network, err := netip.ParsePrefix(n.String())
		return err == nil && network.Addr().WithZone("") == a.Unmap().WithZone("")
	})
	if !mine {
		return fmt.Errorf("%s is no address of this machine", host)
	}
	return nil
}

// reached reports whether others than this machine may reach where a server listens. What is
// no address is reached by nobody.
func reached(at string) bool {
	host, _, err := net.SplitHostPort(at)
	a, noIP := netip.ParseAddr(host)
	return err == nil && host != "localhost" && (noIP != nil || !a.IsLoopback())
}

// nearest is where to ask for a server that listens at a host.
func nearest(host string) string {
	if a, err := netip.ParseAddr(host); host == "" || err == nil && a.IsUnspecified() {
		return "localhost"
	}
	return host
}

// taken tells whether nobody listens, and if somebody does, whether it is Muster.
func taken(ctx context.Context, host, port string, secure bool) (free, alive bool) {
	scheme := "http"
	if secure {
		scheme = "https"
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, (&url.URL{Scheme: scheme, Host: net.JoinHostPort(host, port), Path: "/healthz"}).String(), nil)
	if err != nil {
		return false, false
	}
	// Nothing is told and nothing believed, so it does not matter who answers.
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true, TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
	answer, err := client.Do(r)
	if err != nil {
		return errors.Is(err, syscall.ECONNREFUSED), false
	}
	defer answer.Body.Close()
	var body struct{ Alive bool }
	return false, json.NewDecoder(http.MaxBytesReader(nil, answer.Body, 1<<10)).Decode(&body) == nil && body.Alive
}

// soon is how long before its end a certificate is worth a warning; whoever renews by ACME
// does so earlier.
const soon = 14 * 24 * time.Hour

func (e *examination) tls(c *config.Config) {
	file, key := c.Text("tls_certificate"), c.Text("tls_key")
	if file == "" && key == "" {
		return
	}
	loaded, err := server.LoadCertificate(file, key, slog.New(slog.DiscardHandler))
	if err != nil {
		e.fail("tls", "Name a certificate and its key, both in PEM, with MUSTER_TLS_CERTIFICATE and MUSTER_TLS_KEY.", err)
		return
	}
	e.certificate(loaded.Leaf(), c.Text("public_url"))
	if info, err := os.Stat(key); err == nil && info.Mode().Perm()&0o007 != 0 {
		e.warn("tls", "Run: chmod o= "+key, "everybody on this machine may read the key %s", key)
	}
}

func (e *examination) certificate(leaf *x509.Certificate, public string) {
	const cure = "Renew the certificate; muster serve takes the new one by itself."
	if u, err := url.Parse(public); err == nil && u.Hostname() != "" && leaf.VerifyHostname(u.Hostname()) != nil {
		e.warn("tls", "Have a certificate made for the name that people use, or mend MUSTER_PUBLIC_URL.", "the certificate is not for %s", u.Hostname())
	}
	switch now := time.Now(); {
	case now.After(leaf.NotAfter):
		e.fail("tls", cure, fmt.Errorf("the certificate has ended at %s", leaf.NotAfter.Local().Format(time.DateTime)))
	case now.Before(leaf.NotBefore):
		e.fail("tls", "Look at the clock, and at the certificate.", fmt.Errorf("the certificate begins only at %s", leaf.NotBefore.Local().Format(time.DateTime)))
	case leaf.NotAfter.Sub(now) < soon:
		e.warn("tls", cure, "the certificate ends at %s", leaf.NotAfter.Local().Format(time.DateTime))
	default:
		e.ok("tls", "the certificate is good until %s", leaf.NotAfter.Local().Format(time.DateTime))
	}
}

// public looks whether what people send is seen by nobody else.
func (e *examination) public(c *config.Config) {
	inside := !reached(c.Text("listen"))
	public, plain := c.Text("public_url"), c.Text("tls_certificate") == ""
	switch {
	case strings.HasPrefix(public, "http://"):
		e.warn("public_url", "Serve by https: with a certificate of Muster's, or of a proxy before it.", "people reach Muster by %s, so passwords and tokens cross the network in plain text", public)
	case plain && !inside && len(c.Networks("trusted_proxies")) == 0:
		e.warn("listen", "Set MUSTER_TLS_CERTIFICATE and MUSTER_TLS_KEY, or have it listen at 127.0.0.1 behind a proxy.", "others reach %s, without TLS and without a proxy that is known", c.Text("listen"))
	case public == "" && !inside:
		e.warn("public_url", "Set MUSTER_PUBLIC_URL to where people reach Muster.", "it is not set, so no link can be made that people could follow")
	case public != "":
		e.ok("public_url", "%s", public)
	}
}

// proxies warns of believing too many, or nobody where somebody should be.
func (e *examination) proxies(c *config.Config) {
	list := c.Networks("trusted_proxies")
	for _, n := range list {
		if n.Bits() == 0 {
			e.warn("trusted_proxies", "Name the addresses of your proxies only.", "everybody is believed about whose request it is")
			return
		}
	}
	if len(list) == 0 && strings.HasPrefix(c.Text("public_url"), "https://") && c.Text("tls_certificate") == "" {
		e.warn("trusted_proxies", "Set MUSTER_TRUSTED_PROXIES to the address of the proxy that speaks TLS.", "no proxy is believed, so all requests seem to come from it")
		return
	}
	if len(list) > 0 {
		e.ok("trusted_proxies", "%s, by the header %s", c.Text("trusted_proxies"), c.Text("proxy_header"))
	}
}
