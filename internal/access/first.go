package access

import (
	"context"

	"muster/internal/directory"
	"muster/internal/mailaddr"
	"muster/internal/secret"
)

// NewMaster is who is to be the first Master.
type NewMaster struct {
	Address  string
	Name     string
	Password secret.Text
}

// FirstLink makes the secret by which the first Master is made; blank where there is a
// Master already. The one before is of no use any more. It is good until it is used.
func (s *Service) FirstLink(ctx context.Context) (secret.Text, error) {
	if there, err := s.Store.HasMaster(ctx); there || err != nil {
		return "", err
	}
	plain, digest := newSecret("")
	err := s.Store.WriteAccess(ctx, func(tx Tx) error { return tx.PutFirstLink(ctx, digest, s.Now()) })
	if err != nil {
		return "", err
	}
	return plain, nil
}

// firstDoor is by which door the first Master comes, as the history tells.
const firstDoor = "first link"

// UseFirstLink makes the first Master. Where the domain of their address is not in the
// directory it becomes one of the organisation MASTER: there may be none yet. All is done in
// one transaction, so of two who have the link one makes the Master. The error is an issue
// of code first-link-invalid, or of one that refuses the user; then the link is still good.
func (s *Service) UseFirstLink(ctx context.Context, plain string, m NewMaster) error {
	return s.Store.WriteAccess(ctx, func(tx Tx) error {
		there, err := tx.HasMaster(ctx)
		if err != nil {
			return err
		}
		taken, err := tx.TakeFirstLink(ctx, digestOf(plain))
		switch {
		case err != nil:
			return err
		case there || !taken:
			return FirstLinkInvalid.New("The link was used already, or another one was printed since.")
		}
		return s.addMaster(ctx, tx, m)
	})
}

func (s *Service) addMaster(ctx context.Context, tx Tx, m NewMaster) error {
	here := *s.Directory
	here.Store, here.Gate = within{here.Store, tx}, nil // whoever has the turn to write does not wait for others
	by := directory.Operator(firstDoor)
	if err := ensureDomain(ctx, &here, by, m.Address); err != nil {
		return err
	}
	r := &directory.Record{Password: m.Password}
	r.Values[directory.Address], r.Values[directory.Name], r.Values[directory.Role] = m.Address, m.Name, "Master"
	_, _, err := here.AddUser(ctx, by, r, directory.Options{})
	return err
}

// ensureDomain adds the domain of an address where the directory does not have it.
func ensureDomain(ctx context.Context, d *directory.Service, by directory.Actor, address string) error {
	a, err := mailaddr.Parse(address)
	if err != nil {
		return err
	}
	catalog, err := d.Store.Catalog(ctx)
	if err != nil {
		return err
	}
	if _, there := catalog.Domain(a.Domain); there {
		return nil
	}
	return d.AddDomain(ctx, by, directory.Domain{Name: a.Domain, Org: directory.Master, Validation: "known"})
}

// within lets the directory work in a transaction that is open already.
type within struct {
	directory.Store
	tx Tx
}

// Catalog is as the transaction has it.
func (w within) Catalog(ctx context.Context) (*directory.Catalog, error) { return w.tx.Catalog(ctx) }

// Snapshot is as the transaction has it.
func (w within) Snapshot(ctx context.Context, q directory.Query) (*directory.Snapshot, error) {
	return w.tx.Snapshot(ctx, q)
}

// Taken is as the transaction has it.
func (w within) Taken(ctx context.Context, keys []string) (map[string]bool, error) {
	return w.tx.Taken(ctx, keys)
}

// Write runs f in the transaction.
func (w within) Write(_ context.Context, f func(directory.AdminTx) error) error { return f(w.tx) }
