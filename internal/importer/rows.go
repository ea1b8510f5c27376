package importer

import (
	"cmp"
	"context"
	"math"
	"slices"

	"muster/internal/directory"
)

// RowFilter says which rows of an import a list has, those of which one of its fields
// is true; one that says nothing has all.
type RowFilter struct {
	Actions  []directory.Action
	Outcomes []Outcome
	Warned   bool // those that bear a warning

	From  int // only rows from this one on
	Limit int // at most so many rows; 0 is all
}

func (f *RowFilter) all() bool { return len(f.Actions) == 0 && len(f.Outcomes) == 0 && !f.Warned }

func (f *RowFilter) fits(imp *Import, r *Row) bool {
	return f.all() || slices.Contains(f.Actions, r.Action) || slices.Contains(f.Outcomes, imp.OutcomeOf(r)) || f.Warned && hasWarning(r.Issues)
}

// RowsOf says in which rows to look: those of which one of its fields is true.
type RowsOf struct {
	Actions  map[directory.Action]int64 // rows of an action, before a row
	Outcomes []Outcome                  // rows with which an outcome is written
	Issues   bool                       // rows that bear an issue
	Rest     int64                      // all rows from this one on; 0: none
}

// among tells where the rows are that fit. What became of a row mostly is not written
// with it, but follows from its action and from how far apply and undo are.
func (f *RowFilter) among(imp *Import) RowsOf {
	of := RowsOf{Actions: map[directory.Action]int64{}, Outcomes: f.Outcomes, Issues: f.Warned}
	for _, o := range f.Outcomes {
		for action, comesTo := range outcomes {
			switch undone := slices.Contains(changed, comesTo); {
			case o == Reversed && undone:
				of.Actions[action] = imp.Next
			case o == comesTo && undone && (imp.State == Undoing || imp.State == Undone):
				of.Actions[action] = max(of.Actions[action], imp.UndoNext+1)
			case o == comesTo:
				of.Actions[action] = max(of.Actions[action], imp.Next)
			}
		}
		if o == Pending || o == LeftOut {
			of.Rest = imp.Next
		}
	}
	for _, action := range f.Actions {
		of.Actions[action] = math.MaxInt64
	}
	return of
}

// Rows calls f for each row of an import that the actor may see and the filter lets
// through, in their order, with the address that its user gets or has, or else the one
// in the file. A plan that is not whole has no rows yet.
func (s *Service) Rows(ctx context.Context, actor directory.Actor, number int64, filter RowFilter, f func(*Import, *Row, string) error) error {
	from, left := max(1, filter.From), cmp.Or(filter.Limit, math.MaxInt)
	for left > 0 {
		imp, err := s.Import(ctx, actor, number)
		if err != nil || imp.State == Planning {
			return err
		}
		rows, next, err := s.pageOfRows(ctx, imp, &filter, from)
		if err != nil {
			return err
		}
		rows = rows[:min(left, len(rows))]
		addresses, err := s.addresses(ctx, actor, imp, rows)
		for i, r := range rows {
			if err == nil {
				err = f(imp, r, addresses[i])
			}
		}
		if err != nil || next == 0 {
			return err
		}
		from, left = next, left-len(rows)
	}
	return nil
}

// pageOfRows reads the next rows, and tells where to go on; 0 is the end.
func (s *Service) pageOfRows(ctx context.Context, imp *Import, filter *RowFilter, from int) (rows []*Row, next int, err error) {
	most, n := s.Batch, 0
	if filter.Limit > 0 {
		most = min(most, filter.Limit)
	}
	take := func(r *Row) error {
		if n, next = n+1, r.Row+1; filter.fits(imp, r) {
			rows = append(rows, r)
		}
		return nil
	}
	if filter.all() {
		err = s.Store.Rows(ctx, imp.Number, from, most, take)
	} else {
		err = s.Store.RowsOf(ctx, imp.Number, filter.among(imp), from, most, take)
	}
	if n < most {
		next = 0
	}
	return rows, next, err
}

// addresses returns for each row the address that its user gets or has, as far as the
// actor may read it, or else the one that the file has.
func (s *Service) addresses(ctx context.Context, actor directory.Actor, imp *Import, rows []*Row) ([]string, error) {
	known, err := s.knownAddresses(ctx, actor, rows)
	if err != nil {
		return nil, err
	}
	records, unbound := imp.Records()
	list := make([]string, len(rows))
	for i, r := range rows {
		list[i] = cmp.Or(r.Address(), known[r.UserID])
		if list[i] == "" && unbound == nil {
			list[i] = records.Record(r).Values[directory.Address]
		}
	}
	return list, nil
}

// knownAddresses looks up the addresses of users who are there, for all rows at once.
func (s *Service) knownAddresses(ctx context.Context, actor directory.Actor, rows []*Row) (map[directory.ID]string, error) {
	var users []directory.ID
	for _, r := range rows {
		if r.Address() == "" && r.Action != directory.Create && !r.UserID.IsZero() {
			users = append(users, r.UserID)
		}
	}
	if len(users) == 0 {
		return nil, nil
	}
	catalog, err := s.Store.Catalog(ctx)
	if err != nil {
		return nil, err
	}
	return s.Store.Addresses(ctx, users, func(org string) bool { return actor.MayReadUsers(catalog, org) })
}
