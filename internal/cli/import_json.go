package cli

import (
	"context"
	"errors"

	"muster/internal/directory"
	"muster/internal/importer"
	"muster/internal/wire"
)

// printImport prints an import, as JSON with its outcomes where these are asked for.
func (s *session) printImport(actor directory.Actor, imp *importer.Import, outcomes bool) error {
	if !s.globals.JSON {
		return s.importText(actor, imp, outcomes)
	}
	issues, total, err := s.core.Importer.Issues(context.WithoutCancel(s.ctx), actor, imp.Number, wire.MostIssues) // also of one that was interrupted
	return errors.Join(s.printJSON(wire.WithIssues(imp, outcomes, issues, total)), err)
}
