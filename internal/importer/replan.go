package importer

import (
	"context"
	"slices"

	"muster/internal/directory"
	"muster/internal/format"
	"muster/internal/mailaddr"
	"muster/internal/secret"
	"muster/internal/table"
)

// prepare makes ready to judge rows again: the format and where its columns are.
func (a *applying) prepare() (err error) {
	if a.format, err = format.Named(a.imp.Format); err != nil {
		return err
	}
	a.binding, err = a.format.Bind(tableRow(1, a.imp.Headings))
	return err
}

func tableRow(line int, texts []string) table.Row {
	r := table.Row{Line: line, Cells: make([]table.Cell, len(texts))}
	for i, text := range texts {
		r.Cells[i] = table.Cell{Text: text, Line: line}
	}
	return r
}

// look reads what the rows are about and finds those that are no longer as the
// plan saw them.
func (a *applying) look(ctx context.Context, tx Tx, rows []*Row) (*batch, error) {
	b := &batch{rows: rows}
	query := directory.Query{}
	for _, r := range rows {
		if r.Action != directory.Create && !touches(r.Action) {
			continue
		}
		b.items = append(b.items, &batchItem{row: r})
		if r.Action != directory.Create {
			query.IDs = append(query.IDs, r.UserID)
		}
		query.Keys = append(query.Keys, newKeys(r)...)
		query.LocalIDs = append(query.LocalIDs, newLocal(r)...)
	}
	snap, err := tx.Snapshot(ctx, query)
	if err != nil {
		return nil, err
	}
	for _, item := range b.items {
		a.inspect(item, snap)
	}
	return b, a.findTwins(ctx, tx, b)
}

// newKeys returns the keys of the addresses that a row takes for its user.
func newKeys(r *Row) (keys []string) {
	for _, c := range r.Changes {
		if c.Field == directory.Address.Spec().Name || c.Field == directory.ChangeAlias && c.New != "" {
			if a, err := mailaddr.Parse(c.New); err == nil {
				keys = append(keys, a.Key())
			}
		}
	}
	return keys
}

func newLocal(r *Row) []directory.LocalKey {
	key := directory.LocalKey{}
	for _, c := range r.Changes {
		switch c.Field {
		case directory.Org.Spec().Name:
			key.Org = c.New
		case directory.LocalID.Spec().Name:
			key.ID = directory.Fold(c.New)
		}
	}
	if key.ID == "" || key.Org == "" {
		return nil
	}
	return []directory.LocalKey{key}
}

// inspect finds out whether a row is still as the plan saw it.
func (a *applying) inspect(item *batchItem, snap *directory.Snapshot) {
	r := item.row
	item.stale = a.catalog.Stamp != a.imp.Stamp || a.imp.Applier != a.imp.Planner
	if r.Action != directory.Create {
		item.user = snap.Users[r.UserID]
		item.stale = item.stale || item.user == nil || item.user.Version != r.Version
	}
	for _, key := range newKeys(r) {
		owner, taken := snap.Owners[key]
		item.stale = item.stale || taken && (owner.UserID != r.UserID || r.Action == directory.Create)
	}
	for _, local := range newLocal(r) {
		id, taken := snap.Locals[local]
		item.stale = item.stale || taken && id != r.UserID
	}
	if !item.stale {
		item.deed = &directory.Deed{Row: r.Row, Action: r.Action, ID: r.UserID, User: item.user, Changes: r.Changes}
	}
}

// findTwins finds rows that another import of the very same file has applied
// since the plan.
func (a *applying) findTwins(ctx context.Context, tx Tx, b *batch) error {
	if !a.format.Rules.GenerateAddress {
		return nil
	}
	twins, err := findTwins(ctx, tx, a.imp, b.rows[0].Row, len(b.rows))
	for _, item := range b.items {
		if item.twin = twins[item.row.Row]; !item.twin.IsZero() && item.row.Action == directory.Create {
			item.stale, item.deed = true, nil
		}
	}
	return err
}

// replan judges stale rows again: nothing left to do is unchanged, the same as
// planned is done, and anything else is left alone.
func (a *applying) replan(ctx context.Context, tx Tx, b *batch) error {
	var stale []*batchItem
	var records []*directory.Record
	for _, item := range b.items {
		if item.stale {
			stale = append(stale, item)
			records = append(records, a.record(item))
		}
	}
	if len(stale) == 0 {
		return nil
	}
	verdicts, err := a.judgeAgain(ctx, tx, b, records)
	for i, v := range verdicts {
		stale[i].settle(v)
	}
	return err
}

// record makes the record of a row again. Its password was judged before, and
// is hashed by now.
func (a *applying) record(item *batchItem) *directory.Record {
	r := a.binding.Record(item.row.Row, tableRow(item.row.Line, item.row.Cells))
	r.Twin = item.twin
	if slices.ContainsFunc(item.row.Changes, func(c directory.Change) bool {
		return c.Field == directory.ChangePassword && c.New == "(set)"
	}) {
		r.Made = secret.Text("made")
	}
	return r
}

func (a *applying) judgeAgain(ctx context.Context, tx Tx, b *batch, records []*directory.Record) ([]*directory.Verdict, error) {
	j, err := directory.NewJudge(ctx, tx, a.imp.Applier, &a.format.Rules, a.imp.Directory)
	if err != nil {
		return nil, err
	}
	verdicts, err := j.Judge(ctx, records)
	if err != nil {
		return nil, err
	}
	return verdicts, directory.NewNumberer(a.takenBut(tx, b)).Number(ctx, verdicts)
}

// takenBut tells which addresses somebody has, or another row of this import
// wants.
func (a *applying) takenBut(tx Tx, b *batch) func(context.Context, []string) (map[string]bool, error) {
	return func(ctx context.Context, keys []string) (map[string]bool, error) {
		taken, err := tx.Taken(ctx, keys)
		if err != nil {
			return nil, err
		}
		claims := make([]string, len(keys))
		for i, k := range keys {
			claims[i] = directory.AddressClaim(k)
		}
		claimed, err := tx.Claimed(ctx, a.imp.Number, claims)
		for i, claim := range claims {
			if row, ok := claimed[claim]; ok && int64(row) >= a.imp.Next {
				taken[keys[i]] = true
			}
		}
		return taken, err
	}
}

// settle compares what a row would do now with what was planned.
func (item *batchItem) settle(v *directory.Verdict) {
	r := item.row
	item.replanned = true
	same := v.Action == r.Action && sameChanges(v.Changes, r.Changes)
	renumbered := r.Action == directory.Create && v.Action == directory.Create && v.Stem != "" && sameButAddress(v.Changes, r.Changes)
	switch {
	case v.Action == directory.Unchanged:
		r.UserID, r.Outcome = v.ID, Unchanged
		return
	case same:
		item.replanned = false
	case renumbered:
		i := directory.NumberChanged.New("%s was taken meanwhile; the user has %s.", r.Address(), v.Address)
		i.Row, i.Line = r.Row, r.Line
		r.Changes, r.Issues = v.Changes, append(r.Issues, i)
	default:
		item.fail(v)
		return
	}
	if r.Action == directory.Create {
		v.ID = r.UserID
	}
	item.deed = directory.NewDeed(r.Row, v, "")
}

func (item *batchItem) fail(v *directory.Verdict) {
	r := item.row
	i := directory.ChangedSincePlan.New("The directory has changed since the plan: the row would now be %s instead of %s.", v.Action, r.Action)
	if v.Action == r.Action {
		i = directory.ChangedSincePlan.New("The directory has changed since the plan: the row would now change other values than planned.")
	}
	i.Row, i.Line = r.Row, r.Line
	r.Issues = append(r.Issues, i)
	for _, reason := range v.Issues {
		if reason.Severity == "error" && !slices.Contains(r.Issues, reason) {
			r.Issues = append(r.Issues, reason)
		}
	}
	r.Outcome = Failed
}

// sameChanges compares changes but for delegates of the same file, which are
// found only when the whole file is known.
func sameChanges(a, b []directory.Change) bool {
	return slices.Equal(withoutDelegates(a), withoutDelegates(b))
}

func withoutDelegates(list []directory.Change) []directory.Change {
	return slices.DeleteFunc(slices.Clone(list), func(c directory.Change) bool { return c.Field == directory.ChangeDelegate })
}

func sameButAddress(a, b []directory.Change) bool {
	address := func(c directory.Change) bool { return c.Field == directory.Address.Spec().Name }
	return sameChanges(slices.DeleteFunc(slices.Clone(a), address), slices.DeleteFunc(slices.Clone(b), address))
}
