package wronginput

import (
	"bytes"
	"fmt"
	"strings"

	"muster/internal/format"
	"muster/internal/importer"
	"muster/internal/table"
)

// wrong is a file that is wrong, or right for once.
type wrong struct {
	file    string
	options importer.Options
	by      string        // whoever plans it; the operator
	setup   string        // one of setups
	made    func() []byte // makes a file that is not kept, because it is too long or made by Muster
}

func in(format, file string) wrong {
	return wrong{file: file, options: importer.Options{Format: format}}
}
func connect(file string) wrong { return in("mimecast-connect", file).into("RX1") }
func spreadsheet(file string) wrong {
	return in("mimecast-spreadsheet", file).into("RX1")
}
func nhsmail(file string) wrong  { return in("nhsmail", file) }
func nhsmail1(file string) wrong { return in("nhsmail1", file) }
func muster(file string) wrong   { return in("muster", file).into("RX1") }
func detected(file string) wrong { return in("", file) }

func (c wrong) skippingHeader() wrong { c.options.SkipHeader = true; return c }

func (c wrong) into(org string) wrong         { c.options.Org = org; return c }
func (c wrong) as(address string) wrong       { c.by = address; return c }
func (c wrong) where(setup string) wrong      { c.setup = setup; return c }
func (c wrong) encoding(name string) wrong    { c.options.Encoding = name; return c }
func (c wrong) delimiter(name string) wrong   { c.options.Delimiter = name; return c }
func (c wrong) sheet(name string) wrong       { c.options.Sheet = name; return c }
func (c wrong) settingPasswords() wrong       { c.options.SetPasswords = true; return c }
func (c wrong) from(made func() []byte) wrong { c.made = made; return c }

const (
	full   = "fay.full@example.org"
	basic  = "bea.basic@example.org"
	master = "mary.master@group.example"
)

var cases = []wrong{
	// What kind of file it is.
	detected("kind-empty.csv"),
	detected("kind-blank-lines.csv"),
	detected("kind-bom-only.csv"),
	detected("kind-headings-only.csv"),
	detected("kind-html.xls"),
	detected("kind-xhtml.csv"),
	detected("kind-xml-spreadsheet.xls"),
	detected("kind-xml.csv"),
	detected("kind-xls.csv"),
	detected("kind-xlsx.xlsx"),
	detected("kind-xlsx-named-csv.csv"),
	muster("kind-xlsx-named-xls.xls").from(workbook(people)),
	muster("kind-csv-named-xlsx.xlsx").from(text("address,name\nmia.stone@example.org,Mia Stone\n")),
	muster("kind-xlsx-cut.xlsx").from(cutOff),
	muster("kind-xlsx-bomb.xlsx").from(bomb),
	muster("kind-xlsx-encrypted.xlsx").from(encrypted),
	muster("kind-xlsb.xlsx").from(archive("xl/workbook.bin", "")),
	muster("right-staff.xls"),
	muster("kind-xls-encrypted.xls").from(older("encrypted-rc4.xls")),
	muster("kind-xls-95.xls").from(older("excel95.xls")),
	muster("kind-xls-word.xls").from(older("word.doc")),
	connect("kind-xlsx-connect.xlsx").from(workbook(sheet{"Sheet1", [][]any{{"Email"}, {"mia.stone@example.org"}}})),

	// What is wrong with a workbook's sheets and cells.
	muster("sheet-unknown.xlsx").sheet("Staf").from(workbook(people)),
	muster("sheet-unknown-number.xlsx").sheet("2").from(workbook(people)),
	muster("sheet-of-csv.csv").sheet("Staff").from(text("address,name\n")),
	muster("sheet-chosen.xlsx").from(workbook(sheet{"Read me", [][]any{{"Fill in the next sheet"}}}, people, sheet{"Old", [][]any{{"address"}, {"x"}}})),
	muster("sheet-none-fits.xlsx").from(workbook(sheet{"Read me", [][]any{{"Fill in the next sheet"}}}, sheet{"Staff", [][]any{{"address", "nme"}}})),
	muster("sheet-blank.xlsx").from(workbook(sheet{"Sheet1", nil})),
	muster("sheet-columns.xlsx").from(workbook(sheet{"Sheet1", [][]any{{"address"}, make([]any, 300), append(make([]any, 299), "x")}})),
	muster("sheet-cells.xlsx").from(cells),
	detected("kind-docx.csv"),
	detected("kind-ods.csv"),
	detected("kind-zip.csv"),
	detected("kind-json-list.json").from(text(`[{"address":"mia.stone@example.org"}]`)),
	muster("json-lines.jsonl").from(text(`{"address":"mia.stone@example.org","aliases":"mia@example.org"}
{"address":"noah.stone@example.org"
{"address":"eva.stone@example.org","name":{"first":"Eva"},"notes":"a\u0000b"}
`)),
	detected("json-heading.jsonl").into("RX1").from(text(`{"address":"mia.stone@example.org","nme":"Mia Stone"}`)),
	connect("json-connect.jsonl").from(text(`{"Email":"mia.stone@example.org"}`)),
	detected("kind-pdf.csv"),
	detected("kind-png.csv"),
	detected("kind-gzip.csv"),
	detected("kind-rtf.csv"),
	detected("kind-binary.csv"),
	detected("kind-utf16-truncated.csv"),
	detected("kind-utf32.csv"),

	// What Excel has damaged.
	muster("excel-damage.csv"),
	muster("damaged-texts.csv"),

	// In which charset.
	connect("charset-pound-connect.csv"),
	muster("charset-pound.csv"),
	muster("charset-accents-1252.csv"),
	muster("charset-accents-mac.csv"),
	muster("charset-accents-cp850.csv"),
	muster("charset-shift-jis.csv"),
	muster("charset-utf8-cut.csv"),
	muster("charset-utf8-mixed.csv"),
	muster("charset-undefined-byte.csv").encoding("windows-1252"),
	muster("charset-encoding-unknown.csv").encoding("ebcdic"),
	connect("charset-encoding-refused.csv").encoding("windows-1252"),
	connect("charset-utf16-no-mark-connect.csv"),
	connect("charset-utf16-connect.csv"),
	detected("charset-pound-connect-detected.csv"),
	detected("headings-nearly-connect.csv"),
	detected("headings-nearly-muster.csv"),
	detected("headings-nearly-nhsmail.csv"),
	detected("charset-1252-detected-connect.csv").into("RX1").encoding("windows-1252"),
	muster("charset-utf16-lone-surrogate.csv"),

	// Where cells and rows end.
	muster("delimiter-unknown.csv").delimiter("colon"),
	muster("delimiter-chosen-wrongly.csv").delimiter("semicolon"),
	muster("delimiter-comma-in-cell.csv"),
	muster("delimiter-comma-in-cell-password.csv"),
	muster("delimiter-sep-line.csv"),
	muster("quote-unclosed.csv"),
	muster("quote-unclosed-last-line.csv"),
	muster("quote-unclosed-far.csv"),
	muster("quote-unclosed-password.csv"),
	muster("quote-stray.csv"),
	muster("quote-goes-on.csv"),
	muster("quote-in-headings.csv"),
	muster("quote-line-break-before.csv"),
	muster("quote-line-break-crlf.csv"),
	muster("quote-line-end-cr.csv"),
	muster("character-control.csv"),
	muster("character-nul.csv"),
	muster("character-c1.csv"),
	muster("character-control-in-address.csv"),
	muster("size-cell.csv"),
	muster("size-columns.csv"),
	muster("size-columns-of-row.csv"),
	muster("size-rows.csv").where("at most 3 rows"),
	connect("size-connect-501.csv"),
	nhsmail1("size-nhsmail-10001.csv").from(tenThousandAndOne),

	// Headings.
	connect("headings-connect-misspelt.csv"),
	connect("headings-connect-missing.csv"),
	connect("headings-connect-twice.csv"),
	connect("headings-connect-extra.csv"),
	connect("headings-connect-alias.csv"),
	connect("headings-connect-none.csv"),
	connect("headings-connect-blank.csv"),
	spreadsheet("headings-spreadsheet-case.csv"),
	spreadsheet("headings-spreadsheet-none.csv"),
	spreadsheet("headings-spreadsheet-no-name.csv"),
	spreadsheet("headings-spreadsheet-password-apart.csv"),
	spreadsheet("headings-spreadsheet-twice.csv"),
	spreadsheet("headings-spreadsheet-nearly.csv"),
	spreadsheet("taken-directory-user-spreadsheet.csv"),
	spreadsheet("headings-spreadsheet-further-down.xlsx").from(workbook(sheet{"Starters", [][]any{{"Starters of August"}, {}, {nil, nil, nil, "email", "name", "password", "pop", "alias1", "Shoe Size"},
		{"Total", 2}, {nil, nil, "x", "mia.stone@example.org", "Mia Stone", "Quartz-Meadow-41", true, "m.stone@example.org", 38}}})),
	nhsmail("headings-nhsmail-misspelt.csv"),
	nhsmail("headings-nhsmail-surname.csv"),
	nhsmail("headings-nhsmail-missing.csv"),
	nhsmail("headings-nhsmail-twice.csv"),
	nhsmail("headings-nhsmail-order.csv"),
	nhsmail("headings-nhsmail-extra.csv"),
	nhsmail("headings-nhsmail-none.csv"),
	nhsmail1("headings-nhsmail1-order.csv"),
	nhsmail1("headings-nhsmail1-missing.csv"),
	muster("headings-muster-misspelt.csv"),
	muster("headings-password-misspelt.csv"),
	muster("headings-not-quoted-secret.csv"),
	muster("headings-muster-no-identity.csv"),
	muster("headings-muster-twice.csv"),
	muster("headings-muster-attribute.csv"),
	muster("headings-muster-attribute-blank.csv"),
	muster("headings-muster-alias0.csv"),
	muster("headings-muster-many.csv"),
	muster("headings-after-a-title.csv"),
	detected("headings-none-fits.csv"),

	// Cells.
	muster("cell-flag.csv"),
	connect("cell-flag-connect.csv"),
	muster("cell-number.csv"),
	muster("cell-choice.csv"),
	muster("cell-long.csv"),
	muster("cell-long-address.csv"),
	muster("cell-line-break.csv"),
	muster("cell-line-break-in-address.csv"),
	muster("cell-attribute-name.csv"),
	connect("cell-blank-connect.csv"),
	nhsmail("cell-blank-nhsmail.csv"),
	muster("cell-blank-identity.csv"),
	nhsmail("cell-clear-required.csv"),
	muster("cell-clear-fixed.csv"),
	muster("cell-clear-address.csv"),
	muster("cell-clear-misplaced.csv"),
	muster("cell-beyond-headings.csv"),
	muster("cell-all-wrong.csv"),
	nhsmail("cell-all-wrong-nhsmail.csv"),

	// Addresses and their domains.
	muster("address-shapes.csv"),
	connect("address-slips-connect.csv"),
	muster("address-trimmed.csv"),
	muster("address-invisible.csv"),
	muster("address-idn.csv"),
	muster("address-alias-wrong.csv"),
	muster("domain-unknown.csv"),
	connect("domain-unknown-connect.csv"),
	muster("domain-of-other-organisation.csv"),
	muster("domain-closed.csv"),
	muster("domain-of-alias.csv"),
	nhsmail("domain-not-chosen.csv"),
	muster("domain-in-two-scripts.csv"),

	// Organisations.
	muster("organisation-forgotten.csv").into(""),
	muster("organisation-unknown.csv"),
	nhsmail("organisation-unknown-nhsmail.csv"),
	muster("organisation-not-yours.csv").as(full),
	nhsmail("organisation-other.csv"),
	muster("organisation-move-not-allowed.csv").as(full),

	// Whose an address, an id or a local id is.
	muster("taken-alias-as-address.csv"),
	connect("taken-alias-as-address-connect.csv"),
	muster("taken-reserved.csv"),
	muster("taken-former.csv"),
	muster("taken-deleted-user.csv"),
	muster("taken-by-alias-column.csv"),
	muster("taken-rename.csv"),
	muster("taken-rename-domain.csv"),
	muster("rename-of-nobody.csv"),
	muster("taken-local-id.csv"),
	muster("taken-local-id-elsewhere-named.csv").into("MASTER"),
	muster("found-with-other-address.csv"),
	muster("found-two-users.csv"),
	nhsmail("found-two-users-nhsmail.csv"),
	muster("id-unknown.csv"),
	nhsmail("id-not-found.csv"),

	// Twice in the file.
	muster("twice-address.csv"),
	connect("twice-connect.csv"),
	muster("twice-existing-user.csv"),
	nhsmail("twice-local-id.csv"),
	nhsmail("twice-local-id-existing.csv"),
	muster("twice-alias.csv"),
	muster("twice-alias-and-address.csv"),
	muster("twice-three-times.csv"),
	muster("twice-first-in-error.csv"),
	muster("twice-rename.csv"),

	// Status, leavers and joiners, and what the NHSmail files do not do.
	muster("status-wrong.csv"),
	nhsmail("status-wrong-nhsmail.csv"),
	nhsmail("status-leaver-unknown.csv"),
	muster("status-deleted-unknown.csv"),
	nhsmail("joiner-taken-over.csv"),
	muster("joiner-taken-back.csv"),
	nhsmail("joiner-other-name.csv"),
	nhsmail("joiner-local-id-only.csv"),
	nhsmail("joiner-own-leaver-no-id.csv"),
	nhsmail("joiner-not-yours.csv").as(full),
	nhsmail("name-like-existing.csv"),
	nhsmail("name-not-latin-letters.csv"),
	nhsmail("unit-kept.csv"),
	nhsmail("mailbox-too-large.csv"),
	nhsmail("mobile-not-uk.csv"),
	nhsmail1("mobile-not-uk-nhsmail1.csv"),

	// Administrators, and what is not for everybody.
	muster("delete-administrator.csv"),
	muster("delete-directory-user.csv"),
	muster("own-account.csv").as(full),
	muster("own-account-deleted.csv").as(full),
	muster("own-account-demoted.csv").as(master),
	muster("protected-administrator.csv").as(basic).settingPasswords(),
	muster("role-left-out.csv"),
	muster("role-not-by-file.csv"),
	muster("role-not-by-you.csv").as(full),
	muster("role-of-leaver.csv"),

	// Aliases, delegates and groups.
	muster("alias-is-address.csv"),
	muster("delegate-wrong.csv"),
	muster("delegate-not-yours.csv").as(full),
	muster("delegate-protected.csv").as(basic),
	muster("delegate-row-in-error.csv"),
	muster("group-unknown.csv"),
	muster("group-of-other-organisation.csv"),
	muster("group-read-only.csv"),
	muster("group-not-yours.csv").as(full),

	// Passwords and hashes.
	muster("password-short.csv"),
	connect("password-short-connect.csv"),
	muster("password-long.csv"),
	muster("password-blank-inside.csv"),
	muster("password-contains-name.csv"),
	muster("password-common.csv"),
	muster("password-undefined.csv"),
	muster("password-classes.csv").where("three kinds of characters"),
	muster("password-breached.csv").where("breached passwords"),
	muster("password-breach-unread.csv").where("unreadable breached passwords"),
	muster("password-many-faults.csv").where("three kinds of characters"),
	muster("password-application.csv"),
	muster("password-passed-over.csv"),
	nhsmail("password-passed-over-nhsmail.csv"),
	connect("password-flag-passed-over-connect.csv"),
	muster("password-of-existing-short.csv").settingPasswords(),
	muster("password-and-hash.csv"),
	muster("hash-unknown.csv"),
	muster("hash-bounds.csv"),
	muster("hash-broken.csv"),
	muster("hash-for-administrator.csv").as(basic).settingPasswords(),

	// What Excel does.
	muster("excel-trailing-columns.csv"),
	muster("excel-mark-and-semicolons.csv"),
	muster("excel-unicode-text.csv"),
	muster("excel-apostrophes.csv"),
	muster("excel-mark-twice.csv"),

	// A results file, mended but in part.
	nhsmail("results-still-wrong.csv"),

	// Files of other systems.
	in("google-workspace", "google-unsafe-hash.csv").into("RX1"),
	in("google-workspace", "google-status.csv").into("RX1"),
	in("google-workspace", "google-headings.csv").into("RX1"),
	in("microsoft-365", "microsoft-no-display-name.csv").into("RX1"),
	in("microsoft-365", "microsoft-password.csv").into("RX1"),

	// Files without headings.
	in("miradore-email", "positions-email.csv"),
	in("miradore-exchange", "positions-exchange.csv"),
	in("miradore-users", "positions-users.csv").into("RX1"),
	in("miradore-email", "positions-headings.csv"),
	in("miradore-exchange", "positions-delimiter.csv").delimiter("comma"),
	muster("positions-headings-skipped.csv").skippingHeader(),
	detected("positions-email-detected.csv"),
	detected("positions-exchange-detected.csv"),
	detected("positions-users-detected.csv"),

	// Right files.
	in("google-workspace", "right-sample-google.csv").into("RX1").from(sample("google-workspace")),
	in("microsoft-365", "right-sample-microsoft.csv").into("RX1").from(sample("microsoft-365")),
	in("miradore-email", "right-sample-miradore-email.csv").from(sample("miradore-email")).where("users of the templates"),
	in("miradore-exchange", "right-sample-miradore-exchange.csv").from(sample("miradore-exchange")).where("users of the templates"),
	in("miradore-users", "right-sample-miradore-users.csv").from(sample("miradore-users")).into("RX1"),
	in("miradore-email", "right-miradore-email.csv"),
	in("miradore-email", "right-miradore-headings-skipped.csv").skippingHeader(),
	connect("right-sample-connect.csv").from(sample("mimecast-connect")),
	nhsmail("right-sample-nhsmail.csv").from(sample("nhsmail")),
	nhsmail1("right-sample-nhsmail1.csv").from(sample("nhsmail1")),
	muster("right-sample-muster.csv").from(sample("muster")),
	connect("right-connect.csv"),
	connect("right-connect-other-order.csv"),
	connect("right-connect-pound-utf8.csv"),
	connect("right-connect-500.csv"),
	nhsmail("right-nhsmail.csv"),
	nhsmail("right-nhsmail-forgiven-headings.csv"),
	nhsmail("right-nhsmail-no-password.csv"),
	nhsmail("right-nhsmail-leaver.csv"),
	nhsmail("right-nhsmail-results.csv"),
	nhsmail1("right-nhsmail1.csv"),
	detected("right-muster.csv"),
	muster("right-muster-existing.csv"),
	muster("right-muster-utf16.csv"),
	muster("right-muster-1252.csv").encoding("windows-1252"),
	muster("right-muster-pipes.csv"),
	muster("right-muster-export-columns.csv"),
	muster("right-muster-alias-twice-in-row.csv"),
}

// sample makes the template of a format.
func sample(name string) func() []byte {
	return func() []byte {
		f, err := format.Named(name)
		if err != nil {
			return nil
		}
		var b bytes.Buffer
		if err := f.Sample(&b, table.CSV); err != nil {
			return nil
		}
		return b.Bytes()
	}
}

// tenThousandAndOne makes a file one row longer than the portal takes.
func tenThousandAndOne() []byte {
	var b strings.Builder
	b.WriteString("Title,First Name,Surname,Organisation Code,Department,Job Title,Telephone,Mobile,Local ID\n")
	for i := range 10_001 {
		fmt.Fprintf(&b, ",Mia,Stone,RX1,,,,,S%d\n", 1000+i)
	}
	return []byte(b.String())
}
