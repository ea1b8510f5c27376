package importer

import (
	"context"
	"encoding/json"

	"muster/internal/directory"
	"muster/internal/issue"
)

// undoItem is a row on its way back.
type undoItem struct {
	row  *Row
	undo *directory.Undo
}

// outcome is what undoing makes of the row.
func (item *undoItem) outcome() Outcome { return undoOutcome(item.undo) }

func undoOutcome(u *directory.Undo) Outcome {
	switch {
	case u.Kept != "":
		return Kept
	case u.Barred != "":
		return Irreversible
	}
	return Reversed
}

// issue says why the row is not reversed.
func (item *undoItem) issue() issue.Issue {
	i := undoIssue(item.undo, "The row")
	i.Row, i.Line = item.row.Row, item.row.Line
	return i
}

func undoIssue(u *directory.Undo, what string) issue.Issue {
	if u.Kept != "" {
		return UndoKept.New("%s is kept, because it was changed since: %s.", what, u.Kept)
	}
	return UndoBarred.New("%s cannot be reversed: %s.", what, u.Barred)
}

// chunksBack is how many batches of rows that have changed nothing are passed
// over in one go.
const chunksBack = 20

// rowsBack returns at most limit rows from a row on downwards that have changed
// something, and the row that comes after them; 0 after the first row.
func rowsBack(ctx context.Context, r undoReader, imp *Import, from int64, limit int) (rows []*Row, next int64, err error) {
	next = from
	for chunks := 0; len(rows) == 0 && next > 0 && chunks < chunksBack; chunks++ {
		from, next = next, 0
		err := r.RowsBack(ctx, imp.Number, from, limit, func(row *Row) error {
			next = int64(row.Row) - 1
			if imp.changedBy(row) {
				rows = append(rows, row)
			}
			return nil
		})
		if err != nil {
			return nil, 0, err
		}
	}
	return rows, next, nil
}

// judgeRows judges the undo of rows, and adds to foreseen what it comes to.
func (s *Service) judgeRows(ctx context.Context, r undoReader, imp *Import, actor directory.Actor, foreseen *directory.Foreseen, rows []*Row) ([]*undoItem, error) {
	items, undos := make([]*undoItem, len(rows)), make([]*directory.Undo, len(rows))
	former, err := s.formerPasswords(ctx, r, imp, rows)
	if err != nil {
		return nil, err
	}
	accounts, err := s.formerAccounts(ctx, r, imp, rows)
	if err != nil {
		return nil, err
	}
	for i, row := range rows {
		undos[i] = &directory.Undo{Row: row.Row, Action: row.Action, ID: row.UserID, Made: row.Changes, Former: former[row.Row],
			FormerAccount: s.formerAccount(row, accounts[row.Row])}
		items[i] = &undoItem{row, undos[i]}
	}
	return items, directory.JudgeUndo(ctx, r, actor, imp.Number, foreseen, undos)
}

// formerPasswords opens the passwords that rows have replaced, as far as they
// are kept.
func (s *Service) formerPasswords(ctx context.Context, r undoReader, imp *Import, rows []*Row) (map[int]*directory.StoredPassword, error) {
	list := map[int]*directory.StoredPassword{}
	if len(rows) == 0 {
		return list, nil
	}
	first, last := rows[len(rows)-1].Row, rows[0].Row
	sealed, err := r.Secrets(ctx, imp.Number, Former, first, last, last-first+1)
	if err != nil {
		return nil, err
	}
	for _, secret := range sealed {
		if s.Now().After(secret.Until) {
			continue
		}
		text, err := s.Key.Open(secret.Sealed, SealedFor(imp.Number, secret.Row, Former))
		if err != nil {
			return nil, err
		}
		p := &directory.StoredPassword{}
		if err := json.Unmarshal(text, p); err != nil {
			return nil, err
		}
		list[secret.Row] = p
	}
	return list, nil
}
