package cli

import (
	"errors"

	"muster/internal/directory"
	"muster/internal/importer"
)

// numbered is a command on one import.
type numbered struct {
	Import int64 `arg:"" help:"Number of the import."`
}

type applyCommand struct {
	numbered
	detached
	Confirm int64 `help:"Number of existing users that the plan changes, where that is unusually high." placeholder:"N"`
}

type resumeCommand struct {
	numbered
	detached
}

type cancelCommand struct{ numbered }

// Run applies a plan.
func (c *applyCommand) Run(s *session) error { return s.applyNumbered(c.Import, c.Confirm, c.Detach) }

// Run goes on with an import.
func (c *resumeCommand) Run(s *session) error { return s.applyNumbered(c.Import, 0, c.Detach) }

func (s *session) applyNumbered(number, confirm int64, detach bool) error {
	core, actor, err := s.attach()
	if err != nil {
		return err
	}
	imp, err := core.Importer.Import(s.ctx, actor, number)
	if err != nil {
		return err
	}
	if detach {
		return s.applyLater(actor, imp, confirm)
	}
	return s.apply(actor, imp, confirm)
}

// apply carries an import out and prints its outcome. One that was finished
// before ends well, whatever became of its rows.
func (s *session) apply(actor directory.Actor, imp *importer.Import, confirm int64) error {
	finished := imp.State == importer.Applied || imp.State == importer.Undone
	number := imp.Number
	bar := s.progress()
	after, err := s.core.Importer.Apply(s.ctx, actor, number, confirm)
	bar.stop()
	if after = s.asKept(actor, after, err); after == nil {
		after = imp
	}
	if printing := s.printImport(actor, after, true); printing != nil {
		return errors.Join(err, printing)
	}
	switch {
	case err != nil || finished:
		return err
	case after.State == importer.Undone:
		return shortOfUndo(after)
	}
	return shortOfApply(after)
}

// shortOfApply tells which rows were not carried out.
func shortOfApply(imp *importer.Import) error {
	outcomes := imp.OutcomeCounts()
	failed, left := outcomes[importer.Failed], outcomes[importer.LeftOut]
	if failed+left == 0 {
		return nil
	}
	return refused("Not everything was done: of %s, %d failed and %d were left out. To mend them: muster results %d --failed-only -o FILE",
		counted(imp.Rows, "row"), failed, left, imp.Number)
}

// Run cancels an import.
func (c *cancelCommand) Run(s *session) error {
	core, actor, err := s.attach()
	if err != nil {
		return err
	}
	imp, err := core.Importer.Cancel(s.ctx, actor, c.Import)
	if imp == nil {
		return err
	}
	return errors.Join(s.printImport(actor, imp, true), err)
}
