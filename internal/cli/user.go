package cli

import (
	"strings"
	"time"

	"muster/internal/directory"
	"muster/internal/mailaddr"
	"muster/internal/wire"
)

type userCommands struct {
	List         userListCommand     `cmd:"" help:"List users."`
	Show         userShowCommand     `cmd:"" help:"Show a user."`
	History      userHistoryCommand  `cmd:"" help:"Show who changed a user, when, and how."`
	Add          userAddCommand      `cmd:"" help:"Add a user."`
	Set          userSetCommand      `cmd:"" help:"Change a user."`
	Delete       userDeleteCommand   `cmd:"" help:"Delete a user, who can be restored for a time."`
	Lock         userLockCommand     `cmd:"" help:"Lock a user out."`
	Unlock       userUnlockCommand   `cmd:"" help:"Let a user in again."`
	Leaver       userLeaverCommand   `cmd:"" help:"Mark a user as leaver, who works on for a time."`
	Join         userJoinCommand     `cmd:"" help:"Take a leaver back, or over into an organisation."`
	Transfer     userTransferCommand `cmd:"" help:"Move a user to another organisation."`
	Password     userPasswordCommand `cmd:"" help:"Set a user's password, or generate one."`
	Sessions     userSessionsCommand `cmd:"" help:"List where a user is signed in."`
	SignOut      userSignOutCommand  `cmd:"" help:"Sign a user out, everywhere or at one place."`
	SecondFactor userFactorCommand   `cmd:"" help:"Show whether a user has a second factor, or take it away."`
	Account      accountCommands     `cmd:"" help:"List, add, change and delete the e-mail accounts of a user, for configuring devices."`
}

// whichUsers chooses users.
type whichUsers struct {
	Search string `help:"Only those whom every word of this fits: as the beginning of a word of an address, name or local id, or from three letters on as any part of one." placeholder:"TEXT"`
	Org    string `help:"Only those of this organisation and the ones below." placeholder:"CODE"`
	Domain string `help:"Only those with their primary address in this domain." placeholder:"NAME"`
	Origin string `help:"Only those who came to be in this way: ${origins}." enum:",${origins}" default:"" placeholder:"ORIGIN"`
	Status string `help:"Only those of this status: ${statuses}. Deleted users are listed only so." enum:",${statuses}" default:"" placeholder:"STATUS"`
}

func (w *whichUsers) filter() (directory.Filter, error) {
	filter := directory.Filter{Search: w.Search, Origin: w.Origin, Status: w.Status}
	if w.Org != "" {
		filter.Orgs = []string{strings.ToUpper(w.Org)}
	}
	if w.Domain != "" {
		name, err := mailaddr.ParseDomain(w.Domain)
		if err != nil {
			return filter, usage("--domain: %w", err)
		}
		filter.Domain = name
	}
	return filter, nil
}

type userListCommand struct{ whichUsers }

// Run lists users.
func (c *userListCommand) Run(s *session) error {
	filter, err := c.filter()
	if err != nil {
		return err
	}
	core, actor, err := s.attach()
	if err != nil {
		return err
	}
	rows := [][]string{{"ADDRESS", "NAME", "ORG", "STATUS"}}
	err = core.Directory.Users(s.ctx, actor, filter, func(u *directory.User) error {
		if s.globals.JSON {
			return s.printJSON(wire.User(u, time.Now()))
		}
		rows = append(rows, []string{wire.Address(u.Get(directory.Address)), u.Get(directory.Name), u.Get(directory.Org), statusText(u)})
		return nil
	})
	if err == nil && !s.globals.JSON {
		s.table(rows)
	}
	return err
}

// statusText is the status, with the lock that stands beside it.
func statusText(u *directory.User) string {
	if u.Is(directory.Locked) {
		return u.Get(directory.Status) + ", locked"
	}
	return u.Get(directory.Status)
}

// readUser is a command that reads one user.
type readUser struct {
	Address string `arg:"" help:"Any address of the user, or the id."`
}

// namedUser is a command that changes one user.
type namedUser struct {
	Address string `arg:"" help:"Primary address of the user, or the id."`
}

type userShowCommand struct{ readUser }

// Run shows a user.
func (c *userShowCommand) Run(s *session) error {
	core, actor, err := s.attach()
	if err != nil {
		return err
	}
	u, err := core.Directory.User(s.ctx, actor, c.Address)
	if err != nil {
		return err
	}
	if s.globals.JSON {
		return s.printJSON(wire.User(u, time.Now()))
	}
	s.userText(u)
	return nil
}

// userText shows what is known of a user, without what is blank.
func (s *session) userText(u *directory.User) {
	line := func(name, value string) {
		if value != "" {
			s.print("%-24s %s", name, clean(value))
		}
	}
	line("id", u.ID.String())
	for _, f := range directory.Fields() {
		line(f.String(), fieldText(u, f))
	}
	for _, alias := range u.Aliases {
		line("alias", wire.Address(alias))
	}
	for _, m := range u.Groups {
		line("group", strings.TrimSuffix(m.Path+" ("+m.Note+")", " ()"))
	}
	for _, a := range u.Attributes {
		line("attr."+a.Name, a.Value)
	}
	for _, d := range u.Delegates {
		line("may open", wire.Address(d.Address))
	}
	for _, d := range u.OpenedBy {
		line("opened by", wire.Address(d.Address))
	}
	for _, a := range u.Accounts {
		line(a.Type+" account", wire.Address(a.Address))
	}
	line("password", map[bool]string{true: "(set)", false: "(none)"}[u.HasPassword])
	if u.LockedUntil.After(time.Now()) {
		line("locked until", moment(u.LockedUntil))
	}
	line("access", accessText(u.Access(time.Now())))
	line("updated", moment(u.UpdatedAt))
}

// accessText names what a user may do.
func accessText(a directory.Access) string {
	parts := []string{"console " + string(a.Console)}
	for _, way := range []struct {
		name string
		open bool
	}{{"POP3", a.POP3}, {"IMAP", a.IMAP}, {"submission", a.Submission}, {"inbound mail", a.Inbound}} {
		if way.open {
			parts = append(parts, way.name)
		}
	}
	return strings.Join(parts, ", ")
}

func fieldText(u *directory.User, f directory.Field) string {
	switch {
	case f == directory.Address:
		return wire.Address(u.Get(f))
	case f.Spec().Kind == directory.Flag:
		return yes(u.Is(f))
	}
	return u.Get(f)
}

type userHistoryCommand struct{ readUser }

// Run shows the history of a user.
func (c *userHistoryCommand) Run(s *session) error {
	core, actor, err := s.attach()
	if err != nil {
		return err
	}
	return core.Directory.History(s.ctx, actor, c.Address, func(e directory.Entry) error {
		if s.globals.JSON {
			return s.printJSON(wire.Entry(e))
		}
		s.historyText(e)
		return nil
	})
}

func (s *session) historyText(e directory.Entry) {
	text := moment(e.At) + "  " + e.Action + " by " + e.Actor + ", " + e.Door
	if e.Import > 0 {
		text += ", import " + number(e.Import)
	}
	if e.Row > 0 {
		text += " row " + number(int64(e.Row))
	}
	s.print("%s", s.style.bold(clean(text)))
	s.changesText(e.Changes, e.Action == string(directory.Create))
}
