package access

import "muster/internal/issue"

// The problems of tokens. No message has a token in it.
var (
	TokenInvalid = issue.NewError("token-invalid", "The token is none of Muster's.", "Check that the whole token was copied, or have a new one made.")
	TokenRevoked = issue.NewError("token-revoked", "The token was revoked.", "Have a new one made with muster token add.")
	TokenExpired = issue.NewError("token-expired", "The token has expired.", "Have a new one made with muster token add.")
	TokenUnknown = issue.NewError("token-unknown", "There is no such token.", "Look up its ID with muster token list.")
	TokenExists  = issue.NewError("token-exists", "The organisation has a token of this name that is not revoked.", "Choose another name, or revoke that one.")
	TokenName    = issue.NewError("token-name", "The name of a token is 1 to 100 characters.", "Choose a name that says which program has the token.")
	TokenExpiry  = issue.NewError("token-expiry", "The token would expire too early or too late.", "Choose a later day, or an earlier one where a token makes it.")
	TokenOwn     = issue.NewError("token-own", "A token does not revoke itself.", "Let an administrator revoke it, or another token.")
)
