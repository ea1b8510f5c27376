package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"time"

	"muster/internal/backup"
	"muster/internal/cli"
	"muster/internal/config"
	"muster/internal/directory"
	"muster/internal/history"
	"muster/internal/secret"
	"muster/internal/store"
)

// Restore brings a backup into the database that the configuration names, which
// is set up where it is not there and else has nothing in it. The key that belongs
// to the backup has to be in its place before: without it, what is sealed would be
// lost. A backup that can be read twice is read to its end before anything is set
// up, so that one which is not whole leaves nothing behind. The note is that of App.
func Restore(ctx context.Context, c *config.Config, from io.Reader, report func(done, total int64)) (b *backup.Summary, note string, err error) {
	r, err := readWhole(from)
	if err != nil {
		return nil, "", err
	}
	name := c.Text("database")
	place, err := store.Find(name)
	if err != nil {
		return nil, "", cli.Unreachable(err)
	}
	there, err := vacant(ctx, name)
	if err != nil {
		return nil, "", err
	}
	if err := fitsKey(r.Head(), keyFile(c, place)); err != nil {
		return nil, "", cli.Unreachable(err)
	}
	s, err := store.Create(ctx, name)
	if err != nil {
		return nil, "", err
	}
	if !there {
		note = setUp + place.Shown
	}
	if b, err = s.Restore(ctx, r, report); err == nil {
		d := &directory.Service{Store: s, Now: time.Now}
		err = errors.Join(d.Note(ctx, directory.Operator("command"), directory.BackupsMake, "database", "restore"),
			history.WitnessOf(keyFile(c, place)).Forget())
	}
	return b, note, errors.Join(err, s.Close())
}

// readWhole returns a backup to be read, of which it is known, if that is possible,
// that it is whole.
func readWhole(from io.Reader) (*backup.Reader, error) {
	r, err := backup.NewReader(from)
	if err != nil {
		return nil, err
	}
	if err := store.Fits(r.Head()); err != nil {
		return nil, err
	}
	again, ok := from.(io.Seeker)
	if !ok {
		return r, nil
	}
	if err := r.Verify(); err != nil {
		return nil, err
	}
	if _, err := again.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	return backup.NewReader(from)
}

// vacant tells whether there is a database; one that has something in it is an error.
// This is asked before the key is looked at: nobody is to be told to replace the
// key of a directory.
func vacant(ctx context.Context, name string) (there bool, err error) {
	s, err := store.Open(ctx, name)
	if errors.Is(err, store.ErrNotThere) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return true, errors.Join(s.Fresh(ctx), s.Close())
}

// fitsKey returns no error where the key is the one whose fingerprint a backup has.
func fitsKey(h backup.Head, path string) error {
	if h.Key == "" {
		return nil
	}
	key, err := secret.Load(path)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("the secret key of the backup is missing; put it to %s, with mode 0600, or name its place with MUSTER_SECRET_KEY_FILE", path)
	}
	if err == nil && key.Fingerprint() != h.Key {
		err = fmt.Errorf("the secret key %s is not that of the backup; put the right one there, or name its place with MUSTER_SECRET_KEY_FILE", path)
	}
	return err
}
