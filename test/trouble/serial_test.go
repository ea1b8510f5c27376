package trouble

import (
	"flag"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"muster/internal/importer"
)

// Four processes import overlapping people at once. What they want is drawn
// from a seed, which a failure prints; -serial.seed=S draws it again.
var (
	serialRounds = flag.Int("serial.rounds", 1, "how often four processes import at once")
	serialSeed   = flag.Uint64("serial.seed", 0, "seed of the first round; 0: another each time")
)

// TestFourProcessesEqualASerialOrder: whatever four processes import at once, the directory
// is the one that they make one after the other, in one order or another.
func TestFourProcessesEqualASerialOrder(t *testing.T) {
	eachRace(t, starts, func(t *testing.T, r *race) {
		order, differs := nearest(r.end, r.orders)
		if len(differs) == 0 {
			return
		}
		t.Errorf("the directory is that of none of %d orders; in the nearest, %s, %d users differ:\n%s",
			len(r.orders), order, len(differs), strings.Join(differs[:min(5, len(differs))], "\n"))
	})
}

// TestFourProcessesRowByRow: each import finishes and accounts for its rows,
// no address has two users, the numbers of generated addresses have no gap, and
// no row fails but for what another import did.
func TestFourProcessesRowByRow(t *testing.T) {
	eachRace(t, starts, func(t *testing.T, r *race) {
		for _, wrong := range r.wrong {
			t.Error(wrong)
		}
		oneOwner(t, r.end)
		noGap(t, r.end)
		for file, rows := range r.rows {
			for _, row := range rows {
				if row.outcome == importer.Failed && !r.toBlame(file, row) {
					t.Errorf("%d.csv row %d failed, and no other import is to blame: %v", file, row.Row.Row, row.Issues)
				}
			}
		}
	})
}

// TestFourProcessesAndOneUser: a user whom rows find by the address, and who is
// in no other's way, becomes what some order makes of them. Imports that are
// planned meanwhile are left out: a plan may see a user between two others.
func TestFourProcessesAndOneUser(t *testing.T) {
	eachRace(t, starts[:2], func(t *testing.T, r *race) {
		for i := range plain {
			address := fmt.Sprintf("plain%d@example.org", i)
			if !r.inAnOrder(address) {
				t.Errorf("%s is as no order makes it: %s", address, r.end[address])
			}
		}
	})
}

func (r *race) inAnOrder(address string) bool {
	for _, end := range r.orders {
		if end[address] == r.end[address] {
			return true
		}
	}
	return false
}

// oneOwner checks that each address belongs to one user.
func oneOwner(t *testing.T, end people) {
	owners := map[string]string{}
	for address, is := range end {
		_, aliases, _ := strings.Cut(is, "aliases=")
		for _, a := range append(strings.Fields(aliases), address) {
			if owners[a] != "" {
				t.Errorf("%s belongs to %s and to %s", a, owners[a], address)
			}
			owners[a] = address
		}
	}
}

// noGap checks that those whose rows cannot fail bear the lowest numbers.
func noGap(t *testing.T, end people) {
	for _, first := range []string{"ann", "bob", "cleo"} {
		bearers := 0
		for address := range end {
			if strings.HasPrefix(address, first+".free") {
				bearers++
			}
		}
		for i := range bearers {
			address := fmt.Sprintf("%s.free%d@example.org", first, i+1)
			if i == 0 {
				address = first + ".free@example.org"
			}
			if end[address] == "" {
				t.Errorf("%d users are %s.free, and nobody is %s", bearers, first, address)
			}
		}
	}
}

// toBlame reports whether another import has changed something that a row is
// about.
func (r *race) toBlame(file int, failed raceRow) bool {
	about := failed.about()
	for other, rows := range r.rows {
		for _, row := range rows {
			if other != file && row.changed() && slices.ContainsFunc(row.about(), func(key string) bool { return slices.Contains(about, key) }) {
				return true
			}
		}
	}
	return false
}

func (r raceRow) changed() bool {
	return slices.Contains([]importer.Outcome{importer.Created, importer.Updated, importer.Leaver, importer.Joined}, r.outcome)
}

// identity finds cells that say whom or what a row is about.
var identity = regexp.MustCompile(`@|^L[0-9]`)

// about returns the user, addresses and local ids that a row is about.
func (r raceRow) about() []string {
	keys := []string{r.UserID.String()}
	for _, cell := range r.Cells {
		if identity.MatchString(cell) {
			keys = append(keys, cell)
		}
	}
	for _, c := range r.Changes {
		if identity.MatchString(c.New) {
			keys = append(keys, c.New)
		}
	}
	return keys
}
