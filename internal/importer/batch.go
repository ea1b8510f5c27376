package importer

import (
	"context"

	"muster/internal/directory"
	"muster/internal/issue"
	"muster/internal/mailaddr"
)

// batch is the rows that one transaction applies.
type batch struct {
	rows  []*Row
	items []*batchItem
	query directory.Query // for what they are about
	fresh directory.Query // for what new users want
	same  []directory.ID  // the users whom rows leave as they are
}

// batchItem is a row that does something, with what is now known of it.
type batchItem struct {
	row       *Row
	keys      []string        // of the addresses that it takes for its user
	user      *directory.User // as it is now; nil for a new one
	stale     bool            // must be judged again
	taken     bool            // its address is no longer free
	replanned bool            // came to something else than planned
	before    []issue.Issue   // what the plan said of it
	twin      directory.ID
	deed      *directory.Deed
	generated *generated // a password that was made ahead
	account   accountPasswords
}

// add takes a row in. What it costs to make a new user is paid here, where no
// transaction waits for it.
func (s *Service) add(b *batch, number int64, r *Row, catalog *directory.Catalog) (err error) {
	b.rows = append(b.rows, r)
	if r.Action == directory.Refuse || r.Action == directory.Discard || r.Outcome == LeftOut {
		return nil
	}
	item := &batchItem{row: r, before: r.Issues, keys: newKeys(r)}
	switch r.Action {
	case directory.Create:
		item.deed = &directory.Deed{Row: r.Row, Action: r.Action, ID: r.UserID, Changes: r.Changes}
		item.deed.Prepare(catalog)
		if r.generates() {
			item.generated, err = s.generate(number, item, catalog)
		}
	case directory.Unchanged:
		b.same = append(b.same, r.UserID)
	default:
		b.query.IDs = append(b.query.IDs, r.UserID)
	}
	b.items = append(b.items, item)
	query := &b.query
	if r.Action == directory.Create {
		query = &b.fresh
	}
	query.Keys = append(query.Keys, item.keys...)
	query.LocalIDs = append(query.LocalIDs, newLocal(r, nil)...)
	return err
}

// newKeys returns the keys of the addresses that a row takes for its user.
func newKeys(r *Row) (keys []string) {
	for _, c := range r.Changes {
		if c.Field == directory.Address.Spec().Name || c.Field == directory.ChangeAlias && c.New != "" {
			if a, err := mailaddr.Parse(c.New); err == nil {
				keys = append(keys, a.Key())
			}
		}
	}
	return keys
}

// newLocal returns the local id that a row takes for its user, in the
// organisation that it names or else in the user's.
func newLocal(r *Row, u *directory.User) []directory.LocalKey {
	key := directory.LocalKey{}
	if u != nil {
		key.Org = u.Get(directory.Org)
	}
	for _, c := range r.Changes {
		switch c.Field {
		case directory.Org.Spec().Name:
			key.Org = c.New
		case directory.LocalID.Spec().Name:
			key.ID = directory.Fold(c.New)
		}
	}
	if key.ID == "" || key.Org == "" {
		return nil
	}
	return []directory.LocalKey{key}
}

// readAhead is a batch that one core reads while the other writes the one
// before. Nobody changes rows that apply has not reached, so they may be read
// outside the transaction.
type readAhead struct {
	from int64
	done chan struct{}
	b    *batch
	err  error
}

func (a *applying) startReading(ctx context.Context, from int64) {
	a.stopReading()
	ahead := &readAhead{from: from, done: make(chan struct{})}
	number, catalog := a.imp.Number, a.catalog
	a.ahead = ahead
	go func() {
		defer close(ahead.done)
		ahead.b, ahead.err = a.readBatch(ctx, a.Store, number, from, a.Batch, catalog)
	}()
}

// stopReading waits until nothing is read any more.
func (a *applying) stopReading() {
	if a.ahead != nil {
		<-a.ahead.done
	}
}

// next returns the next rows: those read ahead, if it is these.
func (a *applying) next(ctx context.Context, tx Tx) (*batch, error) {
	if a.ahead != nil && a.ahead.from == a.imp.Next && a.most == a.Batch {
		<-a.ahead.done
		b, err := a.ahead.b, a.ahead.err
		if a.ahead = nil; err == nil {
			return b, nil
		}
	}
	return a.readBatch(ctx, tx, a.imp.Number, a.imp.Next, a.most, a.catalog)
}

type rowReader interface {
	Rows(ctx context.Context, number int64, from, limit int, f func(*Row) error) error
}

func (s *Service) readBatch(ctx context.Context, from rowReader, number, next int64, most int, catalog *directory.Catalog) (*batch, error) {
	b := &batch{}
	err := from.Rows(ctx, number, int(next), most, func(r *Row) error { return s.add(b, number, r, catalog) })
	return b, err
}
