package server_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"muster/internal/server"
)

// pipes are a network in a bubble of its own time.
type pipes struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}
func (p *pipes) Close() error   { p.once.Do(func() { close(p.closed) }); return nil }
func (p *pipes) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)} }

// TestSlowClients: whoever is slow on purpose is cut off after a stated time; who is
// merely slow is served. The time is that of the bubble, so nobody waits.
func TestSlowClients(t *testing.T) {
	const upload = "POST /upload HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n"
	for _, c := range []struct {
		name   string
		sends  string
		then   string        // again and again
		every  time.Duration // after such a time
		least  time.Duration // that the connection lasts
		most   time.Duration
		answer string
	}{
		{"nothing", "", "", 0, 9 * time.Second, 11 * time.Second, ""},
		{"headers without end", "GET / HTTP/1.1\r\n", "X: y\r\n", time.Second, 9 * time.Second, 11 * time.Second, ""},
		{"a body, octet by octet", "POST /size HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n", "x", time.Second, 29 * time.Second, 32 * time.Second, "i/o timeout"},
		{"an upload, octet by octet", upload, "x", time.Second, 29 * time.Second, 32 * time.Second, "the client is too slow"},
		{"an upload that moves", upload, strings.Repeat("x", 50_000), 20 * time.Second, 6 * time.Minute, 7 * time.Minute, "1000000 <nil>"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, _ := made(t, server.Config{})
				p := &pipes{conns: make(chan net.Conn), closed: make(chan struct{})}
				ctx, stop := context.WithCancel(t.Context())
				ended := make(chan error, 1)
				go func() { ended <- s.Serve(ctx, p) }()
				client, there := net.Pipe()
				p.conns <- there
				began := time.Now()
				var sending sync.WaitGroup
				sending.Go(func() {
					_, err := io.WriteString(client, c.sends)
					for err == nil && c.then != "" {
						time.Sleep(c.every)
						_, err = io.WriteString(client, c.then)
					}
				})
				answer, took := "", time.Duration(0)
				r := bufio.NewReader(client)
				for {
					line, err := r.ReadString('\n')
					answer += line
					took = time.Since(began)
					if err != nil || strings.Contains(answer, "1000000") {
						break
					}
				}
				client.Close()
				sending.Wait()
				stop()
				if err := <-ended; err != nil {
					t.Error(err)
				}
				if took < c.least || took > c.most || !strings.Contains(answer, c.answer) {
					t.Errorf("after %v: %q", took, answer)
				}
			})
		})
	}
}

// TestWhoDoesNotRead: whoever does not take the answer is cut off; a long one is sent to
// whoever takes it slowly.
func TestWhoDoesNotRead(t *testing.T) {
	for _, c := range []struct {
		path  string
		reads time.Duration // between two reads; 0: none
		most  time.Duration
		whole bool
	}{
		{"/large", 0, 61 * time.Second, false},
		{"/stream", 0, 31 * time.Second, false},
		{"/stream", 5 * time.Second, time.Hour, true},
		{"/large", 5 * time.Second, 61 * time.Second, false},
	} {
		synctest.Test(t, func(t *testing.T) {
			s, _ := made(t, server.Config{})
			failed := make(chan error, 1)
			write := func(w io.Writer) {
				var err error
				for i := 0; i < 10 && err == nil; i++ {
					_, err = w.Write(make([]byte, 8<<10))
				}
				failed <- err
			}
			s.Handle("GET /large", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { write(w) }))
			s.Handle("GET /stream", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { write(server.Stream(w)) }))
			p := &pipes{conns: make(chan net.Conn), closed: make(chan struct{})}
			ctx, stop := context.WithCancel(t.Context())
			ended := make(chan error, 1)
			go func() { ended <- s.Serve(ctx, p) }()
			client, there := net.Pipe()
			p.conns <- there
			began := time.Now()
			var reading sync.WaitGroup
			reading.Go(func() {
				_, err := io.WriteString(client, "GET "+c.path+" HTTP/1.1\r\nHost: x\r\n\r\n")
				for b := make([]byte, 8<<10); err == nil && c.reads > 0; {
					time.Sleep(c.reads)
					_, err = client.Read(b)
				}
			})
			err := <-failed
			if took := time.Since(began); took > c.most || (err == nil) != c.whole {
				t.Errorf("%s, read every %v: after %v %v", c.path, c.reads, took, err)
			}
			client.Close()
			reading.Wait()
			stop()
			<-ended
		})
	}
}

// TestStopping: a request that has begun is finished; one that does not end is told, and
// cut off in time.
func TestStopping(t *testing.T) {
	for _, listens := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			s, l := made(t, server.Config{})
			begun := make(chan struct{})
			s.Handle("GET /events", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				out := server.Stream(w)
				fmt.Fprint(out, "first\n")
				close(begun)
				if listens {
					<-s.Stopping()
					fmt.Fprint(out, "last\n")
					return
				}
				<-r.Context().Done()
			}))
			p := &pipes{conns: make(chan net.Conn), closed: make(chan struct{})}
			ctx, stop := context.WithCancel(t.Context())
			ended := make(chan error, 1)
			go func() { ended <- s.Serve(ctx, p) }()
			client, there := net.Pipe()
			p.conns <- there
			got := make(chan string)
			go func() {
				io.WriteString(client, "GET /events HTTP/1.1\r\nHost: x\r\n\r\n")
				all, _ := io.ReadAll(client)
				got <- string(all)
			}()
			<-begun
			began := time.Now()
			stop()
			err := <-ended
			took, answer := time.Since(began), <-got
			if err != nil || strings.Contains(answer, "last") != listens || listens && took > time.Second || !listens && (took < server.StopTime || took > server.StopTime+time.Second) {
				t.Errorf("listens %v: after %v %v: %q", listens, took, err, answer)
			}
			if cut := len(l.lines(t, "requests were cut off, as they did not end in time")) > 0; cut == listens {
				t.Errorf("listens %v: the log says\n%s", listens, l)
			}
			client.Close()
		})
	}
}

// TestLongAnswer: whoever waits for a long answer is there for as long as it takes; the
// limit of time for a request is for sending it.
func TestLongAnswer(t *testing.T) {
	for name, request := range map[string]string{"reading": "GET /events HTTP/1.1\r\nHost: x\r\n\r\n",
		"sending": "POST /events HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}",
		"upload":  "POST /upload/events HTTP/1.1\r\nHost: x\r\nContent-Length: 32768\r\n\r\n" + strings.Repeat("x", 32<<10)} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, _ := made(t, server.Config{})
				ended := make(chan time.Duration, 1)
				events := func(w http.ResponseWriter, r *http.Request) {
					began, to := time.Now(), server.Stream(w)
					for r.Context().Err() == nil && time.Since(began) < 10*time.Minute {
						io.WriteString(to, "more\n")
						time.Sleep(15 * time.Second)
					}
					ended <- time.Since(began)
				}
				s.Handle("/events", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					io.Copy(io.Discard, r.Body)
					events(w, r)
				}))
				s.Handle("/upload/events", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					io.Copy(io.Discard, server.Upload(w, r, 1<<20))
					events(w, r)
				}))
				p := &pipes{conns: make(chan net.Conn), closed: make(chan struct{})}
				ctx, stop := context.WithCancel(t.Context())
				stopped := make(chan error, 1)
				go func() { stopped <- s.Serve(ctx, p) }()
				client, there := net.Pipe()
				p.conns <- there
				go func() {
					io.WriteString(client, request)
					io.Copy(io.Discard, client)
				}()
				if took := <-ended; took < 10*time.Minute {
					t.Errorf("it was cut off after %v", took)
				}
				client.Close()
				stop()
				<-stopped
			})
		})
	}
}
