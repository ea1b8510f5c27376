package importer

import (
	"context"
	"errors"

	"muster/internal/directory"
)

// Work that is left to the background: ApplyLater and UndoLater check what Apply
// and Undo check, write into the import that it is wanted and by whom, and leave
// the rest to whoever calls Work. Nothing else has to be remembered: an import
// that waits can be told by its row.

// ErrWaits tells that an import about the same people is being applied, which
// comes first.
var ErrWaits = errors.New("another import about the same people comes first")

// ApplyLater lets a plan begin, as Apply does; an import that is not planned yet
// begins as soon as it is, and only if it may.
func (s *Service) ApplyLater(ctx context.Context, actor directory.Actor, number, confirm int64) (*Import, error) {
	imp, err := s.toApply(ctx, actor, number)
	if err != nil {
		return imp, err
	}
	if imp.State == Planned {
		err = s.begin(ctx, actor, imp, confirm)
	}
	if imp.State == Planning {
		err = s.want(ctx, actor, imp, confirm)
	}
	return imp, err
}

// UndoLater lets an undo begin, as Undo does.
func (s *Service) UndoLater(ctx context.Context, actor directory.Actor, number, confirm int64) (*Import, error) {
	imp, err := s.toUndo(ctx, actor, number)
	if err != nil || imp.State == Undoing || imp.State == Undone {
		return imp, err
	}
	return imp, s.beginUndo(ctx, actor, imp, confirm)
}

// want notes that an import is to be applied once it is planned.
func (s *Service) want(ctx context.Context, actor directory.Actor, imp *Import, confirm int64) error {
	return s.Store.WriteImport(ctx, func(tx Tx) error {
		now, err := tx.Import(ctx, imp.Number)
		if err != nil {
			return err
		}
		*imp = *now
		switch {
		case imp.State != Planning && imp.State != Planned:
			return nil
		case imp.Fingerprint == "":
			return NotApplicable.New("The file of import %d has not arrived to its end.", imp.Number)
		}
		imp.Wanted, imp.Applier, imp.Confirm = true, actor, confirm
		return s.save(ctx, tx, imp)
	})
}

// unwant notes that a plan was refused, which somebody had wanted to be applied:
// it is not tried again.
func (s *Service) unwant(ctx context.Context, imp *Import, refusal error) error {
	reason, refused := asIssue(refusal)
	if !refused || !imp.Wanted {
		return nil
	}
	return s.Store.WriteImport(ctx, func(tx Tx) error {
		now, err := tx.Import(ctx, imp.Number)
		if err != nil {
			return err
		}
		*imp = *now
		if imp.Wanted = false; imp.State == Planned {
			imp.Told = Planned // by why it stays one
		}
		if err := s.tellRefusal(ctx, tx, imp, reason); err != nil {
			return err
		}
		return s.save(ctx, tx, imp)
	})
}

// Waits reports whether there is something left to do that nobody has to ask for
// again.
func (i *Import) Waits() bool {
	switch i.State {
	case Planning:
		return i.Fingerprint != "" // a file that has arrived
	case Planned:
		return i.Wanted
	}
	return !i.Finished()
}

// Work goes on with an import that waits, in the name of whoever wanted it, and
// returns it as it then is; nil where it does not wait. It
// waits for nobody: where somebody else works on the import the error is
// TakenOver, and where one about the same people comes first it is ErrWaits.
// When ctx ends it stops at the next border of a batch; planning begins again
// when it is gone on with.
func (s *Service) Work(ctx context.Context, number int64) (*Import, error) {
	imp, err := s.Store.Import(ctx, number)
	if err != nil || imp == nil || !imp.Waits() {
		return nil, err
	}
	b := *s
	b.background = true
	switch {
	case imp.State == Undoing:
		imp, err = b.Undo(ctx, imp.Undoer, number, 0)
	case imp.State == Planning && !imp.Wanted:
		imp, err = b.Plan(ctx, number)
	default:
		imp, err = b.Apply(ctx, imp.Applier, number, imp.Confirm)
	}
	if errors.Is(err, errTakenOver) {
		return s.elsewhere(ctx, number)
	}
	return imp, err
}
