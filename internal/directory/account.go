package directory

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"muster/internal/mailaddr"
	"muster/internal/secret"
)

// The types of e-mail account.
const (
	EmailAccount    = "email"
	ExchangeAccount = "exchange"
)

// Account is an e-mail account: a mailbox elsewhere, attached to a user, for
// configuring the user's devices. A user has any number; each is known by its type
// and address. It stands outside the address namespace, the check of domains and
// the password policy: it is somebody else's mailbox.
type Account struct {
	AccountKey
	Values    [numAccountFields]string // of a password, PasswordSet
	Passwords AccountPasswords         // of the fields that are passwords
}

// AccountKey is by what an e-mail account of a user is known.
type AccountKey struct{ Type, Address string }

// SealedPassword is a password that can be read back with the secret key.
type SealedPassword struct {
	Sealed []byte // under AccountKey.Seal's context; nil without a password
	By     string // the import and row that set it, as setBy says; "" by hand
}

// AccountPasswords are the passwords of an e-mail account; the fields that are none
// stay blank.
type AccountPasswords [numAccountFields]SealedPassword

// PasswordSet stands for a password wherever one would be shown.
const PasswordSet = "(set)"

// AccountField is one of the values of an e-mail account.
type AccountField int

// The values of an e-mail account.
const (
	AccountName             AccountField = iota // display name
	AccountUser                                 // at the incoming server, or at Exchange
	AccountDomain                               // of Exchange
	AccountPassword                             // of the incoming server, or of Exchange
	AccountOutgoingUser                         // at the outgoing server
	AccountOutgoingPassword                     // of the outgoing server
	numAccountFields
)

// Secret reports whether the value is a password.
func (f AccountField) Secret() bool { return f == AccountPassword || f == AccountOutgoingPassword }

// AccountSpec describes a value of an e-mail account of one type.
type AccountSpec struct {
	Field    AccountField
	Name     string // as in changes, flags and JSON
	Required bool
	Help     string
}

// The order is that of the columns in the Miradore document.
var accountSpecs = map[string][]AccountSpec{
	EmailAccount: {
		{AccountName, "display_name", true, "name that mail programs show"},
		{AccountUser, "incoming_user", true, "user name at the incoming server"},
		{AccountPassword, "incoming_password", false, "password at the incoming server"},
		{AccountOutgoingUser, "outgoing_user", true, "user name at the outgoing server"},
		{AccountOutgoingPassword, "outgoing_password", false, "password at the outgoing server"},
	},
	ExchangeAccount: {
		{AccountUser, "user", true, "user name at Exchange"},
		{AccountDomain, "domain", false, "domain of the user name"},
		{AccountPassword, "password", false, "password at Exchange"},
	},
}

// AccountSpecs returns the values that e-mail accounts of a type have.
func AccountSpecs(kind string) []AccountSpec { return accountSpecs[kind] }

// AccountWish is what a record wants of one e-mail account of its user: that it is
// there, with these values, or that it is not. A blank keeps what there is, Clear
// empties it.
type AccountWish struct {
	Type, Address string
	Values        [numAccountFields]secret.Text // none is printed, for some are passwords
	Delete        bool
}

// String is what stands for the account in changes: its type and address.
func (k AccountKey) String() string { return k.Type + " " + k.Address }

func (k AccountKey) field(name string) string { return ChangeAccount + " " + k.String() + ": " + name }

// same reports whether two keys mean one account: addresses are compared folded.
func (k AccountKey) same(other AccountKey) bool {
	return k.Type == other.Type && k.Folded() == other.Folded()
}

// Folded is the form in which the address is compared.
func (k AccountKey) Folded() string {
	if a, err := mailaddr.Parse(k.Address); err == nil {
		return a.Key()
	}
	return k.Address
}

// Context is what a password of the account is sealed for: it opens nowhere else.
func (k AccountKey) Context(user ID, f AccountField) string {
	return fmt.Sprintf("user %s account %s %s password %d", user, k.Type, k.Folded(), f)
}

// AccountNamed reads what AccountKey.String has written.
func AccountNamed(text string) AccountKey {
	kind, address, _ := strings.Cut(text, " ")
	return AccountKey{kind, address}
}

// AccountOf tells which value of which e-mail account the field of a change means.
func AccountOf(field string) (key AccountKey, f AccountField, ok bool) {
	rest, ok := strings.CutPrefix(field, ChangeAccount+" ")
	account, name, found := strings.Cut(rest, ": ")
	if !ok || !found {
		return key, 0, false
	}
	key = AccountNamed(account)
	for _, s := range accountSpecs[key.Type] {
		if s.Name == name {
			return key, s.Field, true
		}
	}
	return key, 0, false
}

// setsAccountPassword tells which password of which e-mail account a change sets
// or takes away.
func (c Change) setsAccountPassword() (key AccountKey, f AccountField, ok bool) {
	key, f, ok = AccountOf(c.Field)
	return key, f, ok && f.Secret()
}

// OfAccount reports whether a change is about an e-mail account.
func (c Change) OfAccount() bool {
	return c.Field == ChangeAccount || strings.HasPrefix(c.Field, ChangeAccount+" ")
}

// SetsAccountPassword reports whether a change gives an e-mail account a password.
func (c Change) SetsAccountPassword() (f AccountField, ok bool) {
	_, f, ok = c.setsAccountPassword()
	return f, ok && c.New != ""
}

func (u *User) account(key AccountKey) *Account {
	i := slices.IndexFunc(u.Accounts, func(a Account) bool { return a.same(key) })
	if i < 0 {
		return nil
	}
	return &u.Accounts[i]
}

// Account returns an e-mail account of the user, if there is one.
func (u *User) Account(key AccountKey) (Account, bool) {
	if a := u.account(key); a != nil {
		return *a, true
	}
	return Account{}, false
}

func (u *User) makeAccount(c Change) {
	if c.Old != "" {
		key := AccountNamed(c.Old)
		u.Accounts = slices.DeleteFunc(u.Accounts, func(a Account) bool { return a.same(key) })
	}
	if c.New != "" {
		u.Accounts = append(u.Accounts, Account{AccountKey: AccountNamed(c.New)})
		slices.SortFunc(u.Accounts, compareAccounts)
	}
}

func compareAccounts(a, b Account) int {
	return cmp.Or(strings.Compare(a.Type, b.Type), strings.Compare(a.Folded(), b.Folded()))
}

func (u *User) makeAccountValue(key AccountKey, f AccountField, value string) {
	if a := u.account(key); a != nil {
		a.Values[f] = value
	}
}

// setBy names the row of an import that sets a password.
func setBy(number int64, row int) string {
	if number == 0 {
		return ""
	}
	return fmt.Sprintf("%d/%d", number, row)
}

// SealAccount seals the passwords that a record gives to an e-mail account, for the
// deed's user.
func (deed *Deed) SealAccount(key *secret.Key, w *AccountWish) {
	if w == nil {
		return
	}
	account := AccountKey{w.Type, w.Address}
	for _, c := range deed.Changes {
		if f, ok := c.SetsAccountPassword(); ok {
			deed.AccountPasswords[f].Sealed = key.Seal([]byte(w.Values[f].Reveal()), account.Context(deed.ID, f))
		}
	}
}
