package trouble

import (
	"flag"
	"fmt"
	"net/url"
	"testing"
	"time"

	"muster/internal/store/pgtest"
)

var pgPromotions = flag.Int("pg.promotions", 2, "how many imports lose their server to a standby")

// TestStandbyPromoted: the server is lost for good at a random moment of an import,
// and after a while its standby is promoted. The import, which knows both, ends by
// itself there, and nothing is lost or doubled.
func TestStandbyPromoted(t *testing.T) {
	t.Parallel()
	random := pgRandom(t, 2)
	rows := *pgRows / 4
	before, file := errandOfAll(rows)
	var want []string
	for i, row := range marks(random, max(4, *pgPromotions), rows)[:*pgPromotions] {
		if i%2 == 1 {
			row = rows + random.IntN(rows*9/10) // while it is applied
		}
		gone := time.Duration(random.IntN(500)) * time.Millisecond
		if want == nil {
			want = undisturbed(t, before, file)
		}
		t.Run(fmt.Sprintf("at row %d", row), func(t *testing.T) {
			t.Parallel()
			server := pgtest.Start(t)
			first := server.Database(t)
			standby := server.Standby(t)
			r := at(t, either(t, first, standby))
			ready(r.Desk, before, file)
			c := r.begin(importIt...)
			now := r.until(c, 2, row)
			if err := server.Kill(); err != nil {
				t.Fatal(err)
			}
			if !c.runs() {
				t.Fatalf("the command ended with %d at %+v: %s", c.ProcessState.ExitCode(), now, c.said)
			}
			<-time.After(gone) // it may take any time until somebody sees to it
			if err := standby.Promote(); err != nil {
				t.Fatal(err)
			}
			if after := r.far(2); after.applied < now.applied || after.done != after.applied {
				t.Errorf("it was at %+v, and on the standby it is at %+v", now, after)
			}
			c.well(t)
			same(t, "on the standby", came(r.Desk, "2"), want)
		})
	}
}

// either names the database of a server and of its standby: whichever takes changes.
func either(t *testing.T, first string, standby *pgtest.Server) string {
	t.Helper()
	one, err := url.Parse(first)
	if err != nil {
		t.Fatal(err)
	}
	other, err := url.Parse(standby.URL("muster"))
	if err != nil {
		t.Fatal(err)
	}
	one.Host += "," + other.Host
	one.RawQuery += "&target_session_attrs=read-write"
	return one.String()
}
