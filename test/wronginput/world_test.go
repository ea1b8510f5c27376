package wronginput

import (
	"context"
	"errors"
	"testing"

	"muster/internal/directory"
	"muster/internal/importer/importertest"
	"muster/internal/password"
)

// newWorld makes a Muster in which every rule can be broken.
//
//	MASTER          group.example; the group "All staff"; a Master
//	├─ RX1          example.org, board.example (closed), bücher.example; groups; administrators
//	│  └─ RX1A
//	└─ RX2          example.com
func newWorld(t *testing.T, setup string) *importertest.World {
	w := importertest.New(t)
	w.Org("RX1A", "RX1")
	w.Org("RX2", directory.Master)
	w.Domain("group.example", directory.Master)
	w.Domain("example.com", "RX2")
	w.Domain("bücher.example", "RX1")
	closed := directory.Domain{Name: "board.example", Org: "RX1", Validation: "known", Closed: true}
	if err := w.Directory.AddDomain(context.Background(), importertest.Operator, closed); err != nil {
		t.Fatal(err)
	}
	w.Settings("RX1", func(s *directory.Settings) { s.DefaultDomain = "example.org" })
	for _, path := range []string{"Wards", "Wards/Night", "Wards/Day", "Synced"} {
		w.Group("RX1", path)
	}
	w.Group(directory.Master, "All staff")
	addUsers(w)
	setups[setup](w)
	return w
}

func addUsers(w *importertest.World) {
	w.Add("anna.jones@example.org", "RX1", "first", "Anna", "last", "Jones", "local_id", "S1", "title", "Ms",
		"alias", "a.jones@example.org", "group", "Wards/Night")
	w.Add("ben.carter@example.org", "RX1", "first", "Ben", "last", "Carter", "local_id", "S2")
	w.Add("carol.price@example.com", "RX2", "first", "Carol", "last", "Price", "local_id", "S3")
	w.Add("dora.hughes@example.com", "RX2", "first", "Dora", "last", "Hughes", "local_id", "S4")
	w.Set("dora.hughes@example.com", "status", "leaver")
	w.Add("eve.lane@example.org", "RX1", "first", "Eve", "last", "Lane", "local_id", "S5")
	w.Set("eve.lane@example.org", "status", "leaver")
	w.Add("gwen.shaw@example.org", "RX1", "first", "Gwen", "last", "Shaw", "local_id", "S6")
	w.Set("gwen.shaw@example.org", "status", "deleted")
	w.Add("mary.master@group.example", directory.Master, "name", "Mary Master", "role", "Master")
	w.Add("fay.full@example.org", "RX1", "name", "Fay Full", "role", "Full")
	w.Add("bea.basic@example.org", "RX1", "name", "Bea Basic", "role", "Basic")
	w.Add("hal.help@example.org", "RX1", "name", "Hal Help", "role", "Helpdesk")
	w.Add("sid.synced@example.org", "RX1", "name", "Sid Synced")
	inDatabase(w,
		// What directory synchronisation and the clock will bring about.
		"UPDATE users SET origin = 'directory' WHERE address = 'sid.synced@example.org'",
		"UPDATE groups SET origin = 'directory' WHERE name = 'Synced'",
		"INSERT INTO addresses (key, address, kind, until) VALUES ('old.desk@example.org', 'old.desk@example.org', 'former', 1800000000000000)")
}

func inDatabase(w *importertest.World, statements ...string) {
	for _, s := range append(statements, "UPDATE facts SET value = CAST(CAST(value AS BIGINT) + 1 AS TEXT) WHERE name = 'catalog_stamp'") {
		w.Exec(s)
	}
}

// setups are what some cases need to be different.
var setups = map[string]func(*importertest.World){
	"": func(*importertest.World) {},
	"three kinds of characters": func(w *importertest.World) {
		policy := password.DefaultPolicy()
		policy.Classes = 3
		w.Settings("RX1", func(s *directory.Settings) { s.Policy = &policy })
	},
	"breached passwords":            func(w *importertest.World) { w.Importer.Breached = breaches{known: true} },
	"unreadable breached passwords": func(w *importertest.World) { w.Importer.Breached = breaches{err: errors.New("no such file")} },
	"users of the templates": func(w *importertest.World) {
		w.Add("amina.khan@example.org", "RX1")
		w.Add("rhys.bevan@example.org", "RX1")
	},
	"at most 3 rows": func(w *importertest.World) { w.Importer.Limits.Rows = 3 },
}

// breaches knows every password, none, or cannot tell.
type breaches struct {
	known bool
	err   error
}

func (b breaches) Contains(string) (bool, error) { return b.known, b.err }
