package api

import (
	"embed"
	"io"
	"io/fs"
	"net/http"
	"slices"
	"strings"

	"muster/internal/issue"
	"muster/internal/server"
)

// assets has what the page is made of. What "make assets" brings there is not committed;
// without it the page says how to bring it.
//
//go:embed assets/*
var assets embed.FS

// parts are the files of the pages.
var parts = []string{"index.html", "start.js", "swagger-ui-bundle.js", "swagger-ui.css", "start.css", "first-master.js", "first-master.css"}

// policy lets a page load what it brings itself, and nothing else.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// page is where the API can be read and tried.
func page(files fs.FS) http.Handler {
	serve := http.StripPrefix("/api/", http.FileServerFS(files))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ownOnly(w)
		switch name := strings.TrimPrefix(r.URL.Path, "/api/"); {
		case name == "" && !has(files, parts[2]):
			w.Header().Set("Content-Type", "text/plain; charset=utf-8")
			io.WriteString(w, "The page is not in this program. To put it in: make assets build\nThe description of the API is at /api/openapi.yaml.\n")
		case name == "" || slices.Contains(parts, name) && has(files, name):
			serve.ServeHTTP(w, r)
		default:
			newProblem([]issue.Issue{server.PathUnknown.New("There is nothing at this path.")}).Write(w, r)
		}
	})
}

// ownOnly lets a page load what the program brings, and nothing else.
func ownOnly(w http.ResponseWriter) {
	w.Header().Set("Content-Security-Policy", policy)
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Referrer-Policy", "no-referrer")
}

func has(files fs.FS, name string) bool {
	_, err := fs.Stat(files, name)
	return err == nil
}

// ownFiles are those in the program.
func ownFiles() fs.FS {
	files, err := fs.Sub(assets, "assets")
	if err != nil {
		panic(err) // only for a name that is none
	}
	return files
}
