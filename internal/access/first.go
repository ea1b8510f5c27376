package access

import (
	"context"
	"errors"

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
// directory it becomes one of the organisation MASTER: there may be none yet. The error is
// an issue of code first-link-invalid, or of one that refuses the user; then the link is
// still good.
func (s *Service) UseFirstLink(ctx context.Context, plain string, m NewMaster) error {
	digest := digestOf(plain)
	if err := s.takeFirstLink(ctx, digest); err != nil {
		return err
	}
	err := s.addMaster(ctx, m)
	if err != nil {
		back := s.Store.WriteAccess(context.WithoutCancel(ctx), func(tx Tx) error { return tx.PutFirstLink(ctx, digest, s.Now()) })
		return orElse(err, back)
	}
	return nil
}

// takeFirstLink uses the link up, so that of two who have it one makes the Master.
func (s *Service) takeFirstLink(ctx context.Context, digest []byte) error {
	return s.Store.WriteAccess(ctx, func(tx Tx) error {
		there, err := tx.HasMaster(ctx)
		if err != nil {
			return err
		}
		taken, err := tx.TakeFirstLink(ctx, digest)
		if err != nil || taken && !there {
			return err
		}
		return FirstLinkInvalid.New("The link was used already, or another one was printed since.")
	})
}

func (s *Service) addMaster(ctx context.Context, m NewMaster) error {
	by := directory.Operator(firstDoor)
	domain, err := s.ensureDomain(ctx, by, m.Address)
	if err != nil {
		return err
	}
	r := &directory.Record{Password: m.Password}
	r.Values[directory.Address], r.Values[directory.Name], r.Values[directory.Role] = m.Address, m.Name, "Master"
	if _, _, err = s.Directory.AddUser(ctx, by, r, directory.Options{}); err != nil && domain != "" {
		return errors.Join(err, s.Directory.DeleteDomain(context.WithoutCancel(ctx), by, domain))
	}
	return err
}

// ensureDomain adds the domain of an address where the directory does not have it, and
// returns the one that it has added.
func (s *Service) ensureDomain(ctx context.Context, by directory.Actor, address string) (added string, err error) {
	a, err := mailaddr.Parse(address)
	if err != nil {
		return "", err
	}
	catalog, err := s.Directory.Store.Catalog(ctx)
	if err != nil {
		return "", err
	}
	if _, there := catalog.Domain(a.Domain); there {
		return "", nil
	}
	return a.Domain, s.Directory.AddDomain(ctx, by, directory.Domain{Name: a.Domain, Org: directory.Master, Validation: "known"})
}
