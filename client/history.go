package client

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"
)

// HistoryFilter says which entries of the history a list has.
type HistoryFilter struct {
	User   string    `query:"user" doc:"only what concerns this user; an id names one who is gone"`
	Import int64     `query:"import" minimum:"1" doc:"only what this import did"`
	Actor  string    `query:"actor" doc:"only what this administrator did, or operator"`
	Door   string    `query:"door" doc:"only what came by this door, such as command or api"`
	Org    string    `query:"org" doc:"only what belongs to this organisation and those below it"`
	Since  time.Time `query:"since" doc:"only from this moment on"`
	Until  time.Time `query:"until" doc:"only before this moment"`
}

// HistoryEntry is one entry of the history, with what it is about.
type HistoryEntry struct {
	ID      string     `json:"id"`
	At      *time.Time `json:"at"`
	Actor   string     `json:"actor"`
	Door    string     `json:"door"`
	Org     string     `json:"org"`
	Import  *int64     `json:"import"`
	Row     *int       `json:"row"`
	User    *string    `json:"user" doc:"id; null: no user"`
	Address string     `json:"address" doc:"of the user; blank: they are gone"`
	Subject string     `json:"subject" doc:"what it is about, where it is no user"`
	Action  string     `json:"action"`
	Changes []Change   `json:"changes"`
}

// RowChange is what is to become of a row of a plan.
type RowChange struct {
	Cells map[string]string `json:"cells" doc:"new texts, by the headings of their columns, or their letters"`
}

// History calls f for each entry of the history that fits, the latest first.
func (c *Client) History(ctx context.Context, filter HistoryFilter, f func(*HistoryEntry) error) error {
	return pages(ctx, c, "/history", queryOf(filter), f)
}

// ExportHistory calls f for each entry of the history that fits, the oldest first, while the
// server reads them: in one answer, and not in pages. An error may come after some entries.
func (c *Client) ExportHistory(ctx context.Context, filter HistoryFilter, f func(*HistoryEntry) error) error {
	r, err := c.request(ctx, http.MethodGet, "/history/export", queryOf(filter), nil)
	if err != nil {
		return err
	}
	response, err := c.do(r)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	for lines := json.NewDecoder(response.Body); ; {
		e := &HistoryEntry{}
		if err := lines.Decode(e); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		if err := f(e); err != nil {
			return err
		}
	}
}

// UsersHeader tells how many users a report has.
const UsersHeader = "Muster-Users"

// Report is a file with users.
type Report struct {
	Name  string // of the file
	Users int64  // in it, as they were counted when it was begun
}

// MailboxReport writes users as a file of format muster, which can be imported again: csv,
// xlsx or jsonl.
func (c *Client) MailboxReport(ctx context.Context, filter UserFilter, kind string, to io.Writer) (*Report, error) {
	q := queryOf(filter)
	q.Set("kind", kind)
	head, err := c.download(ctx, "/reports/mailbox", q, to)
	if err != nil {
		return nil, err
	}
	users, err := strconv.ParseInt(head.Get(UsersHeader), 10, 64)
	if err != nil {
		return nil, fmt.Errorf("the answer of %s does not tell how many users it has: %w", c.server, err)
	}
	return &Report{fileOf(head), users}, nil
}

// SetRow mends cells of a row of a plan, and plans it again.
func (c *Client) SetRow(ctx context.Context, number int64, row int, change RowChange) (*Import, error) {
	return send[Import](ctx, c, http.MethodPatch, rowPath(number, row), change)
}

// LeaveRowOut leaves a row out of a plan, and TakeRowIn takes it in again.
func (c *Client) LeaveRowOut(ctx context.Context, number int64, row int) (*Import, error) {
	return send[Import](ctx, c, http.MethodPost, rowPath(number, row)+"/leave-out", nil)
}

// TakeRowIn takes a row in again that was left out.
func (c *Client) TakeRowIn(ctx context.Context, number int64, row int) (*Import, error) {
	return send[Import](ctx, c, http.MethodPost, rowPath(number, row)+"/take-in", nil)
}

// MoveGroup moves a group below another one of the same organisation, named by its path;
// "" is the top.
func (c *Client) MoveGroup(ctx context.Context, id, parent string) (*Group, error) {
	return send[Group](ctx, c, http.MethodPost, groupPath(id)+"/move", Parent{parent})
}

// Parent names the group below which another one is to lie.
type Parent struct {
	Parent string `json:"parent" doc:"path; blank: the top"`
}

func rowPath(number int64, row int) string {
	return importPath(number, fmt.Sprintf("/rows/%d", row))
}
