package server

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"muster/internal/config"
	"muster/internal/work"
)

const unit = "../../contrib/muster.service"

// settingsOf are the settings of a unit, by name; one that is given twice has both.
func settingsOf(t *testing.T) map[string][]string {
	t.Helper()
	text, err := os.ReadFile(unit)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string][]string{}
	for line := range strings.Lines(string(text)) {
		if name, value, ok := strings.Cut(strings.TrimSpace(line), "="); ok && !strings.HasPrefix(line, "#") {
			all[name] = append(all[name], value)
		}
	}
	return all
}

// TestTheUnit: the unit gives the server all the time that it takes to stop, names settings
// that there are, and takes from it what it does not need.
func TestTheUnit(t *testing.T) {
	has := settingsOf(t)
	seconds, err := strconv.Atoi(strings.Join(has["TimeoutStopSec"], ""))
	if err != nil || seconds <= int(work.Patience.Seconds()) {
		t.Errorf("it is killed after %v, and may take %v to stop", has["TimeoutStopSec"], work.Patience)
	}
	for _, c := range []struct{ name, want string }{
		{"User", "muster"}, {"UMask", "0077"}, {"StateDirectoryMode", "0700"}, {"NoNewPrivileges", "yes"}, {"CapabilityBoundingSet", ""}, {"ProtectSystem", "strict"},
		{"ProtectHome", "yes"}, {"PrivateTmp", "yes"}, {"PrivateDevices", "yes"}, {"MemoryDenyWriteExecute", "yes"}, {"RestrictAddressFamilies", "AF_INET AF_INET6 AF_UNIX"},
		{"RestrictNamespaces", "yes"}, {"SystemCallFilter", "@system-service ~@privileged"}, {"Restart", "on-failure"},
	} {
		if got, ok := has[c.name]; !ok || strings.Join(got, " ") != c.want {
			t.Errorf("%s is %q, want %q", c.name, got, c.want)
		}
	}
	c, _, err := config.Load(nil)
	if err != nil {
		t.Fatal(err)
	}
	if files, err := strconv.Atoi(strings.Join(has["LimitNOFILE"], "")); err != nil || files < 2*c.Number("connections") {
		t.Errorf("it may open %v files, and takes %d connections", has["LimitNOFILE"], c.Number("connections"))
	}
	for _, line := range has["Environment"] {
		if name, _, _ := strings.Cut(line, "="); name != "MUSTER_CONFIG" {
			if _, problems, err := config.Load([]string{line}); err != nil || len(problems) > 0 {
				t.Errorf("%s: %v, %v", line, problems, err)
			}
		}
	}
}

// TestSystemdTakesTheUnit asks systemd itself, where it is: whether the unit is right, and
// how much it leaves open, from 0 to 10.
func TestSystemdTakesTheUnit(t *testing.T) {
	analyze, err := exec.LookPath("systemd-analyze")
	if errors.Is(err, exec.ErrNotFound) {
		t.Log("systemd-analyze is missing (Debian: systemd), so only TestTheUnit looks at the unit")
		return
	}
	text, err := os.ReadFile(unit)
	if err != nil {
		t.Fatal(err)
	}
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "muster.service")
	here := strings.Replace(string(text), "/usr/local/bin/muster", program, 1)
	if err := os.WriteFile(path, []byte(here), 0o600); err != nil {
		t.Fatal(err)
	}
	if said, err := exec.Command(analyze, "verify", path).CombinedOutput(); err != nil || strings.Contains(string(said), "muster.service:") {
		t.Errorf("%v: %s", err, said)
	}
	said, err := exec.Command(analyze, "security", "--offline=true", "--no-pager", path).CombinedOutput()
	level := regexp.MustCompile(`exposure level for muster.service: ([0-9.]+)`).FindSubmatch(said)
	if level == nil {
		t.Logf("systemd-analyze cannot tell of a file: %v", err)
		return
	}
	if open, err := strconv.ParseFloat(string(level[1]), 64); err != nil || open > 2 {
		t.Errorf("its exposure is %s, want at most 2", level[1])
	}
}
