package importer

import (
	"time"

	"muster/internal/directory"
	"muster/internal/issue"
	"muster/internal/table"
)

// State tells how far an import is.
type State string

// The states of an import.
const (
	Planning  State = "planning"
	Planned   State = "planned"
	Refused   State = "refused"
	Hashing   State = "hashing"
	Applying  State = "applying"
	Applied   State = "applied"
	Undoing   State = "undoing"
	Undone    State = "undone"
	Cancelled State = "cancelled"
	Lapsed    State = "lapsed"
)

// Outcome tells what became of a row.
type Outcome string

// The outcomes of a row.
const (
	Created   Outcome = "created"
	Updated   Outcome = "updated"
	Unchanged Outcome = "unchanged"
	Leaver    Outcome = "leaver"
	Joined    Outcome = "joined"
	Discarded Outcome = "discarded"
	LeftOut   Outcome = "left_out"
	Failed    Outcome = "failed"
	Pending   Outcome = "pending"

	Reversed     Outcome = "reversed"
	Kept         Outcome = "kept"
	Irreversible Outcome = "irreversible"
)

// outcomes are what actions come to when all goes as planned.
var outcomes = map[directory.Action]Outcome{
	directory.Create: Created, directory.Update: Updated, directory.Unchanged: Unchanged, directory.MarkLeft: Leaver,
	directory.Join: Joined, directory.Discard: Discarded, directory.Refuse: LeftOut,
}

// Options are what whoever uploads a file chooses. A blank is found out, or
// left to the format.
type Options struct {
	Format     string `json:"format,omitempty"`
	Encoding   string `json:"encoding,omitempty"`
	Delimiter  string `json:"delimiter,omitempty"` // comma, semicolon, tab or pipe
	Sheet      string `json:"sheet,omitempty"`     // name or number of a workbook's sheet
	Org        string `json:"org,omitempty"`
	Domain     string `json:"domain,omitempty"`
	Group      string `json:"group,omitempty"`      // path of the group that every user joins
	GroupMode  string `json:"group_mode,omitempty"` // add or replace
	UploadOnly bool   `json:"upload_only,omitempty"`
	Note       string `json:"note,omitempty"`
	Mode       string `json:"mode,omitempty"` // strict or partial
	Notify     string `json:"notify,omitempty"`
	SkipHeader bool   `json:"skip_header,omitempty"` // of a format without headings: the first line is no row
	Unattended bool   `json:"unattended,omitempty"`  // nobody looks at the plan: it is made anew if another import comes between

	SetPasswords      bool `json:"set_passwords,omitempty"`
	GeneratePasswords bool `json:"generate_passwords,omitempty"`
}

// Import is one uploaded file with its options, plan and outcome. It is the
// record of all that is known about the work: nothing about a running import
// lives in memory only.
type Import struct {
	Number      int64  `json:"-"`
	State       State  `json:"-"`
	Org         string `json:"-"` // in whose name it runs, and who may see it
	Fingerprint string `json:"-"` // HMAC of the file
	Next        int64  `json:"-"` // how far apply is; see Import.reached
	Lease       int64  `json:"-"` // of whoever works on it; 0 is nobody

	Options    Options           `json:"options"`
	Directory  directory.Options `json:"directory"` // the same, looked up
	Planner    directory.Actor   `json:"planner"`
	Notified   directory.ID      `json:"notified"` // the user whom Options.Notify names
	Applier    directory.Actor   `json:"applier"`
	File       string            `json:"file"`
	Bytes      int64             `json:"bytes"`
	Format     string            `json:"format"`
	FormatText string            `json:"format_text,omitempty"` // where the format is a text: it, as the plan saw it
	Strict     bool              `json:"strict"`
	Table      table.Info        `json:"table"`
	Headings   []string          `json:"headings"`

	Rows               int64                      `json:"rows"`
	Counts             map[directory.Action]int64 `json:"counts"`   // rows by their action, but for those left out
	Warnings           int64                      `json:"warnings"` // rows that bear one
	Issues             int64                      `json:"issues"`
	Generated          bool                       `json:"generated"` // addresses were generated
	GeneratedPasswords int64                      `json:"generated_passwords"`
	Summary            Summary                    `json:"summary"`
	Touched            map[string]int64           `json:"touched"`     // existing users changed, by organisation
	Unusual            bool                       `json:"unusual"`     // so many that applying needs a confirmation
	Secrets            int64                      `json:"secrets"`     // supplied passwords to hash
	Hashed             int64                      `json:"hashed"`      // of them
	HashNext           int64                      `json:"hash_next"`   // the first row whose password nobody is hashing
	Removed            int64                      `json:"removed"`     // members whom replacing a group takes out; users among them are touched
	Leaving            string                     `json:"leaving"`     // who these members are, as a digest
	FileIssues         []issue.Issue              `json:"file_issues"` // of the file as a whole: why it was refused, or what is worth knowing
	SameAs             int64                      `json:"same_as"`     // an earlier import of the very same file
	Stamp              int64                      `json:"stamp"`       // of the catalog that the plan saw
	Steps              int64                      `json:"steps"`       // transactions of the planning at hand
	Ended              int64                      `json:"ended"`       // how many imports had ended when planning began
	LateNext           int64                      `json:"late_next"`   // the first late row that is not finished
	Wanted             bool                       `json:"wanted"`      // to be applied by Applier as soon as it is planned
	Confirm            int64                      `json:"confirm"`     // what Applier has confirmed, for then
	Told               State                      `json:"told"`        // the last state of which notices were given

	Revision int64             `json:"revision"`  // how often the plan was revised
	SetAside int64             `json:"set_aside"` // rows that somebody has left out
	Outcomes map[Outcome]int64 `json:"outcomes"`

	CreatedAt time.Time `json:"created_at"`
	PlannedAt time.Time `json:"planned_at"`
	LapsesAt  time.Time `json:"lapses_at"`
	AppliedAt time.Time `json:"applied_at"` // when apply began
	EndedAt   time.Time `json:"ended_at"`

	Undoer           directory.Actor `json:"undoer"`
	UndoAt           time.Time       `json:"undo_at"`           // when undo began
	UndoneAt         time.Time       `json:"undone_at"`         // when it was done
	UndoNext         int64           `json:"undo_next"`         // the row that undo comes to next, from the last to the first
	UndoMember       directory.ID    `json:"undo_member"`       // entry of the last member who was put back into the group
	UndoneAttributes []string        `json:"undone_attributes"` // names of attributes that users may have lost
}

// Row is one row of an import: what the file said and what is to be done.
type Row struct {
	Row, Line int
	Action    directory.Action
	UserID    directory.ID
	Version   int64    // of the user, as the plan saw it
	Late      bool     // names users of the same file; its delegates are set at the end
	Cells     []string // as in the file; passwords are blank
	Changes   []directory.Change
	Issues    []issue.Issue
	Outcome   Outcome // blank: what the action says, once reached
}

// reached reports whether apply has passed a row.
func (i *Import) reached(row int) bool { return int64(row) < i.Next }

// OutcomeOf tells what became of a row.
func (i *Import) OutcomeOf(r *Row) Outcome {
	switch {
	case r.Outcome != "":
		return r.Outcome
	case r.Action == directory.Refuse, i.applyOver() && !i.reached(r.Row):
		return LeftOut
	case i.reached(r.Row) && i.tookBack(r):
		return Reversed
	case i.reached(r.Row):
		return outcomes[r.Action]
	}
	return Pending
}

// applyOver reports whether apply will reach no further row.
func (i *Import) applyOver() bool { return i.Finished() || i.State == Undoing }

// OutcomeCounts returns how many rows came to what; the sum is always Rows.
func (i *Import) OutcomeCounts() map[Outcome]int64 {
	counts := map[Outcome]int64{}
	sum := int64(0)
	for outcome, n := range i.Outcomes {
		counts[outcome] = n
		sum += n
	}
	rest := Pending
	if i.applyOver() {
		rest = LeftOut
	}
	counts[rest] += i.Rows - sum
	return counts
}

// countIssues counts the issues that a row has got beside those it had.
func (i *Import) countIssues(before, after []issue.Issue) {
	i.Issues += int64(len(after) - len(before))
	if hasWarning(after) && !hasWarning(before) {
		i.Warnings++
	}
}

// countLeftOut counts the rows that the plan does not carry out.
func (i *Import) countLeftOut() {
	if delete(i.Outcomes, LeftOut); i.Counts[directory.Refuse]+i.SetAside > 0 {
		i.Outcomes[LeftOut] = i.Counts[directory.Refuse] + i.SetAside
	}
}

// ConfirmCount is the number of existing users that the plan changes.
func (i *Import) ConfirmCount() (n int64) {
	for _, touched := range i.Touched {
		n += touched
	}
	return n
}

// Finished reports whether there is nothing left to do.
func (i *Import) Finished() bool {
	switch i.State {
	case Planning, Planned, Hashing, Applying, Undoing:
		return false
	}
	return true
}

// Address returns the address that the row's user has once it is applied, where
// the plan sets it.
func (r *Row) Address() string {
	for _, c := range r.Changes {
		if c.Field == directory.Address.Spec().Name {
			return c.New
		}
	}
	return ""
}
