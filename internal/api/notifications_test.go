package api_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"muster/client"
)

// notified are the notices of a caller, the latest first.
func notified(t *testing.T, c *client.Client, filter client.NotificationFilter) (list []string) {
	t.Helper()
	c.PerPage = 2
	err := c.Notifications(ctx, filter, func(n *client.Notification) error {
		list = append(list, fmt.Sprintf("%s %d %v", n.Kind, *n.Import, n.Read != nil))
		return nil
	})
	wants(t, "notices", err, 0, "")
	return list
}

// What a program has uploaded it is told of, by its own token; another program is not.
func TestNotifications(t *testing.T) {
	w := newWorld(t)
	c, other := w.as("Full", "RX1"), w.as("Super", "RX1")
	for n := range 3 {
		_, err := c.Upload(ctx, "people.csv", strings.NewReader(fmt.Sprintf("address\nanna%d@example.org\n", n)), client.ImportOptions{Format: "muster", Apply: true})
		wants(t, "uploading", err, 0, "")
		w.work.Wait()
	}
	if got, want := notified(t, c, client.NotificationFilter{}), []string{"import-applied 3 false", "import-applied 2 false", "import-applied 1 false"}; !slices.Equal(got, want) {
		t.Errorf("told %q, want %q", got, want)
	}
	if got := notified(t, other, client.NotificationFilter{}); len(got) > 0 {
		t.Errorf("another program was told %q", got)
	}

	var latest *client.Notification
	wants(t, "the latest", c.Notifications(ctx, client.NotificationFilter{}, func(n *client.Notification) error {
		if latest == nil {
			latest = n
		}
		return nil
	}), 0, "")
	_, err := other.ReadNotification(ctx, latest.ID)
	wants(t, "marking another one's", err, 404, "notice-unknown")
	n, err := c.ReadNotification(ctx, latest.ID)
	wants(t, "marking one", err, 0, "")
	if left, err := c.UnreadNotifications(ctx); n.Read != 1 || left != 2 || err != nil {
		t.Errorf("%d read, %d left, %v", n.Read, left, err)
	}
	if got := notified(t, c, client.NotificationFilter{Unread: true}); len(got) != 2 || strings.Contains(got[0], "true") {
		t.Errorf("not read: %q", got)
	}
	if status, _, text := w.send("POST", "/api/v1/notifications/read?dry_run=true", w.token("Full", "RX1"), ""); status != 200 || !strings.Contains(text, `"read":2`) {
		t.Errorf("tried: %d %s", status, text)
	}
	n, err = c.ReadNotifications(ctx)
	if wants(t, "marking all", err, 0, ""); n.Read != 2 {
		t.Errorf("%d read", n.Read)
	}
}

// A user finds at their next sign-in who has set their password.
func TestNotificationsOfAUser(t *testing.T) {
	w := newWorld(t)
	w.person("anna@example.org", "", password)
	b := &browser{world: w}
	if status, body, _ := b.open("POST", "/session", `{"address":"anna@example.org","password":"`+password+`"}`); status != 200 {
		t.Fatalf("%d %s", status, body)
	}
	if status, body, _ := b.open("GET", "/notifications", ""); status != 200 || !strings.Contains(body, `"kind":"password-set"`) || !strings.Contains(body, `"unread":1`) {
		t.Errorf("%d %s", status, body)
	}
	if status, body, _ := b.open("POST", "/notifications/read", ""); status != 200 || !strings.Contains(body, `"read":1`) {
		t.Errorf("%d %s", status, body)
	}
}
