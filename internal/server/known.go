package server

import (
	"net/http"
	"path"
	"strings"
)

// Known answers with a problem where a mux would in words of its own: where there is nothing
// at a path, or not for a method, and where it would lead to another way to write the path.
func Known(mux *http.ServeMux) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		refusal, pattern := mux.Handler(r)
		heard := &unsaid{header: http.Header{}, status: http.StatusNotFound}
		switch {
		case !isClean(r.URL.EscapedPath()):
		case pattern == "":
			refusal.ServeHTTP(heard, r)
		default:
			mux.ServeHTTP(w, r)
			return
		}
		i := PathUnknown.New("There is nothing at this path.")
		if allow := heard.header.Get("Allow"); allow != "" {
			w.Header().Set("Allow", allow)
			i = PathUnknown.New("What is at this path takes %s.", allow)
		}
		NewProblem(heard.status, i).Write(w, r)
	})
}

// isClean reports whether a path has no // and no dots that lead elsewhere.
func isClean(escaped string) bool {
	clean := path.Clean(escaped)
	return escaped == clean || escaped == strings.TrimSuffix(clean, "/")+"/"
}

// unsaid is an answer of which only the status and the headers count.
type unsaid struct {
	header http.Header
	status int
}

func (u *unsaid) Header() http.Header         { return u.header }
func (u *unsaid) WriteHeader(status int)      { u.status = status }
func (u *unsaid) Write(b []byte) (int, error) { return len(b), nil }
