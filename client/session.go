package client

import (
	"context"
	"net/http"
	"net/url"
	"time"
)

// Credentials are what a user shows to sign in, or to prove once more who they are.
type Credentials struct {
	Address  string `json:"address,omitempty" doc:"any address of the user; not needed once signed in"`
	Password string `json:"password"`
	Code     string `json:"code,omitempty" doc:"of the second factor, or a recovery code"`
}

// Caller tells who calls, and how far they get.
type Caller struct {
	Address          string     `json:"address" doc:"of the user, or the name of the token"`
	Role             string     `json:"role" doc:"blank: none; it counts for nothing while a password or second factor must be set"`
	Org              string     `json:"org"`
	Session          string     `json:"session" doc:"id; blank: a token"`
	Ends             *time.Time `json:"ends" doc:"when the session ends, if it is not used until then"`
	MustChange       bool       `json:"must_change_password" doc:"nothing can be done but to set a new password"`
	MustSecondFactor bool       `json:"must_set_second_factor" doc:"nothing can be done but to set up a second factor"`
}

// Session is a user's stay.
type Session struct {
	ID       string     `json:"id"`
	Since    *time.Time `json:"since"`
	LastUsed *time.Time `json:"last_used"`
	Ends     *time.Time `json:"ends" doc:"if it is not used until then"`
	From     string     `json:"from" doc:"where it was made from"`
	Program  string     `json:"program" doc:"what the client said of itself"`
}

// EndedSessions tells how many sessions of a user were ended.
type EndedSessions struct {
	Address string `json:"address"`
	Ended   int64  `json:"ended"`
}

// OwnPassword is a new password in place of the one that is shown.
type OwnPassword struct {
	Old string `json:"old"`
	New string `json:"new"`
}

// SecondFactor tells of the second factor of a user.
type SecondFactor struct {
	Address       string     `json:"address"`
	Since         *time.Time `json:"since" doc:"null: none"`
	RecoveryCodes int        `json:"recovery_codes" doc:"how many are left"`
}

// RemovedFactor tells whose second factor was taken away.
type RemovedFactor struct {
	Address string `json:"address"`
	Removed bool   `json:"removed"`
}

// SecondFactorSetup is what a user brings into their app. It is told here and nowhere else.
type SecondFactorSetup struct {
	Secret string `json:"secret" doc:"in base32"`
	URI    string `json:"uri" doc:"otpauth://…"`
}

// Code is a code that the app shows.
type Code struct {
	Code string `json:"code"`
}

// RecoveryCodes each do once in place of a code. They are told here and nowhere else.
type RecoveryCodes struct {
	Codes []string `json:"codes"`
}

// SignIn begins a session, which the jar of the client's cookies keeps.
func (c *Client) SignIn(ctx context.Context, who Credentials) (*Caller, error) {
	return send[Caller](ctx, c, http.MethodPost, "/session", who)
}

// Caller tells who calls.
func (c *Client) Caller(ctx context.Context) (*Caller, error) {
	return get[Caller](ctx, c, "/session", nil)
}

// SignOut ends the session.
func (c *Client) SignOut(ctx context.Context) error {
	_, err := send[Deleted](ctx, c, http.MethodDelete, "/session", nil)
	return err
}

// SetOwnPassword gives the user of the session a new password. All their sessions end;
// a new one takes the place of this.
func (c *Client) SetOwnPassword(ctx context.Context, p OwnPassword) (*Caller, error) {
	return send[Caller](ctx, c, http.MethodPost, "/session/password", p)
}

// BeginSecondFactor makes a second factor for the user of the session, which counts once
// ConfirmSecondFactor is shown a code of it.
func (c *Client) BeginSecondFactor(ctx context.Context, who Credentials) (*SecondFactorSetup, error) {
	return send[SecondFactorSetup](ctx, c, http.MethodPost, "/session/second-factor", who)
}

// ConfirmSecondFactor lets the second factor count.
func (c *Client) ConfirmSecondFactor(ctx context.Context, code string) (*RecoveryCodes, error) {
	return send[RecoveryCodes](ctx, c, http.MethodPost, "/session/second-factor/confirm", Code{code})
}

// NewRecoveryCodes gives the user of the session new recovery codes in place of the old ones.
func (c *Client) NewRecoveryCodes(ctx context.Context, who Credentials) (*RecoveryCodes, error) {
	return send[RecoveryCodes](ctx, c, http.MethodPost, "/session/second-factor/recovery-codes", who)
}

// RemoveOwnSecondFactor takes the second factor from the user of the session.
func (c *Client) RemoveOwnSecondFactor(ctx context.Context, who Credentials) (*RemovedFactor, error) {
	return send[RemovedFactor](ctx, c, http.MethodPost, "/session/second-factor/remove", who)
}

// Sessions calls f for each session of a user, the latest first.
func (c *Client) Sessions(ctx context.Context, user string, f func(*Session) error) error {
	return pages(ctx, c, userPath(user)+"/sessions", nil, f)
}

// EndSessions ends the sessions of a user, or one of them.
func (c *Client) EndSessions(ctx context.Context, user, session string) (*EndedSessions, error) {
	path := userPath(user) + "/sessions"
	if session != "" {
		path += "/" + url.PathEscape(session)
	}
	return send[EndedSessions](ctx, c, http.MethodDelete, path, nil)
}

// SecondFactor tells of the second factor of a user.
func (c *Client) SecondFactor(ctx context.Context, user string) (*SecondFactor, error) {
	return get[SecondFactor](ctx, c, userPath(user)+"/second-factor", nil)
}

// RemoveSecondFactor takes the second factor from a user who has lost it.
func (c *Client) RemoveSecondFactor(ctx context.Context, user string) (*RemovedFactor, error) {
	return send[RemovedFactor](ctx, c, http.MethodDelete, userPath(user)+"/second-factor", nil)
}

// FirstMaster is who is to be the first Master, with what stands behind the # of the link
// that the server has printed.
type FirstMaster struct {
	Link     string `json:"link"`
	Address  string `json:"address"`
	Name     string `json:"name"`
	Password string `json:"password"`
}

// MadeMaster is who is the first Master.
type MadeMaster struct {
	Address string `json:"address"`
	Role    string `json:"role"`
}

// MakeFirstMaster makes the first Master. It needs no token; the link does once.
func (c *Client) MakeFirstMaster(ctx context.Context, m FirstMaster) (*MadeMaster, error) {
	return send[MadeMaster](ctx, c, http.MethodPost, "/first-master", m)
}
