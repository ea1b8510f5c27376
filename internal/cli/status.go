package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/alecthomas/kong"
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
	if errors.As(err, &known) || errors.Is(err, context.Canceled) {
		return err
	}
	return failure{err, statusUnreachable}
}

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
	case s.process.Unavailable(err):
		return statusUnreachable
	}
	return statusRefused
}

// tell says on standard error why the command ends as it does.
func (s *session) tell(err error) {
	text := err.Error()
	if errors.Is(err, context.Canceled) {
		text = "The command was interrupted."
	} else if s.status(err) == statusUnreachable && s.process.Unavailable(err) {
		text = "The database cannot be used: " + text
	}
	for line := range strings.Lines(text) {
		s.say("%s", strings.TrimSpace(line))
	}
}
