package directory

import (
	"cmp"

	"muster/internal/password"
	"muster/internal/secret"
)

// comparePassword settles the password. A cell acts when it makes a user; for
// one that exists only where that was asked for.
func (c *judgement) comparePassword() {
	given := c.r.Password != "" || c.r.PasswordHash != "" || c.r.Made != ""
	acts := c.creating || c.options.SetPasswords
	if !acts {
		c.passOver(given)
		return
	}
	if !given && !c.r.Generate && !c.generates() {
		c.setGiven(MustChange)
		return
	}
	if !c.creating && !c.may(UsersPassword, c.u.Values[Org]) {
		c.r.report("password", NotAllowed.New("The role %s does not set passwords in organisation %s.", c.actor.Role, c.u.Values[Org]))
		return
	}
	if !c.guard("password") {
		return
	}
	c.newPassword()
	c.setGiven(MustChange)
}

// passOver says that the password is passed over, and the flag beside it.
func (c *judgement) passOver(given bool) {
	switch {
	case given:
		c.r.report("password", PasswordPassed.New("%s exists, so the password is passed over.", c.u.Values[Address]))
	case c.changes(MustChange):
		c.r.report(specs[MustChange].Name, PasswordPassed.New("%s exists, so whether they must change the password is passed over.", c.u.Values[Address]))
	}
}

// generates reports whether a new user without a password gets one.
func (c *judgement) generates() bool {
	return c.creating && (c.rules.GeneratePasswords || c.options.GeneratePasswords) &&
		c.catalog.Settings(c.u.Values[Org]).Passwords == "results"
}

func (c *judgement) newPassword() {
	switch plain, hash := c.r.Password, c.r.PasswordHash; {
	case c.r.Made != "":
		c.v.Password.Hash = c.r.Made.Reveal()
		c.change(Change{Field: ChangePassword, New: "(set)"})
	case plain != "" && hash != "":
		c.r.report("password_hash", PasswordTwice.New("The row has a password and a password hash."))
	case plain != "":
		c.supplied(plain)
	case hash != "":
		c.hashed(hash)
	default:
		c.v.Password.Generate = true
		c.change(Change{Field: ChangePassword, New: "(generated)"})
		c.r.Values[MustChange] = "true"
	}
}

func (c *judgement) supplied(plain secret.Text) {
	problems := c.policy().Check(plain.Reveal(), c.subject(), c.options.Breached)
	for _, p := range problems {
		c.r.report("password", p)
	}
	if len(problems) == 0 {
		c.v.Password.Plain = plain.Reveal()
		c.change(Change{Field: ChangePassword, New: "(set)"})
	}
}

func (c *judgement) hashed(hash secret.Text) {
	stored, err := password.ParseHash(hash.Reveal())
	if err != nil {
		c.r.report("password_hash", asIssue(err))
		return
	}
	if c.u.Values[Role] != "" && !c.actor.May(RolesByFile) {
		c.r.report("password_hash", HashForAdmin.New("%s has the role %s, so a ready hash is taken from a Master administrator only.", c.u.Values[Address], c.u.Values[Role]))
		return
	}
	c.v.Password.Hash = stored
	c.change(Change{Field: ChangePassword, New: "(set)"})
}

func (c *judgement) policy() password.Policy {
	return *c.catalog.Settings(cmp.Or(c.u.Values[Org], Master)).Policy
}

// subject tells what the password must not contain. An address that is still to
// be generated counts without its number.
func (c *judgement) subject() password.Subject {
	s := c.u.subject()
	if c.v.Stem != "" {
		s.Local = localPart(c.v.Stem)
	}
	return s
}

func (u *User) subject() password.Subject {
	return password.Subject{
		Names:       []string{u.Values[First], u.Values[Last], u.Values[DisplayName], u.Values[Name]},
		Local:       localPart(u.Values[Address]),
		Application: u.Values[Type] == "application",
	}
}
