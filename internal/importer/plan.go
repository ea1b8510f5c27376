package importer

import (
	"context"
	"errors"

	"muster/internal/directory"
	"muster/internal/format"
	"muster/internal/issue"
	"muster/internal/table"
)

// NoRows tells that a file has headings and nothing else.
var NoRows = issue.NewError("no-rows", "The file has no rows below its headings.", "Check that the right sheet was saved, and that the file is complete.")

// planner is the work of planning one import.
type planner struct {
	*Service
	imp      *Import
	upload   *uploadReader
	table    table.Reader // nil until it is chosen
	first    *table.Row   // of it, read already and yet to be judged
	others   []string     // sheets that have rows, too
	formats  format.Set
	format   *format.Format
	binding  *format.Binding
	judge    *directory.Judge
	numberer *directory.Numberer
	tx       Tx              // of the batch at hand
	whole    Tx              // of a revision, which is all in one; nil while planning
	steps    int64           // that are done
	ids      localIDs        // of all rows
	lost     map[string]bool // the users whom rows do not make after all
}

// Plan compares every row of an uploaded file with the directory and keeps what
// is to be done. It changes nothing in the directory. A file that cannot be
// planned is kept as refused; that is no error of Plan. Planning that was cut
// off begins again.
func (s *Service) Plan(ctx context.Context, number int64) (*Import, error) {
	return s.patiently(ctx, number, func(w *work) (*Import, error) {
		imp, err := w.alone(ctx)
		if err != nil || imp.State != Planning {
			return imp, err
		}
		return w.plan(ctx, imp)
	})
}

func (s *Service) plan(ctx context.Context, imp *Import) (*Import, error) {
	if imp.Fingerprint == "" {
		return s.refuse(ctx, imp, UploadCut.New("The file %s did not arrive to its end.", imp.File))
	}
	p := &planner{Service: s, imp: imp, lost: map[string]bool{}}
	err := p.run(ctx)
	if i, ok := asIssue(err); ok {
		return s.refuse(ctx, p.imp, i)
	}
	switch {
	case ctx.Err() != nil && err != nil && s.background:
		return imp, err
	case ctx.Err() != nil && err != nil:
		return imp, errors.Join(ctx.Err(), s.cancelQuietly(ctx, p.imp))
	case errors.Is(err, errTakenOver):
		return s.elsewhere(ctx, imp.Number)
	}
	return p.imp, err
}

func (p *planner) run(ctx context.Context) error {
	if err := p.start(ctx); err != nil {
		return err
	}
	if err := p.look(ctx); err != nil {
		return err
	}
	if err := p.readRows(ctx); err != nil {
		return err
	}
	if err := p.anyRows(); err != nil {
		return err
	}
	return p.finish(ctx)
}

// look opens the file, and tells what is worth knowing of it.
func (p *planner) look(ctx context.Context) error {
	if err := p.open(ctx); err != nil {
		return err
	}
	p.noteForm()
	p.noteHeadings()
	return nil
}

func (p *planner) anyRows() error {
	if p.imp.Rows == 0 {
		return NoRows.New("The file has no rows below its headings.")
	}
	return nil
}

// start makes the work this planner's and clears away what one that was cut
// off has left.
func (p *planner) start(ctx context.Context) error {
	return p.Store.WriteImport(ctx, func(tx Tx) error {
		now, err := tx.Import(ctx, p.imp.Number)
		if err != nil {
			return err
		}
		if now.State != Planning || now.Lease != p.imp.Lease {
			return errTakenOver
		}
		p.imp = now
		p.imp.clearPlan()
		if p.imp.Ended, err = tx.Ended(ctx); err != nil {
			return err
		}
		if err := tx.Clear(ctx, p.imp.Number, RowsPart, ClaimsPart, SecretsPart); err != nil {
			return err
		}
		return p.save(ctx, tx, p.imp)
	})
}

// errShort tells that the database lacks what it had: a server has taken the place of
// another, and had not heard of all from that one.
var errShort = errors.New("the database has lost a part of the plan")

// step runs f in a transaction, as long as planning is this planner's, and counts it.
func (p *planner) step(ctx context.Context, f func(Tx) error) error {
	if p.whole != nil {
		return f(p.whole)
	}
	err := p.Store.WriteStep(ctx, p.mine(ctx, func(tx Tx) error {
		if err := f(tx); err != nil {
			return err
		}
		now, err := tx.Import(ctx, p.imp.Number)
		if err != nil {
			return err
		}
		now.Steps++
		return p.save(ctx, tx, now)
	}))
	if err == nil {
		p.steps++
	}
	return err
}

// mine runs f as long as planning is this planner's, and the database has all steps.
// Meanwhile somebody may have asked for the plan to be applied.
func (p *planner) mine(ctx context.Context, f func(Tx) error) func(Tx) error {
	return func(tx Tx) error {
		now, err := tx.Import(ctx, p.imp.Number)
		if err != nil {
			return err
		}
		if now.State != Planning || now.Lease != p.imp.Lease {
			return errTakenOver
		}
		if now.Steps != p.steps {
			return errShort
		}
		p.imp.Wanted, p.imp.Applier, p.imp.Confirm = now.Wanted, now.Applier, now.Confirm
		return f(tx)
	}
}

func (p *planner) newJudge(ctx context.Context, from directory.Reader, actor directory.Actor) (*directory.Judge, error) {
	o := p.imp.Directory
	o.Breached, o.Key, o.Planning = p.Breached, p.Key, true
	return directory.NewJudge(ctx, from, actor, &p.format.Rules, o)
}

func (p *planner) prepareJudge(ctx context.Context) (err error) {
	if p.judge, err = p.newJudge(ctx, p.Store, p.imp.Planner); err != nil {
		return err
	}
	p.imp.Stamp = p.judge.Catalog().Stamp
	p.numberer = directory.NewNumberer(p.taken)
	return nil
}
