package work

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivermigrate"
)

// A job is never thought lost by its age alone while it may still run: that a
// process has died is known by the lease. River's own time limits only clean its
// table up.
const (
	jobLimit = 24 * time.Hour
	jobLost  = jobLimit + time.Hour
)

// config is how River works here.
func (q *Queue) config(workers int) *river.Config {
	kinds := river.NewWorkers()
	river.AddWorker(kinds, &worker{queue: q})
	return &river.Config{
		Queues:               map[string]river.QueueConfig{smallLane: {MaxWorkers: workers}, largeLane: {MaxWorkers: workers}},
		Workers:              kinds,
		Logger:               slog.New(warnings{q.log.Handler()}),
		RetryPolicy:          backoff{},
		JobTimeout:           jobLimit,
		RescueStuckJobsAfter: jobLost,
	}
}

// warnings lets through what is worth a warning. What River calls an error is one, too: it goes
// on by itself, and where the database is away Muster says so. That a worker panicked stays an error.
type warnings struct{ slog.Handler }

// Handle writes a record, at most as a warning.
func (w warnings) Handle(ctx context.Context, r slog.Record) error {
	if r.Level > slog.LevelWarn && !strings.Contains(r.Message, "panic") {
		r.Level = slog.LevelWarn
	}
	return w.Handler.Handle(ctx, r)
}

func (w warnings) Enabled(ctx context.Context, l slog.Level) bool {
	return l >= slog.LevelWarn && w.Handler.Enabled(ctx, l)
}
func (w warnings) WithAttrs(attrs []slog.Attr) slog.Handler {
	return warnings{w.Handler.WithAttrs(attrs)}
}
func (w warnings) WithGroup(name string) slog.Handler { return warnings{w.Handler.WithGroup(name)} }

// connect opens River where it belongs: beside the tables of a server, or in a
// file beside the database. Only this process tells River there of new jobs, so
// it looks for those of others once in a while.
func (q *Queue) connect(ctx context.Context, c *river.Config) (err error) {
	if pool := q.store.Pool(); pool != nil {
		q.river, err = start(ctx, q, riverpgxv5.New(pool), c)
		return err
	}
	if q.file, err = openFile(q.store.File() + "-jobs"); err != nil {
		return err
	}
	c.PollOnly, c.FetchPollInterval = true, 500*time.Millisecond
	q.river, err = start(ctx, q, riversqlite.New(q.file), c)
	return err
}

// openFile opens the file of the queue, for its owner only. What is in it may be
// lost, so nobody waits for the disk.
func openFile(path string) (*sql.DB, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("the file of the queue cannot be opened: %w", err)
	}
	if err := f.Close(); err != nil {
		return nil, err
	}
	q := url.Values{"_txlock": {"immediate"}, "_pragma": {"busy_timeout(10000)", "journal_mode(WAL)", "synchronous(NORMAL)", "foreign_keys(ON)"}}
	db, err := sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+"?"+q.Encode())
	if err == nil {
		db.SetMaxOpenConns(1)
	}
	return db, err
}

// start brings River's tables up to date, which one process does at a time, and
// makes a client.
func start[T any](ctx context.Context, q *Queue, d riverdriver.Driver[T], c *river.Config) (client, error) {
	m, err := rivermigrate.New(d, &rivermigrate.Config{Logger: c.Logger})
	if err != nil {
		return nil, err
	}
	err = q.store.SettingUp(ctx, func() error {
		_, err := m.Migrate(ctx, rivermigrate.DirectionUp, nil)
		return err
	})
	if err != nil {
		return nil, err
	}
	return river.NewClient(d, c)
}
