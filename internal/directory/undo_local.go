package directory

import (
	"context"
	"crypto/sha256"
)

// Foreseen is what an undo comes to in rows that were judged before, as far as the
// database does not show it yet: in those of the same batch and, where an undo is
// only planned, in all of them. A local id in its organisation is the one thing
// that a row may take back into what another row has left: no other value of a user
// becomes somebody else's by changes that were made since.
type Foreseen struct {
	left   []uint64        // a bit for each row whose user is removed, or leaves the local id
	locals map[[16]byte]ID // who takes a local id, by its digest: a plan may have a million
}

// digest is short, and the same for no two keys that are met.
func (k LocalKey) digest() [16]byte {
	sum := sha256.Sum256([]byte(k.Org + "\x00" + k.ID))
	return [16]byte(sum[:16])
}

func (f *Foreseen) add(u *Undo) {
	key, moves := u.localAfter()
	if !moves && !u.Removes() {
		return
	}
	for len(f.left) <= u.Row/64 {
		f.left = append(f.left, 0)
	}
	f.left[u.Row/64] |= 1 << (u.Row % 64)
	if key.ID == "" {
		return
	}
	if f.locals == nil {
		f.locals = map[[16]byte]ID{}
	}
	f.locals[key.digest()] = u.ID
}

// leaves reports whether the user of a row is removed, or leaves the local id.
func (f *Foreseen) leaves(row int) bool {
	return row > 0 && row/64 < len(f.left) && f.left[row/64]&(1<<(row%64)) != 0
}

// readLocals looks up who has the local ids that the users may get back.
func (j *undoJudge) readLocals(ctx context.Context, undos []*Undo) error {
	query := Query{}
	for _, u := range undos {
		if user := j.snap.Users[u.ID]; user != nil && u.Action != Create {
			query.LocalIDs = append(query.LocalIDs, u.localsBefore(user)...)
		}
	}
	if len(query.LocalIDs) == 0 {
		return nil
	}
	found, err := j.reader.Snapshot(ctx, query)
	if err == nil {
		j.snap.Locals = found.Locals
	}
	return err
}

// localsBefore are the local ids that undoing may give the user: what the row has
// changed may go back, or be as it was by now.
func (u *Undo) localsBefore(user *User) (keys []LocalKey) {
	orgs, locals := []string{user.Values[Org]}, []string{user.Values[LocalID]}
	for _, c := range u.Made {
		switch c.Field {
		case specs[Org].Name:
			orgs = append(orgs, c.Old)
		case specs[LocalID].Name:
			locals = append(locals, c.Old)
		}
	}
	if len(orgs)+len(locals) == 2 {
		return nil
	}
	for _, org := range orgs {
		for _, local := range locals {
			if local != "" {
				keys = append(keys, LocalKey{org, fold(local)})
			}
		}
	}
	return keys
}

// localFree bars an undo that would bring a local id into an organisation where
// another user has it by then.
func (j *undoJudge) localFree(ctx context.Context, u *Undo) error {
	key, moves := u.localAfter()
	if !moves || key.ID == "" {
		return nil
	}
	holder, taken := j.foreseen.locals[key.digest()]
	if !taken {
		if holder, taken = j.snap.Locals[key]; taken {
			t, err := j.trace(ctx, holder)
			if err != nil {
				return err
			}
			taken = !j.foreseen.leaves(t.Row)
		}
	}
	if !taken || holder == u.ID {
		return nil
	}
	found, err := j.reader.Snapshot(ctx, Query{IDs: []ID{holder}})
	if err != nil {
		return err
	}
	u.bar("%s has the Local ID %s in organisation %s now", found.Users[holder].Values[Address], key.ID, key.Org)
	return nil
}

// localAfter is the local id that undoing would leave the user with, where it
// changes that or the organisation.
func (u *Undo) localAfter() (key LocalKey, moves bool) {
	for _, c := range u.Changes {
		moves = moves || c.Field == specs[LocalID].Name || c.Field == specs[Org].Name
	}
	if !moves {
		return key, false
	}
	after := u.Deed().after()
	return LocalKey{after.Values[Org], fold(after.Values[LocalID])}, true
}
