package trouble

import (
	"fmt"
	"os"
	"os/user"
	"slices"
	"testing"

	"muster/internal/store/pgtest"
)

// onServer is a small disk on which a server has a desk's database.
func onServer(t *testing.T) *disk {
	t.Helper()
	server := pgtest.Shared(t)
	folder, err := os.MkdirTemp("", "muster-disk")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(folder) })
	runs, err := user.Lookup("postgres")
	if err != nil {
		t.Fatal(err)
	}
	d := &disk{folder: folder, cures: []string{"the disk of its server is full. Free some space there, then ", "its server cannot read or write its disk, which may be full"}}
	d.mount(t, fmt.Sprintf("size=256m,mode=0700,uid=%s,gid=%s", runs.Uid, runs.Gid))
	r := at(t, server.DatabaseOn(t, folder))
	d.Desk = r.Desk
	d.squeeze = func(room int64) { d.remount(t, 0, fmt.Sprintf("size=%d", d.used(t)+room)) }
	d.free = func(int64) {
		d.remount(t, 0, "size=256m")
		// A lease that could not be given back is waited for; so long nobody wants to wait.
		r.db.Exec(`UPDATE imports SET seen_at = seen_at - 30000000`)
	}
	return d
}

// TestTheServersDiskFillsUp is TestDiskFull for a disk that is a server's.
func TestTheServersDiskFillsUp(t *testing.T) {
	t.Parallel()
	if !mayMount() {
		t.Log("No small disk can be mounted here; only a server that says its disk is full is tested (TestTheServersDiskIsFull).")
		return
	}
	want := undisturbedEnds(t)
	for _, c := range starved {
		c.states = slices.DeleteFunc(slices.Clone(c.states), func(state string) bool {
			return state == "planned" || state == "applied" // to let it begin takes no room there
		})
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			onServer(t).starvesTo(t, c, want[c.after])
		})
	}
}
