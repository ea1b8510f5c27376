package cli

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"strings"

	"muster/client"
	"muster/internal/config"
	"muster/internal/directory"
	"muster/internal/format"
	"muster/internal/importer"
	"muster/internal/issue"
	"muster/internal/wire"
)

type formatCommands struct {
	List   formatListCommand   `cmd:"" default:"withargs" help:"List the formats that a file may have."`
	Show   formatShowCommand   `cmd:"" help:"Print the text of a format."`
	Map    formatMapCommand    `cmd:"" help:"Write a format for a table of yours, to be looked over."`
	Check  formatCheckCommand  `cmd:"" help:"Tell what is wrong with the text of a format, by line."`
	Add    formatAddCommand    `cmd:"" help:"Add a format, or correct one of the same name."`
	Delete formatDeleteCommand `cmd:"" help:"Delete a format of your own."`
}

// formats returns the formats that files of an organisation may have, and the
// organisations that have added the last ones. Where there is no database, they
// are those that Muster has by itself.
func (s *session) formats(org string) (format.Set, []directory.FormatText, error) {
	core, actor, err := s.attach()
	if s.process.Missing(err) && s.globals.As == "" {
		return format.All(), nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	texts, err := core.Directory.Formats(s.ctx, actor, cmp.Or(org, actor.Org))
	if err != nil {
		return nil, nil, err
	}
	set, err := importer.Formats(texts)
	return set, texts, err
}

// formatNamed returns a format; a name that is none's is wrong usage.
func (s *session) formatNamed(name, org string) (*format.Format, error) {
	set, _, err := s.formats(org)
	if err != nil {
		return nil, err
	}
	f, err := set.Named(name)
	if err != nil {
		return nil, usage("%w", err)
	}
	return f, nil
}

type formatListCommand struct {
	Org string `help:"Organisation whose formats are listed, too." placeholder:"CODE"`
}

// Run lists the formats.
func (c *formatListCommand) Run(s *session) error {
	settings, err := s.settings()
	if err != nil {
		return err
	}
	set, texts, err := s.formats(c.Org)
	if err != nil {
		return err
	}
	for i, f := range set {
		from := ""
		for _, t := range texts {
			if t.Name == f.Name {
				from = t.Org
			}
		}
		limit := f.Limit
		if from == "" {
			limit = settings.Number(config.FormatLimit(f.Name))
		}
		if err := s.printFormat(i, f, limit, from); err != nil {
			return err
		}
	}
	return nil
}

// printFormat prints a format of the list; from is the organisation that has added it.
func (s *session) printFormat(i int, f *format.Format, limit int, from string) error {
	shown := wire.Format(f, limit, from)
	if s.globals.JSON {
		return s.printJSON(shown)
	}
	if i > 0 {
		s.print("")
	}
	most := "no limit of rows"
	if limit > 0 {
		most = fmt.Sprintf("at most %d rows", limit)
	}
	if from != "" {
		most += ", added by " + from
	}
	s.print("%s  %s, %s", s.style.bold(f.Name), shown.Mode, most)
	s.wrap(2, clean(f.Help))
	return nil
}

type formatShowCommand struct {
	Format string `arg:"" help:"Name of the format."`
	Org    string `help:"Organisation whose formats count, too." placeholder:"CODE"`
}

// Run prints the text of a format.
func (c *formatShowCommand) Run(s *session) error {
	f, err := s.formatNamed(c.Format, c.Org)
	switch {
	case err != nil:
		return err
	case f.Text == "":
		return refused("The format %s has no text: it is written in the program. muster sample %s prints its headings.", f.Name, f.Name)
	case s.globals.JSON:
		return s.printJSON(client.FormatText{Format: f.Name, Text: f.Text})
	}
	_, err = io.WriteString(s.out, f.Text)
	return err
}

// formatFile is a command on the text of a format in a file.
type formatFile struct {
	File string `arg:"" help:"File with the text of the format; - is standard input."`
}

// read returns the text, and what is wrong with it.
func (f *formatFile) read(s *session) (*format.Format, []issue.Issue, error) {
	var from io.Reader = s.process.Stdin
	if f.File != "-" {
		file, err := os.Open(f.File)
		if err != nil {
			return nil, nil, usage("there is no file %q to read", f.File)
		}
		defer file.Close()
		from = file
	}
	text, err := io.ReadAll(io.LimitReader(from, format.TextLimit+1))
	if err != nil {
		return nil, nil, refused("The file %s cannot be read, or is a folder.", f.File)
	}
	format, problems := format.Parse(string(text))
	return format, problems, nil
}

// printProblems prints what is wrong with a text, and returns the error that
// ends the command.
func (s *session) printProblems(name string, problems []issue.Issue) error {
	for _, p := range problems {
		if s.globals.JSON {
			if err := s.printJSON(object{{"line", p.Line}, {"key", p.Column}, {"message", p.Message}, {"suggestion", p.Suggestion}}); err != nil {
				return err
			}
			continue
		}
		s.print("%s:%d: %s (%s)", clean(name), p.Line, clean(p.Message), clean(p.Suggestion))
	}
	return refused("The format has %s.", counted(len(problems), "problem"))
}

type formatCheckCommand struct{ formatFile }

// Run tells what is wrong with the text of a format.
func (c *formatCheckCommand) Run(s *session) error {
	f, problems, err := c.read(s)
	switch {
	case err != nil:
		return err
	case len(problems) > 0:
		return s.printProblems(c.File, problems)
	case s.globals.JSON:
		return s.printJSON(object{{"format", f.Name}, {"title", f.Title}, {"columns", len(f.Columns)}})
	}
	s.print("The format %s is in order: %s.", f.Name, counted(len(f.Columns), "column"))
	return nil
}

type formatAddCommand struct {
	formatFile
	Org string `help:"Organisation for whose files, and those of the ones below, it is; yours if not given." placeholder:"CODE"`
}

// Run adds a format to an organisation.
func (c *formatAddCommand) Run(s *session) error {
	f, problems, err := c.read(s)
	if err != nil {
		return err
	}
	if len(problems) > 0 {
		return s.printProblems(c.File, problems)
	}
	text, added := directory.FormatText{Name: f.Name, Text: f.Text}, false
	err = s.add(func(core *Core, actor directory.Actor) (err error) {
		text.Org = strings.ToUpper(cmp.Or(c.Org, actor.Org))
		added, err = core.Directory.PutFormat(s.ctx, actor, text)
		return err
	})
	if err != nil {
		return err
	}
	if s.globals.JSON {
		return s.printJSON(client.StoredFormat{Format: text.Name, Org: text.Org, Added: added})
	}
	what := "Corrected"
	if added {
		what = "Added"
	}
	s.print("%s: format %s of organisation %s.", what, text.Name, text.Org)
	return nil
}

type formatDeleteCommand struct {
	Format string `arg:"" help:"Name of the format."`
	Org    string `help:"Organisation that has it; yours if not given." placeholder:"CODE"`
}

// Run deletes a format of an organisation.
func (c *formatDeleteCommand) Run(s *session) error {
	core, actor, err := s.attach()
	if err != nil {
		return err
	}
	if err := core.Directory.DeleteFormat(s.ctx, actor, cmp.Or(c.Org, actor.Org), c.Format); err != nil {
		return err
	}
	return s.deleted("format", c.Format)
}
