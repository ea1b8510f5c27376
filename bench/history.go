package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"muster/internal/directory"
)

// history measures sealing the history that an import leaves, and verifying it. The floor
// of both is to read the entries as they are sealed.
func (b *bench) history() error {
	if !b.wants("history") {
		return nil
	}
	at, err := b.prepare(plain)
	if err != nil {
		return err
	}
	if _, err := b.child("import", plain, at, ""); err != nil {
		return err
	}
	floor, err := b.child("entries", plain, at, "")
	if err != nil {
		return err
	}
	for _, name := range []string{"seal", "verify"} {
		work, err := b.child(name, plain, at, "")
		if err != nil {
			return err
		}
		b.note("history: "+name, work, floor)
	}
	return nil
}

// entries reads the history from its beginning to its end.
func (j job) entries() (time.Duration, error) {
	a, err := j.open()
	if err != nil {
		return 0, err
	}
	defer a.Close()
	start, n := time.Now(), 0
	last := directory.ID(bytes.Repeat([]byte{0xff}, 16))
	err = a.Store.EntriesBetween(context.Background(), directory.ID{}, last, math.MaxInt32, func(*directory.Entry) error { n++; return nil })
	if err != nil || n < j.rows {
		return 0, errors.Join(err, fmt.Errorf("the history has %d entries", n))
	}
	return time.Since(start), nil
}

func (j job) seal() (time.Duration, error) {
	a, err := j.open()
	if err != nil {
		return 0, err
	}
	defer a.Close()
	start := time.Now()
	if n, err := a.History.Seal(context.Background()); err != nil || n < int64(j.rows) {
		return 0, errors.Join(err, fmt.Errorf("%d entries were sealed", n))
	}
	return time.Since(start), nil
}

func (j job) verify() (time.Duration, error) {
	a, err := j.open()
	if err != nil {
		return 0, err
	}
	defer a.Close()
	start := time.Now()
	r, err := a.History.Verify(context.Background(), func(int64, int64) {})
	if err != nil || r.Found > 0 || r.Sealed < int64(j.rows) {
		return 0, errors.Join(err, fmt.Errorf("it found %+v", r))
	}
	return time.Since(start), nil
}
