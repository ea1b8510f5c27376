package api

import (
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"muster/client"
)

// Specification is the description of the API (OpenAPI 3.1), as YAML.
func Specification() ([]byte, error) {
	d := &door{mux: http.NewServeMux()}
	d.api = newHuma(d.mux)
	d.routes()
	return d.api.OpenAPI().YAML()
}

// Operation is one thing that the API does.
type Operation struct{ ID, Method, Path string }

// Operations returns all operations of the API.
func Operations() (list []Operation) {
	d := &door{mux: http.NewServeMux()}
	d.api = newHuma(d.mux)
	d.routes()
	for path, item := range d.api.OpenAPI().Paths {
		for _, o := range operationsOf(item) {
			list = append(list, Operation{o.OperationID, o.Method, strings.TrimPrefix(path, client.Root)})
		}
	}
	return list
}

func operationsOf(item *huma.PathItem) (list []*huma.Operation) {
	for _, o := range []*huma.Operation{item.Get, item.Post, item.Put, item.Patch, item.Delete} {
		if o != nil {
			list = append(list, o)
		}
	}
	return list
}

// specification answers with the description of the API.
func (d *door) specification() http.Handler {
	text, err := d.api.OpenAPI().YAML()
	if err != nil {
		panic(err) // only for a description that cannot be written, which every test would find
	}
	etag := etagOf(text, 0)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/yaml")
		w.Header().Set("ETag", etag)
		w.Header().Set("X-Content-Type-Options", "nosniff")
		if matches(r.Header.Get("If-None-Match"), etag) {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		w.Write(text)
	})
}
