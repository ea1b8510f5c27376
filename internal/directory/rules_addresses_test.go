package directory_test

import (
	"strings"
	"testing"

	"muster/internal/directory"
	"muster/internal/importer/importertest"
)

func TestAddresses(t *testing.T) {
	proves(t, []sentence{
		{rule: "an address is a dot-atom of RFC 5321, or a letter of another script (RFC 6531); a quoted local part is refused",
			cases: []example{
				{name: "plain", record: p("address", "anna@example.org"), action: directory.Create, has: p("address: - → anna@example.org")},
				{name: "other script", record: p("address", "jürgen@example.org"), action: directory.Create, has: p("address: - → jürgen@example.org")},
				{name: "quoted", record: p("address", `"a b"@example.org`), action: directory.Refuse, issues: p("address-invalid@address")},
				{name: "two full stops", record: p("address", "a..b@example.org"), action: directory.Refuse, issues: p("address-invalid@address")},
				{name: "no local part", record: p("address", "@example.org"), action: directory.Refuse, issues: p("address-invalid@address")},
				{name: "no domain", record: p("address", "a@"), action: directory.Refuse, issues: p("address-invalid@address")},
				{name: "two at signs", record: p("address", "a@b@example.org"), action: directory.Refuse, issues: p("address-invalid@address")},
				{name: "64 octets", record: p("address", strings.Repeat("a", 64)+"@example.org"), action: directory.Create},
				{name: "65 octets", record: p("address", strings.Repeat("a", 65)+"@example.org"), action: directory.Refuse, issues: p("address-invalid@address")},
			}},
		{rule: "the domain is kept as A-label and shown as U-label (IDNA2008)",
			given: func(w *importertest.World) { w.Domain("bücher.example", "RX1") },
			cases: []example{
				{name: "U-label", record: p("address", "anna@bücher.example", "org", "RX1"), action: directory.Create,
					has: p("address: - → anna@xn--bcher-kva.example")},
				{name: "A-label", record: p("address", "anna@xn--bcher-kva.example", "org", "RX1"), action: directory.Create,
					has: p("address: - → anna@xn--bcher-kva.example")},
				{name: "shown", record: p("address", "anna@büchre.example", "org", "RX1"), action: directory.Refuse,
					issues: p("domain-unknown@address"), says: "büchre.example → bücher.example?"},
			}},
		{rule: "addresses are compared case-folded and in NFC",
			given: func(w *importertest.World) {
				w.Add("anna@example.org", "RX1")
				w.Add("josé@example.org", "RX1")
				w.Add("gross@example.org", "RX1")
			},
			cases: []example{
				{name: "case", record: p("address", "ANNA@Example.ORG", "title", "Dr"), action: directory.Update, changes: p("title: - → Dr")},
				{name: "NFC", record: p("address", "jose\u0301@example.org", "title", "Dr"), action: directory.Update, changes: p("title: - → Dr")},
				{name: "fold", record: p("address", "groß@example.org", "title", "Dr"), action: directory.Update, changes: p("title: - → Dr")},
				{name: "another spelling of the same address is no alias", by: "set", record: p("address", "gross@example.org", "alias", "groß@example.org"),
					action: directory.Unchanged, issues: p("alias-is-primary@alias")},
				{name: "changing the spelling keeps no alias", by: "set", record: p("address", "gross@example.org", "rename_to", "groß@example.org"),
					action: directory.Update, changes: p("address: gross@example.org → groß@example.org")},
				{name: "two spellings of one new alias", by: "set", record: p("address", "anna@example.org", "alias", "weiß@example.org", "alias", "weiss@example.org"),
					action: directory.Update, changes: p("alias: - → weiß@example.org")},
			}},
		{rule: "a user may have addresses in the domains of their organisation and of every one above it; a domain can be closed to those below",
			given: func(w *importertest.World) {
				w.Org("RX1A", "RX1")
				w.Org("RX2", directory.Master)
				w.Domain("ward.example", "RX1A")
				w.Domain("other.example", "RX2")
				w.Domain("closed.example", "RX1")
				write(w, `UPDATE domains SET closed = true WHERE name = 'closed.example'`)
				w.Add("anna@ward.example", "RX1A")
			},
			cases: []example{
				{name: "own", record: p("address", "b@ward.example", "org", "RX1A"), action: directory.Create},
				{name: "above", record: p("address", "b@example.org", "org", "RX1A"), action: directory.Create},
				{name: "below", record: p("address", "b@ward.example", "org", "RX1"), action: directory.Refuse, issues: p("domain-not-usable@address")},
				{name: "beside", record: p("address", "b@other.example", "org", "RX1A"), action: directory.Refuse, issues: p("domain-not-usable@address")},
				{name: "closed, own", record: p("address", "b@closed.example", "org", "RX1"), action: directory.Create},
				{name: "closed, below", record: p("address", "b@closed.example", "org", "RX1A"), action: directory.Refuse, issues: p("domain-not-usable@address")},
				{name: "alias beside", record: p("address", "anna@ward.example", "alias", "a@other.example"), action: directory.Refuse, issues: p("domain-not-usable@alias")},
				{name: "renamed beside", record: p("address", "anna@ward.example", "rename_to", "a@other.example"), action: directory.Refuse, issues: p("domain-not-usable@rename_to")},
			}},
		{rule: "an unknown domain is an error that suggests the nearest known one",
			cases: []example{
				{name: "near", record: p("address", "anna@exmaple.org"), action: directory.Refuse, issues: p("domain-unknown@address"), says: "exmaple.org → example.org?"},
				{name: "far", record: p("address", "anna@elsewhere.net"), action: directory.Refuse, issues: p("domain-unknown@address"), says: "elsewhere.net is not in the directory"},
			}},
		{rule: "primaries, aliases and reserved addresses share one namespace, and a clash names who has it and as what",
			given: func(w *importertest.World) {
				w.Add("anna@example.org", "RX1", "alias", "a@example.org")
				w.Add("ben@example.org", "RX1")
				write(w, `INSERT INTO addresses (key, address, kind, until) VALUES ('old@example.org', 'old@example.org', 'former', 1790000000000000)`)
			},
			cases: []example{
				{name: "alias is a primary", record: p("address", "ben@example.org", "alias", "anna@example.org"), action: directory.Refuse,
					issues: p("address-taken@alias"), says: "anna@example.org is the primary address of a user of organisation RX1"},
				{name: "alias is an alias", record: p("address", "ben@example.org", "alias", "a@example.org"), action: directory.Refuse,
					issues: p("address-taken@alias"), says: "a@example.org is an alias of anna@example.org"},
				{name: "alias is reserved", record: p("address", "ben@example.org", "alias", "postmaster@example.org"), action: directory.Refuse,
					issues: p("address-taken@alias"), says: "reserved for the administrators of RX1"},
				{name: "new address is an alias", record: p("address", "ben@example.org", "rename_to", "a@example.org"), action: directory.Refuse,
					issues: p("address-taken@rename_to"), says: "a@example.org is an alias of anna@example.org"},
				{name: "new user at an alias", by: "mimecast-connect", record: p("address", "a@example.org"), action: directory.Refuse,
					issues: p("address-is-alias@address"), says: "to mean that user, write anna@example.org"},
				{name: "new user at a reserved address", record: p("address", "abuse@example.org"), action: directory.Refuse,
					issues: p("address-taken@address"), says: "reserved for the administrators of RX1"},
				{name: "new user at a former address", record: p("address", "old@example.org"), action: directory.Refuse,
					issues: p("address-former@address"), says: "kept until 2026-09-21"},
				{name: "alias twice", record: p("address", "ben@example.org", "alias", "b@example.org", "alias", "B@example.org"),
					action: directory.Update, changes: p("alias: - → b@example.org")},
				{name: "new user with a taken alias", by: "add", record: p("address", "cara@example.org", "alias", "a@example.org"), action: directory.Refuse,
					issues: p("address-taken@alias")},
			}},
		{rule: "an address that is generated is first.last in the organisation's pattern, with the lowest free number from 2",
			given: func(w *importertest.World) {
				w.Org("RX1A", "RX1")
				w.Settings("RX1A", func(s *directory.Settings) { s.AddressPattern = "{f}{last}" })
				w.Add("john.smith@example.org", "RX1", "first", "John", "last", "Smith", "local_id", "1")
				w.Add("ann.lee@example.org", "RX1", "alias", "ann.lee2@example.org", "local_id", "2")
				write(w, `INSERT INTO addresses (key, address, kind, until) VALUES ('old.hand@example.org', 'old.hand@example.org', 'former', 1790000000000000)`)
			},
			cases: []example{
				{name: "free", by: "nhsmail", record: p("first", "Jane", "last", "Smith", "org", "RX1"), action: directory.Create, has: p("address: - → jane.smith@example.org")},
				{name: "pattern", by: "nhsmail", record: p("first", "Jane", "last", "Smith", "org", "RX1A"), action: directory.Create, has: p("address: - → jsmith@example.org")},
				{name: "accents, hyphens, apostrophes, blanks", by: "nhsmail", record: p("first", "Zoë Anne", "last", "O'Brien-Müller", "org", "RX1"),
					action: directory.Create, has: p("address: - → zoeanne.obrien-muller@example.org")},
				{name: "other scripts", by: "nhsmail", record: p("first", "Юрий", "last", "Иванов", "org", "RX1"), action: directory.Create, has: p("address: - → iurii.ivanov@example.org")},
				{name: "taken", by: "nhsmail", record: p("first", "John", "last", "Smith", "org", "RX1", "local_id", "9"), action: directory.Create, has: p("address: - → john.smith2@example.org")},
				{name: "number taken by an alias", by: "nhsmail", record: p("first", "Ann", "last", "Lee", "org", "RX1"), action: directory.Create, has: p("address: - → ann.lee3@example.org")},
				{name: "former address", by: "nhsmail", record: p("first", "Old", "last", "Hand", "org", "RX1"), action: directory.Create, has: p("address: - → old.hand2@example.org")},
				{name: "long names are cut to 64 octets", by: "nhsmail", record: p("first", strings.Repeat("a", 40), "last", strings.Repeat("b", 40), "org", "RX1"),
					action: directory.Create, has: p("address: - → " + strings.Repeat("a", 40) + "." + strings.Repeat("b", 23) + "@example.org")},
				{name: "no letters", by: "nhsmail", record: p("first", "?", "last", "!", "org", "RX1"), action: directory.Refuse, issues: p("address-not-generated@last")},
			}},
		{rule: "the domain of generated addresses is --domain, else the organisation's default, else that of the nearest above, else the only one that it can use",
			given: func(w *importertest.World) {
				w.Org("RX1A", "RX1")
				w.Org("RX3", directory.Master)
				w.Org("RX4", directory.Master)
				w.Org("RX5", directory.Master)
				w.Domain("two.example", "RX4")
				w.Domain("three.example", "RX4")
				w.Domain("five.example", "RX5")
				w.Domain("six.example", "RX5")
				w.Settings("RX5", func(s *directory.Settings) { s.DefaultDomain = "six.example" })
				w.Add("anna@five.example", "RX5", "local_id", "1")
			},
			cases: []example{
				{name: "the only one", by: "nhsmail", record: p("first", "A", "last", "B", "org", "RX1A"), action: directory.Create, has: p("address: - → a.b@example.org")},
				{name: "the default", by: "nhsmail", record: p("first", "A", "last", "B", "org", "RX5"), action: directory.Create, has: p("address: - → a.b@six.example")},
				{name: "--domain", by: "nhsmail", options: directory.Options{Domain: "five.example"}, record: p("first", "A", "last", "B", "org", "RX5"),
					action: directory.Create, has: p("address: - → a.b@five.example")},
				{name: "two to choose from", by: "nhsmail", record: p("first", "A", "last", "B", "org", "RX4"), action: directory.Refuse, issues: p("domain-not-chosen@")},
				{name: "none", by: "nhsmail", record: p("first", "A", "last", "B", "org", "RX3"), action: directory.Refuse, issues: p("domain-not-chosen@")},
				{name: "--domain of others", by: "nhsmail", options: directory.Options{Domain: "five.example"}, record: p("first", "A", "last", "B", "org", "RX4"),
					action: directory.Refuse, issues: p("domain-not-chosen@")},
				{name: "only rows that create need one", by: "nhsmail", options: directory.Options{Domain: "no.example"},
					record: p("first", "A", "last", "B", "org", "RX5", "local_id", "1"), action: directory.Update},
			}},
	})
}

// p is a list of texts: pairs of name and value, or expectations.
func p(texts ...string) []string { return texts }

// The numbers are right also among the rows of one file, and beside aliases
// that other rows give out.
func TestGeneratedAddressesOfOneFile(t *testing.T) {
	w := importertest.New(t)
	rules := directory.Rules{GenerateAddress: true, Origin: "import"}
	person := func(more ...string) *directory.Record {
		return record(append(p("first", "John", "last", "Smith", "org", "RX1"), more...)...)
	}
	verdicts := judgeAll(t, w, importertest.Operator, &rules, directory.Options{},
		person(), person(), person("alias", "john.smith@example.org"), person("alias", "john.smith4@example.org"))
	var got []string
	for _, v := range verdicts {
		got = append(got, v.Address)
	}
	want := "john.smith2@example.org john.smith3@example.org john.smith5@example.org john.smith6@example.org"
	if strings.Join(got, " ") != want {
		t.Errorf("addresses %q, want %q", got, want)
	}
}
