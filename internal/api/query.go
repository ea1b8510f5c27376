package api

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
)

// understood refuses a path and a query that are not understood as they are meant. What
// cannot be read would else count as not given: a dry run, misspelt, would do it all.
func (d *door) understood(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, pattern := d.mux.Handler(r)
		if o := d.operations[pattern]; o != nil {
			if err := errors.Join(append(checkPath(o, r.URL), checkQuery(o, r.URL.RawQuery)...)...); err != nil {
				d.refuse(w, r, err)
				return
			}
		}
		next.ServeHTTP(w, r)
	})
}

// byPattern are the operations by their patterns in the mux.
func byPattern(api huma.API) map[string]*huma.Operation {
	of := map[string]*huma.Operation{}
	for path, item := range api.OpenAPI().Paths {
		for _, o := range operationsOf(item) {
			of[o.Method+" "+path] = o
		}
	}
	return of
}

func checkPath(o *huma.Operation, u *url.URL) (wrong []error) {
	names := strings.Split(o.Path, "/")
	for i, escaped := range strings.Split(u.EscapedPath(), "/") {
		if text, err := url.PathUnescape(escaped); err != nil || !readable(text) {
			wrong = append(wrong, unreadable("path."+strings.Trim(names[i], "{}")))
		}
	}
	return wrong
}

// checkQuery reads a query as HTML has it (application/x-www-form-urlencoded), and takes
// nothing that leaves open what is meant. Names that are unknown are refused by huma.
func checkQuery(o *huma.Operation, query string) (wrong []error) {
	seen := map[string]bool{}
	for pair := range strings.SplitSeq(query, "&") {
		name, value, err := pairOf(pair)
		place := strings.TrimSuffix("query."+name, ".")
		switch known := parameter(o, name); {
		case pair == "":
		case err != nil:
			wrong = append(wrong, RequestInvalid.New("This cannot be decoded: %% is followed by two hexadecimal digits, and parameters are divided by &.").In(place))
		case !readable(name) || !readable(value):
			wrong = append(wrong, unreadable(strings.ToValidUTF8(place, "�")))
		case seen[name] && !repeats(known):
			wrong = append(wrong, RequestInvalid.New("This is given more than once.").In(place))
		case value == "" && known != nil && !isText(known.Schema):
			wrong = append(wrong, RequestInvalid.New("This has no value; leave it out, or give one.").In(place))
		}
		seen[name] = true
	}
	return wrong
}

// pairOf decodes a parameter, its name as far as that can be decoded.
func pairOf(pair string) (name, value string, err error) {
	before, after, _ := strings.Cut(pair, "=")
	name, err = url.QueryUnescape(before)
	if err == nil {
		value, err = url.QueryUnescape(after)
	}
	if strings.Contains(pair, ";") { // which once divided parameters, and divides them for some programs still
		err = errors.New("a semicolon")
	}
	return name, value, err
}

func parameter(o *huma.Operation, name string) *huma.Param {
	for _, p := range o.Parameters {
		if p.In == "query" && p.Name == name {
			return p
		}
	}
	return nil
}

func repeats(p *huma.Param) bool { return p != nil && p.Explode != nil && *p.Explode }

// isText reports whether a parameter may be any text, also a blank one.
func isText(s *huma.Schema) bool { return s.Type == huma.TypeString && s.Format == "" && s.Enum == nil }

// readable reports whether a text is one that can be kept: PostgreSQL takes no U+0000.
func readable(text string) bool { return utf8.ValidString(text) && !strings.ContainsRune(text, 0) }

func unreadable(place string) error {
	return RequestInvalid.New("This is not text that can be kept: it has U+0000, or octets that are no UTF-8.").In(place)
}
