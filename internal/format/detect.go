package format

import "muster/internal/table"

// Detect returns the formats whose headings the first row of a table has. It
// guesses nothing: none fits, or one, or several, of which a person chooses.
func Detect(header []string) []*Format {
	row := table.Row{Cells: make([]table.Cell, len(header))}
	for i, heading := range header {
		row.Cells[i].Text = heading
	}
	var fitting []*Format
	for _, f := range all {
		if _, err := f.Bind(row); err == nil && !f.Positional {
			fitting = append(fitting, f)
		}
	}
	return fitting
}

// Nearest returns the format that knows most of the headings of the first row
// of a table, at least half of them, or nil: the one whose message helps most
// where none fits.
func Nearest(header []string) (nearest *Format) {
	most := 0
	for _, f := range all {
		if f.Positional {
			continue
		}
		known := 0
		for _, heading := range header {
			if heading != "" && f.knows(heading) {
				known++
			}
		}
		if known > most && 2*known >= len(header) {
			nearest, most = f, known
		}
	}
	return nearest
}
