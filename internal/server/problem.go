package server

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"

	"muster/client"
	"muster/internal/issue"
	"muster/internal/wire"
)

// The problems that any door may have.
var (
	PathUnknown = issue.NewError("path-unknown", "There is nothing at this path, or not for this method.", "Look up the operations in /api/openapi.yaml.")
	CrossOrigin = issue.NewError("cross-origin", "A page of another site has sent the request.", "Send it from a page of this site, or from a program; the setting public_url names the site.")
	NotHere     = issue.NewError("not-here", "The numbers are answered on the machine itself only.", "Give them an address of their own with the setting metrics_listen.")
	Fault       = issue.NewError("fault", "Muster itself has failed.", "Look into the log of the server.")
)

// Problem is an answer that is no success (RFC 9457). All are made here, so all have the
// same shape.
type Problem struct{ client.Problem }

// NewProblem says with a status what is wrong; the first issue speaks for all.
func NewProblem(status int, issues ...issue.Issue) *Problem {
	issues = slices.Clone(issues)
	for n, i := range issues {
		issues[n].Suggestion = i.Cure()
	}
	first := issues[0]
	return &Problem{client.Problem{Type: "about:blank", Title: http.StatusText(status), Status: status, Detail: strings.TrimPrefix(first.Column+": "+first.Message, ": "),
		Code: first.Code, Suggestion: first.Suggestion, Errors: wire.Issues(issues)}}
}

// GetStatus, ContentType and GetHeaders make a problem what huma answers.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType is that of every problem.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

// GetHeaders tells what to do about a problem of this status.
func (p *Problem) GetHeaders() http.Header {
	h := http.Header{}
	if advice, any := advices[p.Status]; any {
		h.Set(advice[0], advice[1])
	}
	return h
}

// advices are headers by status. Retry-After is in seconds: attempts to sign in are
// counted for a quarter of an hour.
var advices = map[int][2]string{
	http.StatusUnauthorized:       {"WWW-Authenticate", `Bearer realm="muster"`},
	http.StatusTooManyRequests:    {"Retry-After", "900"},
	http.StatusServiceUnavailable: {"Retry-After", "5"},
}

// Write answers with the problem, which bears the id of the request.
func (p *Problem) Write(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	maps.Copy(h, p.GetHeaders())
	h.Set("Content-Type", p.ContentType(""))
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
	p.Request = ID(r.Context())
	w.WriteHeader(p.Status)
	json.NewEncoder(w).Encode(p.Problem) // to somebody who may have gone away
}
