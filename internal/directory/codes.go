package directory

import "muster/internal/issue"

// The problems that the rules of the directory know.
var (
	AddressMissing = issue.NewError("address-missing", "A new user has no address.", "Give the address of the user in this row.")
	AddressTaken   = issue.NewError("address-taken", "The address belongs to another user, or is reserved.",
		"Choose another address, or take this one from its owner first.")
	AddressFormer = issue.NewError("address-former", "The address belonged to a user who was deleted, and is not given out again for some time.",
		"Choose another address, or wait until the date in the message.")
	AddressOfAlias = issue.NewError("address-is-alias", "The address that should name the user is an alias of somebody.",
		"Give the primary address of that user; the message names it.")
	AddressDiffers = issue.NewError("address-differs", "The row finds a user who has another primary address.",
		"Leave the address as it is; to change it, put the new one into the column rename_to.")
	DomainUnknown = issue.NewError("domain-unknown", "The domain of the address is not a domain of the directory.",
		"Mend the spelling, or add the domain with muster domain add.")
	DomainForeign = issue.NewError("domain-not-usable", "The domain belongs to another organisation, or is closed to organisations below its own.",
		"Choose a domain of the user's organisation or of one above it.")
	DomainNotChosen = issue.NewError("domain-not-chosen", "An address must be generated, and it is not settled in which domain.",
		"Name the domain with --domain, or give the organisation a default domain.")

	OrgUnknown = issue.NewError("organisation-unknown", "There is no organisation of this code.",
		"Mend the code, or add the organisation with muster org add.")
	OrgForbidden = issue.NewError("organisation-forbidden", "Your rights do not cover this organisation.", "Ask an administrator of that organisation, or of one above it.")
	OrgOther     = issue.NewError("organisation-other", "The user belongs to another organisation and is not a leaver there.",
		"The other organisation marks the user as leaver first, or a Migration administrator moves them.")
	NotAllowed    = issue.NewError("not-allowed", "Your role does not allow this.", "Ask an administrator whose role allows it.")
	NoticeUnknown = issue.NewError("notice-unknown", "You have no notice of this id.", "Look for its id with muster notification list; notices are kept for 90 days.")
	OwnAccount    = issue.NewError("own-account", "An administrator can neither lock, delete, move nor demote their own account.", "Let another administrator do it.")
	Protected     = issue.NewError("user-protected", "The user holds permissions that you lack.", "Let an administrator of at least the same role do it.")

	UserUnknown  = issue.NewError("user-unknown", "No user fits.", "Check the address, or look for the user with muster user list --search.")
	UserExists   = issue.NewError("user-exists", "The user to be added exists already.", "Change the user with muster user set.")
	UserNoLeaver = issue.NewError("user-no-leaver", "The user who is to join is no leaver.", "Wait until their organisation has marked them as leaver, or let a Migration administrator move them with muster user transfer.")
	UserDeleted  = issue.NewError("user-deleted", "The user is deleted, and keeps the address so that they can be restored.",
		"Restore the user by setting the status to active with muster user set or format muster, or choose another address.")
	UserAmbiguous = issue.NewError("user-ambiguous", "The row names two different users.", "Correct the ID, the address or the Local ID, so that they agree.")
	UserDiscarded = issue.NewWarning("user-not-found", "No user fits the row, so it is discarded.", "Check the address, or create the user first.")
	IDUnknown     = issue.NewWarning("id-unknown", "There is no user of this ID; it is passed over.", "Nothing needs to be done if the file comes from another system.")
	IDNotFound    = issue.NewError("id-not-found", "There is no user of this ID.", "Take the ID from the Mailbox Report or from muster user show, or leave it blank for a new user.")
	Namesake      = issue.NewWarning("looks-like-existing", "An existing user of the same organisation has the same name.",
		"Check that this is another person; if not, give the Local ID or the ID of the existing user.")
	LocalIDTaken = issue.NewError("local-id-taken", "The Local ID belongs to another user of the organisation.", "Correct the Local ID, or change the user who has it.")

	Joins = issue.NewWarning("leaver-joins", "The row takes a leaver over into its organisation.",
		"Check that this is the person who joins; nothing else needs to be done.")
	LeaverElsewhere = issue.NewWarning("leaver-elsewhere", "A leaver of another organisation has the same Local ID and last name.",
		"If it is the same person, give the ID in the row to take the account over.")
	JoinerByID   = issue.NewWarning("leaver-not-joined", "The user is a leaver, and the Local ID alone does not take a leaver back; the row changes their other values.", "Give the ID in the row to take the user back.")
	JoinerName   = issue.NewError("joiner-name", "The row takes over a leaver whose last name is another.", "Check the ID: it may be the wrong person's.")
	StatusWrong  = issue.NewError("status-wrong", "The status cannot be set, or not to this.", "Give one of the statuses in the message.")
	DeleteRole   = issue.NewError("delete-administrator", "A user with an administrator role is not deleted.", "Take the role away first.")
	DeleteSource = issue.NewError("delete-directory-user", "A user who comes from directory synchronisation is not deleted here.", "Delete the user at the source.")

	TakenOver = issue.NewWarning("directory-user-changed", "The row changes a user of directory synchronisation, who then counts as imported.",
		"Start a synchronisation directly after the import.")

	ValueTooLong  = issue.NewError("value-too-long", "The text is longer than the field takes.", "Shorten it.")
	ValueWrong    = issue.NewError("value-wrong", "The value is not one that the field takes.", "Give one of the values in the message.")
	ValueControl  = issue.NewError("value-control-character", "The text holds a control character.", "Remove it; copying the text through a plain text editor helps.")
	LineBreak     = issue.NewWarning("line-break", "A field of one line held a line break; it became a blank.", "Nothing needs to be done.")
	NotClearable  = issue.NewError("not-clearable", "The field cannot be emptied.", "Give a value, or leave the cell blank to keep what there is.")
	MailboxLarge  = issue.NewError("mailbox-too-large", "The mailbox is larger than the organisation has bought.", "Give a smaller size, or raise what the organisation may use with muster org set --mailbox-max.")
	MobileForeign = issue.NewError("mobile-not-uk", "The mobile number is not one of the United Kingdom.", "Give a UK mobile number, or leave the cell blank.")
	PhoneNational = issue.NewError("phone-not-international", "The telephone number is not written internationally.", "Write it with + and the code of the country, or leave the cell blank.")
	UnitKept      = issue.NewWarning("unit-kept", "This file does not move an existing user to another unit; the unit stays.", "Set it with muster user set ADDRESS --unit.")

	AliasSelf       = issue.NewWarning("alias-is-primary", "The alias is the user's primary address already.", "Nothing needs to be done.")
	DelegateUnknown = issue.NewError("delegate-unknown", "The delegate is no user of the directory or of this file.", "Mend the address, or create that user too.")
	DelegateSelf    = issue.NewError("delegate-self", "A user cannot be their own delegate.", "Remove the address.")
	GroupUnknown    = issue.NewError("group-unknown", "There is no group of this path.", "Mend the path, or add the group with muster group add; files make no groups.")
	GroupNamesake   = issue.NewWarning("group-namesake", "The user is in another group of this path, which is taken to be meant.", "Nothing needs to be done if the file is an export; else put the user into the nearer one with muster group member add.")
	GroupReadOnly   = issue.NewError("group-read-only", "The group comes from directory synchronisation and is read-only here.", "Change it at the source.")
	NotInList       = issue.NewError("not-in-list", "What is to be taken away is not there.", "Look at what there is with muster user show.")
	AttributeName   = issue.NewError("attribute-name", "The name of the attribute is blank or too long.", "Give a name of 1 to 100 characters.")

	AccountUnknown    = issue.NewError("account-unknown", "The user has no such e-mail account.", "Look it up with muster user account list.")
	AccountIncomplete = issue.NewError("account-incomplete", "A new e-mail account lacks a value that it needs.", "Give the value.")

	PasswordPassed = issue.NewWarning("password-passed-over", "The user exists, so the password in the file, and the flag beside it, are passed over.",
		"To set the passwords of existing users, plan with --set-passwords.")
	PasswordReused   = issue.NewError("password-reused", "The password is one of the user's last.", "Choose another.")
	PasswordTwice    = issue.NewError("password-twice", "The row gives a password and a password hash.", "Give one of them.")
	RoleOfLeaver     = issue.NewError("role-of-leaver", "A leaver has no administrator role.", "Leave the role blank, or take the user back first.")
	RoleLeftOut      = issue.NewWarning("role-left-out", "The user comes from another Muster with a role that no file gives, and is made without it.", "Give the role by hand.")
	RoleByFile       = issue.NewError("role-not-by-file", "A file gives the roles Basic, Helpdesk and Gateway only, and only for a Master administrator.", "Give the role by hand.")
	HashForAdmin     = issue.NewError("hash-for-administrator", "A ready hash for a user with a role is taken from a Master administrator only.", "Let the user set a password of their own.")
	ChangedSincePlan = issue.NewError("changed-since-plan", "The user or an address of the row has changed since the plan, and the row would now do something else.",
		"Plan the failed rows again and look at what they would do.")
	NumberChanged = issue.NewWarning("number-changed", "The planned address was taken meanwhile; the next free one was given.", "Nothing needs to be done; the results have the address.")
)
