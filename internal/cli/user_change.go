package cli

import (
	"slices"
	"time"

	"muster/internal/directory"
	"muster/internal/mailaddr"
	"muster/internal/wire"
)

type userAddCommand struct {
	Address   string `arg:"" help:"Address of the new user."`
	userFlags `embed:""`
}

// Run adds a user.
func (c *userAddCommand) Run(s *session) error {
	if _, err := mailaddr.Parse(c.Address); err != nil {
		return usage("%w", err)
	}
	r, err := c.record(s)
	if err != nil {
		return err
	}
	r.Values[directory.Address] = c.Address
	core, actor, err := s.attach() // without a domain nobody can be added
	if err != nil {
		return err
	}
	v, generated, err := core.Directory.AddUser(s.ctx, actor, r, directory.Options{})
	if err != nil {
		return err
	}
	return s.doneUser("Added", v, generated)
}

type userSetCommand struct {
	namedUser
	RenameTo  string `help:"New primary address; the former one stays as alias." placeholder:"ADDRESS"`
	userFlags `embed:""`

	RemoveAlias    []string `help:"Further address to take away." placeholder:"ADDRESS" sep:"none"`
	RemoveGroup    []string `help:"Group that the user leaves." placeholder:"PATH" sep:"none"`
	RemoveDelegate []string `help:"User whose mailbox this user may no longer open." placeholder:"ADDRESS" sep:"none"`
}

// Run changes a user.
func (c *userSetCommand) Run(s *session) error {
	if c.RenameTo != "" {
		if _, err := mailaddr.Parse(c.RenameTo); err != nil {
			return usage("--rename-to: %w", err)
		}
	}
	r, err := c.record(s)
	if err != nil {
		return err
	}
	r.RenameTo = c.RenameTo
	r.Aliases.Without = list(c.RemoveAlias, "--remove-alias").Items
	r.Groups.Without = list(c.RemoveGroup, "--remove-group").Items
	r.Delegates.Without = list(c.RemoveDelegate, "--remove-delegate").Items
	return s.change(&c.namedUser, "Changed", r)
}

// change makes a record act on a user.
func (s *session) change(name *namedUser, what string, r *directory.Record) error {
	core, actor, err := s.attach()
	if err != nil {
		return err
	}
	name.find(r)
	v, generated, err := core.Directory.SetUser(s.ctx, actor, r)
	if err != nil {
		return err
	}
	return s.doneUser(what, v, generated)
}

// find tells a record which user it is about.
func (n *namedUser) find(r *directory.Record) {
	r.Column = flagOf
	if _, err := directory.ParseID(n.Address); err == nil {
		r.ID = n.Address
		return
	}
	r.Values[directory.Address] = n.Address
}

// doneUser tells what was done to a user. A generated password is printed here
// and nowhere else.
func (s *session) doneUser(what string, v *directory.Verdict, generated string) error {
	for _, i := range v.Issues {
		if !directory.Joins.Is(i) { // which is what was asked for, and is told below
			s.say("%s: %s", i.Severity, i.Error())
		}
	}
	if !s.globals.JSON {
		return s.doneUserText(what, v, generated)
	}
	// Whoever has moved a user out of their own reach still hears what became of it.
	u, err := s.core.Directory.User(s.ctx, directory.Operator(door), v.ID.String())
	if err != nil {
		return err
	}
	changed := wire.ChangedUser(u, v, generated, time.Now())
	changed.Changes, changed.Issues = nil, nil // the issues were told above
	return s.printJSON(changed)
}

func (s *session) doneUserText(what string, v *directory.Verdict, generated string) error {
	if len(v.Changes) == 0 {
		s.print("Unchanged: %s is so already.", wire.Address(v.Address))
		return nil
	}
	s.print("%s: %s", what, wire.Address(v.Address))
	if v.Action != directory.Create {
		s.changesText(withoutPassword(v.Changes, generated), false)
	}
	if generated != "" {
		s.print("password: %s", generated)
	}
	return nil
}

// withoutPassword leaves out that a password was generated, where the password
// itself is printed.
func withoutPassword(changes []directory.Change, generated string) []directory.Change {
	return slices.DeleteFunc(slices.Clone(changes), func(c directory.Change) bool {
		return generated != "" && c.Field == directory.ChangePassword
	})
}

// wish is a record that sets one field.
func wish(f directory.Field, value string) *directory.Record {
	r := &directory.Record{}
	r.Values[f] = value
	return r
}

type userDeleteCommand struct{ namedUser }

// Run deletes a user.
func (c *userDeleteCommand) Run(s *session) error {
	return s.change(&c.namedUser, "Deleted", wish(directory.Status, "deleted"))
}

type userLockCommand struct{ namedUser }

// Run locks a user.
func (c *userLockCommand) Run(s *session) error {
	return s.change(&c.namedUser, "Locked", wish(directory.Locked, "true"))
}

type userUnlockCommand struct{ namedUser }

// Run lifts a user's lock.
func (c *userUnlockCommand) Run(s *session) error {
	return s.change(&c.namedUser, "Unlocked", wish(directory.Locked, "false"))
}

type userLeaverCommand struct{ namedUser }

// Run marks a user as leaver.
func (c *userLeaverCommand) Run(s *session) error {
	return s.change(&c.namedUser, "Marked as leaver", wish(directory.Status, "leaver"))
}

type userJoinCommand struct {
	namedUser
	Org string `help:"Organisation that takes the leaver over; the leaver's own if not given." placeholder:"CODE"`
}

// Run takes a leaver back, or over.
func (c *userJoinCommand) Run(s *session) error {
	core, actor, err := s.attach()
	if err != nil {
		return err
	}
	r := wish(directory.Org, c.Org)
	c.find(r)
	v, err := core.Directory.Join(s.ctx, actor, r)
	if err != nil {
		return err
	}
	return s.doneUser("Joined", v, "")
}

type userTransferCommand struct {
	namedUser
	Org string `required:"" help:"Organisation that the user moves to." placeholder:"CODE"`
}

// Run moves a user.
func (c *userTransferCommand) Run(s *session) error {
	return s.change(&c.namedUser, "Moved", wish(directory.Org, c.Org))
}

type userPasswordCommand struct {
	namedUser
	PasswordStdin      bool   `help:"Read the password from standard input." xor:"password" required:""`
	PasswordFile       string `help:"Read the password from a file." placeholder:"FILE" xor:"password" required:""`
	Generate           bool   `help:"Generate a password and print it once." xor:"password" required:""`
	MustChangePassword bool   `help:"The user must set a new one at the next sign-in."`
}

// Run sets a password.
func (c *userPasswordCommand) Run(s *session) error {
	plain, err := s.password(c.PasswordStdin, c.PasswordFile)
	if err != nil {
		return err
	}
	r := &directory.Record{Password: plain, Generate: c.Generate}
	if c.MustChangePassword {
		r.Values[directory.MustChange] = "true"
	}
	return s.change(&c.namedUser, "Password set", r)
}
