package api

import (
	"bytes"
	"errors"
	"io"
	"net"
	"net/http"
	"os"

	"muster/internal/server"
)

// Limits bound what one request may ask of the server.
type Limits struct {
	Upload int64 // bytes of a file
	JSON   int64 // bytes of any other body
	Follow int   // streams of progress that one caller may have open at once
}

// deepest is how deep JSON may be nested.
const deepest = 32

// takesFile are the operations whose body is a file.
var takesFile = map[string]bool{"POST /api/v1/imports": true, "POST /api/v1/formats/guess": true}

// limited refuses what is too large or too deep, before anybody looks at it.
func (d *door) limited(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, pattern := d.mux.Handler(r)
		server.SetRoute(r.Context(), pattern)
		var err error
		switch {
		case r.Header.Get("Content-Encoding") != "":
			err = BodyEncoded.New("The body of the request is compressed.")
		case takesFile[pattern]:
			err = d.limitFile(w, r)
		default:
			err = d.limitJSON(w, r)
		}
		if err != nil {
			d.refuse(w, r, err)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// limitFile lets a file in part by part.
func (d *door) limitFile(w http.ResponseWriter, r *http.Request) error {
	if r.ContentLength > d.Limits.Upload {
		return tooLarge(d.Limits.Upload)
	}
	r.Body = io.NopCloser(server.Upload(w, r, d.Limits.Upload))
	return nil
}

func (d *door) limitJSON(w http.ResponseWriter, r *http.Request) error {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, d.Limits.JSON))
	switch {
	case err != nil:
		return ofBody(err)
	case depth(body) > deepest:
		return TooDeep.New("The JSON of the request is nested deeper than %d.", deepest)
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	return nil
}

// ofBody says what is wrong with a body that could not be read.
func ofBody(err error) error {
	var large *http.MaxBytesError
	var gone *net.OpError // the client's connection
	switch {
	case errors.As(err, &large):
		return tooLarge(large.Limit)
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, server.ErrTooSlow):
		return TooSlow.New("The body of the request did not arrive in time.")
	case errors.Is(err, io.ErrUnexpectedEOF), errors.As(err, &gone):
		return RequestInvalid.New("The body of the request did not arrive to its end.")
	}
	return err
}

func tooLarge(limit int64) error {
	return TooLarge.New("The body of the request is larger than %d bytes.", limit)
}

// depth is how deep JSON is nested; whether it is JSON is for others to find out.
func depth(text []byte) (most int) {
	depth, quoted := 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			depth++
			most = max(most, depth)
		case c == '}' || c == ']':
			depth--
		}
	}
	return most
}
