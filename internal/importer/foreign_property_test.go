package importer_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"muster/internal/directory"
	"muster/internal/importer"
	"muster/internal/importer/importertest"
	"muster/internal/store"
)

// The plan is the truth, also where somebody else is at work between plan and
// apply, and between the batches of apply: every row comes out as planned, or
// says why not; what nobody touched comes out as planned; and an undo gives
// back what was, or says what it keeps.

// crowded is the database of an import among other people: they change
// something before each of its transactions, and after each it is looked at.
type crowded struct {
	*store.Store
	before, after func()
}

func (c *crowded) WriteImport(ctx context.Context, f func(importer.Tx) error) error {
	return c.among(func() error { return c.Store.WriteImport(ctx, f) })
}

func (c *crowded) WriteStep(ctx context.Context, f func(importer.Tx) error) error {
	return c.among(func() error { return c.Store.WriteStep(ctx, f) })
}

func (c *crowded) among(write func() error) error {
	c.before()
	err := write()
	if err == nil {
		c.after()
	}
	return err
}

// watch sees what others do while an import is applied, and what the import
// does.
type watch struct {
	t       *rapid.T
	w       *importertest.World
	number  int64
	rows    []*importer.Row                  // as planned
	planned map[int]*importer.Row            // the same by number
	users   map[directory.ID]*directory.User // before the transaction that is on
	next    int64                            // the first row that no transaction has reached

	touched map[directory.ID]bool // users whom others changed, made or removed
	wanted  map[string]bool       // addresses and local ids that others took or gave up
	catalog bool                  // others changed organisations, domains or groups
}

// foreign changes something by hand, or tries to, and remembers what.
func (h *watch) foreign() {
	before := usersByID(h.w)
	switch rapid.IntRange(0, 9).Draw(h.t, "who else") {
	case 0:
		h.lock()
	case 1:
		h.changeCatalog()
	case 2, 3:
		meddle(h.t, h.w)
	default:
		h.cross(rapid.SampledFrom(h.rows).Draw(h.t, "row in whose way"))
	}
	after := usersByID(h.w)
	for id := range merged(before, after) {
		if was, is := before[id], after[id]; was == nil || is == nil || was.Version != is.Version {
			h.touched[id] = true
			h.takes(was)
			h.takes(is)
		}
	}
}

func merged(a, b map[directory.ID]*directory.User) map[directory.ID]bool {
	all := map[directory.ID]bool{}
	for _, users := range []map[directory.ID]*directory.User{a, b} {
		for id := range users {
			all[id] = true
		}
	}
	return all
}

func (h *watch) takes(u *directory.User) {
	if u == nil {
		return
	}
	h.wanted[strings.ToLower(u.Get(directory.Address))] = true
	h.wanted[strings.ToLower(u.Get(directory.LocalID))] = true
	for _, a := range u.Aliases {
		h.wanted[strings.ToLower(a)] = true
	}
}

// cross does something that is in the way of a row, or does its work.
func (h *watch) cross(r *importer.Row) {
	if len(r.Changes) == 0 {
		return
	}
	c := rapid.SampledFrom(r.Changes).Draw(h.t, "change")
	u := usersByID(h.w)[r.UserID]
	f, isField := directory.FieldNamed(c.Field)
	switch {
	case c.Field == directory.ChangeAlias || f == directory.Address && isField && rapid.Bool().Draw(h.t, "as an alias"):
		h.another("alias", c.New)
	case r.Action == directory.Create && f == directory.LocalID && isField:
		h.another("local_id", c.New)
	case r.Action == directory.Create:
		_, _, err := h.w.Directory.AddUser(ctx, operator, importertest.Record("address", r.Address(), "org", drawn("RX1", "RX2").Draw(h.t, "org"),
			"name", drawn("", "New name").Draw(h.t, "name")), directory.Options{})
		h.refusable(err)
	case isField && u != nil && f != directory.Address:
		_, _, err := h.w.Directory.SetUser(ctx, operator, importertest.Record("address", u.Get(directory.Address), c.Field, drawn(c.New, c.New, "Other").Draw(h.t, "value")))
		h.refusable(err)
	}
}

// another gives somebody something that may be there only once.
func (h *watch) another(what, value string) {
	if users := h.w.Users(); len(users) > 0 {
		_, _, err := h.w.Directory.SetUser(ctx, operator, importertest.Record("address", rapid.SampledFrom(users).Draw(h.t, "who takes it"), what, value))
		h.refusable(err)
	}
}

func (h *watch) lock() {
	if users := h.w.Users(); len(users) > 0 {
		_, _, err := h.w.Directory.SetUser(ctx, operator, importertest.Record("address", rapid.SampledFrom(users).Draw(h.t, "locked"), "locked", "true"))
		h.refusable(err)
	}
}

// changeCatalog changes what every row is judged by.
func (h *watch) changeCatalog() {
	h.catalog = true
	d := h.w.Directory
	switch rapid.IntRange(0, 4).Draw(h.t, "what of the catalog") {
	case 0:
		h.refusable(d.SetOrganisation(ctx, operator, "RX1", func(o *directory.Organisation) {
			o.Settings.AddressPattern = drawn("", "{f}{last}").Draw(h.t, "pattern")
		}))
	case 1:
		h.refusable(d.SetDomain(ctx, operator, "example.org", func(d *directory.Domain) { d.Closed = !d.Closed }))
	case 2:
		h.refusable(d.DeleteDomain(ctx, operator, "example.net"))
	case 3:
		h.refusable(d.DeleteGroup(ctx, operator, "RX1", drawn("Wards", "Wards/Night").Draw(h.t, "group")))
	case 4:
		h.refusable(d.SetOrganisation(ctx, operator, "RX1", func(o *directory.Organisation) { o.Settings.MailboxMaxGB = 9 }))
	}
}

// refusable lets a rule refuse what others want.
func (h *watch) refusable(err error) {
	if err != nil && codeOf(err) == "" {
		h.t.Fatal(err)
	}
}

// begin is called before a transaction of the import.
func (h *watch) begin() {
	if rapid.IntRange(0, 2).Draw(h.t, "others come") == 0 {
		h.foreign()
	}
	h.users = usersByID(h.w)
}

// end is called after a transaction of the import: the rows that it passed are
// as planned or say why not, and no other user was touched.
func (h *watch) end() {
	imp, err := h.w.Store.Import(ctx, h.number)
	if err != nil {
		h.t.Fatal(err)
	}
	now := usersByID(h.w)
	passed := map[directory.ID]bool{}
	if imp.Next == h.next {
		return // members were removed, or delegates set
	}
	err = h.w.Store.Rows(ctx, h.number, int(h.next), int(imp.Next-h.next), func(r *importer.Row) error {
		passed[r.UserID] = true
		h.asPlanned(imp, r, now)
		return nil
	})
	if err != nil {
		h.t.Fatal(err)
	}
	h.next = imp.Next
	for id := range merged(h.users, now) {
		if !passed[id] && (h.users[id] == nil || now[id] == nil || h.users[id].Version != now[id].Version) {
			h.t.Errorf("the batch before row %d touched %s, who is of none of its rows", h.next, id)
		}
	}
}

// asPlanned checks a row that was just passed.
func (h *watch) asPlanned(imp *importer.Import, r *importer.Row, now map[directory.ID]*directory.User) {
	plan, outcome := h.planned[r.Row], imp.OutcomeOf(r)
	told := len(r.Issues) > len(plan.Issues)
	switch {
	case plan.Action == directory.Refuse:
		h.want(r, outcome == importer.LeftOut, "was in error in the plan", outcome)
	case r.Outcome == importer.Failed:
		h.want(r, told && r.Issues[len(plan.Issues)].Code == "changed-since-plan", "failed, and does not say why", outcome)
		h.want(r, version(h.users[r.UserID]) == version(now[r.UserID]), "failed, and its user was touched", outcome)
	case outcome == importer.Unchanged:
		h.want(r, now[r.UserID] != nil && version(h.users[r.UserID]) == version(now[r.UserID]), "is unchanged, and its user was touched", outcome)
		if plan.Action != directory.Create { // how a user who is there came to have what the row wants is told by no plan
			h.came(r, plan.Changes, now)
		}
	default:
		h.want(r, r.Outcome == "" && r.Action == plan.Action, "came to something else than planned", outcome)
		h.want(r, told || fmt.Sprint(r.Changes) == fmt.Sprint(plan.Changes), "changes something else than planned, and does not say so", outcome)
		h.stood(r)
		h.came(r, r.Changes, now)
	}
}

// stood checks that what a row changed was as its changes say: nobody's work is
// overwritten unseen. Delegates overwrite nothing: one who is there already stays.
func (h *watch) stood(r *importer.Row) {
	if r.Action == directory.Create {
		return
	}
	for _, c := range first(r.Changes) {
		back := directory.Change{Field: c.Field, Old: c.New, New: c.Old, Ref: c.Ref}
		if c.Field != directory.ChangePassword && c.Field != directory.ChangeDelegate && !has(h.users[r.UserID], back) {
			h.t.Errorf("row %d: %+v, and before stood another value: %s", r.Row, c, describe(h.users[r.UserID]))
		}
	}
}

// first leaves of several changes of one thing the first.
func first(changes []directory.Change) []directory.Change {
	changes = slices.Clone(changes)
	slices.Reverse(changes)
	return last(changes)
}

func version(u *directory.User) int64 {
	if u == nil {
		return -1
	}
	return u.Version
}

// came checks that changes have come about, but for delegates, who come at the end.
func (h *watch) came(r *importer.Row, changes []directory.Change, now map[directory.ID]*directory.User) {
	for _, c := range last(changes) {
		if c.Field != directory.ChangeDelegate && !has(now[r.UserID], c) {
			h.t.Errorf("row %d: %+v did not come about: %s", r.Row, c, describe(now[r.UserID]))
		}
	}
}

func (h *watch) want(r *importer.Row, ok bool, what string, outcome importer.Outcome) {
	if !ok {
		h.t.Errorf("row %d %s: %s %s\n planned %v\n      is %v\n%v", r.Row, what, r.Action, outcome, h.planned[r.Row].Changes, r.Changes, r.Issues)
	}
}

// alone reports whether nobody else had to do with a row.
func (h *watch) alone(r *importer.Row) bool {
	if h.catalog || h.touched[r.UserID] {
		return false
	}
	return !slices.ContainsFunc(r.Changes, func(c directory.Change) bool {
		id, err := directory.ParseID(c.Ref)
		return h.wanted[strings.ToLower(c.New)] || err == nil && h.touched[id]
	})
}

// untouched checks, when all is done, that rows with which nobody else had to do
// came out exactly as planned.
func (h *watch) untouched(imp *importer.Import) {
	now := usersByID(h.w)
	lost := map[string]bool{} // users whom a row did not make
	for _, r := range h.w.Rows(imp) {
		if r.Outcome != "" {
			lost[r.UserID.String()], lost[h.planned[r.Row].UserID.String()] = true, true
		}
	}
	for _, r := range h.w.Rows(imp) {
		plan := h.planned[r.Row]
		if !h.alone(plan) || slices.ContainsFunc(plan.Changes, func(c directory.Change) bool { return lost[c.Ref] }) {
			continue
		}
		h.want(r, r.Outcome == "" && r.Action == plan.Action && fmt.Sprint(r.Changes, r.Issues) == fmt.Sprint(plan.Changes, plan.Issues),
			"is not as planned, and nobody touched what it is about", imp.OutcomeOf(r))
		if r.Action == directory.Refuse || r.UserID.IsZero() {
			continue
		}
		for _, c := range last(plan.Changes) {
			if !has(now[r.UserID], c) {
				h.t.Errorf("row %d: %+v did not last: %s", r.Row, c, describe(now[r.UserID]))
			}
		}
	}
}

// applyAmong applies a plan among other people; nil where the import as a whole
// was refused.
func (h *watch) applyAmong(imp *importer.Import) *importer.Import {
	service := *h.w.Importer
	service.Store = &crowded{h.w.Store, h.begin, h.end}
	done, err := service.Apply(ctx, operator, imp.Number, imp.ConfirmCount())
	h.refusable(err)
	accounted(h.w, imp)
	if err != nil {
		return nil
	}
	if done.State != importer.Applied || done.OutcomeCounts()[importer.Pending] > 0 {
		h.t.Errorf("%s: %v", done.State, done.OutcomeCounts())
	}
	return done
}

// givenBack checks, after the undo, that users whom nobody else touched are as
// before the import, but for rows that say why not.
func (h *watch) givenBack(imp *importer.Import, before map[directory.ID]*directory.User) {
	now := usersByID(h.w)
	kept := map[directory.ID]bool{}
	for _, r := range h.w.Rows(imp) {
		outcome := imp.OutcomeOf(r)
		kept[r.UserID] = kept[r.UserID] || outcome == importer.Kept || outcome == importer.Irreversible
	}
	for id := range merged(before, now) {
		if was, is := h.own(before[id], kept), h.own(now[id], kept); was != is && !h.touched[id] && !kept[id] {
			h.t.Errorf("undone, and %s\n was %s\n  is %s\n%v", id, was, is, reasons(h.w, imp))
		}
	}
}

// own tells all of a user that is nobody else's.
func (h *watch) own(u *directory.User, kept map[directory.ID]bool) string {
	if u == nil {
		return "nobody"
	}
	own := *u
	own.Version, own.UpdatedAt, own.OpenedBy = 0, time.Time{}, nil
	own.Delegates = slices.DeleteFunc(slices.Clone(u.Delegates), func(d directory.Delegate) bool { return h.touched[d.ID] || kept[d.ID] })
	return fmt.Sprintf("%+v", own)
}

// TestThePlanIsTheTruthAmongOtherChanges: whatever others do between plan and
// apply and between batches.
func TestThePlanIsTheTruthAmongOtherChanges(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.SampledFrom([]func(*rapid.T) *scene{draw, drawUndo}).Draw(t, "scene")(t)
		imp := s.w.Plan(s.file, s.o)
		if imp.State != importer.Planned {
			return
		}
		h := &watch{t: t, w: s.w, number: imp.Number, planned: map[int]*importer.Row{}, next: 1, touched: map[directory.ID]bool{}, wanted: map[string]bool{}}
		h.rows = s.w.Rows(imp)
		for _, r := range h.rows {
			h.planned[r.Row] = r
		}
		before := usersByID(s.w)
		for range rapid.IntRange(0, 3).Draw(t, "changes before apply") {
			h.foreign()
		}
		if imp = h.applyAmong(imp); imp == nil {
			return
		}
		h.untouched(imp)
		h.takenBack(imp, before)
	})
}

// takenBack undoes an import and checks that each row is reversed or says why not.
func (h *watch) takenBack(imp *importer.Import, before map[directory.ID]*directory.User) {
	if imp.OutcomeCounts()[importer.Created]+imp.OutcomeCounts()[importer.Updated]+imp.OutcomeCounts()[importer.Leaver]+imp.OutcomeCounts()[importer.Joined] == 0 {
		return
	}
	applied := usersByID(h.w)
	done := undo(h.w, imp)
	for _, r := range h.w.Rows(done) {
		told(h.t, h.w, done, r, applied[r.UserID])
	}
	h.givenBack(done, before)
}
