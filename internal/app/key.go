package app

import (
	"context"
	"errors"
	"io/fs"

	"muster/internal/directory"
	"muster/internal/secret"
	"muster/internal/store"
)

var errOtherKey = errors.New("the key is not that of the database")

// changedKey returns the key of a database where the file has another one: a change of
// the key (ChangeKey) was cut off before the new one took its place, or is being made
// just now.
func changedKey(ctx context.Context, s *store.Store, path string) (*secret.Key, error) {
	print, err := s.Fact(ctx, keyFact)
	if err != nil {
		return nil, err
	}
	key, err := secret.Load(secret.Beside(path, print))
	if err == nil && key.Fingerprint() == print {
		// Where that is not allowed, or was done meanwhile, this one is the right one all the same.
		_ = secret.Replace(path, print)
		return key, nil
	}
	if key, err = secret.Load(path); err == nil && key.Fingerprint() != print {
		err = errOtherKey
	}
	return key, err
}

// ChangeKey makes a new key and seals with it all that the old one has sealed. It
// returns how many values these were. It may be cut off at any moment: until all is
// sealed anew the old key holds, and from then on the new one, which is found beside it.
// Other processes that have the old key can write nothing any more.
func (a *App) ChangeKey(ctx context.Context, actor directory.Actor, report func(done, total int64)) (int64, error) {
	next, err := secret.Renew(a.keyFile, a.Key)
	if err != nil {
		return 0, err
	}
	print := next.Fingerprint()
	n, err := a.Store.Reseal(ctx, actor, a.Key.Fingerprint(), print, func(sealed []byte, context string) ([]byte, error) {
		plain, err := a.Key.Open(sealed, context)
		if err != nil {
			return nil, err
		}
		return next.Seal(plain, context), nil
	}, report)
	if err != nil {
		// A server that went away may have kept it all the same.
		kept, asking := a.Store.Fact(context.WithoutCancel(ctx), keyFact)
		if asking != nil {
			return 0, errors.Join(err, asking)
		}
		if kept != print {
			return 0, errors.Join(err, secret.Discard(a.keyFile, print))
		}
	}
	a.Key, a.Directory.Key, a.Importer.Key, a.History.Key, a.Access.Key = next, next, next, next, next
	if err := secret.Replace(a.keyFile, print); err != nil && !errors.Is(err, fs.ErrNotExist) { // another process has just done so
		return n, err
	}
	return n, nil
}
