// Package importer turns an uploaded file into working accounts, along one line:
//
//	file -> table -> records -> plan -> apply -> results -> (undo)
//
// Upload keeps the file, sealed (upload.go); Try only tells what would become of it (try.go). Plan reads it as a table, lets a
// format make records of its rows and the directory judge them, and keeps a row
// with its verdict for each (plan.go, plan_rows.go); what only the whole file can
// tell is settled at its end, and the file is destroyed (plan_finish.go). Until it is
// applied, rows of a plan may be mended, left out and taken in again (revise.go, aside.go).
// Passwords that the file supplied are hashed in a stage of their own, outside
// any write transaction (hash.go). Apply begins when nobody else applies an import
// about the same people (begin.go, lease.go) and carries the rows out in batches
// (apply.go, batch.go, apply_password.go, account.go): one transaction changes a batch of users and
// moves the import's mark past their rows, so a process that dies loses nothing
// and repeats nothing. A row whose user or address has changed since the plan is
// judged again (replan.go). Delegates who are users of the same file come last
// (late.go). Results write the file again with what became of each row
// (results.go); lists have its rows by what the plan makes or apply has made of them
// (rows.go). Undo takes back what the rows changed, the last row first, and
// tells of each whether it was reversed, kept or cannot be reversed (undo.go,
// undo_judge.go, undo_members.go); its plan is the same judgement without the
// deed (undo_plan.go).
//
// The very same file is known again (twin.go), and the membership of a group can
// be replaced by that of a file (replace.go).
//
// Whoever does not want to wait leaves the work to another process, which goes on
// with it in the background (background.go).
//
// Every stage is a function that goes on with an import from where its rows say
// it is; nothing about a running import lives only in memory. So a stage that has
// lost its database begins again when that is back (patience.go).
package importer

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"muster/internal/directory"
	"muster/internal/issue"
	"muster/internal/password"
	"muster/internal/secret"
	"muster/internal/table"
)

// Service is the importer: what every door uses.
type Service struct {
	Store      Store
	Key        *secret.Key
	Hashing    password.Params
	Gate       *password.Gate // hashing stands behind those who sign in; nil: there are none
	Breached   password.Breaches
	Limits     table.Limits
	FormatRows map[string]int // most rows of a file, by format; the format's own where it is missing
	PlanDays   int            // a plan not applied within so many days lapses
	Batch      int            // rows of one transaction
	Wait       time.Duration  // how long work waits for a database that is gone for now
	Now        func() time.Time
	Report     func(Progress) // is told how far a stage is; may be nil

	background bool // see Work
}

func (s *Service) report(stage string, done, total int64) {
	if s.Report != nil {
		s.Report(Progress{stage, done, total})
	}
}

// Import returns an import that the actor may see.
func (s *Service) Import(ctx context.Context, actor directory.Actor, number int64) (*Import, error) {
	return s.find(ctx, actor, directory.ImportsRead, number)
}

// find returns an import, if the actor has a permission in its organisation.
func (s *Service) find(ctx context.Context, actor directory.Actor, p directory.Permission, number int64) (*Import, error) {
	imp, err := s.Store.Import(ctx, number)
	if err != nil {
		return nil, err
	}
	catalog, err := s.Store.Catalog(ctx)
	if err != nil {
		return nil, err
	}
	if imp == nil || !catalog.Within(imp.Org, actor.Org) {
		return nil, ImportUnknown.New("There is no import %d.", number)
	}
	if !actor.May(p) {
		return nil, actor.Lacks(p)
	}
	s.lapse(imp)
	return imp, nil
}

// lapse shows a plan that was not applied in time as what it is.
func (s *Service) lapse(imp *Import) {
	if imp.State == Planned && !imp.LapsesAt.IsZero() && s.Now().After(imp.LapsesAt) {
		imp.State = Lapsed
	}
}

// Imports calls f for each import that the actor may see, the latest first.
func (s *Service) Imports(ctx context.Context, actor directory.Actor, f func(*Import) error) error {
	return s.ImportsBefore(ctx, actor, 0, 0, f)
}

// ImportsBefore is Imports for those of a lower number, where that is not 0, and at
// most so many; 0 is all.
func (s *Service) ImportsBefore(ctx context.Context, actor directory.Actor, number int64, most int, f func(*Import) error) error {
	if !actor.May(directory.ImportsRead) {
		return actor.Lacks(directory.ImportsRead)
	}
	catalog, err := s.Store.Catalog(ctx)
	if err != nil {
		return err
	}
	n := 0
	err = s.Store.Imports(ctx, cmp.Or(number, math.MaxInt64), func(imp *Import) error {
		if !catalog.Within(imp.Org, actor.Org) {
			return nil
		}
		if n++; most > 0 && n > most {
			return errEnough
		}
		s.lapse(imp)
		return f(imp)
	})
	if errors.Is(err, errEnough) {
		return nil
	}
	return err
}

// errEnough ends a list.
var errEnough = errors.New("the list is long enough")

// Issues returns at most so many issues of an import, in the order of its rows,
// and how many there are.
func (s *Service) Issues(ctx context.Context, actor directory.Actor, number int64, most int) ([]issue.Issue, int64, error) {
	imp, err := s.Import(ctx, actor, number)
	if err != nil {
		return nil, 0, err
	}
	list := slices.Clone(imp.FileIssues)
	if imp.State == Refused || imp.Issues == int64(len(list)) {
		return list, imp.Issues, nil
	}
	err = s.Store.IssueRows(ctx, number, most, func(r *Row) error {
		list = append(list, r.Issues...)
		return nil
	})
	return list[:min(most, len(list))], max(imp.Issues, int64(len(list))), err
}

// Cancel ends an import at the next border of a batch. What was applied stays;
// the rest is left out.
func (s *Service) Cancel(ctx context.Context, actor directory.Actor, number int64) (*Import, error) {
	imp, err := s.find(ctx, actor, directory.ImportsApply, number)
	if err != nil {
		return nil, err
	}
	err = s.Store.WriteImport(ctx, func(tx Tx) error {
		if imp, err = tx.Import(ctx, number); err != nil {
			return err
		}
		if s.lapse(imp); imp.Finished() {
			return NotCancelled.New("Import %d is %s.", number, imp.State)
		}
		if imp.State == Undoing {
			return NotCancelled.New("Import %d is being undone.", number).Suggest("finish that with muster undo %[1]d (API: POST /imports/%[1]d/undo)", number)
		}
		return s.cancel(ctx, tx, imp)
	})
	if err == nil {
		err = s.sweepClaims(ctx)
	}
	return imp, err
}

// cancel leaves nothing half done: a plan that is not whole is none, and rows
// that were applied get the delegates that were applied too.
func (s *Service) cancel(ctx context.Context, tx Tx, imp *Import) error {
	switch imp.State {
	case Planning:
		imp.clearPlan()
		if err := tx.Clear(ctx, imp.Number, RowsPart, SecretsPart); err != nil {
			return err
		}
	case Applying:
		for n := 1; n > 0; {
			var err error
			if n, err = settleLate(ctx, tx, imp, s.Batch); err != nil {
				return err
			}
		}
	}
	return s.end(ctx, tx, imp, Cancelled)
}

// end finishes an import and destroys what only unfinished ones need.
func (s *Service) end(ctx context.Context, tx Tx, imp *Import, state State) error {
	imp.State, imp.EndedAt = state, s.Now()
	if err := tx.Clear(ctx, imp.Number, UploadPart); err != nil {
		return err
	}
	if err := destroySecrets(ctx, tx, imp.Number, 0, math.MaxInt); err != nil {
		return err
	}
	if err := tx.AddEnded(ctx); err != nil {
		return err
	}
	return s.save(ctx, tx, imp)
}

// Sweep lapses plans that were not applied in time, destroys secrets whose time is
// over, and deletes claims of imports that are finished. It runs before work that
// changes something, and writes nothing where there is nothing to do.
func (s *Service) Sweep(ctx context.Context) error {
	return errors.Join(s.sweepOld(ctx), s.sweepClaims(ctx))
}

// sweepClaims deletes claims of finished imports, some at a time: nobody is to wait
// for the claims of a million rows.
func (s *Service) sweepClaims(ctx context.Context) error {
	for {
		number, err := s.Store.Spent(ctx)
		if err != nil || number == 0 {
			return err
		}
		err = s.Store.WriteStep(ctx, func(tx Tx) error {
			_, err := tx.ClearSome(ctx, number, ClaimsPart)
			return err
		})
		if err != nil {
			return err
		}
	}
}

func (s *Service) sweepOld(ctx context.Context) error {
	var late []int64
	err := s.Store.Planned(ctx, func(imp *Import) error {
		if s.lapse(imp); imp.State == Lapsed {
			late = append(late, imp.Number)
		}
		return nil
	})
	if err != nil {
		return err
	}
	due, err := s.Store.SecretsDue(ctx, s.Now())
	if err != nil || !due && len(late) == 0 {
		return err
	}
	return s.Store.WriteImport(ctx, func(tx Tx) error {
		for _, number := range late {
			imp, err := tx.Import(ctx, number)
			if err == nil && imp.State == Planned {
				err = s.end(ctx, tx, imp, Lapsed)
			}
			if err != nil {
				return err
			}
		}
		return tx.ExpireSecrets(ctx, s.Now())
	})
}

// Check tells why a file with these options would not be taken, before it is sent; else
// it returns the import that an upload would begin as.
func (s *Service) Check(ctx context.Context, actor directory.Actor, o Options) (*Import, error) {
	return s.check(ctx, actor, o)
}

// check refuses options that cannot be, before anything is kept, and looks up
// what they name.
func (s *Service) check(ctx context.Context, actor directory.Actor, o Options) (*Import, error) {
	catalog, err := s.Store.Catalog(ctx)
	if err != nil {
		return nil, err
	}
	o.Org = strings.ToUpper(o.Org)
	imp := &Import{State: Planning, Org: actor.Org, Options: o, Planner: actor, CreatedAt: s.Now(), Next: 1,
		Directory: directory.Options{Org: o.Org, Domain: o.Domain, Note: o.Note, ReplaceGroup: o.GroupMode == "replace",
			SetPasswords: o.SetPasswords, GeneratePasswords: o.GeneratePasswords}}
	if o.Org == "" {
		imp.Directory.Org = actor.Org
	} else {
		imp.Org = o.Org
	}
	if err := catalog.MayPlan(actor, imp.Directory.Org); err != nil {
		return nil, err
	}
	if err := s.checkChoices(ctx, catalog, imp); err != nil {
		return nil, err
	}
	return imp, nil
}

// chosenText is what any choice may hold that is a text.
var chosenText = directory.Spec{Kind: directory.Line, Max: 2000}

func (s *Service) checkChoices(ctx context.Context, catalog *directory.Catalog, imp *Import) (err error) {
	o := imp.Options
	if o.Format != "" {
		formats, err := s.formatsFor(ctx, catalog, imp.Directory.Org)
		if err != nil {
			return err
		}
		if _, err := formats.Named(o.Format); err != nil {
			return err
		}
	}
	if o.Domain != "" {
		if !catalog.KnowsDomain(imp.Planner, o.Domain, imp.Directory.Org) {
			return directory.DomainUnknown.New("The domain %s is not in the directory.", o.Domain)
		}
	}
	if imp.Directory.Note, err = directory.CleanNote(o.Note); err != nil {
		return err
	}
	imp.Options.Note = imp.Directory.Note
	for _, chosen := range []string{o.Encoding, o.Delimiter, o.Sheet, o.Mode, o.GroupMode, o.Group, o.Notify} {
		if _, err := chosenText.Clean(chosen); err != nil {
			return err
		}
	}
	if o.UploadOnly && o.Group != "" {
		return OptionWrong.New("An import that is upload only has no group.")
	}
	if g, ok := catalog.Group(imp.Directory.Org, o.Group); ok {
		imp.Directory.Group = g.ID.String()
	}
	if err := s.findNotified(ctx, catalog, imp); err != nil {
		return err
	}
	return mayChangeGroup(catalog, imp.Planner, imp)
}

// refuse keeps an import as refused, with the one issue that says why.
func (s *Service) refuse(ctx context.Context, imp *Import, cause issue.Issue) (*Import, error) {
	ctx = context.WithoutCancel(ctx)
	err := s.Store.WriteImport(ctx, func(tx Tx) error {
		now, err := tx.Import(ctx, imp.Number)
		if err != nil {
			return err
		}
		if now.State != Planning {
			*imp = *now
			return nil
		}
		if err := tx.Clear(ctx, imp.Number, RowsPart, SecretsPart); err != nil {
			return err
		}
		imp.refused(cause)
		return s.end(ctx, tx, imp, Refused)
	})
	if err == nil {
		err = s.sweepClaims(ctx)
	}
	return imp, err
}

// refused notes why the whole file is not taken.
func (i *Import) refused(cause issue.Issue) {
	i.clearPlan()
	i.FileIssues, i.Issues = []issue.Issue{cause}, 1
}

// clearPlan forgets what planning has found so far.
func (i *Import) clearPlan() {
	i.Rows, i.Warnings, i.Issues, i.Generated, i.GeneratedPasswords = 0, 0, 0, false, 0
	i.Secrets, i.Hashed, i.HashNext = 0, 0, 0
	i.Counts, i.Touched, i.Outcomes = map[directory.Action]int64{}, map[string]int64{}, map[Outcome]int64{}
	i.FileIssues, i.Removed, i.Leaving, i.Steps, i.Summary, i.SetAside = nil, 0, "", 0, Summary{}, 0
}

// asIssue returns the issue that err is, if it is one.
func asIssue(err error) (issue.Issue, bool) {
	var i issue.Issue
	ok := errors.As(err, &i)
	return i, ok
}

// hasError reports whether one of the issues is an error.
func hasError(issues []issue.Issue) bool {
	return slices.ContainsFunc(issues, func(i issue.Issue) bool { return i.Severity == issue.Error })
}

func hasWarning(issues []issue.Issue) bool {
	return slices.ContainsFunc(issues, func(i issue.Issue) bool { return i.Severity == issue.Warning })
}

// SealedFor is the context under which a secret of a row is sealed, or a part of the file.
func SealedFor(number int64, row int, kind string) string {
	return fmt.Sprintf("import %d row %d %s", number, row, kind)
}
