package importer

import (
	"context"
	"errors"
	"time"

	"muster/internal/directory"
	"muster/internal/format"
	"muster/internal/password"
)

// Apply carries a plan out, or goes on with it from where it was left. Confirm
// is the number of existing users that the plan changes, where that is
// unusually high; it is ignored where it is not. On an import that is applied it
// does nothing.
func (s *Service) Apply(ctx context.Context, actor directory.Actor, number, confirm int64) (*Import, error) {
	if err := s.Sweep(ctx); err != nil {
		return nil, err
	}
	imp, err := s.find(ctx, actor, directory.ImportsApply, number)
	if err != nil {
		return nil, err
	}
	if imp.State == Planning {
		if imp, err = s.Plan(ctx, number); err != nil {
			return imp, err
		}
	}
	if imp.State == Planned {
		if err := s.begin(ctx, actor, imp, confirm); err != nil {
			return imp, err
		}
	}
	return s.goOn(ctx, imp)
}

// goOn works on an import until it is finished.
func (s *Service) goOn(ctx context.Context, imp *Import) (*Import, error) {
	err := s.hash(ctx, imp)
	if err == nil {
		err = s.applyAll(ctx, imp)
	}
	if errors.Is(err, context.Canceled) {
		return imp, Interrupted.New("Import %d was interrupted after %d of %d rows; what was applied stays.",
			imp.Number, imp.Next-1, imp.Rows).Suggest("go on with muster resume %d", imp.Number)
	}
	if err == nil && imp.State != Applied {
		err = NotApplicable.New("Import %d is %s.", imp.Number, imp.State)
	}
	return imp, err
}

// begin checks that a plan may be applied, and lets it begin.
func (s *Service) begin(ctx context.Context, actor directory.Actor, imp *Import, confirm int64) error {
	if err := s.applicable(ctx, imp, confirm); err != nil {
		return err
	}
	return s.Store.WriteImport(ctx, func(tx Tx) error {
		now, err := tx.Import(ctx, imp.Number)
		if err != nil {
			return err
		}
		*imp = *now
		if imp.State != Planned {
			return nil
		}
		imp.Applier, imp.AppliedAt, imp.LateNext = actor, s.Now(), 1
		imp.State = Applying
		if imp.Secrets > 0 {
			imp.State = Hashing
		}
		if err := s.removeMembers(ctx, tx, imp); err != nil {
			return err
		}
		return tx.SaveImport(ctx, imp)
	})
}

// applicable tells why a plan may not be applied.
func (s *Service) applicable(ctx context.Context, imp *Import, confirm int64) error {
	errorRows := imp.Counts[directory.Refuse]
	switch {
	case errorRows > 0 && imp.Strict:
		return StrictErrors.New("%d of the %d rows are in error, and import %d is all or nothing; nothing was done.", errorRows, imp.Rows, imp.Number)
	case errorRows == imp.Rows:
		return NothingDone.New("All %d rows are in error; nothing was done.", errorRows)
	}
	existing, err := s.Store.UserCounts(ctx)
	if err != nil {
		return err
	}
	catalog, err := s.Store.Catalog(ctx)
	if err != nil {
		return err
	}
	for org, touched := range imp.touchedByOrg() {
		settings := catalog.Settings(org)
		unusual := touched*100 > existing[org]*int64(settings.ThresholdPercent) && touched > int64(settings.ThresholdUsers)
		if unusual && confirm != imp.ConfirmCount() {
			return NeedsConfirm.New("Import %d changes %d existing users, among them %d of the %d of organisation %s; nothing was done.",
				imp.Number, imp.ConfirmCount(), touched, existing[org], org).
				Suggest("if that is right, repeat with --confirm %d", imp.ConfirmCount())
		}
	}
	return nil
}

// touchedByOrg counts the existing users that the import touches, with those
// whom it takes out of a group counted for its own organisation.
func (i *Import) touchedByOrg() map[string]int64 {
	touched := map[string]int64{}
	for org, n := range i.Touched {
		touched[org] = n
	}
	if i.Removed > 0 {
		touched[i.Directory.Org] += i.Removed
	}
	return touched
}

// removeMembers empties the group that is to be replaced, but for the members
// whom rows of the file name.
func (s *Service) removeMembers(ctx context.Context, tx Tx, imp *Import) error {
	if imp.Removed == 0 {
		return nil
	}
	leaving, err := leavingMembers(ctx, tx, tx, imp)
	if err != nil {
		return err
	}
	snap, err := tx.Snapshot(ctx, directory.Query{IDs: leaving})
	if err != nil {
		return err
	}
	catalog, err := tx.Catalog(ctx)
	if err != nil {
		return err
	}
	var deeds []*directory.Deed
	for _, id := range leaving {
		u := snap.Users[id]
		deeds = append(deeds, &directory.Deed{Action: directory.Update, ID: id, User: u, Changes: u.LeaveGroup(imp.Directory.Group)})
	}
	return directory.Carry(ctx, tx, directory.Doing{Actor: imp.Applier, At: s.Now(), Import: imp.Number, Catalog: catalog}, deeds)
}

// applying is the work of applying one import.
type applying struct {
	*Service
	imp     *Import
	format  *format.Format
	binding *format.Binding
	catalog *directory.Catalog
}

// applyAll applies batch after batch, until none is left or somebody cancels.
func (s *Service) applyAll(ctx context.Context, imp *Import) error {
	if imp.State != Applying {
		return nil
	}
	a := &applying{Service: s, imp: imp}
	if err := a.prepare(); err != nil {
		return err
	}
	for imp.State == Applying {
		if err := ctx.Err(); err != nil {
			return err
		}
		// A batch that has begun is finished, also when the command is interrupted.
		if err := s.Store.WriteImport(context.WithoutCancel(ctx), func(tx Tx) error { return a.batch(context.WithoutCancel(ctx), tx) }); err != nil {
			return err
		}
		s.report("applying", imp.Next-1, imp.Rows)
	}
	return nil
}

// batch applies the next rows and marks them in the same transaction.
func (a *applying) batch(ctx context.Context, tx Tx) error {
	now, err := tx.Import(ctx, a.imp.Number)
	if err != nil {
		return err
	}
	*a.imp = *now
	if a.imp.State != Applying {
		return nil
	}
	if a.catalog, err = tx.Catalog(ctx); err != nil {
		return err
	}
	var rows []*Row
	collect := func(r *Row) error { rows = append(rows, r); return nil }
	if err := tx.Rows(ctx, a.imp.Number, int(a.imp.Next), a.Batch, collect); err != nil {
		return err
	}
	if len(rows) == 0 {
		return a.lateBatch(ctx, tx)
	}
	if err := a.carry(ctx, tx, rows); err != nil {
		return err
	}
	for _, r := range rows {
		a.imp.Outcomes[outcomeOf(r)]++
	}
	a.imp.Next = int64(rows[len(rows)-1].Row) + 1
	return tx.SaveImport(ctx, a.imp)
}

func outcomeOf(r *Row) Outcome {
	if r.Outcome != "" {
		return r.Outcome
	}
	return outcomes[r.Action]
}

// carry applies rows: those that are still as the plan saw them as planned, the
// others after they were judged again.
func (a *applying) carry(ctx context.Context, tx Tx, rows []*Row) error {
	b, err := a.look(ctx, tx, rows)
	if err != nil {
		return err
	}
	if err := a.replan(ctx, tx, b); err != nil {
		return err
	}
	if err := a.passwords(ctx, tx, b); err != nil {
		return err
	}
	doing := directory.Doing{Actor: a.imp.Applier, At: a.Now(), Import: a.imp.Number, Catalog: a.catalog}
	if err := directory.Carry(ctx, tx, doing, b.deeds()); err != nil {
		return err
	}
	for _, item := range b.items {
		if item.replanned {
			if err := tx.SaveRow(ctx, a.imp.Number, item.row); err != nil {
				return err
			}
		}
	}
	return nil
}

// batchItem is a row that does something, with what is now known of it.
type batchItem struct {
	row       *Row
	user      *directory.User // as it is now; nil for a new one
	stale     bool            // must be judged again
	replanned bool            // was judged again
	twin      directory.ID
	deed      *directory.Deed
}

type batch struct {
	rows  []*Row
	items []*batchItem
}

func (b *batch) deeds() (deeds []*directory.Deed) {
	for _, item := range b.items {
		if item.deed != nil {
			deeds = append(deeds, item.deed)
		}
	}
	return deeds
}

// passwords finds, makes and keeps the hashes that the deeds set.
func (a *applying) passwords(ctx context.Context, tx Tx, b *batch) error {
	first, last := b.rows[0].Row, b.rows[len(b.rows)-1].Row
	hashes := map[int]string{}
	sealed, err := tx.Secrets(ctx, a.imp.Number, Hashed, first, last, a.Batch)
	if err != nil {
		return err
	}
	for _, s := range sealed {
		hash, err := a.Key.Open(s.Sealed, sealedFor(a.imp.Number, s.Row, Hashed))
		if err != nil {
			return err
		}
		hashes[s.Row] = string(hash)
	}
	var keep []Secret
	for _, item := range b.items {
		more, err := a.password(ctx, tx, item, hashes)
		if err != nil {
			return err
		}
		keep = append(keep, more...)
	}
	if len(sealed) > 0 {
		if err := tx.DeleteSecrets(ctx, a.imp.Number, Hashed, first, last); err != nil {
			return err
		}
	}
	return tx.AddSecrets(ctx, a.imp.Number, keep)
}

// password gives a deed its hash. It returns what is kept sealed: a generated
// password for the results, and the former hash for an undo.
func (a *applying) password(ctx context.Context, tx Tx, item *batchItem, hashes map[int]string) (keep []Secret, err error) {
	if item.deed == nil || !item.deed.SetsPassword() {
		return nil, nil
	}
	settings := a.catalog.Settings(item.deed.Org())
	item.deed.Hash = hashes[item.row.Row]
	if item.deed.Hash == "" {
		plain, err := password.GenerateFor(*settings.Policy, item.deed.Subject())
		if err != nil {
			return nil, err
		}
		item.deed.Hash = password.HashGenerated(plain)
		item.deed.Lapses = a.Now().AddDate(0, 0, settings.GeneratedDays)
		keep = append(keep, a.seal(item.row.Row, Generated, plain, item.deed.Lapses))
	}
	if item.deed.User == nil || !item.deed.User.HasPassword {
		return keep, nil
	}
	former, err := tx.PasswordHash(ctx, item.deed.ID)
	return append(keep, a.seal(item.row.Row, Former, former, a.Now().AddDate(0, 0, settings.UndoDays))), err
}

func (a *applying) seal(row int, kind, text string, until time.Time) Secret {
	return Secret{Row: row, Kind: kind, Until: until, Sealed: a.Key.Seal([]byte(text), sealedFor(a.imp.Number, row, kind))}
}

// lateBatch sets the delegates that are users of the same file, when all its
// rows have been applied; after the last it ends the import.
func (a *applying) lateBatch(ctx context.Context, tx Tx) error {
	var rows []*Row
	collect := func(r *Row) error { rows = append(rows, r); return nil }
	if err := tx.LateRows(ctx, a.imp.Number, int(a.imp.LateNext), a.Batch, collect); err != nil {
		return err
	}
	if len(rows) == 0 {
		return a.end(ctx, tx, a.imp, Applied)
	}
	for _, r := range rows {
		if a.imp.didReach(r) {
			if err := a.setDelegates(ctx, tx, r); err != nil {
				return err
			}
		}
	}
	a.imp.LateNext = int64(rows[len(rows)-1].Row) + 1
	return tx.SaveImport(ctx, a.imp)
}

// setDelegates does again what had no effect where the delegate was not there
// yet. A delegate whose row was not applied is not there now either.
func (a *applying) setDelegates(ctx context.Context, tx Tx, r *Row) error {
	for _, c := range r.Changes {
		if c.Field != directory.ChangeDelegate || c.New == "" {
			continue
		}
		if err := tx.ApplyChange(ctx, r.UserID, c); err != nil {
			return err
		}
		id, _ := directory.ParseID(c.Ref)
		snap, err := tx.Snapshot(ctx, directory.Query{IDs: []directory.ID{id}})
		if err != nil {
			return err
		}
		if snap.Users[id] == nil {
			i := DelegateLost.New("%s was not made, so it is no delegate.", c.New)
			i.Row, i.Line = r.Row, r.Line
			r.Issues = append(r.Issues, i)
		}
	}
	return tx.SaveRow(ctx, a.imp.Number, r)
}
