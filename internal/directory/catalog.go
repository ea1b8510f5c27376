package directory

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"muster/internal/mailaddr"
	"muster/internal/password"
)

// Master is the code of the root of the tree of organisations.
const Master = "MASTER"

// Organisation is a node of the tree. A blank or zero setting is inherited from
// the nearest organisation above that has one; Catalog.Settings tells what is
// in force.
type Organisation struct {
	Code     string // upper case
	Name     string
	Parent   string // none for the root
	Settings Settings
}

// Settings are what an organisation decides for its users.
type Settings struct {
	DefaultDomain    string           `json:"default_domain,omitempty"`
	MailboxGB        int              `json:"mailbox_gb,omitempty"`      // of a new user; 4
	MailboxMaxGB     int              `json:"mailbox_max_gb,omitempty"`  // what it has bought; 4
	AddressPattern   string           `json:"address_pattern,omitempty"` // {first}.{last}
	Passwords        string           `json:"passwords,omitempty"`       // results, link or none
	Country          string           `json:"country,omitempty"`         // of its telephones, ISO 3166; GB
	Policy           *password.Policy `json:"policy,omitempty"`
	AddressKeptDays  int              `json:"address_kept_days,omitempty"` // of a deleted user, before it is given out again; 730
	GeneratedDays    int              `json:"generated_days,omitempty"`    // an unused generated password lapses after; 14
	UndoDays         int              `json:"undo_days,omitempty"`         // what an undo needs is kept for; 30
	ThresholdPercent int              `json:"threshold_percent,omitempty"` // of existing users an import may touch unconfirmed; 20
	ThresholdUsers   int              `json:"threshold_users,omitempty"`   // and that many it always may; 50
	LockoutFailures  int              `json:"lockout_failures,omitempty"`  // failed sign-ins that lock a user out; 5
	LockoutMinutes   int              `json:"lockout_minutes,omitempty"`   // for so long; 15
	PasswordDays     int              `json:"password_days,omitempty"`     // a password expires after; 365
	SecondFactor     string           `json:"second_factor,omitempty"`     // demanded or optional
}

var defaultSettings = func() Settings {
	policy := password.DefaultPolicy()
	return Settings{
		MailboxGB: 4, MailboxMaxGB: 4, AddressPattern: "{first}.{last}", Passwords: "results", Country: "GB",
		Policy: &policy, AddressKeptDays: 730, GeneratedDays: 14, UndoDays: 30, ThresholdPercent: 20, ThresholdUsers: 50,
		LockoutFailures: 5, LockoutMinutes: 15, PasswordDays: 365, SecondFactor: "optional",
	}
}()

// over returns s with its blanks filled from what lies above.
func (s Settings) over(above Settings) Settings {
	return Settings{
		DefaultDomain:    cmp.Or(s.DefaultDomain, above.DefaultDomain),
		MailboxGB:        cmp.Or(s.MailboxGB, above.MailboxGB),
		MailboxMaxGB:     cmp.Or(s.MailboxMaxGB, above.MailboxMaxGB),
		AddressPattern:   cmp.Or(s.AddressPattern, above.AddressPattern),
		Passwords:        cmp.Or(s.Passwords, above.Passwords),
		Country:          cmp.Or(s.Country, above.Country),
		Policy:           cmp.Or(s.Policy, above.Policy),
		AddressKeptDays:  cmp.Or(s.AddressKeptDays, above.AddressKeptDays),
		GeneratedDays:    cmp.Or(s.GeneratedDays, above.GeneratedDays),
		UndoDays:         cmp.Or(s.UndoDays, above.UndoDays),
		ThresholdPercent: cmp.Or(s.ThresholdPercent, above.ThresholdPercent),
		ThresholdUsers:   cmp.Or(s.ThresholdUsers, above.ThresholdUsers),
		LockoutFailures:  cmp.Or(s.LockoutFailures, above.LockoutFailures),
		LockoutMinutes:   cmp.Or(s.LockoutMinutes, above.LockoutMinutes),
		PasswordDays:     cmp.Or(s.PasswordDays, above.PasswordDays),
		SecondFactor:     cmp.Or(s.SecondFactor, above.SecondFactor),
	}
}

// Domain is a mail domain of an organisation.
type Domain struct {
	Name       string // A-labels (RFC 5890)
	Org        string
	Validation string // known, directory or any
	AutoCreate bool
	Closed     bool // to the organisations below
}

// Validations are the recipient validation modes of a domain.
var Validations = []string{"known", "directory", "any"}

// Group is a named set of users, foreign addresses and whole domains, in a tree.
type Group struct {
	ID     ID
	Org    string
	Parent ID // none: at the top
	Name   string
	Origin string // manual or directory
	Path   string // names from the top, joined by "/"
}

// Member is one member of a group: a user, a foreign address or a domain.
type Member struct {
	Kind    string // user, address or domain
	Address string // the address, or the domain
	UserID  ID
	Note    string // at most 100 characters
}

// Catalog is what all rules look things up in: the organisations, domains and
// groups, which are few. It is read as a whole, and Stamp tells whether it is
// still what the database has.
type Catalog struct {
	Stamp    int64
	orgs     map[string]*Organisation
	settings map[string]Settings
	domains  map[string]*Domain
	groups   map[ID]*Group
	byPath   map[groupKey]*Group
}

type groupKey struct{ org, path string }

// groupAt is the key of a group, whose name has no spaces at its ends.
func groupAt(org, path string) groupKey {
	names := strings.Split(path, "/")
	for i, name := range names {
		names[i] = fold(name)
	}
	return groupKey{org, strings.Join(names, "/")}
}

// NewCatalog builds a catalog from what the database holds, and fills in the
// groups' paths.
func NewCatalog(stamp int64, orgs []*Organisation, domains []*Domain, groups []*Group) *Catalog {
	c := &Catalog{Stamp: stamp, orgs: map[string]*Organisation{}, settings: map[string]Settings{},
		domains: map[string]*Domain{}, groups: map[ID]*Group{}, byPath: map[groupKey]*Group{}}
	for _, o := range orgs {
		c.orgs[o.Code] = o
	}
	for code := range c.orgs {
		c.settings[code] = c.inherit(code)
	}
	for _, d := range domains {
		c.domains[d.Name] = d
	}
	for _, g := range groups {
		c.groups[g.ID] = g
	}
	for _, g := range groups {
		g.Path = c.groupPath(g)
		c.byPath[groupAt(g.Org, g.Path)] = g
	}
	return c
}

func (c *Catalog) inherit(code string) Settings {
	s := Settings{}
	for o := range c.Lineage(code) {
		s = s.over(o.Settings)
	}
	return s.over(defaultSettings)
}

func (c *Catalog) groupPath(g *Group) string {
	names := []string{g.Name}
	for parent := c.groups[g.Parent]; parent != nil; parent = c.groups[parent.Parent] {
		names = append(names, parent.Name)
	}
	slices.Reverse(names)
	return strings.Join(names, "/")
}

// Lineage yields an organisation, found in any case, and then each one above it.
func (c *Catalog) Lineage(code string) func(func(*Organisation) bool) {
	return func(yield func(*Organisation) bool) {
		for o := c.orgs[strings.ToUpper(code)]; o != nil && yield(o); o = c.orgs[o.Parent] {
		}
	}
}

// Organisation finds an organisation by its code, in any case.
func (c *Catalog) Organisation(code string) (*Organisation, bool) {
	o, ok := c.orgs[strings.ToUpper(code)]
	return o, ok
}

// Organisations returns all organisations at and below a code, by code.
func (c *Catalog) Organisations(root string) []*Organisation {
	return c.sortedOrgs(func(o *Organisation) bool { return c.Within(o.Code, root) })
}

func (c *Catalog) sortedOrgs(keep func(*Organisation) bool) (list []*Organisation) {
	for _, code := range slices.Sorted(maps.Keys(c.orgs)) {
		if keep(c.orgs[code]) {
			list = append(list, c.orgs[code])
		}
	}
	return list
}

// Within reports whether an organisation is root or lies below it.
func (c *Catalog) Within(code, root string) bool {
	for o := range c.Lineage(code) {
		if strings.EqualFold(o.Code, root) {
			return true
		}
	}
	return false
}

// Common returns the nearest organisation that has both of two at or below it.
func (c *Catalog) Common(a, b string) string {
	for o := range c.Lineage(a) {
		if c.Within(b, o.Code) {
			return o.Code
		}
	}
	return Master
}

// Settings returns what is in force in an organisation.
func (c *Catalog) Settings(code string) Settings { return c.settings[code] }

// Domain finds a domain by its stored name.
func (c *Catalog) Domain(name string) (*Domain, bool) {
	d, ok := c.domains[name]
	return d, ok
}

// DirectoryOnly reports whether a domain takes mail only for users of directory
// synchronisation.
func (c *Catalog) DirectoryOnly(name string) bool {
	d, ok := c.domains[name]
	return ok && d.Validation == "directory"
}

// Domains returns all domains of the organisations at and below a code, by name.
func (c *Catalog) Domains(root string) (list []*Domain) {
	for _, name := range slices.Sorted(maps.Keys(c.domains)) {
		if d := c.domains[name]; c.Within(d.Org, root) {
			list = append(list, d)
		}
	}
	return list
}

// usable reports whether users of an organisation may have addresses in a
// domain: one of its own, or of an organisation above that has not closed it.
func (c *Catalog) usable(d *Domain, org string) bool {
	return d.Org == org || !d.Closed && c.Within(org, d.Org)
}

// KnowsDomain reports whether there is a domain for an actor who gives it to an organisation or
// its users: they may read it, or it can be used there.
func (c *Catalog) KnowsDomain(a Actor, name, org string) bool {
	d, ok := c.Domain(name)
	return ok && (c.Within(d.Org, a.Org) || c.usable(d, org))
}

// usableDomains returns the domains that users of an organisation may use.
func (c *Catalog) usableDomains(org string) (names []string) {
	for _, name := range slices.Sorted(maps.Keys(c.domains)) {
		if c.usable(c.domains[name], org) {
			names = append(names, name)
		}
	}
	return names
}

// generationDomain is the domain of generated addresses of an organisation:
// its default domain or that of the nearest organisation above, else the only
// one that it can use. None is "".
func (c *Catalog) generationDomain(org string) string {
	if name := c.Settings(org).DefaultDomain; name != "" {
		return name
	}
	if names := c.usableDomains(org); len(names) == 1 {
		return names[0]
	}
	return ""
}

// Groups returns the groups of the organisations at and below a code, by
// organisation and path.
func (c *Catalog) Groups(root string) (list []*Group) {
	for _, g := range c.groups {
		if c.Within(g.Org, root) {
			list = append(list, g)
		}
	}
	slices.SortFunc(list, func(a, b *Group) int {
		return cmp.Or(cmp.Compare(a.Org, b.Org), cmp.Compare(fold(a.Path), fold(b.Path)))
	})
	return list
}

// Group finds a group by its path, in any case: in an organisation, then in
// each one above it.
func (c *Catalog) Group(org, path string) (*Group, bool) {
	for o := range c.Lineage(org) {
		if g := c.byPath[groupAt(o.Code, path)]; g != nil {
			return g, true
		}
	}
	return nil, false
}

// groupPaths returns the paths that Group would find for an organisation, of groups at or below
// root.
func (c *Catalog) groupPaths(root, org string) (paths []string) {
	for _, g := range c.groups {
		if c.Within(org, g.Org) && c.Within(g.Org, root) {
			paths = append(paths, g.Path)
		}
	}
	slices.Sort(paths)
	return paths
}

func (c *Catalog) orgCodes(root string) (codes []string) {
	for _, o := range c.Organisations(root) {
		codes = append(codes, o.Code)
	}
	return codes
}

// domainNames returns the names, as they are shown, of those domains that keep lets through.
func (c *Catalog) domainNames(keep func(*Domain) bool) (names []string) {
	for name, d := range c.domains {
		if keep(d) {
			names = append(names, mailaddr.DisplayDomain(name))
		}
	}
	slices.Sort(names)
	return names
}

// GroupPath returns the path of a group, or "" where there is none of this id.
func (c *Catalog) GroupPath(id ID) string {
	if g := c.groups[id]; g != nil {
		return g.Path
	}
	return ""
}

// MayPlan tells why an actor may not plan an import into an organisation.
func (c *Catalog) MayPlan(a Actor, org string) error {
	if !a.May(ImportsPlan) {
		return a.Lacks(ImportsPlan)
	}
	return c.covers(a, org)
}
