package directory

import (
	"context"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"muster/internal/mailaddr"
)

// Owner tells whose an address is.
type Owner struct {
	Kind    string // primary, alias, reserved or former
	UserID  ID
	Primary string // the owning user's primary address
	Role    string // of the owning user
	Org     string
	Until   time.Time // of a former address: when it may be given out again
}

// The kinds of address.
const (
	KindPrimary  = "primary"
	KindAlias    = "alias"
	KindReserved = "reserved"
	KindFormer   = "former"
)

// LocalKey is a local id in its organisation; PersonKey a name in one. Both are
// folded.
type (
	LocalKey  struct{ Org, ID string }
	PersonKey struct{ Org, Person string }
)

// Query names all that judging a batch of records needs to know.
type Query struct {
	IDs      []ID
	Keys     []string // of addresses
	LocalIDs []LocalKey
	Leavers  []string // folded local ids, in whatever organisation
	Persons  []PersonKey
}

// Snapshot is the answer to a Query.
type Snapshot struct {
	Users   map[ID]*User // all whom the query names, with their lists
	Owners  map[string]Owner
	Locals  map[LocalKey]ID
	Leavers map[string][]Leaver
	Persons map[PersonKey]string // address of an existing user of that name
}

// Leaver is a user in leaver state, as found by local id.
type Leaver struct{ Org, LastName string }

// Reader is what the rules read.
type Reader interface {
	// Catalog returns the organisations, domains and groups as they are now.
	Catalog(context.Context) (*Catalog, error)
	// Snapshot answers a query; unknown things are missing from the answer.
	Snapshot(context.Context, Query) (*Snapshot, error)
	// Taken tells which of the address keys are not free.
	Taken(context.Context, []string) (map[string]bool, error)
}

// fold returns the form in which texts are compared: NFC, case folded, outer
// blanks gone and inner ones reduced to one.
func fold(s string) string {
	if isASCII(s) {
		s = strings.ToLower(s)
	} else {
		s = cases.Fold().String(norm.NFC.String(s))
	}
	if tidy(s) {
		return s
	}
	return strings.Join(strings.Fields(s), " ")
}

// tidy reports whether all blanks of a text are single ones within it, as they mostly
// are.
func tidy(s string) bool {
	blank := s != ""
	for _, r := range s {
		if !unicode.IsSpace(r) {
			blank = false
			continue
		}
		if blank || r != ' ' {
			return false
		}
		blank = true
	}
	return !blank
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// Fold is the form in which names are compared.
func Fold(s string) string { return fold(s) }

// person is the folded name by which people are told apart.
func person(first, last string) string {
	if first == "" && last == "" {
		return ""
	}
	return fold(first + " " + last)
}

// Person returns the folded name of a user, as the database keeps it.
func (u *User) Person() string { return person(u.Values[First], u.Values[Last]) }

func addressKey(s string) (string, bool) {
	a, err := mailaddr.Parse(s)
	return a.Key(), err == nil
}
