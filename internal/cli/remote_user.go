package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"

	"muster/client"
	"muster/internal/directory"
)

// wanted is the choice as a server takes it.
func (w *whichUsers) wanted() client.UserFilter {
	return client.UserFilter{Search: w.Search, Org: w.Org, Domain: w.Domain, Origin: w.Origin, Status: w.Status}
}

// Remote lists users.
func (c *userListCommand) Remote(s *session, to *client.Client) error {
	return listRemotely(s, []string{"ADDRESS", "NAME", "ORG", "STATUS"}, func(f func(*client.User) error) error { return to.Users(s.ctx, c.wanted(), f) },
		func(u *client.User) []string {
			status := u.Status
			if u.Locked {
				status += ", locked"
			}
			return []string{u.Address, u.Name, u.Org, status}
		})
}

// Remote shows a user.
func (c *userShowCommand) Remote(s *session, to *client.Client) error {
	u, err := to.User(s.ctx, c.Address)
	return s.shown(u, err)
}

// Remote shows the history of a user.
func (c *userHistoryCommand) Remote(s *session, to *client.Client) error {
	return listRemotely(s, []string{"WHEN", "WHAT", "BY", "DOOR", "CHANGES"}, func(f func(*client.Entry) error) error { return to.UserHistory(s.ctx, c.Address, f) },
		func(e *client.Entry) []string {
			return []string{shownTime(e.At), e.Action, e.Actor, e.Door, changesOf(e.Changes)}
		})
}

func changesOf(changes []client.Change) string {
	parts := []string{}
	for _, c := range changes {
		parts = append(parts, fmt.Sprintf("%s: %s → %s", c.Field, dash(c.Old), dash(c.New)))
	}
	return strings.Join(parts, "; ")
}

// changedRemotely prints a user after a change. A generated password is printed here and
// nowhere else.
func (s *session) changedRemotely(what string, u *client.ChangedUser, err error) error {
	if err != nil {
		return err
	}
	for _, i := range u.Issues {
		s.say("%s: %s", i.Severity, i.Message)
	}
	changes := u.Changes
	if u.Changes, u.Issues = nil, nil; s.globals.JSON { // as the command prints it
		return s.printJSON(u)
	}
	if len(changes) == 0 {
		s.print("Unchanged: %s is so already.", u.Address)
		return nil
	}
	s.print("%s: %s", what, clean(u.Address))
	if u.Password != "" {
		s.print("password: %s", u.Password)
	}
	return nil
}

// wanted is what the flags want of a user, as a server takes it.
func (f *userFlags) wanted(s *session) (client.UserChange, error) {
	w, given := client.UserChange{}, map[string]any{}
	fields := reflect.ValueOf(f.Fields[0]).Elem()
	for i, field := range settable() {
		if v := fields.Field(i); !v.IsNil() {
			given[field.String()] = v.Elem().Interface()
			if text, ok := given[field.String()].(string); ok && field.Spec().Kind == directory.Number {
				given[field.String()] = json.Number(text)
			}
		}
	}
	text, err := json.Marshal(given)
	if err == nil {
		err = json.Unmarshal(text, &w)
	}
	if err != nil {
		return w, usage("a number is wanted: %w", err)
	}
	w.Aliases, w.Groups, w.Delegates, w.GeneratePassword = f.Alias, f.Group, f.Delegate, f.GeneratePassword
	plurals := map[string]string{"alias": "aliases", "group": "groups", "delegate": "delegates"}
	for _, name := range f.Clear {
		name = strings.ReplaceAll(name, "-", "_")
		if plural := plurals[name]; plural != "" {
			name = plural
		}
		w.Clear = append(w.Clear, name)
	}
	for _, text := range f.Attribute {
		name, value, found := strings.Cut(text, "=")
		if !found || name == "" {
			return w, usage("--attribute is NAME=VALUE, not %q", text)
		}
		if w.Attributes == nil {
			w.Attributes = map[string]string{}
		}
		w.Attributes[name] = value
	}
	r := &directory.Record{}
	err = f.secrets(s, r)
	w.Password, w.PasswordHash = r.Password.Reveal(), r.PasswordHash.Reveal()
	return w, err
}

// Remote adds a user.
func (c *userAddCommand) Remote(s *session, to *client.Client) error {
	w, err := c.wanted(s)
	if err != nil {
		return err
	}
	u, err := to.AddUser(s.ctx, client.NewUser{Address: c.Address, UserChange: w})
	return s.changedRemotely("Added", u, err)
}

// Remote changes a user.
func (c *userSetCommand) Remote(s *session, to *client.Client) error {
	w, err := c.wanted(s)
	if err != nil {
		return err
	}
	w.RenameTo, w.RemoveAliases, w.RemoveGroups, w.RemoveDelegates = c.RenameTo, c.RemoveAlias, c.RemoveGroup, c.RemoveDelegate
	u, err := to.SetUser(s.ctx, c.Address, w)
	return s.changedRemotely("Changed", u, err)
}

// Remote deletes a user.
func (c *userDeleteCommand) Remote(s *session, to *client.Client) error {
	u, err := to.DeleteUser(s.ctx, c.Address)
	return s.changedRemotely("Deleted", u, err)
}

// Remote locks a user.
func (c *userLockCommand) Remote(s *session, to *client.Client) error {
	u, err := to.LockUser(s.ctx, c.Address)
	return s.changedRemotely("Locked", u, err)
}

// Remote lifts a user's lock.
func (c *userUnlockCommand) Remote(s *session, to *client.Client) error {
	u, err := to.UnlockUser(s.ctx, c.Address)
	return s.changedRemotely("Unlocked", u, err)
}

// Remote marks a user as leaver.
func (c *userLeaverCommand) Remote(s *session, to *client.Client) error {
	u, err := to.MarkLeaver(s.ctx, c.Address)
	return s.changedRemotely("Marked as leaver", u, err)
}

// Remote takes a leaver back, or over.
func (c *userJoinCommand) Remote(s *session, to *client.Client) error {
	u, err := to.JoinUser(s.ctx, c.Address, c.Org)
	return s.changedRemotely("Joined", u, err)
}

// Remote moves a user.
func (c *userTransferCommand) Remote(s *session, to *client.Client) error {
	u, err := to.TransferUser(s.ctx, c.Address, c.Org)
	return s.changedRemotely("Moved", u, err)
}

// Remote sets a password.
func (c *userPasswordCommand) Remote(s *session, to *client.Client) error {
	plain, err := s.password(c.PasswordStdin, c.PasswordFile)
	if err != nil {
		return err
	}
	u, err := to.SetPassword(s.ctx, c.Address, client.PasswordChange{Password: plain.Reveal(), Generate: c.Generate, MustChangePassword: c.MustChangePassword})
	return s.changedRemotely("Password set", u, err)
}

// Remote lists the sessions of a user.
func (c *userSessionsCommand) Remote(s *session, to *client.Client) error {
	return listRemotely(s, []string{"SESSION", "SINCE", "LAST USED", "ENDS", "FROM", "PROGRAM"},
		func(f func(*client.Session) error) error { return to.Sessions(s.ctx, c.Address, f) },
		func(x *client.Session) []string {
			return []string{x.ID, shownTime(x.Since), shownTime(x.LastUsed), shownTime(x.Ends), dash(x.From), dash(x.Program)}
		})
}

// Remote ends the sessions of a user.
func (c *userSignOutCommand) Remote(s *session, to *client.Client) error {
	ended, err := to.EndSessions(s.ctx, c.Address, c.Session)
	return s.shown(ended, err)
}

// Remote shows the second factor of a user, or takes it away.
func (c *userFactorCommand) Remote(s *session, to *client.Client) error {
	if c.Remove {
		removed, err := to.RemoveSecondFactor(s.ctx, c.Address)
		return s.shown(removed, err)
	}
	factor, err := to.SecondFactor(s.ctx, c.Address)
	return s.shown(factor, err)
}

// Remote lists the e-mail accounts of a user.
func (c *accountListCommand) Remote(s *session, to *client.Client) error {
	return listRemotely(s, []string{"TYPE", "ACCOUNT"}, func(f func(*client.Account) error) error { return to.Accounts(s.ctx, c.Address, f) },
		func(a *client.Account) []string { return []string{a.Type, a.Address} })
}

// Remote adds or changes an e-mail account.
func (c *accountSetCommand) Remote(s *session, to *client.Client) error {
	w := client.AccountChange{DisplayName: c.DisplayName, IncomingUser: c.IncomingUser, OutgoingUser: c.OutgoingUser, User: c.User, Domain: c.Domain}
	for _, name := range c.Clear {
		w.Clear = append(w.Clear, strings.ReplaceAll(name, "-", "_"))
	}
	incoming, err1 := s.password(c.IncomingPasswordStdin, c.IncomingPasswordFile)
	outgoing, err2 := s.password(c.OutgoingPasswordStdin, c.OutgoingPasswordFile)
	plain, err3 := s.password(c.PasswordStdin, c.PasswordFile)
	if err := errors.Join(err1, err2, err3); err != nil {
		return err
	}
	w.IncomingPassword, w.OutgoingPassword, w.Password = given(incoming.Reveal()), given(outgoing.Reveal()), given(plain.Reveal())
	u, err := to.SetAccount(s.ctx, c.Address, c.Type, c.Account, w)
	return s.changedRemotely("Changed", u, err)
}

// given is nil for what is blank.
func given(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

// Remote takes an e-mail account away.
func (c *accountDeleteCommand) Remote(s *session, to *client.Client) error {
	u, err := to.DeleteAccount(s.ctx, c.Address, c.Type, c.Account)
	return s.changedRemotely("Changed", u, err)
}
