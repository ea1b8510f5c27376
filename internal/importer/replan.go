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
	b.seeRepeated()
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
	item.seeTaken(snap)
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

// seeTaken notes whether somebody else has an address that the row wants.
func (item *batchItem) seeTaken(snap *directory.Snapshot) {
	for _, key := range item.keys {
		owner, taken := snap.Owners[key]
		item.taken = item.taken || taken && (owner.UserID != item.row.UserID || item.row.Action == directory.Create)
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

// again judges rows again that are no longer as the plan saw them.
type again struct {
	*applying
	tx       Tx
	judges   *directory.Judge
	numberer *directory.Numberer
	row      int // the one at hand
}

// judge finds out what becomes of a row: nothing left to do is unchanged, the same
// as planned is done, and anything else is left alone.
func (n *again) judge(ctx context.Context, item *batchItem) (err error) {
	if n.judges == nil {
		o := n.imp.Directory
		o.Key = n.Key
		n.judges, err = directory.NewJudge(ctx, n.tx, n.imp.Applier, &n.records.format.Rules, o)
	}
	if err == nil {
		err = n.lookAgain(ctx, item)
	}
	if err != nil {
		return err
	}
	verdicts, err := n.judges.Judge(ctx, []*directory.Record{n.record(item)})
	if err != nil {
		return err
	}
	return n.settle(ctx, item, verdicts[0])
}

// lookAgain finds out whether the row's address is taken, now that all before it
// are applied.
func (n *again) lookAgain(ctx context.Context, item *batchItem) error {
	item.taken = false
	snap, err := n.tx.Snapshot(ctx, directory.Query{Keys: item.keys})
	item.seeTaken(snap)
	return err
}

// settle gives a verdict its address and its row what becomes of it.
func (n *again) settle(ctx context.Context, item *batchItem, v *directory.Verdict) error {
	if n.numberer == nil {
		n.numberer = directory.NewNumberer(n.taken)
	}
	n.row = item.row.Row
	item.keepAddress(v)
	if err := n.numberer.Number(ctx, []*directory.Verdict{v}); err != nil {
		return err
	}
	if item.settle(v, n.catalog); item.deed == nil {
		n.numberer = nil // what the row wanted may be free for those after it
	}
	return nil
}

// taken tells which addresses are not free for the row at hand: later rows have a
// right to what was planned for them.
func (n *again) taken(ctx context.Context, keys []string) (map[string]bool, error) {
	return takenOrClaimed(ctx, n.tx, n.imp.Number, keys, func(row int) bool { return row > n.row })
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
	if r.Account != nil {
		item.account.give(r.Account)
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
