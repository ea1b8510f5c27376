package api

import (
	"cmp"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/validation"

	"muster/internal/issue"
	"muster/internal/server"
)

// These are settings of huma as a whole, which nobody else here uses: problems are ours,
// a list is never null, and a field has the name that it has, in that case.
func init() {
	huma.NewError = func(status int, message string, errs ...error) huma.StatusError {
		return asProblem(status, message, errs...)
	}
	huma.NewErrorWithContext, huma.DefaultArrayNullable, huma.ValidateStrictCasing = ofRequest, false, true
	validation.MsgUnexpectedProperty = "There is no such field."
	validation.MsgExpectedRFC3339DateTime = noMoment
	validation.MsgExpectedBoolean = noTruth
	validation.MsgExpectedInteger = noInteger
	validation.MsgExpectedNumber = "This is no number."
	validation.MsgExpectedString = "This is no text."
	validation.MsgExpectedArray = "This is no list."
	validation.MsgExpectedObject = "This is no object."
	validation.MsgExpectedOneOf = `This is not one of "%s".`
	validation.MsgExpectedMinimumNumber = "This is less than %.0f."
	validation.MsgExpectedMaximumNumber = "This is more than %.0f."
	validation.MsgExpectedMinLength = "This has less than %d characters."
	validation.MsgExpectedMaxLength = "This has more than %d characters."
	validation.MsgExpectedMinItems = "This has less than %d items."
	validation.MsgExpectedMaxItems = "This has more than %d items."
	validation.MsgExpectedRequiredProperty = "The field %s is missing."
}

const (
	noMoment  = "This is no moment, such as 2026-03-02T09:00:00Z."
	noTruth   = "This is neither true nor false."
	noInteger = "This is no whole number."
)

// words are what is said in place of what huma says by itself, by how that begins.
var words = []struct{ begins, said string }{
	{"invalid date/time", noMoment},
	{"invalid boolean", noTruth},
	{"invalid integer", noInteger},
	{"unknown query parameter", "There is no such parameter."},
	{"required", "This is missing."},
	{"request body is required", "The request has no body."},
	{"json:", "This is not of the kind that it should be."},
	{"parsing time", noMoment},
	{"Time.UnmarshalJSON", noMoment},
	{"unknown content type", "The body is of a kind that is not taken; send application/json."},
}

func inOurWords(message string) string {
	for _, w := range words {
		if strings.HasPrefix(message, w.begins) {
			return w.said
		}
	}
	return message
}

// asProblem says what huma finds wrong with a request. It never repeats a value,
// which may be a password.
func asProblem(status int, message string, errs ...error) *server.Problem {
	var issues []issue.Issue
	for _, err := range errs {
		i := RequestInvalid.New("%s", inOurWords(err.Error()))
		if detailed, ok := err.(huma.ErrorDetailer); ok {
			detail := detailed.ErrorDetail()
			i = RequestInvalid.New("%s", inOurWords(detail.Message)).In(detail.Location)
		}
		issues = append(issues, i)
	}
	if len(issues) == 0 { // of a body as a whole
		issues = append(issues, RequestInvalid.New("%s", inOurWords(message)).In("body"))
	}
	p := newProblem(issues)
	p.Status = cmp.Or(status, p.Status)
	p.Title = http.StatusText(p.Status)
	return p
}

// ofRequest is asProblem with the id of the request.
func ofRequest(ctx huma.Context, status int, message string, errs ...error) huma.StatusError {
	p := asProblem(status, message, errs...)
	p.Request = server.ID(ctx.Context())
	return p
}
