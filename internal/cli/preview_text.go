package cli

import (
	"errors"
	"fmt"

	"muster/internal/directory"
	"muster/internal/format"
	"muster/internal/importer"
	"muster/internal/table"
)

var errEnough = errors.New("enough rows")

// preview shows how the first row of a file without headings was read: only a person
// can tell whether its delimiter, and the order of its columns, are right.
func (s *session) preview(actor directory.Actor, imp *importer.Import) error {
	f, err := format.Named(imp.Format)
	if err != nil || !f.Positional {
		return nil
	}
	err = s.core.Importer.Rows(s.ctx, actor, imp.Number, func(_ *importer.Import, r *importer.Row) error {
		s.wrap(2, fmt.Sprintf("Read with the delimiter %s, as %s. The first row, in line %d:", table.DelimiterName(imp.Table.Delimiter), imp.Table.Charset, r.Line))
		for n, cell := range r.Cells {
			if cell != "" && n < len(f.Columns) {
				s.print("    %s  %-26s  %s", table.Letter(n), f.Columns[n].Heading, clean(cell))
			}
		}
		return errEnough
	})
	if errors.Is(err, errEnough) {
		return nil
	}
	return err
}
