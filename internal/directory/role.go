package directory

import (
	"slices"
	"strings"
)

// Permission is one thing that an administrator may do. Every door checks the
// same names.
type Permission string

// The permissions.
const (
	UsersRead     Permission = "users.read"
	UsersEdit     Permission = "users.edit"     // add, change, mark, delete
	UsersPassword Permission = "users.password" // set passwords
	UsersUnlock   Permission = "users.unlock"
	UsersMove     Permission = "users.move" // from one organisation to another
	RolesGive     Permission = "roles.give"
	RolesByFile   Permission = "roles.file"
	GroupsRead    Permission = "groups.read"
	GroupsEdit    Permission = "groups.edit"
	DomainsRead   Permission = "domains.read"
	DomainsEdit   Permission = "domains.edit"
	OrgsRead      Permission = "organisations.read"
	OrgsEdit      Permission = "organisations.edit" // add, rename, delete
	SettingsEdit  Permission = "settings.edit"
	ImportsRead   Permission = "imports.read"
	ImportsPlan   Permission = "imports.plan"
	ImportsApply  Permission = "imports.apply" // and resume, cancel, undo
	ResultsSecret Permission = "results.passwords"
	UsersExport   Permission = "users.export"
	HistoryRead   Permission = "history.read"
	TokensRead    Permission = "tokens.read"
	TokensEdit    Permission = "tokens.edit"
	BackupsMake   Permission = "backups.make"
	KeyChange     Permission = "key.change"
)

var (
	reads = []Permission{UsersRead, GroupsRead, DomainsRead, OrgsRead, ImportsRead}
	basic = slices.Concat(reads, []Permission{UsersEdit, UsersPassword, UsersUnlock, GroupsEdit,
		ImportsPlan, ImportsApply, ResultsSecret, HistoryRead})
	full      = slices.Concat(basic, []Permission{DomainsEdit, SettingsEdit, UsersExport, RolesGive, TokensRead, TokensEdit})
	super     = slices.Concat(full, []Permission{OrgsEdit})
	migration = slices.Concat(full, []Permission{UsersMove})
	master    = slices.Concat(super, []Permission{UsersMove, RolesByFile, BackupsMake, KeyChange})
)

type role struct {
	name        string
	permissions []Permission
	protected   bool // only administrators of such a role change those who have it
}

var roles = []role{
	{"Master", master, true},
	{"Migration", migration, true},
	{"Super", super, true},
	{"Full", full, true},
	{"Basic", basic, false},
	{"Helpdesk", []Permission{UsersRead, GroupsRead, DomainsRead, OrgsRead, UsersPassword, UsersUnlock, ImportsRead, ImportsPlan}, false},
	{"Gateway", []Permission{UsersRead, DomainsRead, DomainsEdit, OrgsRead}, false},
	{"Auditor", slices.Concat(reads, []Permission{HistoryRead, UsersExport, TokensRead}), false},
}

var roleNames = func() (names []string) {
	for _, r := range roles {
		names = append(names, r.name)
	}
	return names
}()

// rolesOfFiles are the roles that a file may give.
var rolesOfFiles = []string{"Basic", "Helpdesk", "Gateway"}

// RoleNames returns the names of all roles, the mightiest first.
func RoleNames() []string { return slices.Clone(roleNames) }

// RoleName returns the name of a role, asked for in any case, as it is written; "" where
// there is none.
func RoleName(name string) string { return roleNamed(name).name }

// Permissions returns what a role may do; a role of no name may do nothing.
func Permissions(name string) []Permission { return roleNamed(name).permissions }

func isProtected(name string) bool { return roleNamed(name).protected }

func roleNamed(name string) role {
	for _, r := range roles {
		if strings.EqualFold(r.name, name) {
			return r
		}
	}
	return role{}
}

// Actor is whoever wants something done: a user with a role, or the operator
// of the machine, who has all rights.
type Actor struct {
	ID      ID     // none for the operator
	Address string // "operator" for the operator
	Role    string
	Org     string // the rights cover this organisation and those below
	Door    string // by which door: "command" …
}

// Operator returns the actor who runs the command on the machine itself.
func Operator(door string) Actor {
	return Actor{Address: "operator", Role: "Master", Org: Master, Door: door}
}

// May reports whether the actor's role has a permission, wherever.
func (a Actor) May(p Permission) bool { return slices.Contains(Permissions(a.Role), p) }

// mayIn reports whether the actor has a permission in an organisation.
func (a Actor) mayIn(c *Catalog, p Permission, org string) bool {
	return a.May(p) && c.Within(org, a.Org)
}

// MayReadUsers reports whether the actor may read the users of an organisation.
func (a Actor) MayReadUsers(c *Catalog, org string) bool { return a.mayIn(c, UsersRead, org) }

// Outranks reports whether the actor holds every permission that a role holds:
// nobody changes the password, second factor, lock, role, aliases, delegates or
// tokens of one who may do what they themselves may not.
func (a Actor) Outranks(roleName string) bool {
	for _, p := range Permissions(roleName) {
		if !a.May(p) {
			return false
		}
	}
	return true
}

// MayReadPassword reports whether the actor may read the password that was
// generated for a user: who reads an unused password can take the account.
func (a Actor) MayReadPassword(c *Catalog, u *User) bool {
	return a.mayIn(c, ResultsSecret, u.Values[Org]) && a.Outranks(u.Values[Role])
}
