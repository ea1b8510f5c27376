package pgtest

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
)

// place is where the servers of this test binary stand and who runs them.
type place struct {
	programs string // the folder of initdb and pg_ctl
	folder   string
	as       *syscall.SysProcAttr
	pipe     io.Closer // the keeper waits for its end
}

// home is made once, with its keeper.
var home = sync.OnceValues(func() (p place, err error) {
	if p.programs, err = programs(); err != nil {
		return p, err
	}
	if p.folder, err = os.MkdirTemp(room(), "muster-pgtest-"); err != nil {
		return p, err
	}
	p.as = &syscall.SysProcAttr{Setsid: true} // an interrupt at the terminal is not for them
	if os.Geteuid() == 0 {
		if p.as.Credential, err = postgres(); err != nil {
			return p, err
		}
		if err = os.Chown(p.folder, int(p.as.Credential.Uid), int(p.as.Credential.Gid)); err != nil {
			return p, err
		}
	}
	return p, p.keep()
})

// room is where servers stand: in memory where there is enough for them and
// TMPDIR names no other place. To copy a database there takes a tenth of the time.
func room() string {
	var memory syscall.Statfs_t
	if os.Getenv("TMPDIR") != "" || syscall.Statfs(shm, &memory) != nil || memory.Bavail*uint64(memory.Bsize) < 2<<30 {
		return ""
	}
	return shm
}

const shm = "/dev/shm"

// postgres is the user whom Debian's package makes.
func postgres() (*syscall.Credential, error) {
	u, err := user.Lookup("postgres")
	if err != nil {
		return nil, err
	}
	uid, err := strconv.ParseUint(u.Uid, 10, 32)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.ParseUint(u.Gid, 10, 32)
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, err
}

// keeper ends the servers of the folder $1 by $2 when its standard input ends.
const keeper = `read -r _
for data in "$1"/*/; do "$2" stop --pgdata "$data" --mode immediate; done
rm -rf "$1"`

// keep starts the keeper. Nobody closes the pipe: the end of this process does.
func (p *place) keep() error {
	c := p.command("pg_ctl")
	c.Path, c.Args = "/bin/sh", []string{"sh", "-c", keeper, "keeper", p.folder, c.Path}
	var err error
	if p.pipe, err = c.StdinPipe(); err != nil {
		return err
	}
	return c.Start()
}

// command is one of PostgreSQL's programs, about to be run.
func (p place) command(program string, args ...string) *exec.Cmd {
	c := exec.Command(filepath.Join(p.programs, program), args...)
	c.SysProcAttr, c.Dir, c.Env = p.as, p.folder, append(os.Environ(), "LC_ALL=C")
	return c
}

// run runs a program to its end.
func (p place) run(program string, args ...string) error {
	if said, err := p.command(program, args...).CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", program, err, said)
	}
	return nil
}

// write makes a file that the servers may read and nobody else.
func (p place) write(path, content string) error {
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil || p.as.Credential == nil {
		return err
	}
	return os.Chown(path, int(p.as.Credential.Uid), int(p.as.Credential.Gid))
}
