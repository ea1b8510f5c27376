package format

import "muster/internal/issue"

// The problem of choosing a format.
var FormatUnknown = issue.NewError("format-unknown", "There is no format of this name.",
	"Take one of the names that muster formats lists.")

// What refuses a whole file for its headings.
var (
	HeaderMissing = issue.NewError("header-missing", "The first row lacks a heading that the format needs.",
		"Add the column, or start from the template that muster sample prints.")
	HeaderUnknown = issue.NewError("header-unknown", "The first row has a heading that the format does not know.",
		"Mend the heading or delete the column; muster sample prints the headings.")
	HeaderTwice = issue.NewError("header-twice", "Two columns have the same heading, so it is unclear which one counts.",
		"Delete one of them, or rename it.")
	HeaderOrder = issue.NewError("header-order", "The headings are right, but stand in another order than the format wants.",
		"Put the columns into the order of the template that muster sample prints.")
)

// What is worth knowing of headings that a format with a checkpoint cell does not name.
var (
	HeaderNear = issue.NewWarning("header-near", "A heading that is nearly one of the format's was taken for an attribute.",
		"If the format's is meant, write it just so, in small letters, and plan the file again.")
	HeaderSecret = issue.NewWarning("header-secret", "A column that may hold passwords stands where the format has none; an attribute can be read by many, so it is passed over.",
		"Call the column password and put it directly right of name, or delete it.")
	HeaderBlank = issue.NewWarning("header-blank", "A column among the others has no heading; it is passed over.",
		"Give the column a heading if what stands in it matters.")
)

// The problems of a row.
var (
	RowTooLong = issue.NewError("row-too-long", "The row has more cells than the first row has headings, so its cells may stand in the wrong columns.",
		"Put a text that holds the delimiter into quotes, or delete the cell that is too many.")
	ValueMissing = issue.NewError("value-missing", "A cell is blank that needs a value in every row.",
		"Fill the cell in.")
	ClearMisplaced = issue.NewError("clear-misplaced", `The cell says "(clear)" where there is nothing to empty.`,
		`Leave the cell blank; for aliases, delegates and groups, write "(clear)" into the first column of them.`)
	ValueUnknown = issue.NewError("value-unmapped", "The format says what each value of the column stands for, and does not have this one.",
		"Mend the cell, or add the value to the format: muster formats show prints it.")
	FunctionRefused = issue.NewError("hash-function", "The password was hashed by a function that is not safe, or not known: SHA-1 and MD5 have no salt, so many passwords at once are guessed from them.",
		"Give a hash of the function crypt that begins with $6$, $5$ or $2b$; or leave password and function blank, and invite the user to set a password.")
	AddressTrimmed = issue.NewWarning("address-trimmed", "There were blanks before or behind the address; they were taken off.",
		"Nothing needs to be done.")
)
