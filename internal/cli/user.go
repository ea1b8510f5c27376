package cli

import (
	"slices"
	"strings"
	"time"

	"muster/internal/directory"
	"muster/internal/mailaddr"
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
			return s.printJSON(userJSON(u))
		}
		rows = append(rows, []string{shownAddress(u.Get(directory.Address)), u.Get(directory.Name), u.Get(directory.Org), statusText(u)})
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

// shownAddress is an address as people write it, with the letters of its domain.
func shownAddress(address string) string { return mailaddr.Show(address) }

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
		return s.printJSON(userJSON(u))
	}
	s.userText(u)
	return nil
}

// userJSON is a user as programs read it. The names are those of format muster.
func userJSON(u *directory.User) object {
	o := object{{"id", u.ID.String()}, {"address", shownAddress(u.Get(directory.Address))}, {"aliases", aliases(u)},
		{"domain", mailaddr.DisplayDomain(u.Domain())}}
	for _, f := range directory.Fields() {
		if f != directory.Address {
			o = append(o, member{f.String(), fieldJSON(u, f)})
		}
	}
	return append(o, member{"groups", paths(u)}, member{"attributes", attributes(u)}, member{"delegates", delegates(u)},
		member{"updated_at", stamp(u.UpdatedAt)})
}

func fieldJSON(u *directory.User, f directory.Field) any {
	switch f.Spec().Kind {
	case directory.Flag:
		return u.Is(f)
	case directory.Number:
		return u.Mailbox()
	}
	return u.Get(f)
}

func paths(u *directory.User) []string {
	list := []string{}
	for _, m := range u.Groups {
		list = append(list, m.Path)
	}
	slices.Sort(list)
	return list
}

func aliases(u *directory.User) []string {
	list := []string{}
	for _, a := range u.Aliases {
		list = append(list, shownAddress(a))
	}
	slices.Sort(list)
	return list
}

func delegates(u *directory.User) []string {
	list := []string{}
	for _, d := range u.Delegates {
		list = append(list, shownAddress(d.Address))
	}
	slices.Sort(list)
	return list
}

func attributes(u *directory.User) map[string]string {
	all := map[string]string{}
	for _, a := range u.Attributes {
		all[a.Name] = a.Value
	}
	return all
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
		line("alias", shownAddress(alias))
	}
	for _, m := range u.Groups {
		line("group", strings.TrimSuffix(m.Path+" ("+m.Note+")", " ()"))
	}
	for _, a := range u.Attributes {
		line("attr."+a.Name, a.Value)
	}
	for _, d := range u.Delegates {
		line("may open", shownAddress(d.Address))
	}
	for _, d := range u.OpenedBy {
		line("opened by", shownAddress(d.Address))
	}
	for _, a := range u.Accounts {
		line(a.Type+" account", shownAddress(a.Address))
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
		return shownAddress(u.Get(f))
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
			return s.printJSON(object{{"at", stamp(e.At)}, {"actor", e.Actor}, {"door", e.Door}, {"import", positive(e.Import)},
				{"row", positive(e.Row)}, {"action", e.Action}, {"changes", jsonChanges(e.Changes)}})
		}
		s.historyText(e)
		return nil
	})
}

func (s *session) historyText(e directory.Entry) {
	text := moment(e.At) + "  " + e.Action + " by " + e.Actor + ", " + e.Door
	if e.Import > 0 {
		text += ", import " + number(e.Import) + " row " + number(int64(e.Row))
	}
	s.print("%s", s.style.bold(clean(text)))
	s.changesText(e.Changes, e.Action == string(directory.Create))
}
