package directory_test

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"muster/internal/directory"
	"muster/internal/importer"
	"muster/internal/importer/importertest"
	"muster/internal/password"
)

// history returns what Service.History tells of a user.
func history(t *testing.T, w *importertest.World, address string) (list []string) {
	t.Helper()
	err := w.Directory.History(t.Context(), importertest.Operator, address, func(e directory.Entry) error {
		list = append(list, e.Action+" "+strings.Join(changesOf(&directory.Verdict{Changes: e.Changes}), "; "))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// Every change bears who, when, by which door, and by which import and row.
func TestEveryChangeOfAUserStandsInTheHistory(t *testing.T) {
	w := importertest.New(t)
	w.Add("anna@example.org", "RX1")
	helper := directory.Actor{Address: "helper@example.org", Role: "Helpdesk", Org: "RX1", Door: "console"}
	before := w.Now
	_, _, err := w.Directory.SetUser(t.Context(), helper, record("address", "anna@example.org", "password", good))
	if err != nil {
		t.Fatal(err)
	}
	after := w.Now
	w.Apply(w.Plan("address,title,password\nanna@example.org,Dr,\n", importer.Options{Format: "muster", Org: "RX1"}))

	var entries []directory.Entry
	keep := func(e directory.Entry) error { entries = append(entries, e); return nil }
	if err := w.Directory.History(t.Context(), importertest.Operator, "anna@example.org", keep); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		got = append(got, fmt.Sprintf("%s %s by %s at %s, import %d row %d", e.Action, e.Changes[0].Field, e.Actor, e.Door, e.Import, e.Row))
	}
	want := p("update title by operator at test, import 1 row 1", "update password by helper@example.org at console, import 0 row 0",
		"create org by operator at test, import 0 row 0")
	if !slices.Equal(got, want) {
		t.Errorf("history %q, want %q", got, want)
	}
	if at := entries[1].At; !at.After(before) || at.After(after) {
		t.Errorf("set at %v, not between %v and %v", at, before, after)
	}
	if shown := history(t, w, "anna@example.org")[1]; shown != "update password: - → (set)" {
		t.Errorf("the history of a password says %q", shown)
	}
	if dump := w.List(`SELECT changes FROM history`); strings.Contains(dump, good) || strings.Contains(dump, "{ARGON2ID}") {
		t.Error("the history holds a password or a hash")
	}
}

func put(s *directory.Service, actor directory.Actor, text string) error {
	_, err := s.PutFormat(context.Background(), actor, directory.FormatText{Org: "RX1", Name: "staff", Text: text})
	return err
}

// What concerns no user stands in the history under its name, from what to what.
func TestEveryChangeOfTheCatalogStandsInTheHistory(t *testing.T) {
	w := importertest.New(t)
	s, ctx := w.Directory, context.Background()
	actor := directory.Actor{Address: "master@example.org", Role: "Master", Org: directory.Master, Door: "console"}
	policy := password.DefaultPolicy()
	w.Settings("RX1", func(s *directory.Settings) { before := policy; s.Policy = &before })
	w.Add("anna@example.org", "RX1")
	policy.MinLength = 14
	for _, c := range []struct {
		want string
		do   func() error
	}{
		{`organisation RX2 add [["mailbox_gb","","8"],["name","","Two"],["parent","","MASTER"]]`, func() error {
			o := directory.Organisation{Code: "RX2", Name: "Two", Parent: directory.Master}
			o.Settings.MailboxGB = 8
			return s.AddOrganisation(ctx, actor, o)
		}},
		{`organisation RX2 set [["address_pattern","","{last}"],["mailbox_gb","8",""],["name","Two","Second"]]`, func() error {
			return s.SetOrganisation(ctx, actor, "RX2", func(o *directory.Organisation) {
				o.Name, o.Settings.MailboxGB, o.Settings.AddressPattern = "Second", 0, "{last}"
			})
		}},
		{`organisation RX2 delete [["address_pattern","{last}",""],["name","Second",""],["parent","MASTER",""]]`, func() error {
			return s.DeleteOrganisation(ctx, actor, "RX2")
		}},
		{`organisation RX1 set [["policy.min_length","10","14"]]`, func() error {
			return s.SetOrganisation(ctx, actor, "RX1", func(o *directory.Organisation) { o.Settings.Policy = &policy })
		}},
		{`domain two.example add [["auto_create","","false"],["closed","","false"],["org","","RX1"],["validation","","known"]]`, func() error {
			return s.AddDomain(ctx, actor, directory.Domain{Name: "two.example", Org: "RX1", Validation: "known"})
		}},
		{`domain two.example set [["closed","false","true"],["validation","known","any"]]`, func() error {
			return s.SetDomain(ctx, actor, "two.example", func(d *directory.Domain) { d.Validation, d.Closed = "any", true })
		}},
		{`domain two.example delete [["auto_create","false",""],["closed","true",""],["org","RX1",""],["validation","any",""]]`, func() error { return s.DeleteDomain(ctx, actor, "two.example") }},
		{`format staff of organisation RX1 add [["text","","one"]]`, func() error { return put(s, actor, "one") }},
		{`format staff of organisation RX1 add [["text","","one"]]`, func() error { return put(s, actor, "one") }}, // no change, no entry
		{`format staff of organisation RX1 set [["text","one","two"]]`, func() error { return put(s, actor, "two") }},
		{`format staff of organisation RX1 delete [["text","two",""]]`, func() error { return s.DeleteFormat(ctx, actor, "rx1", "STAFF") }},
		{`group Wards add [["path","","Wards"]]`, func() error { return s.AddGroup(ctx, actor, "RX1", "Wards") }},
		{`group Wards add member [["member","","x@elsewhere.net"],["note","","lead","x@elsewhere.net"]]`, func() error { return s.AddMember(ctx, actor, "RX1", "Wards", "x@elsewhere.net", new("lead")) }},
		{`group Wards set member [["note","lead","deputy","x@elsewhere.net"]]`, func() error { return s.AddMember(ctx, actor, "RX1", "Wards", "x@elsewhere.net", new("deputy")) }},
		{`group Wards set member [["note","lead","deputy","x@elsewhere.net"]]`, func() error { // nothing changes, so no entry follows
			return s.AddMember(ctx, actor, "RX1", "Wards", "x@elsewhere.net", new("deputy"))
		}},
		{`group Wards delete member [["member","x@elsewhere.net",""],["note","deputy",""]]`, func() error { return s.DeleteMember(ctx, actor, "RX1", "Wards", "x@elsewhere.net") }},
		{`group Wards add member [["member","","anna@example.org"],["note","","lead","anna@example.org"]]`, func() error { return s.AddMember(ctx, actor, "RX1", "Wards", "anna@example.org", new("lead")) }},
		{`group Wards set [["path","Wards","Units"]]`, func() error { return s.RenameGroup(ctx, actor, "RX1", "wards", "Units") }},
		{`group Theatres add [["path","","Theatres"]]`, func() error { return s.AddGroup(ctx, actor, "RX1", "Theatres") }},
		{`group Units set [["path","Units","Theatres/Units"]]`, func() error { return s.MoveGroup(ctx, actor, "RX1", "Units", "Theatres") }},
		{`group Theatres/Units set [["path","Theatres/Units","Units"]]`, func() error { return s.MoveGroup(ctx, actor, "RX1", "Theatres/Units", "") }},
		{`group Units delete member [["member","anna@example.org",""],["note","lead",""]]`, func() error { return s.DeleteMember(ctx, actor, "RX1", "Units", "anna@example.org") }},
		{`group Units delete [["path","Units",""]]`, func() error { return s.DeleteGroup(ctx, actor, "RX1", "Units") }},
	} {
		if err := c.do(); err != nil {
			t.Fatalf("%s: %v", c.want, err)
		}
		const last = `SELECT subject || ' ' || action || ' ' || changes || ' by ' || actor || ' at ' || door FROM history ORDER BY id DESC LIMIT 1`
		if got := column(w, last); got != c.want+" by master@example.org at console" {
			t.Errorf("history %q, want %q", got, c.want)
		}
	}
}

// Whoever has HistoryRead reads what belongs to their organisations: of a user who moved,
// what was there in their time, and the move itself; of an organisation that was deleted,
// nothing, whoever has its code now.
func TestWhoseHistoryItIs(t *testing.T) {
	w := importertest.New(t)
	s, ctx := w.Directory, context.Background()
	w.Org("RX2", directory.Master)
	w.Domain("two.example", directory.Master)
	w.Add("anna@two.example", "RX1")
	w.Set("anna@two.example", "title", "Dr")
	w.Set("anna@two.example", "org", "RX2")
	w.Set("anna@two.example", "title", "Prof")
	w.Org("RX3", "RX1")
	w.Group("RX3", "Wards")
	for _, do := range []func() error{
		func() error { return s.DeleteGroup(ctx, importertest.Operator, "RX3", "Wards") },
		func() error { return s.DeleteOrganisation(ctx, importertest.Operator, "RX3") },
		func() error {
			return s.AddOrganisation(ctx, importertest.Operator, directory.Organisation{Code: "RX3", Parent: "RX2"})
		},
		func() error { return s.AddGroup(ctx, importertest.Operator, "RX3", "Night") },
		func() error {
			return s.Note(ctx, importertest.Operator, directory.BackupsMake, "database", "backup")
		},
	} {
		if err := do(); err != nil {
			t.Fatal(err)
		}
	}
	move := "anna@two.example update RX1 RX2"
	two := []string{"group Night add RX3 ", "organisation RX3 add RX2 ", "anna@two.example update RX2 ", move}
	one := []string{"organisation RX3 delete RX1 ", "organisation RX3 add RX1 ", move, "anna@two.example update RX1 ", "anna@two.example create RX1 ", "domain example.org add RX1 "}
	for _, c := range []struct {
		org    string
		filter directory.HistoryFilter
		want   []string
	}{
		{"RX2", directory.HistoryFilter{}, two},
		{"RX1", directory.HistoryFilter{}, one},
		{directory.Master, directory.HistoryFilter{Org: "rx2"}, two},
		{"RX1", directory.HistoryFilter{Limit: 2}, one[:2]},
		{"RX1", directory.HistoryFilter{Actor: "operator", Door: "test", User: w.User("anna@two.example").ID}, one[2:5]},
		{"RX1", directory.HistoryFilter{Actor: "anna@two.example"}, nil},
		{"RX1", directory.HistoryFilter{Since: w.Now.Add(time.Second)}, nil},
		{"RX1", directory.HistoryFilter{Until: w.Now.Add(time.Second)}, one},
		{"RX1", directory.HistoryFilter{Import: 1}, nil},
		{"RX3", directory.HistoryFilter{}, two[:1]},
		{directory.Master, directory.HistoryFilter{Limit: 1}, []string{"database backup MASTER "}},
	} {
		var got []string
		actor := directory.Actor{Address: "auditor@example.org", Role: "Auditor", Org: c.org}
		err := s.Entries(ctx, actor, c.filter, func(e directory.Entry) error {
			got = append(got, cmp.Or(e.Address, e.Subject)+" "+e.Action+" "+strings.TrimPrefix(e.FormerOrg+" "+e.Org, " ")+map[bool]string{true: " "}[e.FormerOrg == ""])
			return nil
		})
		if err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%s, %+v: %q, want %q (%v)", c.org, c.filter, got, c.want, err)
		}
	}
	if err := s.Entries(ctx, directory.Actor{Role: "Auditor", Org: "RX1"}, directory.HistoryFilter{Org: "RX2"}, nil); err == nil {
		t.Error("the history of another organisation is read")
	}
	oldest := ""
	err := s.Entries(ctx, importertest.Operator, directory.HistoryFilter{OldestFirst: true, Limit: 1}, func(e directory.Entry) error { oldest = e.Subject; return nil })
	if err != nil || oldest != "organisation RX1" {
		t.Errorf("the oldest is %q, %v", oldest, err)
	}
}

// A history longer than what is read at a time is told whole, each entry once.
func TestALongHistory(t *testing.T) {
	w := importertest.New(t)
	var b strings.Builder
	b.WriteString("address\n")
	for i := range 2500 {
		fmt.Fprintf(&b, "user%d@example.org\n", i)
	}
	w.Apply(w.Plan(b.String(), importer.Options{Format: "muster", Org: "RX1"}))
	for _, oldestFirst := range []bool{false, true} {
		var ids []string
		err := w.Directory.Entries(t.Context(), importertest.Operator, directory.HistoryFilter{Import: 1, OldestFirst: oldestFirst}, func(e directory.Entry) error {
			ids = append(ids, e.ID.String())
			if len(e.Changes) == 0 {
				t.Errorf("%s has no changes", e.Address)
			}
			return nil
		})
		if !oldestFirst {
			slices.Reverse(ids)
		}
		if all := len(ids); err != nil || !slices.IsSorted(ids) || len(slices.Compact(ids)) != all || all != 2500 {
			t.Errorf("%d entries, %v", all, err)
		}
	}
}

// onlyRead are the operations that change nothing but what the actor has read; all others
// leave an entry of who did it, at which door, and whose it is.
var onlyRead = []string{"Notices", "UnreadNotices", "ReadNotices", "May", "User", "Users", "ExportUsers", "History", "Entries", "Members", "Attributes", "Formats", "Groups", "Domains", "Organisations", "Catalog"}

func TestEveryOperationLeavesAnEntry(t *testing.T) {
	w := importertest.New(t)
	n := 0
	for name, do := range operations {
		n++
		actor := directory.Actor{ID: directory.NewID(), Address: fmt.Sprintf("actor%d@example.org", n), Role: "Master", Org: directory.Master, Door: "test"}
		if err := do(&attempt{World: w, actor: actor, org: "RX1", domain: "example.org", n: n}); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		entries := 0
		err := w.Directory.Entries(t.Context(), importertest.Operator, directory.HistoryFilter{Actor: actor.Address, Door: "test"}, func(e directory.Entry) error {
			if entries++; e.Org == "" || e.Action == "" || e.UserID.IsZero() == (e.Subject == "") {
				t.Errorf("%s left %+v", name, e)
			}
			return nil
		})
		method, _, _ := strings.Cut(name, "/")
		if want := !slices.Contains(onlyRead, method); err != nil || entries > 0 != want {
			t.Errorf("%s left %d entries (%v)", name, entries, err)
		}
	}
}
