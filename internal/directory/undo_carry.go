package directory

import (
	"context"
	"strings"
	"time"
)

// StoredPassword is a password as the database keeps it: what an undo puts back.
type StoredPassword struct {
	Hash   string    `json:"hash"` // none: the user had no password
	At     time.Time `json:"at"`
	Lapses time.Time `json:"lapses"`
}

// UndoTx is what taking changes back needs beside Tx.
type UndoTx interface {
	Tx
	// RemoveUsers removes users with all that hangs on them; their addresses are
	// free at once.
	RemoveUsers(context.Context, []ID) error
	// PutBackPassword gives a user the former password again.
	PutBackPassword(ctx context.Context, user ID, p StoredPassword) error
}

// TakeBack brings undos into the database, with the history.
func TakeBack(ctx context.Context, tx UndoTx, d Doing, undos []*Undo) error {
	var removed []ID
	var entries []Entry
	var deeds []*Deed
	for _, u := range undos {
		switch {
		case u.Removes():
			removed = append(removed, u.ID)
			entries = append(entries, u.Deed().entry(d))
		case len(u.Changes) > 0:
			deeds = append(deeds, u.Deed())
		}
	}
	if err := tx.RemoveUsers(ctx, removed); err != nil {
		return err
	}
	if err := tx.AddHistory(ctx, entries); err != nil {
		return err
	}
	if err := Carry(ctx, tx, d, deeds); err != nil {
		return err
	}
	return putBackPasswords(ctx, tx, undos)
}

func putBackPasswords(ctx context.Context, tx UndoTx, undos []*Undo) error {
	for _, u := range undos {
		if setsPassword(u.Changes) {
			if err := tx.PutBackPassword(ctx, u.ID, *u.Former); err != nil {
				return err
			}
		}
	}
	return nil
}

// MemberOf returns the member who is no user and whom changes of the history
// tell of.
func MemberOf(changes []Change) (m Member, ok bool) {
	for _, c := range changes {
		switch c.Field {
		case ChangeMember:
			m.Address, ok = c.Old, true
		case ChangeNote:
			m.Note = c.Old
		}
	}
	if m.Kind = "domain"; strings.Contains(m.Address, "@") {
		m.Kind = "address"
	}
	return m, ok
}
