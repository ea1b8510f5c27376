package main

import (
	"context"
	"fmt"
	"time"

	"muster/internal/importer"
)

// accounts measures an import of an e-mail account for each of the people, and its undo.
// The floor of the one is the import of the people, that of the other the one.
func (b *bench) accounts() error {
	if !b.wants("accounts") {
		return nil
	}
	at, err := b.prepare(plain)
	if err != nil {
		return err
	}
	people, err := b.child("import", plain, at, "")
	if err != nil {
		return err
	}
	if _, err := b.child("rewrite", accounts, at, ""); err != nil {
		return err
	}
	work, err := b.child("import", accounts, at, "")
	if err != nil {
		return err
	}
	b.note("e-mail accounts", work, people)
	undo, err := b.child("undo last", accounts, at, "")
	b.note("e-mail accounts, undo", undo, work)
	return err
}

// undoLast takes the last import back.
func (j job) undoLast() (time.Duration, error) {
	a, err := j.open()
	if err != nil {
		return 0, err
	}
	defer a.Close()
	var last *importer.Import
	err = a.Importer.Imports(context.Background(), operator, func(imp *importer.Import) error {
		if last == nil || imp.Number > last.Number {
			last = imp
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	start := time.Now()
	imp, err := a.Importer.Undo(context.Background(), operator, last.Number, last.ConfirmCount())
	took := time.Since(start)
	if n := imp.OutcomeCounts()[importer.Reversed]; err == nil && n != int64(j.rows) {
		err = fmt.Errorf("%d rows are reversed", n)
	}
	return took, err
}
