package work

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
)

// What River says of a database that is away is a warning beside Muster's own line; that a
// worker has panicked is an error.
func TestWhatRiverSays(t *testing.T) {
	var b bytes.Buffer
	log := slog.New(warnings{slog.NewTextHandler(&b, nil)}).With("queue", "small").WithGroup("more")
	log.Info("Producer: Run loop started")
	log.Warn("Notifier: slow")
	log.Error("leadership.Elector: Error attempting to elect", "err", "connection refused")
	log.Error("JobExecutor: panic recovery; possible bug with Worker")
	var levels []string
	for line := range strings.Lines(b.String()) {
		_, rest, _ := strings.Cut(line, "level=")
		level, _, _ := strings.Cut(rest, " ")
		levels = append(levels, level)
	}
	if got := strings.Join(levels, " "); got != "WARN WARN ERROR" {
		t.Errorf("the levels are %s:\n%s", got, &b)
	}
}
