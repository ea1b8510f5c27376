package trouble

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"muster/test/desk"
)

// progress is how far the last import is.
type progress struct {
	Import   int
	State    string
	Rows     int
	Outcomes map[string]int
	hashed   int // supplied passwords of which a hash is kept
	waiting  int // supplied passwords that are not hashed
}

// look asks how far the last import is; a blank one where there is none after
// the one of a number.
func look(t *testing.T, d *desk.Desk, after int) (p progress) {
	t.Helper()
	if err := json.NewDecoder(strings.NewReader(d.Run("imports", "--json"))).Decode(&p); err != nil {
		t.Fatal(err)
	}
	if p.Import <= after {
		return progress{}
	}
	for pair := range query(t, d, `SELECT kind, count(*) FROM import_secrets WHERE kind IN ('supplied', 'hash') GROUP BY kind`) {
		fmt.Sscan(pair[1], map[string]*int{"hash": &p.hashed, "supplied": &p.waiting}[pair[0]])
	}
	return p
}

// stages are the states of an import that nobody ends, in their order.
var stages = []string{"", "planning", "planned", "hashing", "applying", "applied", "undoing", "undone"}

// mark is a number that only goes up while an import is worked on.
func (p progress) mark() int {
	within := map[string]int{"hashing": p.hashed, "applying": p.Rows - p.Outcomes["pending"], "undoing": p.Rows - p.undoable()}
	return slices.Index(stages, p.State)*100_000 + within[p.State]
}

// undoable is how many rows have changed something that was not undone.
func (p progress) undoable() int {
	return p.Outcomes["created"] + p.Outcomes["updated"] + p.Outcomes["leaver"] + p.Outcomes["joined"]
}

// The kinds of moment.
const (
	whilePlanning  = "while planning"
	whileHashing   = "while hashing"
	whileApplying  = "while applying"
	whileDelegates = "while setting delegates, all rows being done"
	whileJudging   = "while judging the undo"
	whileUndoing   = "while undoing"
	whileMembers   = "while ending the undo, all rows being undone"
	betweenStages  = "between stages"
)

var moments = []string{whilePlanning, whileHashing, whileApplying, whileDelegates, whileJudging, whileUndoing, whileMembers, betweenStages}

// moment tells what is going on, or goes on next.
func (p progress) moment() string {
	switch {
	case p.State == "" || p.State == "planning":
		return whilePlanning
	case p.State == "hashing":
		return whileHashing
	case p.State == "applying" && p.Outcomes["pending"] > 0:
		return whileApplying
	case p.State == "applying":
		return whileDelegates
	case p.State == "applied":
		return whileJudging
	case p.State == "undoing" && p.undoable() > 0:
		return whileUndoing
	case p.State == "undoing":
		return whileMembers
	}
	return betweenStages
}
