// Package issue holds the one type in which Muster says that something is
// wrong, or worth knowing: an Issue. A problem of a row is data, not an error
// that ends the work: it is stored with the row and printed alike by every
// door. Where one problem does end the work, the same Issue serves as the
// error.
//
// Each kind of problem has a Code. Packages define their codes beside the rule
// that raises them, with cause and cure; All lists them for the manual.
package issue

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
)

// Severity tells whether an issue keeps its row from being applied.
type Severity string

// The two severities: an Error keeps its row out, a Warning is worth knowing.
const (
	Error   Severity = "error"
	Warning Severity = "warning"
)

// Code names a kind of problem. It is stable: scripts and manuals refer to it.
type Code struct {
	Name     string
	Severity Severity
	Cause    string // one sentence: what was found
	Cure     string // one sentence: what to do
}

var codes = map[string]*Code{}

// NewError defines a code whose issues are errors. Names are unique.
func NewError(name, cause, cure string) *Code { return define(name, Error, cause, cure) }

// NewWarning defines a code whose issues are warnings.
func NewWarning(name, cause, cure string) *Code { return define(name, Warning, cause, cure) }

func define(name string, s Severity, cause, cure string) *Code {
	if codes[name] != nil {
		panic("issue: code defined twice: " + name)
	}
	c := &Code{name, s, cause, cure}
	codes[name] = c
	return c
}

// All returns every code that the program knows, by name.
func All() []*Code {
	all := make([]*Code, 0, len(codes))
	for _, c := range codes {
		all = append(all, c)
	}
	slices.SortFunc(all, func(a, b *Code) int { return cmp.Compare(a.Name, b.Name) })
	return all
}

// Issue is one problem. Row and Line are 0 where it concerns the whole file;
// Column is a heading, the letter of a column without one, or empty. Message
// and Suggestion are whole sentences and never hold a secret.
type Issue struct {
	Row        int      `json:"row"`
	Line       int      `json:"line"`
	Column     string   `json:"column"`
	Code       string   `json:"code"`
	Severity   Severity `json:"severity"`
	Message    string   `json:"message"`
	Suggestion string   `json:"suggestion"`
}

// New makes an issue of a code; format and args give the message.
func (c *Code) New(format string, args ...any) Issue {
	return Issue{Code: c.Name, Severity: c.Severity, Message: fmt.Sprintf(format, args...)}
}

// In returns the issue placed in a column.
func (i Issue) In(column string) Issue { i.Column = column; return i }

// Suggest returns the issue with a suggestion.
func (i Issue) Suggest(format string, args ...any) Issue {
	i.Suggestion = fmt.Sprintf(format, args...)
	return i
}

// Cure is what to do about the issue: what it suggests itself, or else its code.
func (i Issue) Cure() string {
	if c := codes[i.Code]; c != nil && i.Suggestion == "" {
		return c.Cure
	}
	return i.Suggestion
}

// Error makes an issue serve as an error where it ends the work.
func (i Issue) Error() string {
	text := i.Message
	if i.Column != "" {
		text = i.Column + ": " + text
	}
	if i.Line > 0 {
		text = fmt.Sprintf("line %d, %s", i.Line, text)
	}
	if i.Suggestion != "" {
		text += " (" + i.Suggestion + ")"
	}
	return text
}

// Is reports whether err is, or wraps, an issue of this code.
func (c *Code) Is(err error) bool {
	var i Issue
	return errors.As(err, &i) && i.Code == c.Name
}
