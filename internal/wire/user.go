package wire

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"muster/client"
	"muster/internal/directory"
	"muster/internal/issue"
	"muster/internal/mailaddr"
)

// User is a user as programs read them, with what they may do at a time: never a password or a
// hash.
func User(u *directory.User, now time.Time) *client.User {
	get := u.Get
	w := &client.User{ID: u.ID.String(), Address: Address(get(directory.Address)), Aliases: addresses(u.Aliases),
		Domain: mailaddr.DisplayDomain(u.Domain()), Name: get(directory.Name), Title: get(directory.Title), First: get(directory.First),
		Last: get(directory.Last), DisplayName: get(directory.DisplayName), JobTitle: get(directory.JobTitle),
		Department: get(directory.Department), Telephone: get(directory.Telephone), Mobile: get(directory.Mobile),
		Pager: get(directory.Pager), Fax: get(directory.Fax), Notes: get(directory.Notes), Org: get(directory.Org),
		Unit: get(directory.Unit), LocalID: get(directory.LocalID), Type: get(directory.Type), Status: get(directory.Status),
		Locked: u.Is(directory.Locked), Pop: u.Is(directory.Pop), Submit: u.Is(directory.Submit),
		MustChangePassword: u.Is(directory.MustChange), PasswordNeverExpires: u.Is(directory.NeverExpires),
		MailboxGB: u.Mailbox(), Role: get(directory.Role), Origin: get(directory.Origin),
		Groups: paths(u), Attributes: attributes(u), Delegates: delegates(u), UpdatedAt: Moment(u.UpdatedAt)}
	if now.Before(u.LockedUntil) {
		w.LockedUntil = Moment(u.LockedUntil)
	}
	may := u.Access(now)
	w.HasPassword, w.Console, w.POP3, w.IMAP, w.Submission = u.HasPassword, string(may.Console), may.POP3, may.IMAP, may.Submission
	return w
}

// ChangedUser is a user after a change, with the password that it has generated.
// That a leaver joins, which was asked for, is no issue.
func ChangedUser(u *directory.User, v *directory.Verdict, generated string, now time.Time) *client.ChangedUser {
	issues := slices.Clone(v.Issues)
	issues = slices.DeleteFunc(issues, func(i issue.Issue) bool { return directory.Joins.Is(i) })
	return &client.ChangedUser{User: *User(u, now), Password: generated, Changes: Changes(v.Changes), Issues: Issues(issues)}
}

// Address is an address as people write it, with the letters of its domain.
func Address(address string) string { return mailaddr.Show(address) }

// addresses are sorted, and an empty list for none.
func addresses(list []string) []string {
	shown := make([]string, len(list))
	for i, a := range list {
		shown[i] = Address(a)
	}
	slices.Sort(shown)
	return shown
}

func paths(u *directory.User) []string {
	list := []string{}
	for _, m := range u.Groups {
		list = append(list, m.Path)
	}
	slices.Sort(list)
	return list
}

func delegates(u *directory.User) []string {
	list := make([]string, len(u.Delegates))
	for i, d := range u.Delegates {
		list[i] = d.Address
	}
	return addresses(list)
}

func attributes(u *directory.User) map[string]string {
	all := map[string]string{}
	for _, a := range u.Attributes {
		all[a.Name] = a.Value
	}
	return all
}

// Owner tells whose an address is; the user must have it.
func Owner(u *directory.User, address string) *client.Owner {
	o := &client.Owner{Address: Address(address), Kind: "alias", User: u.ID.String(), Primary: Address(u.Get(directory.Address))}
	if a, err := mailaddr.Parse(address); err == nil {
		o.Address = a.Display()
	}
	if strings.EqualFold(o.Address, o.Primary) {
		o.Kind = "primary"
	}
	return o
}

// Account is an e-mail account: of its passwords only that there are any.
func Account(a directory.Account) *client.Account {
	values := map[string]any{"type": a.Type, "address": Address(a.Address)}
	for _, spec := range directory.AccountSpecs(a.Type) {
		value := any(a.Values[spec.Field])
		if spec.Field.Secret() {
			value = value != ""
		}
		values[spec.Name] = value
	}
	account := &client.Account{}
	text, _ := json.Marshal(values) // of texts and truths, which cannot fail
	_ = json.Unmarshal(text, account)
	return account
}

// Who returns a record about a user, found by primary address or id. Column tells
// under which name a value stood.
func Who(name string) *directory.Record {
	r := &directory.Record{Column: columnOf}
	if _, err := directory.ParseID(name); err == nil {
		r.ID = name
		return r
	}
	r.Values[directory.Address] = name
	return r
}

// columnOf names values as the API does.
func columnOf(name string) string {
	return strings.TrimPrefix(name, "account.")
}

// Delegate is a user whose mailbox another one may open.
func Delegate(x directory.Delegate) *client.Delegate {
	return &client.Delegate{ID: x.ID.String(), Address: Address(x.Address)}
}

// UserFilter reads which users a list has.
func UserFilter(w client.UserFilter) (directory.Filter, error) {
	f := directory.Filter{Search: w.Search, Origin: w.Origin, Status: w.Status}
	if w.Org != "" {
		f.Orgs = []string{strings.ToUpper(w.Org)}
	}
	for field, value := range map[directory.Field]string{directory.Origin: w.Origin, directory.Status: w.Status} {
		if choices := field.Spec().Choices; value != "" && !slices.Contains(choices, value) {
			return f, directory.ValueWrong.New("It is one of %s, not %q.", strings.Join(choices, ", "), value).In(field.String())
		}
	}
	if w.Domain == "" {
		return f, nil
	}
	name, err := mailaddr.ParseDomain(w.Domain)
	f.Domain = name
	return f, err
}
