package api

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"iter"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"muster/client"
	"muster/internal/importer"
)

// conditional gives every answer an ETag, and answers or changes only where the
// request's own ETags allow it (RFC 9110 section 13).
func (d *door) conditional(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet || r.Method == http.MethodHead {
			rec, ctx, unseen := &recorder{ResponseWriter: w, known: r.Header.Get("If-None-Match")}, r.Context(), new(int64)
			next.ServeHTTP(rec, r.WithContext(context.WithValue(ctx, versionKey, unseen)))
			rec.finish(etagOf(rec.body.Bytes(), *unseen))
			return
		}
		d.writeIf(w, r, next)
	})
}

// writeIf answers a request that changes something, where it still fits.
func (d *door) writeIf(w http.ResponseWriter, r *http.Request, next http.Handler) {
	ctx, match := r.Context(), &condition{door: d, request: r, wanted: r.Header.Get("If-Match")}
	if err := match.check(); err != nil {
		d.refuse(w, r, err)
		return
	}
	ctx = context.WithValue(ctx, matchKey, match)
	dry, _ := strconv.ParseBool(r.URL.Query().Get("dry_run")) // what is no truth is refused by its operation
	if dry {
		ctx = context.WithValue(ctx, dryKey, &trial{imports: map[int64]*importer.Import{}, issues: map[int64][]*importer.Row{}})
	}
	rec := &recorder{ResponseWriter: w}
	next.ServeHTTP(rec, r.WithContext(ctx))
	if rec.status < 300 && !match.asked { // there was nothing to do, perhaps since another one has done it
		if err := match.check(); err != nil {
			w.Header().Del("Content-Location")
			d.refuse(w, r, err)
			return
		}
	}
	rec.finish(d.etagAfter(rec, r, dry))
}

// condition is what a request demands of what there is (If-Match).
type condition struct {
	door    *door
	request *http.Request // as it came, without the condition
	wanted  string        // "": nothing
	asked   bool          // within a transaction
}

// check tells why a condition is not met. It asks for what can be read whole at the path
// of the request or above it: that has to have one of the wanted ETags. "*" wants what is
// nearest to be there. A page of a list says too little to be wanted.
func (c *condition) check() error {
	if c.wanted == "" {
		return nil
	}
	nearest := true
	for read := range c.door.readable(c.request, c.request.URL) {
		if etag, there := c.door.etagAt(read.Request); there && (nearest && c.wanted == "*" || read.whole && matches(c.wanted, etag)) {
			return nil
		}
		nearest = false
	}
	return ChangedMeanwhile.New("It is no longer as the request says that it is.")
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

// etagAfter is the ETag of what a request has changed or made, as it is read next; else
// that of the answer.
func (d *door) etagAfter(rec *recorder, r *http.Request, dry bool) string {
	place := cmp.Or(rec.Header().Get("Content-Location"), rec.Header().Get("Location"))
	if place == "" && r.Method != http.MethodDelete {
		place = r.URL.EscapedPath()
	}
	at, err := url.Parse(place)
	if rec.status >= 300 || dry || err != nil {
		return rec.etag()
	}
	at.RawQuery = r.URL.RawQuery
	for read := range d.readable(r, at) {
		if etag, there := d.etagAt(read.Request); there {
			return etag
		}
		break
	}
	return rec.etag()
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

// reading is a request that reads something.
type reading struct {
	*http.Request
	whole bool // not page by page
}

// readable yields what can be read in the name of a request at a place and above it, the
// nearest first: an operation on a thing may have a path of its own below it.
func (d *door) readable(r *http.Request, at *url.URL) iter.Seq[reading] {
	return func(yield func(reading) bool) {
		for path := at.EscapedPath(); len(path) > len(client.Root); path = path[:strings.LastIndexByte(path, '/')] {
			read, err := http.NewRequestWithContext(r.Context(), http.MethodGet, path, nil)
			if err != nil {
				return
			}
			_, pattern := d.mux.Handler(read)
			item := d.api.OpenAPI().Paths[strings.TrimPrefix(pattern, http.MethodGet+" ")]
			if item == nil || item.Get == nil {
				continue
			}
			read.URL.RawQuery = queryFor(item.Get, at.Query()).Encode()
			if !yield(reading{read, !asks(item.Get, "after")}) {
				return
			}
		}
	}
}

// queryFor is what an operation takes of a query.
func queryFor(o *huma.Operation, q url.Values) url.Values {
	maps.DeleteFunc(q, func(name string, _ []string) bool { return !asks(o, name) })
	return q
}

// asks reports whether an operation takes something in its query.
func asks(o *huma.Operation, name string) bool {
	return slices.ContainsFunc(o.Parameters, func(p *huma.Param) bool { return p.In == "query" && p.Name == name })
}

// etagAt is the ETag of what is read, and whether it is there.
func (d *door) etagAt(read *http.Request) (string, bool) {
	c, unseen := newCapture(), new(int64)
	d.mux.ServeHTTP(c, read.WithContext(context.WithValue(read.Context(), versionKey, unseen)))
	return etagOf(c.body.Bytes(), *unseen), c.status == http.StatusOK
}

// alsoVersion lets the ETag of what is read be another one with each version of it, also
// where the answer does not show what was changed, such as a password.
func alsoVersion(ctx context.Context, version int64) {
	if unseen, ok := ctx.Value(versionKey).(*int64); ok {
		*unseen = version
	}
}

// etagOf is a digest of an answer and of the version of what it is about; 0 is none.
func etagOf(body []byte, version int64) string {
	if version > 0 {
		body = append(bytes.Clone(body), strconv.FormatInt(version, 10)...)
	}
	sum := sha256.Sum256(body)
	return `"` + base64.RawURLEncoding.EncodeToString(sum[:16]) + `"`
}
