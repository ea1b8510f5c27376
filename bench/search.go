package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"muster/internal/app"
	"muster/internal/directory"
	"muster/internal/importer"
	"muster/internal/store"
)

// aim is how long a person is to wait at most.
const aim = 50 * time.Millisecond

// search measures what a person waits for in a large directory, and what the
// indexes that are there for it cost an import: its floor is one without them.
func (b *bench) search() error {
	if !b.wants("search") {
		return nil
	}
	bare, err := b.prepare(plain)
	if err != nil {
		return err
	}
	without, err := b.child("unindexed", plain, bare, "")
	if err != nil {
		return err
	}
	os.RemoveAll(bare)
	at, err := b.prepare(plain)
	if err != nil {
		return err
	}
	with, err := b.child("import", plain, at, "")
	b.note("import with its indexes", with, without)
	if err != nil {
		return err
	}
	for _, kind := range []string{changed, others} {
		if _, err := b.child("rewrite", kind, at, ""); err != nil {
			return err
		}
		if _, err := b.child("import", kind, at, ""); err != nil {
			return err
		}
	}
	for _, q := range questions {
		work, err := b.child("ask", q.name, at, "")
		if err != nil {
			return err
		}
		b.note(q.name, work, measure{Seconds: aim.Seconds()})
	}
	return nil
}

// unindexed is importing without the indexes of lists and rows.
func (j job) unindexed() (time.Duration, error) {
	db, err := openFloor(j.database())
	if err != nil {
		return 0, err
	}
	for _, name := range []string{"import_rows_action", "import_rows_outcome"} {
		_, dropped := db.read().Exec(`DROP INDEX ` + name)
		err = errors.Join(err, dropped)
	}
	if err := errors.Join(err, db.close()); err != nil {
		return 0, err
	}
	return j.importWith(func(a *app.App) error {
		s, err := store.Open(context.Background(), j.database(), store.Unindexed())
		a.Importer.Store = s
		return err
	})
}

// question is what a person asks for, and how many answers come at least.
type question struct {
	name   string
	users  *directory.Filter
	rows   *importer.RowFilter
	number int64 // of the import that has the rows
	want   int
}

// pageOf is how many are shown at a time.
const pageOf = 100

// questions are about the directory that search makes: everybody in it is of RX1, but
// for every thousandth.
var questions = []question{
	{name: "list: the first page", users: &directory.Filter{}, want: pageOf},
	{name: "list: a page in the middle", users: &directory.Filter{After: "m.person5@example.org"}, want: pageOf},
	{name: "list: a large organisation", users: &directory.Filter{Orgs: []string{"RX1"}, After: "m.person5@example.org"}, want: pageOf},
	{name: "list: a small organisation", users: &directory.Filter{Orgs: []string{"RX2"}}, want: 10},
	{name: "list: a small domain", users: &directory.Filter{Domain: "hillside.example"}, want: 10},
	{name: "list: a rare status", users: &directory.Filter{Status: "disabled"}, want: 10},
	{name: "list: a rare origin", users: &directory.Filter{Origin: "manual"}},
	{name: "search: a", users: &directory.Filter{Search: "a"}, want: pageOf},
	{name: "search: am", users: &directory.Filter{Search: "am"}, want: pageOf},
	{name: "search: per, which everybody has", users: &directory.Filter{Search: "per"}, want: pageOf},
	{name: "search: dalfenis, a last name", users: &directory.Filter{Search: "dalfenis"}, want: 1},
	{name: "search: alfeni, a part of it", users: &directory.Filter{Search: "alfeni"}, want: 1},
	{name: "search: amina dalf", users: &directory.Filter{Search: "amina dalf"}, want: 1},
	{name: "search: 4711, a part of numbers", users: &directory.Filter{Search: "4711"}, want: 1},
	{name: "search: s0004711, a local id", users: &directory.Filter{Search: "s0004711"}, want: 1},
	{name: "search: an address", users: &directory.Filter{Search: "person7919@example.org"}, want: 1},
	{name: "search: a, in a small organisation", users: &directory.Filter{Search: "a", Orgs: []string{"RX2"}}, want: 1},
	{name: "search: nobody", users: &directory.Filter{Search: "zebra"}},
	{name: "rows: update, 1 % of all", number: 2, rows: &importer.RowFilter{Actions: []directory.Action{directory.Update}, From: 5000}, want: 50},
	{name: "rows: unchanged, nearly all", number: 2, rows: &importer.RowFilter{Actions: []directory.Action{directory.Unchanged}, From: 5000}, want: pageOf},
	{name: "rows: created", number: 1, rows: &importer.RowFilter{Outcomes: []importer.Outcome{importer.Created}, From: 5000}, want: pageOf},
	{name: "rows: error and failed, none", number: 2, rows: &importer.RowFilter{Actions: []directory.Action{directory.Refuse}, Outcomes: []importer.Outcome{importer.Failed}}},
}

// asked is how often a question is asked; the first time does not count.
const asked = 21

// ask asks the question that the job's kind names, and returns the median of how long
// the answers took.
func (j job) ask() (time.Duration, error) {
	q := questions[slices.IndexFunc(questions, func(q question) bool { return q.name == j.kind })]
	a, err := j.open()
	if err != nil {
		return 0, err
	}
	defer a.Close()
	var took []time.Duration
	for range asked + 1 {
		start := time.Now()
		n, err := q.answers(a)
		if err != nil || n < min(q.want, j.rows/100) {
			return 0, errors.Join(err, fmt.Errorf("%d answers", n))
		}
		took = append(took, time.Since(start))
	}
	took = took[1:]
	slices.Sort(took)
	return took[len(took)/2], nil
}

func (q question) answers(a *app.App) (n int, err error) {
	ctx := context.Background()
	if q.users != nil {
		filter := *q.users
		filter.Limit = pageOf
		return n, a.Directory.Users(ctx, operator, filter, func(*directory.User) error { n++; return nil })
	}
	filter := *q.rows
	filter.Limit = pageOf
	return n, a.Importer.Rows(ctx, operator, q.number, filter, func(*importer.Import, *importer.Row, string) error { n++; return nil })
}
