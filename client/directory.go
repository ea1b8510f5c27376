package client

import (
	"context"
	"net/http"
	"net/url"
)

// Organisation is a node of the tree, with the settings that are in force for it.
type Organisation struct {
	Code     string   `json:"code"`
	Name     string   `json:"name"`
	Parent   string   `json:"parent" doc:"blank: the root"`
	Settings Settings `json:"settings" doc:"in force, its own or inherited"`
}

// Settings are what an organisation decides for its users.
type Settings struct {
	DefaultDomain    string  `json:"default_domain,omitempty" doc:"of generated addresses"`
	MailboxGB        int     `json:"mailbox_gb,omitempty" doc:"of a new user"`
	MailboxMaxGB     int     `json:"mailbox_max_gb,omitempty" doc:"largest mailbox"`
	AddressPattern   string  `json:"address_pattern,omitempty" doc:"how addresses are generated"`
	Passwords        string  `json:"passwords,omitempty" doc:"how generated passwords reach their users: results, link or none"`
	Country          string  `json:"country,omitempty" doc:"of telephone numbers (ISO 3166)"`
	Policy           *Policy `json:"policy,omitempty" doc:"of passwords"`
	AddressKeptDays  int     `json:"address_kept_days,omitempty" doc:"of a deleted user, before it is given out again"`
	GeneratedDays    int     `json:"generated_days,omitempty" doc:"an unused generated password lapses after"`
	UndoDays         int     `json:"undo_days,omitempty" doc:"what an undo needs is kept for"`
	ThresholdPercent int     `json:"threshold_percent,omitempty" doc:"of existing users that an import may change unconfirmed"`
	ThresholdUsers   int     `json:"threshold_users,omitempty" doc:"and that many it always may"`
	LockoutFailures  int     `json:"lockout_failures,omitempty" doc:"wrong passwords after which an account is locked for a time"`
	LockoutMinutes   int     `json:"lockout_minutes,omitempty" doc:"how long it is locked"`
	PasswordDays     int     `json:"password_days,omitempty" doc:"days after which a password expires"`
	SecondFactor     string  `json:"second_factor,omitempty" doc:"demanded or optional"`
}

// Policy says which passwords are good enough.
type Policy struct {
	MinLength            int `json:"min_length"`
	MinLengthApplication int `json:"min_length_application" doc:"where a program uses the mailbox"`
	MaxLength            int `json:"max_length"`
	Classes              int `json:"classes" doc:"kinds of characters that must occur, 0 to 4"`
	Remembered           int `json:"remembered" doc:"former passwords that are not taken again"`
}

// OrganisationChange is what is wanted of an organisation. What is not given stays as
// it is; of a setting, a blank or 0 means inherited.
type OrganisationChange struct {
	Name     *string        `json:"name,omitempty"`
	Settings SettingsChange `json:"settings,omitzero"`
}

// SettingsChange is what is wanted of an organisation's settings.
type SettingsChange struct {
	DefaultDomain    *string      `json:"default_domain,omitempty"`
	MailboxGB        *int         `json:"mailbox_gb,omitempty" minimum:"0" maximum:"1000000"`
	MailboxMaxGB     *int         `json:"mailbox_max_gb,omitempty" minimum:"0" maximum:"1000000"`
	AddressPattern   *string      `json:"address_pattern,omitempty"`
	Passwords        *string      `json:"passwords,omitempty"`
	Country          *string      `json:"country,omitempty"`
	Policy           PolicyChange `json:"policy,omitzero"`
	AddressKeptDays  *int         `json:"address_kept_days,omitempty" minimum:"0" maximum:"1000000"`
	GeneratedDays    *int         `json:"generated_days,omitempty" minimum:"0" maximum:"1000000"`
	UndoDays         *int         `json:"undo_days,omitempty" minimum:"0" maximum:"1000000"`
	ThresholdPercent *int         `json:"threshold_percent,omitempty" minimum:"0" maximum:"1000000"`
	ThresholdUsers   *int         `json:"threshold_users,omitempty" minimum:"0" maximum:"1000000"`
	LockoutFailures  *int         `json:"lockout_failures,omitempty" minimum:"0" maximum:"1000000"`
	LockoutMinutes   *int         `json:"lockout_minutes,omitempty" minimum:"0" maximum:"1000000"`
	PasswordDays     *int         `json:"password_days,omitempty" minimum:"0" maximum:"1000000"`
	SecondFactor     *string      `json:"second_factor,omitempty"`
}

// PolicyChange is what is wanted of a policy of passwords.
type PolicyChange struct {
	MinLength            *int `json:"min_length,omitempty" minimum:"0" maximum:"1000000"`
	MinLengthApplication *int `json:"min_length_application,omitempty" minimum:"0" maximum:"1000000"`
	MaxLength            *int `json:"max_length,omitempty" minimum:"0" maximum:"1000000"`
	Classes              *int `json:"classes,omitempty" minimum:"0" maximum:"4"`
	Remembered           *int `json:"remembered,omitempty" minimum:"0" maximum:"1000000"`
}

// NewOrganisation is an organisation to be added.
type NewOrganisation struct {
	Code   string `json:"code"`
	Parent string `json:"parent,omitempty" doc:"MASTER if not given"`
	OrganisationChange
}

// Domain is a mail domain of an organisation.
type Domain struct {
	Name       string `json:"name"`
	Org        string `json:"org"`
	Validation string `json:"validation" doc:"recipients that are accepted: known, directory or any"`
	AutoCreate bool   `json:"auto_create" doc:"the first outbound message of a new address makes a user"`
	Closed     bool   `json:"closed" doc:"organisations below have no addresses in it"`
}

// DomainChange is what is wanted of a domain.
type DomainChange struct {
	Validation string `json:"validation,omitempty"`
	AutoCreate *bool  `json:"auto_create,omitempty"`
	Closed     *bool  `json:"closed,omitempty"`
}

// NewDomain is a domain to be added.
type NewDomain struct {
	Name string `json:"name"`
	Org  string `json:"org,omitempty" doc:"MASTER if not given"`
	DomainChange
}

// Group is a named set of users, foreign addresses and whole domains, in a tree.
type Group struct {
	ID     string `json:"id"`
	Path   string `json:"path" doc:"names from the top, divided by slashes"`
	Org    string `json:"org"`
	Origin string `json:"origin"`
}

// NewGroup is a group to be added.
type NewGroup struct {
	Path string `json:"path"`
	Org  string `json:"org,omitempty" doc:"MASTER if not given"`
}

// Name is a new name.
type Name struct {
	Name string `json:"name"`
}

// Member is one member of a group.
type Member struct {
	Kind    string `json:"kind" doc:"user, address or domain"`
	Address string `json:"address"`
	Note    string `json:"note"`
}

// NewMember puts a user, a foreign address or a whole domain into a group.
type NewMember struct {
	Address string  `json:"address" doc:"of a user, a foreign address, or a domain"`
	Note    *string `json:"note,omitempty" maxLength:"100" doc:"a member who is in already keeps theirs where none is given; a blank one takes it away"`
}

// Attribute is a named extra value of users.
type Attribute struct {
	Name  string `json:"name"`
	Users int64  `json:"users" doc:"how many have it"`
}

// Role is what administrators may be.
type Role struct {
	Name        string   `json:"name"`
	Permissions []string `json:"permissions"`
}

// Deleted tells what is gone.
type Deleted struct {
	Deleted string `json:"deleted" doc:"what kind of thing"`
	Name    string `json:"name"`
}

// Organisations calls f for each organisation that may be read, by code.
func (c *Client) Organisations(ctx context.Context, f func(*Organisation) error) error {
	return pages(ctx, c, "/organisations", nil, f)
}

// Organisation returns an organisation.
func (c *Client) Organisation(ctx context.Context, code string) (*Organisation, error) {
	return get[Organisation](ctx, c, organisationPath(code), nil)
}

// AddOrganisation adds an organisation.
func (c *Client) AddOrganisation(ctx context.Context, o NewOrganisation) (*Organisation, error) {
	return send[Organisation](ctx, c, http.MethodPost, "/organisations", o)
}

// SetOrganisation changes the name or the settings of an organisation.
func (c *Client) SetOrganisation(ctx context.Context, code string, o OrganisationChange) (*Organisation, error) {
	return send[Organisation](ctx, c, http.MethodPatch, organisationPath(code), o)
}

// DeleteOrganisation deletes an organisation that has nothing left.
func (c *Client) DeleteOrganisation(ctx context.Context, code string) (*Deleted, error) {
	return send[Deleted](ctx, c, http.MethodDelete, organisationPath(code), nil)
}

// Domains calls f for each domain of an organisation and those below; blank is all
// that may be read.
func (c *Client) Domains(ctx context.Context, org string, f func(*Domain) error) error {
	return pages(ctx, c, "/domains", ofOrg(org), f)
}

// Domain returns a domain.
func (c *Client) Domain(ctx context.Context, name string) (*Domain, error) {
	return get[Domain](ctx, c, domainPath(name), nil)
}

// AddDomain adds a mail domain.
func (c *Client) AddDomain(ctx context.Context, d NewDomain) (*Domain, error) {
	return send[Domain](ctx, c, http.MethodPost, "/domains", d)
}

// SetDomain changes a mail domain.
func (c *Client) SetDomain(ctx context.Context, name string, d DomainChange) (*Domain, error) {
	return send[Domain](ctx, c, http.MethodPatch, domainPath(name), d)
}

// DeleteDomain deletes a mail domain in which nobody has an address.
func (c *Client) DeleteDomain(ctx context.Context, name string) (*Deleted, error) {
	return send[Deleted](ctx, c, http.MethodDelete, domainPath(name), nil)
}

// Groups calls f for each group of an organisation and those below; blank is all that
// may be read.
func (c *Client) Groups(ctx context.Context, org string, f func(*Group) error) error {
	return pages(ctx, c, "/groups", ofOrg(org), f)
}

// Group returns a group by its id.
func (c *Client) Group(ctx context.Context, id string) (*Group, error) {
	return get[Group](ctx, c, groupPath(id), nil)
}

// AddGroup adds a group below one that is there.
func (c *Client) AddGroup(ctx context.Context, g NewGroup) (*Group, error) {
	return send[Group](ctx, c, http.MethodPost, "/groups", g)
}

// RenameGroup gives a group another name, in its place in the tree.
func (c *Client) RenameGroup(ctx context.Context, id, name string) (*Group, error) {
	return send[Group](ctx, c, http.MethodPatch, groupPath(id), Name{name})
}

// DeleteGroup deletes a group without members and groups below it.
func (c *Client) DeleteGroup(ctx context.Context, id string) (*Deleted, error) {
	return send[Deleted](ctx, c, http.MethodDelete, groupPath(id), nil)
}

// Members calls f for each member of a group.
func (c *Client) Members(ctx context.Context, id string, f func(*Member) error) error {
	return pages(ctx, c, groupPath(id)+"/members", nil, f)
}

// AddMember puts a member into a group, or gives it another note.
func (c *Client) AddMember(ctx context.Context, id string, m NewMember) (*NewMember, error) {
	return send[NewMember](ctx, c, http.MethodPost, groupPath(id)+"/members", m)
}

// DeleteMember takes a member out of a group.
func (c *Client) DeleteMember(ctx context.Context, id, member string) (*Deleted, error) {
	return send[Deleted](ctx, c, http.MethodDelete, groupPath(id)+"/members/"+url.PathEscape(member), nil)
}

// Attributes calls f for each attribute, by name.
func (c *Client) Attributes(ctx context.Context, f func(*Attribute) error) error {
	return pages(ctx, c, "/attributes", nil, f)
}

// AddAttribute makes an attribute before anybody has it.
func (c *Client) AddAttribute(ctx context.Context, name string) (*Name, error) {
	return send[Name](ctx, c, http.MethodPost, "/attributes", Name{name})
}

// RenameAttribute gives an attribute another name, for all who have it.
func (c *Client) RenameAttribute(ctx context.Context, name, to string) (*Name, error) {
	return send[Name](ctx, c, http.MethodPatch, attributePath(name), Name{to})
}

// DeleteAttribute deletes an attribute that nobody has.
func (c *Client) DeleteAttribute(ctx context.Context, name string) (*Deleted, error) {
	return send[Deleted](ctx, c, http.MethodDelete, attributePath(name), nil)
}

// Roles calls f for each role, the mightiest first.
func (c *Client) Roles(ctx context.Context, f func(*Role) error) error {
	return pages(ctx, c, "/roles", nil, f)
}

func ofOrg(org string) url.Values {
	if org == "" {
		return nil
	}
	return url.Values{"org": {org}}
}

func organisationPath(code string) string { return "/organisations/" + url.PathEscape(code) }
func domainPath(name string) string       { return "/domains/" + url.PathEscape(name) }
func groupPath(id string) string          { return "/groups/" + url.PathEscape(id) }
func attributePath(name string) string    { return "/attributes/" + url.PathEscape(name) }
