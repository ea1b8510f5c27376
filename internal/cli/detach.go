package cli

import (
	"errors"

	"muster/internal/directory"
	"muster/internal/importer"
)

// detached is a command that may leave its work to the background.
type detached struct {
	Detach bool `help:"Leave the work to muster serve or muster work, and print the number of the import at once."`
}

// applyLater lets an import begin to be applied by others.
func (s *session) applyLater(actor directory.Actor, imp *importer.Import, confirm int64) error {
	after, err := s.core.Importer.ApplyLater(s.ctx, actor, imp.Number, confirm)
	return s.left(actor, imp, after, err)
}

// undoLater lets an import begin to be undone by others.
func (s *session) undoLater(actor directory.Actor, imp *importer.Import, confirm int64) error {
	after, err := s.core.Importer.UndoLater(s.ctx, actor, imp.Number, confirm)
	return s.left(actor, imp, after, err)
}

// left tells of an import that is left to the background, by its number, or why
// it is not. Those who work there find it by themselves, if they cannot be told.
func (s *session) left(actor directory.Actor, before, after *importer.Import, err error) error {
	if after = s.asKept(actor, after, err); after == nil {
		after = before
	}
	if err != nil {
		return errors.Join(err, s.printImport(actor, after, true))
	}
	if after.Waits() {
		s.core.Enqueue(s.ctx, after) // if that fails they find it by themselves
	}
	if s.globals.JSON {
		return s.printImport(actor, after, true)
	}
	s.print("%d", after.Number)
	if after.Waits() {
		s.say("Import %d is left to muster serve or muster work. To see how far it is: muster show %d", after.Number, after.Number)
	}
	return nil
}
