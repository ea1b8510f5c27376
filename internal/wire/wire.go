// Package wire says things of the directory and of imports in the words and shapes in
// which programs read them, and reads what programs want in the same shapes. What
// `muster … --json` prints and what the REST API answers are made here, so that both
// are the same; the shapes themselves are types of package client, by which programs
// in Go know them. Nothing is judged here.
package wire

import (
	"time"

	"muster/client"
	"muster/internal/directory"
	"muster/internal/issue"
)

// MostIssues is how many issues stand in an import.
const MostIssues = 1000

// Moment is a time in whole seconds, or nil.
func Moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC().Truncate(time.Second)
	return &t
}

// positive is nil for what there is not.
func positive[N int | int64](n N) *N {
	if n <= 0 {
		return nil
	}
	return &n
}

// Issues are issues as programs read them, an empty list for none.
func Issues(list []issue.Issue) []client.Issue {
	out := make([]client.Issue, len(list))
	for n, i := range list {
		out[n] = Issue(i)
	}
	return out
}

// Issue is one issue as programs read it.
func Issue(i issue.Issue) client.Issue {
	return client.Issue{Row: positive(i.Row), Line: positive(i.Line), Column: i.Column, Code: i.Code, Severity: string(i.Severity),
		Message: i.Message, Suggestion: i.Suggestion}
}

// Changes are differences as programs read them.
func Changes(changes []directory.Change) []client.Change {
	list := make([]client.Change, len(changes))
	for i, c := range changes {
		list[i] = client.Change{Field: c.Field, Old: c.Old, New: c.New}
	}
	return list
}

// Entry is an entry of the history.
func Entry(e directory.Entry) *client.Entry {
	return &client.Entry{At: Moment(e.At), Actor: e.Actor, Door: e.Door, Import: positive(e.Import), Row: positive(e.Row),
		Action: e.Action, Changes: Changes(e.Changes)}
}

// assign brings a value into its place, if it is given.
func assign[T any](to *T, given *T) {
	if given != nil {
		*to = *given
	}
}

// HistoryEntry is an entry of the history with what it is about.
func HistoryEntry(e directory.Entry) *client.HistoryEntry {
	w := &client.HistoryEntry{ID: e.ID.String(), At: Moment(e.At), Actor: e.Actor, Door: e.Door, Org: e.Org, Import: positive(e.Import), Row: positive(e.Row),
		Address: e.Address, Subject: e.Subject, Action: e.Action, Changes: Changes(e.Changes)}
	if !e.UserID.IsZero() {
		id := e.UserID.String()
		w.User = &id
	}
	return w
}
