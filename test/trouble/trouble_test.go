// Package trouble tells what happens to imports when the world is not kind:
// processes are interrupted, killed and run side by side, disks are full and
// clocks are wrong. It drives the real program, at desks (test/desk).
package trouble

import (
	"testing"

	"muster/test/desk"
)

func TestMain(m *testing.M) { desk.Main(m) }
