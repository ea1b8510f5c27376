package api

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"muster/client"
	"muster/internal/issue"
	"muster/internal/server"
	"muster/internal/wire"
)

// statuses are those of the codes that do not have otherwise, 422.
var statuses = map[int]string{
	http.StatusBadRequest:            "request-invalid token-in-url file-missing upload-incomplete idempotency-key-wrong",
	http.StatusUnauthorized:          "not-signed-in token-invalid token-revoked token-expired sign-in-failed session-ended",
	http.StatusForbidden:             "not-allowed organisation-forbidden own-account user-protected token-own password-wrong password-must-change second-factor-needed first-link-invalid",
	http.StatusNotFound:              "path-unknown user-unknown import-unknown organisation-unknown domain-not-found group-unknown attribute-unknown member-unknown format-not-own format-unknown row-unknown notice-unknown account-unknown token-unknown session-unknown id-not-found",
	http.StatusRequestTimeout:        "body-too-slow",
	http.StatusConflict:              "organisation-exists organisation-in-use domain-exists domain-in-use group-exists group-in-use group-read-only attribute-exists attribute-in-use user-exists address-taken address-former local-id-taken token-exists not-applicable not-cancellable not-undoable plan-not-revisable needs-confirmation errors-in-strict-mode nothing-to-apply plan-lapsed members-changed taken-over no-results delete-administrator delete-directory-user user-no-leaver user-deleted second-factor-exists second-factor-missing idempotency-key-busy",
	http.StatusPreconditionFailed:    "changed-meanwhile",
	http.StatusRequestEntityTooLarge: "body-too-large",
	http.StatusUnsupportedMediaType:  "body-encoded",
	http.StatusTooManyRequests:       "sign-in-too-often follows-too-often",
	http.StatusServiceUnavailable:    "unavailable password-busy",
	http.StatusInternalServerError:   "fault",
}

var statusOf = func() map[string]int {
	of := map[string]int{}
	for status, codes := range statuses {
		for _, code := range strings.Fields(codes) {
			of[code] = status
		}
	}
	return of
}()

// problem is an answer that is no success.
type problem struct{ client.Problem }

// GetStatus, ContentType and GetHeaders make a problem what huma answers.
func (p *problem) GetStatus() int            { return p.Status }
func (p *problem) ContentType(string) string { return "application/problem+json" }

// GetHeaders tells what to do about a problem of this status.
func (p *problem) GetHeaders() http.Header {
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

func (p *problem) write(w http.ResponseWriter) {
	h := w.Header()
	maps.Copy(h, p.GetHeaders())
	h.Set("Content-Type", p.ContentType(""))
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(p.Status)
	json.NewEncoder(w).Encode(p.Problem) // to somebody who may have gone away
}

var cures = func() map[string]string {
	cures := map[string]string{}
	for _, c := range issue.All() {
		cures[c.Name] = c.Cure
	}
	return cures
}()

// problemOf says in the words of the API what went wrong.
func (d *door) problemOf(ctx context.Context, err error) *problem {
	issues := issuesOf(err)
	switch reason := d.Unavailable(err); {
	case len(issues) > 0:
	case reason != "":
		issues = []issue.Issue{Unavailable.New("The database cannot be used just now: %s.", reason)}
	case ctx.Err() != nil:
		d.Log.Info("the client has gone away", "request", server.ID(ctx), "error", err)
		issues = []issue.Issue{RequestInvalid.New("The request was given up.")}
	default:
		d.Log.Error("the API has failed", "request", server.ID(ctx), "error", err)
		issues = []issue.Issue{Fault.New("Muster itself has failed.")}
	}
	p := newProblem(issues)
	p.Request = server.ID(ctx)
	return p
}

func newProblem(issues []issue.Issue) *problem {
	first := issues[0]
	status := cmp.Or(statusOf[first.Code], http.StatusUnprocessableEntity)
	return &problem{client.Problem{Type: "about:blank", Title: http.StatusText(status), Status: status, Detail: first.Message, Code: first.Code,
		Suggestion: cmp.Or(first.Suggestion, cures[first.Code]), Errors: wire.Issues(issues)}}
}

// issuesOf returns all issues that an error is made of.
func issuesOf(err error) (list []issue.Issue) {
	var one issue.Issue
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		for _, e := range joined.Unwrap() {
			list = append(list, issuesOf(e)...)
		}
		return list
	}
	if errors.As(err, &one) {
		list = append(list, one)
	}
	return list
}

// refuse answers with a problem, before the request comes to its operation.
func (d *door) refuse(w http.ResponseWriter, r *http.Request, err error) {
	d.problemOf(r.Context(), err).write(w)
}

// Both are settings of huma as a whole, which nobody else here uses: problems are ours,
// and a list is never null.
func init() { huma.NewError, huma.DefaultArrayNullable = asProblem, false }

// asProblem says what huma finds wrong with a request. It never repeats a value,
// which may be a password.
func asProblem(status int, message string, errs ...error) huma.StatusError {
	p := newProblem([]issue.Issue{RequestInvalid.New("The request is not as it should be: %s.", message)})
	p.Errors = p.Errors[:0]
	for _, err := range errs {
		i := RequestInvalid.New("%s", err)
		if detailed, ok := err.(huma.ErrorDetailer); ok {
			detail := detailed.ErrorDetail()
			i = RequestInvalid.New("%s", detail.Message).In(detail.Location)
		}
		p.Errors = append(p.Errors, wire.Issues([]issue.Issue{i})...)
	}
	if len(p.Errors) > 0 {
		p.Detail = strings.TrimPrefix(p.Errors[0].Column+": "+p.Errors[0].Message, ": ")
	}
	if status > 0 {
		p.Status, p.Title = status, http.StatusText(status)
	}
	return p
}
