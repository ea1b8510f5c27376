package cli

import (
	"fmt"

	"muster/internal/directory"
	"muster/internal/format"
	"muster/internal/importer"
	"muster/internal/table"
)

// preview shows how the first row of a file without headings was read: only a person
// can tell whether its delimiter, and the order of its columns, are right.
func (s *session) preview(actor directory.Actor, imp *importer.Import) error {
	f, err := format.Named(imp.Format)
	if err != nil || !f.Positional || imp.FormatText != "" {
		return nil
	}
	return s.core.Importer.Rows(s.ctx, actor, imp.Number, importer.RowFilter{Limit: 1}, func(_ *importer.Import, r *importer.Row, _ string) error {
		s.wrap(2, fmt.Sprintf("%sThe first row, in line %d:", readAs(imp.Table), r.Line))
		for n, cell := range r.Cells {
			if cell != "" && n < len(f.Columns) {
				s.print("    %s  %-26s  %s", table.Letter(n), f.Columns[n].Heading, clean(cell))
			}
		}
		return nil
	})
}

// readAs says what was found out of the form of CSV; that of a workbook is no question.
func readAs(info table.Info) string {
	if info.Kind != table.CSV {
		return ""
	}
	return fmt.Sprintf("Read with the delimiter %s, as %s. ", table.DelimiterName(info.Delimiter), info.Charset)
}
