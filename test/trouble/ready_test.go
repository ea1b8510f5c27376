package trouble

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"muster/internal/store/pgtest"
	"muster/test/desk"
)

// asked asks a server a question.
func asked(t *testing.T, o *desk.Office, path string) (status int, reason string) {
	t.Helper()
	answer, err := http.Get(o.URL() + path)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	var body struct{ Reason string }
	if err := json.NewDecoder(answer.Body).Decode(&body); err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, body.Reason
}

// TestReadyTells: a server without its database is alive and not ready, and says why; when
// a standby has taken its place, it is ready by itself.
func TestReadyTells(t *testing.T) {
	t.Parallel()
	server := pgtest.Start(t)
	first := server.Database(t)
	standby := server.Standby(t)
	r := at(t, either(t, first, standby))
	r.Run("domain", "add", "example.org")
	o := r.Working("serve")
	if status, reason := asked(t, o, "/readyz"); status != http.StatusOK {
		t.Fatalf("with its database it is not ready: %d %s", status, reason)
	}
	if err := server.Kill(); err != nil {
		t.Fatal(err)
	}
	if status, reason := asked(t, o, "/readyz"); status != http.StatusServiceUnavailable || !strings.Contains(reason, "the database cannot be used: ") && reason != "the database does not answer" {
		t.Errorf("without its database it says %d %q", status, reason)
	}
	if status, _ := asked(t, o, "/healthz"); status != http.StatusOK {
		t.Errorf("without its database it is not alive: %d", status)
	}
	if err := standby.Promote(); err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(time.Minute); ; <-time.After(50 * time.Millisecond) {
		status, reason := asked(t, o, "/readyz")
		if status == http.StatusOK {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("on the standby it is not ready: %d %s", status, reason)
		}
	}
}

// TestTheDoorIsTaken: a server that cannot listen says where, and what to do.
func TestTheDoorIsTaken(t *testing.T) {
	t.Parallel()
	r := here(t)
	r.Run("domain", "add", "example.org")
	o := r.Working("serve")
	address := o.At[desk.ForPeople]
	second := r.Command("serve")
	second.Env = append(second.Env, "MUSTER_LISTEN="+address)
	said, err := second.CombinedOutput()
	if err == nil || second.ProcessState.ExitCode() != 3 || !strings.Contains(string(said), "cannot listen at "+address) || !strings.Contains(string(said), "MUSTER_LISTEN") {
		t.Errorf("it ended with %d: %s", second.ProcessState.ExitCode(), said)
	}
}
