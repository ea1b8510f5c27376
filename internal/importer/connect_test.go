package importer_test

import (
	"fmt"
	"strings"
	"testing"

	"muster/internal/directory"
	"muster/internal/importer"
	"muster/internal/importer/importertest"
)

// connectWorld has Ann, who is a user with an alias, and a domain of another organisation.
func connectWorld(t *testing.T) *importertest.World {
	w := importertest.New(t)
	w.Org("RX2", directory.Master)
	w.Domain("other.example", "RX2")
	w.Add("ann@example.org", "RX1", "name", "Ann", "alias", "ann.lee@example.org")
	return w
}

func connectRows(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "p%d@example.org,P%d,,\n", i, i)
	}
	return b.String()
}

func TestConnectSentences(t *testing.T) {
	const head, new = "Email,Name,Password,Force Change Password\n", "create address:>new@example.org name:>New"
	for _, c := range []sentenceCase{
		{sentence: "you can do so manually … because: They don't exist in your directory.", file: head + "new@example.org,New,,\n", plan: new},
		{sentence: "Using this spreadsheet ensures you provide all the information required: another column",
			file: "Email,Name,Shoe Size\nnew@example.org,New,7\n", refused: "header-unknown"},
		{sentence: "We'll validate the contents, and if the validation is successful, the user accounts are added: who is there already is compared [ours]",
			file: head + "ann@example.org,Ann,,\n", plan: "unchanged"},
		{sentence: "Any mail enabled object can be included in the spreadsheet (e.g. distribution list)", file: head + "all.staff@example.org,All staff,,\n",
			plan: "create address:>all.staff@example.org name:>All staff"},
		{sentence: "A comma separated (.CSV) file is downloaded: one with semicolons is read, too [ours]", file: "Email;Name\nnew@example.org;New\n", plan: new},
		{sentence: "a comma separated file: a comma within quotes", file: head + "new@example.org,\"New, Dr\",,\n", plan: "create address:>new@example.org name:>New, Dr"},
		{sentence: "If the file contains any errors, these are displayed: all of them", file: head + "new,New,,\na@b@c,No,short,maybe\n",
			plan: "error Email!address-invalid error Force Change Password!value-wrong Email!address-invalid Password!password-too-short"},
		{sentence: "You must correct these before reattempting: an error keeps the others from being applied", file: head + "new@example.org,New,,\nbad,,,\n",
			plan: new + " error Email!address-invalid"},
		{sentence: "You can add up to 500 addresses per import: one more", file: head + connectRows(501), refused: "too-many-rows"},
		{sentence: "all email addresses (primary and alias) are treated the same, and they won't be linked", file: head + "new@example.org,New,,\nnew.alias@example.org,New,,\n",
			plan: new + " create address:>new.alias@example.org name:>New"},
		{sentence: "they won't be linked: an address that is an alias here names its user [ours]", file: head + "ann.lee@example.org,Ann,,\n", plan: "error Email!address-is-alias"},
		{sentence: "If you require alias email addresses …, the Administration Console must be used", file: "Email,Name,alias1\nnew@example.org,New,n@example.org\n", refused: "header-unknown"},
		{sentence: "Have one email address per row: two in one cell", file: head + "new@example.org old@example.org,New,,\n", plan: "error Email!address-invalid"},
		{sentence: "one email address per row: the same twice [ours]", file: head + "new@example.org,New,,\nNEW@example.org,New,,\n", plan: new + " error Email!duplicate-in-file"},
		{sentence: "one email address per row: none", file: head + ",New,,\n", plan: "error Email!value-missing"},
		{sentence: "Include values in the template's columns: a cell beyond them", file: head + "new@example.org,New,,,more\n", plan: "error E!row-too-long"},
		{sentence: "the template's columns, in any order and case [ours]", file: "name,FORCE CHANGE PASSWORD,email\nNew,TRUE,new@example.org\n", plan: new + " must_change_password:false>true"},
		{sentence: "Specify the user's email address: in a domain that is not known", file: head + "new@exmaple.org,New,,\n", plan: "error Email!domain-unknown"},
		{sentence: "the user's email address: in a domain of another organisation", file: head + "new@other.example,New,,\n", plan: "error Email!domain-not-usable"},
		{sentence: "the user's email address: blanks round it are taken off, with a warning [ours]", file: head + " new@example.org ,New,,\n", plan: new + " Email!address-trimmed"},
		{sentence: "Specify the user's name: blank is the part before the @ [ours]", file: head + "new@example.org,,,\n", plan: "create address:>new@example.org name:>new"},
		{sentence: "the user's name: of a user who is there", file: head + "ann@example.org,Anna,,\n", plan: "update name:Ann>Anna"},
		{sentence: "Specify the user's password", file: head + "new@example.org,New,Quartz-Meadow-41,\n", plan: new + " password:>(set)"},
		{sentence: "the user's password: one that the policy does not take", file: head + "new@example.org,New,short,\n", plan: "error Password!password-too-short"},
		{sentence: "the user's password: of a user who is there it is passed over [ours]", file: head + "ann@example.org,Ann,Quartz-Meadow-41,\n", plan: "unchanged Password!password-passed-over"},
		{sentence: "the user's password: of a user who is there, if that is asked for [ours]", options: importer.Options{SetPasswords: true},
			file: head + "ann@example.org,Ann,Quartz-Meadow-41,\n", plan: "update password:>(set)"},
		{sentence: "Specify whether the user will be forced to change their password: TRUE", file: head + "new@example.org,New,Quartz-Meadow-41,TRUE\n",
			plan: new + " password:>(set) must_change_password:false>true"},
		{sentence: "Acceptable values are TRUE or FALSE: FALSE, in any case [ours]", file: head + "new@example.org,New,Quartz-Meadow-41,false\n", plan: new + " password:>(set)"},
		{sentence: "Acceptable values are TRUE or FALSE: Yes", file: head + "new@example.org,New,,Yes\n", plan: "error Force Change Password!value-wrong"},
		{sentence: "Acceptable values are TRUE or FALSE: 1", file: head + "new@example.org,New,,1\n", plan: "error Force Change Password!value-wrong"},
		{sentence: "If a £ character exists …, the file must be saved with UTF-8 encoding", file: head + "new@example.org,£New,,\n", plan: "create address:>new@example.org name:>£New"},
		{sentence: "Failure to do so will cause the file import to fail", file: head + "new@example.org,\xa3New,,\n", refused: "not-utf8"},
	} {
		t.Run(c.sentence, func(t *testing.T) {
			if imp := c.check(t, connectWorld(t), "mimecast-connect"); !imp.Strict && c.refused == "" {
				t.Error("rows in error do not keep the others from being applied")
			}
		})
	}
}

// "You can add up to 500 addresses per import."
func TestConnectTakes500(t *testing.T) {
	w := connectWorld(t)
	imp := w.Plan("Email,Name,Password,Force Change Password\n"+connectRows(500), importer.Options{Format: "mimecast-connect", Org: "RX1"})
	if imp.Counts[directory.Create] != 500 {
		t.Errorf("%v %v", imp.Counts, imp.FileIssues)
	}
}
