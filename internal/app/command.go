package app

import (
	"context"

	"muster/internal/cli"
	"muster/internal/config"
	"muster/internal/store"
)

// Command runs the command line in a process, and returns its exit status. The
// process needs Args, Env and its files; how to reach the services is filled in.
func Command(ctx context.Context, p *cli.Process) int {
	p.Open, p.Unavailable, p.Examine = openCore, store.Unavailable, Examine
	return cli.Run(ctx, p)
}

func openCore(ctx context.Context, c *config.Config, fresh bool) (*cli.Core, error) {
	a, err := New(ctx, c, fresh)
	if err != nil {
		return nil, err
	}
	return &cli.Core{Directory: a.Directory, Importer: a.Importer, Note: a.Note, Close: a.Close}, nil
}
