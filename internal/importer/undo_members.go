package importer

import (
	"context"

	"muster/internal/directory"
)

// members puts back the next members whom the import has taken out of its group;
// after the last it ends the undo. Who they are stands in the history.
func (u *undoing) members(ctx context.Context, tx Tx) error {
	entries, err := tx.Replaced(ctx, u.imp.Number, u.imp.UndoMember, u.most)
	if err != nil {
		return err
	}
	if len(entries) == 0 {
		return u.finish(ctx, tx)
	}
	undos, err := judgeMembers(ctx, tx, u.imp, u.imp.Undoer, entries)
	if err != nil {
		return err
	}
	doing := directory.Doing{Actor: u.imp.Undoer, At: u.Now(), Import: u.imp.Number, Catalog: u.catalog}
	if err := directory.TakeBack(ctx, tx, doing, undos); err != nil {
		return err
	}
	for _, undo := range undos {
		if undoOutcome(undo) != Reversed {
			u.imp.FileIssues = append(u.imp.FileIssues, memberIssue(u.imp, undo))
			u.imp.Issues++
		}
	}
	if err := u.others(ctx, tx, doing, entries); err != nil {
		return err
	}
	u.imp.UndoMember = entries[len(entries)-1].ID
	return u.save(ctx, tx, u.imp)
}

// judgeMembers judges the return of members who are users.
func judgeMembers(ctx context.Context, r undoReader, imp *Import, actor directory.Actor, entries []directory.Entry) (undos []*directory.Undo, err error) {
	for _, e := range entries {
		if !e.UserID.IsZero() {
			undos = append(undos, &directory.Undo{Action: directory.Update, ID: e.UserID, Made: e.Changes})
		}
	}
	return undos, directory.JudgeUndo(ctx, r, actor, imp.Number, &directory.Foreseen{}, undos)
}

// others puts back members who are no users: foreign addresses and domains.
func (u *undoing) others(ctx context.Context, tx Tx, doing directory.Doing, entries []directory.Entry) error {
	group, err := directory.ParseID(u.imp.Directory.Group)
	if err != nil || u.catalog.GroupPath(group) == "" {
		return err
	}
	var told []directory.Entry
	for _, e := range entries {
		if m, ok := directory.MemberOf(e.Changes); ok && e.UserID.IsZero() {
			added, err := u.putMember(ctx, tx, group, m)
			if err != nil {
				return err
			}
			if added {
				told = append(told, memberEntry(u.imp, doing, m, false))
			}
		}
	}
	return tx.AddHistory(ctx, told)
}

// putMember adds a member, unless somebody has done so already.
func (u *undoing) putMember(ctx context.Context, tx Tx, group directory.ID, m directory.Member) (bool, error) {
	there := false
	err := tx.Members(ctx, group, func(other directory.Member) error {
		there = there || other.UserID.IsZero() && other.Address == m.Address
		return nil
	})
	if err != nil || there {
		return false, err
	}
	return true, tx.PutMember(ctx, group, m)
}
