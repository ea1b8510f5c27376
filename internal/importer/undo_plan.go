package importer

import (
	"context"
	"maps"
	"slices"

	"muster/internal/directory"
	"muster/internal/issue"
)

// UndoPlan is what an undo would do.
type UndoPlan struct {
	Import  *Import          // with the outcomes that the undo would lead to
	Touched map[string]int64 // existing users whom it would change or remove, by organisation
	Issues  int64            // rows and members who would not be reversed

	accounts map[directory.ID]bool // users counted already, of whose e-mail accounts rows are
}

// ConfirmCount is the number of existing users whom the undo would change or
// remove.
func (p *UndoPlan) ConfirmCount() (n int64) {
	for _, touched := range p.Touched {
		n += touched
	}
	return n
}

// UndoRow is what an undo would do about one row, or about a member whom the
// import took out of its group.
type UndoRow struct {
	Row     *Row   // nil for a member
	Address string // of the user; none where there is none any more
	Outcome Outcome
	Removes bool
	Changes []directory.Change // what would be set back, from what to what
	Issue   issue.Issue        // why it would not be reversed
}

// UndoPlan tells what undoing an import would do: it calls f for each row that
// has changed something, the last one first, and then for each member who would
// be put back into the group. It changes nothing.
func (s *Service) UndoPlan(ctx context.Context, actor directory.Actor, number int64, f func(*UndoRow) error) (*UndoPlan, error) {
	imp, err := s.find(ctx, actor, directory.ImportsApply, number)
	if err != nil {
		return nil, err
	}
	if err := imp.undoable(); err != nil {
		return nil, err
	}
	return s.planUndo(ctx, actor, imp, f)
}

func (s *Service) planUndo(ctx context.Context, actor directory.Actor, imp *Import, f func(*UndoRow) error) (*UndoPlan, error) {
	after := *imp
	after.Outcomes = maps.Clone(imp.Outcomes)
	plan := &UndoPlan{Import: &after, Touched: map[string]int64{}}
	if imp.State == Undone {
		return plan, nil
	}
	from := imp.Next - 1
	if imp.State == Undoing {
		from, actor = imp.UndoNext, imp.Undoer
	}
	foreseen := &directory.Foreseen{}
	for from > 0 {
		rows, next, err := rowsBack(ctx, s.Store, imp, from, s.Batch)
		if err != nil {
			return nil, err
		}
		from = next
		items, err := s.judgeRows(ctx, s.Store, imp, actor, foreseen, rows)
		if err != nil {
			return nil, err
		}
		for _, item := range items {
			after.Outcomes[outcomes[item.row.Action]]--
			after.Outcomes[item.outcome()]++
			row := &UndoRow{Row: item.row}
			if item.outcome() != Reversed {
				row.Issue = item.issue()
			}
			if err := plan.add(item.undo, row, f); err != nil {
				return nil, err
			}
		}
	}
	return plan, s.planMembers(ctx, actor, imp, plan, f)
}

func (p *UndoPlan) add(u *directory.Undo, row *UndoRow, f func(*UndoRow) error) error {
	if u.Touches() && !p.counted(u) {
		p.Touched[u.User.Get(directory.Org)]++
	}
	row.Outcome, row.Removes, row.Changes = undoOutcome(u), u.Removes(), u.Changes
	if row.Outcome != Reversed {
		p.Issues++
	}
	if u.User != nil {
		row.Address = u.User.Get(directory.Address)
	}
	return f(row)
}

// counted reports whether a user is counted already: several rows may be about e-mail
// accounts of one.
func (p *UndoPlan) counted(u *directory.Undo) bool {
	if !slices.ContainsFunc(u.Made, directory.Change.OfAccount) {
		return false
	}
	if p.accounts == nil {
		p.accounts = map[directory.ID]bool{}
	}
	before := p.accounts[u.ID]
	p.accounts[u.ID] = true
	return before
}

func (s *Service) planMembers(ctx context.Context, actor directory.Actor, imp *Import, plan *UndoPlan, f func(*UndoRow) error) error {
	for after := imp.UndoMember; ; {
		entries, err := s.Store.Replaced(ctx, imp.Number, after, s.Batch)
		if err != nil || len(entries) == 0 {
			return err
		}
		undos, err := judgeMembers(ctx, s.Store, imp, actor, entries)
		if err != nil {
			return err
		}
		for _, u := range undos {
			row := &UndoRow{}
			if undoOutcome(u) != Reversed {
				row.Issue = memberIssue(imp, u)
			}
			if err := plan.add(u, row, f); err != nil {
				return err
			}
		}
		after = entries[len(entries)-1].ID
	}
}

// memberIssue says why a member is not put back.
func memberIssue(imp *Import, u *directory.Undo) issue.Issue {
	name := "A former member"
	if u.User != nil {
		name = u.User.Get(directory.Address)
	}
	return undoIssue(u, "The membership of "+name+" in "+imp.Options.Group)
}

// confirmUndo refuses an undo that would touch unusually many users, unless
// their number is given.
func (s *Service) confirmUndo(ctx context.Context, plan *UndoPlan, confirm int64) error {
	org, existing, err := s.unusual(ctx, plan.Touched)
	if err != nil || org == "" || confirm == plan.ConfirmCount() {
		return err
	}
	return NeedsConfirm.New("Undoing import %d changes or removes %d existing users, among them %d of the %d of organisation %s; nothing was done.",
		plan.Import.Number, plan.ConfirmCount(), plan.Touched[org], existing, org).
		Suggest("if that is right, repeat with --confirm %[1]d (API: {\"confirm\":%[1]d})", plan.ConfirmCount())
}
