package cli

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"muster/internal/directory"
	"muster/internal/importer"
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
	return core.Importer.Rows(s.ctx, actor, c.Import, c.filter(), s.printRow)
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

// filter says which rows the words mean; some mean both an action and an outcome.
func (c *showCommand) filter() (f importer.RowFilter) {
	for _, a := range actionWords {
		if slices.Contains(c.Only, string(a.action)) {
			f.Actions = append(f.Actions, a.action)
		}
	}
	for _, o := range outcomeWords {
		if slices.Contains(c.Only, string(o.outcome)) {
			f.Outcomes = append(f.Outcomes, o.outcome)
		}
	}
	f.Warned = slices.Contains(c.Only, onlyWarning)
	return f
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
