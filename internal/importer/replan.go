package importer

import (
	"cmp"
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
	query := b.query
	if a.careful {
		query.Keys, query.LocalIDs = append(query.Keys, b.fresh.Keys...), append(query.LocalIDs, b.fresh.LocalIDs...)
	}
	snap, err := tx.Snapshot(ctx, query)
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
	j, err := directory.NewJudge(ctx, tx, a.imp.Applier, &a.records.format.Rules, a.imp.Directory)
	if err != nil {
		return err
	}
	verdicts, err := j.Judge(ctx, records)
	if err != nil {
		return err
	}
	again := newRenumbering(a, tx, stale)
	for i, v := range verdicts {
		if err := again.settle(ctx, stale[i], v); err != nil {
			return err
		}
	}
	return nil
}

// renumbering gives new users whose generated addresses are no longer free others,
// row by row: what a row comes to must not depend on how many are in its batch.
type renumbering struct {
	*applying
	tx       Tx
	numberer *directory.Numberer
	row      int             // the one at hand
	stale    map[int]bool    // the rows of the batch that are judged again
	given    map[string]bool // addresses that those before this one get
}

func newRenumbering(a *applying, tx Tx, stale []*batchItem) *renumbering {
	r := &renumbering{applying: a, tx: tx, stale: map[int]bool{}, given: map[string]bool{}}
	for _, item := range stale {
		r.stale[item.row.Row] = true
	}
	return r
}

// settle gives a verdict its address and its row what becomes of it.
func (n *renumbering) settle(ctx context.Context, item *batchItem, v *directory.Verdict) error {
	if n.numberer == nil {
		n.numberer = directory.NewNumberer(n.taken)
	}
	n.row = item.row.Row
	item.keepAddress(v)
	if err := n.numberer.Number(ctx, []*directory.Verdict{v}); err != nil {
		return err
	}
	item.settle(v, n.catalog)
	if item.deed == nil {
		n.numberer = nil // what the row wanted may be free for those after it
		return nil
	}
	for _, key := range newKeys(item.row) {
		n.given[key] = true
	}
	return nil
}

// taken tells which addresses are not free for the row at hand: later rows have a
// right to what was planned for them, and earlier ones of the batch to what they get.
func (n *renumbering) taken(ctx context.Context, keys []string) (map[string]bool, error) {
	taken, err := takenOrClaimed(ctx, n.tx, n.imp.Number, keys, func(row int) bool {
		return row > n.row || int64(row) >= n.imp.Next && !n.stale[row]
	})
	for _, key := range keys {
		if n.given[key] {
			taken[key] = true
		}
	}
	return taken, err
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
	renumbered := r.Action == directory.Create && action == directory.Create && numbered(r.Address(), v.Stem) && sameButAddress(v, r)
	switch {
	case action == directory.Unchanged && !r.lost(catalog):
		if r.Action != directory.Unchanged {
			r.UserID, r.Outcome, r.Changes, item.replanned = v.ID, Unchanged, nil, true
		}
		return
	case action == r.Action && sameChanges(v, v.Changes, r.Changes):
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

// sameChanges compares changes with those planned, but for the delegates of the same
// file who are still to be made: they are found when the whole file is applied.
func sameChanges(v *directory.Verdict, now, planned []directory.Change) bool {
	pending := func(c directory.Change) bool {
		return c.Field == directory.ChangeDelegate && slices.ContainsFunc(v.Pending, func(i directory.Item) bool { return i.Text == c.New })
	}
	rest := func(list []directory.Change) []directory.Change {
		return slices.SortedFunc(slices.Values(slices.DeleteFunc(slices.Clone(list), pending)), func(a, b directory.Change) int {
			return cmp.Or(strings.Compare(a.Field, b.Field), strings.Compare(a.Old, b.Old), strings.Compare(a.New, b.New))
		})
	}
	return slices.Equal(rest(now), rest(planned))
}

func sameButAddress(v *directory.Verdict, r *Row) bool {
	address := func(c directory.Change) bool { return c.Field == directory.Address.Spec().Name }
	return sameChanges(v, slices.DeleteFunc(slices.Clone(v.Changes), address), slices.DeleteFunc(slices.Clone(r.Changes), address))
}
