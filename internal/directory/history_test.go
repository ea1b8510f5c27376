package directory_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

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
		{`group Wards add member [["member","","x@elsewhere.net"],["note","","lead","x@elsewhere.net"]]`, func() error { return s.AddMember(ctx, actor, "RX1", "Wards", "x@elsewhere.net", "lead") }},
		{`group Wards set member [["note","lead","deputy","x@elsewhere.net"]]`, func() error { return s.AddMember(ctx, actor, "RX1", "Wards", "x@elsewhere.net", "deputy") }},
		{`group Wards set member [["note","lead","deputy","x@elsewhere.net"]]`, func() error { // nothing changes, so no entry follows
			return s.AddMember(ctx, actor, "RX1", "Wards", "x@elsewhere.net", "deputy")
		}},
		{`group Wards delete member [["member","x@elsewhere.net",""],["note","deputy",""]]`, func() error { return s.DeleteMember(ctx, actor, "RX1", "Wards", "x@elsewhere.net") }},
		{`group Wards add member [["member","","anna@example.org"],["note","","lead","anna@example.org"]]`, func() error { return s.AddMember(ctx, actor, "RX1", "Wards", "anna@example.org", "lead") }},
		{`group Wards set [["path","Wards","Units"]]`, func() error { return s.RenameGroup(ctx, actor, "RX1", "wards", "Units") }},
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
