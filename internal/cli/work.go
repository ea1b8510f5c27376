package cli

import (
	"log/slog"
	"os"
)

type workCommand struct{}

type serveCommand struct{}

// Run works in the background.
func (c *workCommand) Run(s *session) error {
	return s.goOn(func(core *Core, log *slog.Logger) error { return core.Work(s.ctx, log) })
}

// Run is the server.
func (c *serveCommand) Run(s *session) error {
	return s.goOn(func(core *Core, log *slog.Logger) error { return core.Serve(s.ctx, log) })
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
