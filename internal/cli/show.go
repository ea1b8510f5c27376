package cli

import (
	"fmt"

	"muster/internal/directory"
	"muster/internal/importer"
	"muster/internal/wire"
)

type importsCommand struct{}

// Run lists the imports.
func (c *importsCommand) Run(s *session) error {
	core, actor, err := s.attach()
	if err != nil {
		return err
	}
	rows := [][]string{{"IMPORT", "STATE", "FORMAT", "ORG", "ROWS", "WHEN", "BY", "FILE"}}
	err = core.Importer.Imports(s.ctx, actor, func(imp *importer.Import) error {
		if s.globals.JSON {
			return s.printJSON(wire.ListedImport(imp))
		}
		rows = append(rows, []string{fmt.Sprint(imp.Number), string(imp.State), dash(imp.Format), imp.Org, fmt.Sprint(imp.Rows),
			moment(imp.CreatedAt), imp.Planner.Address, imp.File})
		return nil
	})
	if !s.globals.JSON {
		s.table(rows)
	}
	return err
}

type showCommand struct {
	numbered
	Rows bool     `help:"Each row instead of the import as a whole."`
	Only []string `help:"Only the rows of these actions or outcomes, divided by commas; warning: those that bear one." placeholder:"ACTION"`
}

// Run shows an import or its rows.
func (c *showCommand) Run(s *session) error {
	filter, err := wire.RowFilter(c.Only)
	if err != nil {
		return usage("--only: %w", err)
	}
	core, actor, err := s.attach()
	if err != nil {
		return err
	}
	imp, err := core.Importer.Import(s.ctx, actor, c.Import)
	if err != nil {
		return err
	}
	if !c.Rows && len(c.Only) == 0 {
		return s.printImport(actor, imp, true)
	}
	return core.Importer.Rows(s.ctx, actor, c.Import, filter, s.printRow)
}

func (s *session) printRow(imp *importer.Import, r *importer.Row, address string) error {
	if s.globals.JSON {
		return s.printJSON(wire.Row(imp, r, address))
	}
	s.print("%s", s.style.bold(fmt.Sprintf("row %d, line %d: %s (%s) %s", r.Row, r.Line, r.Action, imp.OutcomeOf(r), clean(address))))
	s.changesText(r.Changes, r.Action == directory.Create)
	for _, i := range r.Issues {
		s.issueText(i)
	}
	return nil
}

// changesText shows differences as old → new. A new user has no old values.
func (s *session) changesText(changes []directory.Change, created bool) {
	for _, c := range changes {
		text := fmt.Sprintf("%s: %s → %s", c.Field, dash(c.Old), dash(c.New))
		if created || c.Old == "" {
			text = c.Field + ": " + c.New
		}
		s.wrap(2, text)
	}
}
