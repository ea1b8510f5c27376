package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"muster/internal/access"
	"muster/internal/api"
	"muster/internal/health"
	"muster/internal/server"
	"muster/internal/store"
)

// Work goes on with imports in the background, until ctx ends, and tells how it is at the
// address of its own that a setting gives for that, if one does.
func (a *App) Work(ctx context.Context, log *slog.Logger) error {
	return a.run(ctx, log, a.watched)
}

// Serve is Work, and the server with all network doors; opened is told where it listens. When
// ctx ends it accepts nobody any more; requests that have begun are finished, as are batches.
func (a *App) Serve(ctx context.Context, log *slog.Logger, opened func(net.Addr)) error {
	told := func(s *serving) error {
		opened(s.open[0].listener.Addr())
		return nil
	}
	return a.run(ctx, log, a.served, told, a.watched)
}

// run works in the background beside servers.
func (a *App) run(ctx context.Context, log *slog.Logger, open ...opening) error {
	s, err := a.newServing(log, open...)
	if err != nil {
		return err
	}
	defer s.close()
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var serving sync.WaitGroup
	failed := make([]error, len(s.open))
	for i, o := range s.open {
		log.Info("listening", "address", o.listener.Addr().String(), "for", o.what)
		serving.Go(func() {
			defer stop()
			failed[i] = o.server.Serve(ctx, o.listener)
		})
	}
	err = a.background(ctx, log)
	stop()
	serving.Wait()
	return errors.Join(append(failed, err)...)
}

// serving are the servers of a process, with its numbers: one for people and programs,
// and one for those who watch it.
type serving struct {
	log     *slog.Logger
	metrics *server.Metrics
	open    []listening
}

type listening struct {
	what     string
	server   *server.Server
	listener net.Listener
}

// opening opens a server, if the settings want it.
type opening func(*serving) error

func (s *serving) close() {
	for _, o := range s.open {
		o.listener.Close() // which serving has done already, where it began
	}
}

func (a *App) newServing(log *slog.Logger, open ...opening) (*serving, error) {
	s := &serving{log: log, metrics: server.NewMetrics(a.Version, a.numbers)}
	a.Access.Attempted = func(err error) { s.metrics.SignIn(outcomeOf(err)) }
	for _, each := range open {
		if err := each(s); err != nil {
			s.close()
			return nil, err
		}
	}
	return s, nil
}

// served opens the server for people and programs. Where the numbers have no address
// of their own, it tells them, too.
func (a *App) served(s *serving) error {
	certificate, err := a.certificate(s.log)
	if err != nil {
		return err
	}
	public := a.config.Text("public_url")
	doors, err := s.listen("people and programs", "listen", a.config.Text("listen"), server.Config{Log: s.log, PublicURL: public, Certificate: certificate, Connections: a.config.Number("connections"),
		Proxies: a.config.Networks("trusted_proxies"), ProxyHeader: a.config.Text("proxy_header"), Metrics: s.metrics})
	if err != nil {
		return err
	}
	a.doors(doors, s.log)
	if a.config.Text("metrics_listen") == "" {
		doors.Handle("GET /metrics", server.OnlyHere(public, s.metrics.Handler()))
	}
	return nil
}

// watchers are the most connections of those who watch a process.
const watchers = 100

// watched opens the server for those who watch the process, where a setting gives it an
// address. Clients do not come there, so it answers also when they hold all connections.
func (a *App) watched(s *serving) error {
	at := a.config.Text("metrics_listen")
	if at == "" {
		return nil
	}
	own, err := s.listen("metrics", "metrics_listen", at, server.Config{Log: s.log, Connections: watchers})
	if err == nil {
		own.Handle("GET /metrics", s.metrics.Handler())
		a.probes(own)
	}
	return err
}

// probes are what a supervisor asks.
func (a *App) probes(s *server.Server) {
	probes := health.Handler(a.Store.Ready)
	s.Handle("/healthz", probes)
	s.Handle("/readyz", probes)
}

// doors are all that people and programs are answered.
func (a *App) doors(s *server.Server, log *slog.Logger) {
	a.probes(s)
	doors := api.New(api.Services{Directory: a.Directory, Importer: a.Importer, Access: a.Access, Answers: a.Store, Key: a.Key,
		Enqueue: a.Enqueue, Unavailable: store.Reason, Log: log, Now: time.Now, Stopping: s.Stopping(),
		Limits: api.Limits{Upload: int64(a.config.Number("api.upload_mib")) << 20, JSON: int64(a.config.Number("api.body_kib")) << 10,
			Follow: a.config.Number("connections") / 2}})
	s.Handle("/api/", doors)
	s.Handle("GET "+api.FirstMasterPage, doors)
}

// Handler is all that the server answers, for a server on another listener.
func (a *App) Handler(log *slog.Logger) (http.Handler, error) {
	s, err := server.New(server.Config{Log: log, PublicURL: a.config.Text("public_url")})
	if err == nil {
		a.doors(s, log)
	}
	return s.Handler(), err
}

func (a *App) certificate(log *slog.Logger) (*server.Certificate, error) {
	file, key := a.config.Text("tls_certificate"), a.config.Text("tls_key")
	if file == "" && key == "" {
		return nil, nil
	}
	return server.LoadCertificate(file, key, log)
}

// outcomeOf is how an attempt to sign in ended, in one word of a few.
func outcomeOf(err error) string {
	switch {
	case err == nil:
		return "done"
	case access.SignInFailed.Is(err):
		return "refused"
	case access.SignInTooOften.Is(err):
		return "too-often"
	}
	return "error"
}

// listen makes a server that will answer at an address, which a setting has chosen.
func (s *serving) listen(what, setting, at string, c server.Config) (*server.Server, error) {
	made, err := server.New(c)
	if err != nil {
		return nil, err
	}
	l, err := net.Listen("tcp", at)
	if err != nil {
		return nil, fmt.Errorf("this process cannot listen at %s: %w; choose another place with MUSTER_%s", at, err, strings.ToUpper(setting))
	}
	s.open = append(s.open, listening{what, made, l})
	return made, nil
}

// numbers are what the database tells for Prometheus.
func (a *App) numbers(ctx context.Context) (n server.Numbers, err error) {
	if n.Imports, n.Applied, err = a.Store.ImportNumbers(ctx); err != nil {
		return n, err
	}
	waiting, err := a.Store.Waiting(ctx)
	if err != nil {
		return n, err
	}
	hashing, err := a.Store.Hashing(ctx)
	if err != nil {
		return n, err
	}
	for _, imp := range hashing {
		n.Hashing += imp.Secrets - imp.Hashed
	}
	b, err := a.Store.NewestBlock(ctx)
	if err != nil {
		return n, err
	}
	n.Waiting, n.Blocks = int64(len(waiting)), b.Number
	n.Unsealed, err = a.Store.CountAfter(ctx, b.Last)
	return n, err
}
