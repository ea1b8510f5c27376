package api

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
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
	http.StatusForbidden:             "not-allowed organisation-forbidden own-account user-protected token-own password-wrong first-link-invalid",
	http.StatusNotFound:              "path-unknown user-unknown import-unknown organisation-unknown domain-not-found group-unknown attribute-unknown member-unknown format-not-own format-unknown row-unknown notice-unknown account-unknown token-unknown session-unknown id-not-found",
	http.StatusRequestTimeout:        "body-too-slow",
	http.StatusConflict:              "organisation-exists organisation-in-use domain-exists domain-in-use group-exists group-in-use group-read-only attribute-exists attribute-in-use user-exists address-taken address-former local-id-taken token-exists not-applicable not-cancellable not-undoable plan-not-revisable needs-confirmation errors-in-strict-mode nothing-to-apply plan-lapsed members-changed taken-over no-results delete-administrator delete-directory-user user-no-leaver user-deleted second-factor-exists second-factor-missing idempotency-key-busy",
	http.StatusPreconditionFailed:    "changed-meanwhile",
	http.StatusRequestEntityTooLarge: "body-too-large",
	http.StatusUnsupportedMediaType:  "body-encoded",
	http.StatusTooManyRequests:       "sign-in-too-often follows-too-often",
	http.StatusServiceUnavailable:    "unavailable",
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

// GetStatus and ContentType make a problem what huma answers.
func (p *problem) GetStatus() int            { return p.Status }
func (p *problem) ContentType(string) string { return "application/problem+json" }
func (p *problem) write(w http.ResponseWriter) {
	write(w, p.Status, "application/problem+json", p.Problem)
}

func write(w http.ResponseWriter, status int, kind string, body any) {
	w.Header().Set("Content-Type", kind)
	w.Header().Set("X-Content-Type-Options", "nosniff")
	if status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", `Bearer realm="muster"`)
	}
	if status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", "5")
	}
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(body) // to somebody who may have gone away
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
