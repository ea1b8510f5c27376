package format

import (
	"slices"
	"testing"

	"muster/internal/directory"
)

const (
	microsoftHeader = "User Name,First Name,Last Name,Display Name,Job Title,Department,Office Number,Office Phone,Mobile Phone," +
		"Fax,Alternate email address,Address,City,State or Province,ZIP or Postal Code,Country or Region"
	microsoftNeeded = "User Name,Display Name"
	microsoftAnn    = "\na@example.org,Ann Lee"
	ann             = "address=a@example.org display_name=Ann Lee"
)

// The sentences are those of docs/formats.md and, in quotes, Microsoft's.
func TestMicrosoftHeaders(t *testing.T) {
	testHeaders(t, named(t, "microsoft-365"), []headerCase{
		{"Microsoft's template, whole", microsoftHeader, "", nil},
		{"the template of before, without an alternate address", "User Name,First Name,Last Name,Display Name,Job Title,Department,Office Number," +
			"Office Phone,Mobile Phone,Fax,Address,City,State or Province,ZIP or Postal Code,Country or Region", "", nil},
		{"the template of today writes Username", "Username,First name,Last name,Display name,Job title,Department,Office number", "", nil},
		{"names: any order", "Display Name,User Name", "", nil},
		{`"values for the user name (like bob@contoso.com)"`, "First Name,Last Name,Display Name", "header-missing", []string{`"User Name"`}},
		{`"and a display name (like Bob Kelly) for each user"`, "User Name,First Name,Last Name", "header-missing", []string{`"Display Name"`}},
		{`"exactly the same column headings"`, microsoftNeeded + ",Password", "header-unknown", []string{`"Password"`}},
		{"a misspelt heading", microsoftNeeded + ",Departmant", "header-unknown", []string{"did you mean Department?"}},
		{"the address twice, by two names", microsoftNeeded + ",Username", "header-twice", []string{"Username"}},
	})
}

func TestMicrosoftRows(t *testing.T) {
	testRows(t, named(t, "microsoft-365"), []rowCase{
		{"every column", microsoftHeader + "\na@example.org,Ann,Lee,Ann Lee,Nurse,Wards,E2,1,2,3,x@example.net,1 High Street,Leeds,Yorkshire,LS1,United Kingdom",
			"address=a@example.org first=Ann last=Lee display_name=Ann Lee job_title=Nurse department=Wards telephone=1 mobile=2 fax=3 attr.Office Number=E2 " +
				"attr.Alternate email address=x@example.net attr.Address=1 High Street attr.City=Leeds attr.State or Province=Yorkshire " +
				"attr.ZIP or Postal Code=LS1 attr.Country or Region=United Kingdom"},
		{"User Name is the address", microsoftNeeded + microsoftAnn, ann},
		{"User Name is needed", microsoftNeeded + "\n,Ann Lee", "display_name=Ann Lee User Name!value-missing"},
		{"Display Name is needed", microsoftNeeded + "\na@example.org,", "address=a@example.org Display Name!value-missing"},
		{"First Name", microsoftNeeded + ",First Name" + microsoftAnn + ",Ann", "address=a@example.org first=Ann display_name=Ann Lee"},
		{"Last Name", microsoftNeeded + ",Last Name" + microsoftAnn + ",Lee", "address=a@example.org last=Lee display_name=Ann Lee"},
		{"Job Title", microsoftNeeded + ",Job Title" + microsoftAnn + ",Nurse", ann + " job_title=Nurse"},
		{"Department", microsoftNeeded + ",Department" + microsoftAnn + ",Wards", ann + " department=Wards"},
		{"Office Number", microsoftNeeded + ",Office Number" + microsoftAnn + ",0123451", ann + " attr.Office Number=0123451"},
		{"Office Phone", microsoftNeeded + ",Office Phone" + microsoftAnn + ",123-555-1211", ann + " telephone=123-555-1211"},
		{"Mobile Phone", microsoftNeeded + ",Mobile Phone" + microsoftAnn + ",123-555-6641", ann + " mobile=123-555-6641"},
		{"Fax", microsoftNeeded + ",Fax" + microsoftAnn + ",123-555-6700", ann + " fax=123-555-6700"},
		{"Alternate email address: an attribute, no alias", microsoftNeeded + ",Alternate email address" + microsoftAnn + ",x@example.net",
			ann + " attr.Alternate email address=x@example.net"},
		{"Address, City", microsoftNeeded + ",Address,City" + microsoftAnn + ",1 High Street,Leeds", ann + " attr.Address=1 High Street attr.City=Leeds"},
		{"State or Province", microsoftNeeded + ",State or Province" + microsoftAnn + ",WA", ann + " attr.State or Province=WA"},
		{"ZIP or Postal Code keeps its zeros", microsoftNeeded + ",ZIP or Postal Code" + microsoftAnn + ",01234", ann + " attr.ZIP or Postal Code=01234"},
		{"Country or Region", microsoftNeeded + ",Country or Region" + microsoftAnn + ",United States", ann + " attr.Country or Region=United States"},
		{"blank = keep", microsoftHeader + "\na@example.org,,,Ann Lee,,,,,,,,,,,,", ann},
		{"(clear) empties a field", microsoftNeeded + ",Fax" + microsoftAnn + ",(clear)", ann + " -fax"},
		{"(clear) empties an attribute", microsoftNeeded + ",City" + microsoftAnn + ",(CLEAR)", ann + " attr.City=(clear)"},
		{"an address with blanks round it", microsoftNeeded + "\n a@example.org,Ann Lee", ann + " User Name!address-trimmed"},
	})
}

func TestMicrosoftRules(t *testing.T) {
	f := named(t, "microsoft-365")
	if f.Limit != 0 || f.Strict { // 249 in the original; none here
		t.Errorf("limit %d, strict %v", f.Limit, f.Strict)
	}
	if r := f.Rules; !slices.Equal(r.Match, []string{"address"}) || r.Unmatched != directory.CreateUser {
		t.Errorf("%+v", r)
	}
}
