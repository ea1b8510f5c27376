package importer

import (
	"context"
	"errors"
	"time"

	"muster/internal/directory"
	"muster/internal/issue"
)

// Claim is something that a row wants for itself.
type Claim struct {
	Key string
	Row int
}

// Conflict is a claim that another row has made before.
type Conflict struct {
	Claim
	Other int // the row that has it
	Line  int // where that row begins; 0 where the row is not kept yet
}

// ErrClash tells that the database has already what may be there only once, or
// lacks what it would refer to.
var ErrClash = errors.New("the database does not take it")

// Secret is a sealed password of a row.
type Secret struct {
	Row    int
	Kind   string
	Sealed []byte
	Until  time.Time // when it is destroyed; zero: with the stage that uses it
}

// The kinds of secret.
const (
	Supplied  = "supplied"  // as the file had it, until it is hashed
	Hashed    = "hash"      // to be stored when the row is applied
	Generated = "generated" // for the results
	Aside     = "aside"     // all of a row that is not carried out, in case it is mended, as JSON
	Former    = "former"    // the password that an undo puts back, as JSON

	AccountGiven  = "account"        // passwords of an e-mail account, until the row is applied, as JSON
	AccountFormer = "former account" // those that an undo puts back
)

// Store is what the importer needs of the database.
type Store interface {
	directory.Reader
	// AddImport keeps a new import and gives it the next number.
	AddImport(context.Context, *Import) error
	// Import returns an import, or nil where there is none of this number.
	Import(ctx context.Context, number int64) (*Import, error)
	// Imports calls f for each import of a lower number, the latest first.
	Imports(ctx context.Context, before int64, f func(*Import) error) error
	// Planned calls f for each import in the state planned.
	Planned(ctx context.Context, f func(*Import) error) error
	// SecretsDue tells whether the time of a secret is over.
	SecretsDue(ctx context.Context, now time.Time) (bool, error)
	// Same returns the numbers of the imports of the same file, the latest first.
	Same(ctx context.Context, fingerprint string) ([]int64, error)
	// AddUpload keeps a part of the file, sealed.
	AddUpload(ctx context.Context, number int64, part int, sealed []byte) error
	// Upload returns a part of the file, or nil after the last.
	Upload(ctx context.Context, number int64, part int) ([]byte, error)
	// Rows calls f for each row of an import from a row on, in their order; at most
	// limit rows, where that is not 0.
	Rows(ctx context.Context, number int64, from, limit int, f func(*Row) error) error
	// RowsOf is Rows for some of them.
	RowsOf(ctx context.Context, number int64, of RowsOf, from, limit int, f func(*Row) error) error
	// Addresses returns the primary addresses of those users whose organisations are
	// covered.
	Addresses(ctx context.Context, users []directory.ID, covered func(org string) bool) (map[directory.ID]string, error)
	// RowUsers is Rows without cells, changes and issues.
	RowUsers(ctx context.Context, number int64, from, limit int, f func(*Row) error) error
	// IssueRows calls f for at most limit rows of an import that bear an issue.
	IssueRows(ctx context.Context, number int64, limit int, f func(*Row) error) error
	// Secrets returns at most limit secrets of one kind, of the rows from … to.
	Secrets(ctx context.Context, number int64, kind string, from, to, limit int) ([]Secret, error)
	// Claimed tells which of the keys rows of an import have claimed, and which rows.
	Claimed(ctx context.Context, number int64, keys []string) (map[string]int, error)
	// Lease takes the lease of an import, which says who works on it; it is 0 where
	// somebody else who lives has it.
	Lease(ctx context.Context, number int64) (lease int64, err error)
	// KeepLease says that its holder is still there.
	KeepLease(ctx context.Context, number, lease int64) error
	// EndLease gives it back.
	EndLease(ctx context.Context, number, lease int64) error
	// Spent returns a finished import that still has claims; 0 where there is none.
	Spent(context.Context) (int64, error)
	// Formats returns the formats that organisations have of their own.
	Formats(context.Context) ([]directory.FormatText, error)
	// UserCounts counts the existing users of each organisation.
	UserCounts(ctx context.Context) (map[string]int64, error)
	undoReader
	// WriteImport runs f in one transaction that no other writer can come between.
	WriteImport(ctx context.Context, f func(Tx) error) error
	// WriteStep is WriteImport for one of many steps: a power failure may take the
	// last ones back, together.
	WriteStep(ctx context.Context, f func(Tx) error) error
	// Passing reports whether an error means that the database is gone for now and
	// may come back by itself, or that a transaction has been broken off because of
	// others: what was being done may be begun again.
	Passing(err error) bool
}

// Tx is one transaction on an import and the directory together: users are
// changed and their rows marked in one.
type Tx interface {
	directory.Tx
	Import(ctx context.Context, number int64) (*Import, error)
	// Attribute returns the name of an attribute as it is written; "" where there is none.
	Attribute(ctx context.Context, name string) (string, error)
	SaveImport(context.Context, *Import) error
	AddRows(ctx context.Context, number int64, rows []*Row) error
	SaveRow(ctx context.Context, number int64, row *Row) error
	Rows(ctx context.Context, number int64, from, limit int, f func(*Row) error) error
	RowUsers(ctx context.Context, number int64, from, limit int, f func(*Row) error) error
	// IssueRows calls f for at most limit rows of an import that bear an issue.
	IssueRows(ctx context.Context, number int64, limit int, f func(*Row) error) error
	LateRows(ctx context.Context, number int64, from, limit int, f func(*Row) error) error
	// Versions returns the versions of users; of those who are not there, none.
	Versions(context.Context, []directory.ID) (map[directory.ID]int64, error)
	// Same returns the numbers of the imports of the same file, the latest first.
	Same(ctx context.Context, fingerprint string) ([]int64, error)
	// Claimed tells which of the keys rows of an import have claimed, and which rows.
	Claimed(ctx context.Context, number int64, keys []string) (map[string]int, error)
	// Unfinished returns the other imports that are planned or being applied, but
	// for those of the same file.
	Unfinished(context.Context, *Import) ([]*Import, error)
	// Ended counts the imports that were applied, cancelled or undone; AddEnded
	// counts one more.
	Ended(context.Context) (int64, error)
	AddEnded(context.Context) error
	// Rivals returns the imports that are being applied by somebody who lives and
	// that have a claim of this one too; all of them, where that is asked.
	Rivals(ctx context.Context, number int64, all bool) ([]int64, error)
	// Unclaim gives up what a row has claimed.
	Unclaim(ctx context.Context, number int64, row int) error
	// Claim makes the claims that nobody of the same import has, and returns the others.
	Claim(ctx context.Context, number int64, claims []Claim) ([]Conflict, error)
	Secrets(ctx context.Context, number int64, kind string, from, to, limit int) ([]Secret, error)
	AddSecrets(ctx context.Context, number int64, secrets []Secret) error
	DeleteSecrets(ctx context.Context, number int64, kind string, from, to int) error
	// ExpireSecrets destroys all secrets whose time is over.
	ExpireSecrets(ctx context.Context, now time.Time) error
	// Clear deletes what an import no longer needs: its upload, claims or rows.
	Clear(ctx context.Context, number int64, what ...Part) error
	// ClearSome deletes some of a part, and tells whether there may be more.
	ClearSome(ctx context.Context, number int64, what Part) (more bool, err error)
	// CatalogStamp tells whether a catalog is still what the database has.
	CatalogStamp(context.Context) (int64, error)
	// Password returns a user's present password.
	Password(ctx context.Context, user directory.ID) (directory.StoredPassword, error)
	undoTx
	// Members calls f for each member of a group; DeleteMember takes one out.
	Members(ctx context.Context, group directory.ID, f func(directory.Member) error) error
	DeleteMember(ctx context.Context, group directory.ID, m directory.Member) error
}

// Part is a part of what is kept of an import.
type Part string

// The parts that Clear deletes.
const (
	UploadPart  Part = "import_uploads"
	ClaimsPart  Part = "import_claims"
	RowsPart    Part = "import_rows"
	SecretsPart Part = "import_secrets"
)

// Progress tells how far a stage is.
type Progress struct {
	Stage string // what is being done: "reading", "hashing" …
	Done  int64
	Total int64 // 0: not known
}

// The problems of an import as a whole.
var (
	ImportUnknown = issue.NewError("import-unknown", "There is no import of this number.", "Look it up with muster imports.")
	FormatUnclear = issue.NewError("format-unclear", "More than one format fits the file.", "Choose one of the formats in the message with --format.")
	FileTooLong   = issue.NewError("too-many-rows", "The file has more rows than the format takes.", "Split the file, or take a format without this limit.")
	Duplicate     = issue.NewError("duplicate-in-file", "An earlier row of the file is about the same person, or wants the same address or local id.",
		"Keep one of the two rows.")
	NotApplicable = issue.NewError("not-applicable", "The import is not in a state in which it can be applied.", "Plan the file again.")
	StrictErrors  = issue.NewError("errors-in-strict-mode", "The plan has rows in error, and the import is all or nothing.",
		"Mend the rows and plan the file again, or plan it with --partial (API: mode=partial).")
	NeedsConfirm   = issue.NewError("needs-confirmation", "The plan would change unusually many existing users.", "Look at the plan; if it is right, repeat the number in the message with --confirm (API: as confirm).")
	PlanLapsed     = issue.NewError("plan-lapsed", "The plan was not applied in time.", "Plan the file again.")
	NothingDone    = issue.NewError("nothing-to-apply", "Every row of the plan is in error.", "Mend the rows and plan the file again.")
	NotCancelled   = issue.NewError("not-cancellable", "The import is finished.", "Look at what became of it with muster show.")
	Interrupted    = issue.NewError("interrupted", "The work was interrupted.", "Go on with muster resume (API: POST /imports/N/resume).")
	OptionWrong    = issue.NewError("option-wrong", "An option does not fit.", "See muster plan --help.")
	GroupNotFound  = issue.NewError("group-not-found", "There is no group of this path to import into.", "Look it up with muster group list.")
	TakenOver      = issue.NewError("taken-over", "Another process works on the import.", "Look at how far it is with muster show.")
	MembersChanged = issue.NewError("members-changed", "The members of the group that is to be replaced have changed since the plan.", "Plan the file again.")
	NotTaken       = issue.NewError("not-taken", "The database refused the row.", "Plan the failed rows again; if it stays so, look into the log of the server.")
	AlsoElsewhere  = issue.NewWarning("also-in-import", "The row changes somebody whom another import, not finished yet, is to change too.",
		"Look at the other one with muster show; cancel the one that is not wanted, or apply that first which is to count less.")
	SameFile     = issue.NewWarning("same-file", "The very same file is planned already, and not applied.", "Apply one of the two, and cancel the other.")
	DelegateLost = issue.NewWarning("delegate-not-set", "The row that would have made the delegate was not applied.", "Create the delegate, then set it with muster user set.")
)
