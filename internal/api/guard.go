package api

import (
	"context"
	"errors"

	"muster/internal/access"
	"muster/internal/directory"
	"muster/internal/importer"
	"muster/internal/wire"
)

// guard sees to it that every change of the services is made only where its request
// still fits (If-Match), and not at all by a dry run: both are found out within the
// transaction of the change, beside which nobody else writes.
func (d *door) guard() {
	users, imports, who := *d.Directory, *d.Importer, *d.Access
	users.Store, imports.Store = guardedUsers{users.Store}, guardedImports{imports.Store}
	who.Store, who.Directory = guardedAccess{who.Store}, &users
	d.Directory, d.Importer, d.Access = &users, &imports, &who
}

// errDry takes a transaction back that was only to be tried.
var errDry = errors.New("a dry run")

// trial is a dry run, and what its last transaction saw of what it would have made before
// that was taken back. Its answer is read from that.
type trial struct {
	catalog *directory.Catalog
	imports map[int64]*importer.Import
	issues  map[int64][]*importer.Row // the first of those that bear one
}

// trialOf is the dry run that a request is, or nil.
func trialOf(ctx context.Context) *trial {
	t, _ := ctx.Value(dryKey).(*trial)
	return t
}

func isDry(ctx context.Context) bool { return trialOf(ctx) != nil }

// guarded runs a transaction with what its request demands.
func guarded[Tx any](ctx context.Context, run func(context.Context, func(Tx) error) error, f func(Tx) error) error {
	return guardedBut(ctx, run, func(tx Tx) (bool, error) { return false, f(tx) })
}

// guardedBut is guarded for what f may tell to stay even in a dry run.
func guardedBut[Tx any](ctx context.Context, run func(context.Context, func(Tx) error) error, f func(Tx) (stays bool, err error)) error {
	err := run(ctx, func(tx Tx) error {
		if match, ok := ctx.Value(matchKey).(*condition); ok {
			match.asked = true
			if err := match.check(); err != nil {
				return err
			}
		}
		stays, err := f(tx)
		if err == nil && isDry(ctx) && !stays {
			return errDry
		}
		return err
	})
	if errors.Is(err, errDry) {
		return nil
	}
	return err
}

type guardedUsers struct{ directory.Store }

// Write runs f as the request demands.
func (g guardedUsers) Write(ctx context.Context, f func(directory.AdminTx) error) error {
	return guarded(ctx, g.Store.Write, func(tx directory.AdminTx) error {
		err := f(tx)
		if t := trialOf(ctx); t != nil && err == nil {
			t.catalog, err = tx.Catalog(ctx)
		}
		return err
	})
}

// Catalog returns the catalog as it is, or as it would be.
func (g guardedUsers) Catalog(ctx context.Context) (*directory.Catalog, error) {
	if t := trialOf(ctx); t != nil && t.catalog != nil {
		return t.catalog, nil
	}
	return g.Store.Catalog(ctx)
}

type guardedAccess struct{ access.Store }

// WriteAccess runs f as the request demands.
func (g guardedAccess) WriteAccess(ctx context.Context, f func(access.Tx) error) error {
	return guarded(ctx, g.Store.WriteAccess, f)
}

// WriteAttempt runs f as the request demands; a failure is noted in any case.
func (g guardedAccess) WriteAttempt(ctx context.Context, f func(access.Tx) (failed bool, err error)) error {
	return guardedBut(ctx, g.Store.WriteAccess, f)
}

// guardedImports lets steps pass: they only sweep up what has ended.
type guardedImports struct{ importer.Store }

// WriteImport runs f as the request demands.
func (g guardedImports) WriteImport(ctx context.Context, f func(importer.Tx) error) error {
	return guarded(ctx, g.Store.WriteImport, func(tx importer.Tx) error {
		t := trialOf(ctx)
		if t == nil {
			return f(tx)
		}
		saved := &savedImports{Tx: tx}
		if err := f(saved); err != nil {
			return err
		}
		return t.look(ctx, tx, saved.numbers)
	})
}

// savedImports notes which imports a transaction has changed.
type savedImports struct {
	importer.Tx
	numbers []int64
}

// SaveImport saves an import and notes that.
func (s *savedImports) SaveImport(ctx context.Context, imp *importer.Import) error {
	s.numbers = append(s.numbers, imp.Number)
	return s.Tx.SaveImport(ctx, imp)
}

// look sees what imports would be.
func (t *trial) look(ctx context.Context, tx importer.Tx, numbers []int64) error {
	for _, number := range numbers {
		imp, err := tx.Import(ctx, number)
		if err != nil {
			return err
		}
		t.imports[number], t.issues[number] = imp, nil
		err = tx.IssueRows(ctx, number, wire.MostIssues, func(r *importer.Row) error {
			t.issues[number] = append(t.issues[number], r)
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// Import returns an import as it is, or as it would be.
func (g guardedImports) Import(ctx context.Context, number int64) (*importer.Import, error) {
	if t := trialOf(ctx); t != nil && t.imports[number] != nil {
		tried := *t.imports[number]
		return &tried, nil
	}
	return g.Store.Import(ctx, number)
}

// IssueRows calls f for at most limit rows of an import that bear an issue, or would.
func (g guardedImports) IssueRows(ctx context.Context, number int64, limit int, f func(*importer.Row) error) error {
	t := trialOf(ctx)
	if t == nil || t.imports[number] == nil {
		return g.Store.IssueRows(ctx, number, limit, f)
	}
	for _, r := range t.issues[number][:min(limit, len(t.issues[number]))] {
		if err := f(r); err != nil {
			return err
		}
	}
	return nil
}
