package server

import (
	"fmt"
	"net/http"
	"net/url"
)

// headers are what every answer bears, unless its door says otherwise: pages load nothing
// from elsewhere, are shown in no frame of others, and tell others nothing of where they
// are.
var headers = map[string]string{
	"Content-Security-Policy":      "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'",
	"Cross-Origin-Opener-Policy":   "same-origin",
	"Cross-Origin-Resource-Policy": "same-origin",
	"Permissions-Policy":           "camera=(), geolocation=(), microphone=()",
	"Referrer-Policy":              "same-origin",
	"X-Content-Type-Options":       "nosniff",
	"X-Frame-Options":              "DENY",
}

// transport tells browsers to come by https for a year (RFC 6797).
const transport = "max-age=31536000"

// origins refuses what pages of other origins would change in a browser's name. Behind a
// proxy that changes the name of the host, pages are those of the public URL.
func origins(public string) (*http.CrossOriginProtection, error) {
	p := http.NewCrossOriginProtection()
	if public != "" {
		u, err := url.Parse(public)
		if err != nil || u.Host == "" {
			return nil, fmt.Errorf("public_url is not the URL of a server: %q", public)
		}
		if err := p.AddTrustedOrigin(u.Scheme + "://" + u.Host); err != nil {
			return nil, fmt.Errorf("public_url is not the URL of a server: %w", err)
		}
	}
	p.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		NewProblem(http.StatusForbidden, CrossOrigin.New("A page of another site has sent this request. Nothing was done.")).Write(w, r)
	}))
	return p, nil
}

// guarded sets the headers, and lets through what is no attack by another page.
func (s *Server) guarded(next http.Handler) http.Handler {
	next = s.origins.Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for name, value := range headers {
			w.Header().Set(name, value)
		}
		if s.secure {
			w.Header().Set("Strict-Transport-Security", transport)
		}
		next.ServeHTTP(w, r)
	})
}
