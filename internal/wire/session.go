package wire

import (
	"time"

	"muster/client"
	"muster/internal/access"
	"muster/internal/directory"
)

// Session is a session of a user.
func Session(s access.Session) *client.Session {
	return &client.Session{ID: s.ID.String(), Since: Moment(s.Made), LastUsed: Moment(s.Seen), Ends: Moment(s.Ends), From: s.Client, Program: s.Agent}
}

// SecondFactor is the second factor of a user.
func SecondFactor(address string, since time.Time, codes int) *client.SecondFactor {
	return &client.SecondFactor{Address: address, Since: Moment(since), RecoveryCodes: codes}
}

// Caller is who calls, in a session or, where that is nil, with a token.
func Caller(a directory.Actor, s *access.Session) *client.Caller {
	w := &client.Caller{Address: a.Address, Role: a.Role, Org: a.Org}
	if s != nil {
		w.Role = s.Role
		w.Session, w.Ends, w.MustChange, w.MustSecondFactor = s.ID.String(), Moment(s.Ends), s.MustChange, s.MustSecondFactor
	}
	return w
}
