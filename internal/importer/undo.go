package importer

import (
	"context"
	"math"
	"slices"

	"muster/internal/directory"
	"muster/internal/issue"
)

// The problems of an undo, and the reasons why a row is not reversed.
var (
	NotUndoable = issue.NewError("not-undoable", "The import has changed nothing that could be undone, or is not finished.",
		"Look at what became of it with muster show; finish it with muster resume or muster cancel (API: …/resume or …/cancel) first.")
	UndoKept = issue.NewWarning("undo-kept", "What the row set was changed since, so the undo has kept it.",
		"Look at the user; nothing needs to be done if the later change is right.")
	UndoBarred = issue.NewError("undo-irreversible", "What the row did cannot be reversed.", "Change the user by hand where that is needed.")
)

// undoReader is what judging an undo needs of the database, within a
// transaction or without one.
type undoReader interface {
	directory.UndoReader
	// RowsBack calls f for at most limit rows of an import, without their cells, from
	// a row on downwards.
	RowsBack(ctx context.Context, number, from int64, limit int, f func(*Row) error) error
	// Replaced returns at most limit entries of the history by which an import
	// took members out of its group, from the one after an entry on.
	Replaced(ctx context.Context, number int64, after directory.ID, limit int) ([]directory.Entry, error)
	Secrets(ctx context.Context, number int64, kind string, from, to, limit int) ([]Secret, error)
}

// undoTx is what an undo needs of a transaction.
type undoTx interface {
	undoReader
	directory.UndoTx
	// PutMember adds a member that is no user to a group.
	PutMember(ctx context.Context, group directory.ID, m directory.Member) error
	// DropAttribute deletes an attribute that no user has.
	DropAttribute(ctx context.Context, name string) error
}

// changed are the outcomes of rows that an undo concerns.
var changed = []Outcome{Created, Updated, Leaver, Joined}

// changedBy tells whether applying a row has changed something.
func (i *Import) changedBy(r *Row) bool {
	return r.Outcome == "" && i.reached(r.Row) && slices.Contains(changed, outcomes[r.Action])
}

// tookBack reports whether the undo has passed a row that had changed something.
func (i *Import) tookBack(r *Row) bool {
	return (i.State == Undoing || i.State == Undone) && int64(r.Row) > i.UndoNext && i.changedBy(r)
}

// Undo takes back what an import changed, or goes on with that from where it
// was left. Confirm is the number of existing users whom it changes or removes,
// where that is unusually high; it is ignored where it is not. On an import that
// is undone it does nothing.
func (s *Service) Undo(ctx context.Context, actor directory.Actor, number, confirm int64) (*Import, error) {
	return s.patiently(ctx, number, func(w *work) (*Import, error) { return w.undo(ctx, actor, confirm) })
}

func (w *work) undo(ctx context.Context, actor directory.Actor, confirm int64) (*Import, error) {
	imp, err := w.toUndo(ctx, actor, w.number)
	if err != nil || imp.State == Undone {
		return imp, err
	}
	if imp, err = w.alone(ctx); err == nil {
		err = imp.undoable()
	}
	if err != nil {
		return imp, err
	}
	if imp.State != Undoing && imp.State != Undone {
		if err := w.beginUndo(ctx, actor, imp, confirm); err != nil {
			return imp, err
		}
	}
	return w.undoAll(ctx, imp)
}

// toUndo returns an import that the actor may undo, if it can be undone.
func (s *Service) toUndo(ctx context.Context, actor directory.Actor, number int64) (*Import, error) {
	if err := s.Sweep(ctx); err != nil {
		return nil, err
	}
	imp, err := s.find(ctx, actor, directory.ImportsApply, number)
	if err == nil {
		err = imp.undoable()
	}
	return imp, err
}

// undoable tells why an import cannot be undone.
func (i *Import) undoable() error {
	did := !i.AppliedAt.IsZero() && i.Removed > 0
	for _, o := range changed {
		did = did || i.Outcomes[o] > 0
	}
	switch {
	case i.State == Applied, i.State == Undoing, i.State == Undone, i.State == Cancelled && did:
		return nil
	case i.State == Hashing || i.State == Applying:
		return NotUndoable.New("Import %d is not finished: %d of %d rows are applied.", i.Number, i.Next-1, i.Rows).
			Suggest("finish it with muster resume %[1]d, or end it with muster cancel %[1]d, then undo it (API: POST /imports/%[1]d/resume or /cancel)", i.Number)
	}
	return NotUndoable.New("Import %d is %s; it has changed nothing.", i.Number, i.State)
}

// beginUndo checks that nothing unusual is about to be done, and lets the undo
// begin.
func (s *Service) beginUndo(ctx context.Context, actor directory.Actor, imp *Import, confirm int64) error {
	plan, err := s.planUndo(ctx, actor, imp, func(*UndoRow) error { return nil })
	if err != nil {
		return err
	}
	if err := s.confirmUndo(ctx, plan, confirm); err != nil {
		return err
	}
	return s.Store.WriteImport(ctx, func(tx Tx) error {
		now, err := tx.Import(ctx, imp.Number)
		if err != nil {
			return err
		}
		*imp = *now
		if err := imp.undoable(); err != nil || imp.State == Undoing || imp.State == Undone {
			return err
		}
		imp.State, imp.Undoer, imp.UndoAt, imp.UndoNext = Undoing, actor, s.Now(), imp.Next-1
		return s.save(ctx, tx, imp)
	})
}

// undoing is the work of undoing one import.
type undoing struct {
	*Service
	imp     *Import
	catalog *directory.Catalog
	most    int // rows of one transaction
}

// undoAll undoes batch after batch, until none is left.
func (s *Service) undoAll(ctx context.Context, imp *Import) (*Import, error) {
	u := &undoing{Service: s, imp: imp, most: s.Batch}
	for imp.State == Undoing {
		if ctx.Err() != nil {
			return imp, Interrupted.New("The undo of import %d was interrupted before row %d; what was reversed stays so.", imp.Number, imp.UndoNext).
				Suggest("go on with muster undo %d", imp.Number)
		}
		// A batch that has begun is finished, also when the command is interrupted.
		if err := u.step(context.WithoutCancel(ctx)); err != nil {
			return imp, err
		}
		s.report("undoing", imp.Next-1-imp.UndoNext, imp.Next-1)
	}
	return imp, nil
}

// step undoes a batch. One that the database does not take is undone row by
// row, so that the row to blame stays alone and holds up no other.
func (u *undoing) step(ctx context.Context) error {
	err := u.write(ctx, u.batch)
	if !clashes(err) || u.imp.UndoNext == 0 {
		return err
	}
	u.most = 1
	defer func() { u.most = u.Batch }()
	for end := u.imp.UndoNext - int64(u.Batch); u.imp.State == Undoing && u.imp.UndoNext > max(end, 0); {
		err := u.write(ctx, u.batch)
		if clashes(err) {
			err = u.write(ctx, func(ctx context.Context, tx Tx) error { return u.giveUp(ctx, tx, err) })
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// write runs f in a transaction, with the import as it then is. Batches are steps;
// what ends the undo has to last. Where it comes to nothing, the import is what
// it was before.
func (u *undoing) write(ctx context.Context, f func(context.Context, Tx) error) (err error) {
	write, before := u.Store.WriteStep, *u.imp
	if u.imp.UndoNext == 0 {
		write = u.Store.WriteImport
	}
	defer func() {
		if err != nil {
			*u.imp = before
		}
	}()
	return write(ctx, func(tx Tx) (err error) {
		now, err := tx.Import(ctx, u.imp.Number)
		if err != nil {
			return err
		}
		if now.Lease != u.imp.Lease {
			return errTakenOver
		}
		if *u.imp = *now; u.imp.State != Undoing {
			return nil
		}
		if u.catalog, err = tx.Catalog(ctx); err != nil {
			return err
		}
		return f(ctx, tx)
	})
}

// batch undoes the next rows and marks them in the same transaction.
func (u *undoing) batch(ctx context.Context, tx Tx) error {
	if u.imp.UndoNext == 0 {
		return u.members(ctx, tx)
	}
	rows, next, err := rowsBack(ctx, tx, u.imp, u.imp.UndoNext, u.most)
	if err != nil {
		return err
	}
	var all []*undoItem
	for len(rows) > 0 {
		some := distinct(rows)
		items, err := u.judgeRows(ctx, tx, u.imp, u.imp.Undoer, &directory.Foreseen{}, some)
		if err != nil {
			return err
		}
		if err := u.takeBack(ctx, tx, items); err != nil {
			return err
		}
		all, rows = append(all, items...), rows[len(some):]
	}
	return u.pass(ctx, tx, all, next)
}

// takeBack brings the undos of rows into the database.
func (u *undoing) takeBack(ctx context.Context, tx Tx, items []*undoItem) error {
	undos := make([]*directory.Undo, len(items))
	for i, item := range items {
		undos[i] = item.undo
	}
	doing := directory.Doing{Actor: u.imp.Undoer, At: u.Now(), Import: u.imp.Number, Catalog: u.catalog}
	if err := directory.TakeBack(ctx, tx, doing, undos); err != nil {
		return err
	}
	for _, item := range items {
		u.noteAttributes(item)
	}
	return nil
}

// noteAttributes remembers the attributes that a user may have been the last to
// have.
func (u *undoing) noteAttributes(item *undoItem) {
	if item.outcome() != Reversed {
		return
	}
	for _, c := range item.row.Changes {
		if name, ok := c.IsAttribute(); ok && c.New != "" && !slices.Contains(u.imp.UndoneAttributes, name) {
			u.imp.UndoneAttributes = append(u.imp.UndoneAttributes, name)
		}
	}
}

// pass counts rows that are finished and moves the mark past them. A row is
// written only where it is not reversed.
func (u *undoing) pass(ctx context.Context, tx Tx, items []*undoItem, next int64) error {
	for _, item := range items {
		outcome, r := item.outcome(), item.row
		u.imp.Outcomes[outcomes[r.Action]]--
		u.imp.Outcomes[outcome]++
		if outcome != Reversed {
			if err := u.tell(ctx, tx, r, outcome, item.issue()); err != nil {
				return err
			}
			continue
		}
		if r.generates() {
			if err := tx.DeleteSecrets(ctx, u.imp.Number, Generated, r.Row, r.Row); err != nil {
				return err
			}
		}
	}
	u.imp.UndoNext = next
	return u.save(ctx, tx, u.imp)
}

// tell writes why a row was not reversed.
func (u *undoing) tell(ctx context.Context, tx Tx, r *Row, outcome Outcome, reason issue.Issue) error {
	before := r.Issues
	r.Issues, r.Outcome = append(slices.Clip(r.Issues), reason), outcome
	u.imp.countIssues(before, r.Issues)
	return tx.SaveRow(ctx, u.imp.Number, r)
}

// giveUp leaves the next row as it is.
func (u *undoing) giveUp(ctx context.Context, tx Tx, cause error) error {
	rows, next, err := rowsBack(ctx, tx, u.imp, u.imp.UndoNext, 1)
	if err != nil || len(rows) == 0 {
		return cause
	}
	r := rows[0]
	i := UndoBarred.New("The row cannot be reversed: the database refused it: %s.", cause)
	i.Row, i.Line = r.Row, r.Line
	u.imp.Outcomes[outcomes[r.Action]]--
	u.imp.Outcomes[Irreversible]++
	if err := u.tell(ctx, tx, r, Irreversible, i); err != nil {
		return err
	}
	return u.pass(ctx, tx, nil, next)
}

// finish ends the undo and destroys what only it needed.
func (u *undoing) finish(ctx context.Context, tx Tx) error {
	for _, name := range u.imp.UndoneAttributes {
		if err := tx.DropAttribute(ctx, name); err != nil {
			return err
		}
	}
	for _, kind := range []string{Former, AccountFormer} {
		if err := tx.DeleteSecrets(ctx, u.imp.Number, kind, 0, math.MaxInt); err != nil {
			return err
		}
	}
	if err := tx.AddEnded(ctx); err != nil {
		return err
	}
	u.imp.State, u.imp.UndoneAt = Undone, u.Now()
	return u.save(ctx, tx, u.imp)
}
