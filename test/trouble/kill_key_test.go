package trouble

import (
	"bytes"
	"math/rand/v2"
	"testing"
	"time"

	"muster/test/desk"
)

// Whenever a change of the key is killed, the next command finds the key that opens
// what is sealed, and the key can be changed again.
func TestKilledWhileChangingTheKey(t *testing.T) {
	seed := *killSeed
	if seed == 0 {
		seed = rand.Uint64()
	}
	t.Logf("-kill.seed=%d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	d := desk.New(t)
	d.Env = append(d.Env, cheap...)
	d.File("people.csv", desk.People(3000))
	d.Run("domain", "add", "example.org")
	d.Run("import", "people.csv", "--yes", "--generate-passwords")
	want := d.Run("results", "1")
	began := time.Now()
	d.Run("key", "change")
	took, killed, changed := time.Since(began), 0, 0
	for range 25 {
		before := content(t, d, "secret.key")
		c, _ := d.Start("key", "change")
		timer := time.AfterFunc(time.Duration(random.Int64N(int64(took))), func() { c.Process.Kill() })
		if err := c.Wait(); err != nil {
			killed++
		}
		timer.Stop()
		if got := d.Run("results", "1"); got != want {
			t.Fatalf("after %d kills the passwords do not open", killed)
		}
		if !bytes.Equal(before, content(t, d, "secret.key")) {
			changed++
		}
	}
	if killed == 0 {
		t.Error("no command was killed, which is no test")
	}
	t.Logf("%d of 25 were killed; %d had changed the key", killed, changed)
	d.Run("key", "change")
	if d.Run("results", "1") != want {
		t.Error("after an undisturbed change the passwords do not open")
	}
}
