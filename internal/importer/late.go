package importer

import (
	"context"
	"slices"

	"muster/internal/directory"
)

// Delegates who are users of the same file are set when all its rows have been
// applied: the order of the rows does not matter.

// lateBatch sets the delegates of the next late rows; after the last it ends
// the import.
func (a *applying) lateBatch(ctx context.Context, tx Tx) error {
	n, err := settleLate(ctx, tx, a.imp, a.Batch)
	if err != nil {
		return err
	}
	if n == 0 {
		return a.end(ctx, tx, a.imp, Applied)
	}
	return a.save(ctx, tx, a.imp)
}

// settleLate sets the delegates of at most limit late rows that were reached,
// and returns how many there were.
func settleLate(ctx context.Context, tx Tx, imp *Import, limit int) (int, error) {
	var rows []*Row
	query := directory.Query{}
	err := tx.LateRows(ctx, imp.Number, int(imp.LateNext), limit, func(r *Row) error {
		if imp.reached(r.Row) {
			rows = append(rows, r)
			query.IDs = append(query.IDs, lateIDs(r)...)
		}
		return nil
	})
	if err != nil || len(rows) == 0 {
		return 0, err
	}
	snap, err := tx.Snapshot(ctx, query)
	if err != nil {
		return 0, err
	}
	for _, r := range rows {
		if imp.didReach(r) {
			if err := setDelegates(ctx, tx, imp, r, snap); err != nil {
				return 0, err
			}
		}
	}
	imp.LateNext = int64(rows[len(rows)-1].Row) + 1
	return len(rows), nil
}

// lateIDs returns the delegates that a row names.
func lateIDs(r *Row) (ids []directory.ID) {
	for _, c := range r.Changes {
		if c.Field == directory.ChangeDelegate && c.New != "" {
			id, _ := directory.ParseID(c.Ref)
			ids = append(ids, id)
		}
	}
	return ids
}

// setDelegates does again what had no effect where the delegate was not there
// yet. The row is written only where it did not come as planned.
func setDelegates(ctx context.Context, tx Tx, imp *Import, r *Row, snap *directory.Snapshot) error {
	before, changed := r.Issues, false
	for i := range r.Changes {
		c := &r.Changes[i]
		if c.Field != directory.ChangeDelegate || c.New == "" {
			continue
		}
		id, _ := directory.ParseID(c.Ref)
		if snap.Users[id] == nil {
			changed = true
			found, err := delegateMeanwhile(ctx, tx, imp, c.New)
			if err != nil {
				return err
			}
			if found.IsZero() {
				i := DelegateLost.New("%s was not made, so it is no delegate.", c.New)
				i.Row, i.Line = r.Row, r.Line
				r.Issues = append(slices.Clip(r.Issues), i)
				continue
			}
			c.Ref = found.String()
		}
		if err := tx.ApplyChange(ctx, r.UserID, *c); err != nil {
			return err
		}
	}
	if !changed {
		return nil
	}
	imp.countIssues(before, r.Issues)
	return tx.SaveRow(ctx, imp.Number, r)
}

// delegateMeanwhile finds the delegate where the row that was to make them
// found them made: never a stranger who has the address now.
func delegateMeanwhile(ctx context.Context, tx Tx, imp *Import, key string) (id directory.ID, err error) {
	claim := directory.AddressClaim(key)
	claimed, err := tx.Claimed(ctx, imp.Number, []string{claim})
	if err != nil || claimed[claim] == 0 {
		return id, err
	}
	err = tx.Rows(ctx, imp.Number, claimed[claim], 1, func(r *Row) error {
		if imp.didReach(r) {
			id = r.UserID
		}
		return nil
	})
	return id, err
}
