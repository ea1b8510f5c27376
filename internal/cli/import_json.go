package cli

import (
	"context"
	"errors"

	"muster/internal/directory"
	"muster/internal/importer"
	"muster/internal/issue"
)

// mostIssues is how many issues stand in the object of an import.
const mostIssues = 1000

// importJSON is an import as programs read it.
type importJSON struct {
	Import      int64        `json:"import"`
	Format      string       `json:"format"`
	State       string       `json:"state"`
	Rows        int64        `json:"rows"`
	Counts      countsJSON   `json:"counts"`
	Outcomes    *outcomeJSON `json:"outcomes,omitempty"`
	Issues      []issueJSON  `json:"issues"`
	IssuesTotal int64        `json:"issues_total"`
	SameAs      *int64       `json:"same_as"` // an earlier import of the very same file
	Confirm     int64        `json:"confirm"` // existing users that the plan changes
	File        string       `json:"file"`
	Sheet       string       `json:"sheet,omitempty"` // of a workbook
	Summary     *summaryJSON `json:"summary,omitempty"`
}

// summaryJSON counts what a plan brings beside users.
type summaryJSON struct {
	Aliases       int64    `json:"aliases"`
	GroupMembers  int64    `json:"group_members"`
	Delegates     int64    `json:"delegates"` // mailboxes of others that users of the file may open
	NewAttributes []string `json:"new_attributes"`
}

// jsonSummary is nil where the plan brings users only.
func jsonSummary(s *importer.Summary) *summaryJSON {
	j := summaryJSON{s.Aliases, s.Members, s.Delegates, append([]string{}, s.NewAttributes()...)}
	if j.Aliases+j.GroupMembers+j.Delegates+int64(len(j.NewAttributes)) == 0 {
		return nil
	}
	return &j
}

type countsJSON struct {
	Create    int64 `json:"create"`
	Update    int64 `json:"update"`
	Unchanged int64 `json:"unchanged"`
	Leaver    int64 `json:"leaver"`
	Joiner    int64 `json:"joiner"`
	Discard   int64 `json:"discard"`
	Error     int64 `json:"error"`
	Warning   int64 `json:"warning"`
}

type outcomeJSON struct {
	Created   int64 `json:"created"`
	Updated   int64 `json:"updated"`
	Unchanged int64 `json:"unchanged"`
	Leaver    int64 `json:"leaver"`
	Joined    int64 `json:"joined"`
	Discarded int64 `json:"discarded"`
	LeftOut   int64 `json:"left_out"`
	Failed    int64 `json:"failed"`
	Pending   int64 `json:"pending"`

	// Of an import that is being undone or is undone.
	Reversed     *int64 `json:"reversed,omitempty"`
	Kept         *int64 `json:"kept,omitempty"`
	Irreversible *int64 `json:"irreversible,omitempty"`
}

// undo fills in what an undo has made, or would make, of the rows.
func (j *outcomeJSON) undo(o map[importer.Outcome]int64) {
	reversed, kept, irreversible := o[importer.Reversed], o[importer.Kept], o[importer.Irreversible]
	j.Reversed, j.Kept, j.Irreversible = &reversed, &kept, &irreversible
}

// issueJSON is an issue; row and line are null where it concerns the whole file.
type issueJSON struct {
	Row        *int           `json:"row"`
	Line       *int           `json:"line"`
	Column     string         `json:"column"`
	Code       string         `json:"code"`
	Severity   issue.Severity `json:"severity"`
	Message    string         `json:"message"`
	Suggestion string         `json:"suggestion"`
}

func jsonIssues(list []issue.Issue) []issueJSON {
	out := make([]issueJSON, len(list))
	for n, i := range list {
		out[n] = issueJSON{positive(i.Row), positive(i.Line), i.Column, i.Code, i.Severity, i.Message, i.Suggestion}
	}
	return out
}

func positive[N int | int64](n N) *N {
	if n <= 0 {
		return nil
	}
	return &n
}

// jsonImport is an import without its issues.
func jsonImport(imp *importer.Import, outcomes bool) importJSON {
	n := func(a directory.Action) int64 { return imp.Counts[a] }
	j := importJSON{Import: imp.Number, Format: imp.Format, State: string(imp.State), Rows: imp.Rows, Issues: []issueJSON{},
		Counts: countsJSON{Create: n(directory.Create), Update: n(directory.Update), Unchanged: n(directory.Unchanged), Leaver: n(directory.MarkLeft),
			Joiner: n(directory.Join), Discard: n(directory.Discard), Error: n(directory.Refuse), Warning: imp.Warnings},
		SameAs: positive(imp.SameAs), Confirm: imp.ConfirmCount(), File: imp.File, Sheet: imp.Table.Sheet,
		Summary: jsonSummary(&imp.Summary)}
	if outcomes {
		o := imp.OutcomeCounts()
		j.Outcomes = &outcomeJSON{Created: o[importer.Created], Updated: o[importer.Updated], Unchanged: o[importer.Unchanged],
			Leaver: o[importer.Leaver], Joined: o[importer.Joined], Discarded: o[importer.Discarded],
			LeftOut: o[importer.LeftOut], Failed: o[importer.Failed], Pending: o[importer.Pending]}
		if imp.State == importer.Undoing || imp.State == importer.Undone {
			j.Outcomes.undo(o)
		}
	}
	return j
}

// printImport prints an import, as JSON with its outcomes where these are asked for.
func (s *session) printImport(actor directory.Actor, imp *importer.Import, outcomes bool) error {
	if !s.globals.JSON {
		return s.importText(actor, imp, outcomes)
	}
	issues, total, err := s.core.Importer.Issues(context.WithoutCancel(s.ctx), actor, imp.Number, mostIssues) // also of one that was interrupted
	j := jsonImport(imp, outcomes)
	j.Issues, j.IssuesTotal = jsonIssues(issues), total
	return errors.Join(s.printJSON(j), err)
}
