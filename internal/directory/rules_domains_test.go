package directory_test

import (
	"strings"
	"testing"

	"muster/internal/directory"
	"muster/internal/importer/importertest"
	"muster/internal/issue"
	"muster/internal/password"
)

// expectCode checks which issue an error is; "" is none.
func expectCode(t *testing.T, name string, err error, want string) {
	t.Helper()
	got := ""
	if err != nil {
		got = err.Error()
	}
	for _, c := range issue.All() {
		if c.Is(err) {
			got = c.Name
		}
	}
	if got != want {
		t.Errorf("%s: %q, want %q (%v)", name, got, want, err)
	}
}

func TestDomains(t *testing.T) {
	w := importertest.New(t)
	s, op, ctx := w.Directory, importertest.Operator, t.Context()
	w.Add("anna@example.org", "RX1")
	domain := func(name string) directory.Domain {
		return directory.Domain{Name: name, Org: "rx1", Validation: "known"}
	}
	odd := domain("odd.example")
	odd.Validation = "none"
	for _, c := range []struct {
		name string
		do   func() error
		want string
	}{
		{"added", func() error { return s.AddDomain(ctx, op, domain("Ward.Example")) }, ""},
		{"twice", func() error { return s.AddDomain(ctx, op, domain("ward.example")) }, "domain-exists"},
		{"no name", func() error { return s.AddDomain(ctx, op, domain("ward..example")) }, "domain-invalid"},
		{"unknown organisation", func() error { return s.AddDomain(ctx, op, directory.Domain{Name: "x.example", Org: "RX9"}) }, "organisation-unknown"},
		{"no validation of that name", func() error { return s.AddDomain(ctx, op, odd) }, "setting-wrong"},
		{"set", func() error {
			return s.SetDomain(ctx, op, "WARD.example", func(d *directory.Domain) { d.Validation, d.Org = "any", "MASTER" })
		}, ""},
		{"set wrongly", func() error {
			return s.SetDomain(ctx, op, "ward.example", func(d *directory.Domain) { d.Validation = "none" })
		}, "setting-wrong"},
		{"set unknown", func() error { return s.SetDomain(ctx, op, "wrad.example", func(*directory.Domain) {}) }, "domain-not-found"},
		{"in use", func() error { return s.DeleteDomain(ctx, op, "example.org") }, "domain-in-use"},
	} {
		expectCode(t, c.name, c.do(), c.want)
	}
	catalog, _ := s.Catalog(ctx, op)
	if d, _ := catalog.Domain("ward.example"); d == nil || *d != (directory.Domain{Name: "ward.example", Org: "RX1", Validation: "any"}) {
		t.Errorf("the domain is %+v; whose it is cannot be set", d)
	}
	expectCode(t, "deleted", s.DeleteDomain(ctx, op, "ward.example"), "")
	expectCode(t, "its reserved addresses went with it", s.AddDomain(ctx, op, domain("ward.example")), "")
}

func TestOrganisations(t *testing.T) {
	w := importertest.New(t)
	s, op, ctx := w.Directory, importertest.Operator, t.Context()
	w.Org("RX2", directory.Master)
	w.Domain("two.example", "RX2")
	set := func(edit func(*directory.Settings)) func() error {
		return func() error {
			return s.SetOrganisation(ctx, op, "rx1", func(o *directory.Organisation) { edit(&o.Settings) })
		}
	}
	add := func(code, parent string) func() error {
		return func() error {
			return s.AddOrganisation(ctx, op, directory.Organisation{Code: code, Name: code, Parent: parent})
		}
	}
	for _, c := range []struct {
		name string
		do   func() error
		want string
	}{
		{"added below", add("rx1a", "rx1"), ""},
		{"twice", add("RX1A", "RX1"), "organisation-exists"},
		{"odd code", add("R X", "RX1"), "organisation-code"},
		{"long code", add(strings.Repeat("X", 21), "RX1"), "organisation-code"},
		{"below nothing", add("RX3", "RX9"), "organisation-unknown"},
		{"set unknown", func() error { return s.SetOrganisation(ctx, op, "RX9", func(*directory.Organisation) {}) }, "organisation-unknown"},
		{"moved", func() error {
			return s.SetOrganisation(ctx, op, "RX1A", func(o *directory.Organisation) { o.Code, o.Parent, o.Name = "RX7", "RX2", "Ward" })
		}, ""},
		{"unknown domain", set(func(s *directory.Settings) { s.DefaultDomain = "exmaple.org" }), "domain-unknown"},
		{"domain of others", set(func(s *directory.Settings) { s.DefaultDomain = "two.example" }), "domain-not-usable"},
		{"pattern", set(func(s *directory.Settings) { s.AddressPattern = "{nick}" }), "pattern-invalid"},
		{"passwords", set(func(s *directory.Settings) { s.Passwords = "fax" }), "setting-wrong"},
		{"country", set(func(s *directory.Settings) { s.Country = "Wales" }), "setting-wrong"},
		{"less than nothing", set(func(s *directory.Settings) { s.MailboxGB = -1 }), "setting-wrong"},
		{"policy that nothing fits", set(func(s *directory.Settings) { s.Policy = &password.Policy{MinLength: 12, MaxLength: 8} }), "setting-wrong"},
		{"in use", func() error { return s.DeleteOrganisation(ctx, op, "RX1") }, "organisation-in-use"},
		{"the root", func() error { return s.DeleteOrganisation(ctx, op, directory.Master) }, "organisation-in-use"},
	} {
		expectCode(t, c.name, c.do(), c.want)
	}
	catalog, _ := s.Catalog(ctx, op)
	if o, ok := catalog.Organisation("rx1a"); !ok || o.Parent != "RX1" || o.Name != "Ward" {
		t.Errorf("the organisation is %+v; its place cannot be set", o)
	}
	expectCode(t, "deleted", s.DeleteOrganisation(ctx, op, "rx1a"), "")
}

// A setting that an organisation leaves blank is that of the nearest above.
func TestSettingsAreInherited(t *testing.T) {
	w := importertest.New(t)
	w.Org("RX1A", "RX1")
	w.Settings("RX1", func(s *directory.Settings) { s.MailboxGB, s.Country = 8, "DE" })
	w.Settings("RX1A", func(s *directory.Settings) { s.Country = "FR" })
	catalog, err := w.Directory.Catalog(t.Context(), importertest.Operator)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		org     string
		gb      int
		country string
	}{{"MASTER", 4, "GB"}, {"RX1", 8, "DE"}, {"RX1A", 8, "FR"}} {
		if s := catalog.Settings(c.org); s.MailboxGB != c.gb || s.Country != c.country {
			t.Errorf("%s: %d GB, %s; want %d, %s", c.org, s.MailboxGB, s.Country, c.gb, c.country)
		}
	}
}
