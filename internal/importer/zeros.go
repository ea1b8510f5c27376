package importer

import (
	"strings"

	"muster/internal/directory"
	"muster/internal/issue"
)

// longestID is the most figures of a local id that are looked at.
const longestID = 20

// localIDs counts the local ids of a file that are all figures, by how many they
// have. Where Excel has taken leading zeros off, some are shorter than the others,
// and only the whole column shows that.
type localIDs struct {
	column string
	of     [longestID + 1]struct{ zero, other, line int } // that begin with a zero, or not, and where the first of these is
}

func (l *localIDs) add(r *directory.Record) {
	id := r.Values[directory.LocalID]
	if id == "" || len(id) > longestID || strings.Trim(id, "0123456789") != "" {
		return
	}
	l.column = r.Column(directory.LocalID.Spec().Name)
	of := &l.of[len(id)]
	if id[0] == '0' {
		of.zero++
		return
	}
	if of.other++; of.line == 0 {
		of.line = r.Line
	}
}

// shortened tells of ids that lack the zero with which others begin, and are
// shorter than these: they are one to four of those at most, or it is no slip.
func (l *localIDs) shortened() (issue.Issue, bool) {
	short, line := 0, 0
	for figures, of := range l.of {
		if whole := of.zero + of.other; of.zero > 0 && short > 0 && whole >= 4*short {
			i := directory.ExcelZero.New("Local ids with fewer than %d figures: %d, the first in line %d. %d have %d, and of these %d begin with a zero.",
				figures, short, line, whole, figures, of.zero).Suggest("if Excel has taken leading zeros off, format the column as text and enter them again")
			i.Line, i.Column = line, l.column
			return i, true
		}
		if short += of.other; of.other > 0 && (line == 0 || of.line < line) {
			line = of.line
		}
	}
	return issue.Issue{}, false
}

// noteShortened tells what only the whole column of local ids shows.
func (p *planner) noteShortened() {
	if i, found := p.ids.shortened(); found {
		p.imp.FileIssues = append(p.imp.FileIssues, i)
		p.imp.Issues++
	}
}
