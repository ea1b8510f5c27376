package directory

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"muster/internal/mailaddr"
	"muster/internal/password"
)

// ErrChanged tells that a user is no longer as the verdict found them.
var ErrChanged = errors.New("the user has changed since")

// Tx is what carrying verdicts out needs of the database, within one
// transaction: all of it happens, or nothing.
type Tx interface {
	Reader
	// InsertUsers adds users with their primary addresses, which must be free, and
	// the passwords that some of them start with.
	InsertUsers(context.Context, []*User, map[ID]StoredPassword) error
	// UpdateUser writes a user's fields where its version is still the one before,
	// and returns ErrChanged where it is not.
	UpdateUser(ctx context.Context, before, after *User) error
	// ApplyChange brings a change of a list into the database: an alias, a group
	// with its note, an attribute, a delegate, an e-mail account but for its passwords.
	ApplyChange(ctx context.Context, user ID, c Change) error
	// SetAccountPassword stores a password of an e-mail account, sealed.
	SetAccountPassword(ctx context.Context, user ID, account AccountKey, f AccountField, p SealedPassword) error
	// MoveAddress makes another address the user's primary one.
	MoveAddress(ctx context.Context, user ID, from, to mailaddr.Address) error
	// SetPassword stores a hash, which lapses at a time where that is not zero.
	SetPassword(ctx context.Context, user ID, hash string, at, lapses time.Time) error
	// EndSessions ends all that a user does at the console.
	EndSessions(ctx context.Context, user ID) error
	// AddHistory appends entries to the history.
	AddHistory(context.Context, []Entry) error
	// AddNotices keeps notices for those whom they are for.
	AddNotices(context.Context, []Notice) error
}

// Deed is a verdict on its way into the database.
type Deed struct {
	Row     int
	Action  Action
	ID      ID
	User    *User // as it was; nil for a new one
	Changes []Change
	Hash    string    // the new password's, or none
	Lapses  time.Time // when an unused generated password lapses
	Undoes  bool      // takes changes back: a status counts again since when it did before

	// AccountPasswords are those that the changes give to an e-mail account.
	AccountPasswords AccountPasswords

	numbers *[4]string // as in User.E164, once prepared
}

// Doing is what all deeds of one transaction have in common.
type Doing struct {
	Actor  Actor
	At     time.Time
	Import int64 // none for a change by hand

	Catalog *Catalog // tells the country of each organisation's telephones
}

// Carry brings deeds into the database.
func Carry(ctx context.Context, tx Tx, d Doing, deeds []*Deed) error {
	if err := insert(ctx, tx, d, deeds); err != nil {
		return err
	}
	entries := make([]Entry, len(deeds))
	for i, deed := range deeds {
		if err := deed.carry(ctx, tx, d); err != nil {
			return err
		}
		entries[i] = deed.entry(d)
	}
	if err := tell(ctx, tx, d, deeds); err != nil {
		return err
	}
	return tx.AddHistory(ctx, entries)
}

// insert adds the users who are new.
func insert(ctx context.Context, tx Tx, d Doing, deeds []*Deed) error {
	var users []*User
	passwords := map[ID]StoredPassword{}
	for _, deed := range deeds {
		if deed.User != nil {
			continue
		}
		users = append(users, deed.made(d))
		if deed.Hash != "" {
			passwords[deed.ID] = StoredPassword{Hash: deed.Hash, At: d.At, Lapses: deed.Lapses}
		}
	}
	return tx.InsertUsers(ctx, users, passwords)
}

// made returns a user with the deed's changes in it.
func (deed *Deed) made(d Doing) *User {
	u := newUser()
	if deed.User != nil {
		u = deed.User.clone()
	} else {
		u.ID, u.CreatedAt, u.StatusAt = deed.ID, d.At, d.At
	}
	status := u.Values[Status]
	for _, c := range deed.Changes {
		u.make(c)
	}
	if u.Values[Status] != status {
		u.StatusAt = deed.statusSince(d)
	}
	u.UpdatedAt = d.At
	if deed.numbers == nil {
		deed.numbers = u.numbers(d.Catalog)
	}
	u.E164 = *deed.numbers
	u.Version++
	return u
}

// Prepare works out what takes longest of making a new user, so that it can be
// done before the transaction. The catalog must still be that of the transaction.
func (deed *Deed) Prepare(c *Catalog) { deed.numbers = deed.after().numbers(c) }

// numbers returns the user's telephone numbers in the form of ITU-T E.164.
func (u *User) numbers(c *Catalog) *[4]string {
	list, country := [4]string{}, c.Settings(u.Values[Org]).Country
	for i, f := range phoneFields {
		list[i] = E164(u.Values[f], country)
	}
	return &list
}

// statusSince tells since when the user has the status that the deed gives.
func (deed *Deed) statusSince(d Doing) time.Time {
	for _, c := range deed.Changes {
		if since, err := time.Parse(time.RFC3339Nano, c.Ref); c.Field == specs[Status].Name && deed.Undoes && err == nil {
			return since
		}
	}
	return d.At
}

// carry brings in what is not written with a new user's row.
func (deed *Deed) carry(ctx context.Context, tx Tx, d Doing) error {
	if deed.User != nil {
		if err := tx.UpdateUser(ctx, deed.User, deed.made(d)); err != nil {
			return err
		}
	}
	for _, c := range deed.Changes {
		if err := deed.carryChange(ctx, tx, d, c); err != nil {
			return err
		}
	}
	if deed.User == nil {
		return nil
	}
	if deed.Hash != "" {
		if err := tx.SetPassword(ctx, deed.ID, deed.Hash, d.At, deed.Lapses); err != nil {
			return err
		}
	}
	if deed.endsSessions() {
		return tx.EndSessions(ctx, deed.ID)
	}
	return nil
}

// endsSessions reports whether the deed ends what its user does at the console: it
// gives or takes a password or role, or closes the account.
func (deed *Deed) endsSessions() bool {
	return slices.ContainsFunc(deed.Changes, func(c Change) bool {
		switch c.Field {
		case ChangePassword, specs[Role].Name:
			return true
		case specs[Locked].Name:
			return c.New == "true"
		case specs[Status].Name:
			return c.New == "disabled" || c.New == "deleted"
		}
		return false
	})
}

func (deed *Deed) carryChange(ctx context.Context, tx Tx, d Doing, c Change) error {
	if f, ok := fieldByName[c.Field]; ok {
		if f != Address || deed.User == nil {
			return nil
		}
		return moveAddress(ctx, tx, deed.ID, c)
	}
	if c.Field == ChangePassword {
		return nil
	}
	if key, f, ok := c.setsAccountPassword(); ok && c.New != "" {
		return deed.carryAccountPassword(ctx, tx, d, key, f)
	}
	return tx.ApplyChange(ctx, deed.ID, c)
}

func (deed *Deed) carryAccountPassword(ctx context.Context, tx Tx, d Doing, key AccountKey, f AccountField) error {
	p := deed.AccountPasswords[f]
	if p.Sealed == nil {
		return fmt.Errorf("the password of the e-mail account of row %d is lost", deed.Row)
	}
	if !deed.Undoes {
		p.By = setBy(d.Import, deed.Row)
	}
	return tx.SetAccountPassword(ctx, deed.ID, key, f, p)
}

func moveAddress(ctx context.Context, tx Tx, id ID, c Change) error {
	from, err := mailaddr.Parse(c.Old)
	if err != nil {
		return err
	}
	to, err := mailaddr.Parse(c.New)
	if err != nil {
		return err
	}
	return tx.MoveAddress(ctx, id, from, to)
}

func (deed *Deed) entry(d Doing) Entry {
	e := Entry{ID: NewID(), At: d.At, Actor: d.Actor.Address, Door: d.Actor.Door, Import: d.Import, Row: deed.Row,
		UserID: deed.ID, Action: string(deed.Action)}
	if deed.Row == 0 || deed.Undoes {
		e.Changes = deed.Changes
	}
	e.Org, e.FormerOrg = deed.orgs()
	return e
}

// orgs are the organisation that the deed's user is of, and the one that the user leaves
// by the deed, if any.
func (deed *Deed) orgs() (org, former string) {
	if deed.User != nil {
		org = deed.User.Values[Org]
	}
	for _, c := range deed.Changes {
		if c.Field == specs[Org].Name {
			org, former = c.New, c.Old
		}
	}
	return org, former
}

// NewDeed makes a deed of a verdict. The hash is that of the verdict's new
// password, which is made outside the transaction.
func NewDeed(row int, v *Verdict, hash string) *Deed {
	return &Deed{Row: row, Action: v.Action, ID: v.ID, User: v.User, Changes: v.Changes, Hash: hash}
}

// Mailbox returns the size of a user's mailbox in GB.
func (u *User) Mailbox() int {
	gb, _ := strconv.Atoi(u.Values[MailboxGB])
	return gb
}

// SetsPassword reports whether the deed gives its user a new password.
func (deed *Deed) SetsPassword() bool {
	return slices.ContainsFunc(deed.Changes, func(c Change) bool { return c.Field == ChangePassword })
}

// after is the deed's user with its changes, as far as they are values.
func (deed *Deed) after() *User {
	u := newUser()
	if deed.User != nil {
		u = deed.User.clone()
	}
	for _, c := range deed.Changes {
		u.make(c)
	}
	return u
}

// Org is the organisation of the deed's user once it is done.
func (deed *Deed) Org() string { return deed.after().Values[Org] }

// Subject tells what the password of the deed's user must not contain.
func (deed *Deed) Subject() password.Subject { return deed.after().subject() }
