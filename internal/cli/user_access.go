package cli

import (
	"muster/client"
	"muster/internal/access"
	"muster/internal/wire"
)

type userSessionsCommand struct{ readUser }

// Run lists the sessions of a user.
func (c *userSessionsCommand) Run(s *session) error {
	core, actor, err := s.attach()
	if err != nil {
		return err
	}
	rows := [][]string{{"SESSION", "SINCE", "LAST USED", "ENDS", "FROM", "PROGRAM"}}
	err = core.Access.Sessions(s.ctx, actor, c.Address, func(x access.Session) error {
		if s.globals.JSON {
			return s.printJSON(wire.Session(x))
		}
		rows = append(rows, []string{x.ID.String(), moment(x.Made), moment(x.Seen), moment(x.Ends), dash(x.Client), dash(x.Agent)})
		return nil
	})
	if err == nil && !s.globals.JSON {
		s.table(rows)
	}
	return err
}

type userSignOutCommand struct {
	readUser
	Session string `help:"Only this session, as muster user sessions shows it." placeholder:"ID"`
}

// Run ends the sessions of a user.
func (c *userSignOutCommand) Run(s *session) error {
	core, actor, err := s.attach()
	if err != nil {
		return err
	}
	n, err := core.Access.EndSessions(s.ctx, actor, c.Address, c.Session)
	if err != nil {
		return err
	}
	if s.globals.JSON {
		return s.printJSON(client.EndedSessions{Address: c.Address, Ended: n})
	}
	s.print("Signed out: %s, %s.", clean(c.Address), counted(n, "session"))
	return nil
}

type userFactorCommand struct {
	readUser
	Remove bool `help:"Take it away, from one who has lost it: they then sign in with the password alone, or set up a new one."`
}

// Run shows the second factor of a user, or takes it away.
func (c *userFactorCommand) Run(s *session) error {
	core, actor, err := s.attach()
	if err != nil {
		return err
	}
	if c.Remove {
		return c.remove(s, func() error { return core.Access.RemoveSecondFactor(s.ctx, actor, c.Address) })
	}
	since, codes, err := core.Access.SecondFactor(s.ctx, actor, c.Address)
	if err != nil {
		return err
	}
	if s.globals.JSON {
		return s.printJSON(wire.SecondFactor(c.Address, since, codes))
	}
	if since.IsZero() {
		s.print("%s has no second factor.", clean(c.Address))
		return nil
	}
	s.print("%s has a second factor since %s, with %s left.", clean(c.Address), moment(since), counted(codes, "recovery code"))
	return nil
}

func (c *userFactorCommand) remove(s *session, remove func() error) error {
	if err := remove(); err != nil {
		return err
	}
	if s.globals.JSON {
		return s.printJSON(client.RemovedFactor{Address: c.Address, Removed: true})
	}
	s.print("Removed: the second factor of %s, who is signed out.", clean(c.Address))
	return nil
}
