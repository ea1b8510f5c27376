package main

import (
	"bufio"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"muster/client"
	"muster/internal/access"
)

const (
	followers = 200
	readers   = 16    // who read users at the same time
	reads     = 8_000 // of all of them together
)

// served measures the server over the wire: how soon an upload is answered, what many
// who follow an import cost it, and how fast users are read. The floor of reading is the
// database's own look-up, by as many at once.
func (b *bench) served() error {
	if !b.wants("served") {
		return nil
	}
	alone, _, err := b.followed(1)
	if err != nil {
		return err
	}
	all, at, err := b.followed(followers)
	if err != nil {
		return err
	}
	b.note(fmt.Sprintf("an import that %d follow", followers), all, alone)
	return b.userReads(at)
}

// serving is a server in a process of its own.
type serving struct {
	*client.Client
	process *exec.Cmd
	said    *bufio.Reader
}

func (b *bench) serve(at string) (*serving, error) {
	s := &serving{process: exec.Command(os.Args[0], "-job", "serve", "-folder", at, "-profile", profiles)}
	s.process.Stderr = os.Stderr
	out, err := s.process.StdoutPipe()
	if err == nil {
		err = s.process.Start()
	}
	if err != nil {
		return nil, err
	}
	s.said = bufio.NewReader(out)
	line, err := s.said.ReadString('\n')
	address, token, ok := strings.Cut(strings.TrimSpace(line), " ")
	if !ok {
		return nil, fmt.Errorf("the server does not serve: %w", err)
	}
	s.Client = client.New("http://"+address, token)
	return s, nil
}

// stop ends the server, and tells how much memory it had at most.
func (s *serving) stop() (m measure, err error) {
	s.process.Process.Signal(syscall.SIGTERM)
	text, err := io.ReadAll(s.said)
	if err == nil {
		err = s.process.Wait()
	}
	if err == nil {
		err = json.Unmarshal(text, &m)
	}
	return m, err
}

// followed uploads the file, has it planned, and measures how long it takes to be
// applied while so many follow.
func (b *bench) followed(many int) (measure, string, error) {
	at, err := b.prepare(plain)
	if err != nil {
		return measure{}, at, err
	}
	s, err := b.serve(at)
	if err != nil {
		return measure{}, at, err
	}
	took, err := b.uploaded(s, at, many)
	peak, stopping := s.stop()
	if err == nil {
		err = stopping
	}
	return measure{took.Seconds(), peak.PeakMB}, at, err
}

func (b *bench) uploaded(s *serving, at string, many int) (time.Duration, error) {
	ctx := context.Background()
	f, err := os.Open(job{folder: at}.file())
	if err != nil {
		return 0, err
	}
	defer f.Close()
	start := time.Now()
	imp, err := s.Upload(ctx, "people.csv", f, client.ImportOptions{Org: "RX1", Mode: "partial"})
	if err != nil {
		return 0, err
	}
	b.note("an upload is answered", measure{Seconds: time.Since(start).Seconds()}, measure{Seconds: 1})
	if err := s.Follow(ctx, imp.Import, func(client.Progress) {}); err != nil {
		return 0, err
	}
	start = time.Now()
	if _, err := s.Apply(ctx, imp.Import, 0); err != nil {
		return 0, err
	}
	errs := make(chan error, many)
	for range many {
		go func() { errs <- s.Follow(ctx, imp.Import, func(client.Progress) {}) }()
	}
	for range many {
		if err := <-errs; err != nil {
			return 0, err
		}
	}
	took := time.Since(start)
	if imp, err = s.Import(ctx, imp.Import); err == nil && imp.Outcomes.Created != int64(b.rows) {
		err = fmt.Errorf("of %d rows came %+v", b.rows, *imp.Outcomes)
	}
	return took, err
}

// userReads measures how long it takes to read users by their address.
func (b *bench) userReads(at string) error {
	addresses, floor, err := job{folder: at}.lookUps()
	if err != nil {
		return err
	}
	s, err := b.serve(at)
	if err != nil {
		return err
	}
	work, err := atOnce(addresses, func(address string) error { _, err := s.User(context.Background(), address); return err })
	if _, stopping := s.stop(); err == nil {
		err = stopping
	}
	b.note(fmt.Sprintf("%d users are read by %d clients", reads, readers), work.all, floor.all)
	b.note("reading a user, the median", work.median, floor.median)
	b.note("reading a user, 99 of 100", work.most, floor.most)
	return err
}

// lookUps finds users in the bare database, which tells what there is to be found.
func (j job) lookUps() (addresses []string, t times, err error) {
	driver, name := "sqlite", "file:"+strings.TrimPrefix(j.database(), "sqlite:")
	if strings.HasPrefix(j.database(), "postgres") {
		driver, name = "pgx", j.database()
	}
	db, err := sql.Open(driver, name)
	if err != nil {
		return nil, t, err
	}
	defer db.Close()
	db.SetMaxIdleConns(readers)
	if _, err := db.Exec(`ANALYZE`); err != nil { // as a server does by itself, a minute later
		return nil, t, err
	}
	rows, err := db.Query(`SELECT key FROM addresses WHERE user_id IS NOT NULL`)
	for err == nil && rows.Next() {
		key := ""
		err = rows.Scan(&key)
		addresses = append(addresses, key)
	}
	if err != nil {
		return nil, t, err
	}
	one, err := db.Prepare(`SELECT u.* FROM addresses a JOIN users u ON u.id = a.user_id WHERE a.key = $1`)
	if err != nil {
		return nil, t, err
	}
	t, err = atOnce(addresses, func(address string) error {
		rows, err := one.Query(address)
		if err != nil {
			return err
		}
		defer rows.Close()
		if !rows.Next() {
			return fmt.Errorf("there is no %s", address)
		}
		return rows.Err()
	})
	return addresses, t, err
}

// times are how long something took: all of it, and one of it.
type times struct{ all, median, most measure }

// atOnce does something with random addresses, by several at once.
func atOnce(addresses []string, do func(string) error) (t times, err error) {
	took := make([][]time.Duration, readers)
	errs := make([]error, readers)
	var group sync.WaitGroup
	start := time.Now()
	for n := range readers {
		group.Go(func() {
			random := rand.New(rand.NewPCG(uint64(n), 1))
			for range reads / readers {
				begun := time.Now()
				if err := do(addresses[random.IntN(len(addresses))]); err != nil {
					errs[n] = err
					return
				}
				took[n] = append(took[n], time.Since(begun))
			}
		})
	}
	group.Wait()
	t.all.Seconds = time.Since(start).Seconds()
	for _, err := range errs {
		if err != nil {
			return t, err
		}
	}
	each := slices.Sorted(slices.Values(slices.Concat(took...)))
	t.median.Seconds, t.most.Seconds = each[len(each)/2].Seconds(), each[len(each)*99/100].Seconds()
	return t, nil
}

// serve is the server until it is told to stop. It says where it is and by which token it
// lets in.
func (j job) serve() (time.Duration, error) {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	os.Setenv("MUSTER_LISTEN", "127.0.0.1:0")
	a, err := j.open()
	if err != nil {
		return 0, err
	}
	defer a.Close()
	_, token, err := a.Access.AddToken(ctx, operator, access.NewToken{Name: time.Now().String(), Role: "Master"})
	if err != nil {
		return 0, err
	}
	return 0, a.Serve(ctx, slog.New(announcing{slog.DiscardHandler, token.Reveal()}), func(net.Addr) {})
}

// announcing logs nothing, but says where a server listens, and by which token it lets in.
type announcing struct {
	slog.Handler
	token string
}

func (announcing) Enabled(context.Context, slog.Level) bool { return true }

func (a announcing) Handle(_ context.Context, r slog.Record) error {
	if r.Message == "listening" {
		r.Attrs(func(attr slog.Attr) bool {
			if attr.Key == "address" {
				fmt.Println(attr.Value.String(), a.token)
			}
			return true
		})
	}
	return nil
}
