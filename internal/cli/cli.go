// Package cli is the command muster: thin doors over the directory and the
// importer. Nothing is judged here; a command reads its arguments, calls one
// service and prints what it answers.
//
// The grammar (grammar.go) is a struct that kong reads: commands, flags and
// one-line helps; examples.go has what `--help` shows below. A session is one
// call of the command. It opens the services when a command first asks for
// them, so that whoever mistypes leaves nothing behind.
//
// Everything is printed twice: as text for people (…_text.go) and, with
// --json, as one object a line for programs (…_json.go). Standard output has
// the answer and nothing else; messages, questions and progress go to standard
// error. What ended a command decides its exit status (status.go).
package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"

	"github.com/alecthomas/kong"

	"muster/internal/access"
	"muster/internal/backup"
	"muster/internal/config"
	"muster/internal/directory"
	"muster/internal/history"
	"muster/internal/importer"
)

// Process is what the command has of the machine it runs on.
type Process struct {
	Args           []string // without the name of the program
	Env            []string // NAME=value
	Stdin          *os.File
	Stdout, Stderr *os.File
	Version        string

	// Open opens the services; fresh tells whether a fresh database may be set up.
	Open func(ctx context.Context, c *config.Config, fresh bool) (*Core, error)
	// Scratch opens services on a fresh database that goes when they are closed.
	Scratch func(ctx context.Context) (*Core, error)
	// Missing reports whether an error means that there is no database yet.
	Missing func(error) bool
	// Unavailable says why the database cannot be used, and what to do about that;
	// "" where an error means anything else.
	Unavailable func(error) string
	// Restore brings a backup into a fresh database. The note tells what was set up, if
	// anything.
	Restore func(ctx context.Context, c *config.Config, from io.Reader, report func(done, total int64)) (b *backup.Summary, note string, err error)
	// Examine looks for what keeps, or may keep, Muster from working.
	Examine func(ctx context.Context, c *config.Config) []Finding
	// Migrate looks how far the schema of the database is, after it has brought it up
	// to date with up; fresh tells whether a fresh database may be set up.
	Migrate func(ctx context.Context, c *config.Config, up, fresh bool) (Schema, error)
}

// Core is what commands use.
type Core struct {
	Directory *directory.Service
	Importer  *importer.Service
	Access    *access.Service
	// Backup writes all that the database has.
	Backup  func(ctx context.Context, to io.Writer, h backup.Head, report func(done, total int64)) (*backup.Summary, error)
	KeyFile string // where the secret key is
	// ChangeKey seals anew, with a new key, all that is sealed, and returns how many
	// values these were.
	ChangeKey func(ctx context.Context, actor directory.Actor, report func(done, total int64)) (int64, error)
	History   *history.Sealer // seals the history of changes
	Note      string          // what was set up, if anything
	Close     func() error

	// Work goes on with imports in the background until ctx ends, and Serve does so
	// as a server; Enqueue tells those who do of an import.
	Work    func(ctx context.Context, log *slog.Logger) error
	Serve   func(ctx context.Context, log *slog.Logger, opened func(net.Addr)) error
	Enqueue func(context.Context, *importer.Import) error
}

// Finding is one thing that doctor has looked at.
type Finding struct {
	Level string `json:"level"` // ok, warn or fail
	What  string `json:"what"`
	Text  string `json:"text"`
	Cure  string `json:"cure"`
	Down  bool   `json:"-"` // the database cannot be reached
}

// session is one call of the command.
type session struct {
	ctx     context.Context
	process *Process
	globals *globals
	parser  *kong.Kong
	config  *config.Config
	core    *Core
	again   string // what to do when a database that failed can be used again
	out     *bufio.Writer
	err     io.Writer
	style   style
}

// Run runs the command that the arguments name, and returns its exit status.
func Run(ctx context.Context, p *Process) (status int) {
	s := &session{ctx: ctx, process: p, out: bufio.NewWriter(p.Stdout), err: p.Stderr}
	defer func() {
		if fault := recover(); fault != nil {
			s.say("A fault of Muster itself ended the command: %v", fault)
			status = statusRefused
		}
	}()
	return s.end(s.run())
}

func (s *session) run() error {
	g := newGrammar()
	helped := false
	parser, err := newParser(g, s.out, s.err, func(int) { helped = true })
	if err != nil {
		return err
	}
	s.globals, s.parser, s.style = &g.globals, parser, newStyle(s.process)
	args := s.process.Args
	if len(args) == 0 {
		args = []string{"--help"}
	}
	parsed, err := parser.Parse(args)
	if helped {
		return nil
	}
	if err != nil {
		return usageOf(err)
	}
	if s.globals.Server != "" {
		return s.runRemotely(parsed)
	}
	return parsed.Run(s)
}

// end closes what is open, tells what went wrong and returns the exit status.
func (s *session) end(err error) int {
	if s.core != nil {
		if closing := s.core.Close(); err == nil {
			err = closing
		}
	}
	if flushing := s.out.Flush(); err == nil {
		err = flushing
	}
	if err != nil {
		s.tell(err)
	}
	return s.status(err)
}

// say prints a line for people on standard error.
func (s *session) say(format string, args ...any) {
	fmt.Fprintf(s.err, "muster: %s\n", clean(fmt.Sprintf(format, args...)))
}

// settings returns the configuration, which must be without a problem.
func (s *session) settings() (*config.Config, error) {
	if s.config != nil {
		return s.config, nil
	}
	c, problems, err := config.Load(s.process.Env)
	if err != nil {
		return nil, usage("%s", err)
	}
	for _, p := range problems {
		if !p.Warning {
			return nil, usage("%s (see muster config check)", p)
		}
	}
	s.config = c
	return c, nil
}

// open opens the services, and sets a fresh database up where it is asked to,
// unless the command acts for a user, who cannot be in there.
func (s *session) open(fresh bool) (*Core, directory.Actor, error) {
	if s.core != nil { // an earlier step of the command has opened what is there
		actor, err := s.actor()
		return s.core, actor, err
	}
	c, err := s.settings()
	if err != nil {
		return nil, directory.Actor{}, err
	}
	if s.core, err = s.process.Open(s.ctx, c, fresh && s.globals.As == ""); err != nil {
		return nil, directory.Actor{}, unreachable(err)
	}
	if s.core.Note != "" {
		s.say("%s", s.core.Note)
	}
	actor, err := s.actor()
	return s.core, actor, err
}

// door is what the history calls the command.
const door = "command"

// actor is the operator of the machine, or the user for whom the command acts.
func (s *session) actor() (directory.Actor, error) {
	if s.globals.As == "" {
		return directory.Operator(door), nil
	}
	return s.core.Directory.Actor(s.ctx, s.globals.As, door)
}

// attach opens what is there. setUp also sets up what is not, for a command
// that a fresh database is of use to.
func (s *session) attach() (*Core, directory.Actor, error) { return s.open(false) }
func (s *session) setUp() (*Core, directory.Actor, error)  { return s.open(true) }

// add runs what adds something to the directory, in a fresh database if there is
// none. What would be refused there is found out in one that is thrown away, so
// that a refused command leaves nothing behind.
func (s *session) add(do func(*Core, directory.Actor) error) error {
	core, actor, err := s.attach()
	if s.process.Missing(err) && s.globals.As == "" {
		if err := s.try(do); err != nil {
			return err
		}
		core, actor, err = s.setUp()
	}
	if err != nil {
		return err
	}
	return do(core, actor)
}

func (s *session) try(do func(*Core, directory.Actor) error) error {
	scratch, err := s.process.Scratch(s.ctx)
	if reason := s.process.Unavailable(err); reason != "" {
		return failure{sentence(fmt.Sprintf("A database to try this out in cannot be made in %s: %s, then run the command again.", os.TempDir(), reason)), statusUnreachable}
	}
	if err != nil {
		return err
	}
	return errors.Join(do(scratch, directory.Operator(door)), scratch.Close())
}
