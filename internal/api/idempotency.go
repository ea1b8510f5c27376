package api

import (
	"bytes"
	"context"
	"crypto/hmac"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"time"

	"muster/internal/directory"
)

// Answers is where it is kept what POSTs were answered, by who sent them and with
// which key.
type Answers interface {
	// BeginAnswer notes that a request is being answered, unless one is kept, which it
	// returns: without an answer while that is not there yet. What began before lost and
	// was never answered counts as if it had not been; what is older than old is deleted.
	BeginAnswer(ctx context.Context, actor directory.ID, key string, now, lost, old time.Time) (digest, sealed []byte, begun bool, err error)
	// KeepAnswer keeps the answer with a digest of its request, and DropAnswer lets the
	// request be sent again.
	KeepAnswer(ctx context.Context, actor directory.ID, key string, digest, sealed []byte) error
	DropAnswer(ctx context.Context, actor directory.ID, key string) error
}

// keptFor is how long an answer is kept, and lostAfter how long a file may take to come.
const (
	keptFor   = 24 * time.Hour
	lostAfter = 2 * time.Hour
)

// kept is an answer as it is kept, sealed: it may have a password in it.
type kept struct {
	Status   int
	Location string
	Content  string // Content-Location
	ETag     string
	Kind     string
	Body     []byte
}

// idempotent answers a POST that was sent before with the same key as before, instead
// of doing it again. The digest of a request is a MAC, since a body may have a password. No
// answer is kept of what is open to everybody: whoever signs in again is let in again.
func (d *door) idempotent(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		key, given := r.Header.Get("Idempotency-Key"), r.Header.Values("Idempotency-Key") != nil
		if r.Method != http.MethodPost || !given {
			next.ServeHTTP(w, r)
			return
		}
		err := checkKeyOf(key)
		if _, pattern := d.mux.Handler(r); err == nil && isOpen[pattern] {
			next.ServeHTTP(w, r)
			return
		}
		if err == nil {
			err = d.onceOnly(w, r, key, next)
		}
		if err != nil {
			d.refuse(w, r, err)
		}
	})
}

func checkKeyOf(key string) error {
	if len(key) > 255 || key == "" || strings.ContainsFunc(key, func(c rune) bool { return c <= ' ' || c > '~' }) {
		return KeyWrong.New("The Idempotency-Key has %d characters; it is 1 to 255 visible ones.", len(key))
	}
	return nil
}

func (d *door) onceOnly(w http.ResponseWriter, r *http.Request, key string, next http.Handler) error {
	actor, now := actorOf(r.Context()).ID, d.Now()
	digest, sealed, begun, err := d.Answers.BeginAnswer(r.Context(), actor, key, now, now.Add(-lostAfter), now.Add(-keptFor))
	if err != nil {
		return err
	}
	mac := d.Key.NewMAC("answer")
	io.WriteString(mac, r.Method+" "+r.URL.RequestURI()+"\n")
	r.Body = tee{io.TeeReader(r.Body, mac), r.Body}
	if !begun {
		return d.answerAgain(w, r, actor, key, digest, sealed, mac)
	}
	rec := newCapture()
	ended := false
	defer func() {
		if !ended { // the operation has failed in a way that nobody foresaw
			d.Answers.DropAnswer(context.WithoutCancel(r.Context()), actor, key)
		}
	}()
	next.ServeHTTP(rec, r)
	io.Copy(io.Discard, r.Body) // what the operation did not read belongs to the request, too
	ended = true
	if err := d.keep(context.WithoutCancel(r.Context()), actor, key, mac.Sum(nil), rec); err != nil {
		return err
	}
	rec.send(w)
	return nil
}

// tee reads a body while it is digested.
type tee struct {
	io.Reader
	io.Closer
}

// keep keeps an answer, but one that says to try again.
func (d *door) keep(ctx context.Context, actor directory.ID, key string, digest []byte, rec *capture) error {
	if rec.status >= 500 || rec.status == http.StatusTooManyRequests || rec.status == http.StatusRequestTimeout {
		return d.Answers.DropAnswer(ctx, actor, key)
	}
	text, err := json.Marshal(kept{rec.status, rec.header.Get("Location"), rec.header.Get("Content-Location"), rec.header.Get("ETag"), rec.header.Get("Content-Type"), rec.body.Bytes()})
	if err != nil {
		return err
	}
	return d.Answers.KeepAnswer(ctx, actor, key, digest, d.Key.Seal(text, answerContext(actor, key)))
}

func answerContext(actor directory.ID, key string) string {
	return "answer " + actor.String() + " " + key
}

// answerAgain answers as before, if the request is the one that was answered.
func (d *door) answerAgain(w http.ResponseWriter, r *http.Request, actor directory.ID, key string, digest, sealed []byte, mac interface{ Sum([]byte) []byte }) error {
	if len(sealed) == 0 {
		return KeyBusy.New("The request that was sent first with this Idempotency-Key is not answered yet.")
	}
	if _, err := io.Copy(io.Discard, r.Body); err != nil {
		return ofBody(err)
	}
	if !hmac.Equal(digest, mac.Sum(nil)) {
		return KeyOfOther.New("This Idempotency-Key was sent with another request.")
	}
	text, err := d.Key.Open(sealed, answerContext(actor, key))
	if err != nil {
		return err
	}
	k := kept{}
	if err := json.Unmarshal(text, &k); err != nil {
		return err
	}
	again := &capture{status: k.Status, body: *bytes.NewBuffer(k.Body),
		header: http.Header{"Etag": {k.ETag}, "Content-Type": {k.Kind}, "Idempotency-Replayed": {"true"}}}
	for name, place := range map[string]string{"Location": k.Location, "Content-Location": k.Content} {
		if place != "" {
			again.header.Set(name, place)
		}
	}
	again.send(w)
	return nil
}
