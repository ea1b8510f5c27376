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
		{io.ErrUnexpectedEOF, "upload-incomplete"}, {&net.OpError{Err: syscall.ECONNRESET}, "upload-incomplete"},
	} {
		if issues := issuesOf(ofBody(c.err)); len(issues) != 1 || issues[0].Code != c.code {
			t.Errorf("%v: %+v, want %s", c.err, issues, c.code)
		}
	}
	if other := errors.New("odd"); ofBody(other) != other {
		t.Error("another error is another one")
	}
}

// TestJSON: what is read in one way only is let through, and nothing else; so it is however
// deep it is.
func TestJSON(t *testing.T) {
	d := &door{mux: http.NewServeMux()}
	d.api = newHuma(d.mux)
	for text, want := range map[string]string{"1": "", "{}": "", `{"a":[{}]}`: "", `"{[{["`: "", `["\"[[["]`: "", ` [ 1 , true , null ] `: "",
		"[[[": "request-invalid", "]]]]": "request-invalid", "[1,]": "request-invalid", `{"a" 1}`: "request-invalid", "01": "request-invalid", "1 2": "request-invalid",
		`{"a":1,"b":{"a":1}}`: "", `{"a":1,"a":1}`: "request-invalid", `{"a":1,"\u0061":1}`: "request-invalid", `[{"a":1},{"a":1}]`: "",
		`"\u0000"`: "request-invalid", "\"\xff\"": "request-invalid", `{"\u0000":1}`: "request-invalid", "1e400": "request-invalid", "-1e308": "",
		strings.Repeat("[", 32) + strings.Repeat("]", 32): "", strings.Repeat("[", 33) + strings.Repeat("]", 33): "body-too-deep", strings.Repeat("[", 10_000): "body-too-deep"} {
		issues := issuesOf(d.checkJSON(nil, []byte(text)))
		if want == "" && len(issues) > 0 || want != "" && (len(issues) != 1 || issues[0].Code != want) {
			t.Errorf("%.20q: %v, want %q", text, issues, want)
		}
	}
}
