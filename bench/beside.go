package main

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"muster/internal/importer"
)

const smallRows = 100

// beside measures how long 100 rows take, from the upload to the end, while all the
// others are applied by another process. Its floor is the same with nobody beside.
func (b *bench) beside() error {
	if !b.wants("beside") {
		return nil
	}
	at, err := b.prepare(plain)
	if err != nil {
		return err
	}
	alone, err := b.child("small", plain, at, "")
	if err != nil {
		return err
	}
	done := make(chan error, 1)
	go func() { _, err := b.child("import", plain, at, ""); done <- err }()
	if err := untilThere(filepath.Join(at, applying), done); err != nil {
		return err
	}
	work, err := b.child("small", plain, at, "")
	if err != nil {
		return err
	}
	b.note("100 rows beside a large import", work, alone)
	return <-done
}

// applying is the file in a folder that tells that its import is being applied.
const applying = "applying"

// untilThere waits for a file, or for the work that was to make it to fail.
func untilThere(path string, done <-chan error) error {
	for {
		if _, err := os.Stat(path); err == nil {
			return nil
		}
		select {
		case err := <-done:
			return cmp.Or(err, fmt.Errorf("%s never came", path))
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// small imports people whom no other file knows.
func (j job) small() (time.Duration, error) {
	a, err := j.open()
	if err != nil {
		return 0, err
	}
	defer a.Close()
	var file strings.Builder
	file.WriteString("address,name\n")
	stamp := time.Now().Format("150405.000000")
	for i := range smallRows {
		fmt.Fprintf(&file, "small%s.%d@example.org,Small\n", stamp, i)
	}
	ctx, start := context.Background(), time.Now()
	imp, err := a.Importer.Upload(ctx, operator, "small.csv", strings.NewReader(file.String()), importer.Options{Org: "RX1", Mode: "partial"})
	if err == nil {
		imp, err = a.Importer.Plan(ctx, imp.Number)
	}
	if err == nil {
		imp, err = a.Importer.Apply(ctx, operator, imp.Number, 0)
	}
	if err == nil && imp.OutcomeCounts()[importer.Created] != smallRows {
		err = fmt.Errorf("of %d rows came %v", smallRows, imp.OutcomeCounts())
	}
	return time.Since(start), err
}
