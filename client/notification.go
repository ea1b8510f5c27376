package client

import (
	"context"
	"net/http"
	"net/url"
	"time"
)

// Notification is a notice for whoever calls.
type Notification struct {
	ID      string     `json:"id"`
	At      *time.Time `json:"at"`
	Kind    string     `json:"kind" doc:"what it tells of, such as import-applied or password-set"`
	Import  *int64     `json:"import" doc:"that it is about; null: none"`
	Message string     `json:"message"`
	Read    *time.Time `json:"read" doc:"when it was read; null: not yet"`
}

// NotificationFilter says which notices a list has.
type NotificationFilter struct {
	Unread bool `query:"unread" doc:"only those that are not read yet"`
}

// Notifications are a page of notices, the latest first.
type Notifications struct {
	Page[Notification]
	Unread int64 `json:"unread" doc:"how many of all are not read yet"`
}

// ReadNotifications tells how many notices were marked as read.
type ReadNotifications struct {
	Read int64 `json:"read" doc:"how many were new"`
}

// Notifications calls f for each notice for whoever calls, the latest first.
func (c *Client) Notifications(ctx context.Context, filter NotificationFilter, f func(*Notification) error) error {
	return pages(ctx, c, "/notifications", queryOf(filter), f)
}

// UnreadNotifications counts the notices that whoever calls has not read.
func (c *Client) UnreadNotifications(ctx context.Context) (int64, error) {
	n, err := get[Notifications](ctx, c, "/notifications", url.Values{"limit": {"1"}})
	if err != nil {
		return 0, err
	}
	return n.Unread, nil
}

// ReadNotification marks a notice as read.
func (c *Client) ReadNotification(ctx context.Context, id string) (*ReadNotifications, error) {
	return send[ReadNotifications](ctx, c, http.MethodPost, "/notifications/"+url.PathEscape(id)+"/read", nil)
}

// ReadNotifications marks all notices as read.
func (c *Client) ReadNotifications(ctx context.Context) (*ReadNotifications, error) {
	return send[ReadNotifications](ctx, c, http.MethodPost, "/notifications/read", nil)
}
