package importer

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"muster/internal/directory"
)

// begin checks that a plan may be applied, and lets it begin.
func (s *Service) begin(ctx context.Context, actor directory.Actor, imp *Import, confirm int64) error {
	if err := s.applicable(ctx, imp, confirm); err != nil {
		return err
	}
	return s.Store.WriteImport(ctx, func(tx Tx) error {
		now, err := tx.Import(ctx, imp.Number)
		if err != nil {
			return err
		}
		if *imp = *now; imp.State != Planned {
			return nil
		}
		catalog, err := tx.Catalog(ctx)
		if err != nil {
			return err
		}
		if err := mayChangeGroup(catalog, actor, imp); err != nil {
			return err
		}
		imp.Applier, imp.AppliedAt, imp.LateNext = actor, s.Now(), 1
		imp.State, imp.Wanted, imp.Confirm = Hashing, false, confirm
		return s.save(ctx, tx, imp)
	})
}

// enter lets the changes begin, once nobody else is applying an import that is
// about the same people. Whoever replaces the members of a group waits for all.
func (s *Service) enter(ctx context.Context, imp *Import) error {
	for imp.State == Hashing {
		var rivals []int64
		err := s.Store.WriteImport(ctx, func(tx Tx) (err error) {
			now, err := tx.Import(ctx, imp.Number)
			if err != nil {
				return err
			}
			if now.Lease != imp.Lease {
				return errTakenOver
			}
			if *imp = *now; imp.State != Hashing {
				return nil
			}
			if rivals, err = tx.Rivals(ctx, imp.Number, imp.Removed > 0); err != nil || len(rivals) > 0 {
				return err
			}
			return s.enterNow(ctx, tx, imp)
		})
		if err == nil && len(rivals) > 0 && s.background {
			return ErrWaits
		}
		if err == nil && len(rivals) > 0 {
			s.report(fmt.Sprintf("waiting for import %d", rivals[0]), 0, 0)
			err = pause(ctx)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// enterNow lets the changes begin. A plan that nobody has looked at is made again
// if another import has ended since: it might have been about the same people.
func (s *Service) enterNow(ctx context.Context, tx Tx, imp *Import) error {
	if imp.Options.Unattended {
		ended, err := tx.Ended(ctx)
		if err != nil {
			return err
		}
		if ended != imp.Ended {
			imp.State, imp.Wanted = Planning, true
			return s.save(ctx, tx, imp)
		}
		if err := tx.Clear(ctx, imp.Number, UploadPart); err != nil {
			return err
		}
	}
	catalog, err := tx.Catalog(ctx)
	if err != nil {
		return err
	}
	if err := s.removeMembers(ctx, tx, imp, catalog); err != nil {
		return err
	}
	imp.State = Applying
	return s.save(ctx, tx, imp)
}

// barred reports whether errors keep a plan from ever being applied.
func (i *Import) barred() bool { return i.Strict && i.Counts[directory.Refuse] > 0 }

// applicable tells why a plan may not be applied.
func (s *Service) applicable(ctx context.Context, imp *Import, confirm int64) error {
	errorRows := imp.Counts[directory.Refuse]
	switch {
	case imp.barred():
		return StrictErrors.New("%d of the %d rows are in error, and import %d is all or nothing; nothing was done.", errorRows, imp.Rows, imp.Number)
	case errorRows == imp.Rows:
		return NothingDone.New("All %d rows are in error; nothing was done.", errorRows)
	case errorRows+imp.SetAside == imp.Rows:
		return NothingDone.New("All %d rows are in error or left out; nothing was done.", imp.Rows)
	}
	org, existing, err := s.unusual(ctx, imp.Touched)
	if err != nil || org == "" || confirm == imp.ConfirmCount() {
		return err
	}
	return NeedsConfirm.New("Import %d changes %d existing users, among them %d of the %d of organisation %s; nothing was done.",
		imp.Number, imp.ConfirmCount(), imp.Touched[org], existing, org).
		Suggest("if that is right, repeat with --confirm %[1]d (API: {\"confirm\":%[1]d})", imp.ConfirmCount())
}

// unusual returns an organisation of whose existing users unusually many would
// be touched, and how many it has; none where nothing is unusual.
func (s *Service) unusual(ctx context.Context, touched map[string]int64) (string, int64, error) {
	if len(touched) == 0 {
		return "", 0, nil
	}
	existing, err := s.Store.UserCounts(ctx)
	if err != nil {
		return "", 0, err
	}
	catalog, err := s.Store.Catalog(ctx)
	if err != nil {
		return "", 0, err
	}
	for _, org := range slices.Sorted(maps.Keys(touched)) {
		settings := catalog.Settings(org)
		if n := touched[org]; n*100 > existing[org]*int64(settings.ThresholdPercent) && n > int64(settings.ThresholdUsers) {
			return org, existing[org], nil
		}
	}
	return "", 0, nil
}
