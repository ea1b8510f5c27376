package cli

import (
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"muster/client"
	"muster/internal/importer"
)

// Remote plans a file.
func (c *planCommand) Remote(s *session, to *client.Client) error {
	imp, err := s.planRemotely(to, &c.planOptions)
	if err != nil {
		return err
	}
	imp.Outcomes = nil
	return s.endRemotely(imp)
}

// planRemotely sends a file, and waits for its plan.
func (s *session) planRemotely(to *client.Client, o *planOptions) (*client.Import, error) {
	if _, err := o.options(); err != nil {
		return nil, err
	}
	file, name, err := o.file(s)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	imp, err := to.Upload(s.ctx, filepath.Base(name), file, o.wanted())
	if err != nil {
		return nil, err
	}
	return s.waitRemotely(to, imp.Import)
}

// wanted are the options as a server takes them.
func (o *planOptions) wanted() client.ImportOptions {
	w := client.ImportOptions{Format: o.Format, Org: o.Org, Domain: o.Domain, Encoding: o.Encoding, Sheet: o.Sheet, Delimiter: o.Delimiter,
		SkipHeader: o.SkipHeader, Group: o.Group, GroupMode: o.GroupMode, UploadOnly: o.UploadOnly, Note: o.Note,
		SetPasswords: o.SetPasswords, GeneratePasswords: o.GeneratePasswords, Notify: o.Notify}
	switch {
	case o.Partial:
		w.Mode = "partial"
	case o.Strict:
		w.Mode = "strict"
	}
	return w
}

// waitRemotely follows an import until nothing more happens by itself.
func (s *session) waitRemotely(to *client.Client, number int64) (*client.Import, error) {
	bar := s.progress()
	defer bar.stop()
	err := to.Follow(s.ctx, number, func(p client.Progress) {
		if bar.bars != nil && p.Total > 0 && !p.Ended {
			bar.report(importer.Progress{Stage: p.State, Done: p.Done, Total: p.Total})
		}
	})
	if err != nil {
		return nil, err
	}
	return to.Import(s.ctx, number)
}

// endRemotely prints an import, and tells what is short of what was hoped for.
func (s *session) endRemotely(imp *client.Import) error {
	if s.globals.JSON {
		if err := s.printJSON(imp); err != nil {
			return err
		}
	} else {
		s.importRemotely(imp)
	}
	switch o := imp.Outcomes; {
	case imp.State == string(importer.Refused) && len(imp.Issues) > 0:
		return refused("The file was refused: %s", imp.Issues[0].Message)
	case imp.State == string(importer.Undone) && *o.Irreversible > 0:
		return refused("Not everything was undone: of %s, %d cannot be reversed.", counted(imp.Rows, "row"), *o.Irreversible)
	case imp.State == string(importer.Applied) && o.Failed+o.LeftOut > 0:
		return refused("Not everything was done: of %s, %d failed and %d were left out. To mend them: muster results %d --failed-only -o FILE",
			counted(imp.Rows, "row"), o.Failed, o.LeftOut, imp.Import)
	case imp.State == string(importer.Planned) && imp.Counts.Error > 0:
		return refused("%d of %d rows are in error.", imp.Counts.Error, imp.Rows)
	}
	return nil
}

// importRemotely shows an import to a person.
func (s *session) importRemotely(imp *client.Import) {
	s.print("%s", s.style.bold(fmt.Sprintf("Import %d: %s", imp.Import, clean(imp.File))))
	s.print("  State: %s. Format %s, %s.", imp.State, dash(imp.Format), counted(imp.Rows, "row"))
	counts := imp.Counts
	for _, c := range []struct {
		name string
		n    int64
	}{{"create", counts.Create}, {"update", counts.Update}, {"unchanged", counts.Unchanged}, {"leaver", counts.Leaver}, {"joiner", counts.Joiner},
		{"discard", counts.Discard}, {"error", counts.Error}, {"warning", counts.Warning}} {
		if c.n > 0 {
			s.print("  %-10s %9d", c.name, c.n)
		}
	}
	for _, i := range imp.Issues[:min(shownIssues, len(imp.Issues))] {
		place := "the file"
		if i.Line != nil {
			place = fmt.Sprintf("line %d", *i.Line)
		}
		s.wrap(2, fmt.Sprintf("%s in %s: %s", i.Severity, place, i.Message))
	}
}

// Remote plans a file, asks, and applies it.
func (c *importCommand) Remote(s *session, to *client.Client) error {
	if err := c.mayAsk(s); err != nil {
		return err
	}
	imp, err := s.planRemotely(to, &c.planOptions)
	if err != nil || imp.State != string(importer.Planned) {
		return firstOf(err, func() error { return s.endRemotely(imp) })
	}
	if !c.Yes {
		s.importRemotely(imp)
		if err := s.out.Flush(); err != nil {
			return err
		}
		if !s.agreed(imp.Import) {
			return refused("Nothing was done. The plan is kept: muster apply %d", imp.Import)
		}
	}
	return s.applyRemotely(to, imp.Import, c.Confirm, c.Detach)
}

func firstOf(err error, otherwise func() error) error {
	if err != nil {
		return err
	}
	return otherwise()
}

func (s *session) applyRemotely(to *client.Client, number, confirm int64, detach bool) error {
	imp, err := to.Apply(s.ctx, number, confirm)
	return s.leftRemotely(to, imp, err, detach)
}

// leftRemotely waits for an import that a server goes on with, or not.
func (s *session) leftRemotely(to *client.Client, imp *client.Import, err error, detach bool) error {
	switch {
	case err != nil:
		return err
	case detach && s.globals.JSON:
		return s.printJSON(imp)
	case detach:
		s.print("%d", imp.Import)
		return nil
	}
	if imp, err = s.waitRemotely(to, imp.Import); err != nil {
		return err
	}
	return s.endRemotely(imp)
}

// Remote applies a plan.
func (c *applyCommand) Remote(s *session, to *client.Client) error {
	return s.applyRemotely(to, c.Import, c.Confirm, c.Detach)
}

// Remote goes on with an import.
func (c *resumeCommand) Remote(s *session, to *client.Client) error {
	imp, err := to.Resume(s.ctx, c.Import)
	return s.leftRemotely(to, imp, err, c.Detach)
}

// Remote cancels an import.
func (c *cancelCommand) Remote(s *session, to *client.Client) error {
	imp, err := to.Cancel(s.ctx, c.Import)
	return firstOf(err, func() error { return s.endRemotely(imp) })
}

// Remote undoes an import, or shows what that would do.
func (c *undoCommand) Remote(s *session, to *client.Client) error {
	if c.Plan {
		plan, err := to.UndoPlan(s.ctx, c.Import)
		return s.shown(plan, err)
	}
	imp, err := to.Undo(s.ctx, c.Import, c.Confirm)
	return s.leftRemotely(to, imp, err, c.Detach)
}

// Remote lists the imports.
func (c *importsCommand) Remote(s *session, to *client.Client) error {
	return listRemotely(s, []string{"IMPORT", "STATE", "FORMAT", "ORG", "ROWS", "WHEN", "BY", "FILE"},
		func(f func(*client.ListedImport) error) error { return to.Imports(s.ctx, f) },
		func(imp *client.ListedImport) []string {
			return []string{fmt.Sprint(imp.Import), imp.State, dash(imp.Format), imp.Org, fmt.Sprint(imp.Rows), shownTime(imp.CreatedAt), imp.PlannedBy, imp.File}
		})
}

// Remote shows an import or its rows.
func (c *showCommand) Remote(s *session, to *client.Client) error {
	if !c.Rows && len(c.Only) == 0 {
		imp, err := to.Import(s.ctx, c.Import)
		if err == nil && !s.globals.JSON {
			s.importRemotely(imp)
			return nil
		}
		return s.shown(imp, err)
	}
	return listRemotely(s, []string{"ROW", "LINE", "ACTION", "OUTCOME", "ADDRESS", "ISSUES"},
		func(f func(*client.Row) error) error {
			return to.Rows(s.ctx, c.Import, client.RowFilter{Only: c.Only}, f)
		},
		func(r *client.Row) []string {
			messages := []string{}
			for _, i := range r.Issues {
				messages = append(messages, i.Message)
			}
			return []string{fmt.Sprint(r.Row), fmt.Sprint(r.Line), r.Action, r.Outcome, r.Address, strings.Join(slices.Compact(messages), " ")}
		})
}

// Remote writes the file again, with its results.
func (c *resultsCommand) Remote(s *session, to *client.Client) error {
	if err := s.checkOutput(c.Output); err != nil {
		return err
	}
	err := s.writeTo(c.Output, func(w io.Writer) error {
		_, err := to.Results(s.ctx, c.Import, c.FailedOnly, w)
		return err
	})
	if err != nil {
		return err
	}
	return s.wrote(c.Output, member{"import", c.Import})
}
