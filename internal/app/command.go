package app

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"time"

	"muster/internal/access"
	"muster/internal/cli"
	"muster/internal/config"
	"muster/internal/directory"
	"muster/internal/store"
)

// Command runs the command line in a process, and returns its exit status. The
// process needs Args, Env and its files; how to reach the services is filled in.
func Command(ctx context.Context, p *cli.Process) int {
	p.Scratch, p.Unavailable, p.Examine, p.Migrate = openScratch, store.Reason, Examine, migrate
	p.Open = func(ctx context.Context, c *config.Config, fresh bool) (*cli.Core, error) {
		return openCore(ctx, c, fresh, p.Version)
	}
	p.Restore = Restore
	p.Missing = func(err error) bool { return errors.Is(err, store.ErrNotThere) }
	return cli.Run(ctx, p)
}

// openScratch opens a directory without users that nobody else sees.
func openScratch(ctx context.Context) (*cli.Core, error) {
	folder, err := os.MkdirTemp("", "muster-")
	if err != nil {
		return nil, err
	}
	s, err := store.Create(ctx, "sqlite:"+filepath.Join(folder, "muster.db"))
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(folder))
	}
	d := &directory.Service{Store: s, Now: time.Now}
	return &cli.Core{Directory: d, Access: &access.Service{Store: s, Directory: d, Now: time.Now},
		Close: func() error { return errors.Join(s.Close(), os.RemoveAll(folder)) }}, nil
}

func openCore(ctx context.Context, c *config.Config, fresh bool, version string) (*cli.Core, error) {
	a, err := New(ctx, c, fresh)
	if err != nil {
		return nil, err
	}
	a.Version = version
	return &cli.Core{Directory: a.Directory, Importer: a.Importer, Access: a.Access, Backup: a.Store.Backup, KeyFile: a.keyFile, History: a.History, ChangeKey: a.ChangeKey, Note: a.Note, Enqueue: a.Enqueue, Work: a.Work, Serve: a.Serve, Close: a.Close}, nil
}
