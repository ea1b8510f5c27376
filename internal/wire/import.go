package wire

import (
	"slices"
	"strings"

	"muster/client"
	"muster/internal/directory"
	"muster/internal/importer"
	"muster/internal/issue"
)

// Import is an import without its issues, with its outcomes where these are asked for.
func Import(imp *importer.Import, outcomes bool) *client.Import {
	w := &client.Import{Import: imp.Number, Format: imp.Format, State: string(imp.State), Rows: imp.Rows, Counts: counts(imp), Issues: []client.Issue{},
		SameAs: positive(imp.SameAs), Confirm: imp.ConfirmCount(), Revision: imp.Revision, File: imp.File, Kind: imp.Table.Kind, Sheet: imp.Table.Sheet, Summary: summary(&imp.Summary)}
	if outcomes {
		w.Outcomes = outcomesOf(imp)
	}
	return w
}

// WithIssues is an import with issues, of which there are total.
func WithIssues(imp *importer.Import, outcomes bool, issues []issue.Issue, total int64) *client.Import {
	w := Import(imp, outcomes)
	w.Issues, w.IssuesTotal = Issues(issues), total
	return w
}

// UndoPlan is an import as an undo would leave it, with the first issues of that.
func UndoPlan(plan *importer.UndoPlan, issues []client.Issue) *client.Import {
	w := Import(plan.Import, true)
	undone(w.Outcomes, plan.Import.OutcomeCounts())
	w.Confirm, w.Issues, w.IssuesTotal = plan.ConfirmCount(), append([]client.Issue{}, issues...), plan.Issues
	return w
}

// summary is nil where the plan brings users only.
func summary(s *importer.Summary) *client.Summary {
	w := client.Summary{Aliases: s.Aliases, GroupMembers: s.Members, Delegates: s.Delegates, NewAttributes: append([]string{}, s.NewAttributes()...)}
	if w.Aliases+w.GroupMembers+w.Delegates+int64(len(w.NewAttributes)) == 0 {
		return nil
	}
	return &w
}

func counts(imp *importer.Import) client.Counts {
	n := func(a directory.Action) int64 { return imp.Counts[a] }
	return client.Counts{Create: n(directory.Create), Update: n(directory.Update), Unchanged: n(directory.Unchanged), Leaver: n(directory.MarkLeft),
		Joiner: n(directory.Join), Discard: n(directory.Discard), Error: n(directory.Refuse), Warning: imp.Warnings}
}

func outcomesOf(imp *importer.Import) *client.Outcomes {
	o := imp.OutcomeCounts()
	w := &client.Outcomes{Created: o[importer.Created], Updated: o[importer.Updated], Unchanged: o[importer.Unchanged],
		Leaver: o[importer.Leaver], Joined: o[importer.Joined], Discarded: o[importer.Discarded],
		LeftOut: o[importer.LeftOut], Failed: o[importer.Failed], Pending: o[importer.Pending]}
	if imp.State == importer.Undoing || imp.State == importer.Undone {
		undone(w, o)
	}
	return w
}

// undone fills in what an undo has made, or would make, of the rows.
func undone(w *client.Outcomes, o map[importer.Outcome]int64) {
	reversed, kept, irreversible := o[importer.Reversed], o[importer.Kept], o[importer.Irreversible]
	w.Reversed, w.Kept, w.Irreversible = &reversed, &kept, &irreversible
}

// ListedImport is an import in a list: without its issues, with when and who.
func ListedImport(imp *importer.Import) *client.ListedImport {
	return &client.ListedImport{Import: imp.Number, File: imp.File, Format: imp.Format, Org: imp.Org, State: string(imp.State), Rows: imp.Rows,
		Counts: counts(imp), Outcomes: outcomesOf(imp), IssuesTotal: imp.Issues, SameAs: positive(imp.SameAs), Confirm: imp.ConfirmCount(),
		PlannedBy: imp.Planner.Address, CreatedAt: Moment(imp.CreatedAt), EndedAt: Moment(imp.EndedAt)}
}

// Row is a row of an import, with the address of its user.
func Row(imp *importer.Import, r *importer.Row, address string) *client.Row {
	return &client.Row{Row: r.Row, Line: r.Line, Action: string(r.Action), Outcome: string(imp.OutcomeOf(r)), Address: address,
		Changes: Changes(r.Changes), Issues: Issues(r.Issues)}
}

// Progress tells how far an import is.
func Progress(imp *importer.Import) *client.Progress {
	w := &client.Progress{Import: imp.Number, State: string(imp.State), Done: imp.Rows, Ended: !imp.Waits()}
	switch reached := imp.Next - 1; imp.State {
	case importer.Hashing:
		w.Done, w.Total = imp.Hashed, imp.Secrets
	case importer.Undoing:
		w.Done, w.Total = reached-imp.UndoNext, reached
	case importer.Applying, importer.Applied:
		w.Done, w.Total = reached, imp.Rows
	}
	return w
}

// warning are, among the words of a filter, the rows that bear one.
const warning = "warning"

var (
	actions = []directory.Action{directory.Create, directory.Update, directory.Unchanged, directory.MarkLeft, directory.Join, directory.Discard,
		directory.Refuse}
	outcomes = []importer.Outcome{importer.Created, importer.Updated, importer.Unchanged, importer.Leaver, importer.Joined, importer.Discarded,
		importer.LeftOut, importer.Failed, importer.Pending, importer.Reversed, importer.Kept, importer.Irreversible}
)

// RowWordUnknown tells of a word that is neither an action nor an outcome.
var RowWordUnknown = issue.NewError("row-word-unknown", "Rows are chosen by an action or an outcome, and the word is neither.", "Give one of the words in the message.")

// RowFilter says which rows some words mean; some mean both an action and an outcome.
func RowFilter(words []string) (f importer.RowFilter, err error) {
	for _, word := range words {
		action, outcome := slices.Contains(actions, directory.Action(word)), slices.Contains(outcomes, importer.Outcome(word))
		if action {
			f.Actions = append(f.Actions, directory.Action(word))
		}
		if outcome {
			f.Outcomes = append(f.Outcomes, importer.Outcome(word))
		}
		if word == warning {
			f.Warned = true
		} else if !action && !outcome {
			return f, RowWordUnknown.New("Rows are chosen by %s, not %q.", strings.Join(rowWords(), ", "), word)
		}
	}
	return f, nil
}

func rowWords() []string {
	known := []string{warning}
	for _, a := range actions {
		known = append(known, string(a))
	}
	for _, o := range outcomes {
		if !slices.Contains(known, string(o)) {
			known = append(known, string(o))
		}
	}
	return known
}
