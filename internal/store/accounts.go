package store

import (
	"context"
	"database/sql"

	"muster/internal/directory"
)

// accountColumns are where the values of an e-mail account are kept.
var accountColumns = map[directory.AccountField]string{
	directory.AccountName:             "display_name",
	directory.AccountUser:             "username",
	directory.AccountDomain:           "domain",
	directory.AccountPassword:         "password",
	directory.AccountOutgoingUser:     "outgoing_username",
	directory.AccountOutgoingPassword: "outgoing_password",
}

// applyAccount adds or removes an e-mail account.
func (t *Tx) applyAccount(ctx context.Context, user directory.ID, c directory.Change) error {
	if c.Old != "" {
		a := directory.AccountNamed(c.Old)
		if err := t.run(ctx, `DELETE FROM email_accounts WHERE user_id = $1 AND type = $2 AND key = $3`, user, a.Type, a.Folded()); err != nil {
			return err
		}
	}
	if c.New == "" {
		return nil
	}
	a := directory.AccountNamed(c.New)
	return t.run(ctx, `INSERT INTO email_accounts (user_id, type, key, address) VALUES ($1, $2, $3, $4)`, user, a.Type, a.Folded(), a.Address)
}

// applyAccountValue sets a value of an e-mail account, or takes a password away.
func (t *Tx) applyAccountValue(ctx context.Context, user directory.ID, a directory.AccountKey, f directory.AccountField, value string) error {
	if f.Secret() {
		return t.SetAccountPassword(ctx, user, a, f, directory.SealedPassword{})
	}
	return t.run(ctx, `UPDATE email_accounts SET `+accountColumns[f]+` = $1 WHERE user_id = $2 AND type = $3 AND key = $4`,
		value, user, a.Type, a.Folded())
}

// SetAccountPassword stores a password of an e-mail account, sealed.
func (t *Tx) SetAccountPassword(ctx context.Context, user directory.ID, a directory.AccountKey, f directory.AccountField, p directory.SealedPassword) error {
	column := accountColumns[f]
	return t.run(ctx, `UPDATE email_accounts SET `+column+` = $1, `+column+`_by = $2 WHERE user_id = $3 AND type = $4 AND key = $5`,
		blob(p.Sealed), p.By, user, a.Type, a.Folded())
}

// blob is a value that is NULL where there is none.
func blob(b []byte) any {
	if b == nil {
		return nil
	}
	return b
}

const selectAccounts = `SELECT user_id, type, address, display_name, username, domain, outgoing_username,
	password, password_by, outgoing_password, outgoing_password_by FROM email_accounts`

func scanAccount(rows *sql.Rows) (id directory.ID, a directory.Account, err error) {
	in, out := &a.Passwords[directory.AccountPassword], &a.Passwords[directory.AccountOutgoingPassword]
	err = rows.Scan(&id, &a.Type, &a.Address, &a.Values[directory.AccountName], &a.Values[directory.AccountUser],
		&a.Values[directory.AccountDomain], &a.Values[directory.AccountOutgoingUser], &in.Sealed, &in.By, &out.Sealed, &out.By)
	for f, p := range a.Passwords {
		if p.Sealed != nil {
			a.Values[f] = directory.PasswordSet
		}
	}
	return id, a, err
}
