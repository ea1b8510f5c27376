package trouble

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"muster/internal/store/pgtest"
)

var pgKills = flag.Int("pg.kills", 2, "how often one of three processes is killed, of each kind of work")

// eachKill runs a test at databases of its own.
func eachKill(t *testing.T, test uint64, f func(t *testing.T, random *rand.Rand, r *remote)) {
	random := pgRandom(t, test)
	server := pgtest.Shared(t)
	for i := range *pgKills {
		own := rand.New(rand.NewPCG(random.Uint64(), 0))
		t.Run(fmt.Sprint("kill ", i+1), func(t *testing.T) {
			t.Parallel()
			f(t, own, at(t, server.Database(t)))
		})
	}
}

// TestOneOfThreeKilledOnOneImport: three processes apply one import, and one of them
// is killed. The others bring it to its end, as if nothing had happened: where it was
// the one at work, after nearly half a minute.
func TestOneOfThreeKilledOnOneImport(t *testing.T) {
	t.Parallel()
	const rows = 3000
	before, file := errandOfAll(rows)
	want := undisturbed(t, before, file)
	eachKill(t, 3, func(t *testing.T, random *rand.Rand, r *remote) {
		ready(r.Desk, before, file)
		r.Env = append(r.Env, "MUSTER_BATCH=50")
		r.Run("plan", "file.csv")
		var three []*command
		for _, verb := range []string{"apply", "resume", "apply"} {
			three = append(three, r.begin(verb, "2"))
		}
		killed := random.IntN(len(three))
		now := r.until(three[killed], 2, rows+random.IntN(rows*9/10))
		three[killed].Process.Kill()
		t.Logf("number %d of three was killed at %+v", killed+1, now)
		for i, c := range three {
			if i != killed {
				c.well(t)
			}
		}
		if now := r.far(2); now.done != rows {
			t.Errorf("in the end it is %+v", now)
		}
		same(t, "after the kill", came(r.Desk, "2"), want)
	})
}

// joiners is a file of new people, of whom many files have namesakes; the local ids
// tell whose they are.
func joiners(file, rows int) string {
	var b strings.Builder
	b.WriteString("Title,First Name,Surname,Organisation Code,Department,Job Title,Telephone,Mobile,Local ID\n")
	for i := range rows {
		fmt.Fprintf(&b, ",%s,Free,RX1,,,,,F%dL%d\n", []string{"Ann", "Bob", "Cleo"}[i%3], file, i)
	}
	return b.String()
}

// TestOneOfThreeKilledOnImportsOfNamesakes: three processes apply three imports whose
// people want the same addresses; one is killed, and another goes on with its work.
// Everybody of the files is there once, and the addresses have no gap.
func TestOneOfThreeKilledOnImportsOfNamesakes(t *testing.T) {
	t.Parallel()
	const rows, files = 400, 3
	eachKill(t, 4, func(t *testing.T, random *rand.Rand, r *remote) {
		r.Env = append(r.Env, "MUSTER_BATCH=10")
		r.Run("org", "add", "RX1", "--name", "Riverside")
		r.Run("domain", "add", "example.org", "--org", "RX1")
		for i := range files {
			name := fmt.Sprint(i, ".csv")
			r.File(name, joiners(i, rows))
			r.Run("plan", name, "--format", "nhsmail1", "--org", "RX1", "--domain", "example.org")
		}
		var three []*command
		for i := range files {
			three = append(three, r.begin("apply", fmt.Sprint(i+1)))
		}
		killed := random.IntN(files)
		now := r.until(three[killed], killed+1, rows+random.IntN(rows*9/10))
		three[killed].Process.Kill()
		t.Logf("the process of import %d was killed at %+v", killed+1, now)
		<-three[killed].ended
		r.silent(killed + 1)
		three[killed] = r.begin("resume", fmt.Sprint(killed+1))
		for i, c := range three {
			c.well(t)
			if now := r.far(i + 1); now.state != "applied" || now.done != rows {
				t.Errorf("in the end import %d is %+v", i+1, now)
			}
		}
		end := peopleOf(t, r.url)
		oneOwner(t, end)
		noGap(t, end)
		if len(end) != files*rows {
			t.Errorf("there are %d users, of %d rows", len(end), files*rows)
		}
	})
}
