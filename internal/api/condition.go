package api

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"muster/client"
)

// conditional gives every answer an ETag, and answers or changes only where the
// request's own ETags allow it (RFC 9110 section 13).
func (d *door) conditional(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet || r.Method == http.MethodHead {
			rec := &recorder{ResponseWriter: w, known: r.Header.Get("If-None-Match")}
			next.ServeHTTP(rec, r)
			rec.finish(rec.etag())
			return
		}
		plain := r.Context()
		ctx := plain
		if wanted := r.Header.Get("If-Match"); wanted != "" {
			check := func() error { return d.stillMatches(plain, r.URL.EscapedPath(), wanted) }
			if err := check(); err != nil {
				d.refuse(w, r, err)
				return
			}
			ctx = context.WithValue(ctx, checkKey, check)
		}
		dry, _ := strconv.ParseBool(r.URL.Query().Get("dry_run")) // what is no truth is refused by its operation
		if dry {
			ctx = context.WithValue(ctx, dryKey, true)
		}
		rec := &recorder{ResponseWriter: w}
		next.ServeHTTP(rec, r.WithContext(ctx))
		etag := rec.etag()
		if place := changedPlace(rec, r); rec.status < 300 && !dry && place != "" {
			if now, ok := d.etagAt(plain, place); ok {
				etag = now
			}
		}
		rec.finish(etag)
	})
}

// bare are the answers that have no ETag: one goes on for as long as an import does, the
// others are sent while they are read, and known when they have been sent.
var bare = map[string]bool{"progress": true, "mailbox-report": true, "export-history": true}

// declareETags describes the ETag of all other answers.
func (d *door) declareETags() {
	etag := &huma.Param{Description: "for If-None-Match and If-Match", Schema: &huma.Schema{Type: huma.TypeString}}
	for _, item := range d.api.OpenAPI().Paths {
		for _, o := range operationsOf(item) {
			for status, response := range o.Responses {
				if strings.HasPrefix(status, "2") && !bare[o.OperationID] {
					if response.Headers == nil {
						response.Headers = map[string]*huma.Param{}
					}
					response.Headers["ETag"] = etag
				}
			}
		}
	}
}

// changedPlace is where that stands which a request has changed or made.
func changedPlace(rec *recorder, r *http.Request) string {
	if made := rec.Header().Get("Location"); made != "" {
		return made
	}
	if r.Method == http.MethodDelete {
		return ""
	}
	return r.URL.EscapedPath()
}

func (d *door) stillMatches(ctx context.Context, path, wanted string) error {
	now, ok := d.etagAt(ctx, path)
	if ok && (wanted == "*" || matches(wanted, now)) {
		return nil
	}
	return ChangedMeanwhile.New("It is no longer as the request says that it is.")
}

// matches reports whether a list of ETags has one.
func matches(list, etag string) bool {
	for one := range strings.SplitSeq(list, ",") {
		if strings.TrimPrefix(strings.TrimSpace(one), "W/") == strings.TrimPrefix(etag, "W/") {
			return true
		}
	}
	return false
}

// etagAt is the ETag of what can be read at a path or, where an operation on it has a
// path of its own below, nearest above it.
func (d *door) etagAt(ctx context.Context, path string) (string, bool) {
	for ; len(path) > len(client.Root); path = path[:strings.LastIndexByte(path, '/')] {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, path, nil)
		if err != nil {
			return "", false
		}
		if _, pattern := d.mux.Handler(r); !strings.HasPrefix(pattern, http.MethodGet) {
			continue
		}
		c := newCapture()
		d.mux.ServeHTTP(c, r)
		return etagOf(c.body.Bytes()), c.status == http.StatusOK
	}
	return "", false
}

func etagOf(body []byte) string {
	sum := sha256.Sum256(body)
	return `"` + base64.RawURLEncoding.EncodeToString(sum[:16]) + `"`
}
