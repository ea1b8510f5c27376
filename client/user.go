package client

import (
	"context"
	"net/http"
	"net/url"
	"time"
)

// User is a person or a shared thing that has a mailbox.
type User struct {
	ID                   string            `json:"id"`
	Address              string            `json:"address" doc:"primary address"`
	Aliases              []string          `json:"aliases" doc:"further addresses, sorted"`
	Domain               string            `json:"domain" doc:"of the primary address"`
	Name                 string            `json:"name"`
	Title                string            `json:"title"`
	First                string            `json:"first"`
	Last                 string            `json:"last"`
	DisplayName          string            `json:"display_name"`
	JobTitle             string            `json:"job_title"`
	Department           string            `json:"department"`
	Telephone            string            `json:"telephone"`
	Mobile               string            `json:"mobile"`
	Pager                string            `json:"pager"`
	Fax                  string            `json:"fax"`
	Notes                string            `json:"notes"`
	Org                  string            `json:"org" doc:"code of the organisation"`
	Unit                 string            `json:"unit"`
	LocalID              string            `json:"local_id"`
	Type                 string            `json:"type" doc:"user, shared, resource or application"`
	Status               string            `json:"status" doc:"active, inactive, leaver, disabled or deleted"`
	Locked               bool              `json:"locked"`
	Pop                  bool              `json:"pop"`
	Submit               bool              `json:"submit"`
	MustChangePassword   bool              `json:"must_change_password"`
	PasswordNeverExpires bool              `json:"password_never_expires"`
	MailboxGB            int               `json:"mailbox_gb"`
	Role                 string            `json:"role" doc:"administrator role; blank: none"`
	Origin               string            `json:"origin" doc:"how the user came to be"`
	Groups               []string          `json:"groups" doc:"paths, sorted"`
	Attributes           map[string]string `json:"attributes"`
	Delegates            []string          `json:"delegates" doc:"whose mailboxes this user may open, sorted"`
	UpdatedAt            *time.Time        `json:"updated_at"`

	// What the user may do just now, by status, lock and password. Mail comes in for all but
	// deleted users.
	HasPassword bool       `json:"has_password"`
	LockedUntil *time.Time `json:"locked_until" doc:"of a lock after failed sign-ins, which lifts by itself; null: none"`
	Console     string     `json:"console" doc:"whether they may sign in: yes, only to set a new password, by invitation, or no"`
	POP3        bool       `json:"pop3" doc:"may fetch mail by POP3 just now"`
	IMAP        bool       `json:"imap" doc:"may read mail by IMAP just now"`
	Submission  bool       `json:"submission" doc:"may send mail with sign-in just now"`
}

// ChangedUser is a user after a change, or as a dry run says that it would be.
type ChangedUser struct {
	User
	Password string   `json:"password,omitempty" doc:"a password that was generated; it is told here and nowhere else"`
	Changes  []Change `json:"changes,omitzero" doc:"what was changed; nothing where all was so already"`
	Issues   []Issue  `json:"issues,omitzero" doc:"what is worth knowing about the change"`
}

// Change is one value, from what to what. A thing of which there are many comes with
// a blank old and goes with a blank new.
type Change struct {
	Field string `json:"field"`
	Old   string `json:"old"`
	New   string `json:"new"`
}

// UserChange is what is wanted of a user. What is not given stays as it is; what is
// to be empty stands in Clear.
type UserChange struct {
	Name                 *string  `json:"name,omitempty"`
	Title                *string  `json:"title,omitempty"`
	First                *string  `json:"first,omitempty"`
	Last                 *string  `json:"last,omitempty"`
	DisplayName          *string  `json:"display_name,omitempty"`
	JobTitle             *string  `json:"job_title,omitempty"`
	Department           *string  `json:"department,omitempty"`
	Telephone            *string  `json:"telephone,omitempty"`
	Mobile               *string  `json:"mobile,omitempty"`
	Pager                *string  `json:"pager,omitempty"`
	Fax                  *string  `json:"fax,omitempty"`
	Notes                *string  `json:"notes,omitempty"`
	Org                  *string  `json:"org,omitempty" doc:"code of the organisation; of a user who is there already, a move"`
	Unit                 *string  `json:"unit,omitempty"`
	LocalID              *string  `json:"local_id,omitempty"`
	Type                 *string  `json:"type,omitempty"`
	Status               *string  `json:"status,omitempty"`
	Locked               *bool    `json:"locked,omitempty"`
	Pop                  *bool    `json:"pop,omitempty"`
	Submit               *bool    `json:"submit,omitempty"`
	MustChangePassword   *bool    `json:"must_change_password,omitempty"`
	PasswordNeverExpires *bool    `json:"password_never_expires,omitempty"`
	MailboxGB            *int     `json:"mailbox_gb,omitempty"`
	Role                 *string  `json:"role,omitempty"`
	Clear                []string `json:"clear,omitempty" doc:"fields to empty; aliases, groups or delegates: those given are the only ones"`

	Aliases         []string          `json:"aliases,omitempty" doc:"added to those there are"`
	Groups          []string          `json:"groups,omitempty" doc:"paths of groups that the user joins"`
	Delegates       []string          `json:"delegates,omitempty" doc:"users whose mailboxes this one may open"`
	Attributes      map[string]string `json:"attributes,omitempty" doc:"a blank takes the attribute away"`
	RemoveAliases   []string          `json:"remove_aliases,omitempty"`
	RemoveGroups    []string          `json:"remove_groups,omitempty"`
	RemoveDelegates []string          `json:"remove_delegates,omitempty"`
	RenameTo        string            `json:"rename_to,omitempty" doc:"new primary address; the former one stays as alias"`

	Password         string `json:"password,omitempty"`
	PasswordHash     string `json:"password_hash,omitempty" doc:"a ready hash, such as {ARGON2ID}…"`
	GeneratePassword bool   `json:"generate_password,omitempty"`
}

// NewUser is a user to be added.
type NewUser struct {
	Address string `json:"address"`
	UserChange
}

// PasswordChange sets a password: the one that is given, or one that is generated.
type PasswordChange struct {
	Password           string `json:"password,omitempty"`
	Generate           bool   `json:"generate,omitempty"`
	MustChangePassword bool   `json:"must_change_password,omitempty" doc:"a new one has to be set at the next sign-in"`
}

// UserFilter says which users a list has. Blank fields do not filter.
type UserFilter struct {
	Search string `query:"search" doc:"only those whom every word of this fits: as the beginning of a word of an address, name or local id, or from three letters on as any part of one"`
	Org    string `query:"org" doc:"only those of this organisation and the ones below"`
	Domain string `query:"domain" doc:"only those with their primary address in this domain"`
	Origin string `query:"origin" doc:"only those who came to be in this way"`
	Status string `query:"status" doc:"only those of this status; deleted users are listed only so"`
}

// Entry is one entry of the history.
type Entry struct {
	At      *time.Time `json:"at"`
	Actor   string     `json:"actor"`
	Door    string     `json:"door" doc:"by which door: command, api …"`
	Import  *int64     `json:"import" doc:"the import whose row made the change"`
	Row     *int       `json:"row"`
	Action  string     `json:"action"`
	Changes []Change   `json:"changes"`
}

// Owner tells whose an address is.
type Owner struct {
	Address string `json:"address"`
	Kind    string `json:"kind" doc:"primary or alias"`
	User    string `json:"user" doc:"id of the user"`
	Primary string `json:"primary" doc:"primary address of the user"`
}

// Delegate is a user whose mailbox another one may open.
type Delegate struct {
	ID      string `json:"id"`
	Address string `json:"address"`
}

// Account is an e-mail account: a mailbox elsewhere, attached to a user. Of a
// password it says only whether there is one. Which values there are depends on the
// type.
type Account struct {
	Type             string  `json:"type" doc:"email or exchange"`
	Address          string  `json:"address"`
	DisplayName      *string `json:"display_name,omitempty"`
	IncomingUser     *string `json:"incoming_user,omitempty"`
	IncomingPassword *bool   `json:"incoming_password,omitempty"`
	OutgoingUser     *string `json:"outgoing_user,omitempty"`
	OutgoingPassword *bool   `json:"outgoing_password,omitempty"`
	User             *string `json:"user,omitempty"`
	Domain           *string `json:"domain,omitempty"`
	Password         *bool   `json:"password,omitempty"`
}

// AccountChange is what is wanted of an e-mail account.
type AccountChange struct {
	DisplayName      *string  `json:"display_name,omitempty"`
	IncomingUser     *string  `json:"incoming_user,omitempty"`
	IncomingPassword *string  `json:"incoming_password,omitempty"`
	OutgoingUser     *string  `json:"outgoing_user,omitempty"`
	OutgoingPassword *string  `json:"outgoing_password,omitempty"`
	User             *string  `json:"user,omitempty"`
	Domain           *string  `json:"domain,omitempty"`
	Password         *string  `json:"password,omitempty"`
	Clear            []string `json:"clear,omitempty" doc:"values to empty"`
}

// Users calls f for each user whom the filter lets through, in the order of their
// addresses.
func (c *Client) Users(ctx context.Context, filter UserFilter, f func(*User) error) error {
	return pages(ctx, c, "/users", queryOf(filter), f)
}

// User finds a user by any of their addresses, or by id.
func (c *Client) User(ctx context.Context, name string) (*User, error) {
	return get[User](ctx, c, userPath(name), nil)
}

// Owner tells who has an address.
func (c *Client) Owner(ctx context.Context, address string) (*Owner, error) {
	return get[Owner](ctx, c, "/addresses/"+url.PathEscape(address), nil)
}

// AddUser adds a user.
func (c *Client) AddUser(ctx context.Context, u NewUser) (*ChangedUser, error) {
	return send[ChangedUser](ctx, c, http.MethodPost, "/users", u)
}

// SetUser changes a user, found by primary address or id.
func (c *Client) SetUser(ctx context.Context, name string, change UserChange) (*ChangedUser, error) {
	return send[ChangedUser](ctx, c, http.MethodPatch, userPath(name), change)
}

// DeleteUser deletes a user, who can be restored for a time.
func (c *Client) DeleteUser(ctx context.Context, name string) (*ChangedUser, error) {
	return send[ChangedUser](ctx, c, http.MethodDelete, userPath(name), nil)
}

// LockUser locks a user out, UnlockUser lets them in again, and MarkLeaver marks them
// as leaver.
func (c *Client) LockUser(ctx context.Context, name string) (*ChangedUser, error) {
	return send[ChangedUser](ctx, c, http.MethodPost, userPath(name)+"/lock", nil)
}

// UnlockUser lifts a user's lock.
func (c *Client) UnlockUser(ctx context.Context, name string) (*ChangedUser, error) {
	return send[ChangedUser](ctx, c, http.MethodPost, userPath(name)+"/unlock", nil)
}

// MarkLeaver marks a user as leaver, who works on for a time.
func (c *Client) MarkLeaver(ctx context.Context, name string) (*ChangedUser, error) {
	return send[ChangedUser](ctx, c, http.MethodPost, userPath(name)+"/leaver", nil)
}

// Target names the organisation that a user comes to.
type Target struct {
	Org string `json:"org,omitempty"`
}

// JoinUser takes a leaver back or, where an organisation is named, over into that one.
func (c *Client) JoinUser(ctx context.Context, name, org string) (*ChangedUser, error) {
	return send[ChangedUser](ctx, c, http.MethodPost, userPath(name)+"/join", Target{org})
}

// TransferUser moves a user to another organisation.
func (c *Client) TransferUser(ctx context.Context, name, org string) (*ChangedUser, error) {
	return send[ChangedUser](ctx, c, http.MethodPost, userPath(name)+"/transfer", Target{org})
}

// SetPassword sets a user's password, or generates one, which only this answer has.
func (c *Client) SetPassword(ctx context.Context, name string, p PasswordChange) (*ChangedUser, error) {
	return send[ChangedUser](ctx, c, http.MethodPost, userPath(name)+"/password", p)
}

// UserHistory calls f for each change of a user, the latest first.
func (c *Client) UserHistory(ctx context.Context, name string, f func(*Entry) error) error {
	return pages(ctx, c, userPath(name)+"/history", nil, f)
}

// Accounts calls f for each e-mail account of a user.
func (c *Client) Accounts(ctx context.Context, name string, f func(*Account) error) error {
	return pages(ctx, c, userPath(name)+"/accounts", nil, f)
}

// SetAccount adds an e-mail account to a user, or changes it.
func (c *Client) SetAccount(ctx context.Context, name, kind, address string, change AccountChange) (*ChangedUser, error) {
	return send[ChangedUser](ctx, c, http.MethodPut, accountPath(name, kind, address), change)
}

// DeleteAccount takes an e-mail account from a user.
func (c *Client) DeleteAccount(ctx context.Context, name, kind, address string) (*ChangedUser, error) {
	return send[ChangedUser](ctx, c, http.MethodDelete, accountPath(name, kind, address), nil)
}

func userPath(name string) string { return "/users/" + url.PathEscape(name) }

func accountPath(name, kind, address string) string {
	return userPath(name) + "/accounts/" + url.PathEscape(kind) + "/" + url.PathEscape(address)
}

// Delegates calls f for each user whose mailbox a user may open.
func (c *Client) Delegates(ctx context.Context, name string, f func(*Delegate) error) error {
	return pages(ctx, c, userPath(name)+"/delegates", nil, f)
}

// AddDelegate lets a user open another one's mailbox.
func (c *Client) AddDelegate(ctx context.Context, name, delegate string) (*ChangedUser, error) {
	return send[ChangedUser](ctx, c, http.MethodPut, userPath(name)+"/delegates/"+url.PathEscape(delegate), nil)
}

// DeleteDelegate lets a user open another one's mailbox no longer.
func (c *Client) DeleteDelegate(ctx context.Context, name, delegate string) (*ChangedUser, error) {
	return send[ChangedUser](ctx, c, http.MethodDelete, userPath(name)+"/delegates/"+url.PathEscape(delegate), nil)
}
