package importer

import (
	"context"
	"errors"
	"io"
	"strings"

	"muster/internal/directory"
	"muster/internal/format"
	"muster/internal/issue"
	"muster/internal/table"
)

// CharsetNote tells of a charset that only Muster takes.
var CharsetNote = issue.NewWarning("charset-not-original", "The file is in UTF-16, which the system that the format comes from does not take.", "Nothing needs to be done.")

// HeadingsLikely tells of a first line that is no row.
var HeadingsLikely = issue.NewWarning("headings-likely", "The first line of a file whose format has no headings looks like headings.",
	"To leave the line out, plan the file with --skip-header.")

// NoRows tells that a file has headings and nothing else.
var NoRows = issue.NewError("no-rows", "The file has no rows below its headings.", "Check that the right sheet was saved, and that the file is complete.")

// planner is the work of planning one import.
type planner struct {
	*Service
	imp      *Import
	upload   *uploadReader
	table    *table.Reader
	first    *table.Row // read already, of a file without headings
	format   *format.Format
	binding  *format.Binding
	judge    *directory.Judge
	numberer *directory.Numberer
	tx       Tx              // of the batch at hand
	steps    int64           // that are done
	lost     map[string]bool // the users whom rows do not make after all
}

// Plan compares every row of an uploaded file with the directory and keeps what
// is to be done. It changes nothing in the directory. A file that cannot be
// planned is kept as refused; that is no error of Plan. Planning that was cut
// off begins again.
func (s *Service) Plan(ctx context.Context, number int64) (*Import, error) {
	return s.patiently(ctx, number, func(w *work) (*Import, error) {
		imp, err := w.alone(ctx)
		if err != nil || imp.State != Planning {
			return imp, err
		}
		return w.plan(ctx, imp)
	})
}

func (s *Service) plan(ctx context.Context, imp *Import) (*Import, error) {
	if imp.Fingerprint == "" {
		return s.refuse(ctx, imp, UploadCut.New("The file %s did not arrive to its end.", imp.File))
	}
	p := &planner{Service: s, imp: imp, lost: map[string]bool{}}
	err := p.run(ctx)
	if i, ok := asIssue(err); ok {
		return s.refuse(ctx, p.imp, i)
	}
	switch {
	case ctx.Err() != nil && err != nil && s.background:
		return imp, err
	case ctx.Err() != nil && err != nil:
		return imp, errors.Join(ctx.Err(), s.cancelQuietly(ctx, p.imp))
	case errors.Is(err, errTakenOver):
		return s.elsewhere(ctx, imp.Number)
	}
	return p.imp, err
}

func (p *planner) run(ctx context.Context) error {
	if err := p.start(ctx); err != nil {
		return err
	}
	if err := p.open(ctx); err != nil {
		return err
	}
	p.noteCharset()
	p.noteHeadings()
	if err := p.readRows(ctx); err != nil {
		return err
	}
	if p.imp.Rows == 0 {
		return NoRows.New("The file has no rows below its headings.")
	}
	return p.finish(ctx)
}

// start makes the work this planner's and clears away what one that was cut
// off has left.
func (p *planner) start(ctx context.Context) error {
	return p.Store.WriteImport(ctx, func(tx Tx) error {
		now, err := tx.Import(ctx, p.imp.Number)
		if err != nil {
			return err
		}
		if now.State != Planning || now.Lease != p.imp.Lease {
			return errTakenOver
		}
		p.imp = now
		p.imp.clearPlan()
		if p.imp.Ended, err = tx.Ended(ctx); err != nil {
			return err
		}
		if err := tx.Clear(ctx, p.imp.Number, RowsPart, ClaimsPart, SecretsPart); err != nil {
			return err
		}
		return tx.SaveImport(ctx, p.imp)
	})
}

// errShort tells that the database lacks what it had: a server has taken the place of
// another, and had not heard of all from that one.
var errShort = errors.New("the database has lost a part of the plan")

// step runs f in a transaction, as long as planning is this planner's, and counts it.
func (p *planner) step(ctx context.Context, f func(Tx) error) error {
	err := p.Store.WriteStep(ctx, p.mine(ctx, func(tx Tx) error {
		if err := f(tx); err != nil {
			return err
		}
		now, err := tx.Import(ctx, p.imp.Number)
		if err != nil {
			return err
		}
		now.Steps++
		return tx.SaveImport(ctx, now)
	}))
	if err == nil {
		p.steps++
	}
	return err
}

// mine runs f as long as planning is this planner's, and the database has all steps.
// Meanwhile somebody may have asked for the plan to be applied.
func (p *planner) mine(ctx context.Context, f func(Tx) error) func(Tx) error {
	return func(tx Tx) error {
		now, err := tx.Import(ctx, p.imp.Number)
		if err != nil {
			return err
		}
		if now.State != Planning || now.Lease != p.imp.Lease {
			return errTakenOver
		}
		if now.Steps != p.steps {
			return errShort
		}
		p.imp.Wanted, p.imp.Applier, p.imp.Confirm = now.Wanted, now.Applier, now.Confirm
		return f(tx)
	}
}

// open finds out what kind of table and which format the file is.
func (p *planner) open(ctx context.Context) (err error) {
	o := table.Options{Encoding: p.imp.Options.Encoding, Limits: p.Limits}
	if p.imp.Options.Delimiter != "" {
		if o.Delimiter, err = table.DelimiterByName(p.imp.Options.Delimiter); err != nil {
			return err
		}
	}
	if p.imp.Options.Format != "" {
		if p.format, err = format.Named(p.imp.Options.Format); err != nil {
			return err
		}
		o.UnicodeOnly, p.imp.Format = p.format.UnicodeOnly, p.format.Name
	}
	if err := p.openTable(ctx, o); err != nil {
		return p.charsetOfFormat(ctx, o, err)
	}
	if p.format.UnicodeOnly && !o.UnicodeOnly { // found out by its headings
		o.UnicodeOnly = true
		if err := p.openTable(ctx, o); err != nil {
			return err
		}
	}
	return p.prepareJudge(ctx)
}

// charsetOfFormat looks at the headings of a file that is not UTF-8: advice to
// choose another charset is of no use where the format takes none.
func (p *planner) charsetOfFormat(ctx context.Context, o table.Options, refusal error) error {
	if p.format != nil || o.Encoding != "" || !table.NotUTF8.Is(refusal) {
		return refusal
	}
	looked := o
	looked.Encoding = "windows-1252"
	if err := p.openTable(ctx, looked); err != nil || !p.format.UnicodeOnly {
		p.imp.Format, p.imp.Headings = "", nil
		return refusal
	}
	o.UnicodeOnly = true
	return p.openTable(ctx, o)
}

// openTable reads the file from its beginning, up to its headings.
func (p *planner) openTable(ctx context.Context, o table.Options) (err error) {
	p.upload = &uploadReader{ctx: ctx, s: p.Service, number: p.imp.Number, size: p.imp.Bytes}
	if p.table, err = table.Open(p.upload, o); err != nil {
		return err
	}
	p.imp.Table = p.table.Info()
	return p.bind()
}

// bind reads the headings, and finds the format where none was chosen.
func (p *planner) bind() error {
	header, err := p.table.Next()
	if errors.Is(err, io.EOF) {
		return NoRows.New("The file is blank.")
	}
	if err != nil {
		return err
	}
	if p.format == nil {
		if p.format, err = detect(header); err != nil {
			return err
		}
	}
	p.first = nil
	switch skip := p.imp.Options.SkipHeader; {
	case skip && !p.format.Positional:
		return OptionWrong.New("Format %s has headings, which tell its columns and cannot be skipped.", p.format.Name)
	case !skip && p.format.Positional:
		first := header
		p.first, header = &first, table.Row{}
	}
	if p.binding, err = p.format.Bind(header); err != nil {
		return err
	}
	p.imp.Format, p.imp.Headings = p.format.Name, p.binding.Headings()
	p.imp.Strict = p.format.Strict
	if p.imp.Options.Mode != "" {
		p.imp.Strict = p.imp.Options.Mode == "strict"
	}
	return nil
}

func detect(header table.Row) (*format.Format, error) {
	texts := make([]string, len(header.Cells))
	for i, c := range header.Cells {
		texts[i] = table.Trim(c.Text)
	}
	fitting := format.Detect(texts)
	names := make([]string, len(fitting))
	for i, f := range fitting {
		names[i] = f.Name
	}
	switch len(fitting) {
	case 1:
		return fitting[0], nil
	case 0:
		if i, may := byColumns(texts); may {
			i.Line = header.Line
			return nil, i
		}
		if near := format.Nearest(texts); near != nil {
			_, err := near.Bind(header)
			return nil, likely(near, err)
		}
		for _, f := range format.All() {
			names = append(names, f.Name)
		}
		i := FormatUnclear.New("The headings of the file are those of no format.")
		i.Line = header.Line
		return nil, i.Suggest("choose one of %s with --format, and its message will say what is missing", strings.Join(names, ", "))
	}
	i := FormatUnclear.New("The headings fit the formats %s.", strings.Join(names, " and "))
	i.Line = header.Line
	return nil, i.Suggest("choose one of them with --format")
}

// byColumns asks for the format of a file whose first line holds no headings, but is
// like a row of a format that has none.
func byColumns(first []string) (issue.Issue, bool) {
	fitting := format.ByColumns(first)
	if len(fitting) == 0 {
		return issue.Issue{}, false
	}
	var names []string
	for _, f := range fitting {
		names = append(names, f.Name)
	}
	i := FormatUnclear.New("The first line holds no headings. By its columns the file may be of format %s.", strings.Join(names, " or "))
	return i.Suggest("if it is, choose it with --format %s", names[0]), true
}

func (p *planner) prepareJudge(ctx context.Context) (err error) {
	o := p.imp.Directory
	o.Breached, o.Key, o.Planning = p.Breached, p.Key, true
	if p.judge, err = directory.NewJudge(ctx, p.Store, p.imp.Planner, &p.format.Rules, o); err != nil {
		return err
	}
	p.imp.Stamp = p.judge.Catalog().Stamp
	p.numberer = directory.NewNumberer(p.taken)
	return nil
}

// noteCharset tells that the system that the format comes from would not have
// taken the file as it is.
func (p *planner) noteCharset() {
	if p.format.UnicodeOnly && p.imp.Table.Charset != "utf-8" {
		p.imp.FileIssues = []issue.Issue{CharsetNote.New("The file is %s; Muster reads it, the original takes only UTF-8.", strings.ToUpper(p.imp.Table.Charset))}
		p.imp.Issues++
	}
}

// noteHeadings offers to skip a first line that looks like headings where the format
// has none.
func (p *planner) noteHeadings() {
	if p.first == nil || !p.format.LooksLikeHeadings(*p.first) {
		return
	}
	i := HeadingsLikely.New("The first line looks like headings, and format %s has none, so it was read as a row.", p.format.Name).
		Suggest("to leave it out, plan the file with --skip-header")
	i.Line = p.first.Line
	p.imp.FileIssues = append(p.imp.FileIssues, i)
	p.imp.Issues++
}

// next returns the next row of the file.
func (p *planner) next() (table.Row, error) {
	if first := p.first; first != nil {
		p.first = nil
		return *first, nil
	}
	return p.table.Next()
}

// likely says what is wrong with headings that are nearly those of a format.
func likely(f *format.Format, err error) error {
	i, ok := asIssue(err)
	if ok {
		i.Message = "The headings are most like those of format " + f.Name + ". " + i.Message
		return i
	}
	return err
}
