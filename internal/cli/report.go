package cli

import (
	"io"

	"muster/internal/directory"
	"muster/internal/format"
)

type reportCommands struct {
	Mailbox mailboxCommand `cmd:"" help:"Write users as a file of format muster, which can be imported again: CSV, a workbook or JSON lines."`
}

// mailboxCommand is the Mailbox Report, from which files take the id of a user.
type mailboxCommand struct {
	whichUsers
	Output string `short:"o" help:"Where to write, a workbook if the name ends in .xlsx, JSON lines if in .jsonl; standard output if not given." placeholder:"FILE"`
}

// Run writes users as a file that can be imported.
func (c *mailboxCommand) Run(s *session) error {
	filter, err := c.filter()
	if err != nil {
		return err
	}
	if err := s.checkOutput(c.Output); err != nil {
		return err
	}
	kind, err := kindOfName(c.Output)
	if err != nil {
		return err
	}
	core, actor, err := s.attach()
	if err != nil {
		return err
	}
	users := int64(0)
	err = s.writeTo(c.Output, func(w io.Writer) (err error) {
		users, err = format.Export(w, kind, func(f func(*directory.User) error) error {
			return core.Directory.ExportUsers(s.ctx, actor, filter, f)
		})
		return err
	})
	if err != nil {
		return err
	}
	return s.wrote(c.Output, member{"users", users})
}
