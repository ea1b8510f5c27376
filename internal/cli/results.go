package cli

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"muster/internal/format"
	"muster/internal/table"
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
	imp, err := core.Importer.Import(s.ctx, actor, c.Import)
	if err != nil {
		return err
	}
	if err := s.checkKind(c.Output, imp.Table.Kind); err != nil {
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

// checkKind keeps a workbook from a terminal, and tells where a file that will be
// one is called something else.
func (s *session) checkKind(path, kind string) error {
	switch {
	case kind != table.XLS && kind != table.XLSX:
	case toStandardOutput(path) && isTerminal(s.process.Stdout):
		return usage("the results are a workbook, which is nothing for a terminal; name a file with -o FILE.xlsx")
	case !toStandardOutput(path) && !strings.EqualFold(filepath.Ext(path), ".xlsx"):
		s.say("%s will be an Excel workbook (.xlsx), as the file was.", path)
	}
	return nil
}

type sampleCommand struct {
	Format string `arg:"" help:"Name of the format."`
	Org    string `help:"Organisation whose formats count, too." placeholder:"CODE"`
	Output string `short:"o" help:"Where to write, a workbook if the name ends in .xlsx, JSON lines if in .jsonl; standard output if not given." placeholder:"FILE"`
}

// Run writes the template of a format.
func (c *sampleCommand) Run(s *session) error {
	f, err := s.formatNamed(c.Format, c.Org)
	if err != nil {
		return err
	}
	return s.writeSample(f, c.Output)
}

func (s *session) writeSample(f *format.Format, output string) error {
	if err := s.checkOutput(output); err != nil {
		return err
	}
	kind, err := sampleKind(f, output)
	if err != nil {
		return err
	}
	if err := s.writeTo(output, func(w io.Writer) error { return f.Sample(w, kind) }); err != nil {
		return err
	}
	return s.wrote(output, member{"format", f.Name})
}

// sampleKind tells by the name of a file as which kind of table the template is to
// be written. A format whose original takes CSV alone has a template of CSV.
func sampleKind(f *format.Format, path string) (string, error) {
	kind, err := kindOfName(path)
	if err == nil && kind != table.CSV && f.Kind == table.CSV {
		return "", usage("the template of format %s is CSV; name the file .csv", f.Name)
	}
	return kind, err
}

// kindOfName tells by the name of a file as which kind of table it is to be written.
func kindOfName(path string) (string, error) {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".xls":
		return "", usage("Muster writes no .xls; name the file .xlsx")
	case ".xlsx":
		return table.XLSX, nil
	case ".jsonl":
		return table.JSONL, nil
	}
	return table.CSV, nil
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
