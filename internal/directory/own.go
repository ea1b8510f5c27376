package directory

import (
	"context"

	"muster/internal/secret"
)

// SetOwnPassword gives a user the password that they chose themselves, which the door
// has made sure of. It is judged by the policy of their organisation, and is none of
// the last that it remembers. All their sessions end.
func (s *Service) SetOwnPassword(ctx context.Context, id ID, door string, plain secret.Text) error {
	u, err := s.find(ctx, s.Store, id.String())
	if err != nil {
		return err
	}
	if u == nil {
		return UserUnknown.New("There is no user %s.", id)
	}
	catalog, err := s.Store.Catalog(ctx)
	if err != nil {
		return err
	}
	problems := catalog.Settings(u.Values[Org]).Policy.Check(plain.Reveal(), u.subject(), s.Breached)
	if err := Errors(problems); err != nil {
		return err
	}
	v := &Verdict{Action: Update, User: u, ID: u.ID, Changes: ownPassword(u), Password: NewPassword{Plain: plain.Reveal()}}
	hash, _, err := s.hash(ctx, v)
	if err != nil {
		return err
	}
	return s.Store.Write(ctx, func(tx AdminTx) error {
		again, err := s.find(ctx, tx, id.String())
		if err != nil || again == nil {
			return orErr(err, UserUnknown.New("There is no user %s.", id))
		}
		deed := &Deed{Action: Update, ID: again.ID, User: again, Changes: ownPassword(again), Hash: hash}
		by := Actor{ID: again.ID, Address: again.Values[Address], Door: door}
		return Carry(ctx, tx, Doing{Actor: by, At: s.Now(), Catalog: catalog}, []*Deed{deed})
	})
}

// ownPassword is what changes with a password that its user chose: they must change it
// no more.
func ownPassword(u *User) []Change {
	changes := []Change{{Field: ChangePassword, New: "(set)"}}
	if u.Is(MustChange) {
		changes = append(changes, Change{Field: specs[MustChange].Name, Old: "true", New: "false"})
	}
	return changes
}
