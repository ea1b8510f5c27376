// Package pgtest gives tests a real PostgreSQL of their own. Only tests use it.
//
// A server stands in a temporary folder, in memory where there is room, and listens on a free port of the
// loopback, with a password that is made anew. It runs as user postgres where
// the tests run as root, which PostgreSQL refuses. Where PostgreSQL is missing
// it is installed (see install.go).
//
// [Shared] is the one server of a test binary, started at first use; a test asks
// it for databases of its own. [Start] is a server of a single test, which may
// stop it, kill it and bring up a [Server.Standby] in its place.
//
// Nothing outlives a test binary, even one that is killed: a shell (the keeper)
// reads from a pipe that nobody writes to. The pipe ends when the binary does,
// and the keeper then ends its servers by their process id and removes the folder.
//
// The servers never wait for the disk (fsync is off): that would matter if the
// machine lost its power, and not where only processes die, since what they have
// written is the kernel's by then. A commit is still written before it is
// answered (synchronous_commit is on), so a test that kills a server may count on
// every commit that it was told of.
//
// Text is ordered by the rules of English (ICU) where a column or a statement
// does not say otherwise, as on most servers of users: whoever forgets to ask for
// the order of bytes is found out.
package pgtest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	random "math/rand/v2"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// TB is what a server needs of a test; those of package testing and of rapid
// have it.
type TB interface {
	Helper()
	Fatal(args ...any)
	Cleanup(func())
}

// The roles of each server: tests are one who owns their databases and may
// nothing else, as is usual for a program.
const (
	owner     = "muster"
	superuser = "postgres"
)

// Server is a PostgreSQL. Its methods may be used by several goroutines, but for
// those that start and stop it.
type Server struct {
	place    place
	data     string // its folder
	port     int
	password string

	process *os.Process
	ended   chan struct{} // closed when the process has ended
}

var shared = sync.OnceValues(func() (*Server, error) { return start() })

// Shared returns the server that all tests of this binary share. It must not be
// stopped.
func Shared(t TB) *Server {
	t.Helper()
	s, err := shared()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Start starts a server that is stopped and removed when the test ends.
func Start(t TB) *Server {
	t.Helper()
	s, err := start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.remove)
	return s
}

var servers atomic.Int64 // how many this binary has made

func newServer(password string) (*Server, error) {
	p, err := home()
	if err != nil {
		return nil, err
	}
	port, err := freePort()
	return &Server{place: p, data: filepath.Join(p.folder, strconv.FormatInt(servers.Add(1), 10)), port: port, password: password}, err
}

func start() (*Server, error) {
	s, err := newServer(rand.Text())
	if err != nil {
		return nil, err
	}
	secret := s.data + ".password"
	if err := s.place.write(secret, s.password); err != nil {
		return nil, err
	}
	err = s.place.run("initdb", "--pgdata", s.data, "--username", superuser, "--pwfile", secret, "--auth", "scram-sha-256",
		"--no-sync", "--no-instructions", "--encoding", "UTF8", "--locale", "C.UTF-8", "--locale-provider", "icu", "--icu-locale", "en")
	if err != nil {
		return nil, err
	}
	if err := s.begin(); err != nil {
		return nil, err
	}
	return s, s.admin(fmt.Sprintf(`CREATE ROLE %s LOGIN PASSWORD '%s'`, owner, s.password))
}

// freePort finds a port below those that the kernel gives to whoever connects to
// somewhere, so that nobody takes it while the server is down.
func freePort() (int, error) {
	for range 100 {
		port := 15000 + random.IntN(17000)
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err == nil {
			return port, l.Close()
		}
	}
	return 0, errors.New("no port is free for PostgreSQL")
}

// begin starts the server and waits until it answers.
func (s *Server) begin() error {
	log, err := os.OpenFile(s.data+".log", os.O_CREATE|os.O_APPEND|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	c := s.place.command("postgres", "-D", s.data, "-c", "port="+strconv.Itoa(s.port), "-c", "listen_addresses=127.0.0.1",
		"-c", "unix_socket_directories=", "-c", "fsync=off", "-c", "full_page_writes=off", "-c", "shared_buffers=64MB", "-c", "max_wal_size=256MB")
	c.Stdout, c.Stderr = log, log
	if err := c.Start(); err != nil {
		return err
	}
	ended := make(chan struct{})
	go func() { c.Wait(); close(ended) }()
	s.process, s.ended = c.Process, ended
	return s.answers(log.Name())
}

// answers waits until the server does, which it cannot tell by itself.
func (s *Server) answers(log string) error {
	for end := time.Now().Add(time.Minute); ; {
		err := s.admin()
		if err == nil {
			return nil
		}
		select {
		case <-s.ended:
		case <-time.After(5 * time.Millisecond):
			if time.Now().Before(end) {
				continue
			}
		}
		text, unread := os.ReadFile(log)
		return errors.Join(fmt.Errorf("PostgreSQL does not answer: %w\n%s", err, text), unread)
	}
}

// Stop ends the server in good order: transactions are rolled back and
// connections closed.
func (s *Server) Stop() error { return s.end(syscall.SIGINT) }

// Kill ends the server at once, as a crash would. What was committed is there
// when it is started again.
func (s *Server) Kill() error { return s.end(syscall.SIGQUIT) }

func (s *Server) end(how os.Signal) error {
	if err := s.process.Signal(how); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	<-s.ended
	return nil
}

// Restart starts the server again under the same address; where it runs it is
// stopped first.
func (s *Server) Restart() error {
	if err := s.Stop(); err != nil {
		return err
	}
	return s.begin()
}

func (s *Server) runs() bool {
	select {
	case <-s.ended:
		return false
	default:
		return true
	}
}

func (s *Server) remove() {
	s.Kill()
	os.RemoveAll(s.data)
}

// URL returns the address of a database for the one who owns it.
func (s *Server) URL(database string) string { return s.url(owner, database) }

func (s *Server) url(user, database string) string {
	u := url.URL{Scheme: "postgres", User: url.UserPassword(user, s.password), Host: fmt.Sprintf("127.0.0.1:%d", s.port), Path: "/" + database,
		RawQuery: "sslmode=disable"}
	return u.String()
}

// admin runs statements as the superuser, each outside of a transaction.
func (s *Server) admin(statements ...string) error {
	ctx := context.Background()
	c, err := pgx.Connect(ctx, s.url(superuser, "postgres"))
	if err != nil {
		return err
	}
	defer c.Close(ctx)
	for _, text := range statements {
		if _, err := c.Exec(ctx, text); err != nil {
			return fmt.Errorf("%s: %w", text, err)
		}
	}
	return nil
}
