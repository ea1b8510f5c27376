package api

import (
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"syscall"
	"testing"

	"muster/internal/server"
)

// TestWhatIsWrongWithBodies: package server cuts off whoever is too slow, and tries that;
// here it is told to them.
func TestWhatIsWrongWithBodies(t *testing.T) {
	for _, c := range []struct {
		err  error
		code string
	}{
		{os.ErrDeadlineExceeded, "body-too-slow"}, {server.ErrTooSlow, "body-too-slow"}, {&http.MaxBytesError{Limit: 1}, "body-too-large"},
		{io.ErrUnexpectedEOF, "request-invalid"}, {&net.OpError{Err: syscall.ECONNRESET}, "request-invalid"},
	} {
		if issues := issuesOf(ofBody(c.err)); len(issues) != 1 || issues[0].Code != c.code {
			t.Errorf("%v: %+v, want %s", c.err, issues, c.code)
		}
	}
	if other := errors.New("odd"); ofBody(other) != other {
		t.Error("another error is another one")
	}
}

func TestDepth(t *testing.T) {
	for text, want := range map[string]int{"": 0, "1": 0, "{}": 1, `{"a":[{}]}`: 3, `"{[{["`: 0, `["\"[[["]`: 1, "[[[": 3, "]]]]": 0, strings.Repeat("[", 10_000): 10_000} {
		if got := depth([]byte(text)); got != want {
			t.Errorf("%.20s is %d deep, want %d", text, got, want)
		}
	}
}
