package cli

import (
	"fmt"

	"muster/client"
	"muster/internal/directory"
	"muster/internal/wire"
)

type notificationCommands struct {
	List notificationListCommand `cmd:"" help:"List your notices, the latest first: what became of your imports, and what others have done to your account."`
	Read notificationReadCommand `cmd:"" help:"Mark a notice as read, or all."`
}

type notificationListCommand struct {
	Unread bool `help:"Only those that are not read yet."`
	Limit  int  `help:"At most so many; 0 is all." default:"100"`
}

// Run lists the actor's notices.
func (c *notificationListCommand) Run(s *session) error {
	if c.Limit < 0 {
		return usage("--limit is 0 or more")
	}
	core, actor, err := s.attachUser()
	if err != nil {
		return err
	}
	return core.Directory.Notices(s.ctx, actor, directory.NoticeFilter{Unread: c.Unread, Limit: c.Limit}, func(n directory.Notice) error {
		return s.notice(wire.Notification(n))
	})
}

// attachUser is attach for what belongs to a user: the operator of the machine has none of it.
func (s *session) attachUser() (*Core, directory.Actor, error) {
	if s.globals.As == "" {
		return nil, directory.Actor{}, usage("the operator of the machine gets no notices: name a user with --as, or a server with --server")
	}
	return s.attach()
}

// notice prints a notice; of one that is not read yet the head is bold.
func (s *session) notice(n *client.Notification) error {
	if s.globals.JSON {
		return s.printJSON(n)
	}
	head := fmt.Sprintf("%s  %s  %s", shownTime(n.At), n.Kind, n.ID)
	if n.Read == nil {
		head = s.style.bold(head) + "  new"
	}
	s.print("%s", head)
	s.wrap(2, clean(n.Message))
	return nil
}

type notificationReadCommand struct {
	ID  string `arg:"" optional:"" name:"id" help:"ID of the notice, as muster notification list shows it."`
	All bool   `help:"Mark all of your notices."`
}

func (c *notificationReadCommand) check() error {
	if (c.ID != "") == c.All {
		return usage("name a notice, or all with --all")
	}
	return nil
}

// Run marks notices as read.
func (c *notificationReadCommand) Run(s *session) error {
	if err := c.check(); err != nil {
		return err
	}
	core, actor, err := s.attachUser()
	if err != nil {
		return err
	}
	n, err := core.Directory.ReadNotices(s.ctx, actor, c.ID)
	return s.readNotices(&client.ReadNotifications{Read: n}, err)
}

func (s *session) readNotices(read *client.ReadNotifications, err error) error {
	if err != nil || s.globals.JSON {
		return s.shown(read, err)
	}
	s.print("Read: %s.", counted(read.Read, "new notice"))
	return nil
}

// Remote lists the caller's notices.
func (c *notificationListCommand) Remote(s *session, to *client.Client) error {
	wanted := client.NotificationFilter{Unread: c.Unread}
	return atMost(c.Limit, func(f func(*client.Notification) error) error { return to.Notifications(s.ctx, wanted, f) })(s.notice)
}

// Remote marks the caller's notices as read.
func (c *notificationReadCommand) Remote(s *session, to *client.Client) error {
	if err := c.check(); err != nil {
		return err
	}
	if c.All {
		return s.readNotices(to.ReadNotifications(s.ctx))
	}
	return s.readNotices(to.ReadNotification(s.ctx, c.ID))
}
