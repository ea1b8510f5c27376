package importer_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"muster/internal/directory"
	"muster/internal/importer"
	"muster/internal/importer/importertest"
	"muster/internal/issue"
)

var (
	ctx      = context.Background()
	operator = importertest.Operator
)

// helpdesk, basic and others are administrators of a test.
func admin(w *importertest.World, address, org, role string) directory.Actor {
	u := w.Add(address, org, "role", role)
	return directory.Actor{ID: u.ID, Address: address, Role: role, Org: org, Door: "test"}
}

// portrait tells all that the directory knows of its users, but for their ids.
func portrait(w *importertest.World) map[string]string {
	w.T.Helper()
	all := map[string]string{}
	for _, status := range []string{"", "deleted"} {
		err := w.Directory.Users(ctx, operator, directory.Filter{Status: status}, func(u *directory.User) error {
			all[u.Get(directory.Address)] = describe(u)
			return nil
		})
		if err != nil {
			w.T.Fatal(err)
		}
	}
	return all
}

func describe(u *directory.User) string {
	var groups, delegates []string
	for _, g := range u.Groups {
		groups = append(groups, g.Path+"="+g.Note)
	}
	for _, d := range u.Delegates {
		delegates = append(delegates, d.Address)
	}
	return fmt.Sprint(u.Values, u.Aliases, groups, u.Attributes, delegates, u.HasPassword, u.Version)
}

// differs tells where two portraits differ.
func differs(t importertest.TB, what string, before, after map[string]string) {
	t.Helper()
	for address, was := range before {
		if after[address] != was {
			t.Errorf("%s: %s\n was %s\n  is %s", what, address, was, after[address])
		}
	}
	for address := range after {
		if before[address] == "" {
			t.Errorf("%s: %s is new: %s", what, address, after[address])
		}
	}
}

// accounted checks that every row is accounted for.
func accounted(w *importertest.World, imp *importer.Import) {
	w.T.Helper()
	now, err := w.Importer.Import(ctx, operator, imp.Number)
	if err != nil {
		w.T.Fatal(err)
	}
	rows := w.Rows(now)
	narrowed(w, now, rows)
	outcomes, counts, warnings, issues := map[importer.Outcome]int64{}, map[directory.Action]int64{}, int64(0), int64(0)
	for _, r := range rows {
		outcomes[now.OutcomeOf(r)]++
		if r.Outcome != importer.LeftOut {
			counts[r.Action]++
		}
		issues += int64(len(r.Issues))
		if slices.ContainsFunc(codesOf(r), func(c string) bool { return strings.HasPrefix(c, "warning ") }) {
			warnings++
		}
	}
	issues += int64(len(now.FileIssues))
	if int64(len(rows)) != now.Rows || warnings != now.Warnings || issues != now.Issues {
		w.T.Errorf("import %d (%s): %d rows, %d warnings, %d issues, counted %d, %d and %d", now.Number, now.State,
			len(rows), warnings, issues, now.Rows, now.Warnings, now.Issues)
	}
	for outcome, n := range now.OutcomeCounts() {
		if outcomes[outcome] != n {
			w.T.Errorf("import %d (%s): %d rows are %s, counted %d", now.Number, now.State, outcomes[outcome], outcome, n)
		}
		delete(outcomes, outcome)
	}
	if len(outcomes) > 0 {
		w.T.Errorf("import %d (%s): not counted: %v", now.Number, now.State, outcomes)
	}
	for action, n := range now.Counts {
		if counts[action] != n {
			w.T.Errorf("import %d (%s): %d rows are to %s, counted %d", now.Number, now.State, counts[action], action, n)
		}
	}
}

// narrowed checks one of the ways to narrow the rows down, another one for each import.
func narrowed(w *importertest.World, imp *importer.Import, rows []*importer.Row) {
	w.T.Helper()
	filters := narrowings(imp, rows)
	narrowedBy(w, imp, rows, filters[(len(rows)+int(imp.Next)+int(imp.UndoNext))%len(filters)])
}

// narrowings are the rows with a warning, and those of each action and outcome.
func narrowings(imp *importer.Import, rows []*importer.Row) []importer.RowFilter {
	filters := []importer.RowFilter{{Warned: true}, {Outcomes: []importer.Outcome{importer.LeftOut, importer.Failed}}}
	seen := map[string]bool{}
	for _, r := range rows {
		outcome := imp.OutcomeOf(r)
		if both := string(r.Action) + " " + string(outcome); !seen[both] {
			seen[both] = true
			filters = append(filters, importer.RowFilter{Actions: []directory.Action{r.Action}}, importer.RowFilter{Outcomes: []importer.Outcome{outcome}},
				importer.RowFilter{Actions: []directory.Action{r.Action}, Outcomes: []importer.Outcome{outcome, importer.Pending}})
		}
	}
	return filters
}

func narrowedBy(w *importertest.World, imp *importer.Import, rows []*importer.Row, f importer.RowFilter) {
	w.T.Helper()
	var want []int
	for _, r := range rows {
		if slices.Contains(f.Actions, r.Action) || slices.Contains(f.Outcomes, imp.OutcomeOf(r)) ||
			f.Warned && slices.ContainsFunc(r.Issues, func(i issue.Issue) bool { return i.Severity == issue.Warning }) {
			want = append(want, r.Row)
		}
	}
	if got := rowsOf(w, imp, f); !slices.Equal(got, want) {
		w.T.Errorf("import %d (%s): %+v has the rows %v, want %v", imp.Number, imp.State, f, got, want)
	}
}

// rowsOf returns the numbers of the rows that a list has.
func rowsOf(w *importertest.World, imp *importer.Import, f importer.RowFilter) (list []int) {
	w.T.Helper()
	err := w.Importer.Rows(ctx, operator, imp.Number, f, func(_ *importer.Import, r *importer.Row, _ string) error {
		list = append(list, r.Row)
		return nil
	})
	if err != nil {
		w.T.Fatal(err)
	}
	return list
}

// codesOf returns the issues of a row, as "severity code column".
func codesOf(r *importer.Row) (codes []string) {
	for _, i := range r.Issues {
		codes = append(codes, strings.TrimSpace(fmt.Sprint(i.Severity, " ", i.Code, " ", i.Column)))
	}
	return codes
}

// outcomes returns what became of each row.
func outcomes(w *importertest.World, imp *importer.Import) (list []importer.Outcome) {
	w.T.Helper()
	now, err := w.Importer.Import(ctx, operator, imp.Number)
	if err != nil {
		w.T.Fatal(err)
	}
	for _, r := range w.Rows(now) {
		list = append(list, now.OutcomeOf(r))
	}
	return list
}

// wantOutcomes checks what became of the rows.
func wantOutcomes(w *importertest.World, imp *importer.Import, want ...importer.Outcome) {
	w.T.Helper()
	accounted(w, imp)
	if got := outcomes(w, imp); !slices.Equal(got, want) {
		w.T.Errorf("outcomes %v, want %v", got, want)
		for _, r := range w.Rows(imp) {
			w.T.Errorf("row %d: %v %v", r.Row, r.Changes, r.Issues)
		}
	}
}

// wantCode checks that an error is an issue of a code.
func wantCode(t *testing.T, err error, code string) {
	t.Helper()
	i, ok := err.(interface{ Error() string })
	if err == nil || !ok {
		t.Fatalf("no error, want %s", code)
	}
	if got := codeOf(err); got != code {
		t.Fatalf("the error is %q (%v), want %s", got, i, code)
	}
}

func codeOf(err error) string {
	var i issue.Issue
	if errors.As(err, &i) {
		return i.Code
	}
	return ""
}

// query asks the database itself for one value.
func query[T any](t *testing.T, w *importertest.World, text string, args ...any) T {
	t.Helper()
	return importertest.Ask[T](w, text, args...)
}
