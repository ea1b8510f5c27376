package cli

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"unicode/utf8"

	"muster/internal/directory"
	"muster/internal/importer"
	"muster/internal/mailaddr"
	"muster/internal/table"
)

// planOptions are what whoever plans a file may choose.
type planOptions struct {
	File string `arg:"" help:"The file; - is standard input."`

	unattended bool // nobody is asked
	uploaded   bool // others plan the file

	Format     string `help:"Format of the file; found out if not given." placeholder:"NAME"`
	Org        string `help:"Organisation of rows that name none." placeholder:"CODE"`
	Domain     string `help:"Domain of generated addresses." placeholder:"NAME"`
	Encoding   string `help:"Charset of CSV." placeholder:"NAME"`
	Sheet      string `help:"Sheet of a workbook, by its name, or by its number among those to be seen; the first that fits if not given." placeholder:"NAME"`
	Delimiter  string `help:"comma, semicolon, tab or pipe, of CSV; found out if not given." enum:",comma,semicolon,tab,pipe" default:"" placeholder:"NAME"`
	SkipHeader bool   `help:"The first line is no row, in a file of a format without headings."`

	Group      string `help:"Group that every user of the file joins." placeholder:"PATH" xor:"group"`
	GroupMode  string `help:"add to the group, or replace its members." enum:",add,replace" default:"" placeholder:"add|replace"`
	UploadOnly bool   `help:"The users join no group." xor:"group"`
	Note       string `help:"Note of at most 100 characters on each member added." placeholder:"TEXT"`

	Partial bool `help:"The good rows can be applied without the others." xor:"mode"`
	Strict  bool `help:"A row in error keeps all from being applied." xor:"mode"`

	SetPasswords      bool   `help:"Passwords of the file act for users who exist, too."`
	GeneratePasswords bool   `help:"New users without a password get one."`
	Notify            string `help:"User who is told what becomes of the import, beside those who work with it." placeholder:"ADDRESS"`
}

type planCommand struct {
	planOptions
}

type importCommand struct {
	planOptions
	detached
	Yes     bool  `help:"Apply without asking."`
	Confirm int64 `help:"Number of existing users that the plan changes, where that is unusually high." placeholder:"N"`
}

// options checks what can be checked without a database, and looks names up.
func (o *planOptions) options() (importer.Options, error) {
	options := importer.Options{Format: o.Format, Encoding: o.Encoding, Sheet: o.Sheet, Delimiter: o.Delimiter, Org: o.Org, Group: o.Group,
		GroupMode: o.GroupMode, UploadOnly: o.UploadOnly, Note: o.Note, Notify: o.Notify,
		SetPasswords: o.SetPasswords, GeneratePasswords: o.GeneratePasswords, SkipHeader: o.SkipHeader, Unattended: o.unattended}
	switch {
	case o.Partial:
		options.Mode = "partial"
	case o.Strict:
		options.Mode = "strict"
	}
	if o.Domain != "" {
		name, err := mailaddr.ParseDomain(o.Domain)
		if err != nil {
			return options, usage("--domain: %w", err)
		}
		options.Domain = name
	}
	return options, o.check()
}

func (o *planOptions) check() error {
	if o.Encoding != "" {
		if _, err := table.Open(strings.NewReader("a"), table.Options{Encoding: o.Encoding}); err != nil {
			return usage("--encoding: %w", err)
		}
	}
	if o.Notify != "" {
		if _, err := mailaddr.Parse(o.Notify); err != nil {
			return usage("--notify: %w", err)
		}
	}
	if o.GroupMode != "" && o.Group == "" {
		return usage("--group-mode is of no use without --group")
	}
	if o.Note != "" && o.Group == "" {
		return usage("--note is of no use without --group: it is kept with the membership")
	}
	return checkNote(o.Note)
}

func checkNote(note string) error {
	if n := utf8.RuneCountInString(note); n > directory.MaxNote {
		return usage("--note: the note has %d characters; at most %d are allowed", n, directory.MaxNote)
	}
	return nil
}

// file opens the file. One that is not there is a wrong usage; one that cannot
// be read is kept as a refused import, so that its reader tells why.
func (o *planOptions) file(s *session) (io.ReadCloser, string, error) {
	if o.File == "-" {
		return interruptible{io.NopCloser(s.process.Stdin), s.ctx}, "standard input", nil
	}
	info, err := os.Stat(o.File)
	if err != nil && !errors.Is(err, fs.ErrPermission) {
		var path *fs.PathError
		if errors.As(err, &path) {
			err = path.Err
		}
		return nil, "", usage("there is no file %q: %w", o.File, err)
	}
	f, err := os.Open(o.File)
	if err != nil {
		return unreadable{err}, o.File, nil
	}
	if info != nil && !info.Mode().IsRegular() {
		return interruptible{f, s.ctx}, o.File, nil
	}
	return f, o.File, nil
}

// unreadable is a file that could not be opened.
type unreadable struct{ err error }

func (u unreadable) Read([]byte) (int, error) { return 0, u.err }
func (u unreadable) Close() error             { return nil }

// plan uploads the file and plans it, unless others do. The import is nil where nothing was kept.
func (s *session) plan(o *planOptions, beforehand func() error) (*importer.Import, directory.Actor, error) {
	var actor directory.Actor
	options, err := o.options()
	if err == nil {
		err = beforehand()
	}
	if err == nil && o.Format != "" {
		_, err = s.formatNamed(o.Format, o.Org)
	}
	if err != nil {
		return nil, actor, err
	}
	file, name, err := o.file(s)
	if err != nil {
		return nil, actor, err
	}
	defer file.Close()
	core, actor, err := s.setUp()
	if err != nil {
		return nil, actor, err
	}
	defer s.progress().stop()
	imp, err := core.Importer.Upload(s.ctx, actor, name, file, options)
	if err == nil && !o.uploaded {
		imp, err = core.Importer.Plan(s.ctx, imp.Number)
	}
	return s.asKept(actor, imp, err), actor, err
}

// Run plans a file.
func (c *planCommand) Run(s *session) error {
	imp, actor, err := s.plan(&c.planOptions, func() error { return nil })
	if imp == nil {
		return err
	}
	if printing := s.printImport(actor, imp, false); printing != nil {
		return errors.Join(err, printing)
	}
	return errors.Join(err, shortOfPlan(imp))
}

// Run plans a file, asks, and applies it.
func (c *importCommand) Run(s *session) error {
	c.unattended, c.uploaded = c.Yes, c.Yes && c.Detach
	imp, actor, err := s.plan(&c.planOptions, func() error { return c.mayAsk(s) })
	if imp == nil {
		return err
	}
	if err == nil && c.uploaded && !imp.Finished() {
		return s.applyLater(actor, imp, c.Confirm)
	}
	if err != nil || imp.State != importer.Planned {
		return errors.Join(s.printImport(actor, imp, true), err, shortOfPlan(imp))
	}
	if !c.Yes && isChoice(imp) {
		agreed, err := s.ask(actor, imp)
		if err != nil {
			return err
		}
		if !agreed {
			return errors.Join(s.printDeclined(actor, imp), refused("Nothing was done. The plan is kept: muster apply %d", imp.Number))
		}
	}
	if c.Detach {
		return s.applyLater(actor, imp, c.Confirm)
	}
	return s.apply(actor, imp, c.Confirm)
}

// mayAsk refuses to begin what would have to end with a question to nobody.
func (c *importCommand) mayAsk(s *session) error {
	if !c.Yes && (c.File == "-" || !isTerminal(s.process.Stdin)) {
		return usage("import asks before it applies, and there is no terminal to ask on; repeat it with --yes, or use muster plan and muster apply")
	}
	return nil
}

// isChoice reports whether there is anything to ask: a plan that changes nothing
// does no harm, and one that may not be applied is refused anyway.
func isChoice(imp *importer.Import) bool {
	return changes(imp) && !(imp.Strict && imp.Counts[directory.Refuse] > 0)
}

// ask shows the plan and asks whether it is to be applied. With --json the
// plan is shown beside the question, not where the answer will be.
func (s *session) ask(actor directory.Actor, imp *importer.Import) (bool, error) {
	shown := *s
	if s.globals.JSON {
		shown.out = bufio.NewWriter(s.err)
	}
	if err := shown.importText(actor, imp, false); err != nil {
		return false, err
	}
	if err := shown.out.Flush(); err != nil {
		return false, err
	}
	return s.agreed(imp.Number), nil
}

// agreed asks whether an import is to be applied.
func (s *session) agreed(number int64) bool {
	fmt.Fprintf(s.err, "Apply import %d? [y/N] ", number)
	answer, _ := bufio.NewReader(s.process.Stdin).ReadString('\n')
	answer = strings.ToLower(strings.TrimSpace(answer))
	return answer == "y" || answer == "yes"
}

// printDeclined prints the object of a plan that nobody wanted. A person has
// seen it already.
func (s *session) printDeclined(actor directory.Actor, imp *importer.Import) error {
	if !s.globals.JSON {
		return nil
	}
	return s.printImport(actor, imp, true)
}

// shortOfPlan tells why a plan is less than was hoped for.
func shortOfPlan(imp *importer.Import) error {
	switch n := imp.Counts[directory.Refuse]; {
	case imp.State == importer.Refused && len(imp.FileIssues) > 0:
		return refused("The file was refused: %s", imp.FileIssues[0])
	case imp.State == importer.Refused:
		return refused("The file was refused.")
	case n > 0:
		return refused("%d of %d rows are in error.", n, imp.Rows)
	}
	return nil
}
