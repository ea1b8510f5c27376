// Package app wires Muster together: it opens the database and the secret key
// that the configuration names, and gives the services to the doors. Only it
// knows where users are kept.
//
// Most commands open what is there; one that makes the first things of a
// directory, or plans a file, sets up what is missing. The key belongs to its database, which keeps the key's
// fingerprint: another key opens nothing, and where the file of the key is
// lost none is made in its place, because it could not open what the lost one
// has sealed. Several processes may start on an empty folder at the same
// moment: each step is either there or made, and whoever comes second takes
// what the first has made.
package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"muster/internal/access"
	"muster/internal/config"
	"muster/internal/directory"
	"muster/internal/format"
	"muster/internal/history"
	"muster/internal/importer"
	"muster/internal/password"
	"muster/internal/secret"
	"muster/internal/store"
	"muster/internal/table"
	"muster/internal/work"
)

// App is Muster at work on one database.
type App struct {
	Directory *directory.Service
	Importer  *importer.Service
	Access    *access.Service
	Store     *store.Store
	Key       *secret.Key
	History   *history.Sealer
	Version   string // of the program
	Note      string // what New has set up, for people; "" where all was there

	breached *password.BreachFile
	keyFile  string
	workers  int
	config   *config.Config
	queue    atomic.Pointer[work.Queue] // of this process, while it works
}

// New opens what the configuration names. Where there is no database, it is
// set up if fresh says so; else the error says that there is none.
func New(ctx context.Context, c *config.Config, fresh bool) (*App, error) {
	a := &App{workers: c.Number("workers"), config: c}
	if err := a.open(ctx, c, fresh); err != nil {
		return nil, errors.Join(err, a.Close())
	}
	hashing := password.Params{MemoryKiB: uint32(c.Number("hashing.memory_mib")) << 10, Time: uint32(c.Number("hashing.time")),
		Threads: uint8(c.Number("hashing.threads"))}
	gate := password.NewGate()
	a.Directory = &directory.Service{Store: a.Store, Key: a.Key, Hashing: hashing, Gate: gate, Now: time.Now}
	a.Importer = &importer.Service{Store: a.Store, Key: a.Key, Hashing: hashing, Gate: gate, Limits: limits(c), FormatRows: formatRows(c),
		PlanDays: c.Number("plan_days"), Batch: c.Number("batch"), Wait: wait(c), Now: time.Now}
	a.History = &history.Sealer{Store: a.Store, Key: a.Key, Witness: history.WitnessOf(a.keyFile), Now: time.Now}
	a.Access = &access.Service{Store: a.Store, Directory: a.Directory, Key: a.Key, Gate: gate, Limits: attempts(c), Lasting: lasting(c), Now: time.Now}
	if a.breached != nil { // a nil *BreachFile would be a list that is there
		a.Directory.Breached, a.Importer.Breached = a.breached, a.breached
	}
	return a, nil
}

// open opens the list of breached passwords first: where it is missing, nothing
// is set up.
func (a *App) open(ctx context.Context, c *config.Config, fresh bool) (err error) {
	if path := c.Text("breach_file"); path != "" {
		if a.breached, err = password.OpenBreachFile(path); err != nil {
			return err
		}
	}
	name := c.Text("database")
	place, err := store.Find(name)
	if err != nil {
		return err
	}
	a.Store, err = store.Open(ctx, name, store.Wait(wait(c)))
	if errors.Is(err, store.ErrNotThere) {
		if !fresh {
			return fmt.Errorf("%w at %s; muster org add, muster domain add and muster plan set one up", err, place.Shown)
		}
		a.Store, err = store.Create(ctx, name, store.Wait(wait(c)))
		a.Note = setUp + place.Shown
	}
	if err != nil {
		return fmt.Errorf("the database %s cannot be opened: %w", place.Shown, err)
	}
	a.keyFile = keyFile(c, place)
	if a.Key, err = openKey(ctx, a.Store, a.keyFile); err == nil {
		a.Store.UseKey(a.Key.Fingerprint())
	}
	return err
}

const setUp = "A new database was set up: "

func wait(c *config.Config) time.Duration { return time.Duration(c.Number("wait")) * time.Second }

// keyFile is where the key is: where the configuration says, else beside the
// database, and with a server in the folder where that would be.
func keyFile(c *config.Config, database store.Place) string {
	if path := c.Text("secret_key_file"); path != "" {
		return path
	}
	folder := "muster-data"
	if database.File != "" {
		folder = filepath.Dir(database.File)
	}
	return filepath.Join(folder, "secret.key")
}

// keyFact is the name under which the database keeps its key's fingerprint.
const keyFact = "key"

// openKey loads the key of a database, or makes it for one that has none.
func openKey(ctx context.Context, s *store.Store, path string) (*secret.Key, error) {
	print, err := s.Fact(ctx, keyFact)
	if err != nil {
		return nil, err
	}
	key, err := secret.Load(path)
	if errors.Is(err, fs.ErrNotExist) && print == "" {
		key, err = makeKey(path)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("the secret key %s of the database is missing; put it back from your backup, or name its place with MUSTER_SECRET_KEY_FILE", path)
	}
	if err != nil {
		return nil, err
	}
	if print == "" {
		if print, err = keepPrint(ctx, s, key); err != nil {
			return nil, err
		}
	}
	if print != key.Fingerprint() {
		key, err = changedKey(ctx, s, path)
	}
	if errors.Is(err, errOtherKey) {
		return nil, fmt.Errorf("the secret key %s is not that of the database; put the right one back from your backup, or name its place with MUSTER_SECRET_KEY_FILE", path)
	}
	return key, err
}

// makeKey makes the key, unless another process has done so just now.
func makeKey(path string) (*secret.Key, error) {
	key, err := secret.Create(path)
	if errors.Is(err, fs.ErrExist) {
		return secret.Load(path)
	}
	return key, err
}

// keepPrint keeps the fingerprint, unless another process has kept one just
// now, and returns the one that is kept.
func keepPrint(ctx context.Context, s *store.Store, key *secret.Key) (string, error) {
	keeping := s.SetFact(ctx, keyFact, key.Fingerprint())
	print, err := s.Fact(ctx, keyFact)
	if err == nil && print == "" {
		err = keeping
	}
	return print, err
}

func limits(c *config.Config) table.Limits {
	l := table.DefaultLimits()
	l.Rows, l.Columns, l.CellBytes = c.Number("limits.rows"), c.Number("limits.columns"), c.Number("limits.cell_kib")<<10
	return l
}

// attempts are the failed sign-ins that are let through.
func attempts(c *config.Config) access.Limits {
	return access.Limits{Account: c.Number("sign_in.per_account"), Client: c.Number("sign_in.per_client")}
}

// lasting is how long users stay signed in.
func lasting(c *config.Config) access.Lasting {
	return access.Lasting{Idle: time.Duration(c.Number("session.idle_minutes")) * time.Minute, Longest: time.Duration(c.Number("session.hours")) * time.Hour}
}

// formatRows are the most rows of a file of each format.
func formatRows(c *config.Config) map[string]int {
	most := map[string]int{}
	for _, f := range format.All() {
		most[f.Name] = c.Number(config.FormatLimit(f.Name))
	}
	return most
}

// background goes on with imports, and seals the history, until ctx ends.
func (a *App) background(ctx context.Context, log *slog.Logger) error {
	q, err := work.Open(ctx, a.Store, a.Importer, a.workers, log)
	if err != nil {
		return err
	}
	a.queue.Store(q)
	defer a.queue.Store(nil)
	var sealing sync.WaitGroup
	sealing.Go(func() { a.History.Run(ctx, log) })
	err = q.Run(ctx)
	sealing.Wait()
	return errors.Join(err, q.Close())
}

// Enqueue tells those who work in the background of an import, so that they need
// not find it by themselves.
func (a *App) Enqueue(ctx context.Context, imp *importer.Import) error {
	if q := a.queue.Load(); q != nil {
		return q.Enqueue(ctx, imp)
	}
	q, err := work.Open(ctx, a.Store, a.Importer, a.workers, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	return errors.Join(q.Enqueue(ctx, imp), q.Close())
}

// Close closes what New has opened.
func (a *App) Close() error {
	var errs []error
	if a.Store != nil {
		errs = append(errs, a.Store.Close())
	}
	if a.breached != nil {
		errs = append(errs, a.breached.Close())
	}
	return errors.Join(errs...)
}
