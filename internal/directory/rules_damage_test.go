package directory_test

import (
	"testing"

	"muster/internal/directory"
	"muster/internal/importer/importertest"
)

func TestDamagedTexts(t *testing.T) {
	proves(t, []sentence{
		{rule: "Excel-damage warnings, each with a suggestion: lost leading zeros",
			cases: []example{
				{name: "ten figures", record: p("address", "ann@example.org", "telephone", "1632960101"), action: directory.Create, issues: p("excel-zero@telephone"), says: "01632960101?"},
				{name: "a mobile", record: p("address", "ann@example.org", "mobile", "7400123456"), action: directory.Create, issues: p("excel-zero@mobile"), says: "07400123456?"},
				{name: "with its zero", record: p("address", "ann@example.org", "telephone", "01632960101"), action: directory.Create},
				{name: "as a person writes it", record: p("address", "ann@example.org", "telephone", "1632 960101"), action: directory.Create},
				{name: "an extension", record: p("address", "ann@example.org", "telephone", "4711"), action: directory.Create},
				{name: "abroad", record: p("address", "ann@example.org", "telephone", "+12025550123"), action: directory.Create},
			}},
		{rule: "mojibake",
			cases: []example{
				{name: "an accent", record: p("address", "ann@example.org", "name", "RenÃ© Ocampo"), action: directory.Create, issues: p("mojibake@name"), says: "René Ocampo?"},
				{name: "an apostrophe", record: p("address", "ann@example.org", "last", "Oâ€™Malley"), action: directory.Create, issues: p("mojibake@last"), says: "O’Malley?"},
				{name: "an attribute", record: p("address", "ann@example.org", "attr.Room", "TÃ¼r 3"), action: directory.Create, issues: p("mojibake@attr.Room"), says: "Tür 3?"},
				{name: "an accent as it should be", record: p("address", "ann@example.org", "name", "René Ocampo"), action: directory.Create},
				{name: "a capital Ã before a letter", record: p("address", "ann@example.org", "name", "JOÃO"), action: directory.Create},
				{name: "another script", record: p("address", "ann@example.org", "name", "王小明"), action: directory.Create},
			}},
		{rule: "smart quotes in addresses, look-alike letters",
			given: func(w *importertest.World) { w.Add("jo’hara@example.org", "RX1") },
			cases: []example{
				{name: "an apostrophe", record: p("address", "o’malley@example.org"), action: directory.Create, issues: p("address-typeset@address"), says: "o'malley@example.org?"},
				{name: "an alias", record: p("address", "ann@example.org", "alias", "аnn.lee@example.org"), action: directory.Create, issues: p("address-typeset@alias"), says: "ann.lee@example.org?"},
				{name: "one that somebody has already", record: p("address", "jo’hara@example.org"), action: directory.Unchanged},
				{name: "a domain", record: p("address", "ann@ехample.org"), action: directory.Refuse, issues: p("domain-unknown@address"), says: "look like Latin ones: example.org?"},
				{name: "all in one alphabet", record: p("address", "анна@example.org"), action: directory.Create},
			}},
	})
}
