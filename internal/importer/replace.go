package importer

import (
	"context"
	"fmt"

	"muster/internal/directory"
)

// countRemovals counts the members whom replacing the group's membership will
// take out: those whom no row of the file names.
func (p *planner) countRemovals(ctx context.Context) error {
	if !p.imp.Directory.ReplaceGroup || p.imp.Directory.Group == "" {
		return nil
	}
	return p.Store.WriteImport(ctx, func(tx Tx) error {
		leaving, err := leavingMembers(ctx, tx, p.Store, p.imp)
		p.imp.Removed = int64(len(leaving))
		return err
	})
}

// leavingMembers returns the users who are members of the import's group, and
// whom no row of its file names.
func leavingMembers(ctx context.Context, tx Tx, s claimFinder, imp *Import) (leaving []directory.ID, err error) {
	group, err := directory.ParseID(imp.Directory.Group)
	if err != nil {
		return nil, err
	}
	var members []directory.ID
	err = tx.Members(ctx, group, func(m directory.Member) error {
		if !m.UserID.IsZero() {
			members = append(members, m.UserID)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	claims := make([]string, len(members))
	for i, id := range members {
		claims[i] = fmt.Sprintf("user:%s", id)
	}
	claimed, err := s.Claimed(ctx, imp.Number, claims)
	for i, id := range members {
		if _, named := claimed[claims[i]]; !named {
			leaving = append(leaving, id)
		}
	}
	return leaving, err
}

type claimFinder interface {
	Claimed(ctx context.Context, number int64, keys []string) (map[string]int, error)
}
