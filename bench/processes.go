package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"time"

	"muster/internal/importer"
)

// processes measures an import that is left to one, two and four processes that
// work in the background; the floor is one. All of them share the cores of this
// machine.
func (b *bench) processes() error { return b.byProcesses("import", plain) }

// hashingShared is processes for passwords that are to be hashed.
func (b *bench) hashingShared() error { return b.byProcesses("supplied passwords", supplied) }

func (b *bench) byProcesses(name, kind string) error {
	if !b.wants("processes") {
		return nil
	}
	var one measure
	for _, n := range []int{1, 2, 4} {
		took, err := b.leftTo(n, kind)
		if err != nil {
			return err
		}
		if n == 1 {
			one = took
		}
		b.note(fmt.Sprintf("%s, processes: %d", name, n), took, one)
	}
	return nil
}

func (b *bench) leftTo(n int, kind string) (measure, error) {
	at, err := b.prepare(kind)
	if err != nil {
		return measure{}, err
	}
	for range n {
		worker := exec.Command(os.Args[0], "-job", "work", "-folder", at)
		worker.Stderr = os.Stderr
		ready, err := worker.StdoutPipe()
		if err == nil {
			err = worker.Start()
		}
		if err != nil {
			return measure{}, err
		}
		defer worker.Wait()
		defer worker.Process.Signal(syscall.SIGTERM)
		if _, err := ready.Read(make([]byte, 1)); err != nil {
			return measure{}, err
		}
	}
	return b.child("left", kind, at, "")
}

// work works in the background until it is told to stop. It says when it begins.
func (j job) work() (time.Duration, error) {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	a, err := j.open()
	if err != nil {
		return 0, err
	}
	defer a.Close()
	fmt.Println("ready")
	return 0, a.Work(ctx, slog.New(slog.NewTextHandler(io.Discard, nil)))
}

// left uploads the file and leaves the rest to others.
func (j job) left() (time.Duration, error) {
	a, err := j.open()
	if err != nil {
		return 0, err
	}
	defer a.Close()
	f, err := os.Open(j.file())
	if err != nil {
		return 0, err
	}
	defer f.Close()
	ctx, start := context.Background(), time.Now()
	imp, err := a.Importer.Upload(ctx, operator, "people.csv", f, importer.Options{Org: "RX1", Mode: "partial"})
	if err == nil {
		imp, err = a.Importer.ApplyLater(ctx, operator, imp.Number, 0)
	}
	for err == nil && !imp.Finished() {
		time.Sleep(50 * time.Millisecond)
		imp, err = a.Importer.Import(ctx, operator, imp.Number)
	}
	if err == nil && imp.OutcomeCounts()[importer.Created] != int64(j.rows) {
		err = fmt.Errorf("of %d rows came %v", j.rows, imp.OutcomeCounts())
	}
	return time.Since(start), err
}
