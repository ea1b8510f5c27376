package importer

import (
	"context"
	"slices"

	"muster/internal/directory"
	"muster/internal/issue"
	"muster/internal/mailaddr"
	"muster/internal/table"
)

// finish settles what only the whole file can tell, and makes the plan one that
// can be applied.
func (p *planner) finish(ctx context.Context) error {
	if err := p.settleDelegates(ctx); err != nil {
		return err
	}
	if err := p.settleSummary(ctx); err != nil {
		return err
	}
	p.noteTakenOver()
	p.noteShortened()
	if err := p.countRemovals(ctx, 1); err != nil {
		return err
	}
	if err := p.recognise(ctx); err != nil {
		return err
	}
	imp := p.imp
	org, _, err := p.unusual(ctx, imp.Touched)
	if err != nil {
		return err
	}
	imp.Unusual = org != ""
	imp.State, imp.PlannedAt = Planned, p.Now()
	imp.LapsesAt = imp.PlannedAt.AddDate(0, 0, p.PlanDays)
	imp.countLeftOut()
	return p.Store.WriteImport(ctx, p.mine(ctx, func(tx Tx) error {
		if imp.Options.Unattended { // it may have to be planned again
			return p.save(ctx, tx, imp)
		}
		if err := tx.Clear(ctx, imp.Number, UploadPart); err != nil {
			return err
		}
		return p.save(ctx, tx, imp)
	}))
}

// settleDelegates finds the delegates whom rows of the same file make. A row
// that names one who is not made is in error after all, and with it, pass by
// pass, the rows that name its own user.
func (p *planner) settleDelegates(ctx context.Context) error {
	for again := true; again; {
		lost := len(p.lost)
		if err := p.settlePass(ctx); err != nil {
			return err
		}
		again = len(p.lost) > lost
	}
	return nil
}

func (p *planner) settlePass(ctx context.Context) error {
	for from := 1; ; {
		var rows []*Row
		err := p.step(ctx, func(tx Tx) error {
			collect := func(r *Row) error { rows = append(rows, r); return nil }
			if err := tx.LateRows(ctx, p.imp.Number, from, p.Batch, collect); err != nil {
				return err
			}
			for _, r := range rows {
				if err := p.settleRow(ctx, tx, r); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil || len(rows) == 0 {
			return err
		}
		from = rows[len(rows)-1].Row + 1
	}
}

func (p *planner) settleRow(ctx context.Context, tx Tx, r *Row) error {
	before, changed := *r, false
	r.Changes = slices.Clone(r.Changes)
	for i, c := range r.Changes {
		if c.Field != directory.ChangeDelegate || c.New == "" || c.Ref != "" && !p.lost[c.Ref] {
			continue
		}
		id, line, err := p.madeBy(ctx, tx, c.New)
		if err != nil {
			return err
		}
		if r.Changes[i].Ref, changed = id.String(), true; id.IsZero() {
			p.reportDelegate(r, c.New, line)
		}
	}
	if !changed {
		return nil
	}
	if before.Action == directory.Refuse {
		r.Changes, r.Late = nil, false
	} else if hasError(r.Issues) {
		if err := p.turnToError(ctx, tx, &before, r); err != nil {
			return err
		}
	}
	return tx.SaveRow(ctx, p.imp.Number, r)
}

// madeBy returns the user that a row of this file makes with an address, and
// the line of that row; where the row is in error the line only.
func (p *planner) madeBy(ctx context.Context, tx Tx, key string) (id directory.ID, line int, err error) {
	claim := directory.AddressClaim(key)
	claimed, err := tx.Claimed(ctx, p.imp.Number, []string{claim})
	if err != nil || claimed[claim] == 0 {
		return id, 0, err
	}
	err = tx.Rows(ctx, p.imp.Number, claimed[claim], 1, func(r *Row) error {
		if line = r.Line; r.Action == directory.Create {
			id = r.UserID
		}
		return nil
	})
	return id, line, err
}

// reportDelegate adds the issue to the cell that names the unknown delegate.
func (p *planner) reportDelegate(r *Row, key string, line int) {
	i := directory.DelegateUnknown.New("There is no user %s, neither in the directory nor among the new users of this file.", key)
	if line > 0 {
		i = directory.DelegateUnknown.New("There is no user %s yet, and line %d, which would make it, is in error.", key, line)
	}
	i.Row, i.Line = r.Row, r.Line
	for column, text := range r.Cells {
		if a, err := mailaddr.Parse(table.Trim(text)); err == nil && a.Key() == key && column < len(p.imp.Headings) {
			i.Column = p.imp.Headings[column]
		}
	}
	p.imp.countIssues(nil, []issue.Issue{i})
	r.Issues = append(r.Issues, i)
}

// turnToError takes a row out of the plan after all.
func (p *planner) turnToError(ctx context.Context, tx Tx, before, r *Row) error {
	p.imp.Counts[before.Action]--
	p.imp.Counts[directory.Refuse]++
	if before.generates() {
		p.imp.GeneratedPasswords--
	}
	if before.Action == directory.Create {
		p.lost[before.UserID.String()] = true
	}
	r.Action, r.Changes, r.Late = directory.Refuse, nil, false
	supplied, err := tx.Secrets(ctx, p.imp.Number, Supplied, r.Row, r.Row, 1)
	if err == nil {
		err = p.setAside(ctx, tx, r.Row)
	}
	if err != nil {
		return err
	}
	p.imp.Secrets -= int64(len(supplied))
	snap, err := tx.Snapshot(ctx, directory.Query{IDs: []directory.ID{r.UserID}})
	if err != nil {
		return err
	}
	u := snap.Users[r.UserID]
	if u != nil && touches(before.Action) {
		p.imp.Touched[u.Get(directory.Org)]--
	}
	p.imp.Summary.add(before, u, -1)
	return nil
}
