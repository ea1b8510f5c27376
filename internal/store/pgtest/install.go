package pgtest

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"

	"muster/internal/debian"
)

// programs returns the folder of PostgreSQL's programs, the newest where there
// are several. On Debian it installs them where they are missing.
func programs() (string, error) {
	if err := debian.Install(func() bool { return newest() != "" }, "postgresql"); err != nil {
		return "", fmt.Errorf("these tests need PostgreSQL 15 or later (initdb in /usr/lib/postgresql or in PATH): %w", err)
	}
	return newest(), nil
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
