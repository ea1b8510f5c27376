package trouble

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	"muster/test/desk"
)

// disk is where a desk has its database, and where there can be too little room.
type disk struct {
	*desk.Desk
	folder string
	squeeze,
	free func(room int64)
	cures []string // what the message tells people to do: one of these
}

// limited is a disk on which no file may grow beyond a size: a quota, to the
// program. It works everywhere.
func limited(t *testing.T) *disk {
	d := &disk{Desk: desk.OnFile(t), cures: []string{"it is full, a quota or size limit is reached", thenGoOn}}
	d.folder = d.Folder
	d.squeeze = func(room int64) { d.Limit = room }
	d.free = func(int64) { d.Limit = 0 }
	return d
}

// mayMount reports whether a file system can be mounted here: root can, but not in
// every container.
var mayMount = sync.OnceValue(func() bool {
	folder, err := os.MkdirTemp("", "muster-mount")
	if err != nil {
		return false
	}
	defer os.Remove(folder)
	return syscall.Mount("tmpfs", folder, "tmpfs", 0, "size=64k") == nil && syscall.Unmount(folder, 0) == nil
})

// mounted is a small file system of its own.
func mounted(t *testing.T) *disk {
	t.Helper()
	d := &disk{Desk: desk.OnFile(t), cures: []string{"no space left on device", thenGoOn}}
	d.folder = filepath.Join(d.Folder, "disk")
	if err := os.Mkdir(d.folder, 0o700); err != nil {
		t.Fatal(err)
	}
	d.mount(t, "size=64m,mode=0700")
	d.Env = []string{"MUSTER_DATABASE=sqlite:disk/muster.db"}
	d.squeeze = func(room int64) { d.remount(t, 0, fmt.Sprintf("size=%d", d.used(t)+room)) }
	d.free = func(int64) { d.remount(t, 0, "size=64m") }
	return d
}

// mount puts a small disk into the folder until the test ends.
func (d *disk) mount(t *testing.T, options string) {
	t.Helper()
	if err := syscall.Mount("tmpfs", d.folder, "tmpfs", 0, options); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(d.folder, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
}

func (d *disk) remount(t *testing.T, flags uintptr, options string) {
	t.Helper()
	if err := syscall.Mount("tmpfs", d.folder, "tmpfs", syscall.MS_REMOUNT|flags, options); err != nil {
		t.Fatal(err)
	}
}

func (d *disk) used(t *testing.T) int64 {
	t.Helper()
	var s syscall.Statfs_t
	if err := syscall.Statfs(d.folder, &s); err != nil {
		t.Fatal(err)
	}
	return int64(s.Blocks-s.Bfree) * s.Bsize
}

// disks are the disks that can be had here.
func disks(t *testing.T) map[string]func(*testing.T) *disk {
	list := map[string]func(*testing.T) *disk{"limit of size": limited}
	if mayMount() {
		list["full disk"] = mounted
	} else {
		t.Log("No small disk can be mounted here; only that no file may grow is tested.")
	}
	return list
}

// starving is how a desk with too little room is brought to its end: a command
// that fails again and again, each time with more room than before.
type starving struct {
	name   string
	before [][]string // with room enough
	first  []string   // the command that has too little; then it is what the message says
	states []string   // in which the import is found on the way, "" for none
	after  string     // the state in the end
}

var (
	adding  = []string{"domain", "add", "example.org"}
	planned = []string{"plan", "people.csv"}
)

var starved = []starving{
	{"setting up", nil, adding, []string{""}, ""},
	{"planning", [][]string{adding}, planned, []string{"cancelled", "planning"}, "applied"},
	{"applying", [][]string{adding, planned}, []string{"apply", "1"}, []string{"planned", "hashing", "applying"}, "applied"},
	{"undoing", [][]string{adding, {"import", "people.csv", "--yes"}}, []string{"undo", "1", "--confirm", strconv.Itoa(starvedRows)},
		[]string{"applied", "undoing"}, "undone"},
}

// advised is how people go on after a message: as it says, or with the same command.
func advised(command []string, said string) []string {
	if advice := resumes.FindStringSubmatch(said); advice != nil {
		return []string{"resume", advice[1]}
	}
	return command
}

var resumes = regexp.MustCompile(`go on with muster resume (\d+)`)

const starvedRows, starvedBatch = 200, 20

// secretive is a file whose users bring passwords and long notes: one that takes
// room at each stage.
func secretive() string {
	var b strings.Builder
	b.WriteString("address,name,password,notes\n")
	for i := range starvedRows {
		fmt.Fprintf(&b, "user%d@example.org,User %d,correct-horse-%d,%s\n", i, i, i*7919, strings.Repeat("note ", 100))
	}
	return b.String()
}

// A disk that gets full ends a command with a sentence that says so. What was
// done is whole, what was not is told, and with more room it goes on to the same
// end as if nothing had happened.
func TestDiskFull(t *testing.T) {
	want := undisturbedEnds(t)
	for name, disk := range disks(t) {
		for _, c := range starved {
			t.Run(name+"/"+c.name, func(t *testing.T) { disk(t).starvesTo(t, c, want[c.after]) })
		}
	}
}

// undisturbedEnds are the users there are after each state, where there is room enough.
func undisturbedEnds(t *testing.T) map[string][]string {
	d := desk.OnFile(t)
	d.File("people.csv", secretive())
	d.Env = append(d.Env, cheaply...)
	d.Run("domain", "add", "example.org")
	d.Run("import", "people.csv", "--yes")
	return map[string][]string{"applied": users(t, d)}
}

func (d *disk) starvesTo(t *testing.T, c starving, want []string) {
	d.File("people.csv", secretive())
	d.Env = append(d.Env, cheaply...)
	d.starve(t, c)
	if got := users(t, d.Desk); !slices.Equal(got, want) {
		t.Errorf("there are %d users, not the %d of an undisturbed run", len(got), len(want))
	}
}

// cheaply makes hashes that cost little, and small batches.
var cheaply = []string{fmt.Sprintf("MUSTER_BATCH=%d", starvedBatch), "MUSTER_HASHING_MEMORY_MIB=1", "MUSTER_HASHING_TIME=1"}

func (d *disk) starve(t *testing.T, c starving) {
	t.Helper()
	for _, command := range c.before {
		d.Run(command...)
	}
	command, seen := c.first, map[string]bool{}
	for room := int64(16 << 10); ; room *= 2 {
		d.squeeze(room)
		out, said, code := d.Try(append(command, "--json")...)
		d.free(room)
		if code == 0 {
			break
		}
		d.told(t, command, said, code)
		seen[d.found(t, command, out)] = true
		command = advised(command, said)
	}
	for _, state := range c.states {
		if !seen[state] {
			t.Errorf("no import was found in state %q on the way, only in %v", state, seen)
		}
	}
	if c.after == "" {
		return
	}
	number := latest(d.Desk)
	if command[0] == "plan" {
		d.Run("apply", number)
	}
	if s := d.Show(number); s.State != c.after || s.Rows != starvedRows {
		t.Errorf("in the end the import is %+v", s)
	}
}

// latest is the number of the latest import, "0" for none.
func latest(d *desk.Desk) string {
	return strconv.Itoa(strings.Count(d.Run("imports", "--json"), "\n"))
}

const thenGoOn = "its disk is full. Free some space there, then "

// told checks what a command without room has said.
func (d *disk) told(t *testing.T, command []string, errors string, code int) {
	t.Helper()
	full := slices.ContainsFunc(d.cures, func(cure string) bool { return strings.Contains(errors, cure) })
	if code != 3 || !full || jargon.MatchString(errors) {
		t.Fatalf("without room, muster %v ended with %d and said %q", command, code, errors)
	}
}

// jargon is what an administrator need not know.
var jargon = regexp.MustCompile(`(?i)sql:|sqlite_|goroutine|panic|disk i/o|\(\d+\)|migration|initiali[sz]e|transaction|nil|0x`)

// found asks in which state the latest import is. What the command has printed is
// the same, and every row is accounted for.
func (d *disk) found(t *testing.T, command []string, out string) (state string) {
	t.Helper()
	if _, _, code := d.Try("imports"); code == 3 || latest(d.Desk) == "0" {
		return "" // nothing is set up
	}
	s := d.Show(latest(d.Desk))
	var printed desk.Summary
	if err := json.Unmarshal([]byte(out), &printed); err == nil {
		if printed.Outcomes == nil { // a plan has none
			printed.Outcomes = s.Outcomes
		}
		if !reflect.DeepEqual(printed, s) {
			t.Errorf("muster %v printed %+v, but the import is %+v", command, printed, s)
		}
	}
	sum := 0
	for _, n := range s.Outcomes {
		sum += n
	}
	if sum != s.Rows || s.State == "planning" && s.Rows != 0 || s.Outcomes["created"]%starvedBatch != 0 {
		t.Errorf("after muster %v the import is %+v", command, s)
	}
	return s.State
}

// users are all users, without what tells one run from another.
func users(t *testing.T, d *desk.Desk) (list []string) {
	t.Helper()
	for line := range strings.Lines(d.Run("user", "list", "--json")) {
		var u map[string]any
		if err := json.Unmarshal([]byte(line), &u); err != nil {
			t.Fatal(err)
		}
		delete(u, "id")
		delete(u, "updated_at")
		b, _ := json.Marshal(u)
		list = append(list, string(b))
	}
	return list
}
