package directory

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"
)

// Undo is what the changes that a row made to one user come to on their way
// back. What holds still as the row set it is set back; what has its former
// value again needs nothing; anything else keeps the row as it is.
type Undo struct {
	Row    int
	Action Action // what the row did
	ID     ID
	Made   []Change        // by the row
	Former *StoredPassword // that the row has replaced; nil where it is no longer kept

	FormerAccount *AccountPasswords // passwords of an e-mail account that the row has replaced; nil where they are no longer kept

	User    *User    // as found; nil where there is none any more
	Changes []Change // what sets the user back; none for one who is to be removed
	Kept    string   // why the row is kept
	Barred  string   // why it cannot be reversed
}

// Removes reports whether undoing removes the user.
func (u *Undo) Removes() bool {
	return u.Action == Create && u.User != nil && u.Kept == "" && u.Barred == ""
}

// Touches reports whether undoing changes or removes an existing user.
func (u *Undo) Touches() bool { return u.Removes() || len(u.Changes) > 0 }

// Deed is what sets the user back. A password is put back beside it.
func (u *Undo) Deed() *Deed {
	deed := &Deed{Row: u.Row, Action: "undo " + u.Action, ID: u.ID, User: u.User, Changes: u.Changes, Undoes: true}
	if u.FormerAccount != nil {
		deed.AccountPasswords = *u.FormerAccount
	}
	return deed
}

func (u *Undo) keep(format string, args ...any) {
	u.Kept = cmp.Or(u.Kept, fmt.Sprintf(format, args...))
}

func (u *Undo) bar(format string, args ...any) {
	u.Barred = cmp.Or(u.Barred, fmt.Sprintf(format, args...))
}

// Trace is what an import has left with a user.
type Trace struct {
	Row        int
	Action     Action    // of the row
	At         time.Time // when the row was applied
	PasswordAt time.Time // since when the user has the present password
	Changes    []Change  // of the row
}

// UndoReader is what judging an undo reads.
type UndoReader interface {
	Reader
	// Traces returns what an import has left with users whom its rows changed.
	Traces(ctx context.Context, number int64, users []ID) (map[ID]Trace, error)
}

// undoJudge judges what an undo can take back, by the directory as it now is, by
// what the undo of the rows before comes to, and by the rights of whoever undoes.
// It changes nothing.
type undoJudge struct {
	reader   UndoReader
	catalog  *Catalog
	actor    Actor
	number   int64
	foreseen *Foreseen
	snap     *Snapshot
	traces   map[ID]Trace
}

// JudgeUndo judges the undo of rows of one import, in the order in which they are
// undone, and adds to foreseen what it comes to.
func JudgeUndo(ctx context.Context, r UndoReader, actor Actor, number int64, foreseen *Foreseen, undos []*Undo) error {
	j := &undoJudge{reader: r, actor: actor, number: number, foreseen: foreseen}
	var err error
	if j.catalog, err = r.Catalog(ctx); err != nil {
		return err
	}
	query := Query{}
	for _, u := range undos {
		query.addUndo(u)
	}
	if j.snap, err = r.Snapshot(ctx, query); err != nil {
		return err
	}
	if err := j.readTraces(ctx, undos); err != nil {
		return err
	}
	if err := j.readLocals(ctx, undos); err != nil {
		return err
	}
	for _, u := range undos {
		if err := j.judge(ctx, u); err != nil {
			return err
		}
		j.foreseen.add(u)
	}
	return nil
}

// addUndo adds what judging an undo asks for: the user, whoever is to be a
// delegate again, and whose the former addresses are by now.
func (q *Query) addUndo(u *Undo) {
	q.IDs = append(q.IDs, u.ID)
	for _, c := range u.Made {
		switch c.Field {
		case ChangeDelegate, ChangeOpener:
			if id, err := ParseID(c.Ref); err == nil {
				q.IDs = append(q.IDs, id)
			}
		case specs[Address].Name, ChangeAlias:
			if key, ok := addressKey(c.Old); ok {
				q.Keys = append(q.Keys, key)
			}
		}
	}
}

// readTraces reads when passwords were set, and what the rows of those did who
// may open a mailbox that the import made: only where that matters.
func (j *undoJudge) readTraces(ctx context.Context, undos []*Undo) (err error) {
	var users []ID
	for _, u := range undos {
		user := j.snap.Users[u.ID]
		if user == nil {
			continue
		}
		if setsPassword(u.Made) && !u.untouched(user) {
			users = append(users, u.ID)
		}
		if u.Action == Create {
			for _, d := range user.OpenedBy {
				users = append(users, d.ID)
			}
		}
	}
	j.traces = map[ID]Trace{}
	if len(users) > 0 {
		j.traces, err = j.reader.Traces(ctx, j.number, users)
	}
	return err
}

// trace returns what the import has left with one user.
func (j *undoJudge) trace(ctx context.Context, id ID) (Trace, error) {
	if t, known := j.traces[id]; known {
		return t, nil
	}
	found, err := j.reader.Traces(ctx, j.number, []ID{id})
	j.traces[id] = found[id]
	return found[id], err
}

// untouched reports whether nothing was written to a user whom the row made.
func (u *Undo) untouched(user *User) bool { return u.Action == Create && user.Version == 1 }

func setsPassword(changes []Change) bool {
	return slices.ContainsFunc(changes, func(c Change) bool { return c.Field == ChangePassword })
}

func (j *undoJudge) judge(ctx context.Context, u *Undo) (err error) {
	u.User = j.snap.Users[u.ID]
	switch {
	case u.User == nil && u.Action == Create:
		return nil // there is nothing left to remove
	case u.User == nil:
		u.bar("the user is no longer there")
	case u.Action == Create:
		err = j.compareMade(ctx, u)
		j.mayRemove(u)
	default:
		j.compareChanged(u)
		j.possible(u)
		j.mayReverse(u)
		err = j.localFree(ctx, u)
	}
	if u.Kept != "" || u.Barred != "" {
		u.Changes = nil
	}
	return err
}
