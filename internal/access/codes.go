package access

import "muster/internal/issue"

// The problems of signing in. SignInFailed is one for everything that may be wrong: whoever
// guesses learns nothing of what it was.
var (
	SignInFailed = issue.NewError("sign-in-failed", "The address, the password or the code of the second factor is wrong, or the account cannot be used just now.",
		"Try again; after several failures wait for a quarter of an hour, or ask an administrator.")
	SignInTooOften = issue.NewError("sign-in-too-often", "There were too many failed attempts to sign in, with this address or from this place.", "Wait for a quarter of an hour.")
	SessionEnded   = issue.NewError("session-ended", "You are not signed in, or no longer.", "Sign in.")
	SessionUnknown = issue.NewError("session-unknown", "The user has no such session.", "Look at the sessions with muster user sessions.")
	PasswordWrong  = issue.NewError("password-wrong", "The password that was asked for once more is wrong, or the code.", "Give the password with which you sign in.")

	PasswordMustChange = issue.NewError("password-must-change", "You must set a new password before you can do anything else.",
		"Set one with POST /session/password, then go on.")
	FactorNeeded = issue.NewError("second-factor-needed", "Your organisation demands a second factor, and you have none yet.",
		"Set one up with POST /session/second-factor and …/confirm, then go on.")

	FactorExists  = issue.NewError("second-factor-exists", "The user has a second factor already.", "Take it away first.")
	FactorMissing = issue.NewError("second-factor-missing", "The user has no second factor, or none that waits to be confirmed.", "Begin to set one up.")
	FactorWrong   = issue.NewError("second-factor-wrong", "The code is not the one that the app shows.", "Wait for the next code, and see that the clock of the telephone is right.")

	FirstLinkInvalid = issue.NewError("first-link-invalid", "The link for the first Master was used, or replaced.",
		"Take the one that muster serve printed last, or make a Master with muster user add.")
)

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
