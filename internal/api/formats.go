package api

import (
	"bytes"
	"cmp"
	"context"
	"io"
	"strings"

	"muster/client"
	"muster/internal/directory"
	"muster/internal/format"
	"muster/internal/importer"
	"muster/internal/wire"
)

// ForOrganisation says whose formats count beside those that Muster has by itself.
type ForOrganisation struct {
	Org string `query:"org" doc:"organisation whose formats count, too; yours if not given"`
}

// formatsOf returns the formats that files of an organisation may have, and the texts
// that administrators have added.
func (d *door) formatsOf(ctx context.Context, a directory.Actor, org string) (format.Set, []directory.FormatText, error) {
	texts, err := d.Directory.Formats(ctx, a, cmp.Or(org, a.Org))
	if err != nil {
		return nil, nil, err
	}
	set, err := importer.Formats(texts)
	return set, texts, err
}

func (d *door) listFormats(ctx context.Context, a directory.Actor, in *struct {
	ForOrganisation
	Reading
}) (*client.Page[client.Format], error) {
	set, texts, err := d.formatsOf(ctx, a, in.Org)
	if err != nil {
		return nil, err
	}
	return whole(set, func(f *format.Format) *client.Format {
		org, limit := "", f.Limit
		for _, t := range texts {
			if t.Name == f.Name {
				org = t.Org
			}
		}
		if most, known := d.Importer.FormatRows[f.Name]; known && org == "" {
			limit = most
		}
		return wire.Format(f, limit, org)
	}), nil
}

func (d *door) showFormat(ctx context.Context, a directory.Actor, in *struct {
	Format string `path:"format" doc:"name"`
	ForOrganisation
	Reading
}) (*client.FormatText, error) {
	set, _, err := d.formatsOf(ctx, a, in.Org)
	if err != nil {
		return nil, err
	}
	f, err := set.Named(in.Format)
	if err != nil {
		return nil, err
	}
	return &client.FormatText{Format: f.Name, Text: f.Text}, nil
}

func (d *door) checkFormat(ctx context.Context, a directory.Actor, in *struct {
	Asking
	Body client.Text
}) (*client.CheckedFormat, error) {
	if _, _, err := d.formatsOf(ctx, a, ""); err != nil { // who reads none has no use for it
		return nil, err
	}
	f, problems := format.Parse(in.Body.Text)
	if len(problems) > 0 {
		return &client.CheckedFormat{Problems: wire.FormatProblems(problems)}, nil
	}
	return &client.CheckedFormat{Format: f.Name, Title: f.Title, Columns: len(f.Columns), Problems: []client.FormatProblem{}}, nil
}

func (d *door) putFormat(ctx context.Context, a directory.Actor, in *struct {
	Format string `path:"format" doc:"name, as the text says it"`
	ForOrganisation
	Changing
	Body client.Text
}) (*client.StoredFormat, error) {
	f, problems := format.Parse(in.Body.Text)
	if len(problems) > 0 {
		return nil, directory.Errors(problems)
	}
	if !strings.EqualFold(f.Name, in.Format) {
		return nil, RequestInvalid.New("The text is that of the format %s.", f.Name).In("path.format")
	}
	text := directory.FormatText{Org: strings.ToUpper(cmp.Or(in.Org, a.Org)), Name: f.Name, Text: f.Text}
	added, err := d.Directory.PutFormat(ctx, a, text)
	return &client.StoredFormat{Format: text.Name, Org: text.Org, Added: added}, err
}

func (d *door) deleteFormat(ctx context.Context, a directory.Actor, in *struct {
	Format string `path:"format" doc:"name"`
	ForOrganisation
	Changing
}) (*client.Deleted, error) {
	err := d.Directory.DeleteFormat(ctx, a, cmp.Or(in.Org, a.Org), in.Format)
	return &client.Deleted{Deleted: "format", Name: in.Format}, err
}

// mostGuessed is how much of a table is looked at to guess its format, in bytes.
const mostGuessed = 8 << 20

func (d *door) guessFormat(ctx context.Context, a directory.Actor, in *struct {
	Name      string   `query:"name" required:"true" doc:"name of the new format"`
	Set       []string `query:"set,explode" doc:"where a column goes, as HEADING=NAME; no name passes it over"`
	Encoding  string   `query:"encoding" doc:"charset of the file; found out if not given"`
	Delimiter string   `query:"delimiter" enum:"comma,semicolon,tab,pipe" doc:"found out if not given"`
	Sheet     string   `query:"sheet" doc:"name or number of a workbook's sheet; the first with rows if not given"`
	Asking
	SentFile
}) (*client.GuessedFormat, error) {
	if _, _, err := d.formatsOf(ctx, a, ""); err != nil {
		return nil, err
	}
	file, _, err := in.file()
	if err != nil {
		return nil, err
	}
	content, err := io.ReadAll(io.LimitReader(file, mostGuessed+1))
	switch {
	case err != nil:
		return nil, ofBody(err)
	case len(content) > mostGuessed:
		return nil, tooLarge(mostGuessed)
	}
	headings, rows, err := format.Head(bytes.NewReader(content), format.HeadOptions{Encoding: in.Encoding, Delimiter: in.Delimiter, Sheet: in.Sheet})
	if err != nil {
		return nil, err
	}
	chosen, err := format.Chosen(in.Set, headings)
	if err != nil {
		return nil, err
	}
	text := format.Guess(in.Name, headings, rows, chosen)
	_, problems := format.Parse(text)
	return &client.GuessedFormat{Format: in.Name, Text: text, Problems: wire.FormatProblems(problems)}, nil
}
