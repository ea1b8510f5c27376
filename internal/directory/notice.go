package directory

import (
	"context"
	"fmt"
	"time"
)

// Notice tells somebody of what concerns them. It stands in the database until they have
// time for it, for NoticeDays.
type Notice struct {
	ID     ID
	To     ID // a user, or a token
	At     time.Time
	Kind   NoticeKind
	Import int64  // that it is about, or 0
	Text   string // in a sentence or two, without secrets
	ReadAt time.Time
}

// NoticeKind is what a notice tells of.
type NoticeKind string

// What a user is told of. Notices of imports are the importer's, and named after the state
// that the import has come to.
const (
	NoticePasswordSet         NoticeKind = "password-set"
	NoticeMarkedLeaver        NoticeKind = "marked-leaver"
	NoticeMailboxOpened       NoticeKind = "mailbox-opened"
	NoticeSecondFactorRemoved NoticeKind = "second-factor-removed"
)

// NoticeDays is how long notices are kept.
const NoticeDays = 90

// NoticeFilter says which notices are wanted.
type NoticeFilter struct {
	Unread bool
	After  ID  // those behind this one, in the order in which they come
	Limit  int // 0: all
}

// Notices calls f for each notice of the actor's own, the latest first. The operator of the
// machine has none: what they do, they see.
func (s *Service) Notices(ctx context.Context, actor Actor, filter NoticeFilter, f func(Notice) error) error {
	return s.Store.Notices(ctx, actor.ID, filter, f)
}

// UnreadNotices counts the actor's notices that they have not read.
func (s *Service) UnreadNotices(ctx context.Context, actor Actor) (int64, error) {
	return s.Store.UnreadNotices(ctx, actor.ID)
}

// ReadNotices notes that the actor has read one of their notices, or all where id is blank,
// and returns how many were new to them. The error is an issue of code notice-unknown.
func (s *Service) ReadNotices(ctx context.Context, actor Actor, id string) (n int64, err error) {
	one, err := ParseID(id)
	unknown := NoticeUnknown.New("There is no notice %s for you.", id)
	if id != "" && err != nil {
		return 0, unknown
	}
	err = s.Store.Write(ctx, func(tx AdminTx) error {
		if n, err = tx.ReadNotices(ctx, actor.ID, one, s.Now()); err != nil || n > 0 || id == "" {
			return err
		}
		has, err := tx.HasNotice(ctx, actor.ID, one)
		if err == nil && !has {
			err = unknown
		}
		return err
	})
	return n, err
}

// tell keeps what those are to know whom deeds concern.
func tell(ctx context.Context, tx Tx, d Doing, deeds []*Deed) error {
	var notices []Notice
	for _, deed := range deeds {
		notices = append(notices, deed.notices(d)...)
	}
	return tx.AddNotices(ctx, notices)
}

// notices are what others than the actor are to know of a deed.
func (deed *Deed) notices(d Doing) (list []Notice) {
	for _, c := range deed.Changes {
		n := deed.notice(d, c)
		if n.Kind != "" && !n.To.IsZero() && n.To != d.Actor.ID {
			list = append(list, n)
		}
	}
	return list
}

func (deed *Deed) notice(d Doing, c Change) Notice {
	n := Notice{ID: NewID(), To: deed.ID, At: d.At, Import: d.Import}
	switch {
	case c.Field == ChangeDelegate && c.New != "":
		n.To, _ = ParseID(c.Ref)
		n.Kind, n.Text = NoticeMailboxOpened, fmt.Sprintf("%s may open your mailbox from now on. This was set by %s.", deed.after().Values[Address], d.Actor.Address)
	case deed.User == nil: // who is new, and has not been here yet
	case c.Field == ChangePassword:
		n.Kind, n.Text = NoticePasswordSet, fmt.Sprintf("Your password was set by %s, and you were signed out everywhere. If you did not expect that, ask your administrator.", d.Actor.Address)
	case c.Field == specs[Status].Name && c.New == "leaver":
		n.Kind, n.Text = NoticeMarkedLeaver, fmt.Sprintf("You were marked as a leaver of %s by %s. You work on as before until your account is closed or another organisation takes you over.",
			deed.User.Values[Org], d.Actor.Address)
	}
	return n
}
