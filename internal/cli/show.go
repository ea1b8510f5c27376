package cli

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"muster/internal/directory"
	"muster/internal/importer"
	"muster/internal/issue"
)

type importsCommand struct{}

// Run lists the imports.
func (c *importsCommand) Run(s *session) error {
	core, actor, err := s.attach()
	if err != nil {
		return err
	}
	rows := [][]string{{"IMPORT", "STATE", "FORMAT", "ORG", "ROWS", "WHEN", "BY", "FILE"}}
	err = core.Importer.Imports(s.ctx, actor, func(imp *importer.Import) error {
		if s.globals.JSON {
			return s.printJSON(listedImport(imp))
		}
		rows = append(rows, []string{fmt.Sprint(imp.Number), string(imp.State), dash(imp.Format), imp.Org, fmt.Sprint(imp.Rows),
			moment(imp.CreatedAt), imp.Planner.Address, imp.File})
		return nil
	})
	if !s.globals.JSON {
		s.table(rows)
	}
	return err
}

// listedImport is an import in a list: without its issues, with when and who.
func listedImport(imp *importer.Import) object {
	j := jsonImport(imp, true)
	return object{{"import", j.Import}, {"file", j.File}, {"format", j.Format}, {"org", imp.Org}, {"state", j.State}, {"rows", j.Rows},
		{"counts", j.Counts}, {"outcomes", j.Outcomes}, {"issues_total", imp.Issues}, {"same_as", j.SameAs}, {"confirm", j.Confirm},
		{"planned_by", imp.Planner.Address}, {"created_at", stamp(imp.CreatedAt)}, {"ended_at", stamp(imp.EndedAt)}}
}

// stamp is a time in RFC 3339, or null.
func stamp(t time.Time) *string {
	if t.IsZero() {
		return nil
	}
	text := t.UTC().Format(time.RFC3339)
	return &text
}

type showCommand struct {
	numbered
	Rows bool     `help:"Each row instead of the import as a whole."`
	Only []string `help:"Only the rows of these actions or outcomes, divided by commas; warning: those that bear one." placeholder:"ACTION"`
}

// Run shows an import or its rows.
func (c *showCommand) Run(s *session) error {
	if err := c.check(); err != nil {
		return err
	}
	core, actor, err := s.attach()
	if err != nil {
		return err
	}
	imp, err := core.Importer.Import(s.ctx, actor, c.Import)
	if err != nil {
		return err
	}
	if !c.Rows && len(c.Only) == 0 {
		return s.printImport(actor, imp, true)
	}
	written := addressWritten(imp)
	return core.Importer.Rows(s.ctx, actor, c.Import, func(imp *importer.Import, r *importer.Row) error {
		if !c.wants(imp, r) {
			return nil
		}
		address, err := s.addressOf(actor, r)
		if err != nil {
			return err
		}
		return s.printRow(imp, r, cmp.Or(address, written(r)))
	})
}

const onlyWarning = "warning"

// check refuses a word that is neither an action nor an outcome.
func (c *showCommand) check() error {
	known := []string{onlyWarning}
	for _, a := range actionWords {
		known = append(known, string(a.action))
	}
	for _, o := range outcomeWords {
		if name := string(o.outcome); !slices.Contains(known, name) {
			known = append(known, name)
		}
	}
	for _, word := range c.Only {
		if !slices.Contains(known, word) {
			return usage("--only takes %s, not %q", strings.Join(known, ", "), word)
		}
	}
	return nil
}

func (c *showCommand) wants(imp *importer.Import, r *importer.Row) bool {
	if len(c.Only) == 0 || slices.Contains(c.Only, string(r.Action)) || slices.Contains(c.Only, string(imp.OutcomeOf(r))) {
		return true
	}
	warns := func(i issue.Issue) bool { return i.Severity == issue.Warning }
	return slices.Contains(c.Only, onlyWarning) && slices.ContainsFunc(r.Issues, warns)
}

type rowJSON struct {
	Row     int          `json:"row"`
	Line    int          `json:"line"`
	Action  string       `json:"action"`
	Outcome string       `json:"outcome"`
	Address string       `json:"address"`
	Changes []changeJSON `json:"changes"`
	Issues  []issueJSON  `json:"issues"`
}

type changeJSON struct {
	Field string `json:"field"`
	Old   string `json:"old"`
	New   string `json:"new"`
}

func jsonChanges(changes []directory.Change) []changeJSON {
	list := make([]changeJSON, len(changes))
	for i, c := range changes {
		list[i] = changeJSON{c.Field, c.Old, c.New}
	}
	return list
}

func (s *session) printRow(imp *importer.Import, r *importer.Row, address string) error {
	if s.globals.JSON {
		return s.printJSON(rowJSON{r.Row, r.Line, string(r.Action), string(imp.OutcomeOf(r)), address, jsonChanges(r.Changes), jsonIssues(r.Issues)})
	}
	s.print("%s", s.style.bold(fmt.Sprintf("row %d, line %d: %s (%s) %s", r.Row, r.Line, r.Action, imp.OutcomeOf(r), clean(address))))
	s.changesText(r.Changes, r.Action == directory.Create)
	for _, i := range r.Issues {
		s.issueText(i)
	}
	return nil
}

// changesText shows differences as old → new. A new user has no old values.
func (s *session) changesText(changes []directory.Change, created bool) {
	for _, c := range changes {
		text := fmt.Sprintf("%s: %s → %s", c.Field, dash(c.Old), dash(c.New))
		if created || c.Old == "" {
			text = c.Field + ": " + c.New
		}
		s.wrap(2, text)
	}
}

// addressOf is the address that the row's user gets, or has. A user who is not
// there, or whom the actor may not read, has none.
func (s *session) addressOf(actor directory.Actor, r *importer.Row) (string, error) {
	if address := r.Address(); address != "" || r.UserID.IsZero() || r.Action == directory.Create {
		return address, nil
	}
	u, err := s.core.Directory.User(s.ctx, actor, r.UserID.String())
	var unknown issue.Issue
	if errors.As(err, &unknown) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	return u.Get(directory.Address), nil
}

// addressWritten returns what reads the address that the file has in a row.
func addressWritten(imp *importer.Import) func(*importer.Row) string {
	records, err := imp.Records()
	if err != nil {
		return func(*importer.Row) string { return "" }
	}
	return func(r *importer.Row) string { return records.Record(r).Values[directory.Address] }
}
