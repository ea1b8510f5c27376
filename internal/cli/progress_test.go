package cli

import (
	"testing"
	"time"
)

// The rate of a stage is that of this command alone.
func TestSpeed(t *testing.T) {
	for _, c := range []struct {
		stage      string
		done, left int64
		took       time.Duration
		want       string
	}{
		{"applying", 0, 900, time.Second, ""},
		{"applying", 100, 900, 0, ""},
		{"applying", 100, 900, 2 * time.Second, " 50 rows/s, left 18s"},
		{"applying", 1000, 0, time.Second, " 1000 rows/s, left 0s"},
		{"hashing", 30, 3600, 30 * time.Second, " 1 rows/s, left 1h0m0s"},
		{"planning", 3 << 20, 3 << 20, 2 * time.Second, " 1.5 MiB/s, left 2s"},
	} {
		if got := speedText(c.stage, c.done, c.left, c.took); got != c.want {
			t.Errorf("%s %d, %d in %s: %q, want %q", c.stage, c.done, c.left, c.took, got, c.want)
		}
	}
}
