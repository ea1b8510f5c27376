package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/alecthomas/kong"

	"muster/internal/directory"
	"muster/internal/importer"
)

// The exit statuses, on which scripts depend.
const (
	statusDone        = 0
	statusRefused     = 1 // refused, in error, failed, left out, or not done
	statusUsage       = 2
	statusUnreachable = 3
)

// failure is an error that knows its exit status.
type failure struct {
	error
	status int
}

func (f failure) Unwrap() error { return f.error }

// usage is the error of a command that was called in a wrong way.
func usage(format string, args ...any) error {
	return failure{fmt.Errorf(format, args...), statusUsage}
}

// sentence is an error that people read as it stands.
type sentence string

func (s sentence) Error() string { return string(s) }

// refused is the error of a command that did not do what was asked of it, or
// not all of it.
func refused(format string, args ...any) error {
	return failure{sentence(fmt.Sprintf(format, args...)), statusRefused}
}

// unreachable is the error of a database that cannot be opened.
func unreachable(err error) error {
	var known failure
	if err == nil || errors.As(err, &known) || errors.Is(err, context.Canceled) {
		return err
	}
	return failure{err, statusUnreachable}
}

// Unreachable marks the error of a database, or of its key, that cannot be used.
func Unreachable(err error) error { return unreachable(err) }

// usageOf makes a wrong usage of what the parser found, with the way to the help.
func usageOf(err error) error {
	path := "muster"
	var parse *kong.ParseError
	if errors.As(err, &parse) && parse.Context != nil {
		if node := parse.Context.Selected(); node != nil {
			path = node.FullPath()
		}
	}
	return usage("%w; see %s --help", err, path)
}

func (s *session) status(err error) int {
	var known failure
	switch {
	case err == nil:
		return statusDone
	case errors.As(err, &known):
		return known.status
	case s.process.Unavailable(err) != "":
		return statusUnreachable
	}
	return statusRefused
}

// tell says on standard error why the command ends as it does.
func (s *session) tell(err error) {
	text := err.Error()
	if errors.Is(err, context.Canceled) {
		text = "The command was interrupted."
	} else if reason := s.process.Unavailable(err); reason != "" {
		text = fmt.Sprintf("The database %s cannot be used: %s, then %s.", s.database(), reason, cmp.Or(s.again, "run the command again"))
	}
	for line := range strings.Lines(text) {
		s.say("%s", strings.TrimSpace(line))
	}
}

// database is where the database is, as people are told.
func (s *session) database() string {
	for _, v := range s.config.Values() {
		if v.Name == "database" {
			return strings.TrimPrefix(v.Shown(), "sqlite:")
		}
	}
	return ""
}

// asKept is an import as the database has it, where the work on it ended because
// the database could not be used: what was done in a transaction that failed has
// not happened. It notes how to go on.
func (s *session) asKept(actor directory.Actor, imp *importer.Import, err error) *importer.Import {
	if imp == nil || s.process.Unavailable(err) == "" {
		return imp
	}
	if kept, reading := s.core.Importer.Import(s.ctx, actor, imp.Number); reading == nil {
		imp = kept
	}
	switch {
	case imp.State == importer.Planning && imp.Fingerprint != "":
		s.again = fmt.Sprintf("plan the file again, or go on with muster resume %d, which plans and applies it", imp.Number)
	case imp.State == importer.Hashing, imp.State == importer.Applying, imp.State == importer.Undoing:
		s.again = fmt.Sprintf("go on with muster resume %d", imp.Number)
	}
	return imp
}
