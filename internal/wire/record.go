package wire

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"

	"muster/client"
	"muster/internal/directory"
	"muster/internal/issue"
	"muster/internal/secret"
)

// FieldUnknown tells of a field that is to be emptied and that there is not.
var FieldUnknown = issue.NewError("field-unknown", "There is no field of this name that could be emptied.", "Give the name of a field of a user, or aliases, groups or delegates.")

// Want brings what is wanted of a user into a record.
func Want(r *directory.Record, c client.UserChange) error {
	for f, text := range given(c) {
		if text == nil {
			continue
		}
		if *text = strings.TrimSpace(*text); strings.EqualFold(*text, directory.Clear) {
			r.Cleared[f] = true
		} else {
			r.Values[f] = *text
		}
	}
	r.Aliases = list("aliases", c.Aliases, c.RemoveAliases)
	r.Groups = list("groups", c.Groups, c.RemoveGroups)
	r.Delegates = list("delegates", c.Delegates, c.RemoveDelegates)
	for _, name := range slices.Sorted(maps.Keys(c.Attributes)) {
		r.Attributes = append(r.Attributes, directory.Attribute{Name: name, Value: cmp.Or(c.Attributes[name], directory.Clear)})
	}
	r.RenameTo, r.Generate = c.RenameTo, c.GeneratePassword
	r.Password, r.PasswordHash = secret.Text(c.Password), secret.Text(c.PasswordHash)
	for _, name := range c.Clear {
		if err := clearField(r, name); err != nil {
			return err
		}
	}
	return nil
}

// given are the fields, each as text; nil where it is not given.
func given(c client.UserChange) map[directory.Field]*string {
	return map[directory.Field]*string{directory.Name: c.Name, directory.Title: c.Title, directory.First: c.First, directory.Last: c.Last,
		directory.DisplayName: c.DisplayName, directory.JobTitle: c.JobTitle, directory.Department: c.Department,
		directory.Telephone: c.Telephone, directory.Mobile: c.Mobile, directory.Pager: c.Pager, directory.Fax: c.Fax,
		directory.Notes: c.Notes, directory.Org: c.Org, directory.Unit: c.Unit, directory.LocalID: c.LocalID, directory.Type: c.Type,
		directory.Status: c.Status, directory.Locked: truth(c.Locked), directory.Pop: truth(c.Pop), directory.Submit: truth(c.Submit),
		directory.MustChange: truth(c.MustChangePassword), directory.NeverExpires: truth(c.PasswordNeverExpires),
		directory.MailboxGB: number(c.MailboxGB), directory.Role: c.Role}
}

func truth(flag *bool) *string {
	if flag == nil {
		return nil
	}
	text := strconv.FormatBool(*flag)
	return &text
}

func number(n *int) *string {
	if n == nil {
		return nil
	}
	text := strconv.Itoa(*n)
	return &text
}

func list(name string, items, without []string) directory.List {
	return directory.List{Items: itemsOf(items, name), Without: itemsOf(without, "remove_"+name)}
}

func itemsOf(texts []string, column string) (items []directory.Item) {
	for _, text := range texts {
		items = append(items, directory.Item{Text: text, Column: column})
	}
	return items
}

// clearField lets a record empty a field, or makes the items of a list the only ones.
func clearField(r *directory.Record, name string) error {
	switch name {
	case "aliases":
		r.Aliases.Only = true
		return nil
	case "groups":
		r.Groups.Only = true
		return nil
	case "delegates":
		r.Delegates.Only = true
		return nil
	}
	field, known := directory.FieldNamed(name)
	switch {
	case !known || field == directory.Address || field == directory.Origin:
		return FieldUnknown.New("There is no field %q that could be emptied.", name).In("clear")
	case r.Values[field] != "":
		return FieldUnknown.New("The field %s is given and is to be emptied.", name).In("clear")
	}
	r.Cleared[field] = true
	return nil
}

// WantAccount returns what is wanted of an e-mail account of a user.
func WantAccount(kind, address string, c client.AccountChange) (*directory.AccountWish, error) {
	w := &directory.AccountWish{Type: kind, Address: address}
	texts := map[string]*string{"display_name": c.DisplayName, "incoming_user": c.IncomingUser, "incoming_password": c.IncomingPassword,
		"outgoing_user": c.OutgoingUser, "outgoing_password": c.OutgoingPassword, "user": c.User, "domain": c.Domain, "password": c.Password}
	wanted := map[string]secret.Text{}
	for name, text := range texts {
		if text != nil {
			wanted[name] = secret.Text(strings.TrimSpace(*text))
		}
	}
	for _, name := range c.Clear {
		wanted[name] = directory.Clear
	}
	for _, spec := range directory.AccountSpecs(kind) {
		w.Values[spec.Field] = wanted[spec.Name]
		delete(wanted, spec.Name)
	}
	for _, name := range slices.Sorted(maps.Keys(wanted)) {
		return nil, FieldUnknown.New("An e-mail account of type %q has no %s.", kind, name).In(name)
	}
	return w, nil
}
