package trouble

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"muster/test/desk"
)

// accountsFile has two e-mail accounts, with their passwords, for each of n users.
func accountsFile(n int) string {
	var b strings.Builder
	for i := range n {
		for _, kind := range []string{"mail", "ward"} {
			fmt.Fprintf(&b, "user%d@example.org,User %d,%d@%s.example,u%d,quartz-%s-%d,u%d\n", i, i, i, kind, i, kind, i, i)
		}
	}
	return b.String()
}

// An import of e-mail accounts that is killed again and again comes to the same: the
// file again changes nothing, passwords too, and when it is undone everything again.
func TestKilledWhileImportingAccounts(t *testing.T) {
	seed := *killSeed
	if seed == 0 {
		seed = rand.Uint64()
	}
	t.Logf("-kill.seed=%d", seed)
	random := rand.New(rand.NewPCG(seed, 1))
	const users = 150
	d := desk.New(t)
	d.Env = append(d.Env, append(cheap, smallBatches)...)
	d.File("people.csv", desk.People(users))
	d.File("accounts.csv", accountsFile(users))
	d.Run("org", "add", "RX1", "--threshold-users", "100000")
	d.Run("domain", "add", "example.org", "--org", "RX1")
	d.Run("import", "people.csv", "--org", "RX1", "--yes")
	plan := []string{"plan", "accounts.csv", "--format", "miradore-email", "--json"}
	d.Run(plan...)
	killed := untilDone(t, d, random, "apply", "2", "applied")
	if n := counted(t, d.Run(plan...), "unchanged"); n != 2*users {
		t.Errorf("after it, %d of %d rows are unchanged", n, 2*users)
	}
	d.Run("cancel", "3")
	killed += untilDone(t, d, random, "undo", "2", "undone")
	if n := counted(t, d.Run(plan...), "update"); n != 2*users {
		t.Errorf("after the undo, %d of %d rows change something", n, 2*users)
	}
	if killed == 0 {
		t.Error("nothing was killed, which is no test")
	}
	t.Logf("killed %d times", killed)
}

// untilDone runs a command on an import, and kills it, until it is done.
func untilDone(t *testing.T, d *desk.Desk, random *rand.Rand, verb, number, state string) (killed int) {
	t.Helper()
	for range 200 {
		c, _ := d.Start(verb, number)
		timer := time.AfterFunc(time.Duration(20+random.IntN(150))*time.Millisecond, func() { c.Process.Kill() })
		if c.Wait() != nil {
			killed++
		}
		timer.Stop()
		if d.Show(number).State == state {
			return killed
		}
	}
	t.Fatalf("import %s is never %s", number, state)
	return killed
}

func counted(t *testing.T, plan, action string) int {
	t.Helper()
	var p struct{ Counts map[string]int }
	if err := json.Unmarshal([]byte(plan), &p); err != nil {
		t.Fatal(err)
	}
	return p.Counts[action]
}
