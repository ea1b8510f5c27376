package api

import (
	"context"
	"errors"

	"muster/internal/access"
	"muster/internal/directory"
	"muster/internal/importer"
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

func isDry(ctx context.Context) bool { return ctx.Value(dryKey) != nil }

type guardedUsers struct{ directory.Store }

// Write runs f as the request demands.
func (g guardedUsers) Write(ctx context.Context, f func(directory.AdminTx) error) error {
	return guarded(ctx, g.Store.Write, f)
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
	return guarded(ctx, g.Store.WriteImport, f)
}
