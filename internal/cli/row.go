package cli

import (
	"errors"
	"maps"

	"muster/internal/importer"
)

type rowCommands struct {
	Set      rowSetCommand      `cmd:"" help:"Mend cells of a row of a plan, and plan it again."`
	LeaveOut rowLeaveOutCommand `cmd:"" help:"Leave rows out of a plan."`
	TakeIn   rowTakeInCommand   `cmd:"" help:"Take rows in again that were left out."`
}

type rowSetCommand struct {
	numbered
	Row       int               `arg:"" help:"Number of the row, from 1, as muster show --rows has it."`
	Cell      map[string]string `help:"New text of a cell, by the heading of its column or its letter." placeholder:"HEADING=TEXT" mapsep:"none"`
	CellStdin string            `help:"Column of which the new text is read from standard input, such as a password." placeholder:"HEADING"`
}

type rowsOfPlan struct {
	numbered
	Rows []int `arg:"" name:"row" help:"Numbers of the rows."`
}

type rowLeaveOutCommand struct{ rowsOfPlan }

type rowTakeInCommand struct{ rowsOfPlan }

// Run mends a row.
func (c *rowSetCommand) Run(s *session) error {
	r, err := c.revision(s)
	if err != nil {
		return err
	}
	return s.revise(c.Import, []importer.Revision{r}, func(imp *importer.Import) error {
		for heading := range c.Cell {
			if imp.HoldsSecrets(heading) {
				return usage("%q holds passwords: give it with --cell-stdin, because others can read what is typed", heading)
			}
		}
		return nil
	})
}

// revision is what is wanted of the row.
func (c *rowSetCommand) revision(s *session) (importer.Revision, error) {
	r := importer.Revision{Row: c.Row, Cells: maps.Clone(c.Cell)}
	if c.CellStdin == "" {
		if len(r.Cells) == 0 {
			return r, usage("name a cell with --cell HEADING=TEXT or --cell-stdin HEADING")
		}
		return r, nil
	}
	text, err := s.password(true, "")
	if r.Cells == nil {
		r.Cells = map[string]string{}
	}
	r.Cells[c.CellStdin] = text.Reveal()
	return r, err
}

// Run leaves rows out.
func (c *rowLeaveOutCommand) Run(s *session) error { return c.run(s, true) }

// Run takes rows in.
func (c *rowTakeInCommand) Run(s *session) error { return c.run(s, false) }

func (c *rowsOfPlan) run(s *session, out bool) error {
	var list []importer.Revision
	for _, row := range c.Rows {
		list = append(list, importer.Revision{Row: row, Out: out})
	}
	return s.revise(c.Import, list, func(*importer.Import) error { return nil })
}

// revise revises a plan, and prints it as it is then.
func (s *session) revise(number int64, list []importer.Revision, check func(*importer.Import) error) error {
	core, actor, err := s.attach()
	if err != nil {
		return err
	}
	imp, err := core.Importer.Import(s.ctx, actor, number)
	if err == nil {
		err = check(imp)
	}
	if err == nil {
		imp, err = core.Importer.Revise(s.ctx, actor, number, list)
	}
	if err != nil {
		return err
	}
	return errors.Join(s.printImport(actor, imp, false), shortOfPlan(imp))
}
