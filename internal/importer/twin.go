package importer

import (
	"context"

	"muster/internal/directory"
)

// recognise finds the last import of the very same file that was applied, or else
// tells of one that is still to be.
func (p *planner) recognise(ctx context.Context) error {
	same, err := p.Store.Same(ctx, p.imp.Fingerprint)
	if err != nil {
		return err
	}
	waiting := int64(0)
	for _, number := range same {
		other, err := p.Store.Import(ctx, number)
		if err != nil {
			return err
		}
		if number == p.imp.Number || !p.imp.alike(other) {
			continue
		}
		switch other.State {
		case Applied:
			if p.imp.FormatText != other.FormatText {
				continue // the format was corrected since: there may be something to change
			}
			p.imp.SameAs = number
			return nil
		case Planned, Hashing, Applying:
			waiting = number
		}
	}
	if waiting > 0 {
		p.imp.FileIssues = append(p.imp.FileIssues, SameFile.New("Import %d is of the very same file, and not finished.", waiting))
		p.imp.Issues++
	}
	return nil
}

// alike reports whether another import of the same file means the same people:
// what was chosen beside the format and the sheet does not change who they are.
func (i *Import) alike(other *Import) bool {
	return i.Format == other.Format && i.Table.Sheet == other.Table.Sheet
}

// findTwins returns, by row, the users whom earlier imports of the very same
// file made or found: what keeps rows that bear no identity from being created
// twice.
func findTwins(ctx context.Context, s twinFinder, imp *Import, from, count int) (map[int]directory.ID, error) {
	twins := map[int]directory.ID{}
	same, err := s.Same(ctx, imp.Fingerprint)
	if err != nil {
		return nil, err
	}
	for _, number := range same {
		if number == imp.Number {
			continue
		}
		other, err := s.Import(ctx, number)
		if err != nil {
			return nil, err
		}
		if !imp.alike(other) {
			continue
		}
		err = s.RowUsers(ctx, number, from, count, func(r *Row) error {
			if _, known := twins[r.Row]; !known && other.didReach(r) {
				twins[r.Row] = r.UserID
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return twins, nil
}

type twinFinder interface {
	Same(ctx context.Context, fingerprint string) ([]int64, error)
	Import(ctx context.Context, number int64) (*Import, error)
	RowUsers(ctx context.Context, number int64, from, limit int, f func(*Row) error) error
}

// didReach reports whether apply has found or made the row's user.
func (i *Import) didReach(r *Row) bool {
	switch i.OutcomeOf(r) {
	case Created, Updated, Unchanged, Leaver, Joined, Kept, Irreversible:
		return !r.UserID.IsZero()
	}
	return false
}
