package app

import (
	"context"
	"errors"
	"fmt"

	"muster/internal/cli"
	"muster/internal/config"
	"muster/internal/store"
)

// migrate tells how far the schema of the database is, and with up brings it up to
// date first; fresh tells whether a fresh database may be set up.
func migrate(ctx context.Context, c *config.Config, up, fresh bool) (schema cli.Schema, err error) {
	if up {
		a, err := New(ctx, c, fresh)
		if err != nil {
			return schema, err
		}
		schema.Note = a.Note
		if err := a.Close(); err != nil {
			return schema, err
		}
	}
	place, err := store.Find(c.Text("database"))
	if err != nil {
		return schema, err
	}
	s, err := store.Open(ctx, c.Text("database"), store.AsItIs())
	if errors.Is(err, store.ErrNotThere) {
		return schema, fmt.Errorf("%w at %s; muster migrate up sets one up", err, place.Shown)
	}
	if err != nil {
		return schema, fmt.Errorf("the database %s cannot be opened: %w", place.Shown, err)
	}
	schema.Has, schema.Needs, err = s.Schema(ctx)
	return schema, errors.Join(err, s.Close())
}
