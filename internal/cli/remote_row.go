package cli

import (
	"errors"
	"io"

	"muster/client"
	"muster/internal/format"
)

// Remote mends a row. Whether a column holds passwords is known where the file is, so
// nothing is told of it here but what was typed.
func (c *rowSetCommand) Remote(s *session, to *client.Client) error {
	r, err := c.revision(s)
	if err != nil {
		return err
	}
	imp, err := to.SetRow(s.ctx, c.Import, c.Row, client.RowChange{Cells: r.Cells})
	return s.revisedRemotely(imp, err)
}

// Remote leaves rows out.
func (c *rowLeaveOutCommand) Remote(s *session, to *client.Client) error {
	return c.remotely(s, func(row int) (*client.Import, error) { return to.LeaveRowOut(s.ctx, c.Import, row) })
}

// Remote takes rows in.
func (c *rowTakeInCommand) Remote(s *session, to *client.Client) error {
	return c.remotely(s, func(row int) (*client.Import, error) { return to.TakeRowIn(s.ctx, c.Import, row) })
}

func (c *rowsOfPlan) remotely(s *session, do func(row int) (*client.Import, error)) (err error) {
	var imp *client.Import
	for _, row := range c.Rows {
		if imp, err = do(row); err != nil {
			return err
		}
	}
	return s.revisedRemotely(imp, nil)
}

// revisedRemotely prints a plan as it is after a revision.
func (s *session) revisedRemotely(imp *client.Import, err error) error {
	if err != nil {
		return err
	}
	imp.Outcomes = nil
	return s.endRemotely(imp)
}

// Remote writes users as a file that can be imported.
func (c *mailboxCommand) Remote(s *session, to *client.Client) error {
	if err := s.checkOutput(c.Output); err != nil {
		return err
	}
	kind, err := kindOfName(c.Output)
	if err != nil {
		return err
	}
	var report *client.Report
	err = s.writeTo(c.Output, func(w io.Writer) (err error) {
		report, err = to.MailboxReport(s.ctx, c.wanted(), kind, w)
		return err
	})
	if err != nil {
		return err
	}
	return s.wrote(c.Output, member{"users", report.Users})
}

// errEnough ends a list of which no more is wanted.
var errEnough = errors.New("enough")

// atMost lists the first of what each lists; 0 is all.
func atMost[T any](most int, each func(func(*T) error) error) func(func(*T) error) error {
	return func(f func(*T) error) error {
		left := most
		err := each(func(item *T) error {
			if left--; left < 0 && most > 0 {
				return errEnough
			}
			return f(item)
		})
		if errors.Is(err, errEnough) {
			return nil
		}
		return err
	}
}

// Remote lists entries of the history.
func (c *historyListCommand) Remote(s *session, to *client.Client) error {
	filter, err := c.wanted()
	if err != nil {
		return err
	}
	each := atMost(c.Limit, func(f func(*client.HistoryEntry) error) error { return to.History(s.ctx, filter, f) })
	return listRemotely(s, []string{"WHEN", "ABOUT", "WHAT", "BY", "DOOR", "CHANGES"}, each, func(e *client.HistoryEntry) []string {
		about := e.Address
		if about == "" {
			about = e.Subject
		}
		return []string{shownTime(e.At), about, e.Action, e.Actor, e.Door, changesOf(e.Changes)}
	})
}

// Remote exports the history.
func (c *historyExportCommand) Remote(s *session, to *client.Client) error {
	if err := c.check(s); err != nil {
		return err
	}
	filter, err := c.wanted()
	if err != nil {
		return err
	}
	return c.write(s, func(f func(*client.HistoryEntry) error) error { return to.ExportHistory(s.ctx, filter, f) })
}

// Remote checks the text of a format, which needs nothing but the text.
func (c *formatCheckCommand) Remote(s *session, _ *client.Client) error { return c.Run(s) }

// Remote writes the text of a format for a table, which needs nothing but the table.
func (c *formatMapCommand) Remote(s *session, _ *client.Client) error { return c.Run(s) }

// Remote writes the template of a format: one that Muster has by itself, or that an
// organisation of the server has added.
func (c *sampleCommand) Remote(s *session, to *client.Client) error {
	if f, err := format.Named(c.Format); err == nil {
		return s.writeSample(f, c.Output)
	}
	stored, err := to.Format(s.ctx, c.Format, c.Org)
	if err != nil {
		return err
	}
	f, problems := format.Parse(stored.Text)
	if len(problems) > 0 {
		return problems[0]
	}
	return s.writeSample(f, c.Output)
}
