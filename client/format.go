package client

import (
	"context"
	"io"
	"net/http"
	"net/url"
)

// Format is one way in which rows of a file become users.
type Format struct {
	Format string `json:"format" doc:"name"`
	Title  string `json:"title"`
	Mode   string `json:"mode" doc:"strict or partial, where an import does not say"`
	Limit  int    `json:"limit" doc:"most rows of a file; 0: no limit of its own"`
	Help   string `json:"help"`
	Org    string `json:"org" doc:"organisation that has added it; blank: it is Muster's own"`
}

// FormatText is a format as its text.
type FormatText struct {
	Format string `json:"format"`
	Text   string `json:"text"`
}

// FormatProblem is something wrong with the text of a format.
type FormatProblem struct {
	Line       int    `json:"line"`
	Key        string `json:"key"`
	Message    string `json:"message"`
	Suggestion string `json:"suggestion"`
}

// CheckedFormat is what was found in the text of a format.
type CheckedFormat struct {
	Format   string          `json:"format" doc:"name; blank where the text is wrong"`
	Title    string          `json:"title"`
	Columns  int             `json:"columns"`
	Problems []FormatProblem `json:"problems"`
}

// GuessedFormat is a format for a table, to be looked over.
type GuessedFormat struct {
	Format   string          `json:"format"`
	Text     string          `json:"text"`
	Problems []FormatProblem `json:"problems" doc:"what a person has to mend"`
}

// StoredFormat tells of a format that was added or corrected.
type StoredFormat struct {
	Format string `json:"format"`
	Org    string `json:"org"`
	Added  bool   `json:"added" doc:"there was none of this name before"`
}

// Text is the text of a format.
type Text struct {
	Text string `json:"text"`
}

// Formats calls f for each format that files of an organisation may have; blank is the
// caller's own.
func (c *Client) Formats(ctx context.Context, org string, f func(*Format) error) error {
	return pages(ctx, c, "/formats", ofOrg(org), f)
}

// Format returns the text of a format.
func (c *Client) Format(ctx context.Context, name, org string) (*FormatText, error) {
	return get[FormatText](ctx, c, formatPath(name), ofOrg(org))
}

// CheckFormat tells what is wrong with the text of a format, by line.
func (c *Client) CheckFormat(ctx context.Context, text string) (*CheckedFormat, error) {
	return send[CheckedFormat](ctx, c, http.MethodPost, "/formats/check", Text{text})
}

// GuessFormat makes the text of a format for a table of people, to be looked over.
func (c *Client) GuessFormat(ctx context.Context, name string, table io.Reader) (*GuessedFormat, error) {
	r, err := c.request(ctx, http.MethodPost, "/formats/guess", url.Values{"name": {name}}, table)
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/octet-stream")
	return answer[GuessedFormat](c, r)
}

// PutFormat adds a format to an organisation, or corrects one; blank is the caller's own.
func (c *Client) PutFormat(ctx context.Context, name, org, text string) (*StoredFormat, error) {
	return sendTo[StoredFormat](ctx, c, http.MethodPut, formatPath(name), ofOrg(org), Text{text})
}

// DeleteFormat deletes a format of an organisation; blank is the caller's own.
func (c *Client) DeleteFormat(ctx context.Context, name, org string) (*Deleted, error) {
	return sendTo[Deleted](ctx, c, http.MethodDelete, formatPath(name), ofOrg(org), nil)
}

func formatPath(name string) string { return "/formats/" + url.PathEscape(name) }
