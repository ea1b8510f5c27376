package cli

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"muster/internal/directory"
	"muster/internal/importer"
	"muster/internal/issue"
)

// shownIssues is how many issues a person is shown at once.
const shownIssues = 20

// actionWords say what a plan will do, in the order in which it is shown.
var actionWords = []struct {
	action directory.Action
	words  string
}{
	{directory.Create, "new users"},
	{directory.Update, "existing users changed"},
	{directory.Unchanged, "as they are already"},
	{directory.MarkLeft, "marked as leavers (status: updated)"},
	{directory.Join, "leavers taken over"},
	{directory.Discard, "discarded: no such user"},
	{directory.Refuse, "cannot be applied as they are"},
}

// outcomeWords say what became of rows, in the order in which it is shown.
var outcomeWords = []struct {
	outcome importer.Outcome
	words   string
}{
	{importer.Created, "users made"},
	{importer.Updated, "users changed"},
	{importer.Unchanged, "as they were already"},
	{importer.Leaver, "marked as leavers"},
	{importer.Joined, "leavers taken over"},
	{importer.Discarded, "discarded: no such user"},
	{importer.LeftOut, "not applied"},
	{importer.Failed, "went wrong"},
	{importer.Pending, "not reached yet"},
	{importer.Reversed, "reversed: as before the import"},
	{importer.Kept, "kept: changed since"},
	{importer.Irreversible, "cannot be reversed"},
}

// badOutcomes are what a row should not have come to.
var badOutcomes = []importer.Outcome{importer.Failed, importer.LeftOut, importer.Irreversible}

// importText shows an import to a person: what it is, what its rows come to,
// what is wrong, and what can be done next.
func (s *session) importText(actor directory.Actor, imp *importer.Import, outcomes bool) error {
	title := fmt.Sprintf("Import %d: %s", imp.Number, clean(imp.File))
	s.print("%s", s.style.bold(title))
	s.wrap(2, s.describe(imp))
	if err := s.preview(actor, imp); err != nil {
		return err
	}
	if imp.SameAs > 0 {
		s.wrap(2, s.recognition(actor, imp))
	}
	if outcomes && !imp.AppliedAt.IsZero() {
		s.outcomeTable(imp)
	} else {
		s.planTable(imp)
	}
	if err := s.issueList(actor, imp); err != nil {
		return err
	}
	s.next(imp)
	return nil
}

func (s *session) describe(imp *importer.Import) string {
	if imp.State == importer.Refused || imp.Format == "" {
		return fmt.Sprintf("State: %s.", imp.State)
	}
	mode := "partial: the good rows can be applied"
	if imp.Strict {
		mode = "strict: all rows or none"
	}
	sheet := ""
	if imp.Table.Sheet != "" {
		sheet = fmt.Sprintf(", sheet %q", clean(imp.Table.Sheet))
	}
	return fmt.Sprintf("State: %s. Format %s%s, organisation %s, %s; %s.", imp.State, imp.Format, sheet, imp.Directory.Org, counted(imp.Rows, "row"), mode)
}

// counted is a number of things.
func counted[N int | int64](n N, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	if stem, ok := strings.CutSuffix(thing, "entry"); ok {
		return fmt.Sprintf("%d %sentries", n, stem)
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// recognition tells of an earlier import of the very same file.
func (s *session) recognition(actor directory.Actor, imp *importer.Import) string {
	text := fmt.Sprintf("This very file was applied as import %d", imp.SameAs)
	if before, err := s.core.Importer.Import(s.ctx, actor, imp.SameAs); err == nil {
		text = fmt.Sprintf("This very file was applied %s as import %d", importer.Age(before.EndedAt, time.Now()), imp.SameAs)
	}
	if imp.Counts[directory.Unchanged] == imp.Rows {
		text += "; it would change nothing now"
	}
	return text + "."
}

func (s *session) planTable(imp *importer.Import) {
	if imp.Rows == 0 {
		return
	}
	s.print("")
	for _, a := range actionWords {
		if n := imp.Counts[a.action]; n > 0 {
			s.countLine(string(a.action), n, a.words, a.action == directory.Refuse)
		}
	}
	if imp.SetAside > 0 {
		s.countLine("left out", imp.SetAside, "by somebody, and will not be applied", false)
	}
	s.warningLine(imp)
	s.summary(imp)
	if n := imp.ConfirmCount(); n > 0 {
		s.print("  %s would be changed, marked, moved or taken out of the group.", counted(n, "existing user"))
	}
	if imp.State == importer.Planned && imp.Secrets > 0 {
		s.print("  %s to hash before anything is changed%s.", counted(imp.Secrets, "password"), about(s.core.Importer.HashingTime(imp)))
	}
}

// summary shows what a plan brings beside users, where the format has a name for it.
func (s *session) summary(imp *importer.Import) {
	f, err := imp.FormatAsPlanned()
	if err != nil || f.Summary == "" {
		return
	}
	s.print("\n  %s", f.Summary)
	s.print("  %-10s %9d  aliases added", "alias", imp.Summary.Aliases)
	names := imp.Summary.NewAttributes()
	s.print("  %-10s %9d  new attributes", "attribute", len(names))
	if len(names) > 0 {
		s.wrap(24, strings.Join(names, ", "))
	}
	s.print("  %-10s %9d  members added to groups", "member", imp.Summary.Members)
	if n := imp.Summary.Delegates; n > 0 {
		s.print("  %-10s %9d  mailboxes of others that users of the file may open", "delegate", n)
	}
}

// about tells how long something will take, where that is worth to be told.
func about(d time.Duration) string {
	switch {
	case d < 10*time.Second:
		return ""
	case d < 2*time.Minute:
		return fmt.Sprintf(", about %d seconds", d/(10*time.Second)*10)
	}
	return fmt.Sprintf(", about %d minutes", d.Round(time.Minute)/time.Minute)
}

func (s *session) outcomeTable(imp *importer.Import) {
	s.print("")
	counts := imp.OutcomeCounts()
	for _, o := range outcomeWords {
		if n := counts[o.outcome]; n > 0 {
			s.countLine(string(o.outcome), n, o.words, slices.Contains(badOutcomes, o.outcome))
		}
	}
	s.warningLine(imp)
}

func (s *session) countLine(name string, n int64, words string, bad bool) {
	name = fmt.Sprintf("%-10s", name)
	if bad {
		name = s.style.red(name)
	}
	s.print("  %s %9d  %s", name, n, words)
}

func (s *session) warningLine(imp *importer.Import) {
	if imp.Warnings > 0 {
		s.print("  %s %9d  rows that are worth a look, among those above", s.style.yellow(fmt.Sprintf("%-10s", "warning")), imp.Warnings)
	}
}

// issueList shows the first issues, each with its place and what may help.
func (s *session) issueList(actor directory.Actor, imp *importer.Import) error {
	issues, total, err := s.core.Importer.Issues(context.WithoutCancel(s.ctx), actor, imp.Number, shownIssues)
	if err != nil || len(issues) == 0 {
		return err
	}
	s.print("")
	for _, i := range issues {
		s.issueText(i)
	}
	if rest := total - int64(len(issues)); rest > 0 {
		s.wrap(2, fmt.Sprintf("… and %d more: muster show %d --rows --only error,warning", rest, imp.Number))
	}
	return nil
}

func (s *session) issueText(i issue.Issue) {
	mark := s.style.red("error")
	if i.Severity == issue.Warning {
		mark = s.style.yellow("warning")
	}
	place := "the file"
	if i.Line > 0 {
		place = fmt.Sprintf("line %d", i.Line)
	}
	if i.Column != "" {
		place += ", " + clean(i.Column)
	}
	s.print("  %s in %s", mark, place)
	s.wrap(4, i.Message)
	if i.Suggestion != "" {
		s.wrap(4, "→ "+i.Suggestion)
	}
}

// next is the command that a person is likely to type now.
func (s *session) next(imp *importer.Import) {
	text, left := "", imp.OutcomeCounts()
	switch {
	case imp.State == importer.Planned:
		text = nextOfPlan(imp)
	case imp.State == importer.Hashing || imp.State == importer.Applying:
		text = fmt.Sprintf("To go on: muster resume %d", imp.Number)
	case imp.State == importer.Undoing:
		text = fmt.Sprintf("To go on: muster undo %d", imp.Number)
	case imp.State == importer.Applied && left[importer.Failed]+left[importer.LeftOut] > 0:
		text = fmt.Sprintf("The rows to mend: muster results %d --failed-only -o FILE", imp.Number)
	case imp.State == importer.Applied:
		text = fmt.Sprintf("The file with its results: muster results %d -o FILE\nTo take it back: muster undo %d --plan", imp.Number, imp.Number)
	}
	if text != "" {
		s.print("\n%s", text)
	}
}

// nextOfPlan does not send anybody to an apply that would be refused, or would
// change nothing.
func nextOfPlan(imp *importer.Import) string {
	wrong := imp.Counts[directory.Refuse] > 0
	switch {
	case wrong && !changes(imp):
		return "Mend the rows and plan the file again."
	case wrong && imp.Strict:
		return "Mend the rows and plan the file again, or plan it with --partial."
	case !changes(imp):
		return "There is nothing to carry out."
	}
	if imp.Unusual {
		return fmt.Sprintf("To carry it out, if so many existing users are to change: muster apply %d --confirm %d", imp.Number, imp.ConfirmCount())
	}
	return fmt.Sprintf("To carry it out: muster apply %d", imp.Number)
}

// changes reports whether any row of a plan, or the group that it replaces,
// would change the directory.
func changes(imp *importer.Import) bool {
	idle := imp.SetAside + imp.Counts[directory.Refuse] + imp.Counts[directory.Unchanged] + imp.Counts[directory.Discard]
	return imp.Rows > idle || imp.Removed > 0
}

// moment is a time as people read it, or a dash.
func moment(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.Local().Format("2006-01-02 15:04")
}

// dash stands where there is nothing.
func dash(text string) string { return cmp.Or(text, "-") }
