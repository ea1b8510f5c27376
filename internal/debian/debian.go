// Package debian installs what tests and the bench need of Debian's packages. No
// other program uses it.
//
// What is there already is taken as it is. What is missing is installed, as root or
// by sudo; where that cannot be, the error says what is missing, and a test that needs
// it fails: one that is left out would prove nothing.
package debian

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
)

// Install installs packages, unless there reports that what is wanted of them is
// there. Test binaries that run at the same time take turns: the first one installs,
// the others find it done.
func Install(there func() bool, packages ...string) error {
	if there() {
		return nil
	}
	lock, err := os.OpenFile(filepath.Join(os.TempDir(), "muster-debian-install.lock"), os.O_CREATE|os.O_RDWR, 0o666)
	if err != nil {
		return err
	}
	defer lock.Close()
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		return err
	}
	if there() {
		return nil
	}
	for _, args := range [][]string{{"update"}, append([]string{"install", "--yes", "--no-install-recommends"}, packages...)} {
		if err := apt(args); err != nil {
			return fmt.Errorf("the packages %s of Debian cannot be installed: %w", strings.Join(packages, ", "), err)
		}
	}
	if !there() {
		return fmt.Errorf("the packages %s of Debian do not bring what is wanted of them", strings.Join(packages, ", "))
	}
	return nil
}

// Programs installs packages unless all programs are in PATH that they bring.
func Programs(programs []string, packages ...string) error {
	return Install(func() bool {
		for _, name := range programs {
			if _, err := exec.LookPath(name); err != nil {
				return false
			}
		}
		return true
	}, packages...)
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
