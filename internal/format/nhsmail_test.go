package format

import (
	"slices"
	"strings"
	"testing"
)

const (
	nhsmailHeader = "ID,Local ID,Status,Title,First Name,Last Name,Display Name,Job Title,Department,Telephone,Mobile,Pager,Fax,Notes," +
		"Organisation ODSCode,Organisational Unit,Mailbox Size,Password"
	nhsmail1Header = "Title,First Name,Surname,Organisation Code,Department,Job Title,Telephone,Mobile,Local ID,Password"
)

func TestNHSmailHeaders(t *testing.T) {
	testHeaders(t, nhsmail, []headerCase{
		{"using the same headings and in the same order as in the sample file", nhsmailHeader, "", nil},
		{"case and outer blanks are forgiven", strings.ReplaceAll(strings.ToUpper(nhsmailHeader), ",", " , "), "", nil},
		{"If you do not include passwords as a column, a new password will be auto-generated.", strings.TrimSuffix(nhsmailHeader, ",Password"), "", nil},
		{"another order", strings.Replace(nhsmailHeader, "First Name,Last Name", "Last Name,First Name", 1), "header-order",
			[]string{"Expected | found: E: First Name | Last Name; F: Last Name | First Name."}},
		{"the password at another place", "Password," + strings.TrimSuffix(nhsmailHeader, ",Password"), "header-order", []string{"A: ID | Password"}},
		{"a misspelt heading", strings.Replace(nhsmailHeader, "First Name", "Frist Name", 1), "header-unknown",
			[]string{"E: First Name | Frist Name.", "did you mean First Name?"}},
		{"a heading of the old file", strings.Replace(nhsmailHeader, "Last Name", "Surname", 1), "header-unknown", []string{"F: Last Name | Surname."}},
		{"a heading too few", strings.TrimSuffix(nhsmailHeader, ",Mailbox Size,Password"), "header-missing", []string{`"Mailbox Size"`, "Q: Mailbox Size | (nothing)."}},
		{"a heading too many", nhsmailHeader + ",Shoe Size", "header-unknown", []string{"S: (nothing) | Shoe Size."}},
	})
	testHeaders(t, nhsmail1, []headerCase{
		{"The CSV upload also supports the old NHSmail 1 CSV file format.", nhsmail1Header, "", nil},
		{"without passwords", strings.TrimSuffix(nhsmail1Header, ",Password"), "", nil},
		{"a heading of the new file", strings.Replace(nhsmail1Header, "Surname", "Last Name", 1), "header-unknown", []string{"C: Surname | Last Name."}},
	})
}

func TestNHSmailRows(t *testing.T) {
	testRows(t, nhsmail, []rowCase{
		{"every column", nhsmailHeader + "\nID-1,L1,leaver,Dr,Amina,Khan,Dr Khan,Registrar,Wards,1,2,3,4,Note,RX1,West,4,Quartz-41",
			"id=ID-1 title=Dr first=Amina last=Khan display_name=Dr Khan job_title=Registrar department=Wards telephone=1 mobile=2 pager=3 fax=4 " +
				"notes=Note org=RX1 unit=West local_id=L1 status=leaver mailbox_gb=4 password=Quartz-41"},
		{"The following fields can be left blank: title, mailbox size, Organisational Unit, any phone number, passwords.",
			nhsmailHeader + "\n,,,,Amina,Khan,,,,,,,,,RX1,,,", "first=Amina last=Khan org=RX1"},
		{"names and organisation cannot", nhsmailHeader + "\n,,,Dr,,,,,,,,,,,,,,",
			"title=Dr First Name!value-missing Last Name!value-missing Organisation ODSCode!value-missing"},
		{"(clear) empties", nhsmailHeader + "\n,,,(Clear),Amina,Khan,,,,,(clear),,,,RX1,,,", "-title first=Amina last=Khan -mobile org=RX1"},
	})
	testRows(t, nhsmail1, []rowCase{
		{"every column", nhsmail1Header + "\nDr,Amina,Khan,RX1,Wards,Registrar,1,2,L1,Quartz-41",
			"title=Dr first=Amina last=Khan job_title=Registrar department=Wards telephone=1 mobile=2 org=RX1 local_id=L1 password=Quartz-41"},
		{"names and organisation cannot be blank", nhsmail1Header + "\nDr,,,,,,,,,", "title=Dr First Name!value-missing Surname!value-missing Organisation Code!value-missing"},
	})
}

func TestNHSmailRules(t *testing.T) {
	for _, f := range []*Format{nhsmail, nhsmail1} {
		if f.Limit != 10_000 { // "There is a maximum of 10,000 accounts which can be created at one time."
			t.Errorf("%s: the limit is %d", f.Name, f.Limit)
		}
		r := f.Rules
		if !r.GenerateAddress { // "their email address will be generated automatically"
			t.Errorf("%s: no address is generated", f.Name)
		}
		if !r.GeneratePasswords { // "a new password will be auto-generated"
			t.Errorf("%s: no password is generated", f.Name)
		}
		if !slices.Equal(r.Statuses, []string{"leaver"}) { // "Update the Status column as 'leaver'."
			t.Errorf("%s: statuses %q", f.Name, r.Statuses)
		}
		if !r.JoinBlank || !r.SameLastName || !slices.Equal(r.JoinBy, []string{"id"}) { // "leave the 'Status' column as blank"
			t.Errorf("%s: joiners: %+v", f.Name, r)
		}
		if !f.Strict || !r.UKMobile || !r.FixedUnit || !r.WarnNamesake || r.Moves || !slices.Equal(r.Match, []string{"id", "local_id"}) {
			t.Errorf("%s: %+v", f.Name, r)
		}
	}
}
