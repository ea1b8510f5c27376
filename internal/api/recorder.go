package api

import (
	"bytes"
	"net/http"
	"strings"
)

// capture holds a whole answer.
type capture struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func newCapture() *capture { return &capture{header: http.Header{}} }

// Header returns the headers of the answer.
func (c *capture) Header() http.Header { return c.header }

// WriteHeader notes the status.
func (c *capture) WriteHeader(status int) {
	if c.status == 0 {
		c.status = status
	}
}

// Write notes a part of the answer.
func (c *capture) Write(b []byte) (int, error) {
	c.WriteHeader(http.StatusOK)
	return c.body.Write(b)
}

// send sends the answer.
func (c *capture) send(w http.ResponseWriter) {
	for name, values := range c.header {
		w.Header()[name] = values
	}
	w.WriteHeader(c.status)
	w.Write(c.body.Bytes()) // to somebody who may have gone away
}

// recorder holds an answer back until its ETag is known. Streams pass through it: a
// file brings its own ETag, and progress has none.
type recorder struct {
	http.ResponseWriter
	known   string // ETags that the caller has
	status  int
	body    bytes.Buffer
	streams bool
	mute    bool // the caller has it already
}

// WriteHeader holds the status back, but that of a stream.
func (rec *recorder) WriteHeader(status int) {
	if rec.status != 0 {
		return
	}
	rec.status = status
	if kind := rec.Header().Get("Content-Type"); kind == "" || strings.Contains(kind, "json") && !strings.Contains(kind, "jsonl") || status >= 400 {
		return
	}
	rec.streams = true
	if etag := rec.Header().Get("ETag"); etag != "" && matches(rec.known, etag) {
		rec.mute, status = true, http.StatusNotModified
	}
	rec.ResponseWriter.WriteHeader(status)
}

// Write holds a part of the answer back, but of a stream.
func (rec *recorder) Write(b []byte) (int, error) {
	rec.WriteHeader(http.StatusOK)
	switch {
	case rec.mute:
		return len(b), nil
	case rec.streams:
		return rec.ResponseWriter.Write(b)
	}
	return rec.body.Write(b)
}

// Flush and Unwrap let streams reach the connection.
func (rec *recorder) Flush() {
	if rec.streams {
		http.NewResponseController(rec.ResponseWriter).Flush()
	}
}

// Unwrap returns what the answer is written to.
func (rec *recorder) Unwrap() http.ResponseWriter { return rec.ResponseWriter }

func (rec *recorder) etag() string { return etagOf(rec.body.Bytes(), 0) }

// finish sends the answer.
func (rec *recorder) finish(etag string) {
	if rec.streams {
		return
	}
	h := rec.Header()
	h.Set("ETag", etag)
	h.Set("Cache-Control", "private, no-cache")
	h.Set("X-Content-Type-Options", "nosniff")
	if rec.status == http.StatusOK && rec.known != "" && (rec.known == "*" || matches(rec.known, etag)) {
		h.Del("Content-Type")
		rec.ResponseWriter.WriteHeader(http.StatusNotModified)
		return
	}
	rec.ResponseWriter.WriteHeader(rec.status)
	rec.ResponseWriter.Write(rec.body.Bytes()) // to somebody who may have gone away
}
