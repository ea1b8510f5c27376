package server

import (
	"fmt"
	"log/slog"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"time"
)

// answer notes what was answered.
type answer struct {
	http.ResponseWriter
	status int
	bytes  int64
}

func (a *answer) WriteHeader(status int) {
	if a.status == 0 && status >= 200 {
		a.status = status
	}
	a.ResponseWriter.WriteHeader(status)
}

func (a *answer) Write(b []byte) (int, error) {
	if a.status == 0 {
		a.status = http.StatusOK
	}
	n, err := a.ResponseWriter.Write(b)
	a.bytes += int64(n)
	return n, err
}

// Unwrap lets http.ResponseController find the writer below.
func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }

// methods are those that are told by name; any other text comes from the client.
var methods = []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}

// logged writes a line about the request, counts it, and answers for a door that panics.
func (s *Server) logged(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a := &answer{ResponseWriter: w}
		defer func() {
			fault := recover()
			if fault != nil && fault != http.ErrAbortHandler {
				s.panicked(r, fault)
			}
			if fault != nil && a.status == 0 {
				NewProblem(http.StatusInternalServerError, Fault.New("Muster itself has failed. The log tells more under the id of this request.")).Write(a, r)
				fault = nil
			}
			s.line(r, a)
			if fault != nil {
				panic(http.ErrAbortHandler) // the client is not to take half an answer for a whole one
			}
		}()
		next.ServeHTTP(a, r)
	})
}

// line tells of a request what is no secret: the pattern and not the path, in which the
// token of a link may stand.
func (s *Server) line(r *http.Request, a *answer) {
	q, method, took := of(r.Context()), r.Method, time.Duration(0)
	if took = time.Since(q.began); !slices.Contains(methods, method) {
		method = "other"
	}
	route := Route(r)
	if a.status == 0 {
		a.status = http.StatusOK // net/http's own, where nothing was written
	}
	if s.metrics != nil {
		s.metrics.request(method, route, a.status, took)
	}
	level := slog.LevelInfo
	if strings.HasSuffix(route, "/healthz") || strings.HasSuffix(route, "/readyz") || strings.HasSuffix(route, "/metrics") {
		level = slog.LevelDebug
	}
	s.log.LogAttrs(r.Context(), level, "request", slog.String("request", q.id), slog.String("method", method), slog.String("route", route),
		slog.Int("status", a.status), slog.Int64("bytes", a.bytes), slog.Float64("seconds", took.Seconds()), slog.String("client", q.client.String()), slog.String("actor", q.actor))
}

// Route is the pattern by which the request was handled, without its method; "none" where
// there was no door for it.
func Route(r *http.Request) string {
	route := of(r.Context()).route
	if route == "" {
		route = r.Pattern
	}
	if _, path, ok := strings.Cut(route, " "); ok {
		route = path
	}
	if route == "" {
		return "none"
	}
	return route
}

// panicked logs where a door panicked, and not with what: that may be anything.
func (s *Server) panicked(r *http.Request, fault any) {
	what := fmt.Sprintf("%T", fault)
	if err, ok := fault.(runtime.Error); ok {
		what = err.Error()
	}
	s.log.Error("a fault of Muster itself", "request", ID(r.Context()), "route", Route(r), "fault", what, "at", frames())
}

// frames are the functions that were at work when a door panicked.
func frames() (list []string) {
	callers := make([]uintptr, 32)
	found := runtime.CallersFrames(callers[:runtime.Callers(4, callers)])
	for {
		frame, more := found.Next()
		list = append(list, fmt.Sprintf("%s:%d", frame.Function, frame.Line))
		if !more {
			return list
		}
	}
}
