package importer_test

import (
	"fmt"
	"strings"
	"testing"

	"muster/internal/directory"
	"muster/internal/importer"
	"muster/internal/importer/importertest"
)

// spreadsheetWorld has Ann and Ben, who are users, Fay and Bea, who are administrators,
// and Dee, who comes from directory synchronisation.
func spreadsheetWorld(t *testing.T) *importertest.World {
	w := importertest.New(t)
	w.Org("CxAy", directory.Master)
	w.Group("RX1", "Wards")
	w.Domain("synced.example", "RX1")
	if err := w.Directory.SetDomain(ctx, operator, "synced.example", func(d *directory.Domain) { d.Validation = "directory" }); err != nil {
		t.Fatal(err)
	}
	w.Add("ann@example.org", "RX1", "alias", "ann.lee@example.org")
	w.Add("ben@example.org", "RX1")
	w.Add("fay@example.org", "RX1", "role", "Full")
	w.Add("bea@example.org", "RX1", "role", "Basic")
	for _, address := range []string{"dee@example.org", "dot@synced.example"} {
		w.Add(address, "RX1")
		w.Exec("UPDATE users SET origin = 'directory' WHERE address = $1", address)
	}
	return w
}

func TestSpreadsheetSentences(t *testing.T) {
	const head, create = "email,name\n", "create address:>new@example.org name:>"
	for _, c := range []sentenceCase{
		{sentence: "Create a spreadsheet with a cell header value of email", file: head + "new@example.org,New\n", plan: create + "New"},
		{sentence: "(case sensitive)", file: "Email,name\nnew@example.org,New\n", refused: "header-missing"},
		{sentence: "tells us where to begin processing the data", file: "Staff of August,,\n,,\n,Ward,email,name\n,East,new@example.org,New\n", plan: create + "New"},
		{sentence: "where to begin: what stands left of it is passed over", file: "x,email,name\nTotal: 1,,\ny,new@example.org,New\n", plan: create + "New"},
		{sentence: "This cell must be within the A1-M99 cell range.", file: strings.Repeat("x,y\n", 98) + head + "new@example.org,New\n", plan: create + "New"},
		{sentence: "within the A1-M99 cell range: line 100", file: strings.Repeat("x,y\n", 99) + head + "new@example.org,New\n", refused: "header-missing"},
		{sentence: "within the A1-M99 cell range: column N", file: strings.Repeat("x,", 13) + head + "new@example.org,New\n", refused: "header-missing"},
		{sentence: "This column is where you must add all of the primary email addresses", file: head + ",New\n", plan: "error email!value-missing"},
		{sentence: "primary: an alias names its user in the message [ours]", file: head + "ann.lee@example.org,Ann\n", plan: "error email!address-is-alias"},
		{sentence: "Values must not contain spaces", file: head + "new user@example.org,New\n", plan: "error email!address-invalid"},
		{sentence: "or surrounding quotes", file: head + "\"\"\"new@example.org\"\"\",New\n", plan: "error email!address-invalid"},
		{sentence: "name (case sensitive)", file: "email,Name\nnew@example.org,New\n", refused: "header-order"},
		{sentence: "in the cell directly to the right of the email header cell", file: "email,pop,name\nnew@example.org,N,New\n", refused: "header-order"},
		{sentence: "maps each user's Global Name to their email address: blank is the local part [ours]", file: head + "new@example.org,\n", plan: create + "new"},
		{sentence: "Optionally … password", file: "email,name,password\nnew@example.org,New,Quartz-Meadow-41\n", plan: create + "New password:>(set)"},
		{sentence: "password (case sensitive): it is no attribute either [ours]", file: "email,name,Password\nnew@example.org,New,Quartz-Meadow-41\n",
			plan: "file header-secret " + create + "New"},
		{sentence: "in the cell directly to the right of the name header cell", file: "email,name,pop,password\nnew@example.org,New,,x\n", refused: "header-order"},
		{sentence: "Any passwords that don't comply cause the import to fail.", file: "email,name,password\nnew@example.org,New,short\nold@example.org,Old,Quartz-Meadow-41\n",
			plan: "error password!password-too-short create address:>old@example.org name:>Old password:>(set)"},
		{sentence: "changepassword", file: "email,name,password,changepassword\nnew@example.org,New,Quartz-Meadow-41,Yes\n",
			plan: create + "New password:>(set) must_change_password:false>true"},
		{sentence: "passwordneverexpire", file: "email,name,passwordneverexpire\nnew@example.org,New,1\n", plan: create + "New password_never_expires:false>true"},
		{sentence: "passwordneverexpire of an administrator with a protected role, by one without", role: "Basic",
			file: "email,name,passwordneverexpire\nfay@example.org,,Y\n", plan: "error email!user-protected"},
		{sentence: "accountlockedout", file: "email,name,accountlockedout\nann@example.org,,TRUE\n", plan: "update locked:false>true"},
		{sentence: "accountlockedout of an administrator with a protected role, by one without", role: "Basic",
			file: "email,name,accountlockedout\nfay@example.org,,Y\n", plan: "error email!user-protected"},
		{sentence: "accountlockedout of an administrator with a protected role, by one with such a role", role: "Full",
			file: "email,name,accountlockedout\nfay@example.org,,Y\n", plan: "update locked:false>true"},
		{sentence: "pop, submit: blank is off for a new user [ours]", file: "email,name,pop,submit\nnew@example.org,New,TRUE,\n", plan: create + "New pop:false>true"},
		{sentence: "submit: blank keeps what there is [ours]", file: "email,name,submit\nann@example.org,,\n", plan: "unchanged"},
		{sentence: "a flag that is none", file: "email,name,pop\nnew@example.org,New,perhaps\n", plan: "error pop!value-wrong"},
		{sentence: "alias1: Sets an alias email address for the user.", file: "email,name,alias1\nnew@example.org,New,info@example.org\n", plan: create + "New alias:>info@example.org"},
		{sentence: "up to ten alias addresses for each primary address", file: "email,name,alias1,alias10\nnew@example.org,New,i@example.org,j@example.org\n",
			plan: create + "New alias:>i@example.org alias:>j@example.org"},
		{sentence: "up to ten: an eleventh column is an attribute, with a warning", file: "email,name,alias11\nnew@example.org,New,i@example.org\n",
			plan: "file header-near " + create + "New attr.alias11:>i@example.org"},
		{sentence: "You can also import delegate mailbox access settings.", file: "email,name,delegate1\nnew@example.org,New,ann@example.org\n", plan: create + "New delegate:>ann@example.org"},
		{sentence: "[Any customized value] If the field doesn't exist, the import ensures the attribute is created.",
			file: "email,name,telephonenumber,Physical Address\nnew@example.org,New,01632 960101,East\n", plan: create + "New attr.telephonenumber:>01632 960101 Address:>East"},
		{sentence: "Column Heading (Case Sensitive): the known one is suggested", file: "email,name,Alias1\nnew@example.org,New,i@example.org\n",
			plan: "file header-near " + create + "New attr.Alias1:>i@example.org"},
		{sentence: "a column without a heading is passed over, with a warning [ours]", file: "email,name,,pop\nnew@example.org,New,x,Y\n", plan: "file header-blank " + create + "New pop:false>true"},
		{sentence: "remoteaccountcode", file: "email,name,remoteaccountcode\nnew@example.org,New,rx1\n", plan: create + "New"},
		{sentence: "only available to the Master Administrator and the Migration Administrator roles on a Master …: a move", role: "Migration", of: directory.Master,
			file: "email,name,remoteaccountcode\nann@example.org,,CxAy\n", plan: "update org:RX1>CXAY"},
		{sentence: "only … on a Master: a Migration administrator of another organisation", role: "Migration",
			file: "email,name,remoteaccountcode\nnew@example.org,New,RX1\n", plan: "error remoteaccountcode!not-allowed"},
		{sentence: "only available to the Master Administrator and the Migration Administrator", role: "Full", of: directory.Master,
			file: "email,name,remoteaccountcode\nnew@example.org,New,RX1\n", plan: "error remoteaccountcode!not-allowed"},
		{sentence: "adminrole: Basic Helpdesk Gateway", file: "email,name,adminrole\nann@example.org,,helpdesk\n", plan: "update role:>Helpdesk"},
		{sentence: "adminrole: another", file: "email,name,adminrole\nann@example.org,,Super\n", plan: "error adminrole!role-not-by-file"},
		{sentence: "adminrole … is only available to the Master Administrator", role: "Migration", of: directory.Master,
			file: "email,name,adminrole\nann@example.org,,Basic\n", plan: "error adminrole!role-not-by-file"},
		{sentence: "Import Into Profile Group", options: importer.Options{Group: "Wards", Note: "August"}, file: head + "ann@example.org,\n", plan: "update group:>Wards note:>August"},
		{sentence: "Group Override: overwrite existing records touches no other users", options: importer.Options{Group: "Wards", GroupMode: "replace"},
			file: head + "ann@example.org,\n", plan: "update group:>Wards"},
		{sentence: "Upload Only: … without placing them in a group", options: importer.Options{UploadOnly: true}, file: head + "ann@example.org,\n", plan: "unchanged"},
		{sentence: "Importing changes will cause those account types to be changed from Directory User to Manually Imported User.",
			file: "email,name,pop\ndee@example.org,,Y\n", plan: "file directory-user-changed update pop:false>true origin:directory>import email!directory-user-changed"},
		{sentence: "Importing changes: a directory user who is as the file says stays one", file: head + "dee@example.org,\n", plan: "unchanged"},
		{sentence: "the same person twice [ours]", file: head + "new@example.org,New\nNEW@example.org,New\n", plan: create + "New error email!duplicate-in-file"},
		{sentence: "what users exist for keeps their password [ours]", file: "email,name,password\nann@example.org,,Quartz-Meadow-41\n", plan: "unchanged password!password-passed-over"},
	} {
		t.Run(c.sentence, func(t *testing.T) {
			imp := c.check(t, spreadsheetWorld(t), "mimecast-spreadsheet")
			if !imp.Strict && c.refused == "" {
				t.Error("rows in error do not keep the others from being applied")
			}
		})
	}
}

// "This summarizes the file's contents and the number of user accounts to be created."
func TestSpreadsheetSummary(t *testing.T) {
	w := spreadsheetWorld(t)
	w.Set("ann@example.org", "attr.Building", "West")
	imp := w.Plan("email,name,alias1,alias2,delegate1,Building,telephonenumber,Shoe Size\n"+
		"new@example.org,New,n1@example.org,n2@example.org,,East,01632 960101,\n"+
		"ann@example.org,,ann.lee@example.org,a2@example.org,ben@example.org,West,,\n"+
		"bad@elsewhere.example,Bad,b@example.org,,,East,,42\n"+
		"late@example.org,Late,l@example.org,,nobody@example.org,,,44\n",
		importer.Options{Format: "mimecast-spreadsheet", Org: "RX1", Group: "Wards"})
	s := imp.Summary
	if got := fmt.Sprint(s.Aliases, s.Members, s.Delegates, s.NewAttributes()); got != "3 2 1 [telephonenumber]" {
		t.Errorf("%s; %s", got, planned(w, imp))
	}
}

// "Imports affecting existing Directory Users require manual Directory Synchronization."
func TestSpreadsheetOfDirectoryUsers(t *testing.T) {
	w := spreadsheetWorld(t)
	before := portrait(w)
	imp := w.Apply(w.Plan("email,name,pop\ndee@example.org,,Y\ndot@synced.example,,Y\nann@example.org,,Y\n", importer.Options{Format: "mimecast-spreadsheet"}))
	notes := imp.FileIssues
	if last := notes[len(notes)-1].Message; !strings.Contains(last, "2.") || !strings.Contains(last, "1 in synced.example") || strings.Contains(last, "example.org") {
		t.Errorf("told is %q", last)
	}
	row := w.Rows(imp)[1]
	if !strings.Contains(row.Issues[0].Message, "mail to this user is refused") || strings.Contains(w.Rows(imp)[0].Issues[0].Message, "refused") {
		t.Errorf("%v", row.Issues)
	}
	for _, address := range []string{"dee@example.org", "dot@synced.example"} {
		if got := w.User(address).Get(directory.Origin); got != "import" {
			t.Errorf("%s is of origin %s", address, got)
		}
	}
	if _, err := w.Importer.Undo(ctx, operator, imp.Number, 0); err != nil {
		t.Fatal(err)
	}
	for address, was := range portrait(w) {
		if strings.Contains(before[address], " directory ") && !strings.Contains(was, " directory ") {
			t.Errorf("after the undo: %s", was)
		}
	}
}

// Without --format, the cell and its neighbour tell the format, wherever they stand.
func TestSpreadsheetIsFound(t *testing.T) {
	for name, c := range map[string]struct{ file, format, code string }{
		"further down":                  {"Staff of August\n\n,email,name,pop\n,new@example.org,New,Y\n", "mimecast-spreadsheet", ""},
		"a file of the other format":    {"email,name\nnew@example.org,New\n", "mimecast-connect", ""},
		"with a column of its own":      {"email,name,alias1\nnew@example.org,New,\n", "mimecast-spreadsheet", ""},
		"a table that is another's":     {"Vorname,email\nNeu,new@example.org\n", "", "header-unknown"},
		"a checkpoint without its name": {"x\nemail,phone\nnew@example.org,1\n", "", "format-unclear"},
	} {
		t.Run(name, func(t *testing.T) {
			imp := importertest.New(t).Plan(c.file, importer.Options{Org: "RX1"})
			if imp.Format != c.format || c.code != "" && imp.FileIssues[0].Code != c.code {
				t.Errorf("%s, %v", imp.Format, imp.FileIssues)
			}
		})
	}
	w := importertest.New(t)
	const file = "email,name\nnew@example.org,New\n"
	if imp := planNamed(w, "a.xlsx", workbook(t, "A", file), importer.Options{}); imp.FileIssues[0].Code != "format-unclear" {
		t.Errorf("a workbook of either format: %s, %v", imp.Format, imp.FileIssues)
	}
	imp := planNamed(w, "a.xlsx", workbook(t, "Notes", "Read me\nx", "B", "x,,\n,,\nx,email,name\n,new@example.org,New"), importer.Options{Format: "mimecast-spreadsheet", Org: "RX1"})
	if imp.Table.Sheet != "B" || imp.Rows != 1 || fmt.Sprint(noteCodes(imp)) != "[sheet-chosen kind-not-original]" {
		t.Errorf("%+v, %v", imp.Table, imp.FileIssues)
	}
}

// The results can be sent again: what stood above the headings is not among them.
func TestSpreadsheetResults(t *testing.T) {
	w := spreadsheetWorld(t)
	imp := w.Apply(w.Plan("Staff of August,,,\n,,,\nWard,email,name,password\nEast,new@example.org,New,Quartz-Meadow-41\n", importer.Options{Format: "mimecast-spreadsheet", Org: "RX1"}))
	got := w.Results(imp, false)
	if want := "Ward,email,name,password,Result\r\nEast,new@example.org,New,,Created\r\n"; strings.ReplaceAll(got, "\r\n", "\n") != strings.ReplaceAll(want, "\r\n", "\n") {
		t.Errorf("%q", got)
	}
	if again := w.Plan(got, importer.Options{Org: "RX1"}); again.Counts[directory.Unchanged] != 1 || again.Format != "mimecast-spreadsheet" {
		t.Errorf("%s: %v, %v", again.Format, again.Counts, again.FileIssues)
	}
}

// What is told of directory users is what the plan does as it is after a revision.
func TestRevisedSpreadsheetOfDirectoryUsers(t *testing.T) {
	w := spreadsheetWorld(t)
	imp := w.Plan("email,name,pop\ndee@example.org,,Y\ndot@synced.example,,Y\n", importer.Options{Format: "mimecast-spreadsheet"})
	told := func() string { return imp.FileIssues[len(imp.FileIssues)-1].Message }
	if imp = revise(w, imp, out(2)); !strings.Contains(told(), "from now on: 1.") || strings.Contains(told(), "synced.example") {
		t.Errorf("one is left: %q", told())
	}
	if imp = revise(w, imp, out(1)); strings.Contains(told(), "from now on") {
		t.Errorf("none is left: %q", told())
	}
}
