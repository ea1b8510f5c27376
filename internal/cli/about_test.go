package cli

import (
	"testing"
	"time"
)

func TestAbout(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0:                              "",
		9 * time.Second:                "",
		10 * time.Second:               ", about 10 seconds",
		59 * time.Second:               ", about 50 seconds",
		2 * time.Minute:                ", about 2 minutes",
		100*time.Minute + 1:            ", about 100 minutes",
		3*time.Minute + 40*time.Second: ", about 4 minutes",
	} {
		if got := about(d); got != want {
			t.Errorf("%s is told as %q, want %q", d, got, want)
		}
	}
}
