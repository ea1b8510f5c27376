package pgtest

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
)

// programs returns the folder of PostgreSQL's programs, the newest where there
// are several. On Debian it installs them where they are missing.
func programs() (string, error) {
	if found := newest(); found != "" {
		return found, nil
	}
	if err := install(); err != nil {
		return "", fmt.Errorf("these tests need PostgreSQL 15 or later (initdb in /usr/lib/postgresql or in PATH), which is not installed: %w", err)
	}
	if found := newest(); found != "" {
		return found, nil
	}
	return "", errors.New("there is no initdb in Debian's package postgresql")
}

func newest() string {
	list, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if len(list) > 0 {
		return filepath.Dir(slices.MaxFunc(list, func(a, b string) int { return version(a) - version(b) }))
	}
	if path, err := exec.LookPath("initdb"); err == nil {
		return filepath.Dir(path)
	}
	return ""
}

func version(initdb string) int {
	n, _ := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(initdb))))
	return n
}

// install installs Debian's package, as root or by sudo. The packages of a test
// run at the same time: the first one installs and the others wait for it.
func install() error {
	lock, err := os.OpenFile(filepath.Join(os.TempDir(), "muster-pgtest-install.lock"), os.O_CREATE|os.O_RDWR, 0o666)
	if err != nil {
		return err
	}
	defer lock.Close()
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		return err
	}
	if newest() != "" {
		return nil
	}
	for _, args := range [][]string{{"update"}, {"install", "--yes", "--no-install-recommends", "postgresql"}} {
		if err := apt(args); err != nil {
			return err
		}
	}
	return nil
}

func apt(args []string) error {
	command := append([]string{"env", "DEBIAN_FRONTEND=noninteractive", "apt-get"}, args...)
	if os.Geteuid() != 0 {
		command = append([]string{"sudo", "--non-interactive"}, command...)
	}
	if said, err := exec.Command(command[0], command[1:]...).CombinedOutput(); err != nil {
		return fmt.Errorf("apt-get %s: %w\n%s", args[0], err, said)
	}
	return nil
}
