package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"muster/internal/access"
	"muster/internal/directory"
	"muster/internal/importer"
)

// ErrKeyChanged tells that the secret key was changed by another process, and what this
// one would seal could not be read any more.
var ErrKeyChanged = errors.New("the secret key was changed since this process began; start it again")

// keyFact is the name under which the key's fingerprint is kept.
const keyFact = "key"

// UseKey says with which key this process seals; with another one in force it writes
// nothing.
func (s *Store) UseKey(fingerprint string) { s.key = fingerprint }

func (t *Tx) sameKey(ctx context.Context) error {
	if t.store.key == "" {
		return nil
	}
	print := ""
	err := t.row(ctx, `SELECT value FROM facts WHERE name = $1`, keyFact).Scan(&print)
	if err == nil && print != t.store.key {
		return ErrKeyChanged
	}
	return err
}

// Reseal seals anew all that is sealed with the key of one fingerprint, and keeps that
// of another: all of it or nothing. It returns how many values these were.
func (s *Store) Reseal(ctx context.Context, actor directory.Actor, from, to string, seal Seal, report func(done, total int64)) (n int64, err error) {
	err = s.write(ctx, true, func(t *Tx) error {
		if err := s.dialect.patient(ctx, t.sql); err != nil {
			return err
		}
		r := &resealer{ctx, t, seal, tally{report: report}}
		if err := r.count(); err != nil {
			return err
		}
		for _, source := range []func() ([]sealedValue, error){r.uploads(), r.secrets(), r.accounts(), r.factors()} {
			if err := r.all(source); err != nil {
				return err
			}
		}
		n = r.rows.done
		if err := t.run(ctx, `DELETE FROM answers`); err != nil { // of requests that are sent again at once, if at all
			return err
		}
		if err := t.changeKey(ctx, from, to); err != nil {
			return err
		}
		return t.AddHistory(ctx, []directory.Entry{{ID: directory.NewID(), At: time.Now(), Actor: actor.Address, Door: actor.Door,
			Org: directory.Master, Subject: "secret key", Action: "change key"}})
	})
	if err == nil {
		s.key = to
	}
	return n, err
}

// Seal seals anew for its context what was sealed for it.
type Seal func(sealed []byte, context string) ([]byte, error)

// changeKey keeps another fingerprint, unless somebody else has done so.
func (t *Tx) changeKey(ctx context.Context, from, to string) error {
	n, err := t.exec(ctx, `UPDATE facts SET value = $1 WHERE name = $2 AND value = $3`, to, keyFact, from)
	if err == nil && n == 0 {
		return ErrKeyChanged
	}
	return err
}

// resealer is the work of sealing anew within one transaction.
type resealer struct {
	ctx  context.Context
	tx   *Tx
	seal Seal
	rows tally
}

// sealedValue is something sealed for a context, with the statement that puts another
// value in its place.
type sealedValue struct {
	sealed  []byte
	context string
	update  string
	place   []any
}

func (r *resealer) count() error {
	return r.tx.row(r.ctx, `SELECT (SELECT count(*) FROM import_uploads) + (SELECT count(*) FROM import_secrets)
		+ (SELECT count(password) + count(outgoing_password) FROM email_accounts) + (SELECT count(*) FROM second_factors)`).Scan(&r.rows.total)
}

// all seals anew what a source has, some at a time, until it has nothing more.
func (r *resealer) all(source func() ([]sealedValue, error)) error {
	for {
		values, err := source()
		if err != nil || len(values) == 0 {
			return err
		}
		for _, v := range values {
			if v.sealed == nil { // an account without this password
				continue
			}
			sealed, err := r.seal(v.sealed, v.context)
			if err != nil {
				return err
			}
			if err := r.tx.run(r.ctx, v.update, append([]any{sealed}, v.place...)...); err != nil {
				return err
			}
			r.rows.add()
		}
	}
}

// uploads are parts of files, of a megabyte each.
func (r *resealer) uploads() func() ([]sealedValue, error) {
	number, part := int64(0), int64(-1)
	return func() (values []sealedValue, err error) {
		const text = `SELECT import, part, sealed FROM import_uploads WHERE (import, part) > ($1, $2) ORDER BY import, part LIMIT 8`
		err = r.tx.each(r.ctx, text, []any{number, part}, func(rows *sql.Rows) error {
			v := sealedValue{update: `UPDATE import_uploads SET sealed = $1 WHERE import = $2 AND part = $3`}
			err := rows.Scan(&number, &part, &v.sealed)
			v.context, v.place = importer.SealedFor(number, int(part), "upload"), []any{number, part}
			values = append(values, v)
			return err
		})
		return values, err
	}
}

// secrets are passwords of the rows of imports.
func (r *resealer) secrets() func() ([]sealedValue, error) {
	number, row, kind := int64(0), int64(0), ""
	return func() (values []sealedValue, err error) {
		const text = `SELECT import, row, kind, sealed FROM import_secrets WHERE (import, row, kind) > ($1, $2, $3) ORDER BY import, row, kind LIMIT 1000`
		err = r.tx.each(r.ctx, text, []any{number, row, kind}, func(rows *sql.Rows) error {
			v := sealedValue{update: `UPDATE import_secrets SET sealed = $1 WHERE import = $2 AND row = $3 AND kind = $4`}
			err := rows.Scan(&number, &row, &kind, &v.sealed)
			v.context, v.place = importer.SealedFor(number, int(row), kind), []any{number, row, kind}
			values = append(values, v)
			return err
		})
		return values, err
	}
}

// accounts are the passwords of e-mail accounts, two of each account.
func (r *resealer) accounts() func() ([]sealedValue, error) {
	user, kind, key := directory.ID{}, "", ""
	return func() (values []sealedValue, err error) {
		const text = selectAccounts + ` WHERE (user_id, type, key) > ($1, $2, $3) ORDER BY user_id, type, key LIMIT 500`
		err = r.tx.each(r.ctx, text, []any{user, kind, key}, func(rows *sql.Rows) error {
			id, a, err := scanAccount(rows)
			user, kind, key = id, a.Type, a.Folded()
			for _, f := range []directory.AccountField{directory.AccountPassword, directory.AccountOutgoingPassword} {
				values = append(values, sealedValue{a.Passwords[f].Sealed, a.Context(id, f),
					`UPDATE email_accounts SET ` + accountColumns[f] + ` = $1 WHERE user_id = $2 AND type = $3 AND key = $4`, []any{id, a.Type, key}})
			}
			return err
		})
		return values, err
	}
}

// factors are the second factors of users.
func (r *resealer) factors() func() ([]sealedValue, error) {
	user := directory.ID{}
	return func() (values []sealedValue, err error) {
		const text = `SELECT user_id, sealed FROM second_factors WHERE user_id > $1 ORDER BY user_id LIMIT 1000`
		err = r.tx.each(r.ctx, text, []any{user}, func(rows *sql.Rows) error {
			v := sealedValue{update: `UPDATE second_factors SET sealed = $1 WHERE user_id = $2`}
			err := rows.Scan(&user, &v.sealed)
			v.context, v.place = access.FactorContext(user), []any{user}
			values = append(values, v)
			return err
		})
		return values, err
	}
}
