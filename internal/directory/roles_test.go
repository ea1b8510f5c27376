package directory_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"muster/internal/directory"
	"muster/internal/importer/importertest"
)

// attempt is one try of one operation: by an actor, on something of an
// organisation that no other attempt touches.
type attempt struct {
	*importertest.World
	actor  directory.Actor
	org    string
	domain string // of its addresses
	n      int
}

func (a *attempt) name(kind string) string { return fmt.Sprintf("%s%d", kind, a.n) }

func (a *attempt) address(kind string) string { return a.name(kind) + "@" + a.domain }

func (a *attempt) user(values ...string) string {
	a.Add(a.address("user"), a.org, values...)
	return a.address("user")
}

// set changes a fresh user.
func (a *attempt) set(values ...string) error {
	return a.setUser(a.user(), values...)
}

func (a *attempt) setUser(address string, values ...string) error {
	_, _, err := a.Directory.SetUser(context.Background(), a.actor, record(append([]string{"address", address}, values...)...))
	return err
}

func (a *attempt) add(values ...string) error {
	values = append([]string{"address", a.address("new"), "org", a.org}, values...)
	_, _, err := a.Directory.AddUser(context.Background(), a.actor, record(values...), directory.Options{})
	return err
}

// after changes a fresh user as the operator first.
func (a *attempt) after(status string, values ...string) error {
	address := a.user()
	a.Set(address, "status", status)
	return a.setUser(address, values...)
}

func (a *attempt) group() string {
	a.Group(a.org, a.name("group"))
	return a.name("group")
}

func (a *attempt) attribute() string {
	if err := a.Directory.AddAttribute(context.Background(), importertest.Operator, a.name("attribute")); err != nil {
		a.T.Fatal(err)
	}
	return a.name("attribute")
}

func (a *attempt) freshDomain() string {
	a.Domain(a.name("d")+".example", a.org)
	return a.name("d") + ".example"
}

func (a *attempt) freshOrg() string {
	a.Org(a.name("ORG"), a.org)
	return a.name("ORG")
}

// format adds a format to the organisation of the attempt.
func (a *attempt) format() string {
	_, err := a.Directory.PutFormat(context.Background(), directory.Operator("test"), directory.FormatText{Org: a.org, Name: a.name("f"), Text: "name"})
	if err != nil {
		a.T.Fatal(err)
	}
	return a.name("f")
}

// operations are all that the directory offers, by the name in testdata/roles.txt.
var operations = map[string]func(*attempt) error{
	"AddUser":          func(a *attempt) error { return a.add() },
	"AddUser/role":     func(a *attempt) error { return a.add("role", "Helpdesk") },
	"SetUser/field":    func(a *attempt) error { return a.set("title", "Dr") },
	"SetUser/password": func(a *attempt) error { return a.set("password", good, "must_change_password", "true") },
	"SetUser/account":  func(a *attempt) error { return a.set("account", "exchange ann@corp.example", "account.user", "ann") },
	"SetUser/unlock":   func(a *attempt) error { return a.setUser(a.user("locked", "true"), "locked", "false") },
	"SetUser/lock":     func(a *attempt) error { return a.set("locked", "true") },
	"SetUser/role":     func(a *attempt) error { return a.set("role", "Helpdesk") },
	"SetUser/alias":    func(a *attempt) error { return a.set("alias", a.address("alias")) },
	"SetUser/rename":   func(a *attempt) error { return a.set("rename_to", a.address("renamed")) },
	"SetUser/delegate": func(a *attempt) error {
		a.Add(a.address("box"), a.org)
		return a.set("delegate", a.address("box"))
	},
	"SetUser/group":    func(a *attempt) error { return a.set("group", a.group()) },
	"SetUser/disable":  func(a *attempt) error { return a.set("status", "disabled") },
	"SetUser/leaver":   func(a *attempt) error { return a.set("status", "leaver") },
	"SetUser/join":     func(a *attempt) error { return a.after("leaver", "status", "active") },
	"SetUser/delete":   func(a *attempt) error { return a.set("status", "deleted") },
	"SetUser/restore":  func(a *attempt) error { return a.after("deleted", "status", "active") },
	"SetUser/transfer": func(a *attempt) error { return a.set("org", a.freshOrg()) },
	"May/backup": func(a *attempt) error {
		return a.Directory.May(context.Background(), a.actor, directory.BackupsMake, a.org)
	},
	"User": func(a *attempt) error {
		_, err := a.Directory.User(context.Background(), a.actor, a.user())
		return err
	},
	"Users": func(a *attempt) error {
		return a.Directory.Users(context.Background(), a.actor, directory.Filter{Orgs: []string{a.org}}, func(*directory.User) error { return nil })
	},
	"ExportUsers": func(a *attempt) error {
		return a.Directory.ExportUsers(context.Background(), a.actor, directory.Filter{Orgs: []string{a.org}}, func(*directory.User) error { return nil })
	},
	"History": func(a *attempt) error {
		return a.Directory.History(context.Background(), a.actor, a.user(), func(directory.Entry) error { return nil })
	},
	"Entries": func(a *attempt) error {
		return a.Directory.Entries(context.Background(), a.actor, directory.HistoryFilter{Org: a.org}, func(directory.Entry) error { return nil })
	},
	"Notices": func(a *attempt) error {
		return a.Directory.Notices(context.Background(), a.actor, directory.NoticeFilter{}, func(directory.Notice) error { return nil })
	},
	"UnreadNotices": func(a *attempt) error {
		_, err := a.Directory.UnreadNotices(context.Background(), a.actor)
		return err
	},
	"ReadNotices": func(a *attempt) error {
		_, err := a.Directory.ReadNotices(context.Background(), a.actor, "")
		return err
	},
	"Note": func(a *attempt) error {
		return a.Directory.Note(context.Background(), a.actor, directory.BackupsMake, "database", "backup")
	},
	"AddGroup": func(a *attempt) error {
		return a.Directory.AddGroup(context.Background(), a.actor, a.org, a.name("group"))
	},
	"MoveGroup": func(a *attempt) error {
		a.Group(a.org, a.name("above"))
		return a.Directory.MoveGroup(context.Background(), a.actor, a.org, a.group(), a.name("above"))
	},
	"RenameGroup": func(a *attempt) error {
		return a.Directory.RenameGroup(context.Background(), a.actor, a.org, a.group(), a.name("other"))
	},
	"DeleteGroup": func(a *attempt) error {
		return a.Directory.DeleteGroup(context.Background(), a.actor, a.org, a.group())
	},
	"Members": func(a *attempt) error {
		return a.Directory.Members(context.Background(), a.actor, a.org, a.group(), func(directory.Member) error { return nil })
	},
	"AddMember": func(a *attempt) error {
		return a.Directory.AddMember(context.Background(), a.actor, a.org, a.group(), a.user(), nil)
	},
	"DeleteMember": func(a *attempt) error {
		group := a.group()
		return a.Directory.DeleteMember(context.Background(), a.actor, a.org, group, a.user("group", group))
	},
	"Attributes": func(a *attempt) error {
		_, err := a.Directory.Attributes(context.Background(), a.actor)
		return err
	},
	"AddAttribute": func(a *attempt) error {
		return a.Directory.AddAttribute(context.Background(), a.actor, a.name("attribute"))
	},
	"RenameAttribute": func(a *attempt) error {
		return a.Directory.RenameAttribute(context.Background(), a.actor, a.attribute(), a.name("renamed"))
	},
	"DeleteAttribute": func(a *attempt) error {
		return a.Directory.DeleteAttribute(context.Background(), a.actor, a.attribute())
	},
	"Formats": func(a *attempt) error {
		_, err := a.Directory.Formats(context.Background(), a.actor, a.org)
		return err
	},
	"PutFormat": func(a *attempt) error {
		_, err := a.Directory.PutFormat(context.Background(), a.actor, directory.FormatText{Org: a.org, Name: a.name("f"), Text: "name"})
		return err
	},
	"DeleteFormat": func(a *attempt) error {
		return a.Directory.DeleteFormat(context.Background(), a.actor, a.org, a.format())
	},
	"AddDomain": func(a *attempt) error {
		d := directory.Domain{Name: a.name("d") + ".example", Org: a.org, Validation: "known"}
		return a.Directory.AddDomain(context.Background(), a.actor, d)
	},
	"SetDomain": func(a *attempt) error {
		return a.Directory.SetDomain(context.Background(), a.actor, a.freshDomain(), func(d *directory.Domain) { d.Validation = "any" })
	},
	"DeleteDomain": func(a *attempt) error {
		return a.Directory.DeleteDomain(context.Background(), a.actor, a.freshDomain())
	},
	"AddOrganisation": func(a *attempt) error {
		return a.Directory.AddOrganisation(context.Background(), a.actor, directory.Organisation{Code: a.name("ORG"), Parent: a.org})
	},
	"SetOrganisation": func(a *attempt) error {
		return a.Directory.SetOrganisation(context.Background(), a.actor, a.org, func(o *directory.Organisation) { o.Name = "Other" })
	},
	"DeleteOrganisation": func(a *attempt) error {
		return a.Directory.DeleteOrganisation(context.Background(), a.actor, a.freshOrg())
	},
	"Join": func(a *attempt) error {
		address := a.user()
		a.Set(address, "status", "leaver")
		_, err := a.Directory.Join(context.Background(), a.actor, record("address", address))
		return err
	},
	"Groups": func(a *attempt) error {
		_, err := a.Directory.Groups(context.Background(), a.actor, a.org)
		return err
	},
	"Domains": func(a *attempt) error {
		_, err := a.Directory.Domains(context.Background(), a.actor, a.org)
		return err
	},
	"Organisations": func(a *attempt) error {
		_, err := a.Directory.Organisations(context.Background(), a.actor, a.org)
		return err
	},
	"Catalog": func(a *attempt) error {
		_, err := a.Directory.Catalog(context.Background(), a.actor)
		return err
	},
}

// table is a table of testdata: by row and column.
func table(t *testing.T, name string) map[string]map[string]string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	_, body, _ := strings.Cut(string(text), "\n\n")
	lines := strings.Split(strings.TrimSpace(body), "\n")
	columns, cells := strings.Fields(lines[0]), map[string]map[string]string{}
	for _, line := range lines[1:] {
		fields := strings.Fields(line)
		cells[fields[0]] = map[string]string{}
		for i, mark := range fields[1:] {
			cells[fields[0]][columns[i+1]] = mark
		}
	}
	return cells
}

func everyRole() []string { return append(directory.RoleNames(), "none") }

func roleOf(name string) string {
	if name == "none" {
		return ""
	}
	return name
}

// Every role, and none, tries every operation inside and outside its part of
// the tree.
func TestEveryRoleAgainstEveryOperation(t *testing.T) {
	w := importertest.New(t)
	w.Org("RX1A", "RX1")
	w.Org("RX2", directory.Master)
	w.Domain("two.example", "RX2")
	allowed := table(t, "roles.txt")
	n := 0
	for name, do := range operations {
		if allowed[name] == nil {
			t.Errorf("%s has no row in testdata/roles.txt", name)
			continue
		}
		for _, role := range everyRole() {
			actor := directory.Actor{ID: directory.NewID(), Address: "actor@example.org", Role: roleOf(role), Org: "RX1", Door: "test"}
			mark := allowed[name][role]
			for place, a := range map[string]*attempt{
				"inside":  {World: w, actor: actor, org: "RX1A", domain: "example.org"},
				"outside": {World: w, actor: actor, org: "RX2", domain: "two.example"},
			} {
				n++
				a.n = n
				want := mark == "*" || mark == "+" && place == "inside"
				if err := do(a); (err == nil) != want {
					t.Errorf("%s by %s %s: allowed %v, want %v (%v)", name, role, place, err == nil, want, err)
				} else if err != nil && !refusal(err, name) {
					t.Errorf("%s by %s %s: refused for another reason: %v", name, role, place, err)
				}
			}
		}
	}
	for name := range allowed {
		if operations[name] == nil {
			t.Errorf("testdata/roles.txt has a row %s that is no operation", name)
		}
	}
}

// refusal reports whether an error says that the rights do not suffice, or that
// there is no such thing: whoever may not know is not told. Only what concerns all
// organisations says that it is about more than the actor's.
func refusal(err error, name string) bool {
	return directory.NotAllowed.Is(err) || directory.OrgUnknown.Is(err) || directory.UserUnknown.Is(err) || directory.DomainNotFound.Is(err) ||
		directory.OrgForbidden.Is(err) && slices.Contains([]string{"Note", "RenameAttribute", "DeleteAttribute"}, name)
}

// Each method of the service that an administrator calls has a row.
func TestEveryMethodHasARow(t *testing.T) {
	rows := map[string]bool{}
	for name := range operations {
		method, _, _ := strings.Cut(name, "/")
		rows[method] = true
	}
	service, actor := reflect.TypeFor[*directory.Service](), reflect.TypeFor[directory.Actor]()
	for i := range service.NumMethod() {
		m := service.Method(i)
		byAdministrator := false
		for j := range m.Type.NumIn() {
			byAdministrator = byAdministrator || m.Type.In(j) == actor
		}
		if byAdministrator && !rows[m.Name] {
			t.Errorf("%s has no row in testdata/roles.txt", m.Name)
		}
		delete(rows, m.Name)
	}
	for name := range rows {
		t.Errorf("the service has no method %s", name)
	}
}

// guarded are the changes from which their rights protect administrators.
var guarded = map[string]func(a *attempt, address string) error{
	"password":      func(a *attempt, address string) error { return a.setUser(address, "password", good) },
	"new password":  func(a *attempt, address string) error { return a.setUser(address, "generate", "yes") },
	"unlock":        func(a *attempt, address string) error { return a.setUser(address, "locked", "false") },
	"never expires": func(a *attempt, address string) error { return a.setUser(address, "password_never_expires", "true") },
	"take role":     func(a *attempt, address string) error { return a.setUser(address, "role", "(clear)") },
	"add alias":     func(a *attempt, address string) error { return a.setUser(address, "alias", a.address("more")) },
	"take aliases":  func(a *attempt, address string) error { return a.setUser(address, "alias", "(clear)") },
	"rename":        func(a *attempt, address string) error { return a.setUser(address, "rename_to", a.address("renamed")) },
	"delegate":      func(a *attempt, address string) error { return a.setUser(address, "delegate", a.address("box")) },
	"take delegate": func(a *attempt, address string) error { return a.setUser(address, "delegate", "(clear)") },
	"open mailbox":  func(a *attempt, address string) error { return a.setUser(a.address("box"), "delegate", address) },
	"disable":       func(a *attempt, address string) error { return a.setUser(address, "status", "disabled") },
	"leaver":        func(a *attempt, address string) error { return a.setUser(address, "status", "leaver") },
	"give role": func(a *attempt, address string) error {
		return a.setUser(a.address("box"), "role", a.User(address).Get(directory.Role))
	},
}

// ofHelpdesk are the ones that Helpdesk may make at all; a Basic administrator
// gives and takes no roles.
var ofHelpdesk = map[string]bool{"password": true, "new password": true, "unlock": true}

// Nobody changes the password, lock, role, aliases or delegates of a user who
// holds a permission that they lack, nor gives a role above their own.
func TestNobodyReachesAboveThemselves(t *testing.T) {
	w := importertest.New(t)
	w.Add("old@example.org", "RX1")
	allowed := table(t, "protected.txt")
	n := 0
	for actorRole, targets := range allowed {
		for targetRole, mark := range targets {
			for name, do := range guarded {
				role := strings.Contains(name, "role")
				if actorRole == "Helpdesk" && !ofHelpdesk[name] || role && (actorRole == "Basic" || targetRole == "none") {
					continue
				}
				n++
				a := &attempt{World: w, org: "RX1", domain: "example.org", n: n,
					actor: directory.Actor{ID: directory.NewID(), Address: "actor@example.org", Role: actorRole, Org: "RX1", Door: "test"}}
				a.Add(a.address("box"), "RX1")
				address := a.user("role", roleOf(targetRole), "locked", "true", "alias", a.address("alias"), "delegate", "old@example.org")
				err := do(a, address)
				if (err == nil) != (mark == "+") {
					t.Errorf("%s of %s by %s: allowed %v, want %v (%v)", name, targetRole, actorRole, err == nil, mark == "+", err)
				} else if err != nil && !directory.Protected.Is(err) && !directory.NotAllowed.Is(err) {
					t.Errorf("%s of %s by %s: refused for another reason: %v", name, targetRole, actorRole, err)
				}
			}
		}
	}
}

func TestRoles(t *testing.T) {
	proves(t, []sentence{
		{rule: "a Basic administrator changes nothing of one with a protected role",
			given: func(w *importertest.World) {
				w.Add("full@example.org", "RX1", "role", "Full")
				w.Add("helpdesk@example.org", "RX1", "role", "Helpdesk")
				w.Add("migration@example.org", "RX1", "role", "Migration")
				w.Add("super@example.org", "RX1", "role", "Super")
				w.Org("RX1A", "RX1")
			},
			cases: []example{
				{name: "Full by Basic", by: "set", as: as("Basic", "RX1"), record: p("address", "full@example.org", "title", "Dr"), action: directory.Refuse, issues: p("user-protected@address")},
				{name: "Full by Basic, by file", as: as("Basic", "RX1"), record: p("address", "full@example.org", "title", "Dr"), action: directory.Refuse, issues: p("user-protected@address")},
				{name: "Helpdesk by Basic", by: "set", as: as("Basic", "RX1"), record: p("address", "helpdesk@example.org", "title", "Dr"), action: directory.Update},
				{name: "Super by Full, a field", by: "set", as: as("Full", "RX1"), record: p("address", "super@example.org", "title", "Dr"), action: directory.Update},
				{name: "Super moved by Migration", by: "set", as: as("Migration", "RX1"), record: p("address", "super@example.org", "org", "RX1A"), action: directory.Refuse, issues: p("user-protected@org")},
				{name: "Migration moved by Migration", by: "set", as: as("Migration", "RX1"), record: p("address", "migration@example.org", "org", "RX1A"), action: directory.Update},
			}},
		{rule: "only a Master gives roles by file, and a file gives Basic, Helpdesk and Gateway only",
			given: func(w *importertest.World) {
				w.Add("anna@example.org", "RX1")
				w.Add("ben@example.org", "RX1", "role", "Auditor")
			},
			cases: []example{
				{name: "Basic", record: p("address", "anna@example.org", "role", "basic"), action: directory.Update, changes: p("role: - → Basic")},
				{name: "Helpdesk", record: p("address", "c@example.org", "role", "Helpdesk"), action: directory.Create, has: p("role: - → Helpdesk")},
				{name: "Gateway", record: p("address", "anna@example.org", "role", "Gateway"), action: directory.Update},
				{name: "Full", record: p("address", "anna@example.org", "role", "Full"), action: directory.Refuse, issues: p("role-not-by-file@role")},
				{name: "Full by hand", by: "set", record: p("address", "anna@example.org", "role", "Full"), action: directory.Update},
				{name: "by a Super", as: as("Super", "RX1"), record: p("address", "anna@example.org", "role", "Basic"), action: directory.Refuse, issues: p("role-not-by-file@role")},
				{name: "by a Super, who has it", as: as("Super", "RX1"), record: p("address", "ben@example.org", "role", "Auditor"), action: directory.Unchanged},
				{name: "taken", record: p("address", "ben@example.org", "role", "(clear)"), action: directory.Update, changes: p("role: Auditor → -")},
				{name: "no role", record: p("address", "anna@example.org", "role", "Chief"), action: directory.Refuse, issues: p("value-wrong@role")},
			}},
		{rule: "whoever plans imports may plan changes that others then apply; what needs more than changing users is told at once",
			given: func(w *importertest.World) { w.Add("anna@example.org", "RX1") },
			cases: []example{
				{name: "field", as: as("Helpdesk", "RX1"), record: p("address", "anna@example.org", "title", "Dr"), action: directory.Update},
				{name: "new user", as: as("Helpdesk", "RX1"), record: p("address", "b@example.org"), action: directory.Create},
				{name: "elsewhere", as: as("Helpdesk", "RX2"), record: p("address", "anna@example.org", "title", "Dr"), action: directory.Refuse, issues: p("organisation-forbidden@org")},
				{name: "by one who plans nothing", as: as("Gateway", "RX1"), record: p("address", "anna@example.org", "title", "Dr"), action: directory.Refuse, issues: p("organisation-forbidden@org")},
			}},
	})
}

// An administrator acts while their account works, in their role.
func TestActor(t *testing.T) {
	w := importertest.New(t)
	w.Add("anna@example.org", "RX1", "role", "Basic", "alias", "a@example.org")
	for _, c := range []struct{ name, address, change, want string }{
		{"by address", "anna@example.org", ``, ""},
		{"by alias", "a@example.org", ``, ""},
		{"nobody", "nobody@example.org", ``, "not-allowed"},
		{"inactive", "anna@example.org", `UPDATE users SET status = 'inactive'`, ""},
		{"disabled", "anna@example.org", `UPDATE users SET status = 'disabled'`, "not-allowed"},
		{"locked", "anna@example.org", `UPDATE users SET status = 'active', locked = true`, "not-allowed"},
		{"locked for a while", "anna@example.org", `UPDATE users SET locked = false, locked_until = 1900000000000000`, "not-allowed"},
		{"no longer", "anna@example.org", `UPDATE users SET locked_until = 1000000`, ""},
		{"without a role", "anna@example.org", `UPDATE users SET role = ''`, "not-allowed"},
	} {
		if c.change != "" {
			write(w, c.change)
		}
		actor, err := w.Directory.Actor(t.Context(), c.address, "console")
		expectCode(t, c.name, err, c.want)
		if err == nil && (actor.Role != "Basic" || actor.Org != "RX1" || actor.Door != "console" || actor.Address != "anna@example.org") {
			t.Errorf("%s: the actor is %+v", c.name, actor)
		}
	}
}
