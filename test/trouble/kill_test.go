package trouble

import (
	"flag"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"muster/test/desk"
)

var (
	kills    = flag.Int("kills", 200, "how often the program is killed")
	killSeed = flag.Uint64("kill.seed", 0, "seed of the moments at which it is killed; 0: another each time")
)

// The program is killed at random moments while it plans, hashes, applies and
// undoes 5000 rows, and each time somebody goes on with the import. In the end
// the directory is that of a run that was never killed: after apply, and after
// the undo. Each world is killed some dozens of times; worlds begin until there
// were kills enough. The seed chooses the moments as times after a start: what
// the program is at by then is up to the machine.
func TestKilledAtAnyMoment(t *testing.T) {
	if *killSeed == 0 {
		*killSeed = uint64(time.Now().UnixNano())
	}
	t.Logf("-kill.seed=%d", *killSeed)
	for i, e := range []*errand{givenAddresses(), generatedAddresses()} {
		t.Run(e.name, func(t *testing.T) {
			t.Parallel()
			k := &killer{errand: e, rand: rand.New(rand.NewPCG(*killSeed, uint64(i))), took: map[string]time.Duration{}, pace: map[string]int{}, moments: map[string]int{}}
			k.ready = e.desk(t)
			k.runUndisturbed(t)
			for world := 1; k.goesOn((*kills+1)/2) && !t.Failed(); world++ {
				t.Run(fmt.Sprint("world ", world), k.world)
			}
			k.judge(t)
		})
	}
}

// killer kills the program in world after world.
type killer struct {
	*errand
	rand  *rand.Rand
	ready *desk.Desk // copied for each world

	applied, undone *picture                 // of the run never killed
	start           time.Duration            // how long it took to start the program
	took            map[string]time.Duration // how long each kind of moment lasted
	pace            map[string]int           // what was learned since: by what power of two longer or shorter

	kills   int
	fresh   int            // kills that left a progress which its world had not had
	moments map[string]int // kills by kind of moment
}

// planning is the command that plans the file.
func (k *killer) planning() []string {
	return append([]string{"plan", "file.csv", "--org", "RX1"}, k.options...)
}

// runUndisturbed makes the run that is never killed, and measures it.
func (k *killer) runUndisturbed(t *testing.T) {
	t.Helper()
	d := k.ready.Copy(t)
	before := k.picture(t, d, "")
	began := time.Now()
	look(t, d, 1)
	k.start = time.Since(began)
	k.measure(t, d, k.planning()...)
	k.measure(t, d, "apply", "2")
	k.applied = k.picture(t, d, "2")
	k.measure(t, d, "undo", "2")
	k.undone = k.picture(t, d, "2")
	same(t, "the directory after the undo", k.undone.directory, before.directory)
	if !maps.Equal(k.undone.hashes, before.hashes) {
		t.Error("the undo has not given the former passwords back")
	}
	if t.Failed() {
		t.FailNow()
	}
	for _, moment := range moments {
		t.Logf("never killed, it was %v %s", k.took[moment].Round(time.Millisecond), moment)
	}
}

// measure runs a command to its end and looks at what it is doing meanwhile.
func (k *killer) measure(t *testing.T, d *desk.Desk, args ...string) {
	t.Helper()
	c, said := d.Start(args...)
	ended := make(chan error, 1)
	go func() { ended <- c.Wait() }()
	for at := time.Now(); ; {
		select {
		case err := <-ended:
			if err != nil {
				t.Fatalf("%s: %v: %s", strings.Join(args, " "), err, said)
			}
			return
		default:
		}
		now := time.Now()
		k.took[look(t, d, 1).moment()] += now.Sub(at)
		at = now
	}
}

// world brings one world to its end, with kills.
func (k *killer) world(t *testing.T) {
	w := &world{killer: k, t: t, desk: k.ready.Copy(t), after: 1, seen: map[int]bool{}}
	for w.at.State != "undone" && !t.Failed() {
		w.step()
	}
}

// world is a directory in which the program is killed.
type world struct {
	*killer
	t     *testing.T
	desk  *desk.Desk
	after int // the import before that of the file
	at    progress
	seen  map[int]bool // the progress that kills have left
}

// step goes on with the import until the program is killed or has done it.
func (w *world) step() {
	args := w.command()
	killed, code, said := w.strike(args)
	before := w.at
	w.at = look(w.t, w.desk, w.after)
	if w.at.State == "refused" {
		w.cut()
		return
	}
	what := fmt.Sprintf("%s (killed: %v)", strings.Join(args, " "), killed)
	w.check(what, before)
	if !killed && (code != 0 || w.at.State != w.goal(args, before)) {
		w.t.Fatalf("%s ended with %d, the import is %s: %s", what, code, w.at.State, said)
	}
	w.learn(before)
	if killed {
		w.count(before)
	}
	w.compare(before)
}

// command is one that goes on with the import.
func (w *world) command() []string {
	verbs := []string{"apply", "resume"}
	switch w.at.State {
	case "":
		return w.planning()
	case "applied":
		verbs = []string{"undo"}
	case "undoing":
		verbs = append(verbs, "undo")
	}
	return []string{verbs[w.rand.IntN(len(verbs))], strconv.Itoa(w.at.Import)}
}

// goal is the state in which a command leaves the import that is not killed.
func (w *world) goal(args []string, before progress) string {
	switch {
	case args[0] == "plan":
		return "planned"
	case args[0] == "undo" || before.State == "undoing":
		return "undone"
	}
	return "applied"
}

// strike runs a command and kills it after a random time, unless it has ended.
func (w *world) strike(args []string) (killed bool, code int, said string) {
	w.t.Helper()
	c, errors := w.desk.Start(args...)
	timer := time.AfterFunc(time.Duration(w.rand.Int64N(int64(w.longest()))), func() { c.Process.Kill() })
	c.Wait()
	timer.Stop()
	status := c.ProcessState.Sys().(syscall.WaitStatus)
	return status.Signaled() && status.Signal() == syscall.SIGKILL, c.ProcessState.ExitCode(), errors.String()
}

// longest is the time within which the program is killed.
func (w *world) longest() time.Duration {
	moment := w.at.moment()
	part := w.took[moment] / 16
	if moment == whilePlanning || moment == whileJudging {
		part = w.took[moment] / 2
	}
	return max(time.Duration(float64(w.start+part)*math.Pow(2, float64(w.pace[moment]))), time.Millisecond)
}

// learn makes the time longer where nothing got done, and shorter where the
// program had left a kind of moment behind: the machine may be busier than it
// was, or less busy, and planning and judging cannot be done by halves.
func (w *world) learn(before progress) {
	switch moment := before.moment(); {
	case w.at.moment() != moment:
		w.pace[moment]--
	case w.at.mark() == before.mark():
		w.pace[moment]++
	}
}

// cut lets the file be planned as another import where it had not arrived to
// its end when the program was killed: that is all that may be refused.
func (w *world) cut() {
	if refusal := w.desk.Run("show", strconv.Itoa(w.at.Import), "--json"); !strings.Contains(refusal, `"code":"upload-incomplete"`) {
		w.t.Fatalf("the file was refused: %s", refusal)
	}
	w.after, w.at = w.at.Import, progress{}
}

// check looks for rows that are not accounted for, and for steps back.
func (w *world) check(what string, before progress) {
	sum := 0
	for _, n := range w.at.Outcomes {
		sum += n
	}
	begun := w.at.State != "" && w.at.State != "planning"
	if sum != w.at.Rows || begun && sum != killedRows {
		w.t.Errorf("%s: %d of %d rows are accounted for: %+v", what, sum, w.at.Rows, w.at)
	}
	if n := w.at.hashed + w.at.waiting; w.at.State == "hashing" && n != len(w.supplied) {
		w.t.Errorf("%s: %d of %d passwords are there: %+v", what, n, len(w.supplied), w.at)
	}
	if w.at.mark() < before.mark() {
		w.t.Errorf("%s: the import was at %+v and is at %+v", what, before, w.at)
	}
}

// count notes at which moment the program was killed.
func (w *world) count(before progress) {
	w.kills++
	if mark := w.at.mark(); !w.seen[mark] {
		w.seen[mark] = true
		w.fresh++
	}
	moment := w.at.moment()
	if moment == whileJudging && before.State != "applied" {
		moment = betweenStages
	}
	w.moments[moment]++
}

// compare compares the world with the one never killed, after apply and after
// undo.
func (w *world) compare(before progress) {
	want := map[string]*picture{"applied": w.applied, "undone": w.undone}[w.at.State]
	if want == nil || w.at.State == before.State {
		return
	}
	got := w.picture(w.t, w.desk, strconv.Itoa(w.at.Import))
	same(w.t, w.at.State+", the directory", got.directory, want.directory)
	same(w.t, w.at.State+", rows, history and passwords", got.doings, want.doings)
	if w.at.State == "undone" && !maps.Equal(got.hashes, want.hashes) {
		w.t.Error("undone, the passwords are not the former ones")
	}
}

// goesOn tells whether another world is wanted: kills are missing or, within
// bounds, a kind of moment that is short and was not hit yet.
func (k *killer) goesOn(share int) bool {
	return k.kills < share || len(k.missed()) > 0 && k.kills < share+200
}

// missed returns the kinds of moment that no kill has hit.
func (k *killer) missed() (list []string) {
	for _, moment := range moments {
		if k.moments[moment] == 0 && !slices.Contains(k.without, moment) {
			list = append(list, moment)
		}
	}
	return list
}

// judge asks whether the kills have hit what they were meant to hit.
func (k *killer) judge(t *testing.T) {
	t.Helper()
	t.Logf("%d kills, %d of which left a progress that there had not been", k.kills, k.fresh)
	for _, moment := range moments {
		t.Logf("killed %d times %s", k.moments[moment], moment)
	}
	if t.Failed() {
		return
	}
	for _, moment := range k.missed() {
		t.Errorf("the program was never killed %s", moment)
	}
	if k.fresh*3 < k.kills {
		t.Errorf("of %d kills only %d left a progress that there had not been", k.kills, k.fresh)
	}
}
