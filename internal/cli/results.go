package cli

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

type resultsCommand struct {
	numbered
	Output     string `short:"o" help:"Where to write; standard output if not given." placeholder:"FILE"`
	FailedOnly bool   `help:"Only the rows that failed or were left out, ready to mend and send again."`
}

// Run writes the file again, with its results.
func (c *resultsCommand) Run(s *session) error {
	if err := s.checkOutput(c.Output); err != nil {
		return err
	}
	core, actor, err := s.attach()
	if err != nil {
		return err
	}
	err = s.writeTo(c.Output, func(w io.Writer) error {
		return core.Importer.Results(s.ctx, actor, c.Import, c.FailedOnly, w)
	})
	if err != nil {
		return err
	}
	return s.wrote(c.Output, member{"import", c.Import})
}

type sampleCommand struct {
	Format string `arg:"" help:"Name of the format."`
	Org    string `help:"Organisation whose formats count, too." placeholder:"CODE"`
	Output string `short:"o" help:"Where to write; standard output if not given." placeholder:"FILE"`
}

// Run writes the template of a format.
func (c *sampleCommand) Run(s *session) error {
	if err := s.checkOutput(c.Output); err != nil {
		return err
	}
	f, err := s.formatNamed(c.Format, c.Org)
	if err != nil {
		return err
	}
	if err := s.writeTo(c.Output, f.Sample); err != nil {
		return err
	}
	return s.wrote(c.Output, member{"format", f.Name})
}

const standardOutput = "-"

func toStandardOutput(path string) bool { return path == "" || path == standardOutput }

// checkOutput refuses a place to write to that is none, before any work is done.
func (s *session) checkOutput(path string) error {
	if toStandardOutput(path) {
		if s.globals.JSON {
			return usage("the table itself is no JSON; write it to a file with -o FILE")
		}
		return nil
	}
	if info, err := os.Stat(filepath.Dir(path)); err != nil || !info.IsDir() {
		return usage("there is no folder %q to write to", filepath.Dir(path))
	}
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return usage("%q is a folder; name a file", path)
	}
	return nil
}

// writeTo writes to standard output or to a file, which appears whole or not at
// all, and is its owner's alone: results may hold passwords.
func (s *session) writeTo(path string, write func(io.Writer) error) error {
	if toStandardOutput(path) {
		return write(s.out)
	}
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return writeDevice(path, write)
	}
	draft, err := os.CreateTemp(filepath.Dir(path), ".muster-*")
	if err != nil {
		return unwritable(path, err)
	}
	defer os.Remove(draft.Name())
	err = errors.Join(write(draft), draft.Close())
	if err != nil {
		return err
	}
	if err := os.Rename(draft.Name(), path); err != nil {
		return unwritable(path, err)
	}
	return nil
}

func writeDevice(path string, write func(io.Writer) error) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return unwritable(path, err)
	}
	return errors.Join(write(f), f.Close())
}

func unwritable(path string, err error) error {
	var where *fs.PathError
	if errors.As(err, &where) {
		err = where.Err
	}
	return refused("The file %s cannot be written: %s.", path, err)
}

// wrote tells where something was written, if that is not standard output.
func (s *session) wrote(path string, what member) error {
	if toStandardOutput(path) {
		return nil
	}
	if s.globals.JSON {
		return s.printJSON(object{what, {"file", path}})
	}
	s.print("Written: %s", clean(path))
	return nil
}
