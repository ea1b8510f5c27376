package importer_test

import (
	"slices"
	"strings"
	"testing"

	"muster/internal/directory"
	"muster/internal/importer"
	"muster/internal/importer/importertest"
)

// nhsmailColumns are the columns of both formats, by the names of what is in them.
var nhsmailColumns = map[string][]string{
	"nhsmail":  strings.Fields("id local_id status title first last display_name job_title department telephone mobile pager fax notes org unit mailbox_gb password"),
	"nhsmail1": strings.Fields("title first last org department job_title telephone mobile local_id password"),
}

// nhsmailFile writes rows such as "first=Ann|last=Lee" as a file of a format. What is
// not given is blank, but for a person's name and organisation, and ID=ADDRESS is the id
// of a user.
func nhsmailFile(w *importertest.World, format string, rows []string) string {
	var b strings.Builder
	b.WriteString(formats[format].header + "\n")
	for _, row := range rows {
		values := map[string]string{"first": "Ann", "last": "New", "org": "RX1"}
		for pair := range strings.SplitSeq(row, "|") {
			name, value, _ := strings.Cut(pair, "=")
			values[name] = value
		}
		if address := values["ID"]; address != "" {
			values["id"] = w.User(address).ID.String()
		}
		var cells []string
		for _, name := range nhsmailColumns[format] {
			cells = append(cells, values[name])
		}
		b.WriteString(quote(cells))
	}
	return b.String()
}

// nhsmailWorld has Jo of RX1, and Lea and Len, leavers of RX2, which has bought larger
// mailboxes.
func nhsmailWorld(t *testing.T) *importertest.World {
	w := importertest.New(t)
	w.Org("RX2", directory.Master)
	w.Domain("two.example", "RX2")
	w.Settings("RX2", func(s *directory.Settings) { s.MailboxMaxGB = 50 })
	w.Add("jo.lee@example.org", "RX1", "first", "Jo", "last", "Lee", "local_id", "L1", "title", "Ms", "unit", "West")
	for _, name := range []string{"Lea", "Len"} {
		address := strings.ToLower(name) + "@two.example"
		w.Add(address, "RX2", "first", name, "last", "Stone", "local_id", "S-"+name, "mailbox_gb", "20")
		w.Set(address, "status", "leaver")
	}
	return w
}

// nhsmailCase is a case of either format, or of both.
type nhsmailCase struct {
	sentence string
	only     string // the format, where the other has no such column
	rows     []string
	file     func(string) string // what is made of the file
	plan     string
	refused  string
}

const (
	annNew    = "create address:>ann.new@example.org"
	generated = " password:>(generated) must_change_password:false>true"
	addsNew   = annNew + generated
)

var nhsmailCases = []nhsmailCase{
	{sentence: "create a large group of users in bulk", rows: []string{"", "first=Bo"}, plan: addsNew + " create address:>bo.new@example.org" + generated},
	{sentence: "using the same headings and in the same order as in the sample file", rows: []string{""},
		file: func(s string) string { return strings.Replace(s, "Title,First Name", "First Name,Title", 1) }, refused: "header-order"},
	{sentence: "the same headings: case and outer blanks are forgiven [ours]", rows: []string{""},
		file: func(s string) string { return strings.Replace(s, "Title,First Name", " TITLE ,first name", 1) }, plan: addsNew},
	{sentence: "Any upload that does not follow the sample file or the NHSmail 1 format will not successfully validate", rows: []string{""},
		file: func(s string) string { return strings.Replace(s, "First Name", "Forename", 1) }, refused: "header-unknown"},
	{sentence: "always check whether a user already exists: one of that name is told of [ours]", rows: []string{"first=Jo|last=Lee"},
		plan: "create address:>jo.lee2@example.org" + generated + " Local ID!looks-like-existing"},
	{sentence: "whether a user already exists: one of that Local ID is updated [ours]", rows: []string{"first=Jo|last=Lee|local_id=l1|title=Dr"}, plan: "update title:Ms>Dr local_id:L1>l1"},
	{sentence: "whether a user already exists: the same again changes nothing [ours]", rows: []string{"first=Jo|last=Lee|local_id=L1"}, plan: "unchanged"},
	{sentence: "indicate the location of any errors on a line by line basis", rows: []string{"", "first=|last=", "mobile=12"},
		plan: addsNew + " error First Name!value-missing Last Name!value-missing error Mobile!mobile-not-uk"},
	{sentence: "You must make the required change to the incorrect lines: none is applied before", rows: []string{"org=RX9", ""}, plan: "error Organisation ODSCode!organisation-unknown " + addsNew},
	{sentence: "their email address will be generated automatically: the name is written in plain letters", rows: []string{"first=José María|last=O'Brien-Müller"},
		plan: "create address:>josemaria.obrien-muller@example.org" + generated},
	{sentence: "generated automatically: two of a name in one file", rows: []string{"", ""}, plan: addsNew + " create address:>ann.new2@example.org" + generated},
	{sentence: "You cannot bulk upload Contacts: there is no column for them", rows: []string{""},
		file: func(s string) string { return strings.Replace(s, ",Password\n", ",Password,Contact\n", 1) }, refused: "header-unknown"},
	{sentence: "can be left blank: title", rows: []string{"title="}, plan: addsNew},
	{sentence: "can be left blank: any phone number: they will remain blank in the Directory", rows: []string{"telephone=|mobile="}, plan: addsNew},
	{sentence: "If you leave title … blank: of a user who is there a blank keeps, (clear) empties [ours]", rows: []string{"first=Jo|last=Lee|local_id=L1|title=(clear)"}, plan: "update title:Ms>"},
	{sentence: "can be left blank: passwords", rows: []string{"password="}, plan: addsNew},
	{sentence: "passwords: one that is given", rows: []string{"password=Quartz-Meadow-41"}, plan: annNew + " password:>(set)"},
	{sentence: "passwords: one that the policy does not take", rows: []string{"password=short"}, plan: "error Password!password-too-short"},
	{sentence: "passwords: of a user who is there one is passed over [ours]", rows: []string{"first=Jo|last=Lee|local_id=L1|password=Quartz-Meadow-41"}, plan: "unchanged Password!password-passed-over"},
	{sentence: "If you do not include passwords as a column, a new password will be auto-generated", rows: []string{""},
		file: func(s string) string {
			return strings.ReplaceAll(strings.Replace(s, ",Password\n", "\n", 1), ",\"\"\n", "\n")
		}, plan: addsNew},
	{sentence: "any phone number: a mobile is one of the United Kingdom [ours]", rows: []string{"mobile=07400 123456", "mobile=+1 202 555 0100"},
		plan: annNew + " mobile:>07400 123456" + generated + " error Mobile!mobile-not-uk"},
	{sentence: "any phone number: as it is written", rows: []string{"telephone=01632 960101"}, plan: annNew + " telephone:>01632 960101" + generated},
	{sentence: "First name and last name are needed [ours]", rows: []string{"last="}, plan: "error Last Name!value-missing"},
	{sentence: "the code of the organisation is needed, in any case [ours]", rows: []string{"org=", "org=rx1"}, plan: "error Organisation ODSCode!value-missing " + addsNew},
	{sentence: "Resubmitting could result in duplicates: the same row of a person twice [ours]", rows: []string{"local_id=N1", "local_id=n1"},
		plan: annNew + " local_id:>N1" + generated + " error Local ID!duplicate-in-file"},
	{sentence: "a line that is too long", rows: []string{""}, file: func(s string) string { return strings.TrimSuffix(s, "\n") + ",more\n" }, plan: "error S!row-too-long"},

	{only: "nhsmail", sentence: "can be left blank: mailbox size: a default mailbox of 4GB will be used", rows: []string{"mailbox_gb="}, plan: addsNew},
	{only: "nhsmail", sentence: "a larger mailbox than 4GB if your organisation has purchased this top-up service", rows: []string{"mailbox_gb=8"}, plan: "error Mailbox Size!mailbox-too-large"},
	{only: "nhsmail", sentence: "has purchased this top-up service", rows: []string{"org=RX2|mailbox_gb=8"}, plan: "create address:>ann.new@two.example org:>RX2 mailbox_gb:>8" + generated},
	{only: "nhsmail", sentence: "An error message will appear …: a size that is none", rows: []string{"mailbox_gb=large"}, plan: "error Mailbox Size!value-wrong"},
	{only: "nhsmail", sentence: "If you do not specify an Organisational Unit …, the users parents organisation will be assigned", rows: []string{"unit="}, plan: addsNew},
	{only: "nhsmail", sentence: "an Organisational Unit", rows: []string{"unit=East"}, plan: annNew + " unit:>East" + generated},
	{only: "nhsmail", sentence: "will need to be edited through the user edit screen: the unit of a user who is there", rows: []string{"ID=jo.lee@example.org|first=Jo|last=Lee|unit=East"},
		plan: "unchanged Organisational Unit!unit-kept"},
	{only: "nhsmail", sentence: "Update the Status column as ‘leaver’ for the user(s) account", rows: []string{"first=Jo|last=Lee|local_id=L1|status=leaver"}, plan: "leaver status:active>leaver"},
	{only: "nhsmail", sentence: "‘leaver’: by the ID, in any case", rows: []string{"ID=jo.lee@example.org|first=Jo|last=Lee|status=Leaver"}, plan: "leaver status:active>leaver"},
	{only: "nhsmail", sentence: "‘leaver’: of nobody", rows: []string{"local_id=N1|status=leaver"}, plan: "error Status!user-unknown"},
	{only: "nhsmail", sentence: "the Status column: anything else", rows: []string{"status=joiner"}, plan: "error Status!status-wrong"},
	{only: "nhsmail", sentence: "Update the ‘Organisation ODSCode’ column … and leave the ‘Status’ column as blank", rows: []string{"ID=lea@two.example|first=Lea|last=Stone"},
		plan: "joiner status:leaver>active org:RX2>RX1 local_id:S-Lea> mailbox_gb:20>4 Status!leaver-joins"},
	{only: "nhsmail", sentence: "User already exists in Leaver state: another last name is another person [ours]", rows: []string{"ID=lea@two.example|first=Lea|last=Flint"},
		plan: "error Last Name!joiner-name Status!leaver-joins"},
	{only: "nhsmail", sentence: "already exists in Leaver state: elsewhere, by the Local ID alone, is worth a warning [ours]", rows: []string{"first=Len|last=Stone|local_id=S-Len"},
		plan: "create address:>len.stone@example.org local_id:>S-Len" + generated + " Local ID!leaver-elsewhere"},
	{only: "nhsmail", sentence: "by running the Mailbox Report: an ID that is not there [ours]", rows: []string{"id=4711"}, plan: "error ID!id-not-found"},
}

// olderHeadings are those of nhsmail1 that stand for others of nhsmail.
var olderHeadings = strings.NewReplacer("Last Name!", "Surname!", "Organisation ODSCode!", "Organisation Code!", "S!", "K!")

func TestNHSmailSentences(t *testing.T) {
	for _, name := range []string{"nhsmail", "nhsmail1"} {
		for _, c := range nhsmailCases {
			if c.only != "" && c.only != name {
				continue
			}
			t.Run(name+"/"+c.sentence, func(t *testing.T) {
				w := nhsmailWorld(t)
				file := nhsmailFile(w, name, c.rows)
				if c.file != nil {
					file = c.file(file)
				}
				if name == "nhsmail1" {
					c.plan = olderHeadings.Replace(c.plan)
				}
				s := sentenceCase{file: file, plan: c.plan, refused: c.refused}
				if imp := s.check(t, w, name, "name:", "first:", "last:"); !imp.Strict && c.refused == "" {
					t.Error("rows in error do not keep the others from being applied")
				}
			})
		}
	}
}

// "There is a maximum of 10,000 accounts which can be created at one time."
func TestNHSmailTakes10000(t *testing.T) {
	for _, name := range []string{"nhsmail", "nhsmail1"} {
		w := nhsmailWorld(t)
		file := nhsmailFile(w, name, slices.Repeat([]string{""}, 10_001))
		imp := w.Plan(file, importer.Options{Format: name, Org: "RX1"})
		if imp.State != importer.Refused || imp.FileIssues[0].Code != "too-many-rows" {
			t.Errorf("%s: %s %v", name, imp.State, imp.FileIssues)
		}
	}
}
