package importer

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"muster/internal/directory"
	"muster/internal/password"
)

// hashes returns the hashes that the rows of a batch set, and destroys them where
// they were kept.
func (a *applying) hashes(ctx context.Context, tx Tx, b *batch) (map[int]string, error) {
	first, last := b.rows[0].Row, b.rows[len(b.rows)-1].Row
	hashes := map[int]string{}
	sealed, err := tx.Secrets(ctx, a.imp.Number, Hashed, first, last, a.Batch)
	if err != nil || len(sealed) == 0 {
		return nil, err
	}
	for _, s := range sealed {
		hash, err := a.Key.Open(s.Sealed, SealedFor(a.imp.Number, s.Row, Hashed))
		if err != nil {
			return nil, err
		}
		hashes[s.Row] = string(hash)
	}
	return hashes, tx.DeleteSecrets(ctx, a.imp.Number, Hashed, first, last)
}

// passwords gives the deeds of rows their hashes and keeps what is kept of them.
func (a *applying) passwords(ctx context.Context, tx Tx, items []*batchItem, hashes map[int]string) error {
	var keep []Secret
	for _, item := range items {
		more, err := a.password(ctx, tx, item, hashes)
		if err != nil {
			return err
		}
		keep = append(keep, more...)
		if item.deed == nil {
			continue
		}
		former, err := a.sealDeed(item, a.catalog.Settings(item.deed.Org()))
		if err != nil {
			return err
		}
		keep = append(keep, former...)
	}
	return tx.AddSecrets(ctx, a.imp.Number, keep)
}

// password gives a deed its hash. It returns what is kept sealed: a generated
// password for the results, and the former one, or that there was none, for an
// undo.
func (a *applying) password(ctx context.Context, tx Tx, item *batchItem, hashes map[int]string) (keep []Secret, err error) {
	if item.deed == nil || !item.deed.SetsPassword() {
		return nil, nil
	}
	settings := a.catalog.Settings(item.deed.Org())
	item.deed.Hash = hashes[item.row.Row]
	if item.deed.Hash == "" && !item.row.generates() {
		return nil, fmt.Errorf("the hash of the password of row %d of import %d is lost", item.row.Row, a.imp.Number)
	}
	if item.deed.Hash == "" {
		if item.generated == nil || item.stale {
			if item.generated, err = a.generate(a.imp.Number, item, a.catalog); err != nil {
				return nil, err
			}
		}
		item.deed.Hash = item.generated.hash
		item.deed.Lapses = a.Now().AddDate(0, 0, settings.GeneratedDays)
		keep = append(keep, Secret{Row: item.row.Row, Kind: Generated, Until: item.deed.Lapses, Sealed: item.generated.sealed})
	}
	if item.deed.User == nil {
		return keep, nil
	}
	former, err := tx.Password(ctx, item.deed.ID)
	if err != nil {
		return nil, err
	}
	text, err := json.Marshal(former)
	return append(keep, a.seal(item.row.Row, Former, string(text), a.Now().AddDate(0, 0, settings.UndoDays))), err
}

// generated is a password that was made for a row.
type generated struct {
	hash   string
	sealed []byte // for the results
}

// generate makes a password that its user may have.
func (s *Service) generate(number int64, item *batchItem, catalog *directory.Catalog) (*generated, error) {
	plain, err := password.GenerateFor(*catalog.Settings(item.deed.Org()).Policy, item.deed.Subject())
	if err != nil {
		return nil, err
	}
	return &generated{password.HashGenerated(plain), s.Key.Seal([]byte(plain), SealedFor(number, item.row.Row, Generated))}, nil
}

func (a *applying) seal(row int, kind, text string, until time.Time) Secret {
	return Secret{Row: row, Kind: kind, Until: until, Sealed: a.Key.Seal([]byte(text), SealedFor(a.imp.Number, row, kind))}
}
