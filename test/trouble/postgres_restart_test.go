package trouble

import (
	"flag"
	"math/rand/v2"
	"testing"
	"time"

	"muster/internal/store/pgtest"
)

var pgRestarts = flag.Int("pg.restarts", 20, "how often the server is stopped and started during one import")

// TestServerStoppedAndStarted: the server ends at random moments of one import, in
// good order or by a crash, and is started again after a while. The import ends by
// itself, and nothing is lost or doubled. Whenever the server is back, the directory
// has what the mark says, and never half a batch.
func TestServerStoppedAndStarted(t *testing.T) {
	t.Parallel()
	random := pgRandom(t, 1)
	before, file := errandOfAll(*pgRows)
	server := pgtest.Start(t)
	r := at(t, server.Database(t))
	ready(r.Desk, before, file)
	c := r.begin(importIt...)
	struck := map[far]bool{}
	for _, row := range marks(random, *pgRestarts, *pgRows) {
		now := r.until(c, 2, row)
		if !c.runs() {
			t.Fatalf("the command ended with %d at %+v: %s", c.ProcessState.ExitCode(), now, c.said)
		}
		struck[now] = true
		end := server.Kill
		if random.IntN(2) == 0 {
			end = server.Stop
		}
		if err := end(); err != nil {
			t.Fatal(err)
		}
		<-time.After(time.Duration(random.IntN(200)) * time.Millisecond) // it may be gone for any time
		if err := server.Restart(); err != nil {
			t.Fatal(err)
		}
		if now := r.far(2); now.done != now.applied {
			t.Errorf("the mark has passed %d rows, and %d users have changed", now.applied, now.done)
		}
	}
	c.well(t)
	if now := r.far(2); now.done != *pgRows {
		t.Errorf("in the end it is %+v", now)
	}
	same(t, "after it all", came(r.Desk, "2"), undisturbed(t, before, file))
	t.Logf("the server ended at %d kinds of progress: %v", len(struck), struck)
	if len(struck) < *pgRestarts*3/4 {
		t.Errorf("%d moments hit %d kinds of progress", *pgRestarts, len(struck))
	}
}

// marks draws rows of an import, evenly spread, a quarter of them while it is planned:
// a plan is made again from its beginning. Before the first row the command may not
// have begun, and after the last ones it may have ended.
func marks(random *rand.Rand, n, rows int) (list []int) {
	spread := func(from, n int) {
		for i := range n {
			list = append(list, from+1+int((float64(i)+random.Float64())*float64(rows)*0.95/float64(n)))
		}
	}
	spread(0, n/4)
	spread(rows, n-n/4)
	return list
}
