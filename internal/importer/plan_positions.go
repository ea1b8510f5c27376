package importer

import (
	"strings"

	"muster/internal/format"
	"muster/internal/issue"
	"muster/internal/table"
)

// HeadingsLikely tells of a first line that is no row.
var HeadingsLikely = issue.NewWarning("headings-likely", "The first line of a file whose format has no headings looks like headings.",
	"To leave the line out, plan the file with --skip-header.")

// byColumns asks for the format of a file whose first line holds no headings, but is
// like a row of a format that has none.
func byColumns(formats format.Set, first []string) (issue.Issue, bool) {
	fitting := formats.ByColumns(first)
	if len(fitting) == 0 {
		return issue.Issue{}, false
	}
	i := FormatUnclear.New("The first line holds no headings. By its columns the file may be of format %s.", strings.Join(names(fitting), " or "))
	return i.Suggest("if it is, choose it with --format %s", fitting[0].Name), true
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
	row, err := p.table.Next()
	for err == nil && p.binding.Blank(row) {
		row, err = p.table.Next()
	}
	return row, err
}
