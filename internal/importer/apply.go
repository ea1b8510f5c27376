package importer

import (
	"context"
	"errors"
	"slices"
	"time"

	"muster/internal/directory"
)

// Apply carries a plan out, or goes on with it from where it was left. Confirm
// is the number of existing users that the plan changes, where that is
// unusually high; it is ignored where it is not. An undo that was cut off is
// finished. On an import that is applied or undone it does nothing.
func (s *Service) Apply(ctx context.Context, actor directory.Actor, number, confirm int64) (*Import, error) {
	return s.patiently(ctx, number, func(w *work) (*Import, error) { return w.apply(ctx, actor, confirm) })
}

func (w *work) apply(ctx context.Context, actor directory.Actor, confirm int64) (*Import, error) {
	imp, err := w.toApply(ctx, actor, w.number)
	if err != nil || imp.Finished() {
		return imp, err
	}
	if imp, err = w.alone(ctx); err != nil {
		return imp, err
	}
	if imp.State == Undoing {
		return w.undoAll(ctx, imp)
	}
	for {
		if imp.State == Planning {
			if imp, err = w.plan(ctx, imp); err != nil {
				return imp, err
			}
		}
		if imp.State == Planned {
			if err := w.begin(ctx, actor, imp, confirm); err != nil {
				return imp, errors.Join(err, w.unwant(ctx, imp, err))
			}
		}
		if imp, err = w.goOn(ctx, imp); err == nil && imp.State == Applied {
			err = w.sweepClaims(ctx)
		}
		if err != nil || imp.State != Planning {
			return imp, err
		}
	}
}

// toApply returns an import that the actor may apply. It tells why one that is
// finished was not applied.
func (s *Service) toApply(ctx context.Context, actor directory.Actor, number int64) (*Import, error) {
	if err := s.Sweep(ctx); err != nil {
		return nil, err
	}
	imp, err := s.find(ctx, actor, directory.ImportsApply, number)
	if err == nil && imp.Finished() {
		err = imp.notApplied()
	}
	return imp, err
}

// goOn works on an import until it is finished, or has to be planned again.
func (s *Service) goOn(ctx context.Context, imp *Import) (*Import, error) {
	err := s.hash(ctx, imp)
	if err == nil {
		err = s.enter(ctx, imp)
	}
	if err == nil {
		err = s.applyAll(ctx, imp)
	}
	switch {
	case err != nil && ctx.Err() != nil:
		return imp, Interrupted.New("Import %d was interrupted after %d of %d rows; what was applied stays.",
			imp.Number, imp.Next-1, imp.Rows).Suggest("go on with muster resume %d", imp.Number)
	case errors.Is(err, errTakenOver):
		return s.elsewhere(ctx, imp.Number)
	case err == nil:
		err = imp.notApplied()
	}
	return imp, err
}

// notApplied tells why an import that is finished was not applied.
func (i *Import) notApplied() error {
	switch i.State {
	case Applied, Undone, Planning:
		return nil
	case Lapsed:
		return PlanLapsed.New("Import %d was not applied until %s.", i.Number, i.LapsesAt.Format(time.DateOnly))
	}
	return NotApplicable.New("Import %d is %s.", i.Number, i.State)
}

// applying is the work of applying one import.
type applying struct {
	*Service
	imp     *Import
	records *Records
	catalog *directory.Catalog
	most    int        // rows of one transaction
	ahead   *readAhead // the rows of the next one
	careful bool       // what new users want has to be looked up, for it was not free once
}

// applyAll applies batch after batch, until none is left or somebody cancels.
func (s *Service) applyAll(ctx context.Context, imp *Import) error {
	if imp.State != Applying {
		return nil
	}
	a := &applying{Service: s, imp: imp, most: s.Batch}
	var err error
	if a.records, err = imp.Records(); err != nil {
		return err
	}
	defer a.stopReading()
	for imp.State == Applying {
		if err := ctx.Err(); err != nil {
			return err
		}
		// A batch that has begun is finished, also when the command is interrupted.
		if err := a.step(context.WithoutCancel(ctx)); err != nil {
			return err
		}
		s.report("applying", imp.Next-1, imp.Rows)
	}
	return nil
}

// step applies a batch. What new users want is looked up only after the database
// has refused it once: it was free when the plan was made, and mostly still is. A
// batch that the database does not take even so is applied row by row, so that the
// row to blame fails alone and holds up no other.
func (a *applying) step(ctx context.Context) error {
	err := a.write(ctx, a.batch)
	if clashes(err) && !a.careful {
		a.careful = true
		err = a.write(ctx, a.batch)
	}
	if !clashes(err) {
		return err
	}
	a.most = 1
	defer func() { a.most = a.Batch }()
	for end := a.imp.Next + int64(a.Batch); a.imp.State == Applying && a.imp.Next < end; {
		err := a.write(ctx, a.batch)
		if clashes(err) {
			err = a.write(ctx, func(ctx context.Context, tx Tx) error { return a.giveUp(ctx, tx, err) })
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func clashes(err error) bool { return errors.Is(err, ErrClash) || errors.Is(err, directory.ErrChanged) }

// write runs f in a transaction, with the import as it then is. Batches are steps;
// what ends the import has to last. Where it comes to nothing, the import is what
// it was before.
func (a *applying) write(ctx context.Context, f func(context.Context, Tx) error) (err error) {
	write, before := a.Store.WriteStep, *a.imp
	if a.imp.Next > a.imp.Rows {
		write = a.Store.WriteImport
	}
	defer func() {
		if err != nil {
			*a.imp = before
		}
	}()
	return write(ctx, func(tx Tx) error {
		now, err := tx.Import(ctx, a.imp.Number)
		if err != nil {
			return err
		}
		if now.Lease != a.imp.Lease {
			return errTakenOver
		}
		if *a.imp = *now; a.imp.State != Applying {
			return nil
		}
		return f(ctx, tx)
	})
}

// giveUp fails the next row.
func (a *applying) giveUp(ctx context.Context, tx Tx, cause error) error {
	var r *Row
	if err := tx.Rows(ctx, a.imp.Number, int(a.imp.Next), 1, func(row *Row) error { r = row; return nil }); err != nil {
		return err
	}
	if r == nil {
		return cause
	}
	i := NotTaken.New("The database refused the row: %s.", cause)
	i.Row, i.Line = r.Row, r.Line
	a.imp.countIssues(r.Issues, append(slices.Clip(r.Issues), i))
	r.Issues, r.Outcome = append(r.Issues, i), Failed
	if err := destroySecrets(ctx, tx, a.imp.Number, r.Row, r.Row); err != nil {
		return err
	}
	if err := tx.SaveRow(ctx, a.imp.Number, r); err != nil {
		return err
	}
	return a.pass(ctx, tx, []*Row{r})
}

// batch applies the next rows and marks them in the same transaction.
func (a *applying) batch(ctx context.Context, tx Tx) error {
	if err := a.lookUpCatalog(ctx, tx); err != nil {
		return err
	}
	b, err := a.next(ctx, tx)
	if err != nil {
		return err
	}
	if len(b.rows) == 0 {
		return a.lateBatch(ctx, tx)
	}
	a.startReading(ctx, int64(b.rows[len(b.rows)-1].Row)+1)
	if err := a.carry(ctx, tx, b); err != nil {
		return err
	}
	return a.pass(ctx, tx, b.rows)
}

func (a *applying) lookUpCatalog(ctx context.Context, tx Tx) error {
	stamp, err := tx.CatalogStamp(ctx)
	if err != nil || a.catalog != nil && a.catalog.Stamp == stamp {
		return err
	}
	a.catalog, err = tx.Catalog(ctx)
	return err
}

// pass counts rows that are finished and moves the mark past them. Those in
// error in the plan are counted already.
func (a *applying) pass(ctx context.Context, tx Tx, rows []*Row) error {
	for _, r := range rows {
		if r.Action != directory.Refuse && r.Outcome != LeftOut {
			a.imp.Outcomes[outcomeOf(r)]++
		}
	}
	a.imp.Next = int64(rows[len(rows)-1].Row) + 1
	return a.save(ctx, tx, a.imp)
}

func outcomeOf(r *Row) Outcome {
	if r.Outcome != "" {
		return r.Outcome
	}
	return outcomes[r.Action]
}

// carry applies rows: those that are still as the plan saw them as planned, the
// others after they were judged again, each when all before it are applied. So what
// a row comes to does not depend on how many are in its batch.
func (a *applying) carry(ctx context.Context, tx Tx, b *batch) error {
	if err := a.look(ctx, tx, b); err != nil {
		return err
	}
	hashes, err := a.hashes(ctx, tx, b)
	if err != nil {
		return err
	}
	if err := a.openAccounts(ctx, tx, b); err != nil {
		return err
	}
	again := &again{applying: a, tx: tx}
	for rest := b.items; len(rest) > 0; {
		n := slices.IndexFunc(rest, func(i *batchItem) bool { return i.stale })
		switch n {
		case -1:
			n = len(rest)
		case 0:
			if err := again.judge(ctx, rest[0]); err != nil {
				return err
			}
			n = 1
		}
		if err := a.do(ctx, tx, rest[:n], hashes); err != nil {
			return err
		}
		rest = rest[n:]
	}
	return nil
}

// do brings rows into the directory, of which it is known what they come to.
func (a *applying) do(ctx context.Context, tx Tx, items []*batchItem, hashes map[int]string) error {
	if err := a.passwords(ctx, tx, items, hashes); err != nil {
		return err
	}
	var deeds []*directory.Deed
	for _, item := range items {
		if item.deed != nil {
			deeds = append(deeds, item.deed)
		}
	}
	doing := directory.Doing{Actor: a.imp.Applier, At: a.Now(), Import: a.imp.Number, Catalog: a.catalog}
	if err := directory.Carry(ctx, tx, doing, deeds); err != nil {
		return err
	}
	for _, item := range items {
		if item.replanned {
			a.imp.countIssues(item.before, item.row.Issues)
			if err := tx.SaveRow(ctx, a.imp.Number, item.row); err != nil {
				return err
			}
		}
	}
	return nil
}
