package importer

import (
	"context"
	"slices"
	"strings"

	"muster/internal/directory"
	"muster/internal/issue"
	"muster/internal/table"
)

// What keeps a plan from being revised, and what a revision says.
var (
	NotRevisable  = issue.NewError("plan-not-revisable", "Only a plan that is complete and that nobody has begun to apply can be changed.", "Look at muster show for its state; plan the file again where it is finished.")
	RowUnknown    = issue.NewError("row-unknown", "The import has no such row.", "Take the number of the row from muster show --rows.")
	ColumnUnknown = issue.NewError("column-unknown", "The file has no such column.", "Name it by its heading, or by its letter.")
	RowLeftOut    = issue.NewWarning("row-left-out", "Somebody has left the row out of the plan.", "To take it in again, use muster row take-in (API: POST …/take-in).")
)

// Revision is what is to become of a row of a plan.
type Revision struct {
	Row   int
	Cells map[string]string // new texts, by the headings of their columns, or their letters
	Out   bool              // the row is left out; else it is in the plan
}

// Revise changes rows of a plan before it is applied, and plans them again: cells are
// mended, rows left out or taken in again. With them go the rows that an earlier one had
// kept out, or that miss a user whom another row makes. A row comes to what both the
// planner and the actor may do. The errors are "plan-not-revisable", "row-unknown" and
// "column-unknown"; then nothing was changed.
func (s *Service) Revise(ctx context.Context, actor directory.Actor, number int64, list []Revision) (*Import, error) {
	imp, err := s.find(ctx, actor, directory.ImportsPlan, number)
	if err == nil {
		err = imp.revisable()
	}
	if err != nil {
		return imp, err
	}
	return s.patiently(ctx, number, func(w *work) (*Import, error) {
		imp, err := w.alone(ctx)
		if err == nil {
			err = w.revise(ctx, actor, imp, list)
		}
		return imp, err
	})
}

func (i *Import) revisable() error {
	switch {
	case i.State != Planned || i.Wanted:
		return NotRevisable.New("Import %d is %s.", i.Number, i.State)
	case i.Options.Unattended:
		return NotRevisable.New("Nobody looks at the plan of import %d before it is applied.", i.Number)
	}
	return nil
}

// revising is the work of revising a plan.
type revising struct {
	*planner
	actor  directory.Actor
	judges []*directory.Judge // of the actor and the planner
	list   map[int]Revision
}

func (s *Service) revise(ctx context.Context, actor directory.Actor, imp *Import, list []Revision) error {
	again, err := s.dependent(ctx, imp)
	if err != nil {
		return err
	}
	alike, err := s.ofSameUsers(ctx, imp, list)
	if err != nil {
		return err
	}
	again = append(again, alike...)
	v := &revising{planner: &planner{Service: s, imp: imp, lost: map[string]bool{}}, actor: actor, list: map[int]Revision{}}
	for _, r := range list {
		v.list[r.Row] = r
		again = append(again, r.Row)
	}
	slices.Sort(again)
	return s.Store.WriteImport(ctx, func(tx Tx) error {
		now, err := tx.Import(ctx, imp.Number)
		if err != nil {
			return err
		}
		if now.Lease != imp.Lease {
			return errTakenOver
		}
		if *imp = *now; imp.revisable() != nil {
			return imp.revisable()
		}
		return v.all(ctx, tx, slices.Compact(again))
	})
}

// dependent returns the rows that another one keeps in error.
func (s *Service) dependent(ctx context.Context, imp *Import) (rows []int, err error) {
	depends := func(i issue.Issue) bool {
		return i.Code == Duplicate.Name || i.Code == directory.DelegateUnknown.Name
	}
	err = s.Store.IssueRows(ctx, imp.Number, 0, func(r *Row) error {
		if r.Action == directory.Refuse && r.Outcome == "" && slices.ContainsFunc(r.Issues, depends) {
			rows = append(rows, r.Row)
		}
		return nil
	})
	return rows, err
}

// ofSameUsers returns the rows about e-mail accounts of the users whom revised rows are
// about: a user is counted with the first of them.
func (s *Service) ofSameUsers(ctx context.Context, imp *Import, list []Revision) (rows []int, err error) {
	f, err := imp.FormatAsPlanned()
	if err != nil || f.Account == "" {
		return nil, err
	}
	of := map[directory.ID][]int{}
	err = s.Store.RowUsers(ctx, imp.Number, 1, 0, func(r *Row) error { of[r.UserID] = append(of[r.UserID], r.Row); return nil })
	for _, same := range of {
		if slices.ContainsFunc(list, func(r Revision) bool { return slices.Contains(same, r.Row) }) {
			rows = append(rows, same...)
		}
	}
	return rows, err
}

// all revises the rows, each as those before it have come out.
func (v *revising) all(ctx context.Context, tx Tx, rows []int) error {
	records, err := v.imp.Records()
	if err != nil {
		return err
	}
	v.tx, v.whole, v.format, v.binding, v.numberer = tx, tx, records.format, records.binding, directory.NewNumberer(v.taken)
	if err := v.prepareJudges(ctx); err != nil {
		return err
	}
	if err := v.countRemovals(ctx, -1); err != nil {
		return err
	}
	for _, number := range rows {
		if err := v.row(ctx, number); err != nil {
			return err
		}
	}
	return v.settle(ctx, tx)
}

// prepareJudges makes a judge for each of those who must be allowed what a row does.
func (v *revising) prepareJudges(ctx context.Context) error {
	actors := []directory.Actor{v.actor}
	if !sameRights(v.actor, v.imp.Planner) {
		actors = append(actors, v.imp.Planner)
	}
	for _, actor := range actors {
		judge, err := v.newJudge(ctx, v.tx, actor)
		if err != nil {
			return err
		}
		v.judge, v.judges = judge, append(v.judges, judge)
	}
	return nil
}

// row takes a row out of the plan, and puts it in again as it is now.
func (v *revising) row(ctx context.Context, number int) error {
	r, err := v.find(ctx, number)
	if err != nil {
		return err
	}
	revision, asked := v.list[number]
	if !asked && r.Outcome == LeftOut {
		return nil
	}
	mended, err := v.rewrite(r, revision.Cells)
	if err != nil {
		return err
	}
	full, err := v.full(ctx, r, revision.Cells)
	if err == nil {
		err = v.takeOut(ctx, r)
	}
	if err == nil && asked {
		v.mark(r, mended)
		err = v.tell(ctx, r, mended, r.Outcome == LeftOut, revision.Out)
	}
	switch {
	case err != nil:
		return err
	case asked && revision.Out:
		return v.leaveOut(ctx, r, full)
	}
	return v.planRow(ctx, r, full)
}

func (v *revising) find(ctx context.Context, number int) (r *Row, err error) {
	err = v.tx.Rows(ctx, v.imp.Number, number, 1, func(found *Row) error { r = found; return nil })
	if err == nil && (r == nil || r.Row != number) {
		return nil, RowUnknown.New("Import %d has no row %d.", v.imp.Number, number)
	}
	return r, err
}

// rewrite changes the kept cells of a row, of which secret ones are blank, and names the
// columns of those that are others now.
func (v *revising) rewrite(r *Row, cells map[string]string) (mended []string, err error) {
	r.Cells = append(slices.Clone(r.Cells), make([]string, len(v.imp.Headings)-min(len(r.Cells), len(v.imp.Headings)))...)
	for name, text := range cells {
		column := v.imp.column(name)
		if column < 0 {
			return nil, ColumnUnknown.New("The file has no column %q.", name).In(name)
		}
		secret := v.binding.Secret(column)
		if secret || r.Cells[column] != text {
			mended = append(mended, v.imp.columnName(column))
		}
		if r.Cells[column] = text; secret {
			r.Cells[column] = ""
		}
	}
	slices.Sort(mended)
	return mended, nil
}

// full returns the row as the file has it now, with its secret cells: those that are
// kept, or new ones.
func (v *revising) full(ctx context.Context, r *Row, cells map[string]string) (table.Row, error) {
	full := slices.Clone(r.Cells)
	kept, err := v.secretCells(ctx, v.tx, r.Row)
	for column, text := range kept {
		if column >= 0 {
			full[column] = text
		}
	}
	for name, text := range cells {
		full[v.imp.column(name)] = text
	}
	return tableRow(r.Line, full), err
}

// takeOut takes a row out of all that the plan counts and claims.
func (v *revising) takeOut(ctx context.Context, r *Row) error {
	snap, err := v.tx.Snapshot(ctx, directory.Query{IDs: []directory.ID{r.UserID}})
	if err != nil {
		return err
	}
	supplied, err := v.tx.Secrets(ctx, v.imp.Number, Supplied, r.Row, r.Row, 1)
	if err != nil {
		return err
	}
	claim := "user:" + r.UserID.String()
	claimed, err := v.tx.Claimed(ctx, v.imp.Number, []string{claim})
	if err != nil {
		return err
	}
	found := snap.Users[r.UserID]
	v.imp.uncount(r, found, len(supplied) > 0, claimed[claim] == r.Row)
	if r.Action == directory.Create {
		v.lost[r.UserID.String()] = true
	}
	if err := destroySecrets(ctx, v.tx, v.imp.Number, r.Row, r.Row); err != nil {
		return err
	}
	return v.tx.Unclaim(ctx, v.imp.Number, r.Row)
}

// leaveOut keeps a row for what it is, and does nothing of it.
func (v *revising) leaveOut(ctx context.Context, r *Row, full table.Row) error {
	i := RowLeftOut.New("Left out of the plan by %s.", v.actor.Address)
	i.Row, i.Line = r.Row, r.Line
	r.Changes, r.Late, r.Outcome = nil, false, LeftOut
	r.Issues = append(slices.DeleteFunc(slices.Clone(r.Issues), isLeftOut), i)
	v.imp.Rows++
	v.imp.SetAside++
	v.imp.countIssues(nil, r.Issues)
	sealed, err := v.sealAside(v.imp.Number, r.Row, v.binding.SecretCells(full))
	if err == nil {
		err = v.tx.AddSecrets(ctx, v.imp.Number, sealed)
	}
	if err != nil {
		return err
	}
	return v.tx.SaveRow(ctx, v.imp.Number, r)
}

func isLeftOut(i issue.Issue) bool { return i.Code == RowLeftOut.Name }

// planRow judges a row anew. What it comes to is what the planner may do, and whoever
// revises the plan, too.
func (v *revising) planRow(ctx context.Context, r *Row, full table.Row) error {
	b := &judged{cells: [][]string{r.Cells}, secret: []secretCells{v.binding.SecretCells(full)}, repeated: map[int]bool{}}
	for _, judge := range v.judges {
		b.records = []*directory.Record{v.binding.Record(r.Row, full)}
		verdicts, err := judge.Judge(ctx, b.records)
		if err != nil {
			return err
		}
		if b.verdicts = verdicts; verdicts[0].Action == directory.Refuse {
			break
		}
	}
	b.verdicts[0].Issues = append(b.verdicts[0].Issues, slices.DeleteFunc(r.Issues, func(i issue.Issue) bool { return !isMended(i) })...)
	rows, err := v.settleBatch(ctx, v.tx, b)
	if err != nil {
		return err
	}
	return v.tx.SaveRow(ctx, v.imp.Number, rows[0])
}

// settle settles what only the whole file can tell.
func (v *revising) settle(ctx context.Context, tx Tx) error {
	imp := v.imp
	if err := v.settleDelegates(ctx); err != nil {
		return err
	}
	if err := v.settleSummary(ctx); err != nil {
		return err
	}
	v.noteTakenOver()
	if err := v.countRemovals(ctx, 1); err != nil {
		return err
	}
	org, _, err := v.unusual(ctx, imp.Touched)
	imp.Unusual = org != ""
	imp.countLeftOut()
	imp.Revision++
	if err != nil {
		return err
	}
	return v.save(ctx, tx, imp)
}

// column returns the place of a column, by its heading or its letter; -1: there is none.
func (i *Import) column(name string) int {
	if column := slices.IndexFunc(i.Headings, func(h string) bool { return h != "" && strings.EqualFold(h, table.Trim(name)) }); column >= 0 {
		return column
	}
	for column := range i.Headings {
		if strings.EqualFold(table.Letter(column), name) {
			return column
		}
	}
	return -1
}

// HoldsSecrets reports whether a column of the file, by its heading or letter, holds
// passwords.
func (i *Import) HoldsSecrets(column string) bool {
	records, err := i.Records()
	n := i.column(column)
	return err == nil && n >= 0 && records.binding.Secret(n)
}
