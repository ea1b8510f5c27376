package directory

import (
	"muster/internal/mailaddr"
)

// accountMark leads the names of an e-mail account's values in a record's columns.
const accountMark = "account."

// compareAccount judges what the record wants of one e-mail account of its user.
func (c *judgement) compareAccount() {
	w, before := c.r.Account, c.r.Failed()
	a, ok := c.accountAddress()
	if !ok {
		return
	}
	key := AccountKey{w.Type, a.String()}
	there := c.u.account(key)
	if there != nil {
		key = there.AccountKey // the spelling stays
	}
	switch {
	case w.Delete:
		c.deleteAccount(key, there)
		return
	case there == nil:
		c.change(Change{Field: ChangeAccount, New: key.String()})
	}
	for _, s := range accountSpecs[w.Type] {
		c.compareAccountValue(key, s, before)
	}
}

// accountAddress is the address of the record's e-mail account, if it has one.
func (c *judgement) accountAddress() (a mailaddr.Address, ok bool) {
	if c.r.Account == nil {
		return a, false
	}
	a, err := mailaddr.Parse(c.r.Account.Address)
	if err != nil && !c.r.told(accountMark+"address") {
		c.r.report(accountMark+"address", asIssue(err))
	}
	return a, err == nil
}

func (c *judgement) deleteAccount(key AccountKey, there *Account) {
	if there == nil {
		c.r.report(accountMark+"address", AccountUnknown.New("%s has no %s account %s.", c.u.Values[Address], key.Type, key.Address))
		return
	}
	values := there.Values
	for _, s := range accountSpecs[key.Type] {
		c.replace(key.field(s.Name), values[s.Field], "")
	}
	c.change(Change{Field: ChangeAccount, Old: key.String()})
}

// compareAccountValue judges one value. What is blank in a row that was not read to
// its end may be given there.
func (c *judgement) compareAccountValue(key AccountKey, s AccountSpec, cut bool) {
	name, old := accountMark+s.Name, c.u.account(key).Values[s.Field]
	text := c.r.Account.Values[s.Field].Reveal()
	switch {
	case text == "" && s.Required && old == "" && !cut:
		c.r.report(name, AccountIncomplete.New("A new %s account needs a value here.", key.Type))
	case text == "":
	case text == Clear && s.Required:
		c.r.report(name, NotClearable.New("The value of %s cannot be emptied.", c.r.heading(name)))
	case text == Clear:
		c.replace(key.field(s.Name), old, "")
	case s.Field.Secret():
		c.compareAccountPassword(key, s, text)
	default:
		if text, ok := c.cleanText(Spec{Name: name, Kind: Line, Max: 320}, text); ok {
			c.replace(key.field(s.Name), old, text)
		}
	}
}

// compareAccountPassword sets a password unless it is so already. It is opened to
// compare it: it is no password of this directory, and whoever may give one may set it.
func (c *judgement) compareAccountPassword(key AccountKey, s AccountSpec, plain string) {
	if _, ok := c.cleanText(Spec{Name: accountMark + s.Name, Kind: Text, Max: 320}, plain); !ok {
		return
	}
	a := c.u.account(key)
	if sealed := a.Passwords[s.Field].Sealed; sealed != nil {
		now, err := c.options.Key.Open(sealed, key.Context(c.u.ID, s.Field))
		if err == nil && string(now) == plain {
			return
		}
	}
	c.change(Change{Field: key.field(s.Name), Old: a.Values[s.Field], New: PasswordSet})
}
