package api

import "muster/internal/issue"

// The problems of requests, whatever they are about.
var (
	RequestInvalid  = issue.NewError("request-invalid", "The request is not as the API's description has it.", "Look at each place in errors, and at /api/openapi.yaml.")
	NotSignedIn     = issue.NewError("not-signed-in", "The request does not say who sends it.", "Send the header Authorization: Bearer TOKEN, or sign in.")
	TokenInURL      = issue.NewError("token-in-url", "A token in a URL is not taken: URLs stand in logs.", "Send it in the header Authorization, and have it revoked: it may have been read.")
	TooLarge        = issue.NewError("body-too-large", "The body of the request is larger than is taken.", "Send less at a time, or raise the limit in the settings.")
	TooDeep         = issue.NewError("body-too-deep", "The JSON of the request is nested deeper than is taken.", "Send it as the API's description has it.")
	TooSlow         = issue.NewError("body-too-slow", "The body of the request did not arrive in time.", "Send it again.")
	BodyEncoded     = issue.NewError("body-encoded", "The body of the request is compressed, which is not taken.", "Send it as it is.")
	FollowsTooOften = issue.NewError("follows-too-often", "One caller follows more imports at the same time than is let.", "Close the streams that nobody reads; one for each import is enough.")
	NoFile          = issue.NewError("file-missing", "The request has no file.", "Send it as the body, or as the field file of a form (multipart/form-data).")

	ChangedMeanwhile = issue.NewError("changed-meanwhile", "It is no longer as the request says that it is (If-Match).", "Read it again, and decide anew.")
	KeyWrong         = issue.NewError("idempotency-key-wrong", "An Idempotency-Key is 1 to 255 visible characters.", "Choose a random text for each request.")
	KeyOfOther       = issue.NewError("idempotency-key-used", "The same Idempotency-Key was sent with another request.", "Choose another key.")
	KeyBusy          = issue.NewError("idempotency-key-busy", "The request that was sent first with this Idempotency-Key is not answered yet.", "Wait a moment, and send it again.")

	Unavailable = issue.NewError("unavailable", "The database cannot be used just now.", "Send the request again later.")
)
