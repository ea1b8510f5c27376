package cli

import (
	"strings"

	"muster/internal/directory"
	"muster/internal/mailaddr"
	"muster/internal/secret"
	"muster/internal/wire"
)

type accountCommands struct {
	List   accountListCommand   `cmd:"" help:"List the e-mail accounts of a user."`
	Set    accountSetCommand    `cmd:"" help:"Add an e-mail account to a user, or change it."`
	Delete accountDeleteCommand `cmd:"" help:"Take an e-mail account from a user."`
}

type accountListCommand struct{ readUser }

// Run lists e-mail accounts. Of a password it shows only that there is one.
func (c *accountListCommand) Run(s *session) error {
	core, actor, err := s.attach()
	if err != nil {
		return err
	}
	u, err := core.Directory.User(s.ctx, actor, c.Address)
	if err != nil {
		return err
	}
	rows := [][]string{{"TYPE", "ACCOUNT", "VALUES"}}
	for _, a := range u.Accounts {
		if s.globals.JSON {
			if err := s.printJSON(wire.Account(a)); err != nil {
				return err
			}
			continue
		}
		rows = append(rows, []string{a.Type, wire.Address(a.Address), accountText(a)})
	}
	if !s.globals.JSON {
		s.table(rows)
	}
	return nil
}

// accountText is what is known of an e-mail account, without what is blank.
func accountText(a directory.Account) string {
	var parts []string
	for _, spec := range directory.AccountSpecs(a.Type) {
		if value := a.Values[spec.Field]; value != "" {
			parts = append(parts, spec.Name+" "+value)
		}
	}
	return strings.Join(parts, ", ")
}

// namedAccount is a command that changes one e-mail account.
type namedAccount struct {
	namedUser
	Type    string `required:"" enum:"email,exchange" help:"email, or exchange for Mail for Exchange." placeholder:"email|exchange"`
	Account string `required:"" help:"Address of the e-mail account." placeholder:"ADDRESS"`
}

// record wants something of the e-mail account.
func (c *namedAccount) record() (*directory.Record, error) {
	if _, err := mailaddr.Parse(c.Account); err != nil {
		return nil, usage("--account: %w", err)
	}
	return &directory.Record{Account: &directory.AccountWish{Type: c.Type, Address: c.Account}}, nil
}

type accountSetCommand struct {
	namedAccount
	DisplayName  *string  `help:"email: name that mail programs show." placeholder:"TEXT"`
	IncomingUser *string  `help:"email: user name at the incoming server." placeholder:"TEXT"`
	OutgoingUser *string  `help:"email: user name at the outgoing server." placeholder:"TEXT"`
	User         *string  `help:"exchange: user name." placeholder:"TEXT"`
	Domain       *string  `help:"exchange: domain of the user name." placeholder:"TEXT"`
	Clear        []string `help:"Value to empty, such as domain or incoming-password." placeholder:"NAME"`

	IncomingPasswordStdin bool   `help:"email: read the password at the incoming server from standard input." xor:"incoming,stdin"`
	IncomingPasswordFile  string `help:"email: read it from a file." placeholder:"FILE" xor:"incoming"`
	OutgoingPasswordStdin bool   `help:"email: read the password at the outgoing server from standard input." xor:"outgoing,stdin"`
	OutgoingPasswordFile  string `help:"email: read it from a file." placeholder:"FILE" xor:"outgoing"`
	PasswordStdin         bool   `help:"exchange: read the password from standard input." xor:"password,stdin"`
	PasswordFile          string `help:"exchange: read it from a file." placeholder:"FILE" xor:"password"`
}

// Run adds or changes an e-mail account.
func (c *accountSetCommand) Run(s *session) error {
	r, err := c.record()
	if err == nil {
		err = c.values(s, r.Account)
	}
	if err != nil {
		return err
	}
	return s.change(&c.namedUser, "Changed", r)
}

// values reads what the flags give, each of which must be one of the account's type.
func (c *accountSetCommand) values(s *session, w *directory.AccountWish) error {
	given := map[string]secret.Text{}
	for name, text := range map[string]*string{"display_name": c.DisplayName, "incoming_user": c.IncomingUser,
		"outgoing_user": c.OutgoingUser, "user": c.User, "domain": c.Domain} {
		if text != nil {
			given[name] = secret.Text(strings.TrimSpace(*text))
		}
	}
	for _, name := range c.Clear {
		given[strings.ReplaceAll(name, "-", "_")] = directory.Clear
	}
	if err := c.passwords(s, given); err != nil {
		return err
	}
	for _, spec := range directory.AccountSpecs(c.Type) {
		w.Values[spec.Field] = given[spec.Name]
		delete(given, spec.Name)
	}
	for name := range given {
		return usage("an account of type %s has no %s", c.Type, strings.ReplaceAll(name, "_", " "))
	}
	return nil
}

func (c *accountSetCommand) passwords(s *session, given map[string]secret.Text) error {
	for name, from := range map[string]struct {
		stdin bool
		file  string
	}{
		"incoming_password": {c.IncomingPasswordStdin, c.IncomingPasswordFile},
		"outgoing_password": {c.OutgoingPasswordStdin, c.OutgoingPasswordFile},
		"password":          {c.PasswordStdin, c.PasswordFile},
	} {
		plain, err := s.password(from.stdin, from.file)
		if err != nil {
			return err
		}
		if plain != "" {
			given[name] = plain
		}
	}
	return nil
}

type accountDeleteCommand struct{ namedAccount }

// Run takes an e-mail account away.
func (c *accountDeleteCommand) Run(s *session) error {
	r, err := c.record()
	if err != nil {
		return err
	}
	r.Account.Delete = true
	return s.change(&c.namedUser, "Changed", r)
}
