package desk

import (
	"bytes"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// Office is a process of muster work or muster serve, with what it says.
type Office struct {
	Process *exec.Cmd
	At      map[string]string // where it listens, by what for

	t    testing.TB
	mu   sync.Mutex
	said bytes.Buffer
	more chan struct{}
}

// ForPeople is what the address is for at which a server answers everybody.
const ForPeople = "people and programs"

// listening is how a server logs where it listens, and what for.
var listening = regexp.MustCompile(`"msg":"listening","address":"([^"]+)","for":"([^"]+)"`)

// Working starts muster work or muster serve, and waits until it works. A server listens
// where nobody else does.
func (d *Desk) Working(command string, env ...string) *Office {
	d.t.Helper()
	o := &Office{Process: d.Command(command), At: map[string]string{}, t: d.t, more: make(chan struct{}, 1)}
	o.Process.Env = append(append(o.Process.Env, "MUSTER_LISTEN=127.0.0.1:0"), env...)
	o.Process.Stderr = (*hearing)(o)
	if err := o.Process.Start(); err != nil {
		d.t.Fatal(err)
	}
	d.t.Cleanup(func() { o.Process.Process.Kill(); o.Process.Wait() })
	o.Until(`"msg":"working"`, time.Minute)
	for _, found := range listening.FindAllStringSubmatch(o.Log(), -1) {
		o.At[found[2]] = found[1]
	}
	return o
}

// hearing is an office that keeps what is said, and tells that there is more.
type hearing Office

func (h *hearing) Write(b []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	select {
	case h.more <- struct{}{}:
	default:
	}
	return h.said.Write(b)
}

// URL is where a server without TLS answers everybody.
func (o *Office) URL() string { return "http://" + o.At[ForPeople] }

// Log is all that was said so far, in the log and to whoever has started the process.
func (o *Office) Log() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.said.String()
}

// Until waits until the log has a text.
func (o *Office) Until(text string, limit time.Duration) {
	o.t.Helper()
	for over := time.After(limit); !strings.Contains(o.Log(), text); {
		select {
		case <-o.more:
		case <-over:
			o.t.Fatalf("after %v the log has no %s:\n%s", limit, text, o.Log())
		}
	}
}

// Stopped stops the process, which has to end well and within a time.
func (o *Office) Stopped(by syscall.Signal, within time.Duration) {
	o.t.Helper()
	began := time.Now()
	if err := o.Process.Process.Signal(by); err != nil {
		o.t.Fatal(err)
	}
	if err := o.Process.Wait(); err != nil || time.Since(began) > within {
		o.t.Fatalf("it ended after %v with %v:\n%s", time.Since(began), err, o.Log())
	}
}
