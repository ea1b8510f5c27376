package directory

// compareAccount judges what only an e-mail account has, and tells whether the
// change is such: a password, of which only who set it can be compared, and an
// account that came, which is not taken away with what others have put into it.
func (j *undoJudge) compareAccount(u *Undo, c Change) bool {
	if key, f, ok := c.setsAccountPassword(); ok {
		j.compareAccountPassword(u, c, key, f)
		return true
	}
	if c.Field == ChangeAccount && c.New != "" {
		u.keepAccount(AccountNamed(c.New))
	}
	return false
}

func (j *undoJudge) compareAccountPassword(u *Undo, c Change, key AccountKey, f AccountField) {
	a, _ := u.User.Account(key)
	switch now := a.Values[f]; {
	case now == c.Old && now == "":
	case now != c.New || c.New != "" && a.Passwords[f].By != setBy(j.number, u.Row):
		u.keep("%s was changed since", c.Field)
	case c.Old == "":
		u.Changes = append(u.Changes, c.Reverse())
	case u.FormerAccount == nil || u.FormerAccount[f].Sealed == nil:
		u.bar("the former password of the e-mail account is no longer kept")
	default:
		u.Changes = append(u.Changes, Change{Field: c.Field, Old: c.New, New: PasswordSet})
	}
}

// keepAccount keeps a row whose account has got more since than the row gave it.
func (u *Undo) keepAccount(key AccountKey) {
	a, _ := u.User.Account(key)
	made := (&Deed{Changes: u.Made}).after()
	given, _ := made.Account(key)
	for _, s := range accountSpecs[key.Type] {
		if a.Values[s.Field] != "" && given.Values[s.Field] == "" {
			u.keep("the e-mail account %s has got a value of %s since", key.Address, s.Name)
		}
	}
}
