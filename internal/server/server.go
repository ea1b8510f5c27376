// Package server is the HTTP server that every network door of Muster stands behind.
// A door is a handler for a pattern (Handle); what is the same for all of them is done
// here, once for each request, from the outside to the inside:
//
//   - who asks: the client's address, and the id that the request has in all logs
//     (request.go); both are taken from headers only where a proxy that the settings name
//     has sent them (proxy.go)
//   - one line in the log for each request, without its query, its headers or its body; a
//     panic of a door becomes a 500 (log.go)
//   - headers that keep browsers from doing harm, and no change by pages of others
//     (headers.go)
//   - limits: of the time for headers, body and answer, of their sizes, and of how slow
//     somebody may be who sends or reads something large (pace.go); and of the connections
//     that are open at once
//   - numbers for Prometheus (metrics.go)
//   - what is no success is a problem (problem.go), also where there is no door (known.go)
//
// TLS is spoken where a certificate is given; it is read again when its files change
// (certificate.go).
package server

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"golang.org/x/net/netutil"
)

// The limits of what every client gets. A handler that sends or reads something large
// asks for more with Upload and Stream.
const (
	headerTime = 10 * time.Second // for all headers
	bodyTime   = 30 * time.Second // for the whole request, since its headers were read
	answerTime = time.Minute      // for the whole answer, since then
	idleTime   = 2 * time.Minute  // between two requests
	maxHeaders = 16 << 10         // octets; net/http adds 4 KiB
	maxBody    = 1 << 20          // octets

	// StopTime is how long requests that have begun are given when the server stops.
	StopTime = 10 * time.Second
)

// Config says how a server is to be.
type Config struct {
	Log         *slog.Logger
	PublicURL   string         // where people reach it, such as https://muster.example.org; "" is not known
	Proxies     []netip.Prefix // proxies whose headers are believed
	ProxyHeader string         // the one in which they tell the client's address: X-Forwarded-For or Forwarded
	Certificate *Certificate   // nil: TLS is not spoken
	Connections int            // open at once; whoever comes then waits until one ends; 0: any number
	Metrics     *Metrics       // that count the requests; nil: they are not counted
}

// Server is an HTTP server. Its doors are handled before it serves.
type Server struct {
	log         *slog.Logger
	doors       *http.ServeMux
	proxies     proxies
	secure      bool // people reach it by https
	origins     *http.CrossOriginProtection
	certificate *Certificate
	connections int
	metrics     *Metrics
	stopping    chan struct{}
}

// New makes a server without doors. The error tells which setting is wrong.
func New(c Config) (*Server, error) {
	origins, err := origins(c.PublicURL)
	return &Server{log: c.Log, doors: http.NewServeMux(), proxies: proxies{c.Proxies, http.CanonicalHeaderKey(c.ProxyHeader)},
		secure: c.Certificate != nil || strings.HasPrefix(c.PublicURL, "https://"), origins: origins, certificate: c.Certificate, connections: c.Connections, metrics: c.Metrics,
		stopping: make(chan struct{})}, err
}

// Handle has a door answer to a pattern of http.ServeMux, such as "GET /healthz".
func (s *Server) Handle(pattern string, door http.Handler) { s.doors.Handle(pattern, door) }

// Stopping is closed when the server stops: doors that answer without end, end then.
func (s *Server) Stopping() <-chan struct{} { return s.stopping }

// Handler is all that is done with a request.
func (s *Server) Handler() http.Handler {
	return s.received(s.logged(s.guarded(s.paced(Known(s.doors)))))
}

// Serve answers on a listener until ctx ends. Then it accepts nobody any more, and
// requests that have begun are finished, or ended after StopTime.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	server := &http.Server{
		Handler: s.Handler(), ReadHeaderTimeout: headerTime, IdleTimeout: idleTime, MaxHeaderBytes: maxHeaders,
		ErrorLog: slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
	}
	stopped := make(chan error, 1)
	go func() {
		<-ctx.Done()
		close(s.stopping)
		last, done := context.WithTimeout(context.WithoutCancel(ctx), StopTime)
		defer done()
		err := server.Shutdown(last)
		if errors.Is(err, context.DeadlineExceeded) {
			s.log.Warn("requests were cut off, as they did not end in time")
			err = server.Close()
		}
		stopped <- err
	}()
	if s.connections > 0 {
		l = netutil.LimitListener(l, s.connections)
	}
	err := s.serve(server, l)
	if !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return <-stopped
}

func (s *Server) serve(server *http.Server, l net.Listener) error {
	if s.certificate == nil {
		return server.Serve(l)
	}
	server.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: s.certificate.get}
	return server.ServeTLS(l, "", "")
}
