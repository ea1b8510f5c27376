package api

import (
	"bytes"
	"errors"
	"io"
	"net"
	"net/http"
	"os"

	"github.com/danielgtaylor/huma/v2"

	"muster/internal/importer"
	"muster/internal/server"
)

// Limits bound what one request may ask of the server.
type Limits struct {
	Upload int64 // bytes of a file
	JSON   int64 // bytes of any other body
	Follow int   // streams of progress that one caller may have open at once
}

// takesFile are the operations whose body is a file.
var takesFile = map[string]bool{"POST /api/v1/imports": true, "POST /api/v1/formats/guess": true}

// limited refuses what is too large, too deep or not to be understood, before anybody looks
// at it.
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
			err = d.limitJSON(w, r, d.operations[pattern])
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

func (d *door) limitJSON(w http.ResponseWriter, r *http.Request, o *huma.Operation) error {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, d.Limits.JSON))
	if err != nil {
		return ofBody(err)
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	if s := schemaOf(o); s != nil && len(body) > 0 && isJSON(r.Header.Get("Content-Type")) {
		return d.checkJSON(s, body)
	}
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
		return importer.UploadCut.New("The body of the request did not arrive to its end.")
	}
	return err
}

func tooLarge(limit int64) error {
	return TooLarge.New("The body of the request is larger than %d bytes.", limit)
}
