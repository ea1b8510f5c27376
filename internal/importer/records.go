package importer

import (
	"muster/internal/directory"
	"muster/internal/format"
	"muster/internal/table"
)

// Records makes the records of an import's rows again, of the cells that are
// kept of them; passwords are not.
type Records struct {
	format  *format.Format
	binding *format.Binding
}

// Records finds the columns of the import's format in its headings.
func (i *Import) Records() (*Records, error) {
	f, err := i.FormatAsPlanned()
	if err != nil {
		return nil, err
	}
	binding, err := f.Bind(tableRow(1, i.Headings))
	return &Records{f, binding}, err
}

// Record makes the record of a row.
func (r *Records) Record(row *Row) *directory.Record {
	return r.binding.Record(row.Row, tableRow(row.Line, row.Cells))
}

func tableRow(line int, texts []string) table.Row {
	r := table.Row{Line: line, Cells: make([]table.Cell, len(texts))}
	for i, text := range texts {
		r.Cells[i] = table.Cell{Text: text, Line: line}
	}
	return r
}
