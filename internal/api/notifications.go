package api

import (
	"context"

	"muster/client"
	"muster/internal/directory"
	"muster/internal/wire"
)

func (d *door) listNotifications(ctx context.Context, a directory.Actor, in *struct {
	client.NotificationFilter
	Paging
}) (*client.Notifications, error) {
	filter := directory.NoticeFilter{Unread: in.Unread, Limit: in.Limit}
	var err error
	if filter.After, err = pageAfter(in.After, directory.ParseID); err != nil {
		return nil, err
	}
	p := &client.Notifications{Page: client.Page[client.Notification]{Items: []*client.Notification{}}}
	err = d.Directory.Notices(ctx, a, filter, func(n directory.Notice) error {
		p.Items = append(p.Items, wire.Notification(n))
		return nil
	})
	if err != nil {
		return nil, err
	}
	nextAfter(&p.Page, in.Limit, func(n *client.Notification) string { return n.ID })
	p.Unread, err = d.Directory.UnreadNotices(ctx, a)
	return p, err
}

func (d *door) readNotifications(ctx context.Context, a directory.Actor, in *Creating) (*client.ReadNotifications, error) {
	n, err := d.Directory.ReadNotices(ctx, a, "")
	return &client.ReadNotifications{Read: n}, err
}

func (d *door) readNotification(ctx context.Context, a directory.Actor, in *struct {
	Notification string `path:"notification" doc:"id"`
	Creating
}) (*client.ReadNotifications, error) {
	n, err := d.Directory.ReadNotices(ctx, a, in.Notification)
	return &client.ReadNotifications{Read: n}, err
}
