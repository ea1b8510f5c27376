package cli

import (
	"errors"
	"fmt"

	"muster/client"
	"muster/internal/directory"
	"muster/internal/importer"
	"muster/internal/wire"
)

type undoCommand struct {
	numbered
	detached
	Plan    bool  `help:"Only show what would be reversed and what not."`
	Confirm int64 `help:"Number of existing users that the undo changes or removes, where that is unusually high." placeholder:"N"`
}

// Run undoes an import, or shows what that would do.
func (c *undoCommand) Run(s *session) error {
	core, actor, err := s.attach()
	if err != nil {
		return err
	}
	if c.Plan {
		return s.planUndo(actor, c.Import)
	}
	imp, err := core.Importer.Import(s.ctx, actor, c.Import)
	if err != nil {
		return err
	}
	if c.Detach {
		return s.undoLater(actor, imp, c.Confirm)
	}
	finished := imp.State == importer.Undone
	bar := s.progress()
	after, err := core.Importer.Undo(s.ctx, actor, c.Import, c.Confirm)
	bar.stop()
	if after = s.asKept(actor, after, err); after == nil {
		after = imp
	}
	if printing := s.printImport(actor, after, true); printing != nil {
		return errors.Join(err, printing)
	}
	if err != nil || finished {
		return err
	}
	return shortOfUndo(after)
}

// shortOfUndo tells which rows could not be reversed. That rows were kept is as
// it should be.
func shortOfUndo(imp *importer.Import) error {
	n := imp.OutcomeCounts()[importer.Irreversible]
	if n == 0 {
		return nil
	}
	return refused("Not everything was undone: of %s, %d cannot be reversed. To see why: muster show %d --rows --only irreversible",
		counted(imp.Rows, "row"), n, imp.Number)
}

// planUndo shows what an undo would do, and changes nothing.
func (s *session) planUndo(actor directory.Actor, number int64) error {
	shown := &undoShown{session: s}
	plan, err := s.core.Importer.UndoPlan(s.ctx, actor, number, shown.row)
	if err != nil {
		return err
	}
	if s.globals.JSON {
		return s.printJSON(wire.UndoPlan(plan, shown.issues))
	}
	s.undoText(plan, shown)
	return nil
}

// shownUndo is how many rows a person is shown at once.
const shownUndo = 20

// undoShown collects the first rows of an undo's plan.
type undoShown struct {
	*session
	rows   []*importer.UndoRow
	issues []client.Issue
	count  int
}

func (u *undoShown) row(r *importer.UndoRow) error {
	u.count++
	if len(u.rows) < shownUndo {
		u.rows = append(u.rows, r)
	}
	if r.Outcome != importer.Reversed && len(u.issues) < wire.MostIssues {
		u.issues = append(u.issues, wire.Issue(r.Issue))
	}
	return nil
}

func (s *session) undoText(plan *importer.UndoPlan, shown *undoShown) {
	imp := plan.Import
	s.print("%s", s.style.bold(fmt.Sprintf("Undo of import %d: %s", imp.Number, clean(imp.File))))
	s.wrap(2, s.describe(imp))
	s.outcomeTable(imp)
	if n := plan.ConfirmCount(); n > 0 {
		s.print("  %s would be changed or removed.", counted(n, "existing user"))
	}
	for _, r := range shown.rows {
		s.undoRow(r)
	}
	if rest := shown.count - len(shown.rows); rest > 0 {
		s.print("\n  … and %d more", rest)
	}
	if imp.State != importer.Undone {
		s.print("\nTo undo it: muster undo %d", imp.Number)
	}
}

// undoRow shows what an undo would do about one row, or why it would not.
func (s *session) undoRow(r *importer.UndoRow) {
	place := "member of the group"
	if r.Row != nil {
		place = fmt.Sprintf("row %d, line %d", r.Row.Row, r.Row.Line)
	}
	s.print("\n%s", s.style.bold(fmt.Sprintf("%s: %s %s", place, r.Outcome, clean(r.Address))))
	switch {
	case r.Outcome != importer.Reversed:
		s.wrap(2, r.Issue.Message)
	case r.Removes:
		s.print("  the user is removed")
	case len(r.Changes) == 0:
		s.print("  nothing is left to be done")
	default:
		s.changesText(r.Changes, false)
	}
}
