package store

import (
	"context"
	"database/sql"

	"muster/internal/directory"
	"muster/internal/search"
)

// renewal tells how far the index is made anew.
type renewal struct {
	running bool
	after   string
	old     int64
	due     int
}

func (q queries) renewal(ctx context.Context) (r renewal, err error) {
	err = q.row(ctx, `SELECT running, after, old, due FROM search_renewal`).Scan(&r.running, &r.after, &r.old, &r.due)
	return r, err
}

func (t *Tx) saveRenewal(ctx context.Context, r renewal) error {
	return t.run(ctx, `UPDATE search_renewal SET running = $1, after = $2, old = $3, due = $4`, r.running, r.after, r.old, r.due)
}

// tendRenewal goes on with making the index anew, or begins with it where more than
// half of the entries are of no use any more. While it runs, twice as many users are
// done as there are new entries.
func (t *Tx) tendRenewal(ctx context.Context) error {
	r, err := t.renewal(ctx)
	if err != nil {
		return err
	}
	if !r.running {
		if err := t.beginRenewal(ctx, &r); err != nil {
			return err
		}
	}
	for range 2 {
		if r.running {
			if err := t.renew(ctx, &r); err != nil {
				return err
			}
		}
	}
	return nil
}

// beginRenewal counts users only now and then, since that takes a while.
func (t *Tx) beginRenewal(ctx context.Context, r *renewal) error {
	var entries, users int
	var last int64
	err := t.row(ctx, `SELECT COALESCE(sum(entries), 0), COALESCE(max(number), 0) FROM search_segments WHERE NOT gone`).Scan(&entries, &last)
	if err != nil || entries < r.due {
		return err
	}
	if err := t.row(ctx, `SELECT count(*) FROM users`).Scan(&users); err != nil {
		return err
	}
	r.due = 2*users + t.store.segment
	if entries > r.due {
		r.running, r.after, r.old = true, "", last
	}
	return t.saveRenewal(ctx, *r)
}

// renew makes a segment of the next users. When none is left, the old segments are
// gone.
func (t *Tx) renew(ctx context.Context, r *renewal) error {
	var all search.Recent
	for more := true; more && all.Entries < t.store.segment; {
		users, last, err := t.usersAfter(ctx, r.after, min(1000, t.store.segment-all.Entries))
		if err != nil {
			return err
		}
		for _, u := range users {
			all.Add(u.Entry())
		}
		r.after, more = max(r.after, last), last != ""
	}
	if all.Entries > 0 {
		if err := t.addSegment(ctx, [][]byte{all.Packed}); err != nil {
			return err
		}
	}
	if r.running = all.Entries == t.store.segment; !r.running {
		if err := t.run(ctx, `UPDATE search_segments SET gone = TRUE WHERE number <= $1`, r.old); err != nil {
			return err
		}
	}
	return t.saveRenewal(ctx, *r)
}

// usersAfter returns the users, with their aliases, of the next addresses behind one,
// and the last of these; none where there are no more.
func (q queries) usersAfter(ctx context.Context, after string, most int) (list []*directory.User, last string, err error) {
	const next = `SELECT COALESCE(max(key), '') FROM (SELECT key FROM addresses WHERE kind = 'primary' AND key > $1 ORDER BY key LIMIT $2) AS next`
	if err := q.row(ctx, next, after, most).Scan(&last); err != nil || last == "" {
		return nil, "", err
	}
	const text = ` WHERE id IN (SELECT user_id FROM addresses WHERE kind = 'primary' AND key > $1 AND key <= $2)`
	err = q.each(ctx, selectUser+text, []any{after, last}, func(rows *sql.Rows) error {
		u, err := scanUser(rows)
		list = append(list, u)
		return err
	})
	if err != nil {
		return nil, "", err
	}
	return list, last, q.aliases(ctx, list)
}

// fillIndex makes the index of users who were there before it.
func (s *Store) fillIndex(ctx context.Context) error {
	r, err := s.queries().renewal(ctx)
	for err == nil && r.running && r.old == 0 {
		err = s.write(ctx, true, func(t *Tx) error {
			if r, err = t.renewal(ctx); err != nil || !r.running {
				return err
			}
			return t.renew(ctx, &r)
		})
	}
	return err
}

// refill makes the index of all users, who have just been brought in.
func (t *Tx) refill(ctx context.Context) error {
	r := renewal{running: true}
	for r.running {
		if err := t.renew(ctx, &r); err != nil {
			return err
		}
	}
	return nil
}
