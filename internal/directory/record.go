package directory

import (
	"muster/internal/issue"
	"muster/internal/secret"
)

// Clear is the text that empties a value; a blank keeps it.
const Clear = "(clear)"

// Unmatched tells what becomes of a record that fits no user.
type Unmatched int

// What may become of a record that fits no user.
const (
	CreateUser Unmatched = iota
	DiscardRow
	RefuseRow
)

// Rules tell how the records of one source are to be read. Formats differ in
// them and in nothing else.
type Rules struct {
	Match             []string  // by what a user is found, in order: "id", "address", "local_id"
	Unmatched         Unmatched // what becomes of a record that fits nobody
	OnlyNew           bool      // a record that fits somebody is an error
	OnlyLeavers       bool      // a record that finds somebody who is no leaver is an error
	GenerateAddress   bool      // a new user's address is generated
	GeneratePasswords bool      // a new user without a password gets one
	JoinBy            []string  // by what a leaver must be found to join
	JoinBlank         bool      // a blank status lets a leaver join; else "active" does
	SameLastName      bool      // a joiner's last name must be the leaver's
	WarnNamesake      bool      // a new user named like an existing one is worth a warning
	FixedUnit         bool      // the unit of an existing user is not changed
	Moves             bool      // an existing user may be moved to the organisation of the record
	OrgByMaster       bool      // a record names an organisation only for an administrator of the root who moves users
	TakesOver         bool      // a user of directory synchronisation who is changed belongs to it no longer
	PlainFlags        bool      // a flag is TRUE or FALSE, nothing else
	WorldPhones       bool      // a telephone number is written with its country
	UKMobile          bool      // a mobile number must be one of the United Kingdom
	Statuses          []string  // the statuses that a record may give
	Origin            string    // of the users that it makes
	Exports           bool      // a record may be of an export: one with an id that is not known here is of a user elsewhere, who comes with any status
	LiftsLockOut      bool      // to unlock also lifts a lock that would lift by itself
	ByHand            bool      // somebody names the user and all else: what they may not read is to them what there is not
	RolesByFile       bool      // roles come from a file, so only few may be given and only by a Master
}

// Record is what is wanted of one user: the intent of a row of a file, or of
// one command. A blank wants nothing.
type Record struct {
	Row, Line int

	ID   string // the user's id, as written
	Twin ID     // the user that an earlier import of the same file made of this row

	// MadeAddress is the address that, as a results file says, was made for the
	// user of this row. It tells who is meant where nothing else does.
	MadeAddress string
	RenameTo    string // the new primary address
	Values      [numFields]string
	Cleared     [numFields]bool

	Aliases, Delegates, Groups List
	Attributes                 []Attribute  // Value Clear removes
	Account                    *AccountWish // of one e-mail account, or nil
	Password                   secret.Text
	PasswordHash               secret.Text
	Made                       secret.Text // the hash that was made of the row\'s password when it was judged before
	Generate                   bool        // a new password is to be generated

	Issues []issue.Issue       // what was wrong with the row before it was judged
	Column func(string) string // the heading under which a value stood, by its name in format "muster"
}

// List is what a record says of a user's aliases, groups or delegates: they are
// added to those there are, or are the only ones. Without are taken away.
type List struct {
	Items   []Item
	Only    bool
	Without []Item
}

// Item is one entry of a List, with the heading that it stood under.
type Item struct{ Text, Column string }

// Given reports whether the record says anything of a field.
func (r *Record) Given(f Field) bool { return r.Values[f] != "" || r.Cleared[f] }

// Failed reports whether an issue keeps the record from being carried out.
func (r *Record) Failed() bool { return hasError(r.Issues) }

func hasError(issues []issue.Issue) bool {
	for _, i := range issues {
		if i.Severity == issue.Error {
			return true
		}
	}
	return false
}

// report adds an issue, placed at the heading of the named value.
func (r *Record) report(name string, i issue.Issue) {
	column := name
	if r.Column != nil {
		column = r.Column(name)
	}
	r.reportAt(column, i)
}

func (r *Record) reportAt(column string, i issue.Issue) {
	i.Row, i.Line, i.Column = r.Row, r.Line, column
	r.Issues = append(r.Issues, i)
}
