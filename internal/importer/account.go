package importer

import (
	"context"
	"encoding/json"
	"slices"

	"muster/internal/directory"
	"muster/internal/secret"
)

// Passwords of e-mail accounts are sealed with the row until it is applied, and from
// then on with the account. What an undo puts back is sealed with the row again.

// accountPassword is a password of an e-mail account on its way: what a row gives, or
// what it has replaced, with who had set that.
type accountPassword struct {
	Plain string `json:"plain"`
	By    string `json:"by,omitempty"`
}

type accountPasswords map[directory.AccountField]accountPassword

// sealAccount seals the passwords that a record gives to an e-mail account. A row that
// changes nothing gives them too: it may be judged again.
func (s *Service) sealAccount(number int64, r *Row, w *directory.AccountWish) ([]Secret, error) {
	return s.sealPasswords(number, Secret{Row: r.Row, Kind: AccountGiven}, givenPasswords(w))
}

// givenPasswords are those that a record gives to an e-mail account.
func givenPasswords(w *directory.AccountWish) accountPasswords {
	if w == nil {
		return nil
	}
	given := accountPasswords{}
	for f, text := range w.Values {
		if field := directory.AccountField(f); field.Secret() && text != "" && text != directory.Clear {
			given[field] = accountPassword{Plain: text.Reveal()}
		}
	}
	return given
}

func (s *Service) sealPasswords(number int64, to Secret, list accountPasswords) ([]Secret, error) {
	if len(list) == 0 {
		return nil, nil
	}
	text, err := json.Marshal(list)
	if err != nil {
		return nil, err
	}
	to.Sealed = s.Key.Seal(text, SealedFor(number, to.Row, to.Kind))
	return []Secret{to}, nil
}

type secretReader interface {
	Secrets(ctx context.Context, number int64, kind string, from, to, limit int) ([]Secret, error)
}

// accounts opens the passwords of e-mail accounts that are kept with some rows.
func (s *Service) accounts(ctx context.Context, from secretReader, number int64, kind string, first, last int) (map[int]accountPasswords, error) {
	sealed, err := from.Secrets(ctx, number, kind, first, last, last-first+1)
	if err != nil || len(sealed) == 0 {
		return nil, err
	}
	all := map[int]accountPasswords{}
	for _, secret := range sealed {
		if !secret.Until.IsZero() && s.Now().After(secret.Until) {
			continue
		}
		text, err := s.Key.Open(secret.Sealed, SealedFor(number, secret.Row, kind))
		if err != nil {
			return nil, err
		}
		list := accountPasswords{}
		if err := json.Unmarshal(text, &list); err != nil {
			return nil, err
		}
		all[secret.Row] = list
	}
	return all, nil
}

// openAccounts gives the rows of a batch their passwords of e-mail accounts, which
// are destroyed where they were kept.
func (a *applying) openAccounts(ctx context.Context, tx Tx, b *batch) error {
	first, last := b.rows[0].Row, b.rows[len(b.rows)-1].Row
	given, err := a.Service.accounts(ctx, tx, a.imp.Number, AccountGiven, first, last)
	if err != nil || len(given) == 0 {
		return err
	}
	for _, item := range b.items {
		item.account = given[item.row.Row]
	}
	return tx.DeleteSecrets(ctx, a.imp.Number, AccountGiven, first, last)
}

// seeRepeated marks rows about a user whom an earlier row of the batch changes.
func (b *batch) seeRepeated() {
	seen := map[directory.ID]bool{}
	for _, item := range b.items {
		if seen[item.row.UserID] && item.row.Action != directory.Unchanged {
			item.stale, item.deed = true, nil
		}
		seen[item.row.UserID] = true
	}
}

// give puts the passwords back into the record of a row whose cells are kept without them.
func (p accountPasswords) give(w *directory.AccountWish) {
	for f, password := range p {
		w.Values[f] = secret.Text(password.Plain)
	}
}

// sealDeed gives a deed the passwords for its user's e-mail account. It returns what
// is kept for an undo: those that they replace.
func (a *applying) sealDeed(item *batchItem, settings directory.Settings) ([]Secret, error) {
	if item.deed == nil || item.deed.User == nil {
		return nil, nil
	}
	former := accountPasswords{}
	for _, c := range item.deed.Changes {
		key, _, _ := directory.AccountOf(c.Field)
		f, sets := c.SetsAccountPassword()
		if !sets {
			continue
		}
		item.deed.AccountPasswords[f].Sealed = a.Key.Seal([]byte(item.account[f].Plain), key.Context(item.deed.ID, f))
		if c.Old == "" {
			continue
		}
		account, _ := item.deed.User.Account(key)
		plain, err := a.Key.Open(account.Passwords[f].Sealed, key.Context(item.deed.ID, f))
		if err != nil {
			return nil, err
		}
		former[f] = accountPassword{string(plain), account.Passwords[f].By}
	}
	return a.sealPasswords(a.imp.Number, Secret{Row: item.row.Row, Kind: AccountFormer, Until: a.Now().AddDate(0, 0, settings.UndoDays)}, former)
}

// formerAccount seals the passwords that a row has replaced for the user who gets
// them back.
func (s *Service) formerAccount(r *Row, former accountPasswords) *directory.AccountPasswords {
	if len(former) == 0 {
		return nil
	}
	passwords := &directory.AccountPasswords{}
	for _, c := range r.Changes {
		key, f, ok := directory.AccountOf(c.Field)
		if p, kept := former[f]; ok && kept {
			passwords[f] = directory.SealedPassword{Sealed: s.Key.Seal([]byte(p.Plain), key.Context(r.UserID, f)), By: p.By}
		}
	}
	return passwords
}

// formerAccounts opens the passwords of e-mail accounts that rows have replaced, as
// far as they are kept.
func (s *Service) formerAccounts(ctx context.Context, r undoReader, imp *Import, rows []*Row) (map[int]accountPasswords, error) {
	if len(rows) == 0 {
		return nil, nil
	}
	return s.accounts(ctx, r, imp.Number, AccountFormer, rows[len(rows)-1].Row, rows[0].Row)
}

// distinct returns the first rows that are about different users. Several may each be
// about an e-mail account of one, and the second finds the user as the first leaves them.
func distinct(rows []*Row) []*Row {
	seen := map[directory.ID]bool{}
	n := slices.IndexFunc(rows, func(r *Row) bool {
		before := seen[r.UserID]
		seen[r.UserID] = true
		return before
	})
	if n < 0 {
		return rows
	}
	return rows[:n]
}
