// Package importertest gives tests a Muster of their own: a real database with the
// organisation RX1, its domain example.org and whatever else a test adds. It is one
// of SQLite in a temporary folder, or with MUSTER_TEST_DATABASE=postgres one of a real
// PostgreSQL, so that every test that has a World is a test of both engines.
package importertest

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"muster/internal/access"
	"muster/internal/directory"
	"muster/internal/importer"
	"muster/internal/password"
	"muster/internal/secret"
	"muster/internal/store"
	"muster/internal/table"
)

// TB is what a World needs of a test; those of package testing and of rapid
// have it.
type TB interface {
	Helper()
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
	Fatal(args ...any)
	Cleanup(func())
}

// World is one Muster.
type World struct {
	T         TB
	Database  string // as MUSTER_DATABASE names it
	Store     *store.Store
	Directory *directory.Service
	Importer  *importer.Service
	Access    *access.Service
	Now       time.Time // what the services take for the present

	clock sync.Mutex
	behind
}

// Cheap makes hashes that cost nothing, for tests that are not about their cost.
var Cheap = password.Params{MemoryKiB: 64, Time: 1, Threads: 1}

// New makes a Muster with organisation RX1 and domain example.org.
func New(t TB) *World {
	t.Helper()
	made.Do(func() { fresh(t) })
	return open(t, template.again(t), key, time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC))
}

// In makes a Muster with organisation RX1 and domain example.org in a database that
// is not set up yet, on whichever engine.
func In(t TB, name string) *World {
	t.Helper()
	key, err := secret.Create(filepath.Join(folder(t), "secret.key"))
	if err != nil {
		t.Fatal(err)
	}
	w := open(t, name, key, time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC))
	w.Org("RX1", directory.Master)
	w.Domain("example.org", "RX1")
	return w
}

// Every World begins as a copy of the one that is set up first: its database and
// key.
var (
	made     sync.Once
	template saved
	key      *secret.Key
)

// fresh makes the first one. On a server it is copied there, so it stays.
func fresh(t TB) {
	t.Helper()
	w := In(t, Database(original(t)))
	key = w.Importer.Key
	w.must(w.Store.Close()) // on SQLite this brings all into the one file
	template = save(t, w.Database)
}

func original(t TB) TB {
	if onServer() {
		return forever{t}
	}
	return t
}

func folder(t TB) string {
	t.Helper()
	folder, err := os.MkdirTemp("", "muster")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(folder) })
	return folder
}

func open(t TB, name string, key *secret.Key, at time.Time) *World {
	t.Helper()
	w := &World{T: t, Database: name, Now: at}
	var err error
	w.Store, err = store.Create(context.Background(), name)
	w.must(err)
	t.Cleanup(func() { w.Store.Close() })
	w.Directory = &directory.Service{Store: w.Store, Key: key, Hashing: Cheap, Now: w.now}
	w.Importer = &importer.Service{Store: w.Store, Key: key, Hashing: Cheap, Limits: table.DefaultLimits(), PlanDays: 7, Batch: 500, Now: w.now}
	w.Access = &access.Service{Store: w.Store, Directory: w.Directory, Key: key, Limits: access.DefaultLimits, Lasting: access.DefaultLasting, Now: w.now}
	return w
}

// Copy makes another Muster that has the same in it. Nobody works on this one
// meanwhile.
func (w *World) Copy() *World {
	w.T.Helper()
	other := CopyOf(w.T, w.Database, w.Importer.Key, w.Now)
	other.Importer.Batch = w.Importer.Batch
	return other
}

// CopyOf makes a Muster that has the same in it as a database, on which nobody
// works meanwhile.
func CopyOf(t TB, name string, key *secret.Key, now time.Time) *World {
	t.Helper()
	return open(t, save(t, name).again(t), key, now)
}

// now moves on a little each time that it is asked.
func (w *World) now() time.Time {
	w.clock.Lock()
	defer w.clock.Unlock()
	w.Now = w.Now.Add(time.Millisecond)
	return w.Now
}

// Another is the importer of another process that works on the same database.
func (w *World) Another() *importer.Service {
	w.T.Helper()
	s, err := store.Open(context.Background(), w.Database)
	w.must(err)
	w.T.Cleanup(func() { s.Close() })
	another := *w.Importer
	another.Store = s
	return &another
}

func (w *World) must(err error) {
	w.T.Helper()
	if err != nil {
		w.T.Fatal(err)
	}
}

// Operator is the actor who may do everything.
var Operator = directory.Operator("test")

// Org adds an organisation.
func (w *World) Org(code, parent string) {
	w.T.Helper()
	w.must(w.Directory.AddOrganisation(context.Background(), Operator, directory.Organisation{Code: code, Name: code, Parent: parent}))
}

// Settings changes the settings of an organisation.
func (w *World) Settings(code string, edit func(*directory.Settings)) {
	w.T.Helper()
	w.must(w.Directory.SetOrganisation(context.Background(), Operator, code, func(o *directory.Organisation) { edit(&o.Settings) }))
}

// Domain adds a domain.
func (w *World) Domain(name, org string) {
	w.T.Helper()
	w.must(w.Directory.AddDomain(context.Background(), Operator, directory.Domain{Name: name, Org: org, Validation: "known"}))
}

// Group adds a group.
func (w *World) Group(org, path string) {
	w.T.Helper()
	w.must(w.Directory.AddGroup(context.Background(), Operator, org, path))
}

// Add adds a user by hand; values are pairs of a field's name and its value.
func (w *World) Add(address, org string, values ...string) *directory.User {
	w.T.Helper()
	r := Record(append([]string{"address", address, "org", org}, values...)...)
	_, _, err := w.Directory.AddUser(context.Background(), Operator, r, directory.Options{})
	w.must(err)
	return w.User(address)
}

// Set changes a user by hand.
func (w *World) Set(address string, values ...string) {
	w.T.Helper()
	_, _, err := w.Directory.SetUser(context.Background(), Operator, Record(append([]string{"address", address}, values...)...))
	w.must(err)
}

// Record makes a record of pairs of a field's name and its value; "alias",
// "group" and "delegate" may come many times; "account" is an e-mail account by type
// and address, and "account.user" a value of it.
func Record(pairs ...string) *directory.Record {
	r := &directory.Record{}
	for i := 0; i+1 < len(pairs); i += 2 {
		name, value := pairs[i], pairs[i+1]
		item := directory.Item{Text: value, Column: name}
		switch f, ok := directory.FieldNamed(name); {
		case ok:
			r.Values[f] = value
		case name == "id":
			r.ID = value
		case name == "rename_to":
			r.RenameTo = value
		case name == "alias":
			r.Aliases.Items = append(r.Aliases.Items, item)
		case name == "group":
			r.Groups.Items = append(r.Groups.Items, item)
		case name == "delegate":
			r.Delegates.Items = append(r.Delegates.Items, item)
		case name == "without alias":
			r.Aliases.Without = append(r.Aliases.Without, item)
		case name == "without group":
			r.Groups.Without = append(r.Groups.Without, item)
		case name == "without delegate":
			r.Delegates.Without = append(r.Delegates.Without, item)
		case name == "account":
			key := directory.AccountNamed(value)
			r.Account = &directory.AccountWish{Type: key.Type, Address: key.Address}
		case strings.HasPrefix(name, "account."):
			giveAccount(r.Account, strings.TrimPrefix(name, "account."), value)
		default:
			r.Attributes = append(r.Attributes, directory.Attribute{Name: strings.TrimPrefix(name, "attr."), Value: value})
		}
	}
	return r
}

func giveAccount(w *directory.AccountWish, name, value string) {
	for _, s := range directory.AccountSpecs(w.Type) {
		if s.Name == name {
			w.Values[s.Field] = secret.Text(value)
		}
	}
}

// User returns a user, who must exist.
func (w *World) User(name string) *directory.User {
	w.T.Helper()
	u, err := w.Directory.User(context.Background(), Operator, name)
	w.must(err)
	return u
}

// Has reports whether there is such a user.
func (w *World) Has(name string) bool {
	_, err := w.Directory.User(context.Background(), Operator, name)
	return err == nil
}

// Users returns the addresses of all users who are not deleted.
func (w *World) Users() (addresses []string) {
	w.T.Helper()
	w.must(w.Directory.Users(context.Background(), Operator, directory.Filter{}, func(u *directory.User) error {
		addresses = append(addresses, u.Get(directory.Address))
		return nil
	}))
	return addresses
}

// Plan uploads and plans a file.
func (w *World) Plan(file string, o importer.Options) *importer.Import {
	w.T.Helper()
	return w.PlanAs(Operator, file, o)
}

// PlanAs is Plan in somebody's name.
func (w *World) PlanAs(actor directory.Actor, file string, o importer.Options) *importer.Import {
	w.T.Helper()
	imp, err := w.Importer.Upload(context.Background(), actor, "people.csv", strings.NewReader(file), o)
	w.must(err)
	imp, err = w.Importer.Plan(context.Background(), imp.Number)
	w.must(err)
	return imp
}

// Apply applies a plan, which must succeed.
func (w *World) Apply(imp *importer.Import) *importer.Import {
	w.T.Helper()
	done, err := w.Importer.Apply(context.Background(), Operator, imp.Number, imp.ConfirmCount())
	w.must(err)
	return done
}

// Rows returns the rows of an import.
func (w *World) Rows(imp *importer.Import) (rows []*importer.Row) {
	w.T.Helper()
	w.must(w.Importer.Rows(context.Background(), Operator, imp.Number, importer.RowFilter{}, func(_ *importer.Import, r *importer.Row, _ string) error {
		rows = append(rows, r)
		return nil
	}))
	return rows
}

// Results returns the results file of an import.
func (w *World) Results(imp *importer.Import, failedOnly bool) string {
	w.T.Helper()
	var b strings.Builder
	w.must(w.Importer.Results(context.Background(), Operator, imp.Number, failedOnly, &b))
	return b.String()
}
