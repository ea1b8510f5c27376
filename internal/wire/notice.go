package wire

import (
	"muster/client"
	"muster/internal/directory"
)

// Notification is a notice as programs read it.
func Notification(n directory.Notice) *client.Notification {
	return &client.Notification{ID: n.ID.String(), At: Moment(n.At), Kind: string(n.Kind), Import: positive(n.Import), Message: n.Text, Read: Moment(n.ReadAt)}
}
