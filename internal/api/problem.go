package api

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"strings"

	"muster/internal/issue"
	"muster/internal/server"
)

// statuses are those of the codes that do not have otherwise, 422.
var statuses = map[int]string{
	http.StatusBadRequest:            "request-invalid token-in-url file-missing idempotency-key-wrong",
	http.StatusUnauthorized:          "not-signed-in token-invalid token-revoked token-expired sign-in-failed session-ended",
	http.StatusForbidden:             "not-allowed organisation-forbidden own-account user-protected token-own password-wrong password-must-change second-factor-needed first-link-invalid",
	http.StatusNotFound:              "path-unknown user-unknown import-unknown organisation-unknown domain-not-found group-unknown attribute-unknown member-unknown format-not-own format-unknown row-unknown notice-unknown account-unknown token-unknown session-unknown id-not-found",
	http.StatusRequestTimeout:        "body-too-slow upload-incomplete",
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

// problemOf says in the words of the API what went wrong.
func (d *door) problemOf(ctx context.Context, err error) *server.Problem {
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
		issues = []issue.Issue{server.Fault.New("Muster itself has failed.")}
	}
	p := newProblem(issues)
	p.Request = server.ID(ctx)
	return p
}

func newProblem(issues []issue.Issue) *server.Problem {
	return server.NewProblem(cmp.Or(statusOf[issues[0].Code], http.StatusUnprocessableEntity), issues...)
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
	d.problemOf(r.Context(), err).Write(w, r)
}
