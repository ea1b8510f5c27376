package importer

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"muster/internal/directory"
	"muster/internal/issue"
	"muster/internal/mailaddr"
	"muster/internal/secret"
)

// look reads what the rows are about and finds those that are no longer as the
// plan saw them.
func (a *applying) look(ctx context.Context, tx Tx, b *batch) error {
	snap, err := tx.Snapshot(ctx, b.query)
	if err == nil {
		err = lookLocals(ctx, tx, b, snap)
	}
	if err != nil {
		return err
	}
	versions, err := tx.Versions(ctx, b.same)
	if err != nil {
		return err
	}
	for _, item := range b.items {
		if r := item.row; r.Action == directory.Unchanged {
			item.stale = versions[r.UserID] != r.Version
		} else {
			a.inspect(item, snap)
		}
	}
	return a.findTwins(ctx, tx, b)
}

// lookLocals looks up the new local ids of users who stay in their organisation,
// which only the users themselves tell.
func lookLocals(ctx context.Context, tx Tx, b *batch, snap *directory.Snapshot) error {
	query := directory.Query{}
	for _, item := range b.items {
		if u := snap.Users[item.row.UserID]; u != nil {
			query.LocalIDs = append(query.LocalIDs, newLocal(item.row, u)...)
		}
	}
	if len(query.LocalIDs) == 0 {
		return nil
	}
	more, err := tx.Snapshot(ctx, query)
	for key, id := range more.Locals {
		snap.Locals[key] = id
	}
	return err
}

// inspect finds out whether a row that changes something is still as the plan saw
// it. One that changes nothing is judged again only where its user has changed.
func (a *applying) inspect(item *batchItem, snap *directory.Snapshot) {
	r := item.row
	item.stale = a.catalog.Stamp != a.imp.Stamp || !sameRights(a.imp.Applier, a.imp.Planner)
	if r.Action != directory.Create {
		item.user = snap.Users[r.UserID]
		item.stale = item.stale || item.user == nil || item.user.Version != r.Version
	}
	for _, key := range item.keys {
		owner, taken := snap.Owners[key]
		item.taken = item.taken || taken && (owner.UserID != r.UserID || r.Action == directory.Create)
	}
	for _, local := range newLocal(r, item.user) {
		id, taken := snap.Locals[local]
		item.stale = item.stale || taken && id != r.UserID
	}
	item.stale = item.stale || item.taken
	switch {
	case item.stale:
		item.deed = nil
	case item.deed == nil:
		item.deed = &directory.Deed{Row: r.Row, Action: r.Action, ID: r.UserID, User: item.user, Changes: r.Changes}
	}
}

// sameRights reports whether two actors may do the same, by whatever door.
func sameRights(a, b directory.Actor) bool {
	return a.ID == b.ID && a.Role == b.Role && a.Org == b.Org
}

// findTwins finds rows that another import of the very same file has applied
// since the plan.
func (a *applying) findTwins(ctx context.Context, tx Tx, b *batch) error {
	if !a.records.format.Rules.GenerateAddress {
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
	verdicts, err := a.judgeAgain(ctx, tx, stale, records)
	for i, v := range verdicts {
		stale[i].settle(v, a.catalog)
	}
	return err
}

// record makes the record of a row again. Its password was judged before, and
// is hashed by now.
func (a *applying) record(item *batchItem) *directory.Record {
	r := a.records.Record(item.row)
	if r.Twin = item.twin; r.Twin.IsZero() && item.row.Action != directory.Create {
		r.Twin = item.row.UserID // how the plan found the user may stand in no kept cell
	}
	if slices.ContainsFunc(item.row.Changes, setsPassword) {
		r.Made = secret.Text("made")
	}
	return r
}

func setsPassword(c directory.Change) bool {
	return c.Field == directory.ChangePassword && c.New == "(set)"
}

func (a *applying) judgeAgain(ctx context.Context, tx Tx, stale []*batchItem, records []*directory.Record) ([]*directory.Verdict, error) {
	j, err := directory.NewJudge(ctx, tx, a.imp.Applier, &a.records.format.Rules, a.imp.Directory)
	if err != nil {
		return nil, err
	}
	verdicts, err := j.Judge(ctx, records)
	if err != nil {
		return nil, err
	}
	for i, v := range verdicts {
		stale[i].keepAddress(v)
	}
	taken := func(ctx context.Context, keys []string) (map[string]bool, error) {
		return takenOrClaimed(ctx, tx, a.imp.Number, a.imp.Next, keys)
	}
	return verdicts, directory.NewNumberer(taken).Number(ctx, verdicts)
}

// keepAddress leaves a new user the generated address that was planned, as long
// as it is free.
func (item *batchItem) keepAddress(v *directory.Verdict) {
	planned := item.row.Address()
	if v.Action != directory.Create || item.taken || !numbered(planned, v.Stem) {
		return
	}
	v.Stem, v.Address = "", planned
	v.Changes = append([]directory.Change{{Field: directory.Address.Spec().Name, New: planned}}, v.Changes...)
}

// numbered reports whether an address was generated from a stem.
func numbered(address, stem string) bool {
	a, err := mailaddr.Parse(address)
	if err != nil || stem == "" {
		return false
	}
	s, err := mailaddr.Parse(stem)
	if err != nil || a.Domain != s.Domain {
		return false
	}
	if a.Local == s.Local {
		return true
	}
	for from := len(a.Local) - 1; from > 0; from-- {
		n, err := strconv.Atoi(a.Local[from:])
		if err != nil {
			return false
		}
		if n > 1 && mailaddr.Numbered(s.Local, n) == a.Local {
			return true
		}
	}
	return false
}

// settle compares what a row would do now with what was planned.
func (item *batchItem) settle(v *directory.Verdict, catalog *directory.Catalog) {
	r := item.row
	action := v.Action
	if action == directory.Unchanged && r.Late && len(v.Pending) > 0 {
		action = directory.Update // the delegates of the same file are still to come
	}
	renumbered := r.Action == directory.Create && action == directory.Create && numbered(r.Address(), v.Stem) && sameButAddress(v.Changes, r.Changes)
	switch {
	case action == directory.Unchanged && !r.lost(catalog):
		if r.Action != directory.Unchanged {
			r.UserID, r.Outcome, r.Changes, item.replanned = v.ID, Unchanged, nil, true
		}
		return
	case action == r.Action && sameChanges(v.Changes, r.Changes):
	case renumbered:
		i := directory.NumberChanged.New("%s was taken meanwhile; the user has %s.", r.Address(), v.Address)
		i.Row, i.Line = r.Row, r.Line
		r.Changes, r.Issues, item.replanned = withAddress(r.Changes, v.Address), append(slices.Clip(r.Issues), i), true
	default:
		item.fail(v)
		return
	}
	item.deed = &directory.Deed{Row: r.Row, Action: r.Action, ID: r.UserID, User: v.User, Changes: r.Changes}
}

// lost reports whether a group that the row's user was to join is gone.
func (r *Row) lost(catalog *directory.Catalog) bool {
	return slices.ContainsFunc(r.Changes, func(c directory.Change) bool {
		id, err := directory.ParseID(c.Ref)
		return c.Field == directory.ChangeGroup && c.New != "" && err == nil && catalog.GroupPath(id) == ""
	})
}

func withAddress(changes []directory.Change, address string) []directory.Change {
	changes = slices.Clone(changes)
	for i, c := range changes {
		if c.Field == directory.Address.Spec().Name {
			changes[i].New = address
		}
	}
	return changes
}

// fail leaves a row alone and says why.
func (item *batchItem) fail(v *directory.Verdict) {
	r := item.row
	item.replanned = true
	i := directory.ChangedSincePlan.New("The directory or the rights have changed since the plan. %s", difference(r, v))
	i.Row, i.Line = r.Row, r.Line
	r.Issues = append(slices.Clip(r.Issues), i)
	for _, reason := range v.Issues {
		if reason.Severity == issue.Error && !slices.Contains(r.Issues, reason) {
			r.Issues = append(r.Issues, reason)
		}
	}
	r.Outcome = Failed
}

// difference says what a row would do now, and what was planned.
func difference(r *Row, v *directory.Verdict) string {
	if v.Action == directory.Refuse {
		return "The row is in error now."
	}
	if v.Action != r.Action {
		return fmt.Sprintf("Planned was %s; now it would be %s (%s).", r.Action, v.Action, told(without(v.Changes, r.Changes)))
	}
	return fmt.Sprintf("Planned was %s; now it would be %s.", told(without(r.Changes, v.Changes)), told(without(v.Changes, r.Changes)))
}

func without(list, others []directory.Change) []directory.Change {
	return slices.DeleteFunc(slices.Clone(list), func(c directory.Change) bool { return slices.Contains(others, c) })
}

// told names a few changes in a message.
func told(changes []directory.Change) string {
	const most = 3
	var parts []string
	for _, c := range changes[:min(most, len(changes))] {
		parts = append(parts, fmt.Sprintf("%s from %q to %q", c.Field, c.Old, c.New))
	}
	if more := len(changes) - most; more > 0 {
		parts = append(parts, fmt.Sprintf("and %d more", more))
	}
	if len(parts) == 0 {
		return "nothing else"
	}
	return strings.Join(parts, ", ")
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
