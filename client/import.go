package client

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Import is one uploaded file with its plan and outcome.
type Import struct {
	Import      int64     `json:"import" doc:"number"`
	Format      string    `json:"format"`
	State       string    `json:"state" doc:"planning, planned, refused, hashing, applying, applied, undoing, undone, cancelled or lapsed"`
	Rows        int64     `json:"rows"`
	Counts      Counts    `json:"counts" doc:"rows by what the plan makes of them; a warning counts beside the others"`
	Outcomes    *Outcomes `json:"outcomes,omitempty" doc:"rows by what became of them"`
	Issues      []Issue   `json:"issues" doc:"the first 1,000"`
	IssuesTotal int64     `json:"issues_total"`
	SameAs      *int64    `json:"same_as" doc:"an earlier import of the very same file"`
	Confirm     int64     `json:"confirm" doc:"existing users that the plan changes"`
	Revision    int64     `json:"revision" doc:"how often the plan was revised: a row mended, left out or taken in"`
	File        string    `json:"file"`
	Kind        string    `json:"kind,omitempty" doc:"csv, jsonl, xlsx or xls; none before the file was looked at"`
	Sheet       string    `json:"sheet,omitempty" doc:"of a workbook"`
	Summary     *Summary  `json:"summary,omitempty"`
}

// Summary counts what a plan brings beside users.
type Summary struct {
	Aliases       int64    `json:"aliases"`
	GroupMembers  int64    `json:"group_members"`
	Delegates     int64    `json:"delegates" doc:"mailboxes of others that users of the file may open"`
	NewAttributes []string `json:"new_attributes"`
}

// Counts are the rows by the action that the plan has for them.
type Counts struct {
	Create    int64 `json:"create"`
	Update    int64 `json:"update"`
	Unchanged int64 `json:"unchanged"`
	Leaver    int64 `json:"leaver"`
	Joiner    int64 `json:"joiner"`
	Discard   int64 `json:"discard"`
	Error     int64 `json:"error"`
	Warning   int64 `json:"warning"`
}

// Outcomes are the rows by what became of them; the sum is always that of all rows.
type Outcomes struct {
	Created   int64 `json:"created"`
	Updated   int64 `json:"updated"`
	Unchanged int64 `json:"unchanged"`
	Leaver    int64 `json:"leaver"`
	Joined    int64 `json:"joined"`
	Discarded int64 `json:"discarded"`
	LeftOut   int64 `json:"left_out"`
	Failed    int64 `json:"failed"`
	Pending   int64 `json:"pending"`

	// Of an import that is being undone or is undone.
	Reversed     *int64 `json:"reversed,omitempty"`
	Kept         *int64 `json:"kept,omitempty"`
	Irreversible *int64 `json:"irreversible,omitempty"`
}

// ListedImport is an import in a list: without its issues, with when and who.
type ListedImport struct {
	Import      int64      `json:"import"`
	File        string     `json:"file"`
	Format      string     `json:"format"`
	Org         string     `json:"org"`
	State       string     `json:"state"`
	Rows        int64      `json:"rows"`
	Counts      Counts     `json:"counts"`
	Outcomes    *Outcomes  `json:"outcomes"`
	IssuesTotal int64      `json:"issues_total"`
	SameAs      *int64     `json:"same_as"`
	Confirm     int64      `json:"confirm"`
	PlannedBy   string     `json:"planned_by"`
	CreatedAt   *time.Time `json:"created_at"`
	EndedAt     *time.Time `json:"ended_at"`
}

// Row is one row of an import.
type Row struct {
	Row     int      `json:"row" doc:"1: the first data row"`
	Line    int      `json:"line" doc:"where the row begins in the file, as an editor shows it"`
	Action  string   `json:"action"`
	Outcome string   `json:"outcome"`
	Address string   `json:"address"`
	Changes []Change `json:"changes"`
	Issues  []Issue  `json:"issues"`
}

// Progress tells how far an import is.
type Progress struct {
	Import int64  `json:"import"`
	State  string `json:"state"`
	Done   int64  `json:"done" doc:"rows, or while it is hashing passwords"`
	Total  int64  `json:"total" doc:"0: not known yet"`
	Ended  bool   `json:"ended" doc:"nothing more happens by itself"`
}

// ImportOptions are what whoever uploads a file may choose. A blank is found out, or
// left to the format.
type ImportOptions struct {
	Format            string `query:"format" doc:"format of the file; found out if not given"`
	Org               string `query:"org" doc:"organisation of rows that name none; yours if not given"`
	Domain            string `query:"domain" doc:"domain of generated addresses"`
	Encoding          string `query:"encoding" doc:"charset of CSV"`
	Sheet             string `query:"sheet" doc:"name or number of a workbook's sheet"`
	Delimiter         string `query:"delimiter" enum:"comma,semicolon,tab,pipe" doc:"of CSV; found out if not given"`
	SkipHeader        bool   `query:"skip_header" doc:"the first line is no row, in a file of a format without headings"`
	Group             string `query:"group" doc:"path of the group that every user of the file joins"`
	GroupMode         string `query:"group_mode" enum:"add,replace" doc:"add to the group, or replace its members"`
	UploadOnly        bool   `query:"upload_only" doc:"the users join no group"`
	Note              string `query:"note" maxLength:"100" doc:"note on each member added"`
	Mode              string `query:"mode" enum:"strict,partial" doc:"strict: a row in error keeps all from being applied; partial: the good rows can be applied without the others"`
	SetPasswords      bool   `query:"set_passwords" doc:"passwords of the file act for users who exist, too"`
	GeneratePasswords bool   `query:"generate_passwords" doc:"new users without a password get one"`
	Notify            string `query:"notify" doc:"address of a user who is told what becomes of the import, beside those who work with it"`
	Apply             bool   `query:"apply" doc:"apply it as soon as it is planned, without anybody looking at the plan"`
	Confirm           int64  `query:"confirm" minimum:"0" doc:"with apply: how many existing users may be changed, where that is unusually high"`
}

// RowFilter says which rows a list has.
type RowFilter struct {
	Only []string `query:"only" doc:"actions and outcomes, divided by commas; warning: rows that bear one"`
}

// Confirmation repeats how many existing users are changed, where that is unusually high.
type Confirmation struct {
	Confirm int64 `json:"confirm,omitempty"`
}

// Upload sends a file and returns its import at once; planning goes on in the
// background.
func (c *Client) Upload(ctx context.Context, filename string, file io.Reader, o ImportOptions) (*Import, error) {
	q := queryOf(o)
	q.Set("filename", strings.ToValidUTF8(filename, "\uFFFD")) // a system may let it be any octets
	r, err := c.request(ctx, http.MethodPost, "/imports", q, file)
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/octet-stream")
	return answer[Import](c, r)
}

// Imports calls f for each import, the latest first.
func (c *Client) Imports(ctx context.Context, f func(*ListedImport) error) error {
	return pages(ctx, c, "/imports", nil, f)
}

// Import returns an import.
func (c *Client) Import(ctx context.Context, number int64) (*Import, error) {
	return get[Import](ctx, c, importPath(number, ""), nil)
}

// Rows calls f for each row of an import that the filter lets through, in their order.
func (c *Client) Rows(ctx context.Context, number int64, filter RowFilter, f func(*Row) error) error {
	return pages(ctx, c, importPath(number, "/rows"), queryOf(filter), f)
}

// Apply lets a plan begin; it is carried out in the background.
func (c *Client) Apply(ctx context.Context, number, confirm int64) (*Import, error) {
	return send[Import](ctx, c, http.MethodPost, importPath(number, "/apply"), Confirmation{confirm})
}

// Resume lets an import go on that was interrupted.
func (c *Client) Resume(ctx context.Context, number int64) (*Import, error) {
	return send[Import](ctx, c, http.MethodPost, importPath(number, "/resume"), nil)
}

// Cancel ends an import at the next border of a batch; what was applied stays.
func (c *Client) Cancel(ctx context.Context, number int64) (*Import, error) {
	return send[Import](ctx, c, http.MethodPost, importPath(number, "/cancel"), nil)
}

// Undo lets an undo begin, which goes on in the background.
func (c *Client) Undo(ctx context.Context, number, confirm int64) (*Import, error) {
	return send[Import](ctx, c, http.MethodPost, importPath(number, "/undo"), Confirmation{confirm})
}

// UndoPlan tells what an undo would lead to, and what it would not reverse and why.
func (c *Client) UndoPlan(ctx context.Context, number int64) (*Import, error) {
	return get[Import](ctx, c, importPath(number, "/undo"), nil)
}

// Results writes the file again, in its own kind, with what became of each row; or
// only the rows that failed or were left out. It returns the name of the file.
func (c *Client) Results(ctx context.Context, number int64, failedOnly bool, to io.Writer) (string, error) {
	head, err := c.download(ctx, importPath(number, "/results"), url.Values{"failed_only": {strconv.FormatBool(failedOnly)}}, to)
	return fileOf(head), err
}

// Follow calls f each time that an import has come further, until nothing more happens
// by itself or ctx ends. It connects again where the server ends the stream.
func (c *Client) Follow(ctx context.Context, number int64, f func(Progress)) error {
	for {
		ended, err := c.follow(ctx, number, f)
		if ended || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Second):
		}
	}
}

func (c *Client) follow(ctx context.Context, number int64, f func(Progress)) (ended bool, err error) {
	r, err := c.request(ctx, http.MethodGet, importPath(number, "/progress"), nil, nil)
	if err != nil {
		return false, err
	}
	r.Header.Set("Accept", "text/event-stream")
	response, err := c.do(r)
	if err != nil {
		return false, err
	}
	defer response.Body.Close()
	lines := bufio.NewScanner(response.Body)
	for lines.Scan() {
		data, ok := strings.CutPrefix(lines.Text(), "data: ")
		if !ok {
			continue
		}
		p := Progress{}
		if err := json.Unmarshal([]byte(data), &p); err != nil {
			return false, err
		}
		if f(p); p.Ended {
			return true, nil
		}
	}
	return false, ctx.Err()
}

func importPath(number int64, rest string) string { return fmt.Sprintf("/imports/%d%s", number, rest) }
