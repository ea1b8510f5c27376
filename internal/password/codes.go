package password

import "muster/internal/issue"

// The problems of passwords. No message ever quotes a password or a hash.
var (
	tooShort = issue.NewError("password-too-short",
		"The password has fewer characters than the organisation's policy asks for.",
		"Choose a longer password; a few words joined by hyphens are easy to keep in mind.")
	tooLong = issue.NewError("password-too-long",
		"The password has more characters than the organisation's policy allows.",
		"Choose a shorter password.")
	blankInside = issue.NewError("password-blank-inside",
		"The password holds a blank, a line break or another character that cannot be seen.",
		"Join words with a hyphen instead of a blank.")
	containsName = issue.NewError("password-contains-name",
		"The password contains four or more letters in a row of the user's names or address.",
		"Choose a password that has nothing to do with the user's name.")
	common = issue.NewError("password-common",
		"The password is among those that very many people use, and that are tried first.",
		"Choose a password of your own, or have one generated.")
	breached = issue.NewError("password-breached",
		"The password is in the list of passwords that became known in a breach.",
		"Choose another password, and change it wherever else it is used.")
	breachUnread = issue.NewError("password-breach-unread",
		"The list of breached passwords could not be read, so the password could not be checked.",
		"Ask the operator to put the file of breached passwords in order, and try again.")
	classesMissing = issue.NewError("password-classes",
		"The password is made of fewer kinds of characters than the organisation's policy asks for.",
		"Mix small letters, capital letters, digits and other characters.")
	busy = issue.NewError("password-busy",
		"So many people sign in or set passwords just now that the server did not come to this one in time.",
		"Try again in a few seconds.")
	notGenerated = issue.NewError("password-not-generated",
		"The organisation's policy leaves no room for a generated password.",
		"Allow at least 23 characters in the policy, and no more than four kinds of characters.")

	hashUnknown = issue.NewError("password-hash-unknown",
		"The password hash is of a kind that Muster does not accept.",
		"Give an ARGON2ID, BLF-CRYPT, SHA512-CRYPT or SSHA512 hash with its scheme in braces, or a password instead of the hash.")
	hashBounds = issue.NewError("password-hash-bounds",
		"The password hash asks for more work or memory at each sign-in than Muster allows, or for too little.",
		"Make the hash with bcrypt cost 4 to 14, at most 1,000,000 rounds, or argon2id with at most 256 MiB, 10 passes and 8 lanes.")
	hashBroken = issue.NewError("password-hash-broken",
		"The password hash is incomplete or was changed on its way.",
		"Copy the whole hash again from where it came from.")
)
