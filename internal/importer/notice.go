package importer

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"muster/internal/directory"
	"muster/internal/issue"
	"muster/internal/mailaddr"
)

// Whoever has uploaded, applied or undone an import may have gone on to other things
// meanwhile ("You can continue to work on other tasks whilst a CSV upload is in progress.",
// seed 5), so they are told by notices what it has come to.

// notApplied is the kind of notice that tells why a plan was not applied as soon as it was made.
const notApplied directory.NoticeKind = "import-not-applied"

// NotifyUnknown is of whoever is to be told and cannot be.
var NotifyUnknown = issue.NewWarning("notify-no-user", "Whoever is to be told is no user whom you may read, so nobody is.",
	"Name a user of your organisation or of one below it with --notify. Notices stand in Muster itself; no mail is sent.")

// findNotified finds the user who is to be told beside those who work with the import, if the
// planner may know of them.
func (s *Service) findNotified(ctx context.Context, catalog *directory.Catalog, imp *Import) error {
	if imp.Options.Notify == "" {
		return nil
	}
	address, err := mailaddr.Parse(imp.Options.Notify)
	if err != nil {
		return err
	}
	snap, err := s.Store.Snapshot(ctx, directory.Query{Keys: []string{address.Key()}})
	if err != nil {
		return err
	}
	if owner := snap.Owners[address.Key()]; imp.Planner.MayReadUsers(catalog, owner.Org) {
		imp.Notified = owner.UserID
	}
	return nil
}

// noteNotified says so where whoever is to be told cannot be.
func (i *Import) noteNotified() []issue.Issue {
	if i.Options.Notify == "" || !i.Notified.IsZero() {
		return nil
	}
	return []issue.Issue{NotifyUnknown.New("There is no user %s whom you may read, so nobody is told there.", i.Options.Notify)}
}

// save keeps an import as it is now. Where that is a state which those are to know of who
// work with it, they are told in the same transaction, and once.
func (s *Service) save(ctx context.Context, tx Tx, imp *Import) error {
	if text := imp.news(); text != "" {
		imp.Told = imp.State
		if err := tx.AddNotices(ctx, imp.notices("import-"+directory.NoticeKind(imp.State), text, s.Now())); err != nil {
			return err
		}
	}
	return tx.SaveImport(ctx, imp)
}

// notices are those for all who have set the import to work, and for whom they name, each once.
func (i *Import) notices(kind directory.NoticeKind, text string, at time.Time) (list []directory.Notice) {
	var told []directory.ID
	for _, to := range []directory.ID{i.Planner.ID, i.Applier.ID, i.Undoer.ID, i.Notified} {
		if to.IsZero() || slices.Contains(told, to) {
			continue
		}
		told = append(told, to)
		list = append(list, directory.Notice{ID: directory.NewID(), To: to, At: at, Kind: kind, Import: i.Number,
			Text: fmt.Sprintf("Import %d of %s %s", i.Number, i.File, text)})
	}
	return list
}

// news is what to say of the state that the import has come to; "" for nothing.
func (i *Import) news() string {
	if i.Told == i.State {
		return ""
	}
	switch i.State {
	case Planned:
		if i.Wanted {
			return "" // it is applied at once
		}
		return fmt.Sprintf("is planned: %s. It can be applied until %s.", tallied(i.Counts, actionOrder), i.LapsesAt.Format(time.DateOnly))
	case Refused:
		return "was refused: " + i.FileIssues[0].Message
	case Applied:
		return fmt.Sprintf("is applied: %s.", tallied(i.OutcomeCounts(), outcomeOrder))
	case Undone:
		return fmt.Sprintf("is taken back: %s.", tallied(i.OutcomeCounts(), outcomeOrder))
	case Cancelled:
		return fmt.Sprintf("was cancelled: %s.", tallied(i.OutcomeCounts(), outcomeOrder))
	case Lapsed:
		return "was not applied in time, and has lapsed. To go on, upload the file again."
	}
	return ""
}

var (
	actionOrder  = []directory.Action{directory.Create, directory.Update, directory.Unchanged, directory.MarkLeft, directory.Join, directory.Discard, directory.Refuse}
	outcomeOrder = []Outcome{Created, Updated, Unchanged, Leaver, Joined, Discarded, Reversed, Kept, Irreversible, LeftOut, Failed, Pending}
)

// tallied says how many rows come to what, such as "898 created, 2 failed".
func tallied[K ~string](counts map[K]int64, order []K) string {
	var parts []string
	for _, k := range order {
		if n := counts[k]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, strings.ReplaceAll(string(k), "_", " ")))
		}
	}
	if parts == nil {
		return "no rows"
	}
	return strings.Join(parts, ", ")
}

// tellRefusal tells why an import that was wanted to be applied stays a plan.
func (s *Service) tellRefusal(ctx context.Context, tx Tx, imp *Import, refusal issue.Issue) error {
	text := "was not applied: " + refusal.Message
	if refusal.Suggestion != "" {
		text += " Suggestion: " + refusal.Suggestion + "."
	}
	return tx.AddNotices(ctx, imp.notices(notApplied, text, s.Now()))
}
