package cli

import (
	"log/slog"
	"net"
	"net/netip"
	"os"
	"strings"
)

type workCommand struct{}

type serveCommand struct{}

// Run works in the background.
func (c *workCommand) Run(s *session) error {
	return s.goOn(func(core *Core, log *slog.Logger) error { return core.Work(s.ctx, log) })
}

// Run is the server.
func (c *serveCommand) Run(s *session) error {
	return s.goOn(func(core *Core, log *slog.Logger) error {
		return core.Serve(s.ctx, log, func(at net.Addr) { s.sayFirst(core, log, at) })
	})
}

// sayFirst prints the link by which the first Master is made, while there is none. It is
// for whoever starts the server, and stands in no log.
func (s *session) sayFirst(core *Core, log *slog.Logger, at net.Addr) {
	plain, err := core.Access.FirstLink(s.ctx)
	if err != nil {
		log.Warn("whether there is a Master could not be found out", "error", err)
	}
	if plain == "" {
		return
	}
	url, where := s.reachedAt(at)
	s.say("There is no Master yet. Make the first one with this link, which does once%s: %s/first-master#%s", where, url, plain.Reveal())
}

// reachedAt is the URL of a server that listens at an address: where people reach it or, if no
// setting tells that, on this machine, and then says so.
func (s *session) reachedAt(at net.Addr) (url, where string) {
	if public := s.config.Text("public_url"); public != "" {
		return strings.TrimSuffix(public, "/"), ""
	}
	scheme := "http://"
	if s.config.Text("tls_certificate") != "" {
		scheme = "https://"
	}
	host, _, _ := net.SplitHostPort(s.config.Text("listen")) // which has been listened at
	_, port, _ := net.SplitHostPort(at.String())
	if ip, err := netip.ParseAddr(host); host == "" || err == nil && ip.IsUnspecified() {
		host, where = "localhost", " and works on this machine (from another one, put this one's name in place of localhost; MUSTER_PUBLIC_URL settles it)"
	}
	return scheme + net.JoinHostPort(host, port), where
}

// goOn goes on with what others have begun, in their names, until the command is
// interrupted; that is its good end.
func (s *session) goOn(work func(*Core, *slog.Logger) error) error {
	if s.globals.As != "" {
		return usage("to work in the background is the operator's: leave --as out; each import is gone on with in the name of whoever asked for it")
	}
	core, _, err := s.setUp()
	if err == nil {
		err = unreachable(work(core, slog.New(logHandler(s.process.Stderr))))
	}
	if s.ctx.Err() != nil {
		return nil
	}
	return err
}

// logHandler writes lines that people can read, and JSON where none watches.
func logHandler(f *os.File) slog.Handler {
	if isTerminal(f) {
		return slog.NewTextHandler(f, nil)
	}
	return slog.NewJSONHandler(f, nil)
}
