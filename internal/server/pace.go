package server

import (
	"errors"
	"io"
	"net/http"
	"slices"
	"time"
)

// What is large may take its time, as long as it moves: whoever sends or reads less than
// this for so long is cut off. So a client that is slow on purpose holds a connection for
// half a minute, and one that is merely slow is served.
const (
	paceTime  = 30 * time.Second
	paceBytes = 32 << 10 // at least, within paceTime
)

// ErrTooSlow tells that a client was cut off.
var ErrTooSlow = errors.New("the client is too slow")

// paced gives a request the usual limits of time and size.
func (s *Server) paced(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, now := http.NewResponseController(w), time.Now()
		// A connection that cannot do this is none of a network.
		_ = c.SetWriteDeadline(now.Add(answerTime))
		if q := of(r.Context()); r.Body != http.NoBody {
			_ = c.SetReadDeadline(now.Add(bodyTime))
			q.body = &sent{r.Body, c}
			r.Body = q.body
		}
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		next.ServeHTTP(w, r)
	})
}

// sent is the body of a request. When all of it has come, its limit of time ends: the server
// goes on to read, to hear whether the client goes away, and would take the limit for that.
type sent struct {
	io.ReadCloser
	control *http.ResponseController
}

func (s *sent) Read(b []byte) (int, error) {
	n, err := s.ReadCloser.Read(b)
	if err == io.EOF {
		_ = s.control.SetReadDeadline(time.Time{})
	}
	return n, err
}

// OwnLimits is a door that itself sees to how large a body may be that it reads, and puts the
// limits of time off where it needs more.
func OwnLimits(door http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body = of(r.Context()).body
		door.ServeHTTP(w, r)
	})
}

// Upload is the body of a request that may be large, up to most octets; beyond them
// reading fails with *http.MaxBytesError. It is read in place of r.Body, and also the
// answer may take its time until all is read.
func Upload(w http.ResponseWriter, r *http.Request, most int64) io.Reader {
	body := of(r.Context()).body
	if body == nil {
		body = r.Body
	}
	return &upload{Reader: http.MaxBytesReader(w, body, most), pace: newPace(http.NewResponseController(w))}
}

type upload struct {
	io.Reader
	pace *pace
}

func (u *upload) Read(b []byte) (int, error) {
	n, err := u.Reader.Read(b)
	return n, u.pace.moved(n, err)
}

// Stream is an answer that may be large, or without end. What is written is sent at once,
// and whoever does not take it in time is cut off.
func Stream(w http.ResponseWriter) io.Writer { return &stream{w, http.NewResponseController(w)} }

type stream struct {
	http.ResponseWriter
	control *http.ResponseController
}

func (s *stream) Write(b []byte) (n int, err error) {
	for part := range slices.Chunk(b, paceBytes) {
		_ = s.control.SetWriteDeadline(time.Now().Add(paceTime))
		sent := 0
		if sent, err = s.ResponseWriter.Write(part); err == nil {
			err = s.control.Flush()
		}
		if n += sent; err != nil {
			return n, err
		}
	}
	return n, nil
}

// pace puts the deadline off, each time that enough has come.
type pace struct {
	control *http.ResponseController
	came    int
}

func newPace(c *http.ResponseController) *pace {
	p := &pace{control: c}
	p.putOff()
	return p
}

func (p *pace) putOff() {
	p.came = 0
	now := time.Now()
	_ = p.control.SetReadDeadline(now.Add(paceTime))
	_ = p.control.SetWriteDeadline(now.Add(paceTime + answerTime))
}

func (p *pace) moved(n int, err error) error {
	var timeout interface{ Timeout() bool }
	if errors.As(err, &timeout) && timeout.Timeout() {
		return ErrTooSlow
	}
	if p.came += n; err == nil && p.came >= paceBytes {
		p.putOff()
	}
	return err
}
