package importer

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"muster/internal/directory"
	"muster/internal/issue"
	"muster/internal/table"
)

// Who has revised a row stands in the history, with when, by which door and which columns;
// and on the row itself, for whoever looks at the plan or the results. What a cell has, or
// had, is told in neither place: it may be a password.

// RowMended tells that a cell of a row is not as the file had it.
var RowMended = issue.NewWarning("row-mended", "Somebody has mended the cell in the plan.", "The file itself is as it was. When it was, and by which door: muster history list --import N.")

// mark notes on a row who has mended it.
func (v *revising) mark(r *Row, columns []string) {
	r.Issues = slices.Clone(r.Issues)
	for _, name := range columns {
		i := RowMended.New("Mended in the plan by %s.", v.actor.Address).In(name)
		if i.Row, i.Line = r.Row, r.Line; !slices.Contains(r.Issues, i) {
			r.Issues = append(r.Issues, i)
		}
	}
}

func isMended(i issue.Issue) bool { return i.Code == RowMended.Name }

// tell writes into the history what has become of a row, if anything has.
func (v *revising) tell(ctx context.Context, r *Row, columns []string, was, is bool) error {
	var changes []directory.Change
	if len(columns) > 0 {
		changes = append(changes, directory.Change{Field: "columns", New: strings.Join(columns, ", ")})
	}
	if was != is {
		changes = append(changes, directory.Change{Field: "left_out", Old: strconv.FormatBool(was), New: strconv.FormatBool(is)})
	}
	if len(changes) == 0 {
		return nil
	}
	return v.tx.AddHistory(ctx, []directory.Entry{{ID: directory.NewID(), At: v.Now(), Actor: v.actor.Address, Door: v.actor.Door, Import: v.imp.Number,
		Row: r.Row, Org: v.imp.Org, Subject: fmt.Sprintf("import %d", v.imp.Number), Action: "revise", Changes: changes}})
}

// columnName names a column by its heading, or by its letter where it has none.
func (i *Import) columnName(column int) string {
	return cmp.Or(i.Headings[column], table.Letter(column))
}
