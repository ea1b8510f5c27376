package importer

import (
	"context"

	"muster/internal/directory"
	"muster/internal/format"
	"muster/internal/issue"
)

// FormatUnreadable tells of a format of an older version.
var FormatUnreadable = issue.NewError("format-unreadable", "A format that an administrator has added cannot be read by this version of Muster.",
	"Save its text with muster formats show, look at it with muster formats check, and add it again; or delete it.")

// Formats returns the formats among which one is chosen for a file: those that
// Muster has by itself, and those of administrators, of which the last goes
// before others of its name.
func Formats(texts []directory.FormatText) (format.Set, error) {
	set := format.All()
	for _, text := range texts {
		f, problems := format.Parse(text.Text)
		if len(problems) > 0 {
			return nil, FormatUnreadable.New("The format %s of organisation %s cannot be read: line %d: %s", text.Name, text.Org, problems[0].Line, problems[0].Message)
		}
		set = set.With(f)
	}
	return set, nil
}

// formatsFor returns those for files of an organisation.
func (s *Service) formatsFor(ctx context.Context, catalog *directory.Catalog, org string) (format.Set, error) {
	all, err := s.Store.Formats(ctx)
	if err != nil {
		return nil, err
	}
	return Formats(catalog.FormatsOf(org, all))
}

// FormatAsPlanned returns the format with which the import was planned: one that
// is a text may have been corrected or deleted since.
func (i *Import) FormatAsPlanned() (*format.Format, error) {
	if i.FormatText == "" {
		return format.Named(i.Format)
	}
	f, problems := format.Parse(i.FormatText)
	if len(problems) > 0 {
		return nil, FormatUnreadable.New("The format %s of import %d cannot be read: line %d: %s", i.Format, i.Number, problems[0].Line, problems[0].Message)
	}
	return f, nil
}
