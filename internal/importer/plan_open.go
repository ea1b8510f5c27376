package importer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"muster/internal/format"
	"muster/internal/issue"
	"muster/internal/table"
)

// What is worth knowing of a file that is read all the same.
var (
	CharsetNote = issue.NewWarning("charset-not-original", "The file is in UTF-16, which the system that the format comes from does not take.", "Nothing needs to be done.")
	KindNote    = issue.NewWarning("kind-not-original", "The file is of a kind that the system that the format comes from does not take.", "Nothing needs to be done.")
	NameNote    = issue.NewWarning("kind-misnamed", "The name of the file says that it is of another kind than it is.", "Nothing needs to be done; other programs may go by the name.")
	SheetNote   = issue.NewWarning("sheet-chosen", "The workbook has several sheets with rows, of which one was read.", "Name the sheet with --sheet if it is another one.")
)

// open finds out what kind of table and which format the file is.
func (p *planner) open(ctx context.Context) error {
	catalog, err := p.Store.Catalog(ctx)
	if err != nil {
		return err
	}
	if p.formats, err = p.formatsFor(ctx, catalog, p.imp.Directory.Org); err != nil {
		return err
	}
	o := table.Options{Encoding: p.imp.Options.Encoding, Sheet: p.imp.Options.Sheet, Limits: p.Limits}
	if p.imp.Options.Delimiter != "" {
		if o.Delimiter, err = table.DelimiterByName(p.imp.Options.Delimiter); err != nil {
			return err
		}
	}
	if p.imp.Options.Format != "" {
		if p.format, err = p.formats.Named(p.imp.Options.Format); err != nil {
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
		p.imp.Format, p.imp.FormatText, p.imp.Headings = "", "", nil
		return refusal
	}
	o.UnicodeOnly = true
	return p.openTable(ctx, o)
}

// openTable opens the file and takes the table whose headings fit.
func (p *planner) openTable(ctx context.Context, o table.Options) error {
	p.upload = &uploadReader{ctx: ctx, s: p.Service, number: p.imp.Number, size: p.imp.Bytes}
	tables, err := table.Open(p.upload, o)
	if err != nil {
		return err
	}
	return p.choose(tables)
}

// choose takes the first table whose headings fit, and remembers which others have
// rows. Where none fits, it says why not of the one that is nearest to it.
func (p *planner) choose(tables []table.Reader) error {
	p.table, p.first, p.others = nil, nil, nil
	refusal, near := error(nil), false
	for _, t := range tables {
		header, err := t.Next()
		if errors.Is(err, io.EOF) {
			continue
		}
		header.Cells = slices.Clone(header.Cells) // which the next row takes
		if err == nil && p.table == nil {
			if err = p.bind(t, header); err == nil {
				p.table = t
				continue
			}
		}
		if _, ofTheFile := asIssue(err); err != nil && !ofTheFile {
			return err
		}
		p.others = append(p.others, t.Info().Sheet)
		if nearer := p.formats.Nearest(header.Texts()) != nil; refusal == nil || nearer && !near {
			refusal, near = within(t.Info().Sheet, err, len(tables)), nearer
		}
	}
	switch {
	case p.table != nil:
		return nil
	case refusal != nil:
		return refusal
	}
	return NoRows.New("The file is blank.")
}

// within says in which of several sheets something is wrong.
func within(sheet string, err error, sheets int) error {
	i, ok := asIssue(err)
	if !ok || sheets == 1 {
		return err
	}
	i.Message = fmt.Sprintf("In the sheet %q: %s", sheet, i.Message)
	return i
}

// bind finds the format of the headings, where none was chosen, and the place of
// its columns. Where the format has no headings, the first row is to be judged.
func (p *planner) bind(t table.Reader, header table.Row) (err error) {
	f, header, err := p.seek(t, header)
	if err != nil {
		return err
	}
	info := t.Info()
	var first *table.Row
	switch skip := p.imp.Options.SkipHeader; {
	case skip && !f.Positional:
		return OptionWrong.New("Format %s has headings, which tell its columns and cannot be skipped.", f.Name)
	case !skip && f.Positional:
		row := header
		first, header = &row, table.Row{}
	}
	binding, err := f.Bind(header)
	if err != nil {
		return err
	}
	p.format, p.binding, p.first = f, binding, first
	p.imp.Table, p.imp.Format, p.imp.FormatText, p.imp.Headings = info, f.Name, f.Text, binding.Headings()
	p.imp.Strict = f.Strict
	if p.imp.Options.Mode != "" {
		p.imp.Strict = p.imp.Options.Mode == "strict"
	}
	return nil
}

// seek returns the row of the headings and its format: the first row, but for a format
// with a checkpoint cell, which may stand in a row further down.
func (p *planner) seek(t table.Reader, first table.Row) (f *format.Format, header table.Row, err error) {
	begins := func(r table.Row) bool { f = p.formats.AtCheckpoint(r); return f != nil }
	if f = p.format; f != nil {
		begins = f.HasCheckpoint
	} else if f, err = detect(p.formats, first, t.Info().Kind); err != nil {
		return nil, first, err
	}
	if f != nil && !f.Checkpoint {
		return f, first, nil
	}
	header, found, err := rowWhere(t, first, begins)
	switch {
	case err != nil:
		return nil, first, err
	case found:
		return f, header, nil
	case p.format != nil:
		return p.format, first, nil // which tells what is wrong
	}
	return nil, first, unclear(p.formats, first)
}

// rowWhere reads on to a row in which the headings begin, as far as they may.
func rowWhere(t table.Reader, row table.Row, begins func(table.Row) bool) (_ table.Row, found bool, err error) {
	for ; err == nil && format.MayHoldCheckpoint(row); row, err = t.Next() {
		if begins(row) {
			return row, true, nil
		}
	}
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return row, false, err
}

// detect returns the format that the first row of a table is of, or nil; of several, a
// person chooses.
func detect(formats format.Set, header table.Row, kind string) (*format.Format, error) {
	fitting := formats.Detect(header.Texts(), kind)
	switch len(fitting) {
	case 0:
		return nil, nil
	case 1:
		return fitting[0], nil
	}
	i := FormatUnclear.New("The headings fit the formats %s.", strings.Join(names(fitting), " and "))
	i.Line = header.Line
	return nil, i.Suggest("choose one of them with --format")
}

func names(formats format.Set) (names []string) {
	for _, f := range formats {
		names = append(names, f.Name)
	}
	return names
}

// unclear says what can be done about a table that is of no format.
func unclear(formats format.Set, header table.Row) error {
	texts := header.Texts()
	if i, may := byColumns(formats, texts); may {
		i.Line = header.Line
		return i
	}
	if near := formats.Nearest(texts); near != nil {
		_, err := near.Bind(header)
		return likely(near, err)
	}
	i := FormatUnclear.New("The headings of the file are those of no format.")
	i.Line = header.Line
	return i.Suggest("choose one of %s with --format, and its message will say what is missing; or make a format for such files with muster formats map", strings.Join(names(formats), ", "))
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

// noteForm tells what is worth knowing of the file's form: which sheet was taken,
// and that the system that the format comes from would not have taken the file.
func (p *planner) noteForm() {
	var notes []issue.Issue
	info, original := p.imp.Table, p.format.Kind
	if len(p.others) > 0 && p.imp.Options.Sheet == "" {
		notes = append(notes, SheetNote.New("The rows are those of the sheet %q; there are rows also in %s.", info.Sheet, listed(p.others)).
			Suggest("choose another sheet with --sheet NAME"))
	}
	if i, misnamed := misnamed(p.imp.File, info.Kind); misnamed {
		notes = append(notes, i)
	}
	switch {
	case original != "" && info.Kind != original:
		notes = append(notes, KindNote.New("The file is %s; Muster reads it, the original takes only %s.", kindWords[info.Kind], kindWords[original]))
	case p.format.UnicodeOnly && info.Kind == table.CSV && info.Charset != "utf-8":
		notes = append(notes, CharsetNote.New("The file is %s; Muster reads it, the original takes only UTF-8.", strings.ToUpper(info.Charset)))
	}
	notes = append(append(notes, p.binding.Notes()...), p.imp.noteNotified()...)
	p.imp.FileIssues = notes
	p.imp.Issues += int64(len(notes))
}

var kindWords = map[string]string{table.CSV: "CSV", table.JSONL: "JSON lines", table.XLS: "an older Excel workbook (.xls)",
	table.XLSX: "an Excel workbook (.xlsx)"}

// listed names some sheets.
func listed(sheets []string) string {
	const most = 5
	var names []string
	for _, s := range sheets[:min(most, len(sheets))] {
		names = append(names, fmt.Sprintf("%q", s))
	}
	if more := len(sheets) - most; more > 0 {
		names = append(names, fmt.Sprintf("%d more", more))
	}
	last := len(names) - 1
	if last == 0 {
		return names[0]
	}
	return strings.Join(names[:last], ", ") + " and " + names[last]
}

// misnamed tells of a workbook that is called another kind, or of what is called a
// workbook and is none.
func misnamed(file, kind string) (issue.Issue, bool) {
	said := strings.TrimPrefix(strings.ToLower(path.Ext(file)), ".")
	if said == "xlsm" {
		said = table.XLSX
	}
	if _, known := kindWords[said]; !known || said == kind {
		return issue.Issue{}, false
	}
	return NameNote.New("The file is called .%s, and is %s; it was read as what it is.", said, kindWords[kind]), true
}
