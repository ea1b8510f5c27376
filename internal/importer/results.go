package importer

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"muster/internal/directory"
	"muster/internal/format"
	"muster/internal/issue"
	"muster/internal/table"
)

// NoResults tells that an import has no rows to write.
var NoResults = issue.NewError("no-results", "The import has no rows, so there are no results.", "Look at muster show for the reason.")

// words say in a results file what became of a row.
var words = map[Outcome]string{
	Created: "Created", Updated: "Updated", Unchanged: "Unchanged", Leaver: "Marked as leaver", Joined: "Joined",
	Discarded: "Discarded", LeftOut: "Left out", Failed: "Failed", Pending: "Not done yet",
	Reversed: "Reversed", Kept: "Kept", Irreversible: "Cannot be reversed",
}

// Words returns what says in a results file what became of a row.
func Words() []string { return slices.Sorted(maps.Values(words)) }

// Results writes the uploaded table again, in its own kind, charset, delimiter and
// order, with what became of each row; or only the rows that failed or were
// left out, ready to be mended and sent again. In a workbook the cells in error
// are coloured. Generated passwords are written
// where the organisation hands them over so and the actor may read them; that
// they were read stands in the history.
func (s *Service) Results(ctx context.Context, actor directory.Actor, number int64, failedOnly bool, w io.Writer) error {
	imp, err := s.Import(ctx, actor, number)
	if err != nil {
		return err
	}
	if imp.Rows == 0 {
		return NoResults.New("Import %d is %s and has no rows.", number, imp.State)
	}
	r, err := s.newResults(ctx, actor, imp)
	if err != nil {
		return err
	}
	r.failedOnly = failedOnly
	out := table.NewWriter(w, imp.Table)
	if !r.headless {
		if err := out.Write(r.header()); err != nil {
			return err
		}
	}
	if err := r.writeRows(ctx, out); err != nil {
		return err
	}
	return out.Close()
}

// results is the work of writing the results of one import.
type results struct {
	*Service
	imp        *Import
	actor      directory.Actor
	failedOnly bool
	headless   bool // the file has no headings
	password   int  // the table's own password column, or -1
	passwords  bool // generated passwords were made
	readable   bool // the actor may read them
	noted      bool // that they were read stands in the history
}

func (s *Service) newResults(ctx context.Context, actor directory.Actor, imp *Import) (*results, error) {
	records, err := imp.Records()
	if err != nil {
		return nil, err
	}
	return &results{Service: s, imp: imp, actor: actor, headless: imp.headless(), password: records.binding.PasswordColumn(), passwords: imp.GeneratedPasswords > 0,
		readable: actor.May(directory.ResultsSecret)}, nil
}

// headless reports whether the file has no line of headings.
func (i *Import) headless() bool { return strings.Join(i.Headings, "") == "" }

func (r *results) header() []string {
	header := append([]string{}, r.imp.Headings...)
	header = append(header, "Result")
	if r.imp.Generated {
		header = append(header, "Email Address")
	}
	if r.passwords && r.password < 0 {
		header = append(header, "Password")
	}
	return header
}

func (r *results) writeRows(ctx context.Context, out table.Writer) error {
	for from := 1; ; {
		var rows []*Row
		collect := func(row *Row) error { rows = append(rows, row); return nil }
		if err := r.Store.Rows(ctx, r.imp.Number, from, r.Batch, collect); err != nil || len(rows) == 0 {
			return err
		}
		last := rows[len(rows)-1].Row
		plain, err := r.plain(ctx, rows)
		if err != nil {
			return err
		}
		for _, row := range rows {
			if outcome := r.imp.OutcomeOf(row); r.failedOnly && outcome != Failed && outcome != LeftOut {
				continue
			}
			if err := out.Write(r.cells(row, plain), r.marked(row)...); err != nil {
				return err
			}
		}
		from = last + 1
	}
}

// hidden stands in place of a password that the actor may not read.
const hidden = "(not shown)"

// plain opens the generated passwords of rows, as far as they are kept and the
// actor may read them.
func (r *results) plain(ctx context.Context, rows []*Row) (map[int]string, error) {
	plain := map[int]string{}
	if !r.passwords || !r.readable || r.failedOnly {
		return plain, nil
	}
	sealed, err := r.Store.Secrets(ctx, r.imp.Number, Generated, rows[0].Row, rows[len(rows)-1].Row, r.Batch)
	if err != nil || len(sealed) == 0 {
		return plain, err
	}
	fetched := 0
	readable, err := r.readableRows(ctx, rows)
	if err != nil {
		return nil, err
	}
	for _, s := range sealed {
		if r.Now().After(s.Until) {
			continue
		}
		if !readable[s.Row] {
			plain[s.Row] = hidden
			continue
		}
		text, err := r.Key.Open(s.Sealed, SealedFor(r.imp.Number, s.Row, Generated))
		if err != nil {
			return nil, err
		}
		plain[s.Row] = string(text)
		fetched++
	}
	return plain, r.noteFetch(ctx, fetched)
}

// readableRows tells of which rows' users the actor may read the password now,
// whatever their role was when the plan was made.
func (r *results) readableRows(ctx context.Context, rows []*Row) (map[int]bool, error) {
	query := directory.Query{}
	for _, row := range rows {
		query.IDs = append(query.IDs, row.UserID)
	}
	snap, err := r.Store.Snapshot(ctx, query)
	if err != nil {
		return nil, err
	}
	catalog, err := r.Store.Catalog(ctx)
	readable := map[int]bool{}
	for _, row := range rows {
		if u := snap.Users[row.UserID]; u != nil && err == nil && r.actor.MayReadPassword(catalog, u) {
			readable[row.Row] = true
		}
	}
	return readable, err
}

func (r *results) cells(row *Row, plain map[int]string) []string {
	cells := make([]string, len(r.imp.Headings), len(r.imp.Headings)+3)
	copy(cells, row.Cells)
	cells = append(cells, r.result(row))
	if r.imp.Generated {
		cells = append(cells, r.address(row))
	}
	if !r.passwords {
		return cells
	}
	if r.password < 0 {
		return append(cells, r.passwordCell(row, plain))
	}
	cells[r.password] = r.passwordCell(row, plain)
	return cells
}

// marked returns the columns of the cells in error, and that of the result where
// the row was not applied.
func (r *results) marked(row *Row) (columns []int) {
	for _, i := range row.Issues {
		if column := r.columnOf(i.Column); i.Severity == issue.Error && column >= 0 {
			columns = append(columns, column)
		}
	}
	switch r.imp.OutcomeOf(row) {
	case Failed, LeftOut, Irreversible:
		columns = append(columns, len(r.imp.Headings))
	}
	return columns
}

// columnOf returns the place of a column that an issue names by its heading, or by
// its letter; -1 where there is none.
func (r *results) columnOf(name string) int {
	if column := slices.Index(r.imp.Headings, name); column >= 0 && name != "" {
		return column
	}
	for column := range r.imp.Headings {
		if table.Letter(column) == name {
			return column
		}
	}
	return -1
}

func (r *results) address(row *Row) string {
	if row.Action == directory.Create && r.imp.didReach(row) {
		return row.Address()
	}
	return ""
}

// passwordCell is the generated password of a row that got one.
func (r *results) passwordCell(row *Row, plain map[int]string) string {
	switch {
	case plain[row.Row] != "":
		return plain[row.Row]
	case !row.generates() || !r.imp.didReach(row):
		return ""
	case !r.readable:
		return hidden
	}
	return format.PasswordGone
}

func (row *Row) generates() bool {
	for _, c := range row.Changes {
		if c.Field == directory.ChangePassword && c.New == "(generated)" {
			return true
		}
	}
	return false
}

// result says what became of a row, and why, all that is wrong at once.
func (r *results) result(row *Row) string {
	outcome := r.imp.OutcomeOf(row)
	text := words[outcome]
	var reasons []string
	for _, i := range row.Issues {
		if i.Severity == issue.Error || outcome != LeftOut && outcome != Failed {
			reasons = append(reasons, reason(i))
		}
	}
	if len(reasons) > 0 {
		text += ": " + strings.Join(reasons, "; ")
	}
	return text
}

func reason(i issue.Issue) string {
	text := i.Message
	if i.Column != "" {
		text = i.Column + ": " + text
	}
	if i.Suggestion != "" {
		text += " (" + i.Suggestion + ")"
	}
	return strings.ReplaceAll(text, "→", "->") // old charsets lack the arrow
}

// noteFetch writes into the history that generated passwords are read, before
// the first of them leaves.
func (r *results) noteFetch(ctx context.Context, n int) error {
	if n == 0 || r.noted {
		return nil
	}
	r.noted = true
	entry := directory.Entry{ID: directory.NewID(), At: r.Now(), Actor: r.actor.Address, Door: r.actor.Door, Import: r.imp.Number, Org: r.imp.Org,
		Subject: fmt.Sprintf("import %d", r.imp.Number), Action: "read generated passwords"}
	return r.Store.WriteImport(ctx, func(tx Tx) error { return tx.AddHistory(ctx, []directory.Entry{entry}) })
}

// Age says how long ago something was, as people say it.
func Age(then, now time.Time) string {
	switch days := int(now.Sub(then).Hours() / 24); {
	case now.Sub(then) < time.Hour:
		return "less than an hour ago"
	case days == 0:
		return "today"
	case days == 1:
		return "yesterday"
	default:
		return fmt.Sprintf("%d days ago", days)
	}
}
