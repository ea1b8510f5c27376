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

// Serve is Work, and the server with all network doors. When ctx ends it accepts nobody
// any more; requests that have begun are finished, as are batches.
func (a *App) Serve(ctx context.Context, log *slog.Logger) error {
	s, err := a.newServing(log)
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
	err = a.Work(ctx, log)
	stop()
	serving.Wait()
	return errors.Join(append(failed, err)...)
}

// serving is the server, or two: one of its own for the numbers.
type serving struct{ open []listening }

type listening struct {
	what     string
	server   *server.Server
	listener net.Listener
}

func (s *serving) close() {
	for _, o := range s.open {
		o.listener.Close() // which serving has done already, where it began
	}
}

func (a *App) newServing(log *slog.Logger) (s *serving, err error) {
	s = &serving{}
	defer func() {
		if err != nil {
			s.close()
		}
	}()
	public, metrics := a.config.Text("public_url"), server.NewMetrics(a.Version, a.numbers)
	main := server.Config{Log: log, PublicURL: public, Proxies: a.config.Networks("trusted_proxies"), ProxyHeader: a.config.Text("proxy_header"), Metrics: metrics}
	a.Access.Attempted = func(err error) { metrics.SignIn(outcomeOf(err)) }
	if main.Certificate, err = a.certificate(log); err != nil {
		return s, err
	}
	doors, err := s.listen("people and programs", "listen", a.config.Text("listen"), main)
	if err != nil {
		return s, err
	}
	a.doors(doors, log)
	if at := a.config.Text("metrics_listen"); at != "" {
		own, err := s.listen("metrics", "metrics_listen", at, server.Config{Log: log})
		if err == nil {
			own.Handle("GET /metrics", metrics.Handler())
		}
		return s, err
	}
	doors.Handle("GET /metrics", server.OnlyHere(public, metrics.Handler()))
	return s, nil
}

// doors are all that the server answers.
func (a *App) doors(s *server.Server, log *slog.Logger) {
	probes := health.Handler(a.Store.Ready)
	s.Handle("/healthz", probes)
	s.Handle("/readyz", probes)
	doors := api.New(api.Services{Directory: a.Directory, Importer: a.Importer, Access: a.Access, Answers: a.Store, Key: a.Key,
		Enqueue: a.Enqueue, Unavailable: store.Reason, Log: log, Now: time.Now, Stopping: s.Stopping(),
		Limits: api.Limits{Upload: int64(a.config.Number("api.upload_mib")) << 20, JSON: int64(a.config.Number("api.body_kib")) << 10}})
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
		return nil, fmt.Errorf("the server cannot listen at %s: %w; choose another place with MUSTER_%s", at, err, strings.ToUpper(setting))
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
