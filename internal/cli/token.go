package cli

import (
	"time"

	"muster/client"
	"muster/internal/access"
	"muster/internal/directory"
	"muster/internal/secret"
	"muster/internal/wire"
)

type tokenCommands struct {
	Add    tokenAddCommand    `cmd:"" help:"Make a bearer token for a program, and print it once."`
	List   tokenListCommand   `cmd:"" help:"List the tokens, with when each was last used."`
	Revoke tokenRevokeCommand `cmd:"" help:"Let a token in no more."`
}

type tokenAddCommand struct {
	Name    string `required:"" help:"Which program has the token." placeholder:"TEXT"`
	Role    string `required:"" help:"What it may do, as a user of this role; in any case." placeholder:"ROLE"`
	Org     string `help:"Organisation that its rights cover, with those below; yours if not given." placeholder:"CODE"`
	Expires *int   `help:"Days after which it expires; 0: never. If not given, after 365, but no later than the token that makes it." placeholder:"DAYS"`
}

// longestExpiry is the most days that a token may be asked to last.
const longestExpiry = 36_500

// Run makes a token. It is printed here and nowhere else.
func (c *tokenAddCommand) Run(s *session) error {
	expires, forever, err := c.expiry()
	if err != nil {
		return err
	}
	wanted := access.NewToken{Name: c.Name, Role: c.Role, Org: c.Org, Expires: expires, Forever: forever}
	var t access.Token
	var plain secret.Text
	err = s.add(func(core *Core, actor directory.Actor) (err error) {
		t, plain, err = core.Access.AddToken(s.ctx, actor, wanted)
		return err
	})
	if err != nil {
		return err
	}
	if s.globals.JSON {
		return s.printJSON(wire.AddedToken(t, plain.Reveal()))
	}
	s.print("Added: token %s, %s of organisation %s. It is shown this once:", clean(t.Name), t.Role, t.Org)
	s.print("%s", plain.Reveal())
	return nil
}

// expiry is when the token is to expire; zero where nothing is said of it.
func (c *tokenAddCommand) expiry() (at time.Time, forever bool, err error) {
	switch {
	case c.Expires == nil:
		return at, false, nil
	case *c.Expires < 0 || *c.Expires > longestExpiry:
		return at, false, usage("--expires is a number from 0 to %d, not %d", longestExpiry, *c.Expires)
	case *c.Expires == 0:
		return at, true, nil
	}
	return time.Now().AddDate(0, 0, *c.Expires), false, nil
}

type tokenListCommand struct{}

// Run lists the tokens that the actor may read.
func (c *tokenListCommand) Run(s *session) error {
	core, actor, err := s.attach()
	if err != nil {
		return err
	}
	rows := [][]string{{"ID", "NAME", "ROLE", "ORG", "LAST USED", "STATE"}}
	err = core.Access.Tokens(s.ctx, actor, func(t access.Token) error {
		if s.globals.JSON {
			return s.printJSON(wire.Token(t))
		}
		rows = append(rows, []string{t.ID.String(), t.Name, t.Role, t.Org, moment(t.LastUsed), tokenState(t)})
		return nil
	})
	if err == nil && !s.globals.JSON {
		s.table(rows)
	}
	return err
}

// tokenState tells whether a token lets in.
func tokenState(t access.Token) string {
	switch {
	case !t.Revoked.IsZero():
		return "revoked " + moment(t.Revoked)
	case t.Expires.IsZero():
		return "does not expire"
	case time.Now().Before(t.Expires):
		return "expires " + moment(t.Expires)
	}
	return "expired " + moment(t.Expires)
}

type tokenRevokeCommand struct {
	ID string `arg:"" name:"id" help:"ID of the token, as muster token list shows it."`
}

// Run revokes a token.
func (c *tokenRevokeCommand) Run(s *session) error {
	core, actor, err := s.attach()
	if err != nil {
		return err
	}
	if err := core.Access.RevokeToken(s.ctx, actor, c.ID); err != nil {
		return err
	}
	if s.globals.JSON {
		return s.printJSON(client.RevokedToken{Revoked: c.ID})
	}
	s.print("Revoked: token %s.", clean(c.ID))
	return nil
}
